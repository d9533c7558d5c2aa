/*
 * Unit test of snapshots in files (emu/machine/snapshot.c and what it is made
 * of): another machine goes on as the first would; whatever byte of a file is
 * changed, wherever it is cut, it is refused or the same; and what another
 * build would write, or nobody, is refused with the reason.
 */
#define _GNU_SOURCE /* memmem */
#include <rvemu/history.h>
#include <rvemu/snapshot.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/digest.h"
#include "machine/machine.h"
#include "machine/parts.h"
#include "machine/snapshot_file.h"

#define START 0x80000000
#define RAM (8ull << 20)

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

static char path[64], other[64];

static void write_file(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static u8 *read_file(const char *name, size_t *size)
{
    FILE *file = fopen(name, "rb");
    u8 *bytes = malloc(8 << 20);

    assert_non_null(file);
    assert_non_null(bytes);
    *size = fread(bytes, 1, 8 << 20, file);
    fclose(file);
    return bytes;
}

static rvemu *make(const struct rvemu_config *config)
{
    struct rvemu_error error;
    rvemu *machine;

    if (rvemu_create(config, &machine, &error) < 0)
        fail_msg("%s", error.text);
    return machine;
}

/* A machine on its way. */
static rvemu *start(const struct rvemu_config *config)
{
    rvemu *m = make(config);
    struct rvemu_error error;

    write_file(other, program, sizeof(program));
    if (rvemu_load(m,
                   &(struct rvemu_guest){.as = RVEMU_AS_MACHINE,
                                         .image = {.path = other}},
                   &error) < 0)
        fail_msg("%s", error.text);
    return m;
}

static void run(rvemu *machine, u64 steps)
{
    struct rvemu_stop stop;

    rvemu_run(machine, steps, &stop);
    assert_int_equal(stop.reason, RVEMU_STOP_STEPS);
}

static void save(rvemu *m, enum rvemu_snapshot_packing packing)
{
    const struct rvemu_snapshot_options options = {
        .packing = packing, .note = "a note", .note_size = 7};
    struct rvemu_error error;

    if (rvemu_snapshot_write(m, path, &options, &error) < 0)
        fail_msg("%s", error.text);
}

/* A machine that goes on from a file, or NULL with error. */
static rvemu *restore(const char *name, struct rvemu_error *error)
{
    struct rvemu_snapshot *snapshot;
    rvemu *m = NULL;

    error->text[0] = '\0';
    if (rvemu_snapshot_open(name, &snapshot, error) < 0)
        return NULL;
    if (rvemu_create(&rvemu_snapshot_about(snapshot)->config, &m, error) == 0 &&
        rvemu_snapshot_load(m, snapshot, error) < 0) {
        rvemu_destroy(m);
        m = NULL;
    }
    rvemu_snapshot_close(snapshot);
    return m;
}

static void expect_alike(rvemu *a, rvemu *b)
{
    assert_int_equal(rvemu_state_hash(a), rvemu_state_hash(b));
    assert_int_equal(parts_hash(a), parts_hash(b));
    assert_memory_equal(a->bus.ram.host, b->bus.ram.host, RAM);
}

static void another_machine_goes_on_alike(void **state)
{
    for (unsigned i = 0; i < 24; i++) {
        const struct rvemu_config config = {
            .ram_bytes = RAM,
            .harts = 1 + i % 3,
            .seed = i,
            .cpu = i & 1 ? "rv64,zba=off,svade=on" : NULL,
            .hart.tlb.replace = i & 4 ? RVEMU_TLB_LRU : RVEMU_TLB_FIFO};
        struct rvemu_error error;
        rvemu *first = start(&config), *second;

        run(first, 1 + 997 * i * i);
        save(first, i & 2 ? RVEMU_SNAPSHOT_PLAIN : RVEMU_SNAPSHOT_ZSTD);
        second = restore(path, &error);
        if (!second)
            fail_msg("%s", error.text);
        expect_alike(first, second);
        run(first, 54321);
        run(second, 54321);
        expect_alike(first, second);
        assert_int_equal(rvemu_loaded_as(second), RVEMU_AS_MACHINE);
        rvemu_destroy(first);
        rvemu_destroy(second);
    }
}

static const struct rvemu_config plain = {.ram_bytes = RAM};

/* A file that was changed makes no other machine. */
static void expect_refused_or_same(rvemu *was)
{
    struct rvemu_error error;
    rvemu *m = restore(other, &error);

    if (m) {
        assert_int_equal(rvemu_state_hash(m), rvemu_state_hash(was));
        rvemu_destroy(m);
    } else {
        assert_true(strlen(error.text) > 10);
        assert_null(strchr(error.text, '\n'));
    }
}

static void flip(int fd, size_t at, u8 bits)
{
    u8 byte;

    assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
    byte ^= bits;
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
}

/* All bytes of its header, and of the rest those of some pages. */
static void changed_bytes_are_found(void **state)
{
    rvemu *m = start(&plain);
    size_t size;
    u8 *bytes;
    int fd;

    run(m, 1234);
    for (unsigned packing = 0; packing < 2; packing++) {
        save(m, (enum rvemu_snapshot_packing)packing);
        bytes = read_file(path, &size);
        write_file(other, bytes, size);
        free(bytes);
        fd = open(other, O_RDWR);
        assert_true(fd >= 0);
        for (size_t at = 0; at < size; at += at < 100 ? 1 : size / 400) {
            u8 bits = (u8)(1 + at % 255);

            flip(fd, at, bits);
            expect_refused_or_same(m);
            flip(fd, at, bits);
        }
        close(fd);
    }
    rvemu_destroy(m);
}

static void cut_files_are_refused(void **state)
{
    rvemu *m = start(&plain);
    struct rvemu_error error;
    size_t size;
    u8 *bytes;

    save(m, RVEMU_SNAPSHOT_ZSTD);
    bytes = read_file(path, &size);
    for (size_t cut = 0; cut < size; cut += 1 + cut / 16) {
        write_file(other, bytes, cut);
        assert_null(restore(other, &error));
        assert_non_null(strstr(error.text, other));
    }
    free(bytes);
    rvemu_destroy(m);
}

/* Writes the file anew with the sections of one kind changed, and what is
 * needed for that to be right. */
static void forge(u32 kind, void (*change)(u8 *bytes, u64 *size))
{
    struct snapshot_writer writer;
    struct sections sections = {0};
    struct rvemu_error error;
    size_t size;
    u8 *room, *copy = malloc(8 << 20), *bytes = read_file(path, &size);

    assert_int_equal(snapshot_read(&sections, &room, &snapshot_format, bytes,
                                   size, -1, &error),
                     0);
    assert_int_equal(
        snapshot_writer_open(&writer, &snapshot_format, other, false, &error),
        0);
    for (size_t i = 0; i < sections.count; i++) {
        const struct section *s = &sections.at[i];
        u64 count = s->size;

        memcpy(copy, s->bytes, count);
        if (s->kind == kind)
            change(copy, &count);
        assert_true(
            snapshot_writer_put(&writer, s->kind, s->index, copy, count));
    }
    assert_int_equal(snapshot_writer_close(&writer, true, &error), 0);
    sections_free(&sections);
    free(room);
    free(copy);
    free(bytes);
}

static void expect_error(const char *text)
{
    struct rvemu_error error;

    assert_null(restore(other, &error));
    if (!strstr(error.text, text))
        fail_msg("%s: %s", text, error.text);
}

static void change_layout(u8 *bytes, u64 *size)
{
    bytes[0] ^= 1;
}

static void change_name(u8 *bytes, u64 *size)
{
    bytes[11] ^= 1;
}

static void cut_short(u8 *bytes, u64 *size)
{
    *size -= 1;
}

static void put_ones(u8 *bytes, u64 *size)
{
    memset(bytes, 0xff, *size);
}

static void many_pages(u8 *bytes, u64 *size)
{
    static const u8 runs[] = {1, 0, 0x81, 0x10}; /* a page more than RAM has */

    memcpy(bytes, runs, sizeof(runs));
    *size = sizeof(runs);
}

static void name_feature(u8 *bytes, u64 *size)
{
    u8 *at = memmem(bytes, *size, "strict-pma", 10);

    at[0] = 'S';
    at[10] = 1;
}

static void name_extension(u8 *bytes, u64 *size)
{
    u8 *at = memmem(bytes, *size, "zba", 3);

    at[1] = 'q';
}

static void what_cannot_be_is_refused(void **state)
{
    static const struct {
        u32 kind;
        void (*change)(u8 *bytes, u64 *size);
        const char *text;
    } rows[] = {
        {SECTION_SCHEMA, change_layout, "laid out otherwise"},
        {SECTION_SCHEMA, change_name, "of another version"},
        {SECTION_SCHEMA, cut_short, "list of parts is cut"},
        {SECTION_PARTS, cut_short, "is cut"},
        {SECTION_PARTS, put_ones, "none that can be"},
        {SECTION_RUNS, many_pages, "bytes of RAM"},
        {SECTION_RUNS, put_ones, "bytes of RAM"},
        {SECTION_RAM, cut_short, "not all there"},
        {SECTION_LOADED, put_ones, "makes no sense"},
        {SECTION_CONFIG, cut_short, "is cut"},
        {SECTION_CONFIG, put_ones, "is cut"},
        {SECTION_CONFIG, name_feature, "Strict-pma', which this emu does not"},
        {SECTION_CONFIG, name_extension, "the extension 'zqa'"},
    };
    rvemu *m = start(&plain);

    run(m, 999);
    save(m, RVEMU_SNAPSHOT_PLAIN);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        forge(rows[i].kind, rows[i].change);
        expect_error(rows[i].text);
    }
    rvemu_destroy(m);
}

