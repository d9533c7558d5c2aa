/*
 * Reception by interrupt: bytes on the console arrive through UART and PLIC,
 * in order. The input is "Q7" and a newline.
 */
#include "bare.h"

#define UART ((volatile u8 *)0x10000000)
#define IER_RECEIVED 1
#define LSR_DATA_READY 1
#define PRIORITY ((volatile u32 *)0xc000028)
#define ENABLE ((volatile u32 *)0xc002000)
#define CLAIM ((volatile u32 *)0xc200004)
#define SOURCE 10
#define MEI 11

/* Sleeps until the UART interrupts; the byte, or all ones if it was another
 * interrupt or there is none. */
static u64 receive(void)
{
    struct ending e = run(M, "csrsi mstatus, 8\n 3: wfi; j 3b", 0);
    u64 byte = ~0ull;

    csr_clear(mstatus, MIE_BIT);
    if (e.cause == (INTERRUPT | MEI) && *CLAIM == SOURCE &&
        (UART[5] & LSR_DATA_READY))
        byte = UART[0];
    *CLAIM = SOURCE;
    return byte;
}

void test_main(void)
{
    *PRIORITY = 1;
    *ENABLE = 1 << SOURCE;
    UART[1] = IER_RECEIVED;
    csr_write(mie, 1 << MEI);
    check("first", receive(), 'Q');
    check("second", receive(), '7');
    check("third", receive(), '\n');
    check("no-more", csr_read(mip) >> MEI & 1, 0);
}
