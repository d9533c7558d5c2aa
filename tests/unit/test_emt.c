/*
 * Unit tests of rvemu/emt.h, where nothing goes wrong: what was fed comes back,
 * from every place, filtered or not; names as they were answered; the ring of
 * `keep`; what a trace says of itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bits.h"
#include "emt_rig.h"

#define CHUNK 65536 /* events */

/* Several chunks, and boots of one event, of none and of many. */
static void make_boots(struct rig *rig)
{
    rig_create(rig);
    rig_feed(rig, 2 * CHUNK + 5);
    rig_boot(rig);
    rig_feed(rig, 1);
    rig_boot(rig);
    rig_boot(rig);
    rig_feed(rig, CHUNK);
    rig_boot(rig);
    rig_feed(rig, 30000);
    rig_close(rig);
}

static void everything_comes_back(void **state)
{
    struct rig rig;
    const struct rvemu_emt_about *about;
    struct rvemu_emt_losses losses;
    struct rvemu_emt *trace;
    u64 first = 1, last = 1;

    rig_init(&rig, 1);
    make_boots(&rig);
    trace = rig_open(&rig);
    rig_read_rest(&rig, trace, 0);
    about = rvemu_emt_about(trace);
    assert_int_equal(about->version, RVEMU_EMT_VERSION);
    assert_string_equal(about->title, "a test");
    assert_int_equal(about->boots, 5);
    assert_int_equal(about->events, rig.count);
    assert_true(about->chunks >= 6); /* more on a slow host */
    assert_true(about->is_whole);
    assert_int_equal(about->cut, 0);
    assert_false(about->has_begun_late);
    assert_string_equal(about->end.reason, "fail");
    assert_string_equal(about->end.text, "the guest failed");
    assert_int_equal(about->end.status, -3);
    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++)
        assert_int_equal(about->kinds >> kind & 1, !!rvemu_event_info(kind));
    assert_int_equal(rvemu_emt_span(trace, 0, &first, &last), 0);
    assert_int_equal(first, rig.made[0].event.time);
    assert_int_equal(last, rig.made[2 * CHUNK + 4].event.time);
    assert_int_equal(rvemu_emt_span(trace, 2, &first, &last), -1);
    assert_int_equal(rvemu_emt_span(trace, 5, &first, &last), -1);
    rvemu_emt_losses(trace, &losses);
    assert_int_equal(losses.unknown | losses.damaged, 0);
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

static size_t scan(const struct rig *rig, unsigned boot, u64 time)
{
    size_t i = 0;

    while (i < rig->count &&
           (rig->made[i].boot < boot ||
            (rig->made[i].boot == boot && rig->made[i].event.time < time)))
        i++;
    return i;
}

static void expect_at(const struct rig *rig, struct rvemu_emt *trace, size_t at)
{
    struct rvemu_emt_place place;
    struct rvemu_event event;
    bool is_there = rvemu_emt_next(trace, &event, &place);

    assert_int_equal(is_there, at < rig->count);
    if (!is_there)
        return;
    assert_int_equal(place.number, at);
    assert_int_equal(place.boot, rig->made[at].boot);
    assert_memory_equal(&event, &rig->made[at].event, sizeof(event));
}

