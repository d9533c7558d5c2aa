/*
 * HSM, IPIs and fences among all the harts there are (one is enough to pass).
 *
 * The first hart starts the others with a word of their own and then gives
 * orders through `order`; each hart answers in its `seen`. Everything that
 * waits for another hart gives up after PATIENCE rounds.
 */
#include "payload.h"

#define SSIP (1 << 1)
#define HARTS 64
#define ALL (~0ull)
#define PATIENCE 50000000
#define OPAQUE 0x1234567800000000ull
#define FENCES 16

enum hsm_state { STARTED, STOPPED, SUSPENDED = 4 };

#define VA 0x5000
#define ASID 3
#define PTE_POINTER 1
#define PTE_PAGE 0xc7 /* D, A, W, R, V */
#define PTE_ALL 0xcf

enum order {
    NONE,
    RUN_ANSWER,
    FENCE,
    READ_PAGE,
    STOP,
    CATCH_IPI,
    SUSPEND,
    SUSPEND_DEEP
};

struct hart_word {
    u64 opaque, satp, status;
    u64 done; /* rounds finished */
    u64 value;
};

static volatile struct hart_word seen[HARTS];
static volatile u64 order, round;
static u64 first;
static u64 others; /* bits by hart id */
static u64 tables[3][512] __attribute__((aligned(4096)));
static u64 pages[3][512] __attribute__((aligned(4096)));

static u64 state_of(u64 hart)
{
    struct sbi_result r = sbi(EXT_HSM, 2, hart, 0, 0, 0, 0);

    return r.error ? ALL : (u64)r.value;
}

static bool wait_state(u64 hart, u64 state)
{
    for (u64 i = 0; i < PATIENCE / 100; i++) {
        if (state_of(hart) == state)
            return true;
    }
    return false;
}

static bool wait_done(u64 wanted)
{
    for (u64 i = 0; i < PATIENCE; i++) {
        bool all = true;

        for (u64 hart = 0; hart < HARTS; hart++) {
            if ((others >> hart & 1) && seen[hart].done < wanted)
                all = false;
        }
        if (all)
            return true;
    }
    return false;
}

static void command(enum order what)
{
    order = what;
    __sync_synchronize();
    round++;
}

static void fence_all(void)
{
    for (u64 i = 0; i < FENCES; i++)
        sbi(EXT_RFENCE, i % 3, 0, ALL, i << 12, i << 10, 1);
}

static void catch_ipi(u64 hart)
{
    while (!(read_csr("sip") & SSIP))
        __asm__ volatile("wfi");
    clear_csr("sip", SSIP);
    seen[hart].value++;
}

/* Until an IPI; 1 if all is as it should be. */
static u64 suspend(u64 hart, bool deep)
{
    struct resumed r;
    u64 pending;
    long error;

    r.satp = 0;
    r.hart = hart;
    r.opaque = (u64)&r;
    error = deep ? suspend_deep(&r, SUSPEND_NON_RETENTIVE, 0)
                 : sbi(EXT_HSM, 3, 0, 0, 0, 0, 0).error;
    pending = read_csr("sip") & SSIP;
    clear_csr("sip", SSIP);
    return !error && pending && !r.satp && r.hart == hart &&
           r.opaque == (u64)&r;
}

static u64 entry_of(const void *target, u64 flags)
{
    return (u64)target >> 12 << 10 | flags;
}

/* What VA shows, in a space that this hart has entered once and for all. */
static u64 read_page(void)
{
    if (!read_csr("satp"))
        write_csr("satp", 8ull << 60 | (u64)ASID << 44 | (u64)tables[2] >> 12);
    return *(volatile u64 *)VA;
}

static void obey(u64 hart)
{
    switch (order) {
    case RUN_ANSWER: seen[hart].value = answer(); break;
    case FENCE: fence_all(); break;
    case READ_PAGE: seen[hart].value = read_page(); break;
    case CATCH_IPI: catch_ipi(hart); break;
    case SUSPEND: seen[hart].value = suspend(hart, false); break;
    case SUSPEND_DEEP: seen[hart].value = suspend(hart, true); break;
    case STOP:
        seen[hart].done++;
        sbi(EXT_HSM, 1, 0, 0, 0, 0, 0);
        seen[hart].value = ALL; /* it may not return */
        break;
    default: break;
    }
}

void hart_main(u64 hart, u64 opaque)
{
    u64 known = round;

    seen[hart].satp = read_csr("satp");
    seen[hart].status = read_csr("sstatus");
    seen[hart].opaque = opaque;
    set_csr("sie", SSIP);
    seen[hart].done++;
    for (;;) {
        while (round == known)
            ;
        known = round;
        __sync_synchronize();
        obey(hart);
        seen[hart].done++;
    }
}

static bool all_others(volatile const u64 *of_hart_0, u64 wanted, u64 add_id)
{
    u64 stride = sizeof(struct hart_word) / sizeof(u64);

    for (u64 hart = 0; hart < HARTS; hart++) {
        if ((others >> hart & 1) &&
            of_hart_0[hart * stride] != wanted + (add_id ? hart : 0))
            return false;
    }
    return true;
}

static void find_others(void)
{
    bool stopped = true;

    for (u64 hart = 0; hart < HARTS; hart++) {
        u64 state = state_of(hart);

        if (hart == first || state == ALL)
            continue;
        others |= 1ull << hart;
        stopped &= state == STOPPED;
    }
    check("others-stopped", stopped, 1);
}

