/*
 * Page tables, rebuilt; see rebuilt.h.
 *
 * What a store to an entry links is told before what it unlinks is forgotten:
 * a table that both lead to is not told of anew. So the old link is kept until
 * the first event that is no part of that telling. A root that a link makes a
 * table like others is lost first, and then told of.
 */
#include "trace/rebuilt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES 512
#define LEVELS 5
#define PTE_V 1u
#define PTE_RWX 0xeu
#define PTE_PPN(pte) ((pte) >> 10 & ((UINT64_C(1) << 44) - 1))
#define SATP_MODE(satp) ((unsigned)((satp) >> 60))

struct table {
    uint64_t frame;
    unsigned level;
    bool is_root;
    unsigned links, room;
    uint64_t *link; /* physical addresses of the entries that lead here */
    uint64_t pte[ENTRIES];
    bool told[ENTRIES]; /* else it is not valid, and no more is known of it */
};

static bool points(uint64_t pte)
{
    return (pte & PTE_V) && !(pte & PTE_RWX);
}

static struct table *find(const struct rebuilt *ts, uint64_t frame)
{
    return dict_get(&ts->by_frame, frame);
}

static struct table *add(struct rebuilt *ts, uint64_t frame, unsigned level)
{
    struct table *t = calloc(1, sizeof(*t));

    if (!t || !dict_put(&ts->by_frame, frame, t)) {
        free(t);
        ts->failed = true;
        return NULL;
    }
    t->frame = frame;
    t->level = level;
    return t;
}

static void add_link(struct rebuilt *ts, struct table *t, uint64_t by)
{
    if (t->links == t->room) {
        unsigned room = t->room ? 2 * t->room : 2;
        uint64_t *link = realloc(t->link, room * sizeof(*link));

        if (!link) {
            ts->failed = true;
            return;
        }
        t->link = link;
        t->room = room;
    }
    t->link[t->links++] = by;
}

static void unlink_table(struct rebuilt *ts, uint64_t frame, uint64_t by);

static void forget(struct rebuilt *ts, struct table *t)
{
    dict_put(&ts->by_frame, t->frame, NULL);
    for (unsigned i = 0; i < ENTRIES; i++)
        if (t->level && points(t->pte[i]))
            unlink_table(ts, PTE_PPN(t->pte[i]), (t->frame << 12) + 8 * i);
    free(t->link);
    free(t);
}

static void unlink_table(struct rebuilt *ts, uint64_t frame, uint64_t by)
{
    struct table *t = find(ts, frame);

    if (!t)
        return;
    for (unsigned i = 0; i < t->links; i++) {
        if (t->link[i] == by) {
            memmove(&t->link[i], &t->link[i + 1],
                    (t->links - i - 1) * sizeof(*t->link));
            t->links--;
            break;
        }
    }
    if (!t->links && !t->is_root)
        forget(ts, t);
}

static void link_table(struct rebuilt *ts, uint64_t frame, unsigned level,
                       uint64_t by)
{
    struct table *t = find(ts, frame);

    ts->relinked = 0;
    if (t && t->is_root) {
        ts->relinked = frame;
        ts->relinked_by = by;
        ts->relinked_level = level;
        return;
    }
    if (!t)
        t = add(ts, frame, level);
    if (t && t->level == level)
        add_link(ts, t, by);
}

static void set_root(struct rebuilt *ts, uint64_t frame, unsigned level)
{
    struct table *t = find(ts, frame);

    if (t && t->is_root)
        return;
    if (t)
        forget(ts, t);
    t = add(ts, frame, level);
    if (t)
        t->is_root = true;
}

/* Ends the telling of what a store has linked. */
static void settle(struct rebuilt *ts)
{
    uint64_t frame = ts->unlinked;

    ts->unlinked = ts->relinked = 0;
    if (frame)
        unlink_table(ts, frame, ts->unlinked_by);
}

static void set_entry(struct rebuilt *ts, struct table *t, uint64_t pte_pa,
                      uint64_t pte)
{
    unsigned index = (unsigned)(pte_pa >> 3) % ENTRIES;

    t->pte[index] = pte;
    t->told[index] = true;
    if (t->level && points(pte))
        link_table(ts, PTE_PPN(pte), t->level - 1, pte_pa);
}

