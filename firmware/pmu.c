/*
 * Performance counters of a hart (privileged spec, "Hardware Performance
 * Monitor", "Sscofpmf"), and the firmware's own.
 *
 * A counter is free, configured, or configured and started. A hardware counter
 * that is not started is held still by mcountinhibit, but for cycle and
 * instret while they are free: those run, as they do after reset, for whoever
 * reads them without asking. Starting a counter clears its OF, so that its
 * next overflow interrupts. No event counter counts in M-mode: that is not the
 * supervisor's to see.
 */
#include "pmu.h"

#include "csr.h"
#include "hart.h"
#include "platform.h"

#define RAW_BITS ((1ull << 48) - 1) /* of event_data, for mhpmevent */
#define FIXED 7ull /* cycle, time, instret: they have no mhpmevent */
#define CYCLE 0
#define INSTRET 2

#define CODE_CYCLES 1 /* of PMU_HARDWARE */
#define CODE_INSTRUCTIONS 2

struct pmu {
    u64 hardware; /* bits by number */
    u64 configured, started;
    u64 select[PMU_FIRMWARE_FIRST]; /* mhpmevent, OF clear */
    u32 code[PMU_FIRMWARE_COUNTERS];
    u64 value[PMU_FIRMWARE_COUNTERS];
};

static struct pmu pmus[HARTS_MAX];

static struct pmu *self(void)
{
    return &pmus[hart_id()];
}

