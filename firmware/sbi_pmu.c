/*
 * SBI "Performance Monitoring Unit Extension" (PMU).
 *
 * The set of counters that a call names is checked before anything is done to
 * any of them. Snapshots in shared memory are an optional part of SBI 2.0 and
 * not offered: setting them up is not supported, and so no memory is there to
 * start from or stop into.
 */
#include "pmu.h"
#include "sbi.h"

enum {
    NUM_COUNTERS,
    COUNTER_GET_INFO,
    COUNTER_CONFIG_MATCHING,
    COUNTER_START,
    COUNTER_STOP,
    COUNTER_FW_READ,
    COUNTER_FW_READ_HI,
    SNAPSHOT_SET_SHMEM,
};

#define CONFIG_SKIP_MATCH (1 << 0)
#define CONFIG_CLEAR_VALUE (1 << 1)
#define CONFIG_AUTO_START (1 << 2)
#define CONFIG_SET_UINH (1 << 5)
#define CONFIG_SET_SINH (1 << 6)
#define CONFIG_FLAGS 0xff

#define START_SET_VALUE (1 << 0)
#define START_SNAPSHOT (1 << 1)
#define STOP_RESET (1 << 0)
#define STOP_SNAPSHOT (1 << 1)

#define CSR_CYCLE 0xc00
#define INFO_WIDTH_64 (63ull << 12)
#define INFO_FIRMWARE (1ull << 63)
#define FIXED 7ull

/* The counters of a call, as bits by number: those that are there of the
 * numbers below PMU_COUNTERS, some of which are no counter's. False if a number
 * is beyond those, or if all that are named are nobody's. */
static bool resolve(u64 base, u64 mask, u64 *set)
{
    u64 named = mask << (base & 63);

    *set = 0;
    if (!mask)
        return true;
    if (base >= PMU_COUNTERS || named >> base != mask || named >> PMU_COUNTERS)
        return false;
    *set = named & pmu_all();
    return *set != 0;
}

static unsigned first_of(u64 set)
{
    unsigned number = 0;

    while (!(set >> number & 1))
        number++;
    return number;
}

static struct sbi_result get_info(u64 number)
{
    if (number >= PMU_COUNTERS || !(pmu_all() >> number & 1))
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    if (number >= PMU_FIRMWARE_FIRST)
        return sbi_return(INFO_FIRMWARE | INFO_WIDTH_64);
    return sbi_return(INFO_WIDTH_64 | (CSR_CYCLE + number));
}

/* A counter with an event register goes before a fixed one, because it can
 * look at privilege and interrupt. */
static u64 choose(u64 set, u64 flags)
{
    if (flags & CONFIG_SKIP_MATCH)
        return set & -set;
    set &= ~pmu_started();
    return set & ~FIXED ? set & ~FIXED : set;
}

static struct sbi_result config_matching(const u64 *arg)
{
    u64 flags = arg[2], set, chosen;
    const struct pmu_event event = {
        .type = arg[3] >> 16 & 0xf, .code = arg[3] & 0xffff, .data = arg[4]};
    unsigned number;

    if (!resolve(arg[0], arg[1], &set) || flags & ~(u64)CONFIG_FLAGS)
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    chosen = pmu_able(&event);
    chosen = flags & CONFIG_SKIP_MATCH ? choose(set, flags) & chosen
                                       : choose(set & chosen, flags);
    if (!chosen || arg[3] >> 20)
        return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    number = first_of(chosen);
    pmu_configure(number, &event,
                  (flags & CONFIG_SET_UINH ? PMU_UINH : 0) |
                      (flags & CONFIG_SET_SINH ? PMU_SINH : 0));
    if (flags & CONFIG_CLEAR_VALUE)
        pmu_set(number, 0);
    if (flags & CONFIG_AUTO_START)
        pmu_start(number);
    return sbi_return(number);
}

static struct sbi_result start(u64 base, u64 mask, u64 flags, u64 value)
{
    u64 set;

    if (!resolve(base, mask, &set) ||
        flags & ~(u64)(START_SET_VALUE | START_SNAPSHOT))
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    for (unsigned n = 0; n < PMU_COUNTERS; n++)
        if ((set >> n & 1) && !pmu_is_configured(n))
            return sbi_fail(SBI_ERR_INVALID_PARAM);
    if (set & pmu_started())
        return sbi_fail(SBI_ERR_ALREADY_STARTED);
    if (flags & START_SNAPSHOT)
        return sbi_fail(SBI_ERR_NO_SHMEM);
    for (unsigned n = 0; n < PMU_COUNTERS; n++) {
        if (!(set >> n & 1))
            continue;
        if (flags & START_SET_VALUE)
            pmu_set(n, value);
        pmu_start(n);
    }
    return sbi_return(0);
}

/* A counter that is stopped already makes the call end in an error, but does
 * not keep the others of the set from being stopped; and STOP_RESET takes its
 * event from it as well. */
static struct sbi_result stop(u64 base, u64 mask, u64 flags)
{
    u64 set, started = pmu_started();

    if (!resolve(base, mask, &set) ||
        flags & ~(u64)(STOP_RESET | STOP_SNAPSHOT))
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    if (flags & STOP_SNAPSHOT)
        return sbi_fail(SBI_ERR_NO_SHMEM);
    for (unsigned n = 0; n < PMU_COUNTERS; n++) {
        if (set & started & 1ull << n)
            pmu_stop(n);
        if ((set >> n & 1) && flags & STOP_RESET && pmu_is_configured(n))
            pmu_release(n);
    }
    return set & ~started ? sbi_fail(SBI_ERR_ALREADY_STOPPED) : sbi_return(0);
}

static struct sbi_result firmware_read(u64 number, bool high)
{
    if (number < PMU_FIRMWARE_FIRST || number >= PMU_COUNTERS)
        return sbi_fail(SBI_ERR_INVALID_PARAM);
    return sbi_return(high ? 0 : pmu_firmware_value(number));
}

struct sbi_result sbi_pmu(const struct sbi_call *call)
{
    const u64 *arg = call->arg;

    switch (call->function) {
    case NUM_COUNTERS: return sbi_return(PMU_COUNTERS);
    case COUNTER_GET_INFO: return get_info(arg[0]);
    case COUNTER_CONFIG_MATCHING: return config_matching(arg);
    case COUNTER_START: return start(arg[0], arg[1], arg[2], arg[3]);
    case COUNTER_STOP: return stop(arg[0], arg[1], arg[2]);
    case COUNTER_FW_READ: return firmware_read(arg[0], false);
    case COUNTER_FW_READ_HI: return firmware_read(arg[0], true);
    default: return sbi_fail(SBI_ERR_NOT_SUPPORTED);
    }
}
