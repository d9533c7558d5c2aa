/*
 * Performance counters, the hardware's and the firmware's own (pmu.c), as the
 * SBI's PMU extension numbers them: 0 cycle, 2 instret, 3 and up the event
 * counters by their CSR numbers, and from PMU_FIRMWARE_FIRST on those that
 * count what the firmware does. Each hart has its own set.
 */
#ifndef PMU_H
#define PMU_H

#include "base/types.h"

#define PMU_FIRMWARE_FIRST 32
#define PMU_FIRMWARE_COUNTERS 16
#define PMU_COUNTERS (PMU_FIRMWARE_FIRST + PMU_FIRMWARE_COUNTERS)

/* Firmware events, by their SBI codes. The hypervisor's are not here. */
enum pmu_firmware_event {
    PMU_MISALIGNED_LOAD,
    PMU_MISALIGNED_STORE,
    PMU_ACCESS_LOAD,
    PMU_ACCESS_STORE,
    PMU_ILLEGAL_INSN,
    PMU_SET_TIMER,
    PMU_IPI_SENT,
    PMU_IPI_RECEIVED,
    PMU_FENCE_SENT, /* + 2 for each enum fence_kind */
    PMU_FENCE_RECEIVED,
    PMU_FIRMWARE_EVENTS = PMU_FENCE_SENT + 2 * 3
};

/* What a counter is asked to count. */
struct pmu_event {
    u32 type, code; /* event_idx, taken apart */
    u64 data;
};

enum pmu_event_type {
    PMU_HARDWARE = 0,
    PMU_CACHE = 1,
    PMU_RAW = 2,
    PMU_FIRMWARE = 15,
};

#define PMU_UINH (1ull << 60) /* bits of mhpmevent (Sscofpmf) */
#define PMU_SINH (1ull << 61)
#define PMU_MINH (1ull << 62)

/* Bits by number: the counters there are, and those that run as the
 * supervisor has asked. */
u64 pmu_all(void);
u64 pmu_started(void);

/* Bits by number: the counters that can count the event. */
u64 pmu_able(const struct pmu_event *event);

/* Gives a counter that is able to an event, with PMU_*INH; it stands still. */
void pmu_configure(unsigned number, const struct pmu_event *event, u64 inhibit);
bool pmu_is_configured(unsigned number);

void pmu_set(unsigned number, u64 value);
void pmu_start(unsigned number);
void pmu_stop(unsigned number);

/* Takes the event away. */
void pmu_release(unsigned number);

u64 pmu_firmware_value(unsigned number);

/* Something that the firmware counts has happened on this hart. */
void pmu_count(unsigned event);
/* Counts a trap that goes on to the supervisor, if it is one that the firmware
 * counts. */
void pmu_count_trap(u64 cause);

/* Finds out what this hart has; its counters are as after reset. */
void pmu_init(void);

#endif
