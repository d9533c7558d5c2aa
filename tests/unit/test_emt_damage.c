/*
 * Unit tests of rvemu/emt.h, where something is wrong: files that break off or
 * were damaged, disks that are full, files that are no traces, and traces of
 * newer emus.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "emt_rig.h"
#include "trace/file/columns.h"
#include "trace/file/layout.h"

static bool name_program(void *arg, uint64_t root, uint64_t pc, char *out,
                         size_t size)
{
    snprintf(out, size, "program %u", (unsigned)root);
    return true;
}

/* Many small chunks, of events and of names, and more than one index. */
static void make_chunks(struct rig *rig)
{
    static const struct rvemu_names names = {.name_program = name_program};
    char text[64];

    rig->options.names = &names;
    rig_create(rig);
    for (unsigned i = 0; i < 50; i++) {
        const struct rvemu_names *recorder = rvemu_emt_recorder(rig->writer);

        if (i)
            rig_boot(rig);
        recorder->name_program(recorder->arg, i, 0, text, sizeof(text));
        rig_feed(rig, 10 + rig_below(rig, 20));
    }
    rig_close(rig);
}

/* Behind the schema and what is run: from here on a trace can be read. */
static size_t begin_of(const struct rig_file *file)
{
    assert_int_equal(file->chunk[0].chunk.kind, CHUNK_SCHEMA);
    assert_int_equal(file->chunk[1].chunk.kind, CHUNK_ABOUT);
    return file->chunk[2].offset;
}

static void expect_refused(const struct rig *rig, const char *about)
{
    struct rvemu_emt *trace = (struct rvemu_emt *)&trace;
    struct rvemu_error error = {.text = ""};

    assert_int_equal(rvemu_emt_open(rig->path, &trace, &error), -1);
    assert_null(trace);
    assert_non_null(strstr(error.text, rig->path));
    if (!strstr(error.text, about))
        fail_msg("'%s' is not in: %s", about, error.text);
}

/* ---- files that break off ---- */

static void expect_cut(struct rig *rig, const struct rig_file *file,
                       size_t size)
{
    struct rvemu_emt *trace;
    size_t whole = 0, end = 0;
    size_t all = rig->count;

    rig_write(rig, file->bytes, size);
    if (size < begin_of(file)) {
        expect_refused(rig, size < FILE_HEADER ? "no trace" : "damaged");
        return;
    }
    rig->count = 0;
    for (; whole < file->chunks; whole++) {
        const struct rig_chunk *chunk = &file->chunk[whole];

        if (chunk->offset + chunk->size > size)
            break;
        end = chunk->offset + chunk->size;
        rig->count +=
            chunk->chunk.kind == CHUNK_EVENTS ? chunk->chunk.events : 0;
    }
    trace = rig_open(rig);
    assert_int_equal(rvemu_emt_about(trace)->cut, size - end);
    assert_int_equal(rvemu_emt_about(trace)->events, rig->count);
    assert_int_equal(rvemu_emt_about(trace)->is_whole, size == file->size);
    assert_int_equal(!rvemu_emt_about(trace)->end.reason, size < file->size);
    rig_read_rest(rig, trace, 0);
    rvemu_emt_free(trace);
    rig->count = all;
}

static void a_trace_that_breaks_off_has_its_chunks(void **state)
{
    struct rig rig;
    struct rig_file file;

    rig_init(&rig, 21);
    make_chunks(&rig);
    rig_slurp(&rig, &file);
    assert_in_range(file.chunks, 100, 200);
    for (size_t i = 0; i < file.chunks; i += i < 4 || i > 64 ? 1 : 7)
        for (size_t at = 0; at < 5; at++)
            expect_cut(&rig, &file, file.chunk[i].offset + at - 2);
    for (size_t size = 0; size < 20; size++)
        expect_cut(&rig, &file, size);
    for (size_t left = 0; left < 100; left++)
        expect_cut(&rig, &file, rig_below(&rig, file.size + 1));
    for (size_t left = 0; left < 300; left++)
        expect_cut(&rig, &file, file.size - left);
    rig_free(&file);
    rig_fini(&rig);
}

