/* The machine the firmware runs on, as its device tree describes it. */
#ifndef PLATFORM_H
#define PLATFORM_H

#include "base/types.h"

#define MEMORIES_MAX 4

struct memory_range {
    u64 base, size;
};

#define EVENTS_MAX 32
#define RAWS_MAX 8

/* Which counters can count the events first to last; bits by number. */
struct platform_event {
    u32 first, last, counters;
};

/* The value of mhpmevent for an event, where it is not the event's number. */
struct platform_select {
    u32 event;
    u64 value;
};

/* Which counters can count the raw events whose bits under mask are select. */
struct platform_raw_event {
    u64 select, mask;
    u32 counters;
};

struct platform_pmu {
    struct platform_event event[EVENTS_MAX];
    struct platform_select select[EVENTS_MAX];
    struct platform_raw_event raw[RAWS_MAX];
    unsigned events, selects, raws;
};

struct platform {
    u64 uart;     /* 16550; 0 if there is none */
    u64 finisher; /* SiFive test finisher; 0 if there is none */
    struct memory_range clint;
    struct memory_range memory[MEMORIES_MAX];
    unsigned memories;
    u64 harts; /* bit i: hart i exists */
    struct platform_pmu pmu;
};

/* Written once by the boot hart, before any other hart looks. */
extern struct platform platform;

/* False if the tree does not describe a machine that can be run on. */
bool platform_read(const void *fdt);

/* Whether the supervisor may name [pa, pa + size) in a call: all of it is
 * memory and none of it the firmware's. */
bool platform_is_supervisors(u64 pa, u64 size);

unsigned platform_hart_count(void);

#endif
