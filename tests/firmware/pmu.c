/*
 * SBI "Performance Monitoring Unit": every call, its errors, and that counters
 * count: the hardware's, the firmware's own, and on the harts that take part
 * in each other's fences and IPIs.
 *
 * Also run on OpenSBI, which judges the program; what only this firmware
 * promises is asked of this firmware alone (`ours`).
 */
#include "payload.h"

#define ALL (~0ull)
#define HARTS 64
#define PATIENCE 50000000

#define ERR_ALREADY_STARTED (-7)
#define ERR_ALREADY_STOPPED (-8)
#define ERR_NO_SHMEM (-9)

enum { NUMBER, INFO, CONFIG, START, STOP, READ, READ_HIGH, SNAPSHOT };

#define SKIP_MATCH 1
#define CLEAR 2
#define AUTO_START 4
#define UINH (1 << 5)
#define SINH (1 << 6)
#define SET_VALUE 1
#define RESET 1
#define USE_SNAPSHOT 2

#define CYCLES 1
#define INSTRUCTIONS 2
#define BRANCHES 5
#define LOAD_MISSES 0x10019
#define RAW 0x20000
#define FIRMWARE(code) (0xf0000 | (code))
enum {
    SET_TIMER = 5,
    IPI_SENT,
    IPI_RECEIVED,
    FENCE_I_SENT,
    FENCE_I_RECEIVED,
    FENCE_SENT,
    FENCE_RECEIVED,
    FENCE_ASID_SENT,
    FENCE_ASID_RECEIVED
};

#define COUNTER3 (1 << 3)
#define SSIP (1 << 1)
#define LCOFIP (1 << 13)
#define OURS 0x656d75

static bool ours;
static u64 counters;  /* bits of those there are, */
static u64 firmwares; /* and of the firmware's among them */
static u64 numbers;   /* bits of all numbers up to the last counter's */
static volatile u64 ready, go, finished;
static volatile u64 received[HARTS][4];

static struct sbi_result call(u64 function, u64 a0, u64 a1, u64 a2, u64 a3,
                              u64 a4)
{
    return sbi(EXT_PMU, function, a0, a1, a2, a3, a4);
}

static struct sbi_result config(u64 mask, u64 flags, u64 event, u64 data)
{
    return call(CONFIG, 0, mask, flags, event, data);
}

