/*
 * Unit tests of the names in a trace (rvemu/emt.h): what the recorder answered
 * at an event is what the reader answers there, whichever way it came.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/bits.h"
#include "emt_rig.h"

#define ROOTS 6
#define ASKED_MAX 100000

enum question {
    PROGRAM,
    LINE,
    FUNCTION,
    DATA,
    BESIDE,
    OWN,
    LIBRARY,
    STACK,
    CALL,
    CALLER,
    QUESTIONS
};

struct asked {
    size_t event;
    enum question question;
    u64 place, address;
    bool yes;
    char text[64];
    u64 number;
};

/* Who knows: each root runs a program after the other. */
struct world {
    unsigned program[ROOTS];
    unsigned forgotten;
};

static struct asked asked[ASKED_MAX];
static size_t asked_count;

/* ---- what is true ---- */

static u64 truth(const struct world *world, enum question question, u64 place,
                 u64 address)
{
    return stir(stir(world->program[place % ROOTS] * 16 + question) + address);
}

static bool know_text(const struct world *world, enum question question,
                      u64 root, u64 address, char *out, size_t size)
{
    u64 value = truth(world, question, root, address);

    *out = '\0';
    if (value & 3)
        snprintf(out, size, "name %x of %x", (unsigned)value & 0xfff,
                 (unsigned)address);
    return value & 3;
}

#define KNOW_TEXT(name, question)                                       \
    static bool know_##name(void *arg, uint64_t root, uint64_t address, \
                            char *out, size_t size)                     \
    {                                                                   \
        return know_text(arg, question, root, address, out, size);      \
    }
KNOW_TEXT(program, PROGRAM)
KNOW_TEXT(line, LINE)
KNOW_TEXT(function, FUNCTION)
KNOW_TEXT(data, DATA)
KNOW_TEXT(beside, BESIDE)

static bool know_own(void *arg, uint64_t root, uint64_t va)
{
    return truth(arg, OWN, root, va) & 1;
}

static bool know_library(void *arg, uint64_t root, uint64_t pc)
{
    return truth(arg, LIBRARY, root, pc) & 1;
}

static bool know_stack(void *arg, unsigned hart, uint64_t va)
{
    return truth(arg, STACK, hart, va) & 1;
}

static bool know_call(void *arg, unsigned hart, uint64_t va, uint64_t *pc)
{
    *pc = truth(arg, CALL, hart, va);
    return *pc & 1;
}

static bool know_caller(void *arg, unsigned hart, uint64_t pc, uint64_t *call)
{
    *call = truth(arg, CALLER, hart, pc);
    return *call & 1;
}

static void forget(void *arg, uint64_t root)
{
    struct world *world = arg;

    world->forgotten++;
    world->program[root % ROOTS]++;
}

static const struct rvemu_names knows = {
    .name_program = know_program,
    .name_line = know_line,
    .name_function = know_function,
    .name_data = know_data,
    .is_own = know_own,
    .name_beside = know_beside,
    .is_library = know_library,
    .is_stack = know_stack,
    .find_call = know_call,
    .find_caller = know_caller,
    .forget = forget,
};

static const char *resolve(void *arg, uint64_t address, uint64_t *offset)
{
    static char text[32];

    if (stir(address) % 3 == 0)
        return NULL;
    snprintf(text, sizeof(text), "symbol %x", (unsigned)(address >> 4));
    *offset = address & 15;
    return text;
}

/* ---- asking ---- */

static void ask(const struct rvemu_names *names, struct asked *a)
{
    void *arg = names->arg;
    unsigned hart = (unsigned)a->place;

    strcpy(a->text, "?");
    a->number = 0;
    switch (a->question) {
#define ASK_TEXT(name) \
    names->name_##name(arg, a->place, a->address, a->text, sizeof(a->text))
    case PROGRAM: a->yes = ASK_TEXT(program); return;
    case LINE: a->yes = ASK_TEXT(line); return;
    case FUNCTION: a->yes = ASK_TEXT(function); return;
    case DATA: a->yes = ASK_TEXT(data); return;
    case BESIDE: a->yes = ASK_TEXT(beside); return;
#undef ASK_TEXT
    case OWN: a->yes = names->is_own(arg, a->place, a->address); return;
    case LIBRARY: a->yes = names->is_library(arg, a->place, a->address); return;
    case STACK: a->yes = names->is_stack(arg, hart, a->address); return;
    case CALL:
        a->yes = names->find_call(arg, hart, a->address, &a->number);
        break;
    case CALLER:
        a->yes = names->find_caller(arg, hart, a->address, &a->number);
        break;
    case QUESTIONS: break;
    }
    if (!a->yes)
        a->number = 0;
}

static void expect_same(const struct rvemu_names *names,
                        const struct asked *was)
{
    struct asked now = *was;

    ask(names, &now);
    assert_int_equal(now.yes, was->yes);
    assert_string_equal(now.text, was->text);
    assert_int_equal(now.number, was->number);
}

