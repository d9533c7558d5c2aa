/* Machines for tests of debuggers; see debug_rig.h. */
#include "debug_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guest_rig.h"

#define INTERRUPT (1ull << 63)

const struct rig_guest rig_guests[] = {
    {"guest/kernel/kernel.elf", "", 1, "cow\nexit\n"},
    {"guest/kernel/kernel.elf", "", 4, "cow\nexit\n"},
    {"tests/smp/atomics.elf", NULL, 4, ""},
    {"tests/smp/wake.elf", NULL, 4, ""},
    {"tests/baremetal/interrupts.elf", NULL, 4, ""},
    {"tests/baremetal/sv39.elf", NULL, 1, ""},
};
const unsigned rig_guest_count = sizeof(rig_guests) / sizeof(rig_guests[0]);

rvemu *rig_machine(const struct rig_guest *guest)
{
    const struct rvemu_config config = {.harts = guest->harts};
    struct rvemu_error error;
    rvemu *machine;

    if (rvemu_create(&config, &machine, &error) < 0)
        fail_msg("%s", error.text);
    guest_load(machine, guest->file, guest->bootargs);
    guest_type(machine, guest->typed);
    return machine;
}

u64 rig_roll(u64 *dice)
{
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    return *dice;
}

/* Events of a run, of which a few are kept: each with the same chance. */
#define KEPT 6
#define GROUPS 5

struct sample {
    u64 dice;
    u64 seen[GROUPS];
    struct rvemu_event kept[GROUPS][KEPT];
    u64 pte_satp; /* the latest MODE and root, for what is kept */
};

static void keep(struct sample *s, unsigned group,
                 const struct rvemu_event *event)
{
    u64 place = s->seen[group]++;

    if (place >= KEPT)
        place = rig_roll(&s->dice) % s->seen[group];
    if (place < KEPT)
        s->kept[group][place] = *event;
}

static void sample_event(void *arg, const struct rvemu_event *event)
{
    struct sample *s = arg;

    switch (event->kind) {
    case RVEMU_EVENT_store: keep(s, 0, event); break;
    case RVEMU_EVENT_load: keep(s, 1, event); break;
    case RVEMU_EVENT_retire: keep(s, 2, event); break;
    case RVEMU_EVENT_pte_write: keep(s, 3, event); break;
    default: keep(s, 4, event); break;
    }
}

static const rvemu_event_set caught =
    RVEMU_EVENT_BIT(trap) | RVEMU_EVENT_BIT(page_fault) |
    RVEMU_EVENT_BIT(satp) | RVEMU_EVENT_BIT(tlb_flush) |
    RVEMU_EVENT_BIT(tlb_fill) | RVEMU_EVENT_BIT(mark) | RVEMU_EVENT_BIT(xret) |
    RVEMU_EVENT_BIT(ad_update) | RVEMU_EVENT_BIT(irq) | RVEMU_EVENT_BIT(sbi) |
    RVEMU_EVENT_BIT(reservation) | RVEMU_EVENT_BIT(mmio);

static void run_with(const struct rig_guest *guest, rvemu_event_set kinds,
                     rvemu_event_fn *call, void *arg)
{
    rvemu *machine = rig_machine(guest);
    struct rvemu_stop stop;

    assert_int_equal(rvemu_subscribe(machine, kinds, call, arg), 0);
    rvemu_run(machine, RIG_STEPS, &stop);
    if (stop.reason != RVEMU_STOP_PASS)
        fail_msg("%s: reason %d, %s", guest->file, stop.reason, stop.text);
    rvemu_destroy(machine);
}

/* A point for a place that an event tells of. */
static struct rvemu_point point_for(u64 *dice, const struct rvemu_event *event)
{
    struct rvemu_point p = {.kind = RVEMU_POINT_WATCH};
    u64 roll = rig_roll(dice);

    switch (event->kind) {
    case RVEMU_EVENT_store:
    case RVEMU_EVENT_load:
        p.is_physical = roll & 1;
        p.writes = event->kind == RVEMU_EVENT_store;
        p.reads = !p.writes || (roll & 14) == 0;
        p.first = p.is_physical ? event->load.pa : event->load.va;
        p.last = p.first + (roll & 16 ? 0 : event->load.size - 1);
        break;
    case RVEMU_EVENT_retire:
        p.kind = RVEMU_POINT_BREAK;
        p.va = event->pc;
        if (roll & 1)
            p.harts = 1u << event->hart;
        break;
    case RVEMU_EVENT_pte_write:
        p.kind = RVEMU_POINT_PTE;
        p.satp = 8ull << 60 | event->pte_write.root;
        p.va = event->pte_write.va;
        break;
    default:
        p.kind = RVEMU_POINT_CATCH;
        p.event = event->kind;
        if (roll & 1)
            p.privs = (uint8_t)(1u << event->priv);
        if (event->kind == RVEMU_EVENT_trap && roll & 2) {
            p.tests = 1;
            p.test[0] = (struct rvemu_test){.of = RVEMU_TEST_WORD,
                                            .value = event->trap.cause};
        }
    }
    return p;
}

