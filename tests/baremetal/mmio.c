/*
 * Devices inside straight-line code: an access that fails leaves everything
 * before it done and nothing behind it begun, an access whose result nobody
 * wants is made all the same, AMOs work, and no reservation is to be had.
 *
 * Where STRICT is defined, AMOs are access faults, too (privileged spec,
 * "Physical Memory Attributes"), and what QEMU does otherwise is tried: it
 * executes what a device reads as.
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

#ifdef STRICT
#define VA 0x10000
#define NUMBER 0x5eed

/* The device does not get to see it, nor rd a value. */
#define check_refused(name, amo)                                      \
    do {                                                              \
        struct ending e = run(M, "li t0, 77; li t1, 1;" amo, MSIP);   \
                                                                      \
        check(name, e.cause, STORE_ACCESS);                           \
        check(name "-tval", e.tval, (u64)MSIP);                       \
        check(name "-rd", e.value, 77);                               \
        check(name "-device", *MSIP | (csr_read(mip) >> MSI & 1), 0); \
    } while (0)

static void check_amo(void)
{
    static u64 memory = NUMBER;

    check_refused("amoswap", "amoswap.w t0, t1, (t5)");
    check_refused("amoor", "amoor.w t0, t1, (t5)");
    check_refused("amoadd", "amoadd.w t0, t1, (t5)");
    check_refused("amomaxu", "amomaxu.w.aqrl t0, t1, (t5)");
    check("amo-memory", run(M, "amoadd.d t0, t5, (t5)", &memory).value, NUMBER);
    *MSIP = 1;
    check("store", csr_read(mip) >> MSI & 1, 1);
    check("load", *MSIP, 1);
    *MSIP = 0;
    table_on(0);
    map(VA, (const void *)MSIP, PTE_RW | PTE_AD);
    check("amo-mapped", run(S, "li t1, 1; amoor.w t0, t1, (t5)", VA).cause,
          STORE_ACCESS);
    check("load-mapped", run(S, "lw t0, 0(t5)", VA).cause, NONE);
    table_off();
}

static void check_fetch(void)
{
    struct ending e = run(M, "jalr t5", MSIP);

    check("fetch", e.cause, FETCH_ACCESS);
    check("fetch-tval", e.tval, (u64)MSIP);
    check("fetch-pc", e.pc, (u64)MSIP);
    table_on(0);
    map(VA, (const void *)MSIP, PTE_V | PTE_R | PTE_X | PTE_AD);
    e = run(S, "jalr t5", VA + 4);
    check("fetch-mapped", e.cause, FETCH_ACCESS);
    check("fetch-mapped-tval", e.tval, VA + 4);
    table_off();
}

/* The same without STRICT. */
static void check_refused_ever(void)
{
    u64 table = 8ull << 60 | (u64)MSIP >> 12;

    check("byte", run(M, "lb t0, 0(t5)", MSIP).cause, LOAD_ACCESS);
    check("half", run(M, "sh zero, 2(t5)", MSIP).cause, STORE_ACCESS);
    check("misaligned", run(M, "lw t0, 2(t5)", MSIP).cause, LOAD_ACCESS);
    csr_write(satp, table);
    check("walk", run(S, "nop", 0).cause, FETCH_ACCESS);
    csr_write(satp, 0);
    fence_all();
}
#else
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
#endif

static void check_reservation(void)
{
    struct ending e = run(M, "lr.w t0, (t5)", MSIP);

    check("lr", e.cause, LOAD_ACCESS);
    check("lr-tval", e.tval, (u64)MSIP);
    e = run(M, "li t1, 1; sc.w t0, t1, (t5)", MSIP);
    check("sc", e.cause, STORE_ACCESS);
    check("sc-tval", e.tval, (u64)MSIP);
    check("sc-writes", *MSIP, 0);
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
#ifdef STRICT
    check_fetch();
    check_refused_ever();
#endif
    check_reservation();
    check_discarded();
}