static void check_information(void)
{
    u64 number = (u64)call(NUMBER, 0, 0, 0, 0, 0).value;

    for (u64 i = 0; i < number; i++) {
        struct sbi_result r = call(INFO, i, 0, 0, 0, 0);

        numbers |= 1ull << i;
        if (r.error)
            continue;
        counters |= 1ull << i;
        if (r.value < 0)
            firmwares |= 1ull << i;
    }
    check("cycle-info", (u64)call(INFO, 0, 0, 0, 0, 0).value, 63 << 12 | 0xc00);
    check("instret-info", (u64)call(INFO, 2, 0, 0, 0, 0).value,
          63 << 12 | 0xc02);
    check("info-3", (u64)call(INFO, 3, 0, 0, 0, 0).value, 63 << 12 | 0xc03);
    check("time-is-none", (u64)call(INFO, 1, 0, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("no-counter", (u64)call(INFO, number, 0, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("no-counter-far", (u64)call(INFO, ALL, 0, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("hardware", counters & ~firmwares, 0x7fffd);
    check("firmware", firmwares != 0, 1);
}

static void spend(void)
{
    __asm__ volatile(".rept 100; nop; .endr");
}

static void check_hardware(void)
{
    u64 before, after;

    check("config", config(COUNTER3, CLEAR, INSTRUCTIONS, 0).value, 3);
    before = read_csr("hpmcounter3");
    check("cleared", before, 0);
    spend();
    check("stands", read_csr("hpmcounter3"), before);
    check("start", call(START, 0, COUNTER3, SET_VALUE, 5000, 0).error, 0);
    before = read_csr("hpmcounter3");
    spend();
    after = read_csr("hpmcounter3");
    check("value", before >= 5000, 1);
    check("counts", after > before, 1);
    check("start-again", call(START, 0, COUNTER3, 0, 0, 0).error,
          ERR_ALREADY_STARTED);
    check("stop", call(STOP, 0, COUNTER3, 0, 0, 0).error, 0);
    before = read_csr("hpmcounter3");
    spend();
    check("stopped", read_csr("hpmcounter3"), before);
    check("stop-again", call(STOP, 0, COUNTER3, 0, 0, 0).error,
          ERR_ALREADY_STOPPED);
    check("goes-on", call(START, 3, 1, 0, 0, 0).error, 0);
    check("goes-on-from", read_csr("hpmcounter3") >= before, 1);
    check("reset", call(STOP, 0, COUNTER3, RESET, 0, 0).error, 0);
    check("auto", config(COUNTER3, CLEAR | AUTO_START, CYCLES, 0).value, 3);
    spend();
    check("auto-counts", read_csr("hpmcounter3") > 0, 1);
    check("busy", config(COUNTER3, 0, CYCLES, 0).error, ERR_NOT_SUPPORTED);
    call(STOP, 0, COUNTER3, RESET, 0, 0);
}

/* What a hint says is kept: S-mode is what runs here. On this firmware M-mode
 * is never counted, and what is counted is exact on emu. */
static void check_filter(void)
{
    u64 before, after;

    config(COUNTER3, CLEAR | AUTO_START | SINH, INSTRUCTIONS, 0);
    spend();
    check("sinh", read_csr("hpmcounter3"), 0);
    call(STOP, 0, COUNTER3, RESET, 0, 0);
    config(COUNTER3, CLEAR | AUTO_START | UINH, INSTRUCTIONS, 0);
    before = read_csr("hpmcounter3");
    __asm__ volatile("nop; nop; nop; nop; nop; nop; nop; nop; nop");
    after = read_csr("hpmcounter3");
    check("exact", after - before, 10);
    before = read_csr("hpmcounter3");
    sbi(EXT_BASE, 0, 0, 0, 0, 0, 0);
    after = read_csr("hpmcounter3");
    check("not-in-m", after - before < 40, 1);
    call(STOP, 0, COUNTER3, RESET, 0, 0);
}

/* A set may name numbers that are no counter's, if it names a counter. */
static void check_numbers(void)
{
    u64 number = (u64)call(NUMBER, 0, 0, 0, 0, 0).value;
    u64 holes = numbers & ~counters;
    long chosen;

    check("there-are-holes", holes != 0, 1);
    chosen = config(numbers, 0, CYCLES, 0).value;
    check("config-numbers", counters >> chosen & 1, 1);
    call(STOP, chosen, 1, RESET, 0, 0);
    if (!ours)
        return;
    check("config-hole", config(holes | COUNTER3, 0, CYCLES, 0).value, 3);
    check("skip-hole",
          config(holes | COUNTER3, SKIP_MATCH, INSTRUCTIONS, 0).value, 3);
    check("start-hole", call(START, 1, 5, 0, 0, 0).error, 0);
    check("start-numbers", call(START, 0, numbers, 0, 0, 0).error,
          ERR_INVALID_PARAM); /* not all are configured */
    check("stop-numbers", call(STOP, 0, numbers, RESET, 0, 0).error,
          ERR_ALREADY_STOPPED); /* not all were started */
    check("stopped-hole", call(START, 3, 1, 0, 0, 0).error, ERR_INVALID_PARAM);
    check("config-holes", config(holes, 0, CYCLES, 0).error, ERR_INVALID_PARAM);
    check("config-beyond", config(numbers | 1ull << number, 0, CYCLES, 0).error,
          ERR_INVALID_PARAM);
    check("config-beyond-base", call(CONFIG, number - 1, 3, 0, CYCLES, 0).error,
          ERR_INVALID_PARAM);
    check("config-base-wraps", call(CONFIG, ALL, 3, 0, CYCLES, 0).error,
          ERR_INVALID_PARAM);
    check("config-mask-wraps", call(CONFIG, 63, 3, 0, CYCLES, 0).error,
          ERR_INVALID_PARAM);
    check("start-beyond", call(START, number, 1, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("stop-beyond", call(STOP, number, 1, 0, 0, 0).error,
          ERR_INVALID_PARAM);
}

static void check_errors(void)
{
    check("config-no-counter", config(2, 0, CYCLES, 0).error,
          ERR_INVALID_PARAM);
    check("config-far", call(CONFIG, 64, 1, 0, CYCLES, 0).error,
          ERR_INVALID_PARAM);
    check("no-event", config(counters, 0, 0, 0).error < 0, 1);
    check("start-no-counter", call(START, 1, 1, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("stop-no-counter", call(STOP, 1, 1, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("read-hardware", call(READ, 3, 0, 0, 0, 0).error, ERR_INVALID_PARAM);
    check("function", call(9, 0, 0, 0, 0, 0).error, ERR_NOT_SUPPORTED);
    if (!ours)
        return;
    check("config-flags", config(COUNTER3, 1 << 8, CYCLES, 0).error,
          ERR_INVALID_PARAM);
    check("start-flags", call(START, 0, COUNTER3, 4, 0, 0).error,
          ERR_INVALID_PARAM);
    check("start-free", call(START, 0, COUNTER3, 0, 0, 0).error,
          ERR_INVALID_PARAM);
    check("stop-flags", call(STOP, 0, COUNTER3, 4, 0, 0).error,
          ERR_INVALID_PARAM);
    check("not-counted", config(counters, 0, BRANCHES, 0).error,
          ERR_NOT_SUPPORTED);
    check("cache-not-counted", config(counters, 0, 0x10000, 0).error,
          ERR_NOT_SUPPORTED);
    check("not-that-one", config(1, 0, INSTRUCTIONS, 0).error,
          ERR_NOT_SUPPORTED);
    check("skip-not-that-one", config(1, SKIP_MATCH, INSTRUCTIONS, 0).error,
          ERR_NOT_SUPPORTED);
    check("raw-code", config(counters, 0, RAW | 1, 0x100).error,
          ERR_NOT_SUPPORTED);
    check("firmware-code", config(counters, 0, FIRMWARE(14), 0).error,
          ERR_NOT_SUPPORTED);
    check("index-bits", config(counters, 0, 1 << 20 | CYCLES, 0).error,
          ERR_NOT_SUPPORTED);
    check("snapshot", call(SNAPSHOT, 0x80200000, 0, 0, 0, 0).error,
          ERR_NOT_SUPPORTED);
    config(COUNTER3, 0, CYCLES, 0);
    check("start-snapshot", call(START, 0, COUNTER3, USE_SNAPSHOT, 0, 0).error,
          ERR_NO_SHMEM);
    check("stop-snapshot", call(STOP, 0, COUNTER3, USE_SNAPSHOT, 0, 0).error,
          ERR_NO_SHMEM);
    call(STOP, 0, COUNTER3, RESET, 0, 0);
}

/* Fixed counters come last, and run on when they are given back. */
static void check_fixed(void)
{
    u64 before;

    check("fixed-last", config(5 | COUNTER3, 0, CYCLES, 0).value, 3);
    check("fixed", config(5, 0, INSTRUCTIONS, 0).value, 2);
    check("fixed-skip", config(1, SKIP_MATCH, CYCLES, 0).value, 0);
    check("fixed-start", call(START, 0, 5, SET_VALUE, 100, 0).error, 0);
    check("fixed-stop", call(STOP, 0, 5, 0, 0, 0).error, 0);
    before = read_csr("instret");
    spend();
    check("fixed-stopped", read_csr("instret"), before);
    check("fixed-value", before >= 100, 1);
    call(STOP, 0, 5 | COUNTER3, RESET, 0, 0);
    before = read_csr("instret");
    spend();
    check("fixed-runs-on", read_csr("instret") > before, 1);
}

static u64 value_of(u64 counter)
{
    return (u64)call(READ, counter, 0, 0, 0, 0).value;
}

static u64 watch(u64 code)
{
    return (u64)config(firmwares, CLEAR | AUTO_START, FIRMWARE(code), 0).value;
}

static void check_firmware(void)
{
    u64 timer = watch(SET_TIMER), sent = watch(IPI_SENT);
    u64 arrived = watch(IPI_RECEIVED);

    check("firmware-differ", timer != sent && sent != arrived, 1);
    for (int i = 0; i < 3; i++)
        sbi(EXT_TIME, 0, ALL, 0, 0, 0, 0);
    check("set-timer", value_of(timer), 3);
    check("set-timer-high", (u64)call(READ_HIGH, timer, 0, 0, 0, 0).value, 0);
    check("stop-timer", call(STOP, timer, 1, 0, 0, 0).error, 0);
    sbi(EXT_TIME, 0, ALL, 0, 0, 0, 0);
    check("set-timer-stopped", value_of(timer), 3);
    check("ipi-none-yet", value_of(sent), 0);
    sbi(EXT_IPI, 0, 0, ALL, 0, 0, 0);
    while (!(read_csr("sip") & SSIP))
        ;
    clear_csr("sip", SSIP);
    check("ipi-sent", value_of(sent), 1);
    check("ipi-received", value_of(arrived), 1);
    call(STOP, 0, firmwares, RESET, 0, 0);
}

/* An overflow sets LCOFIP, once. */
static void check_overflow(void)
{
    if (trap_of("csrr t0, 0xda0", 0).cause != NO_TRAP) {
        print("no sscofpmf\n");
        return;
    }
    clear_csr("sip", LCOFIP);
    config(COUNTER3, 0, INSTRUCTIONS, 0);
    check("no-overflow", read_csr("sip") & LCOFIP, 0);
    call(START, 0, COUNTER3, SET_VALUE, -50ull, 0);
    for (int i = 0; i < 10000 && !(read_csr("sip") & LCOFIP); i++)
        spend();
    check("overflow", read_csr("sip") & LCOFIP, LCOFIP);
    check("scountovf", read_csr("0xda0") & COUNTER3, COUNTER3);
    clear_csr("sip", LCOFIP);
    spend();
    check("overflow-once", read_csr("sip") & LCOFIP, 0);
    call(STOP, 0, COUNTER3, RESET, 0, 0);
}

static void check_raw(void)
{
    u64 one, two;

    if (!ours || config(COUNTER3, CLEAR, RAW, 0x105).error) {
        print("no raw events\n");
        return;
    }
    call(START, 0, COUNTER3, 0, 0, 0);
    one = read_csr("hpmcounter3");
    __asm__ volatile("sfence.vma; sfence.vma; sfence.vma");
    two = read_csr("hpmcounter3");
    check("raw", two - one, 3);
    call(STOP, 0, COUNTER3, RESET, 0, 0);
    check("raw-none", config(COUNTER3, CLEAR, RAW, 0x200).error,
          ERR_NOT_SUPPORTED);
}

void hart_main(u64 hart, u64 opaque)
{
    u64 counter[4];

    (void)opaque;
    for (u64 i = 0; i < 4; i++)
        counter[i] = watch(IPI_RECEIVED + 2 * i);
    __sync_fetch_and_add(&ready, 1);
    while (!go)
        ;
    while (!(read_csr("sip") & SSIP))
        ;
    for (u64 i = 0; i < 4; i++)
        received[hart][i] = value_of(counter[i]);
    __sync_fetch_and_add(&finished, 1);
    for (;;)
        __asm__ volatile("wfi");
}

static u64 start_others(u64 self)
{
    u64 others = 0;

    for (u64 hart = 0; hart < HARTS; hart++)
        if (hart != self &&
            !sbi(EXT_HSM, 0, hart, (u64)start_hart, 0, 0, 0).error)
            others++;
    for (u64 i = 0; i < PATIENCE && ready < others; i++)
        ;
    return others;
}

static void check_harts(u64 self)
{
    u64 others = start_others(self), right = 0;
    u64 sent[4];

    for (u64 i = 0; i < 4; i++)
        sent[i] = watch(IPI_SENT + 2 * i);
    for (u64 i = 0; i < 6; i++)
        sbi(EXT_RFENCE, i < 3 ? 0 : i < 5 ? 1 : 2, 0, ALL, 0, 4096, 1);
    go = 1;
    for (u64 hart = 0; hart < HARTS; hart++)
        if (hart != self && !sbi(EXT_HSM, 2, hart, 0, 0, 0, 0).error)
            sbi(EXT_IPI, 0, 1ull << hart, 0, 0, 0, 0);
    for (u64 i = 0; i < PATIENCE && finished < others; i++)
        ;
    check("harts-ready", ready, others);
    check("harts-ipi-sent", value_of(sent[0]), others);
    check("harts-fence-i-sent", value_of(sent[1]), 3 * others);
    check("harts-fence-sent", value_of(sent[2]), 2 * others);
    check("harts-fence-asid-sent", value_of(sent[3]), others);
    for (u64 hart = 0; hart < HARTS; hart++)
        right += received[hart][0] == 1 && received[hart][1] == 3 &&
                 received[hart][2] == 2 && received[hart][3] == 1;
    check("harts-received", right, others);
}

void test_main(u64 hart, const void *device_tree)
{
    (void)device_tree;
    ours = sbi(EXT_BASE, 1, 0, 0, 0, 0, 0).value == OURS;
    check("probe", sbi(EXT_BASE, 3, EXT_PMU, 0, 0, 0, 0).value != 0, 1);
    check_information();
    check_hardware();
    check_errors();
    check_numbers();
    check_fixed();
    check_firmware();
    check_raw();
    check_overflow();
    check_filter();
    check_harts(hart);
    done();
}
