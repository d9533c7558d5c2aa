/*
 * Unit tests of emu/trace/: the schema, delivery through the ring, the text
 * of an event, lists of kinds, and the hash of a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../guest/include/uapi/mark.h"
#include "trace/sieve.h"
#include "trace/trace.h"

static void schema_rows_are_complete(void **state)
{
    unsigned rows = 0;

    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++) {
        const struct rvemu_event_info *info = rvemu_event_info(kind);

        if (!info)
            continue;
        rows++;
        assert_in_range(info->fields, 1, RVEMU_EVENT_WORDS);
        assert_true(strlen(info->what) > 0);
        for (unsigned i = 0; i < info->fields; i++)
            assert_true(strlen(info->field[i].name) > 0);
    }
    assert_true(rows >= 13);
    assert_null(rvemu_event_info(0));
    assert_null(rvemu_event_info(RVEMU_EVENT_KINDS));
    assert_null(rvemu_event_info(~0u));
    assert_string_equal(rvemu_event_info(8)->name, "pte_write");
    assert_string_equal(rvemu_event_info(8)->field[5].name, "new");
    assert_int_equal(rvemu_event_info(8)->field[5].unit, RVEMU_UNIT_PTE);
}

struct log {
    unsigned count;
    uint64_t pc[1000];
    char *order; /* every call appends tag here */
    char tag;
};

static void log_event(void *arg, const struct rvemu_event *event)
{
    struct log *log = arg;

    log->pc[log->count++] = event->pc;
    if (log->order)
        strncat(log->order, &log->tag, 1);
}

static int subscribe(struct trace *trace, rvemu_event_set kinds,
                     struct log *log)
{
    return trace_subscribe(trace,
                           &(struct rvemu_subscription){
                               .kinds = kinds, .call = log_event, .arg = log});
}

static void delivery_keeps_order_past_a_full_ring(void **state)
{
    static struct trace trace;
    static struct log log;
    enum { N = 2 * TRACE_RING + 7 };

    assert_false(trace_wants(&trace, RVEMU_EVENT_satp));
    assert_int_equal(subscribe(&trace, RVEMU_EVENT_BIT(satp), &log), 1);
    assert_true(trace_wants(&trace, RVEMU_EVENT_satp));
    assert_false(trace_wants(&trace, RVEMU_EVENT_trap));
    for (unsigned i = 0; i < N; i++) {
        struct rvemu_event *event =
            trace_new(&trace, RVEMU_EVENT_satp, SIEVE_NO_SATP);

        assert_int_equal(event->kind, RVEMU_EVENT_satp);
        assert_int_equal(event->satp.new, 0);
        assert_int_equal(event->pc, 0);
        event->pc = i;
        event->satp.new = ~0ull; /* must not show in a later record */
    }
    assert_int_equal(log.count, 2 * TRACE_RING);
    trace_deliver(&trace);
    assert_int_equal(log.count, N);
    trace_deliver(&trace);
    assert_int_equal(log.count, N);
    for (unsigned i = 0; i < N; i++)
        assert_int_equal(log.pc[i], i);
}

static void a_prompt_ring_holds_one_event(void **state)
{
    static struct trace trace;
    static struct log log;

    trace_set_prompt(&trace, ~(rvemu_event_set)0);
    subscribe(&trace, RVEMU_EVENT_BIT(satp), &log);
    assert_false(trace_is_full(&trace));
    for (unsigned i = 0; i < 5; i++) {
        trace_new(&trace, RVEMU_EVENT_satp, SIEVE_NO_SATP)->pc = i;
        assert_true(trace_is_full(&trace));
        assert_int_equal(log.count, i);
    }
    trace_deliver(&trace);
    assert_int_equal(log.count, 5);
    assert_int_equal(log.pc[4], 4);
}