static void another_version_is_named(void **state)
{
    rvemu *m = start(&plain);
    size_t size;
    u8 *bytes;

    save(m, RVEMU_SNAPSHOT_ZSTD);
    bytes = read_file(path, &size);
    bytes[8] = 7;
    write_file(other, bytes, size);
    expect_error("it is of version 7, and this emu knows version 1");
    free(bytes);
    rvemu_destroy(m);
}

static void another_machine_is_refused(void **state)
{
    rvemu *m = start(&plain);
    struct rvemu_snapshot *snapshot;
    struct rvemu_error error;
    struct rvemu_config config;
    rvemu *second;

    save(m, RVEMU_SNAPSHOT_ZSTD);
    assert_int_equal(rvemu_snapshot_open(path, &snapshot, &error), 0);
    config = rvemu_snapshot_about(snapshot)->config;
    assert_int_equal(rvemu_snapshot_about(snapshot)->note_size, 7);
    assert_string_equal(rvemu_snapshot_about(snapshot)->note, "a note");
    assert_int_equal(rvemu_snapshot_check(snapshot, &config, &error), 0);
    config.harts = 2;
    assert_int_equal(rvemu_snapshot_check(snapshot, &config, &error), -1);
    assert_string_equal(error.text, "-smp: the snapshot has harts 1, not 2");
    second = make(&config);
    assert_int_equal(rvemu_snapshot_load(second, snapshot, &error), -1);
    rvemu_destroy(second);
    assert_int_equal(rvemu_snapshot_load(m, snapshot, &error), -1);
    rvemu_snapshot_close(snapshot);
    rvemu_destroy(m);
}

