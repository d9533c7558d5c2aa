/*
 * Interrupts (privileged spec, "Machine Interrupt Registers"; PLIC and CLINT
 * specifications): their order, that wfi ends for one that is pending and
 * enabled though not taken, timer ticks, and the way of the UART's line
 * through the PLIC.
 */
#include "bare.h"

#define MSIP ((volatile u32 *)0x2000000)
#define MTIMECMP ((volatile u64 *)0x2004000)
#define MTIME ((volatile u64 *)0x200bff8)

#define PLIC 0xc000000ull
#define PRIORITY(source) ((volatile u32 *)(PLIC + 4 * (source)))
#define ENABLE(context) ((volatile u32 *)(PLIC + 0x2000 + 0x80 * (context)))
#define THRESHOLD(context) \
    ((volatile u32 *)(PLIC + 0x200000 + 0x1000 * (context)))
#define CLAIM(context) (THRESHOLD(context) + 1)
#define UART_SOURCE 10
#define IN_M 0 /* PLIC contexts of hart 0 */
#define IN_S 1

#define UART_IER ((volatile u8 *)0x10000001)
#define IER_THRE 2

enum { SSI = 1, MSI = 3, STI = 5, MTI = 7, SEI = 9, MEI = 11 };
#define SIE_BIT (1 << 1)
#define BIT(irq) (1ull << (irq))

/* Lets interrupts in for a moment in M-mode; the cause it was, or NONE. */
static u64 taken(void)
{
    u64 cause = run(M, "csrsi mstatus, 8; nop; nop; csrci mstatus, 8", 0).cause;

    csr_clear(mstatus, MIE_BIT);
    return cause == NONE ? NONE : cause & ~INTERRUPT;
}

static void raise_all(void)
{
    *PRIORITY(UART_SOURCE) = 1;
    *ENABLE(IN_M) = 1 << UART_SOURCE;
    *THRESHOLD(IN_M) = 0;
    *UART_IER = IER_THRE;
    *MSIP = 1;
    *MTIMECMP = 0;
    csr_set(mip, BIT(SSI) | BIT(STI) | BIT(SEI));
}

static void check_order(void)
{
    static const u8 order[] = {MEI, MSI, MTI, SEI, SSI, STI};
    static const char *const names[] = {"first-mei", "second-msi",
                                        "third-mti", "fourth-sei",
                                        "fifth-ssi", "sixth-sti"};
    u64 all = 0;

    for (unsigned i = 0; i < 6; i++)
        all |= BIT(order[i]);
    raise_all();
    check("none-enabled", taken(), NONE);
    csr_write(mie, all);
    check("all-pending", csr_read(mip) & all, all);
    for (unsigned i = 0; i < 6; i++) {
        check(names[i], taken(), order[i]);
        csr_clear(mie, BIT(order[i]));
    }
    check("none-left", taken(), NONE);
    csr_write(mie, BIT(SSI));
    csr_write(mideleg, BIT(SSI));
    check("delegated-not-in-m", taken(), NONE);
    csr_write(mideleg, 0);
    csr_write(mie, 0);
    csr_clear(mip, BIT(SSI) | BIT(STI) | BIT(SEI));
    *MSIP = 0;
    check("msip-lowered", csr_read(mip) & BIT(MSI), 0);
}

/* Enabling takes effect with the next instruction, whichever the register. */
static void check_at_once(void)
{
    struct ending e;

    *MSIP = 1;
    csr_write(mie, 0);
    csr_set(mstatus, MIE_BIT | MPIE_BIT);
    e = run(M, "csrsi mstatus, 8; csrsi mie, 8\n 3: la t1, 3b; mv t0, t1", 0);
    csr_clear(mstatus, MIE_BIT);
    check("mie-at-once", e.cause, INTERRUPT | MSI);
    check("mie-before-next", e.value, 0);
    csr_clear(mstatus, MPIE_BIT);
    e = run(U, "li t0, 1", 0);
    check("lower-mode-always", e.cause, INTERRUPT | MSI);
    check("lower-mode-at-once", e.value, 0);
    csr_write(mie, 0);
    *MSIP = 0;
}

