/*
 * The points of a debugger, and what its machine has of them; see engine.h.
 *
 * The machine has a breakpoint at an address once, however many points are
 * there; a watch for each watchpoint and for each entry on the way of a PTE
 * point, by the point's id; and one subscription to all events that are wanted.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "debug/engine.h"
#include "isa/pte.h"
#include "machine/machine.h"

struct debug_point *debug_point_find(const struct rvemu_debugger *d, int id)
{
    for (unsigned i = 0; i < d->points; i++)
        if (d->point[i].id == id)
            return &d->point[i];
    return NULL;
}

/* Whether another point that the machine has, or the order, is at va. */
static bool is_broken_at(const struct rvemu_debugger *d, u64 va)
{
    for (unsigned i = 0; i < d->points; i++)
        if (d->point[i].is_set && d->point[i].of.kind == RVEMU_POINT_BREAK &&
            d->point[i].of.va == va)
            return true;
    return d->order.has_break && d->order.back == va;
}

bool debug_break(struct rvemu_debugger *d, u64 va, bool on)
{
    return is_broken_at(d, va) || rvemu_breakpoint(d->machine, va, on) == 0;
}

/* Watches the entries on the way to a point's va, as they are now. */
static bool watch_entries(struct rvemu_debugger *d, struct debug_point *p)
{
    struct rvemu_walk walk;

    rvemu_walk(d->machine, p->of.satp, p->of.va, &walk);
    p->entry_count = 0;
    for (unsigned i = 0; i < walk.count; i++) {
        const struct watch watch = {.id = p->id,
                                    .is_physical = true,
                                    .writes = true,
                                    .first = walk.entry[i].pa,
                                    .last = walk.entry[i].pa + 7};

        if (walk.is_outside && i + 1 == walk.count)
            break;
        if (!machine_watch(d->machine, &watch))
            return false;
        p->entries[p->entry_count] = walk.entry[i].pa;
        p->levels[p->entry_count++] = walk.entry[i].level;
    }
    return true;
}

static bool set(struct rvemu_debugger *d, struct debug_point *p)
{
    const struct watch watch = {.id = p->id,
                                .is_physical = p->of.is_physical,
                                .reads = p->of.reads,
                                .writes = p->of.writes,
                                .first = p->of.first,
                                .last = p->of.last};
    bool done = true;

    if (p->is_set || p->of.is_off)
        return true;
    switch (p->of.kind) {
    case RVEMU_POINT_BREAK: done = debug_break(d, p->of.va, true); break;
    case RVEMU_POINT_WATCH: done = machine_watch(d->machine, &watch); break;
    case RVEMU_POINT_PTE: done = watch_entries(d, p); break;
    case RVEMU_POINT_CATCH: break;
    }
    p->is_set = done;
    if (!done)
        machine_unwatch(d->machine, p->id);
    return done;
}

static void unset(struct rvemu_debugger *d, struct debug_point *p)
{
    if (!p->is_set)
        return;
    p->is_set = false;
    if (p->of.kind == RVEMU_POINT_BREAK)
        debug_break(d, p->of.va, false);
    else
        machine_unwatch(d->machine, p->id);
}

bool debug_points_set(struct rvemu_debugger *d)
{
    bool done = true;

    for (unsigned i = 0; i < d->points; i++)
        if (!set(d, &d->point[i])) {
            d->point[i].of.is_off = true;
            done = false;
        }
    return debug_points_listen(d) && done;
}

void debug_points_unset(struct rvemu_debugger *d)
{
    for (unsigned i = 0; i < d->points; i++)
        unset(d, &d->point[i]);
    if (d->subscription)
        rvemu_subscription_end(d->machine, d->subscription);
    machine_halt_events(d->machine, 0);
    d->subscription = 0;
    d->kinds = 0;
}

/* Whether the entries on the way are those that are watched. */
static bool is_followed(struct rvemu_debugger *d, const struct debug_point *p)
{
    struct rvemu_walk walk;

    rvemu_walk(d->machine, p->of.satp, p->of.va, &walk);
    if (walk.is_outside)
        walk.count--;
    if (walk.count != p->entry_count)
        return false;
    for (unsigned i = 0; i < walk.count; i++)
        if (walk.entry[i].pa != p->entries[i])
            return false;
    return true;
}

void debug_points_follow(struct rvemu_debugger *d)
{
    for (unsigned i = 0; i < d->points; i++) {
        struct debug_point *p = &d->point[i];

        if (p->of.kind != RVEMU_POINT_PTE || !p->is_set || is_followed(d, p))
            continue;
        machine_unwatch(d->machine, p->id);
        if (!watch_entries(d, p)) {
            unset(d, p);
            p->of.is_off = true;
        }
    }
}

static void keep_event(void *arg, const struct rvemu_event *event)
{
    struct rvemu_debugger *d = arg;

    if (d->is_deaf)
        return;
    if (d->events == d->event_room) {
        unsigned room = d->event_room ? 2 * d->event_room : 64;
        struct rvemu_event *grown = realloc(d->event, room * sizeof(*d->event));

        if (!grown)
            return;
        d->event = grown;
        d->event_room = room;
    }
    d->event[d->events++] = *event;
}

/* The new subscription begins before the old one ends, so that tables that are
 * watched for both stay known. */