/* Whether the entry may be `pte` by what was told of it. */
static bool may_be(const struct rebuilt *ts, uint64_t pte_pa, uint64_t pte,
                   uint64_t *told)
{
    const struct table *t = find(ts, pte_pa >> 12);
    unsigned index = (unsigned)(pte_pa >> 3) % ENTRIES;

    *told = 0;
    if (!t)
        return true;
    *told = t->pte[index];
    return t->told[index] ? t->pte[index] == pte : !(pte & PTE_V);
}

static bool contradict(char *why, const char *what, uint64_t pte_pa,
                       uint64_t told, uint64_t said)
{
    char was[64], is[64];

    rvemu_pte_text(was, sizeof(was), told);
    rvemu_pte_text(is, sizeof(is), said);
    snprintf(why, REBUILT_TEXT,
             "%s of the entry at 0x%" PRIx64
             " is %s, but the events before say "
             "%s",
             what, pte_pa, is, was);
    return false;
}

static bool take_found(struct rebuilt *ts, const struct rvemu_ev_pte_found *e,
                       char *why)
{
    struct table *t = find(ts, e->pte_pa >> 12);

    ts->found++;
    if (!t && e->level < LEVELS && e->pte_pa >> 12 == e->root) {
        set_root(ts, e->root, (unsigned)e->level);
        t = find(ts, e->root);
    }
    if (!t || t->level != e->level) {
        snprintf(why, REBUILT_TEXT,
                 "nothing before leads to a table of level %" PRIu64
                 " at 0x%" PRIx64,
                 e->level, e->pte_pa & ~UINT64_C(0xfff));
        return ts->failed;
    }
    set_entry(ts, t, e->pte_pa, e->pte);
    return true;
}

static bool take_write(struct rebuilt *ts, const struct rvemu_ev_pte_write *e,
                       char *why)
{
    struct table *t = find(ts, e->pte_pa >> 12);
    uint64_t told;

    ts->writes++;
    if (!t || t->level != e->level) {
        snprintf(why, REBUILT_TEXT,
                 "nothing before leads to a table of level %" PRIu64
                 " at 0x%" PRIx64,
                 e->level, e->pte_pa & ~UINT64_C(0xfff));
        return ts->failed;
    }
    if (!may_be(ts, e->pte_pa, e->old, &told))
        return contradict(why, "old", e->pte_pa, told, e->old);
    if (t->level && points(e->old)) {
        ts->unlinked = PTE_PPN(e->old);
        ts->unlinked_by = e->pte_pa;
    }
    set_entry(ts, t, e->pte_pa, e->new);
    return true;
}

static void take_lost(struct rebuilt *ts, uint64_t frame)
{
    struct table *t = find(ts, frame);

    if (t && t->is_root)
        forget(ts, t);
    if (ts->relinked != frame)
        return;
    ts->relinked = 0;
    t = add(ts, frame, ts->relinked_level);
    if (t)
        add_link(ts, t, ts->relinked_by);
}

static bool has_satp(struct rebuilt *ts, unsigned hart, uint64_t satp,
                     char *why)
{
    if (ts->has_satp[hart] && ts->satp[hart] != satp) {
        snprintf(why, REBUILT_TEXT,
                 "satp of hart %u is 0x%" PRIx64
                 ", but the events before say 0x%" PRIx64,
                 hart, satp, ts->satp[hart]);
        return false;
    }
    ts->has_satp[hart] = true;
    ts->satp[hart] = satp;
    return true;
}

static bool take_satp(struct rebuilt *ts, const struct rvemu_event *event,
                      char *why)
{
    uint64_t new = event->satp.new, root = rvemu_satp_root(new);

    if (!has_satp(ts, event->hart, event->satp.old, why))
        return false;
    ts->satp[event->hart] = new;
    if (root)
        set_root(ts, root, SATP_MODE(new) - 6);
    return true;
}

/* Follows the tables to the entry that a walk for va ends at. 0: one that is
 * not known is on the way. */
