/*
 * Devices inside straight-line code: an access that fails leaves everything
 * before it done and nothing behind it begun, an access whose result nobody
 * wants is made all the same, AMOs work, and no reservation is to be had.
 */
#include "bare.h"

#define NOWHERE 0x40
#define MSIP ((volatile u32 *)0x2000000)
#define MSI 3
#define MEI 11

#define UART_IER ((volatile u8 *)0x10000001)
#define IER_THRE 2
#define PRIORITY ((volatile u32 *)0xc000028)
#define ENABLE ((volatile u32 *)0xc002000)
#define CLAIM ((volatile u32 *)0xc200004)
#define SOURCE 10

static void check_precise(void)
{
    struct ending e = run(M,
                          "li t0, 5; addi t0, t0, 1\n 3: ld t1, 0(t5)\n"
                          "addi t0, t0, 16",
                          NOWHERE);

    check("fault", e.cause, LOAD_ACCESS);
    check("fault-registers", e.value, 6);
    e = run(M, "la t0, 3f; nop; nop\n 3: sw zero, 0(t5)", NOWHERE);
    check("fault-pc", e.pc, e.value);
    e = run(M, "li t0, 77; lw t0, 0(t5)", NOWHERE);
    check("fault-destination", e.value, 77);
    e = run(M, "mv t0, t5; ld t0, 0(t0)", NOWHERE);
    check("fault-base", e.value, NOWHERE);
}

static void check_amo(void)
{
    struct ending e = run(M, "li t1, 1; amoor.w t0, t1, (t5)", MSIP);

    check("amoor", e.cause, NONE);
    check("amoor-old", e.value, 0);
    check("amoor-raises", csr_read(mip) >> MSI & 1, 1);
    e = run(M, "li t1, -2; amoand.w t0, t1, (t5)", MSIP);
    check("amoand-old", e.value, 1);
    check("amoand-lowers", csr_read(mip) >> MSI & 1, 0);
}

static void check_reservation(void)
{
    struct ending e = run(M, "lr.w t0, (t5)", MSIP);

    check("lr", e.cause, LOAD_ACCESS);
    check("lr-tval", e.tval, (u64)MSIP);
}

/* A claim into x0 claims. */
static void check_discarded(void)
{
    u64 before, after;

    *PRIORITY = 1;
    *ENABLE = 1 << SOURCE;
    *UART_IER = IER_THRE;
    before = csr_read(mip) >> MEI & 1;
    run(M, "lw x0, 0(t5)", CLAIM);
    after = csr_read(mip) >> MEI & 1;
    *UART_IER = 0;
    *CLAIM = SOURCE;
    *ENABLE = 0;
    check("claim-pending", before, 1);
    check("claim-discarded", after, 0);
}

void test_main(void)
{
    check_precise();
    check_amo();
    check_reservation();
    check_discarded();
}
