/* The counters of a hart; see counters.h. */
#include "hart/system/counters.h"

#include "base/bits.h"
#include "hart/system/interrupts.h"

#define EVENT_OF (1ull << 63)
#define EVENT_INHIBITS (7ull << 60)
#define EVENT_SELECTOR ((1ull << 56) - 1)
#define NEVER UINT64_MAX

/* Selectors by kind; of the SBI's events, the SBI's numbers, as on QEMU. */
static const u64 selector[COUNTED_KINDS] = {
    [COUNTED_CYCLES] = 0x1,           [COUNTED_INSTRUCTIONS] = 0x2,
    [COUNTED_LOAD_MISSES] = 0x10019,  [COUNTED_STORE_MISSES] = 0x1001b,
    [COUNTED_FETCH_MISSES] = 0x10021, [COUNTED_WALKS] = COUNTED_RAW_FIRST,
    [COUNTED_PTE_LOADS] = 0x101,      [COUNTED_FETCH_FAULTS] = 0x102,
    [COUNTED_LOAD_FAULTS] = 0x103,    [COUNTED_STORE_FAULTS] = 0x104,
    [COUNTED_FLUSHES] = 0x105,        [COUNTED_FLUSHED] = 0x106,
    [COUNTED_EVICTIONS] = 0x107,      [COUNTED_AD_UPDATES] = 0x108,
    [COUNTED_TRAPS] = 0x109,          [COUNTED_INTERRUPTS] = 0x10a,
};

u64 counters_selector(enum counted kind)
{
    return selector[kind];
}

u32 counters_real(const struct hart *h)
{
    return 1u << COUNTER_CY | 1u << COUNTER_IR |
           (h->w.isa & EXT_SET(ZIHPM) ? COUNTERS_HPM : 0);
}

static bool overflows(const struct hart *h)
{
    return h->w.isa & EXT_SET(SSCOFPMF);
}

/* The running count, less what is being executed. */
static u64 running(const struct hart *h, unsigned kind)
{
    switch (kind) {
    case COUNTED_CYCLES: return hart_steps(h);
    case COUNTED_INSTRUCTIONS: return hart_retired(h);
    default: return h->s.counters.total[kind];
    }
}

static bool is_steps(unsigned kind)
{
    return kind == COUNTED_CYCLES || kind == COUNTED_INSTRUCTIONS;
}

/* The running count as the next instruction will find it. */
static u64 running_next(const struct hart *h, unsigned kind)
{
    return running(h, kind) + (is_steps(kind) && h->c.in);
}

u64 counters_read(const struct hart *h, unsigned number)
{
    const struct counters *c = &h->s.counters;

    if (number == COUNTER_TM)
        return h->w.read_time(h->w.time_source);
    return bit(c->active, number)
               ? c->word[number] + running(h, c->counts[number])
               : c->word[number];
}

void counters_hold_back(struct hart *h)
{
    slice_hold(&h->s.slice, h->s.counters.due_step);
}

/* Where the armed counters overflow next. Instructions never outrun steps: a
 * counter of instructions overflows at no step before the one assumed. */
static void arm(struct hart *h)
{
    struct counters *c = &h->s.counters;

    for (unsigned kind = 0; kind < COUNTED_KINDS; kind++)
        c->due[kind] = NEVER;
    c->due_step = NEVER;
    for (u32 left = c->armed; left; left &= left - 1) {
        unsigned number = (unsigned)__builtin_ctz(left);
        unsigned kind = c->counts[number];
        u64 wraps = c->wraps[number];

        if (c->due[kind] > wraps)
            c->due[kind] = wraps;
        wraps += hart_steps(h) - running(h, kind);
        if (is_steps(kind) && c->due_step > wraps)
            c->due_step = wraps;
    }
    counters_hold_back(h);
}

/* A counter whose overflow is an interrupt has wrapped. */
static void overflow(struct hart *h, unsigned number)
{
    h->s.counters.armed &= ~(1u << number);
    h->s.counters.event[number] |= EVENT_OF;
    interrupts_overflow(h);
}

static u64 mode_inhibit(unsigned priv)
{
    static const u64 bits[] = {
        [PRIV_U] = 1ull << 60, [PRIV_S] = 1ull << 61, [PRIV_M] = 1ull << 62};

    return bits[priv];
}

static bool should_count(const struct hart *h, unsigned number)
{
    const struct counters *c = &h->s.counters;

    return c->counts[number] != COUNTED_NOTHING && !bit(c->inhibited, number) &&
           !(c->event[number] & mode_inhibit(h->s.priv));
}