/* Goes to a handler that adds scause to t0. */
#define SCAUSE_OF(code)                                                 \
    run(S,                                                              \
        "la t1, 4f; csrw stvec, t1\n" code                              \
        "\n li t0, 1\n .balign 4\n 4: csrr t1, scause; add t0, t0, t1", \
        0)                                                              \
        .value

/* S-mode's own doors: sie, sip and sstatus. */
static void check_opened_by_s(void)
{
    csr_set(sstatus, SIE_BIT);
    csr_write(sie, 0);
    check("sie-at-once", SCAUSE_OF("csrsi sie, 2"), INTERRUPT | SSI);
    csr_set(sstatus, SIE_BIT);
    csr_clear(mip, BIT(SSI));
    check("sip-at-once", SCAUSE_OF("csrsi sip, 2"), INTERRUPT | SSI);
    csr_clear(sstatus, SIE_BIT);
    check("sstatus-at-once", SCAUSE_OF("csrsi sstatus, 2"), INTERRUPT | SSI);
}

/* The same for what else opens the door: a bit of mip, mideleg, mret, sret. */
static void check_opened(void)
{
    struct ending e;

    csr_write(mie, BIT(SSI));
    csr_set(mstatus, MPIE_BIT);
    e = run(M, "csrsi mip, 2; li t0, 1", 0);
    check("mip-at-once", e.cause, INTERRUPT | SSI);
    check("mip-before-next", e.value, 0);
    csr_set(mstatus, MPIE_BIT);
    e = run(M, "li t0, 1", 0);
    check("mret-at-once", e.cause, INTERRUPT | SSI);
    check("mret-before-next", e.value, 0);
    csr_write(mideleg, BIT(SSI));
    csr_set(mstatus, MPIE_BIT);
    e = run(M, "li t0, 1; csrw mideleg, zero; li t0, 2", 0);
    check("mideleg-at-once", e.cause, INTERRUPT | SSI);
    check("mideleg-before-next", e.value, 1);
    csr_clear(mstatus, MIE_BIT | MPIE_BIT);
    csr_write(mideleg, BIT(SSI));
    e = run(S,
            "la t1, 4f; csrw stvec, t1; la t1, 3f; csrw sepc, t1;"
            "csrci sstatus, 2; li t1, 0x120; csrs sstatus, t1; sret\n"
            "3: li t0, 1\n .balign 4\n 4: csrr t1, scause; add t0, t0, t1",
            0);
    check("sret-at-once", e.value, INTERRUPT | SSI);
    check_opened_by_s();
    csr_clear(mip, BIT(SSI));
    csr_write(mideleg, 0);
    csr_write(mie, 0);
}

static void check_vectored(void)
{
    struct ending e;

    *MSIP = 1;
    csr_write(mie, BIT(MSI));
    e = run(M,
            "la t0, 3f; addi t0, t0, 1; csrw mtvec, t0; li t0, 0;"
            "csrsi mstatus, 8; nop; nop; j 4f\n"
            ".balign 64\n 3: .option push; .option norvc\n"
            "j 4f; j 4f; j 4f; j 5f; .option pop\n"
            "5: li t0, 3\n 4: la t1, 1f; csrw mtvec, t1",
            0);
    check("vectored", e.value, MSI);
    csr_clear(mstatus, MIE_BIT);
    csr_write(mie, 0);
    *MSIP = 0;
}

static void check_wait(void)
{
    u64 start = *MTIME;

    csr_clear(mstatus, MIE_BIT);
    *MTIMECMP = start + 2000;
    csr_write(mie, BIT(MTI));
    while (!(csr_read(mip) & BIT(MTI)))
        __asm__ volatile("wfi");
    check("wait-long-enough", *MTIME >= start + 2000, 1);
    check("wait-not-taken", run(M, "wfi; li t0, 1", 0).value, 1);
    csr_write(mie, 0);
}