/* Others wait for it, and are told before. */
static void only_some_kinds_are_prompt(void **state)
{
    static struct trace trace;
    static struct log log;
    const rvemu_event_set both = RVEMU_EVENT_BIT(satp) | RVEMU_EVENT_BIT(trap);

    trace_set_prompt(&trace, RVEMU_EVENT_BIT(trap));
    subscribe(&trace, both, &log);
    for (unsigned i = 0; i < 5; i++) {
        trace_new(&trace, RVEMU_EVENT_satp, SIEVE_NO_SATP)->pc = i;
        assert_false(trace_is_full(&trace));
    }
    trace_new(&trace, RVEMU_EVENT_trap, SIEVE_NO_SATP)->pc = 5;
    assert_true(trace_is_full(&trace));
    assert_int_equal(log.count, 0);
    trace_new(&trace, RVEMU_EVENT_satp, SIEVE_NO_SATP)->pc = 6;
    assert_false(trace_is_full(&trace));
    assert_int_equal(log.count, 6);
    trace_deliver(&trace);
    assert_int_equal(log.count, 7);
    for (unsigned i = 0; i < 7; i++)
        assert_int_equal(log.pc[i], i);
}

static void subscribers_get_their_kinds_in_turn(void **state)
{
    static struct trace trace;
    static struct log a, b;
    char order[16] = "";

    a = (struct log){.order = order, .tag = 'a'};
    b = (struct log){.order = order, .tag = 'b'};
    subscribe(&trace, RVEMU_EVENT_BIT(satp) | RVEMU_EVENT_BIT(trap), &a);
    subscribe(&trace, RVEMU_EVENT_BIT(trap), &b);
    trace_new(&trace, RVEMU_EVENT_satp, SIEVE_NO_SATP);
    trace_new(&trace, RVEMU_EVENT_trap, SIEVE_NO_SATP);
    trace_new(&trace, RVEMU_EVENT_mark, SIEVE_NO_SATP);
    trace_deliver(&trace);
    assert_string_equal(order, "aab");
    for (unsigned i = 2; i < TRACE_SUBSCRIBERS_MAX; i++)
        assert_int_equal(subscribe(&trace, 1, &a), i + 1);
    assert_int_equal(subscribe(&trace, 1, &a), -1);
}

/* The last of the kinds that a set has room for. */
static void there_is_room_for_many_kinds(void **state)
{
    enum { LAST = RVEMU_EVENT_KINDS_MAX - 1 };
    static struct trace trace;
    static struct log log;

    subscribe(&trace, RVEMU_EVENT_SET(LAST), &log);
    assert_true(trace_wants(&trace, LAST));
    assert_false(trace_wants(&trace, LAST - 64));
    trace_new(&trace, LAST, SIEVE_NO_SATP);
    trace_new(&trace, LAST - 64, SIEVE_NO_SATP);
    trace_deliver(&trace);
    assert_int_equal(log.count, 1);
    assert_int_equal(
        trace_unsubscribe(&trace, trace_find(&trace, log_event, &log)), 0);
    assert_false(trace_wants(&trace, LAST));
    assert_int_equal(
        trace_unsubscribe(&trace, trace_find(&trace, log_event, &log)), -1);
}

static const char *one_symbol(void *arg, uint64_t address, uint64_t *offset)
{
    if (address < 0xffffffc080001000 || address >= 0xffffffc080002000)
        return NULL;
    *offset = address - 0xffffffc080001000;
    return "vm_map";
}

static void text_shows_fields_by_unit(void **state)
{
    struct rvemu_event event = {.time = 123456,
                                .pc = 0xffffffc08000101c,
                                .kind = RVEMU_EVENT_pte_write,
                                .priv = 1};
    char out[512];
    size_t length;

    event.pte_write.root = 0x80412;
    event.pte_write.va = 0x10000;
    event.pte_write.pte_pa = 0x80412080;
    event.pte_write.new = 0x80b31ull << 10 | 0x1df;
    length = rvemu_event_text(out, sizeof(out), &event, one_symbol, NULL);
    assert_string_equal(out,
                        "      123456 h0 S 0xffffffc08000101c vm_map+0x1c"
                        "             pte_write    root=0x80412 va=0x10000 "
                        "level=0 pte_pa=0x80412080 old=0 "
                        "new=80b31:DA-UXWRV+rsw1 origin=hart");
    assert_int_equal(length, strlen(out));
}