static void write_counter(unsigned number, u64 value)
{
    switch (number) {
    case CYCLE: csr_write(mcycle, value); break;
    case INSTRET: csr_write(minstret, value); break;
#define COUNTER(n)                        \
    case n:                               \
        csr_write(mhpmcounter##n, value); \
        break;
#include "event_counters.def"
    }
}

static void write_event(unsigned number, u64 value)
{
    switch (number) {
#define COUNTER(n)                      \
    case n:                             \
        csr_write(mhpmevent##n, value); \
        break;
#include "event_counters.def"
    }
}

static bool is_firmware(unsigned number)
{
    return number >= PMU_FIRMWARE_FIRST;
}

static u64 firmware_counters(void)
{
    return ((1ull << PMU_FIRMWARE_COUNTERS) - 1) << PMU_FIRMWARE_FIRST;
}

u64 pmu_all(void)
{
    return self()->hardware | firmware_counters();
}

u64 pmu_started(void)
{
    return self()->started;
}

static u64 event_index(const struct pmu_event *event)
{
    return event->type << 16 | event->code;
}

static u64 able_hardware(const struct pmu_event *event)
{
    u64 able = 0;

    for (unsigned i = 0; i < platform.pmu.events; i++) {
        const struct platform_event *e = &platform.pmu.event[i];

        if (event_index(event) >= e->first && event_index(event) <= e->last)
            able |= e->counters;
    }
    if (event->type == PMU_HARDWARE && event->code == CODE_CYCLES)
        able |= 1ull << CYCLE;
    if (event->type == PMU_HARDWARE && event->code == CODE_INSTRUCTIONS)
        able |= 1ull << INSTRET;
    return event->data ? 0 : able & self()->hardware;
}

static u64 able_raw(const struct pmu_event *event)
{
    u64 able = 0;

    for (unsigned i = 0; i < platform.pmu.raws; i++) {
        const struct platform_raw_event *e = &platform.pmu.raw[i];

        if ((event->data & e->mask) == e->select)
            able |= e->counters;
    }
    return event->code ? 0 : able & self()->hardware & ~FIXED;
}

u64 pmu_able(const struct pmu_event *event)
{
    switch (event->type) {
    case PMU_HARDWARE:
    case PMU_CACHE: return able_hardware(event);
    case PMU_RAW: return able_raw(event);
    case PMU_FIRMWARE:
        return event->code < PMU_FIRMWARE_EVENTS && !event->data
                   ? firmware_counters()
                   : 0;
    default: return 0;
    }
}

static u64 selector(const struct pmu_event *event)
{
    if (event->type == PMU_RAW)
        return event->data & RAW_BITS;
    for (unsigned i = 0; i < platform.pmu.selects; i++)
        if (platform.pmu.select[i].event == event_index(event))
            return platform.pmu.select[i].value;
    return event_index(event);
}

void pmu_configure(unsigned number, const struct pmu_event *event, u64 inhibit)
{
    struct pmu *pmu = self();

    pmu_stop(number);
    pmu->configured |= 1ull << number;
    if (is_firmware(number)) {
        pmu->code[number - PMU_FIRMWARE_FIRST] = event->code;
    } else {
        pmu->select[number] = selector(event) | inhibit | PMU_MINH;
        write_event(number, pmu->select[number]);
    }
}

bool pmu_is_configured(unsigned number)
{
    return self()->configured >> number & 1;
}

void pmu_set(unsigned number, u64 value)
{
    if (is_firmware(number))
        self()->value[number - PMU_FIRMWARE_FIRST] = value;
    else
        write_counter(number, value);
}

void pmu_start(unsigned number)
{
    struct pmu *pmu = self();

    pmu->started |= 1ull << number;
    if (is_firmware(number))
        return;
    write_event(number, pmu->select[number]);
    csr_clear(mcountinhibit, 1ull << number);
}

void pmu_stop(unsigned number)
{
    self()->started &= ~(1ull << number);
    if (!is_firmware(number))
        csr_set(mcountinhibit, 1ull << number);
}

void pmu_release(unsigned number)
{
    pmu_stop(number);
    self()->configured &= ~(1ull << number);
    if (is_firmware(number))
        return;
    write_event(number, 0);
    if (FIXED >> number & 1)
        csr_clear(mcountinhibit, 1ull << number);
}

u64 pmu_firmware_value(unsigned number)
{
    return self()->value[number - PMU_FIRMWARE_FIRST];
}

void pmu_count(unsigned event)
{
    struct pmu *pmu = self();
    u64 left = pmu->started >> PMU_FIRMWARE_FIRST;

    for (unsigned i = 0; left >> i; i++)
        if ((left >> i & 1) && pmu->code[i] == event)
            pmu->value[i]++;
}

void pmu_count_trap(u64 cause)
{
    switch (cause) {
    case CAUSE_ILLEGAL_INSN: pmu_count(PMU_ILLEGAL_INSN); break;
    case CAUSE_LOAD_MISALIGNED: pmu_count(PMU_MISALIGNED_LOAD); break;
    case CAUSE_LOAD_ACCESS: pmu_count(PMU_ACCESS_LOAD); break;
    case CAUSE_STORE_MISALIGNED: pmu_count(PMU_MISALIGNED_STORE); break;
    case CAUSE_STORE_ACCESS: pmu_count(PMU_ACCESS_STORE); break;
    default: break;
    }
}

/* The counters that the device tree gives an event to count. */
static u64 named_counters(void)
{
    u64 named = 1ull << CYCLE | 1ull << INSTRET;

    for (unsigned i = 0; i < platform.pmu.events; i++)
        named |= platform.pmu.event[i].counters;
    for (unsigned i = 0; i < platform.pmu.raws; i++)
        named |= platform.pmu.raw[i].counters;
    return named;
}

/* A counter that is there can be inhibited. */
void pmu_init(void)
{
    struct pmu *pmu = self();

    *pmu = (struct pmu){0};
    csr_write(mcountinhibit, 0xffffffff);
    pmu->hardware = csr_read(mcountinhibit) & named_counters();
    for (unsigned number = 0; number < PMU_FIRMWARE_FIRST; number++)
        if (pmu->hardware >> number & 1)
            write_event(number, 0);
    csr_write(mcountinhibit, pmu->hardware & ~FIXED);
}
