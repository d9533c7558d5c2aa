/*
 * Unit test of whole machines: their events are exact. The stream of each kind
 * is the same when others are watched beside it or none, when every instruction
 * is, when the machine is run in pieces or moves all the time, and when events
 * are told promptly; on one hart and on four.
 *
 * The guests are the bundled kernel and bare-metal programs, found beside the
 * test's own program. What happens inside a hart, test_run.c has random
 * programs for.
 */
#include <rvemu/rvemu.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guest_rig.h"

#define PIECE 997 /* steps; a prime, to fall on no boundary of the guest's */
#define ALL_KINDS (~(rvemu_event_set)0)
#define STEPS_MAX 50000000

/* A guest, and the kinds that it has to make. */
struct guest {
    const char *file;     /* seen from the build folder */
    const char *bootargs; /* of the kernel; NULL: it is bare */
    unsigned harts;
    bool console; /* virtio's, and not the UART */
    const char *typed;
    rvemu_event_set makes;
};

/* How it is run. */
struct way {
    rvemu_event_set kinds;
    uint64_t piece, move;
    bool prompt;
    bool polls; /* the host looks all the time */
};

struct record {
    struct rvemu_hash hash[RVEMU_EVENT_KINDS];
    struct rvemu_stop stop;
    uint64_t time, steps, idle;
    unsigned outlets; /* a bit for each that a byte came by */
};

static void hash_event(void *self, const struct rvemu_event *event)
{
    struct record *record = self;

    if (event->kind == RVEMU_EVENT_console)
        record->outlets |= 1u << event->console.outlet;
    if (event->kind == RVEMU_EVENT_idle)
        record->idle += event->idle.until - event->idle.from;
    rvemu_hash_event(&record->hash[event->kind], event);
}

static bool look(void *self, uint64_t time, enum rvemu_ask ask, uint64_t *next)
{
    *next = time + 10007;
    return true;
}

static void run(struct record *record, const struct guest *guest,
                const struct way *way)
{
    struct rvemu_config config = {
        .harts = guest->harts, .quantum = 999, .test_move = way->move};
    struct rvemu_error error;
    uint64_t left = STEPS_MAX;
    rvemu *machine;

    memset(record, 0, sizeof(*record));
    config.host.poll = way->polls ? look : NULL;
    if (guest->console)
        config.virtio = (struct rvemu_virtio){
            .modern = true, .slot[0].kind = RVEMU_VIRTIO_CONSOLE};
    if (rvemu_create(&config, &machine, &error) < 0)
        fail_msg("%s", error.text);
    guest_load(machine, guest->file, guest->bootargs);
    guest_type(machine, guest->typed);
    assert_int_equal(rvemu_subscribe(machine, way->kinds, hash_event, record),
                     0);
    rvemu_set_prompt(machine, way->prompt ? ~(rvemu_event_set)0 : 0);
    for (; left && record->stop.reason == RVEMU_STOP_STEPS;
         left -= left < way->piece ? left : way->piece)
        rvemu_run(machine, way->piece, &record->stop);
    record->time = rvemu_time(machine);
    for (unsigned i = 0; i < guest->harts; i++)
        record->steps += rvemu_steps(machine, i);
    if (record->stop.reason != RVEMU_STOP_PASS)
        fail_msg("%s: reason %d, %s", guest->file, record->stop.reason,
                 record->stop.text);
    rvemu_destroy(machine);
}

static void same(const struct guest *guest, const struct record *a,
                 const struct record *b, rvemu_event_set kinds)
{
    assert_int_equal(a->time, b->time);
    for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++)
        if (kinds >> kind & 1 && rvemu_hash_value(&a->hash[kind]) !=
                                     rvemu_hash_value(&b->hash[kind]))
            fail_msg("%s, %u harts: %s: %lu events, or %lu", guest->file,
                     guest->harts, rvemu_event_info(kind)->name,
                     a->hash[kind].events, b->hash[kind].events);
}

/* Which of several kinds a run has not made, the others being proof of it. */
static void makes_them(const struct guest *guest, const struct record *record)
{
    for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++)
        if (guest->makes >> kind & 1 && !record->hash[kind].events)
            fail_msg("%s: no %s", guest->file, rvemu_event_info(kind)->name);
}