/* Asks what an explainer may, just before an event. */
static void ask_something(struct rig *rig, const struct rvemu_names *names)
{
    if (!rig_below(rig, 50))
        names->forget(names->arg, rig_below(rig, ROOTS));
    for (u64 left = rig_below(rig, 8) ? 0 : rig_below(rig, 4); left; left--) {
        struct asked *a = &asked[asked_count++];

        assert_true(asked_count <= ASKED_MAX);
        a->event = rig->count;
        a->question = (enum question)rig_below(rig, QUESTIONS);
        a->place = rig_below(rig, ROOTS);
        a->address = 0x10000 + 8 * rig_below(rig, 40);
        ask(names, a);
    }
}

static void make(struct rig *rig, struct world *world, size_t events)
{
    struct rvemu_names names = knows;
    const struct rvemu_names *recorder;

    names.arg = world;
    rig->options.names = &names;
    rig->options.resolve = resolve;
    rig_create(rig);
    recorder = rvemu_emt_recorder(rig->writer);
    asked_count = 0;
    for (size_t i = 0; i < events; i++) {
        if (i % 70001 == 70000)
            rig_boot(rig);
        ask_something(rig, recorder);
        rig_feed(rig, 1);
    }
}

static void expect_symbol(struct rvemu_emt *trace, u64 pc)
{
    u64 offset = 0, expected_offset = 0;
    const char *text = rvemu_emt_symbol(trace, pc, &offset);
    const char *expected = resolve(NULL, pc, &expected_offset);

    assert_int_equal(!text, !expected);
    if (!text)
        return;
    assert_string_equal(text, expected);
    assert_int_equal(offset, expected_offset);
}

