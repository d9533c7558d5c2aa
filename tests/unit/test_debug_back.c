/*
 * Unit test of a debugger's ways back (emu/debug/reverse.c): going back from
 * the end one comes by exactly the hits that a run forwards has met, in reverse
 * order, and stands before each; steps are undone one by one; and no way back
 * runs much more than what lies in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rvemu/history.h>

#include "debug_rig.h"
#include "machine/machine.h"

#define DISTANCE 50000
#define POINTS 6
#define HITS 200
#define STEPS_BACK 60
#define MINSTRET 0xb02

struct bench {
    const struct rig_guest *guest;
    rvemu *machine;
    struct rvemu_debugger *d;
};

/* Where a stop lies: forwards behind a step, of a breakpoint before it. */
struct place {
    u64 at, pc;
    int point;
    unsigned hart;
};

static void begin(struct bench *b, const struct rig_guest *guest)
{
    const struct rvemu_history_config config = {.distance = DISTANCE};
    struct rvemu_error error;

    b->guest = guest;
    b->machine = rig_machine(guest);
    b->d = rvemu_debugger_new(b->machine);
    assert_non_null(b->d);
    if (rvemu_history_begin(b->machine, &config, &error) < 0)
        fail_msg("%s", error.text);
}

static void end(struct bench *b)
{
    rvemu_debugger_free(b->d);
    rvemu_destroy(b->machine);
}

static struct place place_of(const struct rvemu_debug_stop *stop)
{
    return (struct place){stop->at, stop->pc, stop->point, stop->hart};
}

/* A point that is met all the time is so by chance alone: where so many
 * instructions have retired. */
static void thin(struct rvemu_point *point, unsigned count)
{
    u64 mask = 1;

    while (count / mask > HITS / 4)
        mask *= 2;
    if (mask > 1)
        point->test[point->tests++] = (struct rvemu_test){.of = RVEMU_TEST_CSR,
                                                          .number = MINSTRET,
                                                          .mask = mask - 1,
                                                          .value = mask / 2};
}

/* A few of the points that a guest meets. */
static void add_points(struct bench *b, u64 seed)
{
    struct rvemu_point point[RIG_POINTS];
    unsigned points = rig_points(b->guest, seed, point);
    struct rig_hits hits = {0};
    struct rvemu_error error;
    unsigned count[RIG_POINTS] = {0}, added = 0;

    rig_foretell(b->guest, point, points, &hits);
    for (unsigned i = 0; i < hits.count; i++)
        count[hits.hit[i].point]++;
    for (unsigned i = 0; i < points && added < POINTS; i++) {
        unsigned n = (unsigned)(i * 5 + seed) % points;

        thin(&point[n], count[n]);
        if (rvemu_point_add(b->d, &point[n], &error) < 0)
            fail_msg("%s", error.text);
        added++;
    }
    assert_true(added > 0);
    rig_hits_free(&hits);
}

/* All stops of a run, the earliest first. */
static unsigned run_forwards(struct bench *b, struct place *place,
                             unsigned room)
{
    struct rvemu_debug_stop stop;
    unsigned count = 0;

    for (;;) {
        rvemu_debug_run(b->d, UINT64_MAX, &stop);
        if (stop.why == RVEMU_WHY_END)
            break;
        assert_int_equal(stop.why, RVEMU_WHY_POINT);
        assert_int_equal(stop.position, stop.at);
        assert_true(count < room);
        place[count++] = place_of(&stop);
    }
    return count;
}

static bool is_break(const struct bench *b, int point)
{
    u64 hits;

    return rvemu_point_find(b->d, point, &hits)->kind == RVEMU_POINT_BREAK;
}

/* Where one stands for a hit that is met backwards. */
static u64 landing(const struct bench *b, const struct place *place)
{
    return is_break(b, place->point) ? place->at : place->at - 1;
}

static void check_back(struct bench *b, const struct place *place, unsigned n)
{
    struct rvemu_debug_stop stop;

    rvemu_debug_reverse(b->d, &stop);
    if (stop.why != RVEMU_WHY_POINT || stop.at != place[n].at ||
        stop.pc != place[n].pc || stop.hart != place[n].hart ||
        stop.position != landing(b, &place[n]))
        fail_msg("%s: hit %u, point %d at %lu, pc %lx: why %d, point %d at "
                 "%lu, pc %lx, position %lu: %s",
                 b->guest->file, n, place[n].point, place[n].at, place[n].pc,
                 stop.why, stop.point, stop.at, stop.pc, stop.position,
                 stop.text);
    assert_int_equal(stop.position, rvemu_position(b->machine));
    assert_true(stop.is_backwards);
}

/* Hits that one stands at the same place for are met once, backwards: the one
 * that comes last. */
static unsigned drop_doubles(const struct bench *b, struct place *place,
                             unsigned count)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < count; i++)
        if (i + 1 == count ||
            landing(b, &place[i]) != landing(b, &place[i + 1]))
            place[kept++] = place[i];
    return kept;
}

static void hits_are_met_in_reverse(void **state)
{
    static struct place place[POINTS * HITS];

    for (unsigned g = 0; g < rig_guest_count; g++)
        for (u64 seed = 1; seed <= (rig_guests[g].bootargs ? 1 : 2); seed++) {
            struct bench b;
            struct rvemu_debug_stop stop;
            unsigned count;

            begin(&b, &rig_guests[g]);
            add_points(&b, seed);
            count = run_forwards(&b, place, POINTS * HITS);
            count = drop_doubles(&b, place, count);
            while (count-- > 0)
                check_back(&b, place, count);
            rvemu_debug_reverse(b.d, &stop);
            assert_int_equal(stop.why, RVEMU_WHY_FIRST);
            assert_int_equal(stop.position, 0);
            end(&b);
        }
}

