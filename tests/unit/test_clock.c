/*
 * Unit tests of bus/clock.c: deadlines fire once, in order, when due, and may
 * arm others while they do.
 */
#include "bus/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct alarm {
    unsigned timer;
    struct clock *clock;
    char *log;
    char name;
    u64 again; /* rearm this much later, 0: do not */
};

static void fire(void *owner, u64 now)
{
    struct alarm *alarm = owner;
    char text[2] = {alarm->name};

    strcat(alarm->log, text);
    if (alarm->again) {
        u64 due = now + alarm->again;

        alarm->again = 0;
        clock_arm(alarm->clock, alarm->timer, due);
    }
}

static void make(struct alarm *alarm, struct clock *clock, char *log, char name)
{
    *alarm = (struct alarm){.timer = clock_add_timer(clock, fire, alarm),
                            .clock = clock,
                            .log = log,
                            .name = name};
}

static void deadlines_fire_in_order(void **state)
{
    struct clock clock;
    struct alarm a, b, c;
    char log[16] = "";

    clock_init(&clock);
    make(&a, &clock, log, 'a');
    make(&b, &clock, log, 'b');
    make(&c, &clock, log, 'c');
    assert_int_equal(clock_next(&clock), CLOCK_NEVER);
    clock_arm(&clock, a.timer, 30);
    clock_arm(&clock, b.timer, 10);
    clock_arm(&clock, c.timer, 10);
    assert_int_equal(clock_next(&clock), 10);
    clock_advance(&clock, 9);
    assert_string_equal(log, "");
    clock_advance(&clock, 10);
    assert_string_equal(log, "bc");
    clock_advance(&clock, 1000);
    assert_string_equal(log, "bca");
    clock_advance(&clock, 2000);
    assert_string_equal(log, "bca");
}

static void arming_again_moves_a_deadline(void **state)
{
    struct clock clock;
    struct alarm a, b;
    char log[16] = "";

    clock_init(&clock);
    make(&a, &clock, log, 'a');
    make(&b, &clock, log, 'b');
    clock_arm(&clock, a.timer, 10);
    clock_arm(&clock, b.timer, 20);
    clock_arm(&clock, a.timer, 30);
    clock_advance(&clock, 25);
    assert_string_equal(log, "b");
    clock_disarm(&clock, a.timer);
    clock_disarm(&clock, a.timer);
    clock_advance(&clock, 100);
    assert_string_equal(log, "b");
    clock_arm(&clock, a.timer, 200);
    clock_arm(&clock, a.timer, CLOCK_NEVER);
    assert_int_equal(clock_next(&clock), CLOCK_NEVER);
}

static void a_deadline_may_arm_itself_while_firing(void **state)
{
    struct clock clock;
    struct alarm a;
    char log[16] = "";

    clock_init(&clock);
    make(&a, &clock, log, 'a');
    a.again = 5;
    clock_arm(&clock, a.timer, 10);
    clock_advance(&clock, 12);
    assert_string_equal(log, "a");
    assert_int_equal(clock_next(&clock), 17);
    clock_advance(&clock, 17);
    assert_string_equal(log, "aa");
}

/* So that time never comes to its end. */
static void a_deadline_past_the_last_is_none(void **state)
{
    struct clock clock;
    struct alarm a;
    char log[16] = "";

    clock_init(&clock);
    make(&a, &clock, log, 'a');
    clock_arm(&clock, a.timer, CLOCK_LAST);
    assert_int_equal(clock_next(&clock), CLOCK_LAST);
    clock_arm(&clock, a.timer, CLOCK_LAST + 1ull);
    assert_int_equal(clock_next(&clock), CLOCK_NEVER);
    clock_advance(&clock, CLOCK_NEVER - 1);
    assert_string_equal(log, "");
}

/* What is due together fires as it was armed, whatever the numbers of the
 * timers, and again after it was armed anew. */
static void equal_deadlines_keep_their_order(void **state)
{
    struct clock clock;
    struct alarm a, b, c;
    char log[16] = "";

    clock_init(&clock);
    make(&a, &clock, log, 'a');
    make(&b, &clock, log, 'b');
    make(&c, &clock, log, 'c');
    clock_arm(&clock, c.timer, 10);
    clock_arm(&clock, a.timer, 10);
    clock_arm(&clock, b.timer, 10);
    clock_arm(&clock, c.timer, 10);
    clock_advance(&clock, 10);
    assert_string_equal(log, "abc");
}

/* A clock that is wired alike takes over where another one is. */
static void state_moves_by_assignment(void **state)
{
    struct clock from, to;
    struct alarm a, b, moved_a, moved_b;
    char log[16] = "", moved[16] = "";

    clock_init(&from);
    make(&a, &from, log, 'a');
    make(&b, &from, log, 'b');
    clock_arm(&from, b.timer, 20);
    clock_arm(&from, a.timer, 20);
    clock_advance(&from, 7);
    clock_init(&to);
    make(&moved_a, &to, moved, 'a');
    make(&moved_b, &to, moved, 'b');
    to.s = from.s;
    clock_restored(&to);
    assert_int_equal(clock_now(&to), 7);
    assert_int_equal(clock_next(&to), 20);
    assert_int_equal(clock_due(&to, moved_a.timer), 20);
    clock_advance(&to, 20);
    assert_string_equal(moved, "ba");
    assert_string_equal(log, "");
    clock_advance(&from, 20);
    assert_memory_equal(&to.s, &from.s, sizeof(to.s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadlines_fire_in_order),
        cmocka_unit_test(arming_again_moves_a_deadline),
        cmocka_unit_test(a_deadline_may_arm_itself_while_firing),
        cmocka_unit_test(a_deadline_past_the_last_is_none),
        cmocka_unit_test(equal_deadlines_keep_their_order),
        cmocka_unit_test(state_moves_by_assignment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
