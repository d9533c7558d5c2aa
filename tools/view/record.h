/*
 * What the survey records of events while its machine runs: when time was
 * skipped, and what chains of moments are made of.
 */
#ifndef VIEW_RECORD_H
#define VIEW_RECORD_H

#include <rvemu/rvemu.h>

/* An event that a chain may hold: a fault, a fence, a return to a program. */
struct record_entry {
    uint64_t step; /* steps made before the one it happened in */
    uint64_t pc, va, root;
    uint64_t entries; /* a fence's */
    uint16_t kind;    /* enum rvemu_event_kind */
    uint8_t hart;
    uint8_t scope; /* a fence's */
};

/* Time was skipped: from `time` on, so many ns of machine time in all. */
struct record_idle {
    uint64_t time, skipped;
};

/* What a mark says lies at some addresses of a process (uapi/mark.h). */
struct record_area {
    uint64_t pid, first, end; /* end is not included */
    unsigned kind;            /* MARK_AREA_… */
};

struct record {
    bool by_time; /* steps are times: idle time counts */
    unsigned step_shift;
    uint64_t root[RVEMU_HARTS_MAX]; /* of each hart's satp, as of now */
    uint64_t satp[RVEMU_HARTS_MAX];
    struct record_entry *entry;
    size_t entries, room;
    struct record_idle *idle;
    size_t idles, idle_room;
    struct record_area *area;
    size_t areas, area_room;
    bool failed; /* memory was lacking */
};

#define RECORD_KINDS                                                         \
    (RVEMU_EVENT_BIT(page_fault) | RVEMU_EVENT_BIT(tlb_flush) |              \
     RVEMU_EVENT_BIT(xret) | RVEMU_EVENT_BIT(satp) | RVEMU_EVENT_BIT(idle) | \
     RVEMU_EVENT_BIT(mark))

/* Takes the next event. */
void record_event(struct record *record, const struct rvemu_event *event);

/* How many steps were made before the one that happened at a machine time. */
uint64_t record_step(const struct record *record, uint64_t time);

/* The first entry from `at` on, in the direction of `by` (1 or -1), that is of
 * this kind and hart and within `until` entries; SIZE_MAX: none. */
size_t record_find(const struct record *record, size_t at, int by,
                   unsigned kind, unsigned hart);

/* The first entry at or behind a step. */
size_t record_at(const struct record *record, uint64_t step);

void record_free(struct record *record);

/* Makes room for one element more of an array; NULL: memory is lacking, and the
 * array is as it was. */
void *record_grow(void *array, size_t count, size_t *room, size_t size);

#endif