static void nothing_half_written_is_left(void **state)
{
    rvemu *m = start(&plain), *empty = make(&plain);
    const struct rvemu_snapshot_options options = {0};
    struct rvemu_error error;
    struct rvemu_snapshot *snapshot;

    save(m, RVEMU_SNAPSHOT_ZSTD);
    assert_int_equal(
        rvemu_snapshot_write(m, "/no/such/folder/s", &options, &error), -1);
    assert_int_equal(rvemu_snapshot_write(m, "/dev/null", &options, &error),
                     -1);
    assert_int_equal(rvemu_snapshot_write(empty, path, &options, &error), -1);
    assert_int_equal(rvemu_snapshot_open(path, &snapshot, &error), 0);
    rvemu_snapshot_close(snapshot);
    rvemu_destroy(empty);
    rvemu_destroy(m);
}

static void every_word_counts_in_a_digest(void **state)
{
    u8 bytes[300];
    u64 sum;

    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (u8)(i * 7);
    for (size_t size = 0; size < sizeof(bytes); size++) {
        sum = digest_of(bytes, size);
        assert_int_not_equal(sum, digest_of(bytes, size + 1));
        for (size_t at = 0; at < size; at++) {
            bytes[at] ^= 0x80;
            assert_int_not_equal(sum, digest_of(bytes, size));
            bytes[at] ^= 0x80;
        }
    }
    /* It is part of a format. */
    assert_int_equal(digest_of(bytes, 299), 0x8f3d375339fe2833);
}

static int set_up(void **state)
{
    snprintf(path, sizeof(path), "/tmp/snapshot.%ld.a", (long)getpid());
    snprintf(other, sizeof(other), "/tmp/snapshot.%ld.b", (long)getpid());
    return 0;
}

static int tear_down(void **state)
{
    unlink(path);
    unlink(other);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_counts_in_a_digest),
        cmocka_unit_test(another_machine_goes_on_alike),
        cmocka_unit_test(changed_bytes_are_found),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(another_version_is_named),
        cmocka_unit_test(another_machine_is_refused),
        cmocka_unit_test(nothing_half_written_is_left),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