static uint64_t walk(const struct rebuilt *ts, uint64_t satp, uint64_t va)
{
    const struct table *t = find(ts, rvemu_satp_root(satp));
    unsigned level = SATP_MODE(satp) - 6;

    for (; t && level < LEVELS; level--) {
        unsigned index = (unsigned)(va >> (12 + 9 * level)) % ENTRIES;

        if (!level || !points(t->pte[index]))
            return (t->frame << 12) + 8 * index;
        t = find(ts, PTE_PPN(t->pte[index]));
    }
    return 0;
}

/* Whether a walk for va ends where the event says. */
static bool leads(const struct rebuilt *ts, uint64_t satp, uint64_t va,
                  uint64_t pte_pa, char *why)
{
    uint64_t end = SATP_MODE(satp) < 8 ? 0 : walk(ts, satp, va);

    if (!end || !pte_pa || end == pte_pa)
        return true;
    snprintf(why, REBUILT_TEXT,
             "pte_pa is 0x%" PRIx64 ", but by the events before a walk for "
             "0x%" PRIx64 " ends at 0x%" PRIx64,
             pte_pa, va, end);
    return false;
}

static bool take_fill(struct rebuilt *ts, const struct rvemu_event *event,
                      char *why)
{
    const struct rvemu_ev_tlb_fill *e = &event->tlb_fill;
    uint64_t told;

    if (!has_satp(ts, event->hart, e->satp, why) ||
        !leads(ts, e->satp, e->va, e->pte_pa, why))
        return false;
    return may_be(ts, e->pte_pa, e->pte, &told) ||
           contradict(why, "pte", e->pte_pa, told, e->pte);
}

static bool take_fault(struct rebuilt *ts, const struct rvemu_event *event,
                       char *why)
{
    const struct rvemu_ev_page_fault *e = &event->page_fault;
    uint64_t told;

    if (!has_satp(ts, event->hart, e->satp, why))
        return false;
    if (e->from_tlb || !e->pte_pa)
        return true;
    if (!leads(ts, e->satp, e->va, e->pte_pa, why))
        return false;
    return may_be(ts, e->pte_pa, e->pte, &told) ||
           contradict(why, "pte", e->pte_pa, told, e->pte);
}

bool rebuilt_take(struct rebuilt *ts, const struct rvemu_event *event,
                  char *why)
{
    uint64_t told;

    if (event->kind != RVEMU_EVENT_pte_found &&
        event->kind != RVEMU_EVENT_root_lost)
        settle(ts);
    switch (event->kind) {
    case RVEMU_EVENT_pte_found: return take_found(ts, &event->pte_found, why);
    case RVEMU_EVENT_pte_write: return take_write(ts, &event->pte_write, why);
    case RVEMU_EVENT_root_lost:
        take_lost(ts, event->root_lost.root);
        return true;
    case RVEMU_EVENT_satp: return take_satp(ts, event, why);
    case RVEMU_EVENT_tlb_fill: return take_fill(ts, event, why);
    case RVEMU_EVENT_page_fault: return take_fault(ts, event, why);
    case RVEMU_EVENT_ad_update: /* the pte_write behind it changes the entry */
        return may_be(ts, event->ad_update.pte_pa, event->ad_update.old,
                      &told) ||
               contradict(why, "old", event->ad_update.pte_pa, told,
                          event->ad_update.old);
    default: return true;
    }
}

void rebuilt_count(const struct rebuilt *ts, uint64_t *known, uint64_t *valid)
{
    const struct table *t;
    size_t at = 0;

    *known = *valid = 0;
    while ((t = dict_next(&ts->by_frame, &at))) {
        ++*known;
        for (unsigned i = 0; i < ENTRIES; i++)
            *valid += t->pte[i] & PTE_V;
    }
}

void rebuilt_free(struct rebuilt *ts)
{
    struct table *t;
    size_t at = 0;

    while ((t = dict_next(&ts->by_frame, &at))) {
        free(t->link);
        free(t);
    }
    dict_free(&ts->by_frame);
    *ts = (struct rebuilt){0};
}