/* The first question of an event or a later one. */
static size_t asked_from(size_t event)
{
    size_t low = 0, high = asked_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (asked[middle].event < event)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void expect_answers(struct rvemu_emt *trace, size_t number)
{
    const struct rvemu_names *names = rvemu_emt_names(trace);

    for (size_t i = asked_from(number);
         i < asked_count && asked[i].event == number; i++)
        expect_same(names, &asked[i]);
}

static void check_here_and_there(struct rig *rig, struct rvemu_emt *trace)
{
    struct rvemu_emt_place place;
    struct rvemu_event event;

    for (unsigned i = 0; i < 40; i++) {
        size_t number = asked[rig_below(rig, asked_count)].event;

        rvemu_emt_seek_event(trace, number);
        assert_true(rvemu_emt_next(trace, &event, &place));
        assert_int_equal(place.number, number);
        expect_answers(trace, number);
        expect_symbol(trace, event.pc);
    }
}

static void answers_are_those_that_were_given(void **state)
{
    static struct world world;
    struct rig rig;
    struct rvemu_emt *trace;
    struct rvemu_emt_place place;
    struct rvemu_event event;

    rig_init(&rig, 11);
    make(&rig, &world, 150000);
    rig_close(&rig);
    assert_in_range(asked_count, 10000, ASKED_MAX);
    assert_in_range(world.forgotten, 1000, 9000);
    trace = rig_open(&rig);
    check_here_and_there(&rig, trace); /* names are first asked for in it */
    rvemu_emt_seek(trace, 0, 0);
    while (rvemu_emt_next(trace, &event, &place)) {
        expect_answers(trace, place.number);
        if (place.number % 16 == 0)
            expect_symbol(trace, event.pc);
    }
    check_here_and_there(&rig, trace);
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

/* What no answer is known to is no, and the text empty. */
static void nobody_invents_an_answer(void **state)
{
    static struct world world;
    struct rig rig;
    struct rvemu_emt *trace;
    struct rvemu_event event;
    u64 offset;

    rig_init(&rig, 12);
    make(&rig, &world, 5000);
    rig_close(&rig);
    trace = rig_open(&rig);
    while (rvemu_emt_next(trace, &event, NULL))
        ;
    for (unsigned i = 0; i < QUESTIONS; i++) {
        struct asked a = {.question = (enum question)i, .address = 0x999};

        ask(rvemu_emt_names(trace), &a);
        assert_false(a.yes);
        assert_true(!a.text[0] || i >= OWN);
    }
    assert_null(rvemu_emt_symbol(trace, 0x999, &offset));
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

/* Of a ring, too, whose first chunks are gone. */
static void a_ring_knows_names_from_before(void **state)
{
    static struct world world;
    struct rig rig;
    struct rvemu_emt *trace;
    struct rvemu_emt_place place;
    struct rvemu_event event;
    struct rvemu_error error;

    rig_init(&rig, 13);
    rig.options.keep = 1u << 20;
    make(&rig, &world, 200000);
    assert_int_equal(rvemu_emt_save(rig.writer, &error), 0);
    rig_close(&rig);
    trace = rig_open(&rig);
    assert_true(rvemu_emt_about(trace)->has_begun_late);
    while (rvemu_emt_next(trace, &event, &place)) {
        expect_answers(trace, place.number);
        if (place.number % 64 == 0)
            expect_symbol(trace, event.pc);
    }
    assert_int_equal(place.number, rig.count - 1);
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

/* Questions without end, at events that are not written. */
static void names_alone_may_be_many(void **state)
{
    static struct world world;
    struct rvemu_names names = knows;
    const struct rvemu_names *recorder;
    struct rvemu_event event = {.kind = RVEMU_EVENT_xret};
    struct rvemu_emt_losses losses;
    struct rvemu_emt *trace;
    struct rig rig;
    char was[64], is[64];

    rig_init(&rig, 14);
    names.arg = &world;
    rig.options.names = &names;
    rig_create(&rig);
    recorder = rvemu_emt_recorder(rig.writer);
    for (u64 i = 0; i < 900000; i++)
        recorder->name_data(recorder->arg, 1, i * 4096, was, sizeof(was));
    assert_false(rvemu_emt_broken(rig.writer));
    rvemu_emt_feed(rig.writer, &event);
    rig_close(&rig);
    trace = rig_open(&rig);
    assert_true(rvemu_emt_next(trace, &event, NULL));
    for (u64 i = 0; i < 900000; i += 777) {
        know_data(&world, 1, i * 4096, was, sizeof(was));
        rvemu_emt_names(trace)->name_data(rvemu_emt_names(trace)->arg, 1,
                                          i * 4096, is, sizeof(is));
        assert_string_equal(is, was);
    }
    rvemu_emt_losses(trace, &losses);
    assert_int_equal(losses.damaged, 0);
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

/* Names without end: those of events that are no longer kept are given up, or
 * the book would be full one day. */
static void a_ring_forgets_names(void **state)
{
    static struct world world;
    struct rvemu_names names = knows;
    const struct rvemu_names *recorder;
    struct rvemu_event event = {.kind = RVEMU_EVENT_xret};
    const u64 keep = 1u << 20;
    struct rvemu_emt *trace;
    struct rvemu_error error;
    struct rvemu_emt_place place;
    struct rig rig;
    char was[64], is[64];
    u64 at = 0;

    rig_init(&rig, 15);
    names.arg = &world;
    rig.options.names = &names;
    rig.options.keep = keep;
    rig_create(&rig);
    recorder = rvemu_emt_recorder(rig.writer);
    for (; at < 5800000; at++) {
        recorder->name_data(recorder->arg, 1, at * 4096, was, sizeof(was));
        if (at % 40 == 0)
            rvemu_emt_feed(rig.writer, &event);
    }
    assert_int_equal(rvemu_emt_save(rig.writer, &error), 0);
    rig_close(&rig);
    trace = rig_open(&rig);
    assert_in_range(rvemu_emt_about(trace)->bytes, 1000, keep + (keep >> 2));
    assert_true(rvemu_emt_next(trace, &event, &place));
    for (at = place.number * 40; at < 5800000; at++) {
        const struct rvemu_names *answers = rvemu_emt_names(trace);

        if (at % 40 == 0 && at > place.number * 40)
            assert_true(rvemu_emt_next(trace, &event, &place));
        if (at % 40)
            continue;
        know_data(&world, 1, at * 4096, was, sizeof(was));
        answers->name_data(answers->arg, 1, at * 4096, is, sizeof(is));
        assert_string_equal(is, was);
    }
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

/* Nor are they kept for events that never come. */
static void a_ring_bounds_names_without_events(void **state)
{
    static struct world world;
    struct rvemu_names names = knows;
    const struct rvemu_names *recorder;
    struct rvemu_event event = {.kind = RVEMU_EVENT_xret};
    struct rvemu_emt *trace;
    struct rvemu_error error;
    struct rig rig;
    char text[64];

    rig_init(&rig, 16);
    names.arg = &world;
    rig.options.names = &names;
    rig.options.keep = 2u << 20;
    rig_create(&rig);
    recorder = rvemu_emt_recorder(rig.writer);
    rvemu_emt_feed(rig.writer, &event);
    for (u64 i = 0; i < 1500000; i++)
        recorder->name_data(recorder->arg, 1, i * 4096, text, sizeof(text));
    rvemu_emt_feed(rig.writer, &event);
    assert_int_equal(rvemu_emt_save(rig.writer, &error), 0);
    rig_close(&rig);
    trace = rig_open(&rig);
    assert_in_range(rvemu_emt_about(trace)->bytes, 1000, 5u << 19);
    assert_true(rvemu_emt_next(trace, &event, NULL));
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_those_that_were_given),
        cmocka_unit_test(nobody_invents_an_answer),
        cmocka_unit_test(a_ring_knows_names_from_before),
        cmocka_unit_test(names_alone_may_be_many),
        cmocka_unit_test(a_ring_forgets_names),
        cmocka_unit_test(a_ring_bounds_names_without_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
