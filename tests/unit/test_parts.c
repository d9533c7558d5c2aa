/*
 * Unit test of guest state as a table of parts (emu/machine/parts.c): what is
 * saved can be loaded into another machine, which then goes on as the first
 * would; and no part can be other than it was without being named.
 */
#include "machine/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "machine/machine.h"
#include "machine/move.h"

#define START 0x80000000
#define RAM (8ull << 20)
#define HARTS 2

/* Each hart counts in memory of its own. */
static const u32 program[] = {
    0xf1402373, /* csrr t1, mhartid */
    0x01031313, /* slli t1, t1, 16 */
    0x00002397, /* auipc t2, 2 */
    0x006383b3, /* add t2, t2, t1 */
    0x0003be03, /* loop: ld t3, 0(t2) */
    0x001e0e13, /* addi t3, t3, 1 */
    0x01c3b023, /* sd t3, 0(t2) */
    0xff5ff06f, /* j loop */
};

static rvemu *make(void)
{
    const struct rvemu_config config = {.ram_bytes = RAM, .harts = HARTS};
    struct rvemu_error error;
    rvemu *machine;

    if (rvemu_create(&config, &machine, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(rvemu_write_ram(machine, START, program, sizeof(program)),
                     0);
    for (unsigned hart = 0; hart < HARTS; hart++)
        rvemu_set_pc(machine, hart, START);
    return machine;
}

static void run(rvemu *machine, u64 steps)
{
    struct rvemu_stop stop;

    rvemu_run(machine, steps, &stop);
    assert_int_equal(stop.reason, RVEMU_STOP_STEPS);
}

static u8 *saved(rvemu *machine)
{
    u8 *bytes = malloc(parts_size(machine));

    assert_non_null(bytes);
    parts_save(machine, bytes);
    return bytes;
}

static void expect_alike(rvemu *a, rvemu *b)
{
    u8 *bytes = saved(a);
    struct part part;

    if (parts_differ(b, bytes, &part))
        fail_msg("%s%u differs", part.name, part.index);
    assert_int_equal(parts_hash(a), parts_hash(b));
    assert_memory_equal(a->bus.ram.host, b->bus.ram.host, RAM);
    free(bytes);
}

static void a_loaded_machine_goes_on_alike(void **state)
{
    for (u64 steps = 1; steps < 100000; steps = 3 * steps + 1) {
        rvemu *first = make(), *second = make();
        u8 *bytes;

        run(first, steps);
        bytes = saved(first);
        memcpy(second->bus.ram.host, first->bus.ram.host, RAM);
        parts_load(second, bytes);
        parts_restored(second);
        expect_alike(first, second);
        run(first, 54321);
        run(second, 54321);
        expect_alike(first, second);
        free(bytes);
        rvemu_destroy(first);
        rvemu_destroy(second);
    }
}

static void a_moved_machine_goes_on_alike(void **state)
{
    rvemu *still = make(), *moved = make();
    struct rvemu_error error;

    for (u64 steps = 1; steps < 100000; steps = 3 * steps + 1) {
        run(still, steps);
        run(moved, steps);
        assert_int_equal(machine_move(moved, &error), 0);
        expect_alike(still, moved);
    }
    rvemu_destroy(still);
    rvemu_destroy(moved);
}

struct flip {
    rvemu *machine;
    const u8 *bytes;
    u64 hash;
    unsigned parts;
};

/* Each byte of a part, one after the other. */
static void flip(void *arg, const struct part *part)
{
    struct flip *f = arg;
    struct part found;

    f->parts++;
    for (size_t i = 0; i < part->size; i += 1 + part->size / 64) {
        ((u8 *)part->bytes)[i] ^= 1;
        assert_true(parts_differ(f->machine, f->bytes, &found));
        assert_string_equal(found.name, part->name);
        assert_int_equal(found.index, part->index);
        assert_int_not_equal(parts_hash(f->machine), f->hash);
        ((u8 *)part->bytes)[i] ^= 1;
    }
}

static void a_changed_byte_is_named(void **state)
{
    rvemu *machine = make();
    struct flip f = {.machine = machine};
    u8 *bytes;

    run(machine, 5000);
    f.bytes = bytes = saved(machine);
    f.hash = parts_hash(machine);
    parts_each(machine, flip, &f);
    assert_true(f.parts > 20);
    assert_int_equal(parts_hash(machine), f.hash);
    free(bytes);
    rvemu_destroy(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loaded_machine_goes_on_alike),
        cmocka_unit_test(a_moved_machine_goes_on_alike),
        cmocka_unit_test(a_changed_byte_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
