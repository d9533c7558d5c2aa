/*
 * Unit test of debuggers (emu/debug/engine.h), forwards: points are met exactly
 * where the events of another run say, and change nothing; orders end where
 * they say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "debug_rig.h"
#include "machine/machine.h"

#define SEEDS 2

/* What points met, each told of by what asks them last. */
struct told {
    struct rig_hits hits;
    struct asked {
        struct told *told;
        unsigned point;
    } asked[RIG_POINTS];
    rvemu *machine;
    u64 dice;
    unsigned stops; /* that were asked for */
};

/* Now and then the machine is to stop. */
static bool note(void *arg, const struct rvemu_debug_stop *stop)
{
    const struct asked *asked = arg;
    struct told *told = asked->told;
    const struct rig_hit hit = {asked->point, stop->hart, stop->time,
                                stop->pc,     false,      stop->access.now};
    bool stops = rig_roll(&told->dice) % 16 == 0;

    assert_int_equal(stop->position, told->machine->s.steps);
    rig_hits_add(&told->hits, &hit);
    told->stops += stops;
    return stops;
}

static void add_points(struct rvemu_debugger *d, struct told *told,
                       const struct rvemu_point *point, unsigned points)
{
    for (unsigned i = 0; i < points; i++) {
        struct rvemu_point p = point[i];
        struct rvemu_error error;

        told->asked[i] = (struct asked){told, i};
        p.holds = note;
        p.arg = &told->asked[i];
        if (rvemu_point_add(d, &p, &error) < 0)
            fail_msg("%s", error.text);
    }
}

/* All events but those of every instruction. */
static void hash_event(void *hash, const struct rvemu_event *event)
{
    rvemu_hash_event(hash, event);
}

static void hash_events(rvemu *machine, struct rvemu_hash *hash)
{
    *hash = (struct rvemu_hash){0};
    assert_int_equal(
        rvemu_subscribe(machine, ~RVEMU_EVENTS_COMMIT, hash_event, hash), 0);
}

/* Runs a guest with points; its state and its events in the end. */
static u64 run_with_points(const struct rig_guest *guest,
                           const struct rvemu_point *point, unsigned points,
                           struct told *told)
{
    rvemu *machine = rig_machine(guest);
    struct rvemu_debugger *d = rvemu_debugger_new(machine);
    struct rvemu_debug_stop stop;
    struct rvemu_hash events;
    unsigned stops = 0;
    u64 hash;

    assert_non_null(d);
    hash_events(machine, &events);
    told->machine = machine;
    add_points(d, told, point, points);
    for (;;) {
        rvemu_debug_run(d, 1 + rig_roll(&told->dice) % 1000000, &stop);
        if (stop.why == RVEMU_WHY_END)
            break;
        if (stop.why == RVEMU_WHY_POINT)
            stops++;
        else
            assert_int_equal(stop.why, RVEMU_WHY_STEPS);
    }
    assert_int_equal(stop.machine.reason, RVEMU_STOP_PASS);
    assert_true(stops <= told->stops);
    rvemu_debugger_free(d);
    hash = rvemu_state_hash(machine) ^ rvemu_hash_value(&events);
    rvemu_destroy(machine);
    return hash;
}

static u64 run_plainly(const struct rig_guest *guest)
{
    rvemu *machine = rig_machine(guest);
    struct rvemu_hash events;
    struct rvemu_stop stop;
    u64 hash;

    hash_events(machine, &events);
    rvemu_run(machine, RIG_STEPS, &stop);
    assert_int_equal(stop.reason, RVEMU_STOP_PASS);
    hash = rvemu_state_hash(machine) ^ rvemu_hash_value(&events);
    rvemu_destroy(machine);
    return hash;
}

/* The next hit of a point, from *i on, at another time than the one before: the
 * hits of one step are one. NULL: there is none. */
static const struct rig_hit *next_hit(const struct rig_hits *hits,
                                      unsigned number, unsigned *i, u64 time)
{
    for (; *i < hits->count; (*i)++)
        if (hits->hit[*i].point == number && hits->hit[*i].time != time)
            return &hits->hit[(*i)++];
    return NULL;
}

/* An event between two steps, as of a turn that ends, is caught there. */
static bool is_time(const struct rvemu_point *point, u64 wanted, u64 told)
{
    return told == wanted ||
           (point->kind == RVEMU_POINT_CATCH && told + 1 == wanted);
}

/* The hits of one point are the ones that were foretold, in order. */
static void compare(const struct rig_guest *guest,
                    const struct rvemu_point *point, unsigned number,
                    const struct rig_hits *wanted, const struct rig_hits *told)
{
    const struct rig_hit *a, *b;
    u64 time_a = UINT64_MAX, time_b = UINT64_MAX;
    unsigned i = 0, j = 0, n = 0;

    for (;; n++) {
        a = next_hit(wanted, number, &i, time_a);
        b = next_hit(told, number, &j, time_b);
        while (point->kind == RVEMU_POINT_PTE && a && b && b->time < a->time)
            b = next_hit(told, number, &j, b->time);
        if (!a || !b)
            break;
        if (!is_time(point, a->time, b->time) || a->pc != b->pc ||
            a->hart != b->hart)
            fail_msg("%s: kind %d, point %u: hit %u at %lu, pc %lx, not %lu, "
                     "pc %lx",
                     guest->file, point->kind, number, n, b->time, b->pc,
                     a->time, a->pc);
        if (a->has_value && a->value != b->value)
            fail_msg("%s: point %u: at %lu %lx, not %lx", guest->file, number,
                     a->time, b->value, a->value);
        time_a = a->time;
        time_b = b->time;
    }
    if (a || (b && point->kind != RVEMU_POINT_PTE))
        fail_msg("%s: kind %d, point %u: %s hit %u at %lu", guest->file,
                 point->kind, number, a ? "no" : "too many", n,
                 (a ? a : b)->time);
}