static void a_seek_finds_what_a_scan_does(void **state)
{
    struct rig rig;
    struct rvemu_emt *trace;

    rig_init(&rig, 2);
    make_boots(&rig);
    trace = rig_open(&rig);
    for (unsigned i = 0; i < 150; i++) {
        const struct rig_event *near = &rig.made[rig_below(&rig, rig.count)];
        unsigned boot = (unsigned)rig_below(&rig, 6);
        u64 time = near->event.time + rig_below(&rig, 3) - 1;
        size_t number = i % 3 ? rig_below(&rig, rig.count + 3)
                              : CHUNK * rig_below(&rig, 4) + i % 2;
        size_t at;

        if (i % 8)
            boot = near->boot;
        else if (i % 16)
            time = i % 32 ? 0 : UINT64_MAX;
        at = scan(&rig, boot, time);
        rvemu_emt_seek(trace, boot, time);
        expect_at(&rig, trace, at);
        expect_at(&rig, trace, at + 1);
        rvemu_emt_seek_event(trace, number);
        expect_at(&rig, trace, number);
    }
    rvemu_emt_seek(trace, 0, 0);
    rig_read_rest(&rig, trace, 0);
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

/* ---- filters ---- */

static u64 root_of(u64 satp)
{
    return satp >> 60 ? satp & ((UINT64_C(1) << 44) - 1) : 0;
}

/* Whether an event belongs to a root, from what its fields are called. */
static bool belongs(const struct rvemu_event *event, u64 root,
                    u64 in_force[256])
{
    const struct rvemu_event_info *info = rvemu_event_info(event->kind);
    bool does = false;

    for (unsigned i = 0; i < info->fields; i++) {
        const struct rvemu_field_info *field = &info->field[i];

        if (field->unit == RVEMU_UNIT_SATP) {
            does |= root_of(event->word[i]) == root;
            if (strcmp(field->name, "old") != 0)
                in_force[event->hart] = root_of(event->word[i]);
        } else if (field->unit == RVEMU_UNIT_PPN &&
                   !strcmp(field->name, "root")) {
            does |= event->word[i] == root;
        }
    }
    return does || in_force[event->hart] == root;
}

/* The root that an event is about, behind belongs(), and whether it names it.
 */
static u64 root_named(const struct rvemu_event *event, const u64 in_force[256],
                      bool *names)
{
    const struct rvemu_event_info *info = rvemu_event_info(event->kind);

    *names = false;
    for (unsigned i = 0; i < info->fields; i++) {
        *names |= info->field[i].unit == RVEMU_UNIT_SATP;
        if (info->field[i].unit == RVEMU_UNIT_PPN &&
            !strcmp(info->field[i].name, "root")) {
            *names = true;
            return event->word[i];
        }
    }
    return in_force[event->hart];
}

static void check_filter(const struct rig *rig, struct rvemu_emt *trace,
                         const struct rvemu_emt_filter *filter)
{
    u64 in_force[256] = {0};
    struct rvemu_emt_place place;
    struct rvemu_event event;
    unsigned boot = 0;

    rvemu_emt_seek(trace, 0, 0);
    rvemu_emt_want(trace, filter);
    for (size_t i = 0; i < rig->count; i++) {
        const struct rvemu_event *made = &rig->made[i].event;
        bool wanted, names;

        if (rig->made[i].boot != boot)
            memset(in_force, 0, sizeof(in_force));
        boot = rig->made[i].boot;
        wanted = belongs(made, filter->root_ppn, in_force) || !filter->root_ppn;
        if (filter->kinds && !(filter->kinds >> made->kind & 1))
            wanted = false;
        if (!wanted)
            continue;
        assert_true(rvemu_emt_next(trace, &event, &place));
        assert_int_equal(place.number, i);
        assert_memory_equal(&event, made, sizeof(event));
        assert_int_equal(place.root_ppn, root_named(made, in_force, &names));
        assert_int_equal(place.names_root, names);
    }
    assert_false(rvemu_emt_next(trace, &event, &place));
}

static void filters_give_what_belongs(void **state)
{
    struct rig rig;
    struct rvemu_emt *trace;

    rig_init(&rig, 3);
    make_boots(&rig);
    trace = rig_open(&rig);
    for (unsigned i = 0; i < 12; i++) {
        struct rvemu_emt_filter filter = {.kinds = 0};

        if (i % 3 != 1)
            filter.kinds =
                i % 2 ? RVEMU_EVENT_BIT(satp)
                      : (rvemu_event_set)rig_random(&rig) & rig_random(&rig);
        if (i % 3 != 2)
            filter.root_ppn = i == 9 ? 0x123456 : 0x80000 + rig_below(&rig, 9);
        check_filter(&rig, trace, &filter);
    }
    rvemu_emt_seek(trace, 0, 0);
    rvemu_emt_want(trace, NULL);
    rig_read_rest(&rig, trace, 0);
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

/* Whether or not what was before has been read. */
static void a_seek_knows_the_root_in_force(void **state)
{
    u64 in_force[256] = {0};
    struct rvemu_emt_place place;
    struct rvemu_event event;
    struct rvemu_emt *trace;
    struct rig rig;
    bool names;

    rig_init(&rig, 10);
    make_boots(&rig);
    trace = rig_open(&rig);
    for (size_t i = 0; i < rig.count; i++) {
        const struct rig_event *made = &rig.made[i];

        if (i && made->boot != made[-1].boot)
            memset(in_force, 0, sizeof(in_force));
        belongs(&made->event, 0, in_force);
        if (i % 7001)
            continue;
        rvemu_emt_seek_event(trace, i);
        assert_true(rvemu_emt_next(trace, &event, &place));
        assert_int_equal(place.root_ppn,
                         root_named(&made->event, in_force, &names));
    }
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

/* A space is in force from one chunk into the next, and in none that is of
 * another boot: where nothing but that tells, chunks are passed over by it. */
static void a_root_stays_in_force(void **state)
{
    struct rvemu_event event = {.kind = RVEMU_EVENT_satp, .priv = 1};
    struct rvemu_emt_filter filter = {.root_ppn = 0x80123};
    struct rvemu_emt_place place;
    struct rvemu_emt *trace;
    struct rig rig;
    size_t seen = 0;

    rig_init(&rig, 4);
    rig_create(&rig);
    event.satp.new = UINT64_C(8) << 60 | 0x80123;
    rvemu_emt_feed(rig.writer, &event);
    event = (struct rvemu_event){.kind = RVEMU_EVENT_xret, .priv = 1};
    for (event.time = 1; event.time < CHUNK + 100; event.time++)
        rvemu_emt_feed(rig.writer, &event);
    rig_boot(&rig);
    for (event.time = 0; event.time < 100; event.time++)
        rvemu_emt_feed(rig.writer, &event);
    rig_close(&rig);
    trace = rig_open(&rig);
    rvemu_emt_want(trace, &filter);
    for (; rvemu_emt_next(trace, &event, &place); seen++)
        assert_int_equal(place.number, seen);
    assert_int_equal(seen, CHUNK + 100);
    filter.root_ppn++;
    rvemu_emt_seek(trace, 0, 0);
    rvemu_emt_want(trace, &filter);
    assert_false(rvemu_emt_next(trace, &event, &place));
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

static void only_what_was_asked_for_is_written(void **state)
{
    struct rig rig;
    struct rvemu_event event;
    struct rvemu_emt *trace;
    size_t next = 0;

    rig_init(&rig, 5);
    rig.options.kinds = RVEMU_EVENT_BIT(satp) | RVEMU_EVENT_BIT(trap);
    rig.options.from = 1000;
    rig.options.to = 100000;
    rig_create(&rig);
    rig_feed(&rig, 5000);
    rig_boot(&rig);
    rig_feed(&rig, 5000);
    rig_close(&rig);
    trace = rig_open(&rig);
    assert_true(rvemu_emt_about(trace)->kinds == rig.options.kinds);
    for (size_t i = 0; i < rig.count; i++) {
        const struct rvemu_event *made = &rig.made[i].event;

        if (made->time < 1000 || made->time > 100000 ||
            !(rig.options.kinds >> made->kind & 1))
            continue;
        assert_true(rvemu_emt_next(trace, &event, NULL));
        assert_memory_equal(&event, made, sizeof(event));
        next++;
    }
    assert_false(rvemu_emt_next(trace, &event, NULL));
    assert_in_range(next, 10, 9000);
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

/* ---- keep ---- */

static void a_ring_has_the_last(void **state)
{
    struct rig rig;
    struct rvemu_error error;
    struct rvemu_emt_place place;
    struct rvemu_event event;
    struct rvemu_emt *trace;

    rig_init(&rig, 6);
    rig.options.keep = 3u << 20;
    rig_create(&rig);
    rig_feed(&rig, 3 * CHUNK);
    rig_boot(&rig);
    rig_feed(&rig, CHUNK + 77);
    assert_int_equal(access(rig.path, F_OK), -1);
    assert_int_equal(rvemu_emt_save(rig.writer, &error), 0);
    rig_close(&rig);
    trace = rig_open(&rig);
    assert_true(rvemu_emt_about(trace)->has_begun_late);
    assert_true(rvemu_emt_about(trace)->is_whole);
    assert_int_equal(rvemu_emt_about(trace)->boots, 2);
    assert_in_range(rvemu_emt_about(trace)->bytes, 1u << 20, (3u << 20) + 9999);
    assert_true(rvemu_emt_next(trace, &event, &place));
    assert_true(place.number > 0 && place.number % CHUNK == 0);
    assert_memory_equal(&event, &rig.made[place.number].event, sizeof(event));
    rig_read_rest(&rig, trace, place.number + 1);
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

static void a_ring_that_is_not_full_has_all(void **state)
{
    struct rig rig;
    struct rvemu_error error;
    struct rvemu_emt *trace;

    rig_init(&rig, 7);
    rig.options.keep = 64u << 20;
    rig_create(&rig);
    rig_feed(&rig, CHUNK + 1);
    assert_int_equal(rvemu_emt_save(rig.writer, &error), 0);
    rig_close(&rig);
    trace = rig_open(&rig);
    assert_false(rvemu_emt_about(trace)->has_begun_late);
    rig_read_rest(&rig, trace, 0);
    rvemu_emt_free(trace);
    remove(rig.path);
    rig_create(&rig);
    rig_feed(&rig, 100);
    rig_close(&rig); /* not saved */
    assert_int_equal(access(rig.path, F_OK), -1);
    rig_fini(&rig);
}

/* ---- ends ---- */

static void a_run_without_events_is_a_trace(void **state)
{
    struct rig rig;
    struct rvemu_event event;
    struct rvemu_error error;
    struct rvemu_emt *trace;

    rig_init(&rig, 8);
    rig.options.title = NULL;
    rig_create(&rig);
    assert_int_equal(rvemu_emt_close(rig.writer, &error), 0);
    trace = rig_open(&rig);
    assert_string_equal(rvemu_emt_about(trace)->title, "");
    assert_null(rvemu_emt_about(trace)->end.reason);
    assert_true(rvemu_emt_about(trace)->is_whole);
    assert_int_equal(rvemu_emt_about(trace)->boots, 1);
    assert_false(rvemu_emt_next(trace, &event, NULL));
    rvemu_emt_seek(trace, 3, 5);
    assert_false(rvemu_emt_next(trace, &event, NULL));
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

static void boots_are_more_than_65536(void **state)
{
    struct rig rig;
    struct rvemu_emt *trace;

    rig_init(&rig, 9);
    rig_create(&rig);
    for (unsigned i = 0; i < 70000; i++) {
        if (i % 7000 == 0)
            rig_feed(&rig, 1);
        rig_boot(&rig);
    }
    rig_feed(&rig, 1);
    rig_close(&rig);
    trace = rig_open(&rig);
    assert_int_equal(rvemu_emt_about(trace)->boots, 70001);
    rvemu_emt_seek(trace, 69999, 0);
    expect_at(&rig, trace, 10);
    rvemu_emt_seek(trace, 0, 0);
    rig_read_rest(&rig, trace, 0);
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

/* tests/trace/formats.py says how it was made. */
static void the_first_version_opens(void **state)
{
    struct rvemu_hash hash = {0};
    struct rvemu_event event;
    struct rvemu_emt_losses losses;
    struct rvemu_emt *trace;
    struct rvemu_error error;

    if (rvemu_emt_open("tests/trace/cow-1.emt", &trace, &error) < 0)
        fail_msg("%s", error.text);
    while (rvemu_emt_next(trace, &event, NULL))
        rvemu_hash_event(&hash, &event);
    assert_int_equal(hash.events, 1257);
    assert_int_equal(rvemu_hash_value(&hash), 0x57ed721b621b5ae2);
    assert_true(rvemu_emt_about(trace)->is_whole);
    assert_string_equal(rvemu_emt_about(trace)->end.reason, "pass");
    rvemu_emt_losses(trace, &losses);
    assert_int_equal(losses.unknown | losses.damaged, 0);
    rvemu_emt_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_comes_back),
        cmocka_unit_test(a_seek_finds_what_a_scan_does),
        cmocka_unit_test(filters_give_what_belongs),
        cmocka_unit_test(a_seek_knows_the_root_in_force),
        cmocka_unit_test(a_root_stays_in_force),
        cmocka_unit_test(only_what_was_asked_for_is_written),
        cmocka_unit_test(a_ring_has_the_last),
        cmocka_unit_test(a_ring_that_is_not_full_has_all),
        cmocka_unit_test(a_run_without_events_is_a_trace),
        cmocka_unit_test(boots_are_more_than_65536),
        cmocka_unit_test(the_first_version_opens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
