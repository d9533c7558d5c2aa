/*
 * Unit tests of subscriptions (rvemu/subscription.h): what passes, rings,
 * sinks when history is run again, the states of observers, and what a
 * subscriber may not do while it is told.
 *
 * Where a machine has to run, it runs a bare-metal program that is found beside
 * the test's own.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rvemu/rvemu.h>

#include "trace/observers.h"
#include "trace/sieve.h"

#define SV39_ROOT(ppn) (8ull << 60 | (ppn))

static struct rvemu_event fault(uint64_t pc, uint64_t va)
{
    return (struct rvemu_event){.kind = RVEMU_EVENT_page_fault,
                                .hart = 2,
                                .priv = 1,
                                .pc = pc,
                                .page_fault = {.va = va}};
}

static struct rvemu_event pte_write(uint64_t va, uint64_t level)
{
    return (struct rvemu_event){.kind = RVEMU_EVENT_pte_write,
                                .pte_write = {.va = va, .level = level}};
}

#define PASSES(event, satp, ...) \
    sieve_passes(&(struct rvemu_subscription){__VA_ARGS__}, event, satp)

static void hart_privilege_and_pc_are_asked(void **state)
{
    const struct rvemu_event event = fault(0x1000, 5);
    struct rvemu_event none = event;

    assert_true(PASSES(&event, 0, .harts = 0));
    assert_true(PASSES(&event, 0, .harts = 1 << 2));
    assert_false(PASSES(&event, 0, .harts = 1 << 1));
    assert_true(PASSES(&event, 0, .privs = 1 << 1 | 1 << 0));
    assert_false(PASSES(&event, 0, .privs = 1 << 3));
    assert_true(PASSES(&event, 0, .has_pc = true, .pc = {0x1000, 0x1000}));
    assert_false(PASSES(&event, 0, .has_pc = true, .pc = {0, 0xfff}));
    assert_false(PASSES(&event, 0, .has_pc = true, .pc = {0x1001, ~0ull}));
    none.hart = RVEMU_NO_HART;
    none.priv = RVEMU_NO_PRIV;
    none.pc = 0;
    assert_true(PASSES(&none, SIEVE_NO_SATP, .harts = 0));
    assert_false(PASSES(&none, SIEVE_NO_SATP, .harts = ~0u));
    assert_false(PASSES(&none, SIEVE_NO_SATP, .privs = 0xff));
    assert_false(
        PASSES(&none, SIEVE_NO_SATP, .has_pc = true, .pc = {0, ~0ull}));
}

static void addresses_are_those_that_an_event_is_about(void **state)
{
    struct rvemu_event event = fault(0, 0x5000);
    const struct rvemu_event irq = {.kind = RVEMU_EVENT_irq};

    assert_true(PASSES(&event, 0, .has_va = true, .va = {0x5000, 0x5000}));
    assert_false(PASSES(&event, 0, .has_va = true, .va = {0x5001, 0x6000}));
    assert_false(PASSES(&event, 0, .has_va = true, .va = {0x4000, 0x4fff}));
    event = pte_write(0x200000, 0);
    assert_true(PASSES(&event, 0, .has_va = true, .va = {0x200fff, ~0ull}));
    assert_false(PASSES(&event, 0, .has_va = true, .va = {0x201000, ~0ull}));
    event = pte_write(0x200000, 1);
    assert_true(PASSES(&event, 0, .has_va = true, .va = {0x3fffff, ~0ull}));
    assert_false(PASSES(&event, 0, .has_va = true, .va = {0x400000, ~0ull}));
    event = (struct rvemu_event){.kind = RVEMU_EVENT_store,
                                 .store = {.va = 0x5000, .size = 8}};
    assert_true(PASSES(&event, 0, .has_va = true, .va = {0x5007, 0x5007}));
    assert_false(PASSES(&event, 0, .has_va = true, .va = {0x5008, 0x5008}));
    assert_false(PASSES(&irq, 0, .has_va = true, .va = {0, ~0ull}));
}

static void a_root_is_asked_as_it_was(void **state)
{
    const struct rvemu_event event = fault(0, 0);
    const struct rvemu_subscription of = {.has_root = true, .root = 0x80123};

    assert_true(sieve_passes(&of, &event, SV39_ROOT(0x80123)));
    assert_true(sieve_passes(&of, &event, SV39_ROOT(0x80123) | 7ull << 44));
    assert_false(sieve_passes(&of, &event, SV39_ROOT(0x80124)));
    assert_false(sieve_passes(&of, &event, 0x80123)); /* Bare */
    assert_false(PASSES(&event, SIEVE_NO_SATP, .has_root = true,
                        .root = (1ull << 44) - 1));
}

