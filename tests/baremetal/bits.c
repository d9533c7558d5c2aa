/*
 * Zbb where QEMU 7.2 errs: ctzw counts within the lower word ("Zbb", CTZW).
 */
#include "bare.h"

static u64 ctzw(u64 value)
{
    return run(M, ".option push\n.option arch, +zbb\nctzw t0, t5\n.option pop",
               value)
        .value;
}

void test_main(void)
{
    for (u64 bit = 0; bit < 32; bit++)
        check("bit", ctzw(0xdeadbeef00000000 | 1ull << bit), bit);
    check("zero", ctzw(0), 32);
    check("upper-top", ctzw(1ull << 63), 32);
    check("upper-bottom", ctzw(1ull << 32), 32);
    check("all", ctzw(-1), 0);
}