#define BOTH_WAYS(a, b) RVEMU_EVENT_BIT(a) | RVEMU_EVENT_BIT(b)
#define OF_A_KERNEL                                           \
    (BOTH_WAYS(sbi, sbi_return) | BOTH_WAYS(irq, plic) |      \
     BOTH_WAYS(mmio, console) | BOTH_WAYS(hart_start, idle) | \
     BOTH_WAYS(page_fault, pte_write) | BOTH_WAYS(frame_copied, tlb_flush))

static const struct guest guests[] = {
    {"guest/kernel/kernel.elf", "fork=eager", 1, false, "t_fork\nexit\n",
     OF_A_KERNEL & ~RVEMU_EVENT_BIT(frame_copied)},
    {"guest/kernel/kernel.elf", "", 4, false, "cow\nexit\n", OF_A_KERNEL},
    {"tests/baremetal/reservation.elf", NULL, 1, false, "",
     RVEMU_EVENT_BIT(reservation)},
    {"tests/baremetal/interrupts.elf", NULL, 4, false, "",
     BOTH_WAYS(irq, mmio) | RVEMU_EVENT_BIT(idle)},
    {"tests/baremetal/htif.elf", NULL, 1, false, "", RVEMU_EVENT_BIT(console)},
    {"tests/virtio/serial.elf", NULL, 1, true, "abc", BOTH_WAYS(console, mmio)},
    {"tests/smp/wake.elf", NULL, 4, false, "", BOTH_WAYS(irq, mmio)},
    {"tests/smp/atomics.elf", NULL, 4, false, "", RVEMU_EVENT_BIT(reservation)},
};

#define GUESTS (sizeof(guests) / sizeof(guests[0]))

/* Only a short guest is watched instruction by instruction. */
static bool is_short(const struct record *record)
{
    return record->time < 3000000;
}

static void run_otherwise(const struct guest *guest, const struct record *all)
{
    static struct record other;
    const rvemu_event_set kinds = ~RVEMU_EVENTS_COMMIT;
    const struct way ways[] = {
        {kinds, PIECE, 0, false, false},
        {kinds, STEPS_MAX, 0, false, true},
        {kinds, STEPS_MAX, 10007, false, false},
        {kinds, STEPS_MAX, 0, true, false},
        {is_short(all) ? ALL_KINDS : kinds, STEPS_MAX, 0, false, false},
    };

    for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (ways[i].polls && *guest->typed)
            continue; /* looks decide when it is handed over */
        run(&other, guest, &ways[i]);
        same(guest, all, &other, kinds);
    }
}

static void however_they_are_run(void **state)
{
    static struct record all;
    unsigned outlets = 0;
    const struct way plain = {~RVEMU_EVENTS_COMMIT, STEPS_MAX, 0, false, false};

    for (unsigned i = 0; i < GUESTS; i++) {
        run(&all, &guests[i], &plain);
        makes_them(&guests[i], &all);
        outlets |= all.outlets;
        assert_int_equal(all.time, all.steps + all.idle);
        run_otherwise(&guests[i], &all);
    }
    assert_int_equal(outlets, 1 << RVEMU_OUTLET_UART |
                                  1 << RVEMU_OUTLET_VIRTIO |
                                  1 << RVEMU_OUTLET_HTIF);
}

static void whatever_else_is_watched(void **state)
{
    static struct record all, one;
    const struct way plain = {~RVEMU_EVENTS_COMMIT, STEPS_MAX, 0, false, false};

    for (unsigned i = 0; i < GUESTS; i++) {
        run(&all, &guests[i], &plain);
        for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++) {
            const rvemu_event_set bit = RVEMU_EVENT_SET(kind);
            const struct way alone = {bit, STEPS_MAX, 0, false, false};

            if (!(guests[i].makes & bit))
                continue;
            run(&one, &guests[i], &alone);
            same(&guests[i], &all, &one, bit);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(however_they_are_run),
        cmocka_unit_test(whatever_else_is_watched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