static void text_names_satp_and_causes(void **state)
{
    struct rvemu_event event = {.kind = RVEMU_EVENT_satp, .priv = 3};
    char out[512];

    event.satp.new = 8ull << 60 | 7ull << 44 | 0x80412;
    rvemu_event_text(out, sizeof(out), &event, NULL, NULL);
    assert_non_null(strstr(out, " M 0x0000000000000000 satp "));
    assert_non_null(strstr(out, "old=bare new=sv39:7:0x80412"));
    event = (struct rvemu_event){.kind = RVEMU_EVENT_trap};
    event.trap.cause = 15;
    rvemu_event_text(out, sizeof(out), &event, NULL, NULL);
    assert_non_null(strstr(out, "cause=store_page_fault"));
    event.trap.cause = 1ull << 63 | 5;
    rvemu_event_text(out, sizeof(out), &event, NULL, NULL);
    assert_non_null(strstr(out, "cause=s_timer"));
    event.trap.cause = 1ull << 63 | 63;
    rvemu_event_text(out, sizeof(out), &event, NULL, NULL);
    assert_non_null(strstr(out, "cause=?"));
}

static void expect_fields(const struct rvemu_event *event, const char *fields)
{
    char out[512];
    const char *at;

    rvemu_event_text(out, sizeof(out), event, NULL, NULL);
    at = strstr(out, fields);
    assert_non_null(at);
    assert_string_equal(at, fields);
}

static void text_names_devices_and_calls(void **state)
{
    struct rvemu_event event = {.kind = RVEMU_EVENT_mmio};

    memcpy(&event.mmio.device, "virtio7", 7);
    event.mmio.size = 4;
    expect_fields(&event, "size=4 value=0x0 is_write=0 device=virtio7");
    event = (struct rvemu_event){.kind = RVEMU_EVENT_sbi_return};
    event.sbi_return =
        (struct rvemu_ev_sbi_return){0x48534d, 1, (uint64_t)-3, 5};
    expect_fields(&event, "extension=hsm function=1 error=-3 value=0x5");
    event.sbi_return.extension = 0x9999;
    expect_fields(&event, "extension=0x9999 function=1 error=-3 value=0x5");
    event = (struct rvemu_event){.kind = RVEMU_EVENT_plic};
    event.plic.action = RVEMU_PLIC_COMPLETE;
    expect_fields(&event, "action=complete source=0 context=0");
    event = (struct rvemu_event){.kind = RVEMU_EVENT_reservation};
    event.reservation.action = RVEMU_RESERVATION_LOST;
    expect_fields(&event, "action=lost pa=0x0");
    event = (struct rvemu_event){.kind = RVEMU_EVENT_console};
    event.console = (struct rvemu_ev_console){'A', RVEMU_OUTLET_SEMIHOSTING};
    expect_fields(&event, "byte=0x41 outlet=semihosting");
    event.console.outlet = 1ull << 32;
    expect_fields(&event, "byte=0x41 outlet=?");
}

static void text_never_overruns(void **state)
{
    struct rvemu_event event = {.kind = RVEMU_EVENT_page_fault};
    char whole[512], out[512];
    size_t length;

    memset(event.word, 0xff, sizeof(event.word));
    length = rvemu_event_text(whole, sizeof(whole), &event, one_symbol, NULL);
    for (size_t size = 1; size <= length + 1; size++) {
        memset(out, '#', sizeof(out));
        assert_int_equal(rvemu_event_text(out, size, &event, one_symbol, NULL),
                         size - 1);
        assert_memory_equal(out, whole, size - 1);
        assert_int_equal(out[size - 1], 0);
        assert_int_equal(out[size], '#');
    }
}