/* An event of this time. */
static void emit(struct trace *trace, uint64_t time)
{
    trace_new(trace, RVEMU_EVENT_trap, SIEVE_NO_SATP)->time = time;
}

static void a_full_ring_counts_what_it_loses(void **state)
{
    static struct trace trace;
    struct rvemu_event room[3], got[8];
    struct rvemu_event_ring ring = {.event = room, .room = 3};
    const struct rvemu_subscription of = {.kinds = RVEMU_EVENT_BIT(trap),
                                          .ring = &ring},
                                    no_room = {.ring = &(
                                                   struct rvemu_event_ring){0}},
                                    nobody = {.kinds = RVEMU_EVENT_BIT(trap)};

    assert_int_equal(trace_subscribe(&trace, &nobody), -1);
    assert_int_equal(trace_subscribe(&trace, &no_room), -1);
    assert_int_equal(trace_subscribe(&trace, &of), 1);
    for (unsigned i = 1; i <= 2; i++)
        emit(&trace, i);
    trace_deliver(&trace);
    assert_int_equal(rvemu_event_ring_take(&ring, got, 1), 1);
    assert_int_equal(got[0].time, 1);
    for (unsigned i = 3; i <= 6; i++)
        emit(&trace, i);
    trace_deliver(&trace);
    assert_int_equal(ring.lost, 2);
    assert_int_equal(rvemu_event_ring_take(&ring, got, 8), 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(got[i].time, i + 2);
    assert_int_equal(rvemu_event_ring_take(&ring, got, 8), 0);
    emit(&trace, 7);
    assert_int_equal(trace_unsubscribe(&trace, 1), 0); /* tells it */
    assert_int_equal(rvemu_event_ring_take(&ring, got, 8), 1);
    assert_int_equal(got[0].time, 7);
    assert_int_equal(ring.lost, 2);
}

/* An observer or a sink that writes times down. */
struct notes {
    unsigned count;
    uint64_t time[64];
};

static void note(void *arg, const struct rvemu_event *event)
{
    struct notes *notes = arg;

    notes->time[notes->count++] = event->time;
}

static void *save(void *arg)
{
    struct notes *copy = malloc(sizeof(*copy));

    memcpy(copy, arg, sizeof(*copy));
    return copy;
}

static void restore(void *arg, const void *saved)
{
    memcpy(arg, saved, sizeof(struct notes));
}

static void drop(void *arg, void *saved)
{
    free(saved);
}

static int add(struct trace *trace, struct notes *notes,
               enum rvemu_subscriber as)
{
    const struct rvemu_subscription of = {.kinds = RVEMU_EVENT_BIT(trap),
                                          .call = note,
                                          .arg = notes,
                                          .as = as,
                                          .save = save,
                                          .restore = restore,
                                          .drop = drop};

    return trace_subscribe(trace, &of);
}

static void expect_times(const struct notes *notes, const uint64_t *time,
                         unsigned count)
{
    assert_int_equal(notes->count, count);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(notes->time[i], time[i]);
}

static const uint64_t history[] = {1, 5, 5, 5, 9, 9};

#define TIMES(...)     \
    (const uint64_t[]) \
    {                  \
        __VA_ARGS__    \
    }

static void a_sink_is_not_told_twice(void **state)
{
    static struct trace trace;
    static struct notes sink, late, observer;
    int first = add(&trace, &sink, RVEMU_SINK);

    add(&trace, &observer, RVEMU_OBSERVER);
    for (unsigned i = 0; i < 3; i++)
        emit(&trace, history[i]);
    trace_deliver(&trace);
    assert_int_equal(first, 1);
    add(&trace, &late, RVEMU_SINK);
    trace_begin_again(&trace, 5); /* with one more event at that time to come */
    for (unsigned i = 0; i < 6; i++)
        emit(&trace, history[i]);
    trace_deliver(&trace);
    expect_times(&sink, history, 6);
    expect_times(&late, TIMES(5, 5, 5, 9, 9), 5);
    expect_times(&observer, TIMES(1, 5, 5, 1, 5, 5, 5, 9, 9), 9);
}

/* Back again before it has caught up, and without a word. */
static void a_mark_outlives_a_second_return(void **state)
{
    static struct trace trace;
    static struct notes sink;
    struct rvemu_mark told;

    add(&trace, &sink, RVEMU_SINK);
    for (unsigned i = 0; i < 6; i++)
        emit(&trace, history[i]);
    trace_begin_again(&trace, 0);
    emit(&trace, 1);
    emit(&trace, 9);
    trace_begin_again(&trace, 0);
    for (unsigned i = 0; i < 6; i++)
        emit(&trace, history[i]);
    emit(&trace, 9);
    assert_int_equal(trace_told(&trace, 1, &told), 0);
    assert_int_equal(told.time, 9);
    assert_int_equal(told.count, 3);
    assert_int_equal(trace_told(&trace, 2, &told), -1);
    expect_times(&sink, TIMES(1, 5, 5, 5, 9, 9, 9), 7);
}

static void observers_get_their_states_back(void **state)
{
    static struct trace trace;
    static struct notes one, two, sink, gone;
    struct rvemu_observed *observed;
    int leaves = add(&trace, &gone, RVEMU_OBSERVER);

    add(&trace, &one, RVEMU_OBSERVER);
    add(&trace, &sink, RVEMU_SINK);
    emit(&trace, 1);
    observed = observers_save(&trace);
    add(&trace, &two, RVEMU_OBSERVER);
    emit(&trace, 2);
    assert_int_equal(trace_unsubscribe(&trace, leaves), 0);
    for (unsigned i = 0; i < 2; i++) {
        observers_restore(&trace, observed);
        expect_times(&one, TIMES(1), 1);
        emit(&trace, 3 + i);
        trace_deliver(&trace);
    }
    expect_times(&one, TIMES(1, 4), 2);
    expect_times(&two, TIMES(2, 3, 4), 3);
    expect_times(&sink, TIMES(1, 2, 3, 4), 4);
    expect_times(&gone, TIMES(1, 2), 2);
    observers_drop(observed);
}

/* ---- machines ---- */

static rvemu *new_machine(void)
{
    const struct rvemu_config config = {.ram_bytes = 16u << 20};
    char self[PATH_MAX - 64], path[PATH_MAX];
    struct rvemu_guest guest = {.image = {.path = path}};
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    struct rvemu_error error;
    rvemu *machine;

    assert_true(length > 0);
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(path, PATH_MAX, "%s/../baremetal/sv39.elf", self);
    if (rvemu_create(&config, &machine, &error) < 0 ||
        rvemu_load(machine, &guest, &error) < 0)
        fail_msg("%s", error.text);
    return machine;
}

static void hash(void *arg, const struct rvemu_event *event)
{
    rvemu_hash_event(arg, event);
}

static const rvemu_event_set many = ~RVEMU_EVENTS_COMMIT;

/* A machine is run for so many steps, and then another one from the beginning,
 * whose sink goes on where that of the first stopped. */
static void run_again_from(uint64_t steps, const struct rvemu_hash *whole)
{
    struct rvemu_hash told = {0}, observed = {0};
    struct rvemu_subscription sink = {
        .kinds = many, .call = hash, .arg = &told};
    const struct rvemu_subscription observer = {
        .kinds = many, .as = RVEMU_OBSERVER, .call = hash, .arg = &observed};
    rvemu *machine = new_machine();
    int number = rvemu_subscription_begin(machine, &sink);
    struct rvemu_stop stop;
    uint64_t time;

    rvemu_run(machine, steps, &stop);
    assert_int_equal(rvemu_subscription_told(machine, number, &sink.told), 0);
    time = rvemu_time(machine);
    rvemu_destroy(machine);
    machine = new_machine();
    assert_true(rvemu_subscription_begin(machine, &sink) > 0);
    assert_true(rvemu_subscription_begin(machine, &observer) > 0);
    if (steps % 3) /* else its mark is enough */
        rvemu_set_history(machine, time);
    rvemu_run(machine, UINT64_MAX, &stop);
    rvemu_destroy(machine);
    assert_int_equal(told.events, whole->events);
    assert_int_equal(rvemu_hash_value(&told), rvemu_hash_value(whole));
    assert_int_equal(rvemu_hash_value(&observed), rvemu_hash_value(whole));
}

static void history_is_told_once(void **state)
{
    struct rvemu_hash whole = {0};
    rvemu *machine = new_machine();
    struct rvemu_stop stop;
    uint64_t steps;

    assert_int_equal(rvemu_subscribe(machine, many, hash, &whole), 0);
    rvemu_run(machine, UINT64_MAX, &stop);
    assert_int_equal(stop.reason, RVEMU_STOP_PASS);
    assert_true(whole.events > 500);
    steps = rvemu_steps(machine, 0);
    rvemu_destroy(machine);
    for (uint64_t at = 1; at < steps; at += 1 + steps / 97)
        run_again_from(at, &whole);
}

/* Page faults, and how many of them are of a root: of the first one's. */
struct faults {
    unsigned count, of_root;
    uint64_t root;
};

static void count_fault(void *arg, const struct rvemu_event *event)
{
    struct faults *faults = arg;
    uint64_t root = event->page_fault.satp & ((1ull << 44) - 1);

    faults->count++;
    if (!faults->root)
        faults->root = root;
    faults->of_root += root == faults->root;
}

static void events_of_a_root_are_told(void **state)
{
    struct faults all = {0}, one = {0}, none = {0};
    struct rvemu_subscription of = {.kinds = RVEMU_EVENT_BIT(page_fault),
                                    .has_root = true,
                                    .call = count_fault};
    rvemu *machine = new_machine();
    struct rvemu_stop stop;

    rvemu_subscribe(machine, of.kinds, count_fault, &all);
    rvemu_run(machine, UINT64_MAX, &stop);
    rvemu_destroy(machine);
    assert_in_range(all.of_root, 1, all.count);
    machine = new_machine();
    of.root = all.root;
    of.arg = &one;
    assert_true(rvemu_subscription_begin(machine, &of) > 0);
    of.root++;
    of.arg = &none;
    assert_true(rvemu_subscription_begin(machine, &of) > 0);
    rvemu_run(machine, UINT64_MAX, &stop);
    rvemu_destroy(machine);
    assert_int_equal(one.count, all.of_root);
    assert_int_equal(one.of_root, all.of_root);
    assert_int_equal(none.count, 0);
}

/* What is done to a machine within a call. */
struct liberty {
    rvemu *machine;
    void (*take)(rvemu *machine);
};

static void take_liberty(void *arg, const struct rvemu_event *event)
{
    const struct liberty *liberty = arg;

    liberty->take(liberty->machine);
}

static void read_x(rvemu *machine)
{
    rvemu_x(machine, 0, 1);
}

static void read_pc(rvemu *machine)
{
    rvemu_pc(machine, 0);
}

static void write_x(rvemu *machine)
{
    rvemu_set_x(machine, 0, 1, 1);
}

static void go_back(rvemu *machine)
{
    rvemu_set_history(machine, 0);
}

/* How a program ends that does this: 0, or by which signal. */
static int end_of(void (*take)(rvemu *machine), rvemu_event_set prompt)
{
    struct liberty liberty = {.take = take};
    struct rvemu_stop stop;
    pid_t child;
    int status;

    fflush(NULL);
    child = fork();
    if (child)
        return waitpid(child, &status, 0) == child && WIFSIGNALED(status)
                   ? WTERMSIG(status)
                   : 0;
    fclose(stderr);
    signal(SIGABRT, SIG_DFL);
    liberty.machine = new_machine();
    rvemu_subscribe(liberty.machine, many, take_liberty, &liberty);
    rvemu_set_prompt(liberty.machine, prompt);
    rvemu_run(liberty.machine, 100000, &stop);
    _exit(0);
}

static void registers_are_not_there_in_a_call(void **state)
{
    assert_int_equal(end_of(read_x, 0), SIGABRT);
    assert_int_equal(end_of(read_x, many), 0);
    assert_int_equal(end_of(read_x, RVEMU_EVENT_BIT(stale_use)), SIGABRT);
    assert_int_equal(end_of(read_pc, 0), SIGABRT);
    assert_int_equal(end_of(write_x, 0), SIGABRT);
    assert_int_equal(end_of(write_x, many), SIGABRT);
    assert_int_equal(end_of(go_back, many), SIGABRT);
}

/* Counts those that succeed, of what must not. */
static void try_all(void *arg, const struct rvemu_event *event)
{
    struct liberty *liberty = arg;
    rvemu *m = liberty->machine;
    uint64_t value = 0;

    if (rvemu_csr(m, 0, 0x300, &value) == 0 || rvemu_set_pc(m, 0, 0) == 0 ||
        rvemu_set_csr(m, 0, 0x340, 1) == 0 ||
        rvemu_write_ram(m, 0x80000000, &value, 8) == 0 ||
        rvemu_probe_add(m, 0x80000000, false) == 0 ||
        rvemu_subscribe(m, many, hash, liberty) == 0 ||
        rvemu_unsubscribe(m, try_all, liberty) == 0)
        liberty->take = read_x;
    assert_int_equal(rvemu_read_ram(m, 0x80000000, &value, 8), 0);
}

static void nothing_is_changed_in_a_call(void **state)
{
    struct liberty liberty = {.machine = new_machine()};
    struct rvemu_stop stop;

    assert_int_equal(rvemu_subscribe(liberty.machine, many, try_all, &liberty),
                     0);
    rvemu_run(liberty.machine, 1000000, &stop);
    assert_null(liberty.take);
    assert_int_equal(rvemu_unsubscribe(liberty.machine, try_all, &liberty), 0);
    rvemu_destroy(liberty.machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hart_privilege_and_pc_are_asked),
        cmocka_unit_test(addresses_are_those_that_an_event_is_about),
        cmocka_unit_test(a_root_is_asked_as_it_was),
        cmocka_unit_test(a_full_ring_counts_what_it_loses),
        cmocka_unit_test(a_sink_is_not_told_twice),
        cmocka_unit_test(a_mark_outlives_a_second_return),
        cmocka_unit_test(observers_get_their_states_back),
        cmocka_unit_test(history_is_told_once),
        cmocka_unit_test(events_of_a_root_are_told),
        cmocka_unit_test(registers_are_not_there_in_a_call),
        cmocka_unit_test(nothing_is_changed_in_a_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
