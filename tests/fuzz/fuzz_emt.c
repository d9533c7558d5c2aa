/*
 * Traces in files that are hostile: opening and reading end, in memory and time
 * that are bounded, whatever is in them; and twice alike.
 *
 * An input makes a file: of any bytes; of one that was written by the library,
 * with bytes changed; or of chunks whose headers and contents it has, packed
 * and with CRCs that are right, so that what is behind these is reached.
 */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rvemu/emt.h>

#include "base/types.h"
#include "input.h"
#include "trace/file/layout.h"

#define EVENTS_MAX 100000 /* that are read of a file */

/* ---- files ---- */

static void put_chunk(struct bytes *file, struct chunk *chunk,
                      const struct bytes *raw)
{
    struct bytes stored = {.at = NULL};
    u8 header[CHUNK_HEADER];

    expect(chunk_pack(chunk, raw, &stored));
    chunk_write_header(header, chunk);
    bytes_put(file, header, sizeof(header));
    bytes_put(file, stored.at, stored.size);
    bytes_free(&stored);
}

static void put_beginning(struct bytes *file, struct input *in)
{
    struct chunk schema = {.kind = CHUNK_SCHEMA}, about = {.kind = CHUNK_ABOUT};
    struct bytes raw = {.at = NULL};

    bytes_put(file, FILE_MAGIC, 8);
    bytes_put_le(file, RVEMU_EMT_VERSION, 4);
    bytes_put_le(file, CHUNK_HEADER, 4);
    schema_put(&raw);
    for (u64 left = take(in, 1) & 3; left && raw.size; left--)
        raw.at[take(in, 2) % raw.size] = (u8)take(in, 1);
    put_chunk(file, &schema, &raw);
    raw.size = 0;
    about_put(&raw, "fuzz", ~(rvemu_event_set)0, take(in, 1) & 1);
    put_chunk(file, &about, &raw);
    bytes_free(&raw);
}

/* Runs of a byte, so that a short input makes a long chunk, and bytes as they
 * are. */
static void put_contents(struct bytes *raw, struct input *in)
{
    for (u64 left = take(in, 1) & 15; left && in->at < in->end; left--) {
        u64 how = take(in, 1), count = take(in, 1);

        if (how < 8)
            count <<= 2 * how;
        for (u8 byte = (u8)take(in, 1); how < 8 && count; count--)
            bytes_put_le(raw, byte, 1);
        for (; how >= 8 && count && in->at < in->end; count--)
            bytes_put_le(raw, take(in, 1), 1);
    }
}

/* An index of chunks that may be where it says. */
static void put_places(struct bytes *raw, struct input *in, u64 end)
{
    for (u64 left = take(in, 1) & 31; left; left--) {
        struct place place = {.offset = take(in, 2) % (end + 1)};

        place.chunk.kind = (unsigned)take(in, 1) & 7;
        place.chunk.stored = place.chunk.unpacked = (u32)take(in, 2);
        place.chunk.events = (u32)take(in, 1);
        place_put(raw, &place);
    }
}

static void put_any_chunk(struct bytes *file, struct input *in, u64 *index)
{
    struct chunk chunk = {.kind = (unsigned)take(in, 1) % 10};
    struct bytes raw = {.at = NULL};
    u64 offset = file->size;
    u8 how = (u8)take(in, 1);

    chunk.boot = (u32)take(in, 1);
    chunk.first = take(in, how & 1 ? 8 : 1);
    chunk.events = (u32)take(in, how & 2 ? 3 : 1);
    chunk.first_time = take(in, how & 4 ? 8 : 1);
    chunk.last_time = chunk.first_time + take(in, 1);
    chunk.index = how & 8 ? take(in, 2) : *index;
    chunk.kinds = ~(rvemu_event_set)0;
    memset(chunk.roots, how & 16 ? 0 : 0xff, sizeof(chunk.roots));
    if (chunk.kind == CHUNK_EVENTS && how & 32) {
        bytes_put_number(&raw, 0);
        bytes_put_number(&raw, chunk.events);
    }
    if (chunk.kind == CHUNK_INDEX) {
        put_places(&raw, in, offset);
        *index = offset;
    }
    put_contents(&raw, in);
    put_chunk(file, &chunk, &raw);
    bytes_free(&raw);
}