static void points_are_met_where_events_say(void **state)
{
    for (unsigned g = 0; g < rig_guest_count; g++) {
        const struct rig_guest *guest = &rig_guests[g];
        u64 plain = run_plainly(guest);

        for (u64 seed = 1; seed <= SEEDS; seed++) {
            struct rvemu_point point[RIG_POINTS];
            unsigned points = rig_points(guest, seed, point);
            struct rig_hits wanted = {0};
            static struct told told;

            told = (struct told){.dice = seed};
            rig_foretell(guest, point, points, &wanted);
            assert_int_equal(run_with_points(guest, point, points, &told),
                             plain);
            for (unsigned i = 0; i < points; i++)
                compare(guest, &point[i], i, &wanted, &told.hits);
            rig_hits_free(&wanted);
            rig_hits_free(&told.hits);
        }
    }
}

/* What is no point is refused, and nothing is added. */
static void points_are_checked(void **state)
{
    static const struct rvemu_point wrong[] = {
        {.kind = RVEMU_POINT_BREAK, .va = 1},
        {.kind = RVEMU_POINT_WATCH, .first = 2, .last = 1, .writes = true},
        {.kind = RVEMU_POINT_WATCH, .first = 1, .last = 1},
        {.kind = RVEMU_POINT_CATCH, .event = 0},
        {.kind = RVEMU_POINT_PTE, .satp = 1},
        {.kind = (enum rvemu_point_kind)9},
        {.kind = RVEMU_POINT_BREAK, .tests = RVEMU_POINT_TESTS + 1},
        {.kind = RVEMU_POINT_BREAK,
         .tests = 1,
         .test[0] = {.of = RVEMU_TEST_VALUE}},
        {.kind = RVEMU_POINT_CATCH,
         .event = RVEMU_EVENT_satp,
         .tests = 1,
         .test[0] = {.of = RVEMU_TEST_WORD, .number = 2}},
    };
    rvemu *machine = rig_machine(&rig_guests[0]);
    struct rvemu_debugger *d = rvemu_debugger_new(machine);

    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct rvemu_error error = {""};

        assert_int_equal(rvemu_point_add(d, &wrong[i], &error), -1);
        assert_true(error.text[0]);
    }
    assert_int_equal(rvemu_point_next(d, 0), 0);
    assert_int_equal(rvemu_point_remove(d, 1), -1);
    assert_int_equal(rvemu_point_switch(d, 1, true), -1);
    rvemu_debugger_free(d);
    rvemu_destroy(machine);
}

/* The n-th event of a kind since the start, from a machine of its own. */
static u64 time_of(unsigned n, u64 skip, bool off_and_on)
{
    const struct rvemu_point point = {.kind = RVEMU_POINT_CATCH,
                                      .event = RVEMU_EVENT_page_fault,
                                      .skip = skip};
    rvemu *machine = rig_machine(&rig_guests[0]);
    struct rvemu_debugger *d = rvemu_debugger_new(machine);
    struct rvemu_debug_stop stop = {.why = RVEMU_WHY_END};
    struct rvemu_error error;
    int id = rvemu_point_add(d, &point, &error);
    u64 hits;

    for (unsigned i = 0; i < n; i++) {
        if (off_and_on) {
            assert_int_equal(rvemu_point_switch(d, id, false), 0);
            assert_int_equal(rvemu_point_switch(d, id, true), 0);
        }
        rvemu_debug_run(d, RIG_STEPS, &stop);
        assert_int_equal(stop.why, RVEMU_WHY_POINT);
        assert_int_equal(stop.point, id);
    }
    assert_non_null(rvemu_point_find(d, id, &hits));
    assert_int_equal(hits, n + skip);
    rvemu_debugger_free(d);
    rvemu_destroy(machine);
    return stop.time;
}

static void hits_are_counted_and_skipped(void **state)
{
    u64 fifth = time_of(5, 0, false);

    assert_int_equal(time_of(1, 4, false), fifth);
    assert_int_equal(time_of(5, 0, true), fifth);
}

/* One that is for once is gone behind its stop; another goes on at the next
 * machine. */
static void points_come_and_go(void **state)
{
    struct rvemu_point point = {.kind = RVEMU_POINT_CATCH,
                                .event = RVEMU_EVENT_page_fault,
                                .is_once = true};
    rvemu *first = rig_machine(&rig_guests[0]);
    rvemu *second = rig_machine(&rig_guests[0]);
    struct rvemu_debugger *d = rvemu_debugger_new(first);
    struct rvemu_debug_stop stop;
    struct rvemu_error error;
    u64 time;

    assert_int_equal(rvemu_point_add(d, &point, &error), 1);
    rvemu_debug_run(d, RIG_STEPS, &stop);
    assert_int_equal(stop.point, 1);
    assert_int_equal(rvemu_point_next(d, 0), 0);
    time = stop.time;
    point.is_once = false;
    assert_int_equal(rvemu_point_add(d, &point, &error), 2);
    rvemu_debugger_leave(d);
    assert_null(rvemu_debugger_machine(d));
    rvemu_destroy(first);
    assert_int_equal(rvemu_debugger_attach(d, second), 0);
    rvemu_debug_run(d, RIG_STEPS, &stop);
    assert_int_equal(stop.point, 2);
    assert_int_equal(stop.time, time);
    rvemu_debugger_free(d);
    rvemu_destroy(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_met_where_events_say),
        cmocka_unit_test(points_are_checked),
        cmocka_unit_test(hits_are_counted_and_skipped),
        cmocka_unit_test(points_come_and_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
