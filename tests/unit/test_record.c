/*
 * Unit test of recordings (emu/machine/recording.c) and of machines out of
 * traces (emt_keeper.c, emt_machine.c): what came from outside comes again at
 * its moment; a run that goes another way is found, with what differs; a
 * machine at any step is the one that was there.
 */
#include <rvemu/rvemu.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/machine.h"
#include "machine/snapshot_file.h"

#define RAM (8ull << 20)
#define STEPS 40000000ull
#define PIECE 100000

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

static char guest[64], path[64], other[64];

static void write_file(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static rvemu *start(const struct rvemu_config *config)
{
    const struct rvemu_guest load = {.as = RVEMU_AS_MACHINE,
                                     .image = {.path = guest}};
    struct rvemu_error error;
    rvemu *m;

    if (rvemu_create(config, &m, &error) < 0 ||
        rvemu_load(m, &load, &error) < 0)
        fail_msg("%s", error.text);
    return m;
}

static const struct rvemu_config plain = {.ram_bytes = RAM, .harts = 2};

static void type(rvemu *m, const char *text)
{
    rvemu_input(m, &(struct rvemu_input){.kind = RVEMU_INPUT_BYTES,
                                         .bytes = (const u8 *)text,
                                         .count = strlen(text)});
}

/* Runs a piece, with a look at what somebody has to note behind it. */
static void run(rvemu *m, u64 steps, struct rvemu_recorder *recorder,
                struct rvemu_emt_keeper *keeper)
{
    struct rvemu_stop stop;

    while (steps) {
        u64 piece = steps < PIECE ? steps : PIECE;

        if (recorder && rvemu_recorder_room(recorder) < piece)
            piece = rvemu_recorder_room(recorder);
        if (keeper && rvemu_emt_keeper_room(keeper) < piece)
            piece = rvemu_emt_keeper_room(keeper);
        rvemu_run(m, piece, &stop);
        assert_int_equal(stop.reason, RVEMU_STOP_STEPS);
        if (recorder)
            rvemu_recorder_look(recorder);
        if (keeper)
            rvemu_emt_keeper_look(keeper);
        steps -= piece;
    }
}

/* A run with input, and a change from outside; its state at the end. */
static u64 record(void)
{
    struct rvemu_recorder *recorder = rvemu_recorder_new();
    struct rvemu_error error;
    rvemu *m = start(&plain);
    u64 hash;

    assert_non_null(recorder);
    assert_int_equal(rvemu_recorder_attach(recorder, m, &error), 0);
    run(m, 1234567, recorder, NULL);
    type(m, "abc");
    run(m, 1111111, recorder, NULL);
    rvemu_set_x(m, 1, 28, 77);
    run(m, STEPS, recorder, NULL);
    type(m, "d");
    run(m, 999, recorder, NULL);
    hash = rvemu_state_hash(m);
    assert_int_equal(rvemu_recorder_write(recorder, path, &error), 0);
    rvemu_recorder_free(recorder);
    rvemu_destroy(m);
    return hash;
}

/* Makes the run of a file again. Returns its state at the end, or 0 with
 * error. */
static u64 replay(const char *name, const struct rvemu_config *config,
                  struct rvemu_error *error)
{
    struct rvemu_replay *replay;
    rvemu *m = start(config);
    struct rvemu_stop stop;
    u64 hash = 0;
    int failed;

    error->text[0] = '\0';
    failed = rvemu_replay_open(name, &replay, error);
    if (!failed)
        failed = rvemu_replay_attach(replay, m, error);
    while (!failed && !rvemu_replay_is_over(replay)) {
        rvemu_run(m, rvemu_replay_room(replay), &stop);
        failed = rvemu_replay_look(replay, error);
    }
    if (!failed)
        hash = rvemu_state_hash(m);
    rvemu_replay_free(replay);
    rvemu_destroy(m);
    return hash;
}

static void a_run_is_made_again(void **state)
{
    struct rvemu_error error;
    u64 hash = record();

    assert_int_equal(replay(path, &plain, &error), hash);
    assert_string_equal(error.text, "");
}

static void forge(u32 kind, size_t from_end, u8 bits)
{
    struct snapshot_mapping file;
    struct snapshot_writer writer;
    struct rvemu_error error;

    assert_int_equal(snapshot_map(&file, &recording_format, path, &error), 0);
    assert_int_equal(
        snapshot_writer_open(&writer, &recording_format, other, true, &error),
        0);
    for (size_t i = 0; i < file.sections.count; i++) {
        const struct section *s = &file.sections.at[i];
        u8 *copy = malloc(s->size + 1);

        memcpy(copy, s->bytes, s->size);
        if (s->kind == kind)
            copy[s->size - from_end] ^= bits;
        assert_true(
            snapshot_writer_put(&writer, s->kind, s->index, copy, s->size));
        free(copy);
    }
    assert_int_equal(snapshot_writer_close(&writer, true, &error), 0);
    snapshot_unmap(&file);
}

static void expect_error(const struct rvemu_config *config, const char *name,
                         const char *text)
{
    struct rvemu_error error;

    assert_int_equal(replay(name, config, &error), 0);
    if (!strstr(error.text, text))
        fail_msg("%s: %s", text, error.text);
}

static void another_run_is_found(void **state)
{
    struct rvemu_config config = plain;

    record();
    config.seed = 5;
    expect_error(&config, path, "--seed: the recording has seed 0, not 5");
    forge(SECTION_LOG, 1, 1); /* the byte that came last */
    expect_error(&plain, other, "the state of input 0 is not what it was");
    forge(SECTION_MARKS, 3, 1); /* of the last part */
    expect_error(&plain, other, "the state of hart.tlb 1 is not what it was");
    forge(SECTION_START, 3, 1);
    expect_error(&plain, other, "the recording began otherwise");
    write_file(other, program, sizeof(program));
    expect_error(&plain, other, "it is no recording");
}

/* A trace with the machine of a run that takes long enough for several
 * snapshots; states at some steps. */
static void trace_run(u64 *at, u64 *hash, unsigned count)
{
    const struct rvemu_emt_options options = {.kinds = 1, .to = UINT64_MAX};
    struct rvemu_emt_writer *writer;
    struct rvemu_emt_keeper *keeper;
    struct rvemu_error error;
    rvemu *m = start(&plain);
    u64 made = 0;

    assert_int_equal(rvemu_emt_create(path, &options, &writer, &error), 0);
    keeper = rvemu_emt_keeper_new(writer, 0);
    assert_int_equal(rvemu_emt_keeper_attach(keeper, m, &error), 0);
    for (unsigned i = 0; i < count; i++) {
        run(m, at[i] - made, NULL, keeper);
        made = at[i];
        hash[i] = rvemu_state_hash(m);
        type(m, "xyz");
    }
    rvemu_emt_keeper_detach(keeper);
    rvemu_emt_keeper_free(keeper);
    assert_int_equal(rvemu_emt_close(writer, &error), 0);
    rvemu_destroy(m);
}

static void a_machine_comes_out_of_its_trace(void **state)
{
    u64 at[] = {0, 1000, 3000000, 269000000, 300000001}, hash[5];
    struct rvemu_emt *trace;
    struct rvemu_error error;
    rvemu *m;

    trace_run(at, hash, 5);
    assert_int_equal(rvemu_emt_open(path, &trace, &error), 0);
    for (unsigned i = 0; i < 5; i++) {
        if (rvemu_emt_machine(trace, 0, at[i], NULL, &m, &error) < 0)
            fail_msg("%s", error.text);
        assert_int_equal(rvemu_state_hash(m), hash[i]);
        assert_int_equal(rvemu_emt_steps_left(m), at[4] - at[i]);
        rvemu_destroy(m);
    }
    assert_int_equal(rvemu_emt_machine(trace, 0, at[4] + 1, NULL, &m, &error),
                     -1);
    assert_null(m);
    assert_int_equal(rvemu_emt_machine(trace, 1, 0, NULL, &m, &error), -1);
    assert_int_equal(rvemu_emt_machine_at(trace, 0, 3000000, NULL, &m, &error),
                     0);
    assert_int_equal(rvemu_state_hash(m), hash[2]);
    rvemu_destroy(m);
    rvemu_emt_free(trace);
}

static int set_up(void **state)
{
    snprintf(guest, sizeof(guest), "/tmp/record.%ld.guest", (long)getpid());
    snprintf(path, sizeof(path), "/tmp/record.%ld.a", (long)getpid());
    snprintf(other, sizeof(other), "/tmp/record.%ld.b", (long)getpid());
    write_file(guest, program, sizeof(program));
    return 0;
}

static int tear_down(void **state)
{
    unlink(guest);
    unlink(path);
    unlink(other);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_made_again),
        cmocka_unit_test(another_run_is_found),
        cmocka_unit_test(a_machine_comes_out_of_its_trace),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