/* Half a chunk that is nearly as long as can be, behind one that is, too. */
static void half_a_long_chunk_hides_nothing(void **state)
{
    struct chunk chunk = {.kind = 77};
    struct bytes raw = {.at = NULL}, stored = {.at = NULL};
    struct rig rig;
    struct rig_file file;
    struct rvemu_emt *trace;
    u8 header[CHUNK_HEADER];
    FILE *to;

    rig_init(&rig, 22);
    make_chunks(&rig);
    rig_slurp(&rig, &file);
    while (raw.size < CHUNK_BYTES_MAX)
        bytes_put_le(&raw, rig_random(&rig), 8);
    assert_true(chunk_pack(&chunk, &raw, &stored));
    assert_int_equal(stored.size, CHUNK_BYTES_MAX);
    chunk.index = file.chunk[file.chunks - 1].chunk.index;
    chunk_write_header(header, &chunk);
    to = fopen(rig.path, "ab");
    fwrite(header, 1, CHUNK_HEADER, to);
    fwrite(stored.at, 1, stored.size, to);
    fwrite(header, 1, CHUNK_HEADER, to);
    fwrite(stored.at, 1, stored.size - 1, to);
    assert_int_equal(fclose(to), 0);
    trace = rig_open(&rig);
    assert_int_equal(rvemu_emt_about(trace)->cut,
                     CHUNK_HEADER + stored.size - 1);
    rig_read_rest(&rig, trace, 0);
    rvemu_emt_free(trace);
    bytes_free(&raw);
    bytes_free(&stored);
    rig_free(&file);
    rig_fini(&rig);
}