static void marks_say_whose_they_are(void **state)
{
    struct rvemu_event event = {.kind = RVEMU_EVENT_mark, .priv = 1};
    char out[512];

    event.mark.id = MARK_EXEC;
    event.mark.a0 = 3;
    event.mark.a1 = 8ull << 60 | 0x80412;
    memcpy(&event.mark.a2, "cow\0\0\0\0", 8);
    rvemu_event_text(out, sizeof(out), &event, NULL, NULL);
    assert_non_null(strstr(out, " exec pid=3 satp=sv39:0:0x80412 name=cow"));
    assert_null(strstr(out, "the program says"));
    event.priv = 0;
    rvemu_event_text(out, sizeof(out), &event, NULL, NULL);
    assert_non_null(strstr(out, "the program says: exec pid=3"));
    event.mark.id = 99;
    rvemu_event_text(out, sizeof(out), &event, NULL, NULL);
    assert_non_null(strstr(out, "the program says: 99 a0=0x3"));
}

static void lists_of_kinds(void **state)
{
    const char *bad = NULL;
    rvemu_event_set kinds = 0;

    assert_int_equal(rvemu_event_kinds("trap,pte_write", &kinds, &bad), 0);
    assert_true(kinds == (RVEMU_EVENT_BIT(trap) | RVEMU_EVENT_BIT(pte_write)));
    assert_int_equal(rvemu_event_kinds("int", &kinds, &bad), 0);
    assert_true(kinds == (RVEMU_EVENT_BIT(trap) | RVEMU_EVENT_BIT(xret)));
    assert_int_equal(rvemu_event_kinds("mmu", &kinds, &bad), 0);
    assert_true(kinds ==
                (RVEMU_EVENT_BIT(page_fault) | RVEMU_EVENT_BIT(tlb_fill) |
                 RVEMU_EVENT_BIT(tlb_flush) | RVEMU_EVENT_BIT(satp)));
    assert_int_equal(rvemu_event_kinds("all", &kinds, &bad), 0);
    assert_true(!(kinds & RVEMU_EVENTS_COMMIT));
    kinds |= RVEMU_EVENTS_COMMIT;
    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++)
        assert_int_equal((unsigned)(kinds >> kind & 1),
                         rvemu_event_info(kind) != NULL);
    assert_int_equal(rvemu_event_kinds("commit,trap", &kinds, &bad), 0);
    assert_true(kinds == (RVEMU_EVENTS_COMMIT | RVEMU_EVENT_BIT(trap)));
    assert_int_equal(rvemu_event_kinds("trap,tra,satp", &kinds, &bad), -1);
    assert_string_equal(bad, "tra,satp");
    assert_int_equal(rvemu_event_kinds("satp,trap=1", &kinds, &bad), -1);
    assert_string_equal(bad, "trap=1");
    assert_int_equal(rvemu_event_kinds("", &kinds, &bad), -1);
    assert_int_equal(rvemu_event_kinds("trap,", &kinds, &bad), -1);
}

static uint64_t hash_of(const struct rvemu_event *events, unsigned count)
{
    struct rvemu_hash hash = {0};

    for (unsigned i = 0; i < count; i++)
        rvemu_hash_event(&hash, &events[i]);
    return rvemu_hash_value(&hash);
}

