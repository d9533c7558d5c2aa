/*
 * Snapshots that are hostile: what is in them is refused with a line, or a
 * machine goes on from it that a guest of its own could have led there; it runs
 * and ends.
 *
 * An input is a row of changes to the sections of a snapshot that was taken of
 * a machine with two harts and devices, under way; the bytes of a file, of
 * which the header is right; or those of an input log, which a machine is
 * given.
 */
/* struct input is the machine's own: */
#define input fuzz_input
#include "input.h"
#undef input

#include "base/bits.h"
#include "base/digest.h"
#include "machine/log_bytes.h"
#include "machine/machine.h"
#include "machine/shot.h"
#include "machine/snapshot_file.h"

#define RAM (8u << 20)
#define STEPS 3000
#define CHANGES 12
#define SECTIONS_MAX 64

static const u32 program[] = {
    0x00002397, /* auipc t2, 2 */
    0x0003be03, /* loop: ld t3, 0(t2) */
    0x001e0e13, /* addi t3, t3, 1 */
    0x01c3b023, /* sd t3, 0(t2) */
    0xc0002573, /* csrrs a0, cycle, x0 */
    0xff1ff06f, /* j loop */
};

/* The sections of a snapshot, as bytes that can be changed. */
struct original {
    size_t count;
    struct section at[SECTIONS_MAX];
};

static bool keep(void *self, u32 kind, u32 index, const void *bytes, u64 size)
{
    struct original *o = self;
    u8 *copy = malloc(size + 1);

    expect(copy && o->count < SECTIONS_MAX);
    memcpy(copy, bytes, size);
    o->at[o->count++] = (struct section){
        .kind = kind, .index = index, .size = size, .bytes = copy, .fd = -1};
    return true;
}

static rvemu *make(void)
{
    const struct rvemu_config config = {
        .ram_bytes = RAM,
        .harts = 2,
        .virtio.slot = {[3] = {.kind = RVEMU_VIRTIO_RNG},
                        [5] = {.kind = RVEMU_VIRTIO_CONSOLE}}};
    struct rvemu_error error;
    rvemu *m;

    expect(rvemu_create(&config, &m, &error) == 0);
    return m;
}

static void take_original(struct original *o)
{
    rvemu *m = make();
    struct rvemu_error error;
    struct rvemu_stop stop;

    m->loaded = true;
    expect(rvemu_write_ram(m, MEMMAP_RAM_BASE, program, sizeof(program)) == 0);
    for (unsigned hart = 0; hart < 2; hart++)
        expect(rvemu_set_pc(m, hart, MEMMAP_RAM_BASE) == 0);
    rvemu_run(m, 5000, &stop);
    expect(shot_take(m, keep, o, &error) == 0);
    rvemu_destroy(m);
}

/* Runs what could be loaded; what is said of what could not is a line. */
static void go_on(const struct sections *sections)
{
    rvemu *m = make();
    struct rvemu_error error = {.text = ""};
    struct rvemu_stop stop;

    if (shot_load(m, sections, &error) == 0)
        rvemu_run(m, STEPS, &stop);
    else
        expect_line(&error);
    rvemu_destroy(m);
}

/* A change, and what was there before it. */
struct change {
    u8 *at;
    u8 was;
};

static void with_changes(struct original *o, struct fuzz_input *in)
{
    struct sections sections = {.count = o->count, .at = o->at};
    struct section *cut = NULL;
    struct change change[CHANGES];
    unsigned count = 0;
    u64 size = 0;

    while (in->at < in->end && count < CHANGES) {
        struct section *s = &o->at[take(in, 1) % o->count];
        u64 place = take(in, 3), value = take(in, 1);

        if (!s->size)
            continue;
        change[count].at = (u8 *)s->bytes + place % s->size;
        change[count].was = *change[count].at;
        *change[count++].at = (u8)value;
        if (place >> 22 == 3 && !cut) {
            cut = s;
            size = s->size;
            s->size -= value % s->size;
        }
    }
    go_on(&sections);
    if (cut)
        cut->size = size;
    while (count--)
        *change[count].at = change[count].was;
}

/* A file with a table of its own choice. */
static void with_file(struct fuzz_input *in)
{
    struct rvemu_error error = {.text = ""};
    struct sections sections = {0};
    struct bytes file = {0};
    u64 rows = take(in, 1) % 8, table;
    u8 *room;

    for (unsigned i = 0; i < SNAPSHOT_HEADER; i++)
        bytes_put_le(&file, 0, 1);
    while (in->at + 24 < in->end && file.size < 4096)
        bytes_put_le(&file, take(in, 1), 1);
    table = file.size;
    for (u64 i = 0; i < rows; i++) {
        u64 at = take(in, 1), stored = take(in, 1);

        bytes_put_le(&file, 1 + take(in, 1) % 10, 4);
        bytes_put_le(&file, i, 4);
        bytes_put_le(&file, at, 8);
        bytes_put_le(&file, stored, 8);
        bytes_put_le(&file, stored + take(in, 2), 8);
        bytes_put_le(
            &file,
            at + stored <= file.size ? digest_of(file.at + at, stored) : 0, 8);
    }
    expect(!file.failed);
    memcpy(file.at, snapshot_format.magic, 8);
    file.at[8] = RVEMU_SNAPSHOT_VERSION;
    for (unsigned i = 0; i < 8; i++) {
        file.at[16 + i] = (u8)(file.size >> 8 * i);
        file.at[24 + i] = (u8)(table >> 8 * i);
        file.at[32 + i] = (u8)(rows >> 8 * i);
        file.at[40 + i] =
            (u8)(digest_of(file.at + table, file.size - table) >> 8 * i);
    }
    for (unsigned i = 0; i < 8; i++)
        file.at[48 + i] = (u8)(digest_of(file.at, 48) >> 8 * i);
    if (snapshot_read(&sections, &room, &snapshot_format, file.at, file.size,
                      -1, &error) < 0)
        expect_line(&error);
    else
        go_on(&sections);
    free(room);
    sections_free(&sections);
    bytes_free(&file);
}

/* What is said to have come from outside. */
static void with_log(const struct original *o, const struct fuzz_input *in)
{
    const struct sections sections = {.count = o->count,
                                      .at = (struct section *)o->at};
    struct cursor cursor = cursor_at(in->at, (size_t)(in->end - in->at));
    rvemu *m = make();
    struct rvemu_error error;
    struct rvemu_stop stop;

    expect(shot_load(m, &sections, &error) == 0);
    if (log_get(&m->log, &cursor, 2)) {
        m->log.end = (struct moment){m->s.steps + STEPS, 0};
        rvemu_run(m, STEPS, &stop);
    }
    rvemu_destroy(m);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static struct original original;
    struct fuzz_input in = {data, data + size};

    if (!original.count)
        take_original(&original);
    switch (take(&in, 1) % 4) {
    case 0: with_file(&in); break;
    case 1: with_log(&original, &in); break;
    default: with_changes(&original, &in); break;
    }
    return 0;
}
