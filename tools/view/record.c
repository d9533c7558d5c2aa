/* Events that the survey keeps; see record.h. */
#include "view/record.h"

#include <stdlib.h>

#include "../guest/include/uapi/mark.h"

#define PRIV_U 0
#define PRIV_S 1

void *record_grow(void *array, size_t count, size_t *room, size_t size)
{
    size_t more = *room ? 2 * *room : 64;
    void *grown;

    if (count < *room)
        return array;
    grown = realloc(array, more * size);
    if (grown)
        *room = more;
    return grown;
}

static void add(struct record *r, const struct record_entry *entry)
{
    struct record_entry *grown =
        record_grow(r->entry, r->entries, &r->room, sizeof(*r->entry));

    if (!grown) {
        r->failed = true;
        return;
    }
    r->entry = grown;
    r->entry[r->entries++] = *entry;
}

static void add_idle(struct record *r, const struct rvemu_event *event)
{
    struct record_idle *grown =
        record_grow(r->idle, r->idles, &r->idle_room, sizeof(*r->idle));
    uint64_t before = r->idles ? grown[r->idles - 1].skipped : 0;

    if (!grown) {
        r->failed = true;
        return;
    }
    r->idle = grown;
    r->idle[r->idles++] = (struct record_idle){
        event->idle.until,
        before + event->idle.until - event->idle.from,
    };
}

/* Marks of programs are not believed. */
static void add_mark(struct record *r, const struct rvemu_event *event)
{
    struct record_area *grown;

    if (event->priv != PRIV_S || event->mark.id != MARK_AREA)
        return;
    grown = record_grow(r->area, r->areas, &r->area_room, sizeof(*r->area));
    if (!grown) {
        r->failed = true;
        return;
    }
    r->area = grown;
    r->area[r->areas++] =
        (struct record_area){event->mark.a0, event->mark.a1, event->mark.a2,
                             (unsigned)event->mark.a3};
}

void record_event(struct record *r, const struct rvemu_event *event)
{
    struct record_entry entry = {
        .step = record_step(r, event->time),
        .pc = event->pc,
        .kind = event->kind,
        .hart = event->hart,
    };

    if (event->kind == RVEMU_EVENT_idle) {
        if (!r->by_time)
            add_idle(r, event);
        return;
    }
    if (event->hart >= RVEMU_HARTS_MAX)
        return;
    if (event->kind == RVEMU_EVENT_mark) {
        add_mark(r, event);
        return;
    }
    if (event->kind == RVEMU_EVENT_satp) {
        r->satp[event->hart] = event->satp.new;
        r->root[event->hart] = rvemu_satp_root(event->satp.new);
        return;
    }
    entry.root = r->root[event->hart];
    if (event->kind == RVEMU_EVENT_page_fault) {
        entry.va = event->page_fault.va;
    } else if (event->kind == RVEMU_EVENT_tlb_flush) {
        entry.va = event->tlb_flush.va;
        entry.entries = event->tlb_flush.entries;
        entry.scope = (uint8_t)event->tlb_flush.scope;
    } else if (event->xret.target == PRIV_U) {
        entry.va = event->xret.to;
    } else {
        return;
    }
    add(r, &entry);
}

uint64_t record_step(const struct record *r, uint64_t time)
{
    size_t low = 0, high = r->idles;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (r->idle[middle].time <= time)
            low = middle + 1;
        else
            high = middle;
    }
    if (low)
        time -= r->idle[low - 1].skipped;
    return time >> r->step_shift;
}

size_t record_at(const struct record *r, uint64_t step)
{
    size_t low = 0, high = r->entries;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (r->entry[middle].step < step)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t record_find(const struct record *r, size_t at, int by, unsigned kind,
                   unsigned hart)
{
    for (; at < r->entries; at += (size_t)by)
        if (r->entry[at].kind == kind && r->entry[at].hart == hart)
            return at;
    return SIZE_MAX;
}

void record_free(struct record *r)
{
    free(r->entry);
    free(r->idle);
    free(r->area);
}