static void every_field_changes_the_hash(void **state)
{
    struct rvemu_event base = {.kind = RVEMU_EVENT_page_fault, .time = 5};
    uint64_t before = hash_of(&base, 1);
    struct rvemu_event e;

#define CHANGED(field, value) \
    e = base;                 \
    e.field = value;          \
    assert_int_not_equal(hash_of(&e, 1), before)
    CHANGED(time, 6);
    CHANGED(pc, 1);
    CHANGED(kind, RVEMU_EVENT_pte_write);
    CHANGED(hart, 1);
    CHANGED(priv, 1);
    for (unsigned i = 0; i < RVEMU_EVENT_WORDS; i++) {
        CHANGED(word[i], 1);
        CHANGED(word[i], 1ull << 63);
    }
    /* What the kind does not hold and what pads the record stay out. */
    e = base;
    e.reserved = 1;
    assert_int_equal(hash_of(&e, 1), before);
    base.kind = RVEMU_EVENT_satp;
    before = hash_of(&base, 1);
    e = base;
    e.word[7] = 1;
    assert_int_equal(hash_of(&e, 1), before);
}

static void order_and_count_change_the_hash(void **state)
{
    struct rvemu_event ab[2] = {{.kind = RVEMU_EVENT_satp, .time = 1},
                                {.kind = RVEMU_EVENT_satp, .time = 2}};
    struct rvemu_event ba[2] = {ab[1], ab[0]};

    assert_int_not_equal(hash_of(ab, 2), hash_of(ba, 2));
    assert_int_not_equal(hash_of(ab, 1), hash_of(ab, 2));
    assert_int_not_equal(hash_of(ab, 0), hash_of(ab, 1));
}

/* A constant written down once: equal on every host and from every compiler. */
static void the_hash_is_the_same_everywhere(void **state)
{
    struct rvemu_event event = {.kind = RVEMU_EVENT_satp,
                                .time = 0x0102030405060708,
                                .pc = 0x80000000,
                                .hart = 2,
                                .priv = 1};

    event.satp.old = 0x1122334455667788;
    event.satp.new = 0x8877665544332211;
    assert_int_equal(hash_of(&event, 1), 0x24a195384cff3bceull);
}

static void times_have_units_and_points(void **state)
{
    static const struct {
        const char *text;
        u64 ns;
    } right[] = {
        {"0", 0},
        {"1500", 1500},
        {"010", 10},
        {"7ns", 7},
        {"1.5us", 1500},
        {"1.5", 1},
        {"0.0000019ms", 1},
        {"2.000000001s", 2000000001},
        {"18446744073709551615", UINT64_MAX},
        {"18446744073.709551615s", UINT64_MAX},
    };
    static const char *const wrong[] = {
        "",
        "ms",
        ".5ms",
        "-1",
        "1.5.5",
        "1 ms",
        "1MS",
        "0x10",
        "1ms ",
        "+1",
        "1m",
        "18446744073709551616",
        "99999999999s",
        "18446744073.709551616s",
    };
    u64 time;

    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        assert_int_equal(rvemu_time_read(right[i].text, &time), 0);
        assert_int_equal(time, right[i].ns);
    }
    time = 3;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(rvemu_time_read(wrong[i], &time), -1);
    assert_int_equal(time, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema_rows_are_complete),
        cmocka_unit_test(delivery_keeps_order_past_a_full_ring),
        cmocka_unit_test(a_prompt_ring_holds_one_event),
        cmocka_unit_test(only_some_kinds_are_prompt),
        cmocka_unit_test(subscribers_get_their_kinds_in_turn),
        cmocka_unit_test(there_is_room_for_many_kinds),
        cmocka_unit_test(text_shows_fields_by_unit),
        cmocka_unit_test(text_names_satp_and_causes),
        cmocka_unit_test(text_names_devices_and_calls),
        cmocka_unit_test(text_never_overruns),
        cmocka_unit_test(marks_say_whose_they_are),
        cmocka_unit_test(lists_of_kinds),
        cmocka_unit_test(times_have_units_and_points),
        cmocka_unit_test(every_field_changes_the_hash),
        cmocka_unit_test(order_and_count_change_the_hash),
        cmocka_unit_test(the_hash_is_the_same_everywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