/* Stops a counter, with the value that the next instruction will find. What
 * stops it may itself be what makes it wrap. */
static void stop(struct hart *h, unsigned number)
{
    struct counters *c = &h->s.counters;
    u64 now = running_next(h, c->counts[number]);

    if (!bit(c->active, number))
        return;
    if (bit(c->armed, number) && now >= c->wraps[number])
        overflow(h, number);
    c->word[number] += now;
    c->active &= ~(1u << number);
    c->armed &= ~(1u << number);
}

/* Lets a counter go on from its value, if it should count. */
static void start(struct hart *h, unsigned number)
{
    struct counters *c = &h->s.counters;
    u64 now = running_next(h, c->counts[number]);
    u64 room = -c->word[number]; /* 0: all of 2^64 */

    if (!should_count(h, number))
        return;
    c->word[number] -= now;
    c->active |= 1u << number;
    c->wraps[number] = now + room;
    if (overflows(h) && bit(COUNTERS_HPM, number) && room &&
        now + room >= now && !(c->event[number] & EVENT_OF))
        c->armed |= 1u << number;
}

void counters_write(struct hart *h, unsigned number, u64 value)
{
    if (!bit(counters_real(h), number))
        return;
    stop(h, number);
    h->s.counters.word[number] = value;
    start(h, number);
    arm(h);
}

u64 counters_read_event(const struct hart *h, unsigned number)
{
    return h->s.counters.event[number];
}

static unsigned kind_of(u64 wanted)
{
    unsigned kind = COUNTED_KINDS - 1;

    while (kind > COUNTED_NOTHING && selector[kind] != wanted)
        kind--;
    return kind;
}

void counters_write_event(struct hart *h, unsigned number, u64 value)
{
    struct counters *c = &h->s.counters;
    u32 mask = 1u << number;
    unsigned kind = kind_of(value & EVENT_SELECTOR);
    u64 controls = overflows(h) ? value & (EVENT_OF | EVENT_INHIBITS) : 0;

    if (!bit(counters_real(h), number))
        return;
    stop(h, number);
    c->counts[number] = (u8)kind;
    c->event[number] = selector[kind] | controls;
    c->filtered &= ~mask;
    c->filtered |= controls & EVENT_INHIBITS ? mask : 0;
    start(h, number);
    arm(h);
}

u64 counters_inhibited(const struct hart *h)
{
    return h->s.counters.inhibited;
}

void counters_inhibit(struct hart *h, u64 value)
{
    struct counters *c = &h->s.counters;
    u32 changed = (c->inhibited ^ (u32)value) & counters_real(h);

    for (u32 left = changed; left; left &= left - 1) {
        unsigned number = (unsigned)__builtin_ctz(left);

        stop(h, number);
        c->inhibited ^= 1u << number;
        start(h, number);
    }
    arm(h);
}

void counters_change_mode(struct hart *h)
{
    for (u32 left = h->s.counters.filtered; left; left &= left - 1) {
        unsigned number = (unsigned)__builtin_ctz(left);

        if (should_count(h, number) == bit(h->s.counters.active, number))
            continue;
        stop(h, number);
        start(h, number);
    }
    arm(h);
}

u64 counters_overflowed(const struct hart *h)
{
    u64 seen = h->s.priv == PRIV_M ? COUNTERS_HPM : h->s.csr.mcounteren;
    u64 overflowed = 0;

    for (unsigned number = COUNTER_IR + 1; number < COUNTERS; number++)
        if (h->s.counters.event[number] & EVENT_OF)
            overflowed |= 1ull << number;
    return overflowed & seen;
}

bool counters_are_open(const struct hart *h, unsigned number)
{
    if (h->s.priv < PRIV_M && !bit(h->s.csr.mcounteren, number))
        return false;
    return h->s.priv > PRIV_U || bit(h->s.csr.scounteren, number);
}

void counters_settle(struct hart *h)
{
    struct counters *c = &h->s.counters;

    if (!c->armed)
        return;
    for (u32 left = c->armed; left; left &= left - 1) {
        unsigned number = (unsigned)__builtin_ctz(left);

        if (running(h, c->counts[number]) >= c->wraps[number])
            overflow(h, number);
    }
    arm(h);
}

void counters_reset(struct hart *h)
{
    struct counters *c = &h->s.counters;

    *c = (struct counters){0};
    c->counts[COUNTER_CY] = COUNTED_CYCLES;
    c->counts[COUNTER_IR] = COUNTED_INSTRUCTIONS;
    start(h, COUNTER_CY);
    start(h, COUNTER_IR);
    arm(h);
}
