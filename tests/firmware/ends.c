/*
 * One way to end the machine, chosen when this is built: WAY is one of
 *   1  shutdown          2  shutdown for a system failure
 *   3  legacy shutdown   4  cold reboot, then shutdown
 *   5  an IPI on a machine whose CLINT is not where its device tree says: a
 *      trap inside the firmware
 */
#include "payload.h"

#define FAR_WORD ((volatile u64 *)0x84000000)
#define BOOTED 0x626f6f746564

void test_main(u64 hart, const void *device_tree)
{
    (void)device_tree;
    print("ends\n");
    if (WAY == 2)
        sbi(EXT_SRST, 0, 0, 1, 0, 0, 0);
    if (WAY == 3)
        sbi_legacy(8, 0, 0, 0, 0);
    if (WAY == 4 && *FAR_WORD != BOOTED) {
        *FAR_WORD = BOOTED;
        sbi(EXT_SRST, 0, 1, 0, 0, 0, 0);
    }
    if (WAY == 5)
        sbi(EXT_IPI, 0, 1, hart, 0, 0, 0);
    done();
}

void hart_main(u64 hart, u64 opaque)
{
    (void)hart;
    (void)opaque;
    done();
}