/* As after a host's power failure: more than is searched from the end. */
static void zeros_behind_hide_nothing(void **state)
{
    struct rig rig;
    struct rvemu_emt *trace;
    u64 size;

    rig_init(&rig, 23);
    make_chunks(&rig);
    trace = rig_open(&rig);
    size = rvemu_emt_about(trace)->bytes;
    rvemu_emt_free(trace);
    assert_int_equal(truncate(rig.path, (off_t)(size + (200u << 20))), 0);
    trace = rig_open(&rig);
    assert_int_equal(rvemu_emt_about(trace)->cut, 200u << 20);
    assert_false(rvemu_emt_about(trace)->is_whole);
    rig_read_rest(&rig, trace, 0);
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

/* ---- bytes that were changed ---- */

/* Which chunks were changed; each is of those that are read. */
static size_t flip(struct rig *rig, struct rig_file *file, bool *is_hit)
{
    size_t hit = 0;

    for (u64 left = 1 + rig_below(rig, 4); left; left--) {
        size_t at =
            begin_of(file) + rig_below(rig, file->size - begin_of(file));
        size_t i = 0;

        while (file->chunk[i].offset + file->chunk[i].size <= at)
            i++;
        if (rig_below(rig, 2)) /* headers are short */
            at = file->chunk[i].offset + rig_below(rig, CHUNK_HEADER);
        file->bytes[at] ^= (u8)(1 + rig_below(rig, 255));
        hit += !is_hit[i];
        is_hit[i] = true;
    }
    return hit;
}

/* All events of chunks that were not hit come, and only these. */
static void expect_unhit(const struct rig *rig, struct rvemu_emt *trace,
                         const struct rig_file *file, const bool *is_hit)
{
    struct rvemu_event event;
    struct rvemu_emt_place place;

    for (size_t i = 0; i < file->chunks; i++) {
        const struct chunk *chunk = &file->chunk[i].chunk;

        for (u64 at = chunk->first; chunk->kind == CHUNK_EVENTS && !is_hit[i] &&
                                    at < chunk->first + chunk->events;
             at++) {
            assert_true(rvemu_emt_next(trace, &event, &place));
            assert_int_equal(place.number, at);
            assert_int_equal(place.boot, rig->made[at].boot);
            assert_int_equal(place.offset, file->chunk[i].offset);
            assert_memory_equal(&event, &rig->made[at].event, sizeof(event));
        }
    }
    assert_false(rvemu_emt_next(trace, &event, &place));
}

static void damage_is_no_more_than_its_chunk(void **state)
{
    struct rig rig;
    struct rig_file file;
    struct rvemu_emt_losses losses;
    struct rvemu_emt *trace;
    u8 *right;

    rig_init(&rig, 24);
    make_chunks(&rig);
    rig_slurp(&rig, &file);
    right = malloc(file.size);
    memcpy(right, file.bytes, file.size);
    for (unsigned round = 0; round < 300; round++) {
        bool is_hit[200] = {false};
        size_t hit = flip(&rig, &file, is_hit);
        u64 damaged;

        rig_write(&rig, file.bytes, file.size);
        memcpy(file.bytes, right, file.size);
        trace = rig_open(&rig);
        rvemu_emt_names(trace);
        expect_unhit(&rig, trace, &file, is_hit);
        rvemu_emt_losses(trace, &losses);
        damaged = losses.damaged + (rvemu_emt_about(trace)->cut > 0);
        assert_in_range(damaged, 1, hit);
        assert_false(rvemu_emt_about(trace)->is_whole && losses.damaged &&
                     is_hit[file.chunks - 1]);
        rvemu_emt_seek(trace, 0, 0);
        expect_unhit(&rig, trace, &file, is_hit);
        rvemu_emt_losses(trace, &losses); /* each is counted once */
        assert_int_equal(losses.damaged + (rvemu_emt_about(trace)->cut > 0),
                         damaged);
        rvemu_emt_free(trace);
    }
    free(right);
    rig_free(&file);
    rig_fini(&rig);
}

static void damage_at_the_beginning_is_told(void **state)
{
    struct rig rig;
    struct rig_file file;

    rig_init(&rig, 25);
    make_chunks(&rig);
    rig_slurp(&rig, &file);
    for (size_t at = 0; at < begin_of(&file); at++) {
        u8 *byte = &file.bytes[at];
        u8 was = *byte;

        *byte ^= (u8)(1 + rig_below(&rig, 255));
        rig_write(&rig, file.bytes, file.size);
        expect_refused(&rig, at < 8                ? "no trace"
                             : at >= 8 && at <= 11 ? "version"
                                                   : "damaged");
        *byte = was;
    }
    rig_free(&file);
    rig_fini(&rig);
}

/* What leads to all others is not needed, but said to be damaged. */
static void damage_at_the_end_is_told(void **state)
{
    for (size_t back = 1; back <= 2; back++) {
        struct rig rig;
        struct rig_file file;
        struct rvemu_emt_losses losses;
        struct rvemu_emt *trace;
        const struct rig_chunk *last;

        rig_init(&rig, 31);
        make_chunks(&rig);
        rig_slurp(&rig, &file);
        last = &file.chunk[file.chunks - back];
        file.bytes[last->offset + last->size - 1] ^= 4;
        rig_write(&rig, file.bytes, file.size);
        trace = rig_open(&rig);
        rig_read_rest(&rig, trace, 0);
        rvemu_emt_losses(trace, &losses);
        assert_int_equal(losses.damaged, 1);
        assert_int_equal(losses.at, last->offset);
        assert_int_equal(rvemu_emt_about(trace)->cut, 0);
        assert_false(rvemu_emt_about(trace)->is_whole);
        assert_int_equal(!rvemu_emt_about(trace)->end.reason, back == 1);
        rvemu_emt_free(trace);
        rig_free(&file);
        rig_fini(&rig);
    }
}

/* An index that names each chunk again and again: none comes twice. */
static void expect_once(size_t times)
{
    struct chunk chunk = {.kind = CHUNK_INDEX};
    struct bytes raw = {.at = NULL}, stored = {.at = NULL};
    struct rvemu_emt_losses losses;
    struct rig rig;
    struct rig_file file;
    struct rvemu_emt *trace;
    u8 header[CHUNK_HEADER];
    FILE *to;

    rig_init(&rig, 30);
    make_chunks(&rig);
    rig_slurp(&rig, &file);
    for (size_t i = 0; i < times * file.chunks; i++) {
        const struct rig_chunk *of = &file.chunk[i / times];
        const struct place place = {.offset = of->offset, .chunk = of->chunk};

        place_put(&raw, &place);
    }
    assert_true(chunk_pack(&chunk, &raw, &stored));
    chunk_write_header(header, &chunk);
    to = fopen(rig.path, "ab");
    fwrite(header, 1, CHUNK_HEADER, to);
    fwrite(stored.at, 1, stored.size, to);
    assert_int_equal(fclose(to), 0);
    trace = rig_open(&rig);
    assert_int_equal(rvemu_emt_about(trace)->events, rig.count);
    rig_read_rest(&rig, trace, 0);
    rvemu_emt_losses(trace, &losses);
    assert_int_equal(losses.damaged, 0); /* its bytes are what was written */
    rvemu_emt_free(trace);
    bytes_free(&raw);
    bytes_free(&stored);
    rig_free(&file);
    rig_fini(&rig);
}

static void an_index_says_each_chunk_once(void **state)
{
    expect_once(2);
    expect_once(1000); /* more than there is room for */
}

/* ---- other files ---- */

static void what_is_no_trace_is_refused(void **state)
{
    static const u8 newer[FILE_HEADER] = "\x89"
                                         "emt\r\n\x1a\n"
                                         "\x02\0\0\0\x80\0\0";
    struct rig rig;

    rig_init(&rig, 26);
    expect_refused(&rig, "No such file");
    rig_write(&rig, newer, 0);
    expect_refused(&rig, "no trace");
    rig_write(&rig, (const u8 *)"#!/bin/sh\necho hello\n", 21);
    expect_refused(&rig, "no trace");
    rig_write(&rig, newer, sizeof(newer));
    expect_refused(&rig, "version 2");
    remove(rig.path);
    assert_int_equal(mkdir(rig.path, 0777), 0);
    expect_refused(&rig, "plain file");
    assert_int_equal(rmdir(rig.path), 0);
    assert_int_equal(mkfifo(rig.path, 0666), 0);
    expect_refused(&rig, "plain file");
    rig_fini(&rig);
}

static void expect_not_created(const char *path, u64 keep, const char *why)
{
    const struct rvemu_emt_options options = {.kinds = 1, .keep = keep};
    struct rvemu_emt_writer *writer = (struct rvemu_emt_writer *)&options;
    struct rvemu_error error;

    assert_int_equal(rvemu_emt_create(path, &options, &writer, &error), -1);
    assert_null(writer);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, why));
}