static void start_others(void)
{
    bool started = true;
    u64 expected = seen[first].done;

    for (u64 hart = 0; hart < HARTS; hart++) {
        if (!(others >> hart & 1))
            continue;
        seen[hart].done = expected;
        started &=
            !sbi(EXT_HSM, 0, hart, (u64)start_hart, OPAQUE + hart, 0, 0).error;
    }
    check("start", started, 1);
    check("start-arrived", wait_done(expected + 1), 1);
    check("start-opaque", all_others(&seen[0].opaque, OPAQUE, 1), 1);
    check("start-satp", all_others(&seen[0].satp, 0, 0), 1);
    for (u64 hart = 0; hart < HARTS; hart++)
        seen[hart].done = 0;
}

static void check_ipis(void)
{
    for (u64 hart = 0; hart < HARTS; hart++)
        seen[hart].value = 0;
    command(CATCH_IPI);
    check("ipi-sent", sbi(EXT_IPI, 0, others, 0, 0, 0, 0).error, 0);
    check("ipi-done", wait_done(1), 1);
    check("ipi-seen", all_others(&seen[0].value, 1, 0), 1);
    check("ipi-not-self", read_csr("sip") & SSIP, 0);
}

/* Rewrites the function that all harts have run, and fences remotely. */
static void check_fence_i(void)
{
    command(RUN_ANSWER);
    check("answer-before", wait_done(2), 1);
    check("answer-one", all_others(&seen[0].value, 1, 0), 1);
    *(volatile u16 *)(u64)answer = answer_two[0];
    check("fence-i", sbi(EXT_RFENCE, 0, 0, ALL, 0, 0, 0).error, 0);
    command(RUN_ANSWER);
    check("answer-after", wait_done(3), 1);
    check("answer-two", all_others(&seen[0].value, 2, 0), 1);
    check("answer-here", answer(), 2);
}

/* All harts fence all others at the same time. */
static void check_fence_storm(void)
{
    command(FENCE);
    fence_all();
    check("fence-storm", wait_done(4), 1);
}

/* Another page is mapped, and the others are told: they see it. */
static void check_fence_vma(void)
{
    volatile u64 *entry = &tables[0][VA >> 12];

    tables[2][0] = entry_of(tables[1], PTE_POINTER);
    tables[2][2] = entry_of((void *)0x80000000, PTE_ALL);
    tables[1][0] = entry_of(tables[0], PTE_POINTER);
    for (u64 i = 0; i < 3; i++)
        pages[i][0] = 'A' + i;
    *entry = entry_of(pages[0], PTE_PAGE);
    command(READ_PAGE);
    check("page-mapped", wait_done(5) && all_others(&seen[0].value, 'A', 0), 1);
    *entry = entry_of(pages[1], PTE_PAGE);
    check("fence-vma", sbi(EXT_RFENCE, 1, 0, ALL, VA, 4096, 0).error, 0);
    command(READ_PAGE);
    check("page-fenced", wait_done(6) && all_others(&seen[0].value, 'B', 0), 1);
    *entry = entry_of(pages[2], PTE_PAGE);
    check("fence-asid", sbi(EXT_RFENCE, 2, 0, ALL, VA, 4096, ASID).error, 0);
    command(READ_PAGE);
    check("page-fenced-by-asid",
          wait_done(7) && all_others(&seen[0].value, 'C', 0), 1);
}

static u64 count_bits(u64 bits)
{
    u64 count = 0;

    for (; bits; bits &= bits - 1)
        count++;
    return count;
}

static u64 started_count(void)
{
    u64 count = 0;

    for (u64 hart = 0; hart < HARTS; hart++)
        count += (others >> hart & 1) && state_of(hart) == STARTED;
    return count;
}

/* A suspended hart takes part in fences, and goes on by an IPI. */
static void check_suspended(enum order how, u64 done)
{
    bool suspended = true, still = true;

    command(how);
    for (u64 hart = 0; hart < HARTS; hart++)
        if (others >> hart & 1)
            suspended &= wait_state(hart, SUSPENDED);
    check("suspend", suspended, 1);
    check("suspend-fence", sbi(EXT_RFENCE, 1, 0, ALL, 0, 0, 0).error, 0);
    check("suspend-start",
          others
              ? sbi(EXT_HSM, 0, first ? 0 : 1, (u64)start_hart, 0, 0, 0).error
              : ERR_ALREADY_AVAILABLE,
          ERR_ALREADY_AVAILABLE);
    for (u64 hart = 0; hart < HARTS; hart++)
        if (others >> hart & 1)
            still &= state_of(hart) == SUSPENDED;
    check("suspend-still", still, 1);
    check("suspend-ipi", sbi(EXT_IPI, 0, others, 0, 0, 0, 0).error, 0);
    check("suspend-done", wait_done(done), 1);
    check("suspend-seen", all_others(&seen[0].value, 1, 0), 1);
    check("suspend-over", started_count(), count_bits(others));
}

static void check_stop(void)
{
    bool stopped = true;

    command(STOP);
    for (u64 hart = 0; hart < HARTS; hart++) {
        if (others >> hart & 1)
            stopped &= wait_state(hart, STOPPED);
    }
    check("stop", stopped, 1);
    check("stop-fence", sbi(EXT_RFENCE, 1, 0, ALL, 0, 0, 0).error, 0);
    check("stop-ipi", sbi(EXT_IPI, 0, others, 0, 0, 0, 0).error, 0);
}

void test_main(u64 hart, const void *device_tree)
{
    (void)device_tree;
    first = hart;
    find_others();
    start_others();
    check_ipis();
    check_fence_i();
    check_fence_storm();
    check_fence_vma();
    check_suspended(SUSPEND, 8);
    check_suspended(SUSPEND_DEEP, 9);
    check_stop();
    seen[first].done = 0;
    start_others();
    check("restarted", started_count(), count_bits(others));
    done();
}
