/*
 * Privileged spec, "Wait for Interrupt", "Machine Timer Registers"; ACLINT and
 * PLIC specifications: one hart wakes and interrupts another, in each of the
 * ways there are, and nothing gets lost.
 */
#include "smp.h"

#ifndef ROUNDS
#define ROUNDS 12
#endif
#define NOT_YET (~0ull)
#define SECOND 10000000ull
#define STI_BIT (1 << 5)

#define PLIC 0xc000000ull
#define UART ((volatile u8 *)0x10000000)
#define UART_IRQ 10

static volatile u64 counters[HARTS_MAX][4]; /* and room for trap_count */
static volatile u64 ready, passed, woken, claimed;
static volatile u64 last_time, backwards, lock;
static struct ending ended[HARTS_MAX];

/* The word goes round; each hart wakes the next. */
static void pass_on(unsigned hart)
{
    unsigned next = (hart + 1) % harts;

    meet();
    for (unsigned i = 0; i < ROUNDS; i++) {
        while (passed != i * harts + hart) {
            while (!(csr_read(mip) & MSI_BIT))
                wait_for_interrupt();
            MSIP[hart] = 0;
            fence();
        }
        passed = passed + 1;
        fence();
        MSIP[next] = 1;
    }
    meet();
    MSIP[hart] = 0;
}

static void check_ring(void)
{
    csr_write(mie, MSI_BIT);
    passed = 0;
    on_all(pass_on);
    csr_write(mie, 0);
    check("ring", passed, (u64)ROUNDS * harts);
}

/* Interrupts that are taken, after wfi and in a loop: as many as were sent. */
static void count_interrupts(unsigned hart)
{
    csr_write(mscratch, counters[hart]);
    csr_write(mtvec, trap_count);
    counters[hart][0] = 0;
    fence();
    ready = hart;
    while (counters[hart][0] < ROUNDS) {
        if (hart & 1)
            wait_for_interrupt(); /* which is taken below */
        csr_set(mstatus, MIE_BIT);
        csr_clear(mstatus, MIE_BIT);
    }
    csr_write(mtvec, trap_unexpected);
}

static bool send_and_see(unsigned hart)
{
    for (u64 i = 0; i < ROUNDS; i++) {
        MSIP[hart] = 1;
        if (!await(&counters[hart][0], i + 1))
            return false;
    }
    return true;
}

static void check_taken(void)
{
    bool all = true;

    for (unsigned hart = 1; hart < harts; hart++) {
        ready = NOT_YET;
        begin(hart, count_interrupts);
        all &= await(&ready, hart) && send_and_see(hart);
        finish(hart);
        all &= counters[hart][0] == ROUNDS;
    }
    check("ipi-taken", all, true);
}

/* Another hart sets the timer that this one waits for. */
static void wait_for_timer(unsigned hart)
{
    MTIMECMP[hart] = NONE; /* QEMU's begins as due */
    csr_write(mie, MTI_BIT);
    ready = hart;
    while (!(csr_read(mip) & MTI_BIT))
        wait_for_interrupt();
    woken = *MTIME;
    csr_write(mie, MSI_BIT);
    MTIMECMP[hart] = NONE;
}

static void check_timer(void)
{
    bool all = true;

    for (unsigned hart = 1; hart < harts; hart++) {
        u64 due;

        ready = NOT_YET;
        begin(hart, wait_for_timer);
        all &= await(&ready, hart);
        due = *MTIME + 20;
        MTIMECMP[hart] = due;
        finish(hart);
        all &= woken >= due;
    }
    check("remote-timer", all, true);
}

/* A write to mtime moves the deadlines of all harts, those of their own
 * comparisons, too. */
static void wait_for_comparison(unsigned hart)
{
    csr_write(0x30a, csr_read(0x30a) | 1ull << 63); /* menvcfg.STCE */
    csr_write(0x14d, *MTIME + SECOND);              /* stimecmp */
    csr_write(mie, STI_BIT);
    ready = hart;
    while (!(csr_read(mip) & STI_BIT))
        wait_for_interrupt();
    csr_write(0x14d, NONE);
    csr_write(mie, MSI_BIT);
}

static void check_comparison(void)
{
    bool all = true;

    for (unsigned hart = 1; hart < harts; hart++) {
        ready = NOT_YET;
        begin(hart, wait_for_comparison);
        all &= await(&ready, hart);
        *MTIME = *MTIME + SECOND;
        finish(hart);
    }
    check("remote-time", all, true);
}

/* The UART says that it can send, and the PLIC says it to one hart. */
static void wait_for_device(unsigned hart)
{
    volatile u32 *claim = (volatile u32 *)(PLIC + 0x200004 + hart * 0x2000);

    csr_write(mie, MEI_BIT);
    ready = hart;
    while (!(csr_read(mip) & MEI_BIT))
        wait_for_interrupt();
    claimed = *claim;
    (void)UART[2]; /* reading IIR takes "can send" back */
    UART[1] = 0;
    *claim = (u32)claimed;
    csr_write(mie, MSI_BIT);
}

static void check_device(void)
{
    bool all = true;

    *(volatile u32 *)(PLIC + 4 * UART_IRQ) = 1;
    for (unsigned hart = 1; hart < harts; hart++) {
        volatile u32 *enable = (volatile u32 *)(PLIC + 0x2000 + hart * 0x100);

        *enable = 1 << UART_IRQ;
        ready = NOT_YET;
        claimed = 0;
        begin(hart, wait_for_device);
        all &= await(&ready, hart);
        UART[1] = 2;
        finish(hart);
        all &= claimed == UART_IRQ;
        *enable = 0;
    }
    check("device-to-one-hart", all, true);
}

/* Who takes the lock later reads no earlier time. */
static void read_times(unsigned hart)
{
    (void)hart;
    meet();
    for (unsigned i = 0; i < 4 * ROUNDS; i++) {
        u64 now;

        while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
            pause();
        now = csr_read(time);
        backwards += now < last_time;
        last_time = now;
        __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
    }
}

/* A hart whose handler of S-mode cannot be fetched is not lost to the others:
 * an IPI reaches M-mode. */
static void trap_until_called(unsigned hart)
{
    csr_write(medeleg, 1 << FETCH_ACCESS);
    csr_write(stvec, 0);
    csr_write(mie, MSI_BIT);
    ready = hart;
    ended[hart] = run(S, "jr zero", 0);
    MSIP[hart] = 0;
    csr_write(medeleg, 0);
}

static void check_trap_loop(void)
{
    bool all = true;

    for (unsigned hart = 1; hart < harts; hart++) {
        ready = NOT_YET;
        begin(hart, trap_until_called);
        all &= await(&ready, hart);
        for (unsigned i = 0; i < 500; i++)
            __asm__ volatile("");
        MSIP[hart] = 1;
        finish(hart);
        all &= ended[hart].cause == (INTERRUPT | 3);
    }
    check("out-of-a-loop", all, true);
}

void test_main(void)
{
    if (harts == 1)
        return;
    check_ring();
    check_taken();
    check_timer();
    check_comparison();
    check_device();
    on_all(read_times);
    check("time-goes-on", backwards, 0);
    check_trap_loop();
}