static void what_cannot_be_written_is_refused(void **state)
{
    for (unsigned i = 0; i < 2; i++) {
        expect_not_created("/no/such/folder/a.emt", i, "No such file");
        expect_not_created("/tmp", i, "directory");
        expect_not_created("/etc/passwd/a.emt", i, "ot a directory");
    }
    expect_not_created("/dev/full", 0, "No space");
}

/* ---- disks that fill up ---- */

static void fill_up(struct rig *rig, rlim_t size)
{
    struct rlimit was, now;

    getrlimit(RLIMIT_FSIZE, &was);
    now = was;
    now.rlim_cur = size;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &now);
    for (unsigned i = 0; i < 10 && !rvemu_emt_broken(rig->writer); i++)
        rig_feed(rig, 30000);
    setrlimit(RLIMIT_FSIZE, &was);
}

static void a_full_disk_has_whole_chunks(void **state)
{
    for (rlim_t size = 2500000; size < 2501000; size += 333) {
        struct rig rig;
        struct rvemu_error error;
        struct rvemu_emt *trace;

        rig_init(&rig, 27);
        rig_create(&rig);
        fill_up(&rig, size);
        assert_true(rvemu_emt_broken(rig.writer));
        rig_feed(&rig, 10);
        assert_int_equal(rvemu_emt_close(rig.writer, &error), -1);
        assert_non_null(strstr(error.text, rig.path));
        assert_non_null(strstr(error.text, "File too large"));
        trace = rig_open(&rig);
        assert_int_equal(rvemu_emt_about(trace)->cut, 0);
        assert_false(rvemu_emt_about(trace)->is_whole);
        assert_in_range(rvemu_emt_about(trace)->events, 30000, rig.count);
        rig.count = rvemu_emt_about(trace)->events;
        rig_read_rest(&rig, trace, 0);
        rvemu_emt_free(trace);
        rig_fini(&rig);
    }
}