/* Steps of a hart, undone: each leads to before its step, where its registers
 * are what they were. */
static void steps_are_undone(void **state)
{
    for (unsigned g = 0; g < rig_guest_count; g++) {
        struct bench b;
        struct rvemu_debug_stop stop;
        struct rvemu_stop run;
        u64 dice = 77 + g;

        begin(&b, &rig_guests[g]);
        rvemu_run(b.machine, 200000, &run);
        for (unsigned i = 0; i < STEPS_BACK; i++) {
            unsigned hart =
                (unsigned)(rig_roll(&dice) % rvemu_harts(b.machine));
            u64 before = rvemu_position(b.machine);
            u64 made = rvemu_steps(b.machine, hart), hash;
            u64 count = 1 + (i % 4 ? 0 : rig_roll(&dice) % 20);

            rvemu_debug_reverse_step(b.d, hart, count, &stop);
            if (made < count) {
                assert_int_equal(stop.why, RVEMU_WHY_FIRST);
                rvemu_debug_goto(b.d, before, &(struct rvemu_error){""});
                continue;
            }
            if (stop.why != RVEMU_WHY_DONE)
                fail_msg("%s: why %d at %lu, hart %u at %lu", b.guest->file,
                         stop.why, stop.position, hart, made);
            assert_int_equal(rvemu_steps(b.machine, hart), made - count);
            assert_true(stop.position < before);
            assert_int_equal(stop.pc, rvemu_pc(b.machine, hart));
            hash = rvemu_state_hash(b.machine);
            rvemu_run(b.machine, 1, &run);
            assert_int_equal(rvemu_steps(b.machine, hart), made - count + 1);
            rvemu_debug_goto(b.d, stop.position, &(struct rvemu_error){""});
            assert_int_equal(rvemu_state_hash(b.machine), hash);
        }
        end(&b);
    }
}

/* The longest stretch between two snapshots. */
static u64 longest_stretch(const struct bench *b)
{
    u64 end = rvemu_position(b->machine), longest = 0, from;

    while (end && rvemu_history_before(b->machine, end - 1, &from)) {
        longest = end - from > longest ? end - from : longest;
        end = from;
    }
    return longest;
}

/* The last write of a word: memory has what was there before it, and the step
 * that follows writes it. */
static void the_last_write_is_found(void **state)
{
    static const struct rig_guest kernel = {"guest/kernel/kernel.elf", "", 1,
                                            "cow\nexit\n"};
    struct rvemu_history_counts before, after;
    struct rvemu_debug_stop stop;
    struct rvemu_point point[RIG_POINTS];
    struct rvemu_stop run;
    struct bench b;
    unsigned found = 0, points;

    points = rig_points(&kernel, 5, point);
    begin(&b, &kernel);
    rvemu_run(b.machine, UINT64_MAX, &run);
    for (unsigned i = 0; i < points; i++) {
        u64 here = rvemu_position(b.machine), value = 0;
        u64 stretch = longest_stretch(&b);

        if (point[i].kind != RVEMU_POINT_WATCH || !point[i].writes)
            continue;
        point[i].reads = false;
        rvemu_history_counts(b.machine, &before);
        rvemu_debug_last(b.d, &point[i], &stop);
        rvemu_history_counts(b.machine, &after);
        assert_int_equal(rvemu_point_next(b.d, 0), 0);
        if (stop.why == RVEMU_WHY_FIRST) {
            assert_int_equal(stop.position, here);
            continue;
        }
        assert_int_equal(stop.why, RVEMU_WHY_POINT);
        assert_int_equal(stop.position + 1, stop.at);
        assert_true(after.steps_again - before.steps_again <=
                    here - stop.position + 2 * stretch);
        rvemu_run(b.machine, 1, &run);
        if (point[i].is_physical) {
            unsigned size = (unsigned)(point[i].last - point[i].first + 1);

            rvemu_read_ram(b.machine, point[i].first, &value, size);
            assert_int_equal(value, stop.access.now);
        }
        found++;
        rvemu_debug_goto(b.d, here, &(struct rvemu_error){""});
    }
    assert_true(found > 2);
    end(&b);
}

static void there_has_to_be_a_history(void **state)
{
    rvemu *machine = rig_machine(&rig_guests[1]);
    struct rvemu_debugger *d = rvemu_debugger_new(machine);
    struct rvemu_debug_stop stop;
    struct rvemu_error error;

    assert_false(rvemu_debug_can_reverse(d));
    assert_int_equal(rvemu_debug_goto(d, 1000, &error), 0);
    rvemu_debug_reverse(d, &stop);
    assert_int_equal(stop.why, RVEMU_WHY_ERROR);
    rvemu_debug_reverse_step(d, 0, 1, &stop);
    assert_int_equal(stop.why, RVEMU_WHY_ERROR);
    assert_int_equal(rvemu_debug_goto(d, 10, &error), -1);
    assert_int_equal(rvemu_position(machine), 1000);
    rvemu_debugger_free(d);
    rvemu_destroy(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_are_met_in_reverse),
        cmocka_unit_test(steps_are_undone),
        cmocka_unit_test(the_last_write_is_found),
        cmocka_unit_test(there_has_to_be_a_history),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