static void check_ticks(void)
{
    u64 due = *MTIME;
    u64 ticks = 0, early = 0;

    csr_write(mie, BIT(MTI));
    for (unsigned i = 0; i < 10; i++) {
        due += 1000;
        *MTIMECMP = due;
        csr_clear(mstatus, MIE_BIT);
        ticks += run(M, "csrsi mstatus, 8\n 3: wfi; j 3b", 0).cause ==
                 (INTERRUPT | MTI);
        early += *MTIME < due;
    }
    csr_clear(mstatus, MIE_BIT);
    check("ticks", ticks, 10);
    check("ticks-early", early, 0);
    *MTIMECMP = ~0ull;
    check("tick-cleared", csr_read(mip) & BIT(MTI), 0);
    csr_write(mie, 0);
}

static u64 external(void)
{
    return csr_read(mip) & (BIT(MEI) | BIT(SEI));
}

/* Lowers the UART's line and leaves nothing claimed or pending. */
static void quiet(void)
{
    u32 claimed;

    *UART_IER = 0;
    while ((claimed = *CLAIM(IN_M)) != 0)
        *CLAIM(IN_M) = claimed;
}

/* Nothing is printed meanwhile: that would move the UART's line. */
static void check_plic(void)
{
    u64 seen[11];

    *ENABLE(IN_S) = 1 << UART_SOURCE;
    *THRESHOLD(IN_S) = 0;
    quiet();
    seen[0] = external();
    *UART_IER = IER_THRE;
    seen[1] = external();
    *THRESHOLD(IN_S) = 1;
    seen[2] = external();
    *THRESHOLD(IN_S) = 0;
    seen[3] = external();
    seen[4] = *CLAIM(IN_M);
    seen[5] = external();
    seen[6] = *CLAIM(IN_S);
    *UART_IER = 0;
    *CLAIM(IN_M) = UART_SOURCE;
    seen[7] = external();
    *PRIORITY(UART_SOURCE) = 0;
    *UART_IER = IER_THRE;
    seen[8] = external();
    *PRIORITY(UART_SOURCE) = 1;
    seen[9] = external();
    csr_set(mip, BIT(SSI)); /* rewrites SEIP, but not by the wire's level */
    csr_clear(mip, BIT(SSI));
    quiet();
    seen[10] = external();
    *UART_IER = 0;
    *ENABLE(IN_M) = 0;
    *ENABLE(IN_S) = 0;
    check("plic-idle", seen[0], 0);
    check("plic-pending", seen[1], BIT(MEI) | BIT(SEI));
    check("plic-threshold", seen[2], BIT(MEI));
    check("plic-threshold-back", seen[3], BIT(MEI) | BIT(SEI));
    check("plic-claim", seen[4], UART_SOURCE);
    check("plic-claimed", seen[5], 0);
    check("plic-claim-none", seen[6], 0);
    check("plic-done", seen[7], 0);
    check("plic-priority-0", seen[8], 0);
    check("wire-up", seen[9], BIT(MEI) | BIT(SEI));
    check("wire-not-stored", seen[10], 0);
}

/* A handler of S-mode that cannot be fetched traps for ever, but for what
 * M-mode has coming. */
static void check_trap_loop(void)
{
    csr_write(medeleg, 1 << FETCH_ACCESS);
    csr_write(stvec, 0);
    csr_write(mie, BIT(MTI));
    *MTIMECMP = *MTIME + 1000;
    check("loop-left", run(S, "jr zero", 0).cause, INTERRUPT | MTI);
    *MTIMECMP = NONE;
    csr_write(mie, 0);
    csr_write(medeleg, 0);
}

void test_main(void)
{
    check_order();
    check_at_once();
    check_opened();
    check_vectored();
    check_wait();
    check_ticks();
    check_plic();
    check_trap_loop();
}