static void a_full_disk_stops_saving(void **state)
{
    struct rlimit was, now;
    struct rig rig;
    struct rvemu_error error;

    rig_init(&rig, 28);
    rig.options.keep = 64u << 20;
    rig_create(&rig);
    rig_feed(&rig, 100000);
    getrlimit(RLIMIT_FSIZE, &was);
    now = was;
    now.rlim_cur = 1000000;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &now);
    assert_int_equal(rvemu_emt_save(rig.writer, &error), -1);
    setrlimit(RLIMIT_FSIZE, &was);
    assert_non_null(strstr(error.text, "File too large"));
    assert_int_equal(rvemu_emt_close(rig.writer, &error), -1);
    rig_fini(&rig);
}

/* ---- newer schemas ---- */

#define NEW_KIND 120
#define WIDER RVEMU_EVENT_xret

/* A schema in which a kind is new, and an old one has a field more. */
static void put_schema(struct bytes *to, struct widths *widths)
{
    unsigned kinds = 0;

    widths_known(widths);
    widths->fields[NEW_KIND] = 3;
    widths->fields[WIDER]++;
    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++)
        kinds += widths->fields[kind] != 0;
    bytes_put_number(to, kinds);
    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++) {
        if (!widths->fields[kind])
            continue;
        bytes_put_number(to, kind);
        bytes_put_text(to, "name");
        bytes_put_text(to, "what");
        bytes_put_number(to, widths->fields[kind]);
        for (unsigned i = 0; i < 3u * widths->fields[kind]; i++)
            bytes_put_text(to, "field, unit or what");
    }
}

static void put_chunk(FILE *to, struct chunk *chunk, struct bytes *raw)
{
    struct bytes stored = {.at = NULL};
    u8 header[CHUNK_HEADER];

    assert_true(chunk_pack(chunk, raw, &stored));
    chunk_write_header(header, chunk);
    fwrite(header, 1, CHUNK_HEADER, to);
    fwrite(stored.at, 1, stored.size, to);
    bytes_free(&stored);
    bytes_free(raw);
}

static void put_events(struct rig *rig, struct columns_out *columns,
                       unsigned events)
{
    for (unsigned i = 0; i < events; i++) {
        struct rvemu_event *event = &rig->made[i].event;

        event->kind = i % 3 ? i % 3 == 1 ? NEW_KIND : WIDER : RVEMU_EVENT_trap;
        event->time = i;
        event->pc = rig_random(rig);
        for (unsigned word = 0; word < 3; word++)
            event->word[word] = rig_random(rig) % 3;
        columns_put(columns, event, 1);
    }
}

static FILE *begin_newer(const struct rig *rig, struct widths *widths)
{
    struct chunk schema = {.kind = CHUNK_SCHEMA}, about = {.kind = CHUNK_ABOUT};
    struct bytes raw = {.at = NULL};
    FILE *to = fopen(rig->path, "wb");

    fwrite(FILE_MAGIC "\x01\0\0\0\x80\0\0", 1, FILE_HEADER, to);
    put_schema(&raw, widths);
    put_chunk(to, &schema, &raw);
    about_put(&raw, "newer", ~(rvemu_event_set)0, false);
    put_chunk(to, &about, &raw);
    return to;
}

static void make_newer(struct rig *rig, unsigned events)
{
    struct chunk other = {.kind = 1234}, body = {.kind = CHUNK_EVENTS};
    struct widths widths;
    struct bytes raw = {.at = NULL};
    struct columns_out *columns;
    FILE *to = begin_newer(rig, &widths);

    bytes_put_text(&raw, "who knows");
    put_chunk(to, &other, &raw);
    columns = columns_out_new(&widths);
    put_events(rig, columns, events);
    bytes_put_number(&raw, 0); /* no root is in force */
    assert_true(columns_take(columns, &raw));
    columns_out_free(columns);
    body.events = events;
    body.last_time = events - 1;
    body.kinds = ~(rvemu_event_set)0;
    put_chunk(to, &body, &raw);
    fclose(to);
}