static void put_written(struct bytes *file, struct input *in)
{
    const struct rvemu_emt_options options = {.kinds = ~(rvemu_event_set)0,
                                              .to = UINT64_MAX};
    struct rvemu_emt_writer *writer;
    struct rvemu_error error;
    int fd = memfd_create("written", 0);
    char path[32];
    off_t size;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    expect(rvemu_emt_create(path, &options, &writer, &error) == 0);
    for (u64 left = take(in, 1); left; left--) {
        struct rvemu_event event = {.kind = (u16)(1 + take(in, 1) % 5),
                                    .time = left,
                                    .pc = take(in, 1),
                                    .priv = left & 3,
                                    .hart = left & 1};

        event.word[0] = take(in, 2);
        rvemu_emt_feed(writer, &event);
        if (left % 64 == 0)
            rvemu_emt_boot(writer);
    }
    expect(rvemu_emt_close(writer, &error) == 0);
    size = lseek(fd, 0, SEEK_END);
    expect(bytes_reserve(file, (size_t)size));
    expect(pread(fd, file->at, (size_t)size, 0) == size);
    file->size = (size_t)size;
    close(fd);
}

static void make_file(struct bytes *file, struct input *in)
{
    u64 index = 0;

    switch (take(in, 1) & 7) {
    case 0: bytes_put(file, in->at, (size_t)(in->end - in->at)); return;
    case 1:
    case 2:
        put_written(file, in);
        for (u64 left = take(in, 1) & 7; left; left--)
            file->at[take(in, 2) % file->size] = (u8)take(in, 1);
        file->size -= take(in, 1) & 1 ? take(in, 2) % file->size : 0;
        return;
    default:
        put_beginning(file, in);
        while (in->at < in->end)
            put_any_chunk(file, in, &index);
    }
}

/* ---- reading ---- */

static void ask(struct rvemu_emt *trace, const struct rvemu_event *event)
{
    const struct rvemu_names *names = rvemu_emt_names(trace);
    char text[16];
    u64 number;

    names->name_program(names->arg, event->word[0] & 3, event->pc, text,
                        sizeof(text));
    names->find_call(names->arg, event->hart, event->pc, &number);
    rvemu_emt_symbol(trace, event->pc, &number);
}

/* Reads on. The hash says what has come. */
static u64 read_all(struct rvemu_emt *trace, bool asks)
{
    struct rvemu_hash hash = {0};
    struct rvemu_emt_place place;
    struct rvemu_event event;

    for (unsigned i = 0; i < EVENTS_MAX; i++) {
        if (!rvemu_emt_next(trace, &event, &place))
            break;
        expect(rvemu_event_info(event.kind));
        rvemu_hash_event(&hash, &event);
        if (asks)
            ask(trace, &event);
    }
    return rvemu_hash_value(&hash);
}

static void read_about(const struct rvemu_emt *trace)
{
    const struct rvemu_emt_about *about = rvemu_emt_about(trace);
    u64 first = 0, last = 0;

    expect(strlen(about->title) <= 65536);
    expect(about->cut <= about->bytes);
    expect(about->chunks <= about->bytes / CHUNK_HEADER);
    rvemu_emt_span(trace, 0, &first, &last);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct input in = {data, data + size};
    u8 how = (u8)take(&in, 1);
    u64 place = take(&in, 1);
    struct rvemu_emt_filter filter = {.kinds = how & 4 ? 14 : 0,
                                      .root_ppn = how & 8 ? 3 : 0};
    struct bytes file = {.at = NULL};
    struct rvemu_emt *trace;
    struct rvemu_error error = {.text = ""};
    int fd = memfd_create("trace", 0);
    char path[32];
    u64 hash;

    make_file(&file, &in);
    expect(write(fd, file.at, file.size) == (ssize_t)file.size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (rvemu_emt_open(path, &trace, &error) < 0) {
        expect(!trace);
        expect_line(&error);
    } else {
        read_about(trace);
        hash = read_all(trace, how & 1);
        rvemu_emt_seek(trace, 0, 0);
        expect(read_all(trace, how & 2) == hash);
        rvemu_emt_want(trace, &filter);
        rvemu_emt_seek(trace, (unsigned)place & 3, place >> 2);
        read_all(trace, false);
        rvemu_emt_seek_event(trace, place);
        read_all(trace, how & 16);
        rvemu_emt_free(trace);
    }
    bytes_free(&file);
    close(fd);
    return 0;
}