bool debug_points_listen(struct rvemu_debugger *d)
{
    struct rvemu_subscription of = {.kinds = d->order.kinds | d->heard,
                                    .as = RVEMU_OBSERVER,
                                    .call = keep_event,
                                    .arg = d};
    int old = d->subscription, id = 0;

    for (unsigned i = 0; i < d->points; i++)
        if (d->point[i].is_set && d->point[i].of.kind == RVEMU_POINT_CATCH)
            of.kinds |= RVEMU_EVENT_SET(d->point[i].of.event);
    if (of.kinds == d->kinds)
        return true;
    if (of.kinds)
        id = rvemu_subscription_begin(d->machine, &of);
    if (id < 0)
        return false;
    if (old)
        rvemu_subscription_end(d->machine, old);
    d->subscription = id;
    d->kinds = of.kinds;
    d->events = 0;
    machine_halt_events(d->machine, d->kinds);
    return true;
}

static int refuse(struct rvemu_error *error, const char *why)
{
    return error_set(error, "%s", why);
}

static int check_tests(const struct rvemu_point *p, struct rvemu_error *error)
{
    bool has_access =
        p->kind == RVEMU_POINT_WATCH || p->kind == RVEMU_POINT_PTE;

    if (p->tests > RVEMU_POINT_TESTS)
        return refuse(error, "a point has too many conditions");
    for (unsigned i = 0; i < p->tests; i++) {
        const struct rvemu_test *test = &p->test[i];
        const struct rvemu_event_info *info = rvemu_event_info(p->event);

        if (test->of == RVEMU_TEST_X && test->number > 31)
            return refuse(error, "there is no such register");
        if (test->of == RVEMU_TEST_WORD &&
            (p->kind != RVEMU_POINT_CATCH || !info ||
             test->number >= info->fields))
            return refuse(error, "the event has no such field");
        if ((test->of == RVEMU_TEST_VALUE || test->of == RVEMU_TEST_OLD) &&
            !has_access)
            return refuse(error, "only accesses have a value");
    }
    return 0;
}

static int check(const struct rvemu_point *p, struct rvemu_error *error)
{
    switch (p->kind) {
    case RVEMU_POINT_BREAK:
        if (p->va % 2)
            return refuse(error, "no instruction begins at an odd address");
        break;
    case RVEMU_POINT_WATCH:
        if (p->first > p->last)
            return refuse(error, "the watched range ends before it begins");
        if (!p->reads && !p->writes)
            return refuse(error, "a watchpoint is of reads or of writes");
        break;
    case RVEMU_POINT_CATCH:
        if (!rvemu_event_info(p->event))
            return refuse(error, "there is no such event");
        break;
    case RVEMU_POINT_PTE:
        if (satp_mode(p->satp) == SATP_MODE_BARE)
            return refuse(error, "no page tables: satp is Bare");
        break;
    default: return refuse(error, "there is no such kind of point");
    }
    return check_tests(p, error);
}

/* Room for one more point. */
static bool make_room(struct rvemu_debugger *d)
{
    unsigned room = d->point_room ? 2 * d->point_room : 16;
    struct debug_point *grown;

    if (d->points < d->point_room)
        return true;
    grown = realloc(d->point, room * sizeof(*grown));
    if (!grown)
        return false;
    d->point = grown;
    d->point_room = room;
    return true;
}

int rvemu_point_add(struct rvemu_debugger *d, const struct rvemu_point *point,
                    struct rvemu_error *error)
{
    struct debug_point *p;

    if (check(point, error) < 0)
        return -1;
    if (d->points == RVEMU_POINTS_MAX)
        return error_set(error, "there are %d points already",
                         RVEMU_POINTS_MAX);
    if (!make_room(d))
        return refuse(error, "out of host memory");
    p = &d->point[d->points++];
    *p = (struct debug_point){.of = *point, .id = ++d->last_id};
    if (set(d, p) && debug_points_listen(d))
        return p->id;
    unset(d, p);
    d->points--;
    return refuse(error, "out of host memory, or too many subscribers");
}

int rvemu_point_remove(struct rvemu_debugger *d, int id)
{
    struct debug_point *p = debug_point_find(d, id);

    if (!p)
        return -1;
    unset(d, p);
    d->points--;
    memmove(p, p + 1, (size_t)(d->point + d->points - p) * sizeof(*p));
    debug_points_listen(d);
    return 0;
}

int rvemu_point_switch(struct rvemu_debugger *d, int id, bool on)
{
    struct debug_point *p = debug_point_find(d, id);

    if (!p)
        return -1;
    p->of.is_off = !on;
    if (!on)
        unset(d, p);
    if (!set(d, p) || !debug_points_listen(d)) {
        unset(d, p);
        p->of.is_off = true;
        return -1;
    }
    return 0;
}

const struct rvemu_point *rvemu_point_find(const struct rvemu_debugger *d,
                                           int id, uint64_t *hits)
{
    const struct debug_point *p = debug_point_find(d, id);

    if (!p)
        return NULL;
    *hits = p->hits;
    return &p->of;
}

int rvemu_point_next(const struct rvemu_debugger *d, int id)
{
    for (unsigned i = 0; i < d->points; i++)
        if (d->point[i].id > id)
            return d->point[i].id;
    return 0;
}
