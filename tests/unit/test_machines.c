/*
 * Two machines in one process: whole systems, run in turns of a few steps,
 * do and print exactly what each does when it is alone.
 *
 * The guests are the bundled images, found beside the test's own program.
 */
#include <rvemu/rvemu.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guest_rig.h"

#define TURN 997 /* steps; a prime, to fall on no boundary of the guest's */
#define OUTPUT_MAX 65536

struct system {
    rvemu *machine;
    struct rvemu_hash hash;
    struct rvemu_stop stop;
    char output[OUTPUT_MAX];
    size_t written;
};

static void put(void *self, uint8_t byte)
{
    struct system *s = self;

    if (byte && s->written < OUTPUT_MAX - 1)
        s->output[s->written++] = (char)byte;
}

static void hash_event(void *self, const struct rvemu_event *event)
{
    struct system *s = self;

    rvemu_hash_event(&s->hash, event);
}

static void begin(struct system *s, const struct rvemu_guest *guest)
{
    struct rvemu_config config = {.host = {.self = s, .console_put = put}};
    struct rvemu_error error;

    memset(s, 0, sizeof(*s));
    if (rvemu_create(&config, &s->machine, &error) < 0 ||
        rvemu_load(s->machine, guest, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(
        rvemu_subscribe(s->machine, ~(rvemu_event_set)0, hash_event, s), 0);
}

static void start(struct system *s, const char *bootargs)
{
    char firmware[PATH_MAX], kernel[PATH_MAX], initrd[PATH_MAX];
    struct rvemu_guest guest = {
        .as = RVEMU_AS_KERNEL,
        .firmware = guest_image("firmware/firmware.elf", firmware),
        .image = guest_image("guest/kernel/kernel.elf", kernel),
        .initrd = guest_image("guest/user/initrd.cpio", initrd),
        .bootargs = bootargs,
    };

    begin(s, &guest);
}

/* A program that prints through its tohost. */
static void start_bare(struct system *s)
{
    char path[PATH_MAX];
    const struct rvemu_guest guest = {
        .image = guest_image("tests/baremetal/htif.elf", path)};

    begin(s, &guest);
    assert_int_equal(rvemu_loaded_as(s->machine), RVEMU_AS_MACHINE);
}

static bool turn(struct system *s)
{
    if (s->stop.reason == RVEMU_STOP_STEPS)
        rvemu_run(s->machine, TURN, &s->stop);
    return s->stop.reason == RVEMU_STOP_STEPS;
}

static void same(const struct system *a, const struct system *b)
{
    assert_int_equal(a->stop.reason, RVEMU_STOP_PASS);
    assert_int_equal(b->stop.reason, RVEMU_STOP_PASS);
    assert_true(a->hash.events > 100);
    assert_int_equal(a->hash.events, b->hash.events);
    assert_int_equal(rvemu_hash_value(&a->hash), rvemu_hash_value(&b->hash));
    assert_int_equal(rvemu_time(a->machine), rvemu_time(b->machine));
    assert_int_equal(a->written, b->written);
    assert_memory_equal(a->output, b->output, a->written);
}

static void machines_do_not_know_of_each_other(void **state)
{
    static const char *const bootargs[] = {"init=/bin/t_fork",
                                           "fork=eager init=/bin/cow"};
    static struct system alone[2], together[2];
    bool running = true;

    for (int i = 0; i < 2; i++) {
        start(&alone[i], bootargs[i]);
        while (turn(&alone[i]))
            ;
    }
    start(&together[0], bootargs[0]);
    start(&together[1], bootargs[1]);
    while (running) {
        running = turn(&together[0]);
        running |= turn(&together[1]);
    }
    for (int i = 0; i < 2; i++)
        same(&alone[i], &together[i]);
    assert_int_not_equal(rvemu_hash_value(&together[0].hash),
                         rvemu_hash_value(&together[1].hash));
    for (int i = 0; i < 2; i++) {
        rvemu_destroy(alone[i].machine);
        rvemu_destroy(together[i].machine);
    }
}

static void each_has_its_tohost(void **state)
{
    static struct system alone, together[2];
    bool running = true;

    start_bare(&alone);
    while (turn(&alone))
        ;
    assert_non_null(strstr(alone.output, "ok user"));
    start_bare(&together[0]);
    start_bare(&together[1]);
    while (running) {
        running = turn(&together[0]);
        running |= turn(&together[1]);
    }
    same(&alone, &together[0]);
    same(&alone, &together[1]);
    rvemu_destroy(alone.machine);
    rvemu_destroy(together[0].machine);
    rvemu_destroy(together[1].machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machines_do_not_know_of_each_other),
        cmocka_unit_test(each_has_its_tohost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