static void what_is_new_is_passed_over(void **state)
{
    struct rig rig;
    struct rvemu_emt_losses losses;
    struct rvemu_emt_place place;
    struct rvemu_event event;
    struct rvemu_emt *trace;

    rig_init(&rig, 29);
    make_newer(&rig, 3000);
    trace = rig_open(&rig);
    assert_string_equal(rvemu_emt_about(trace)->title, "newer");
    assert_int_equal(rvemu_emt_about(trace)->events, 3000);
    for (unsigned i = 0; i < 3000; i++) {
        struct rvemu_event *made = &rig.made[i].event;

        if (made->kind == NEW_KIND)
            continue;
        made->word[made->kind == WIDER ? 3 : 4] = 0;
        assert_true(rvemu_emt_next(trace, &event, &place));
        assert_int_equal(place.number, i);
        assert_memory_equal(&event, made, sizeof(event));
    }
    assert_false(rvemu_emt_next(trace, &event, &place));
    rvemu_emt_losses(trace, &losses);
    assert_int_equal(losses.unknown, 1000);
    assert_int_equal(losses.damaged, 0);
    rvemu_emt_free(trace);
    rig_fini(&rig);
}

/* Chunks whose CRC is right, and which nobody can have meant: so many events,
 * heads, and what is in the column of heads. */
static void what_makes_no_sense_is_damaged(void **state)
{
    static const u8 contents[][12] = {
        {0, 2, 1, RVEMU_EVENT_trap, 0, 1, 0, 1, 0, 2, 0, 0},  /* right */
        {0, 3, 1, RVEMU_EVENT_trap, 0, 1, 0, 1, 0, 3, 0, 0},  /* too short */
        {0, 2, 1, RVEMU_EVENT_trap, 0, 1, 0, 1, 0, 2, 99, 0}, /* no such head */
        {0, 2, 1, NEW_KIND + 1, 0, 1, 0, 1, 0, 2, 0, 0},      /* no such kind */
        {0, 2, 1, RVEMU_EVENT_trap, 0, 4, 0, 1, 0, 2, 0, 0},  /* privilege */
        {0, 2, 1, RVEMU_EVENT_trap, 0, 1, 64, 1, 0, 2, 0,
         0}, /* no such field */
        {0, 1, 1, RVEMU_EVENT_trap, 0, 1, 0, 1, 0, 2, 0,
         0}, /* not the header's */
        {0, 2, 1, RVEMU_EVENT_trap, 0, 1, 1, 1, 0, 2, 0, 0}, /* no times */
    };

    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
        struct chunk body = {.kind = CHUNK_EVENTS, .events = 2};
        struct rvemu_emt_losses losses;
        struct rvemu_event event;
        struct rvemu_emt *trace;
        struct widths widths;
        struct bytes raw = {.at = NULL};
        struct rig rig;
        FILE *to;

        rig_init(&rig, 32);
        to = begin_newer(&rig, &widths);
        bytes_put(&raw, contents[i], sizeof(contents[i]));
        put_chunk(to, &body, &raw);
        fclose(to);
        trace = rig_open(&rig);
        assert_int_equal(rvemu_emt_next(trace, &event, NULL), !i);
        assert_int_equal(rvemu_emt_next(trace, &event, NULL), !i);
        assert_false(rvemu_emt_next(trace, &event, NULL));
        rvemu_emt_losses(trace, &losses);
        assert_int_equal(losses.damaged, i != 0);
        rvemu_emt_free(trace);
        rig_fini(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_that_breaks_off_has_its_chunks),
        cmocka_unit_test(half_a_long_chunk_hides_nothing),
        cmocka_unit_test(zeros_behind_hide_nothing),
        cmocka_unit_test(damage_is_no_more_than_its_chunk),
        cmocka_unit_test(damage_at_the_beginning_is_told),
        cmocka_unit_test(damage_at_the_end_is_told),
        cmocka_unit_test(an_index_says_each_chunk_once),
        cmocka_unit_test(what_is_no_trace_is_refused),
        cmocka_unit_test(what_cannot_be_written_is_refused),
        cmocka_unit_test(a_full_disk_has_whole_chunks),
        cmocka_unit_test(a_full_disk_stops_saving),
        cmocka_unit_test(what_is_new_is_passed_over),
        cmocka_unit_test(what_makes_no_sense_is_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
