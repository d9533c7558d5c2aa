/* Traces in files for tests; see emt_rig.h. */
#include "emt_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bits.h"

void rig_init(struct rig *rig, u64 seed)
{
    *rig = (struct rig){.seed = seed};
    strcpy(rig->path, "/tmp/test_emt.XXXXXX");
    assert_non_null(mkdtemp(rig->path));
    strcat(rig->path, "/a.emt");
    rig->made = calloc(RIG_EVENTS_MAX, sizeof(*rig->made));
    assert_non_null(rig->made);
    rig->options = (struct rvemu_emt_options){
        .kinds = ~(rvemu_event_set)0, .to = UINT64_MAX, .title = "a test"};
}

void rig_fini(struct rig *rig)
{
    remove(rig->path);
    *strrchr(rig->path, '/') = '\0';
    rmdir(rig->path);
    free(rig->made);
}

u64 rig_random(struct rig *rig)
{
    return stir(++rig->seed);
}

u64 rig_below(struct rig *rig, u64 below)
{
    return rig_random(rig) % below;
}

/* ---- events ---- */

/* A word as programs have them, now and then any, now and then the greatest or
 * the least. */
static u64 make_word(struct rig *rig, u64 i)
{
    switch (rig_below(rig, 12)) {
    case 0: return rig_random(rig);
    case 1: return UINT64_MAX;
    case 2: return UINT64_C(1) << rig_below(rig, 64);
    case 3: return 0;
    case 4: return UINT64_MAX >> rig_below(rig, 64);
    case 5:
    case 6: return 0x80000000 + 8 * i;
    case 7:
    case 8: return UINT64_C(8) << 60 | (0x80000 + rig_below(rig, 9));
    case 9: return 0x80000 + rig_below(rig, 9);
    default: return 0x1000 + 8 * rig_below(rig, 4);
    }
}

static u64 make_time(struct rig *rig)
{
    u64 more = rig_below(rig, 3) ? 3 : rig_below(rig, 1000);

    if (!rig_below(rig, 20000))
        more = rig_random(rig) >> 1;
    rig->time = more > UINT64_MAX - rig->time ? UINT64_MAX : rig->time + more;
    return rig->time;
}

static unsigned make_kind(struct rig *rig)
{
    unsigned kind;

    do
        kind = (unsigned)rig_below(rig, RVEMU_EVENT_KINDS);
    while (!rvemu_event_info(kind));
    return kind;
}

static void make_event(struct rig *rig, struct rig_event *made)
{
    struct rvemu_event *event = &made->event;

    made->boot = rig->boot;
    event->kind = (u16)make_kind(rig);
    event->time = make_time(rig);
    event->pc = rig_below(rig, 8) ? 0x80001000 + 2 * rig_below(rig, 100)
                                  : make_word(rig, 0);
    event->hart =
        (u8)(rig_below(rig, 20) ? rig_below(rig, 4) : rig_below(rig, 256));
    event->priv = (u8)rig_below(rig, 4);
    for (unsigned i = 0; i < rvemu_event_info(event->kind)->fields; i++)
        event->word[i] = make_word(rig, rig->count);
}

/* ---- writing ---- */

void rig_create(struct rig *rig)
{
    struct rvemu_error error;

    rig->count = 0;
    rig->boot = 0;
    rig->time = 0;
    memset(rig->made, 0, RIG_EVENTS_MAX * sizeof(*rig->made));
    if (rvemu_emt_create(rig->path, &rig->options, &rig->writer, &error) < 0)
        fail_msg("%s", error.text);
}

void rig_feed(struct rig *rig, size_t count)
{
    for (; count; count--) {
        struct rig_event *made = &rig->made[rig->count];

        assert_true(rig->count < RIG_EVENTS_MAX);
        make_event(rig, made);
        rig->count++;
        rvemu_emt_feed(rig->writer, &made->event);
    }
}

void rig_boot(struct rig *rig)
{
    rig->boot++;
    rig->time = 0;
    rvemu_emt_boot(rig->writer);
}

void rig_close(struct rig *rig)
{
    const struct rvemu_emt_end end = {"fail", "the guest failed", -3};
    struct rvemu_error error;

    rvemu_emt_ended(rig->writer, &end);
    if (rvemu_emt_close(rig->writer, &error) < 0)
        fail_msg("%s", error.text);
}

/* ---- reading ---- */

struct rvemu_emt *rig_open(const struct rig *rig)
{
    struct rvemu_emt *trace;
    struct rvemu_error error;

    if (rvemu_emt_open(rig->path, &trace, &error) < 0)
        fail_msg("%s", error.text);
    return trace;
}

void rig_read_rest(const struct rig *rig, struct rvemu_emt *trace, size_t from)
{
    struct rvemu_event event;
    struct rvemu_emt_place place;

    for (; rvemu_emt_next(trace, &event, &place); from++) {
        assert_true(from < rig->count);
        assert_int_equal(place.number, from);
        assert_int_equal(place.boot, rig->made[from].boot);
        assert_memory_equal(&event, &rig->made[from].event, sizeof(event));
    }
    assert_int_equal(from, rig->count);
}

void rig_slurp(const struct rig *rig, struct rig_file *file)
{
    FILE *from = fopen(rig->path, "rb");
    size_t at = FILE_HEADER;

    assert_non_null(from);
    fseek(from, 0, SEEK_END);
    *file = (struct rig_file){.size = (size_t)ftell(from)};
    rewind(from);
    file->bytes = malloc(file->size + 1);
    file->chunk = calloc(file->size / CHUNK_HEADER + 1, sizeof(*file->chunk));
    assert_int_equal(fread(file->bytes, 1, file->size, from), file->size);
    fclose(from);
    while (at < file->size) {
        struct rig_chunk *chunk = &file->chunk[file->chunks++];

        assert_true(chunk_read_header(file->bytes + at, &chunk->chunk));
        chunk->offset = at;
        chunk->size = CHUNK_HEADER + chunk->chunk.stored;
        at += chunk->size;
    }
    assert_int_equal(at, file->size);
}

void rig_write(const struct rig *rig, const u8 *bytes, size_t size)
{
    FILE *to = fopen(rig->path, "wb");

    assert_non_null(to);
    assert_int_equal(fwrite(bytes, 1, size, to), size);
    assert_int_equal(fclose(to), 0);
}

void rig_free(struct rig_file *file)
{
    free(file->bytes);
    free(file->chunk);
}
