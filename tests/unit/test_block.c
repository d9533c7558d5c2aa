/*
 * Unit tests of emu/block: disks of every make against an array of bytes, and
 * what files do that somebody else has changed or that the host cannot keep.
 */
#define _GNU_SOURCE /* mkstemp, ftruncate */
#include "block/block.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SIZE_MAX_BYTES (300 * BLOCK_SECTOR)
#define ODD_SIZE (299 * BLOCK_SECTOR + 7)
#define ROUNDS 4000
#define LONGEST 20000 /* bytes of a transfer */

struct world {
    char path[32];
    u64 dice;
    u8 model[SIZE_MAX_BYTES];
    u8 bytes[SIZE_MAX_BYTES];
};

/* The host loses what was written, at the next flush. */
static bool loses;

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

int __wrap_fdatasync(int fd)
{
    if (!loses)
        return __real_fdatasync(fd);
    loses = false;
    errno = EIO;
    return -1;
}

static u64 roll(struct world *w, u64 sides)
{
    w->dice ^= w->dice << 13;
    w->dice ^= w->dice >> 7;
    w->dice ^= w->dice << 17;
    return (w->dice >> 8) % sides;
}

static void write_file(const struct world *w, const void *bytes, size_t size)
{
    FILE *file = fopen(w->path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static u64 read_file(struct world *w)
{
    FILE *file = fopen(w->path, "rb");
    size_t size;

    assert_non_null(file);
    size = fread(w->bytes, 1, sizeof(w->bytes), file);
    fclose(file);
    return size;
}

/* A file of so many bytes, which are in the model; what is behind them is 0. */
static void fill(struct world *w, size_t size)
{
    memset(w->model, 0, sizeof(w->model));
    for (size_t i = 0; i < size; i++)
        w->model[i] = (u8)roll(w, 256);
    write_file(w, w->model, size);
}

static int make(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    int fd;

    assert_non_null(w);
    w->dice = 0x2545f4914f6cdd1d;
    strcpy(w->path, "/tmp/test_block.XXXXXX");
    fd = mkstemp(w->path);
    assert_true(fd >= 0);
    close(fd);
    *state = w;
    return 0;
}

static int drop(void **state)
{
    struct world *w = *state;

    unlink(w->path);
    free(w);
    return 0;
}

static struct block *open_disk(const struct world *w,
                               struct rvemu_disk_options how)
{
    struct rvemu_error error;
    rvemu_disk *disk;

    if (rvemu_disk_open(w->path, &how, &disk, &error) < 0)
        fail_msg("%s", error.text);
    return disk;
}

static void expect_refused(const char *path, struct rvemu_disk_options how,
                           const char *why)
{
    struct rvemu_error error;
    rvemu_disk *disk;

    assert_int_equal(rvemu_disk_open(path, &how, &disk, &error), -1);
    if (!strstr(error.text, why))
        fail_msg("'%s' does not say: %s", error.text, why);
}

/* One call, of the disk and of the model. */
static void act(struct world *w, struct block *disk, bool discards)
{
    u64 at = roll(w, disk->size + 1), most = disk->size - at;
    u64 count = roll(w, (most < LONGEST ? most : LONGEST) + 1);
    u8 byte = (u8)roll(w, 256);

    switch (roll(w, 5)) {
    case 0:
        memset(w->model + at, byte, count);
        assert_int_equal(block_write(disk, at, w->model + at, count), 0);
        break;
    case 1:
        memset(w->model + at, 0, count);
        assert_int_equal(block_write_zeroes(disk, at, count, byte & 1), 0);
        break;
    case 2:
        assert_int_equal(block_discard(disk, at, count), 0);
        if (discards)
            memset(w->model + at, 0, count);
        break;
    case 3: assert_int_equal(block_flush(disk), 0); break;
    default:
        assert_int_equal(block_read(disk, at, w->bytes, count), 0);
        assert_memory_equal(w->bytes, w->model + at, count);
        break;
    }
}

/* A disk of that size and make does what an array does; its file afterwards
 * is that array, or what it was. */
static void compare(struct world *w, size_t size, struct rvemu_disk_options how)
{
    u8 *before = malloc(sizeof(w->model));
    struct block *disk;
    u64 left;

    assert_non_null(before);
    fill(w, size);
    memcpy(before, w->model, sizeof(w->model));
    disk = open_disk(w, how);
    assert_int_equal(disk->size, (size + 511) / 512 * 512);
    for (unsigned i = 0; i < ROUNDS; i++)
        act(w, disk, how.discard && !how.snapshot);
    rvemu_disk_close(disk);
    left = read_file(w);
    assert_true(left >= size);
    assert_memory_equal(w->bytes, how.snapshot ? before : w->model, left);
    free(before);
}

static void disks_are_arrays(void **state)
{
    static const size_t sizes[] = {0,    1,        511,           512,
                                   4096, ODD_SIZE, SIZE_MAX_BYTES};

    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (unsigned how = 0; how < 4; how++)
            compare(*state, sizes[i],
                    (struct rvemu_disk_options){.snapshot = how & 1,
                                                .discard = how & 2});
}

/* Nothing is done in part: not at the end, not on one that is read-only. */
static void limits_are_kept(void **state)
{
    struct world *w = *state;
    struct block *disk;
    u8 byte = 0;

    fill(w, ODD_SIZE);
    for (unsigned i = 0; i < 3; i++) {
        struct rvemu_disk_options how = {.read_only = i & 1, .snapshot = i & 2};

        disk = open_disk(w, how);
        assert_int_equal(block_read(disk, disk->size - 1, &byte, 1), 0);
        assert_int_equal(block_read(disk, disk->size, &byte, 1), -1);
        assert_int_equal(block_read(disk, ~0ull, w->bytes, 2), -1);
        assert_int_equal(block_write(disk, disk->size - 1, w->bytes, 2), -1);
        assert_int_equal(block_write(disk, 0, w->bytes, ~0ull), -1);
        assert_int_equal(block_discard(disk, 1, disk->size), -1);
        assert_int_equal(block_write_zeroes(disk, 1, disk->size, true), -1);
        assert_int_equal(block_write(disk, 0, w->model, 1),
                         how.read_only ? -1 : 0);
        rvemu_disk_close(disk);
    }
    assert_int_equal(read_file(w), ODD_SIZE);
    assert_memory_equal(w->bytes, w->model, ODD_SIZE);
}

static void what_is_no_disk_is_refused(void **state)
{
    static const struct rvemu_disk_options writes, reads = {.read_only = true};
    struct world *w = *state;
    char fifo[64];

    expect_refused("/tmp", reads, "this is a directory");
    expect_refused("/tmp", writes, "directory");
    expect_refused("/dev/null", reads, "a character device");
    expect_refused("/dev/full", writes, "a character device");
    expect_refused("/nowhere/disk", reads, "No such file");
    expect_refused("", reads, "No such file");
    snprintf(fifo, sizeof(fifo), "%s.fifo", w->path);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    expect_refused(fifo, reads, "this is a pipe");
    expect_refused(fifo, writes, "this is a pipe");
    unlink(fifo);
}

static void disks_are_locked(void **state)
{
    static const struct rvemu_disk_options writes, reads = {.read_only = true},
                                                   copies = {.snapshot = true};
    struct world *w = *state;
    struct block *first, *second, *third;

    fill(w, 512);
    first = open_disk(w, writes);
    expect_refused(w->path, writes, "is locked");
    expect_refused(w->path, reads, "is locked");
    expect_refused(w->path, copies, "is locked");
    rvemu_disk_close(first);
    first = open_disk(w, reads);
    second = open_disk(w, reads);
    third = open_disk(w, copies);
    expect_refused(w->path, writes, "is locked");
    rvemu_disk_close(first);
    rvemu_disk_close(second);
    expect_refused(w->path, writes, "is locked");
    rvemu_disk_close(third);
    rvemu_disk_close(open_disk(w, writes));
}

static void files_that_shrink_and_grow(void **state)
{
    struct world *w = *state;

    for (unsigned i = 0; i < 2; i++) {
        struct block *disk;

        fill(w, SIZE_MAX_BYTES);
        disk = open_disk(w, (struct rvemu_disk_options){.snapshot = i});
        assert_int_equal(truncate(w->path, 2 * SIZE_MAX_BYTES), 0);
        assert_int_equal(disk->size, SIZE_MAX_BYTES);
        assert_int_equal(block_read(disk, SIZE_MAX_BYTES, w->bytes, 1), -1);
        assert_int_equal(truncate(w->path, 100), 0);
        assert_int_equal(block_read(disk, 0, w->bytes, 100), 0);
        assert_memory_equal(w->bytes, w->model, 100);
        assert_int_equal(block_read(disk, 0, w->bytes, 101), -1);
        assert_int_equal(block_read(disk, 4096, w->bytes, 1), -1);
        /* A write of less than what is kept as a whole needs the rest. */
        assert_int_equal(block_write(disk, 8192, w->model, 1), i ? -1 : 0);
        assert_int_equal(block_write(disk, 8192, w->model, 4096), 0);
        assert_int_equal(block_read(disk, 8192, w->bytes, 4096), 0);
        assert_memory_equal(w->bytes, w->model, 4096);
        rvemu_disk_close(disk);
    }
}

/* No room: the file may have so many bytes and no more. */
static void files_that_are_full(void **state)
{
    struct world *w = *state;
    struct rlimit before, now;
    struct block *disk;

    fill(w, 4096);
    assert_int_equal(truncate(w->path, SIZE_MAX_BYTES), 0);
    disk = open_disk(w, (struct rvemu_disk_options){0});
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    now = (struct rlimit){8192, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
    assert_int_equal(block_write(disk, 4096, w->model, 4096), 0);
    assert_int_equal(block_write(disk, 8192, w->model, 1), -1);
    assert_int_equal(block_write(disk, 8000, w->model, 512), -1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(block_read(disk, 4096, w->bytes, 3904), 0);
    assert_int_equal(block_write(disk, 8000, w->model, 512), 0);
    rvemu_disk_close(disk);
}

/* What the host has lost stays lost, whatever it says the next time. */
static void what_is_lost_is_never_safe(void **state)
{
    struct world *w = *state;
    struct block *disk;

    fill(w, 4096);
    disk = open_disk(w, (struct rvemu_disk_options){0});
    assert_int_equal(block_write(disk, 0, w->model, 512), 0);
    assert_int_equal(block_flush(disk), 0);
    loses = true;
    assert_int_equal(block_flush(disk), -1);
    assert_int_equal(block_flush(disk), -1);
    rvemu_disk_close(disk);
    disk =
        open_disk(w, (struct rvemu_disk_options){.cache = RVEMU_DISK_UNSAFE});
    loses = true;
    assert_int_equal(block_flush(disk), 0);
    assert_true(loses);
    loses = false;
    rvemu_disk_close(disk);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(disks_are_arrays),           TEST(limits_are_kept),
        TEST(what_is_no_disk_is_refused), TEST(disks_are_locked),
        TEST(files_that_shrink_and_grow), TEST(files_that_are_full),
        TEST(what_is_lost_is_never_safe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