unsigned rig_points(const struct rig_guest *guest, u64 seed,
                    struct rvemu_point point[RIG_POINTS])
{
    static struct sample sample;
    unsigned count = 0;

    memset(&sample, 0, sizeof(sample));
    sample.dice = seed * 0x9e3779b97f4a7c15 + 1;
    run_with(guest,
             caught | RVEMU_EVENT_BIT(store) | RVEMU_EVENT_BIT(load) |
                 RVEMU_EVENT_BIT(retire) | RVEMU_EVENT_BIT(pte_write),
             sample_event, &sample);
    for (unsigned group = 0; group < GROUPS; group++)
        for (unsigned i = 0;
             i < KEPT && i < sample.seen[group] && count < RIG_POINTS; i++)
            point[count++] = point_for(&sample.dice, &sample.kept[group][i]);
    return count;
}

void rig_hits_add(struct rig_hits *hits, const struct rig_hit *hit)
{
    if (hits->count == hits->room) {
        hits->room = hits->room ? 2 * hits->room : 1024;
        hits->hit = realloc(hits->hit, hits->room * sizeof(*hits->hit));
        assert_non_null(hits->hit);
    }
    hits->hit[hits->count++] = *hit;
}

void rig_hits_free(struct rig_hits *hits)
{
    free(hits->hit);
    *hits = (struct rig_hits){0};
}

struct oracle {
    const struct rvemu_point *point;
    unsigned points;
    struct rig_hits *hits;
};

/* Whether an instruction at pc was tried: it retired, or an exception of its
 * own kept it from that. */
static bool was_tried(const struct rvemu_event *event)
{
    u64 cause = event->trap.cause;

    return event->kind == RVEMU_EVENT_retire ||
           (event->kind == RVEMU_EVENT_trap && !(cause & INTERRUPT) &&
            cause != 0 && cause != 1 && cause != 12);
}

static bool is_access(const struct rvemu_point *p,
                      const struct rvemu_event *event)
{
    bool writes = event->kind == RVEMU_EVENT_store;
    u64 at = p->is_physical ? event->load.pa : event->load.va;

    return ((writes && p->writes) ||
            (event->kind == RVEMU_EVENT_load && p->reads)) &&
           at <= p->last && at + event->load.size - 1 >= p->first;
}

static bool is_caught(const struct rvemu_point *p,
                      const struct rvemu_event *event)
{
    return event->kind == p->event &&
           (!p->privs ||
            (event->hart != RVEMU_NO_HART && p->privs >> event->priv & 1)) &&
           (!p->tests || event->word[p->test[0].number] == p->test[0].value);
}

/* Whether a store changes a page-table entry on the way to a point's va. */
static bool is_on_the_way(const struct rvemu_point *p,
                          const struct rvemu_event *event)
{
    const struct rvemu_ev_pte_write *pte = &event->pte_write;

    return event->kind == RVEMU_EVENT_pte_write &&
           pte->root == rvemu_satp_root(p->satp) && p->va >= pte->va &&
           p->va - pte->va < 4096ull << 9 * pte->level;
}

/* Whether a store is to all of a point's range and nothing else. */
static bool is_whole(const struct rvemu_point *p,
                     const struct rvemu_event *event)
{
    u64 at = p->is_physical ? event->store.pa : event->store.va;

    return event->kind == RVEMU_EVENT_store && at == p->first &&
           event->store.size == p->last - p->first + 1;
}

static void foretell_event(void *arg, const struct rvemu_event *event)
{
    const struct oracle *o = arg;

    for (unsigned i = 0; i < o->points; i++) {
        const struct rvemu_point *p = &o->point[i];
        struct rig_hit hit = {.point = i,
                              .hart = event->hart,
                              .pc = event->pc,
                              .time = event->time + 1};

        if (p->kind == RVEMU_POINT_BREAK) {
            if (!was_tried(event) || event->pc != p->va ||
                (p->harts && !(p->harts >> event->hart & 1)))
                continue;
            hit.time--;
        } else if (p->kind == RVEMU_POINT_WATCH) {
            if (!is_access(p, event))
                continue;
            hit.has_value = is_whole(p, event);
            hit.value = event->store.value;
        } else if (p->kind == RVEMU_POINT_PTE) {
            if (!is_on_the_way(p, event))
                continue;
        } else if (p->kind != RVEMU_POINT_CATCH || !is_caught(p, event)) {
            continue;
        }
        rig_hits_add(o->hits, &hit);
    }
}

void rig_foretell(const struct rig_guest *guest,
                  const struct rvemu_point *point, unsigned points,
                  struct rig_hits *hits)
{
    struct oracle oracle = {point, points, hits};

    run_with(guest,
             caught | RVEMU_EVENT_BIT(store) | RVEMU_EVENT_BIT(load) |
                 RVEMU_EVENT_BIT(retire) | RVEMU_EVENT_BIT(pte_write),
             foretell_event, &oracle);
}
