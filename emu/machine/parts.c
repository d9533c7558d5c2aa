/* Guest state as a table of parts; see parts.h. */
#include "machine/parts.h"

#include <string.h>

#include "machine/machine.h"

/* What a part is called, and where it is. Devices have their own rows. */
struct row {
    const char *name;
    size_t offset; /* in struct rvemu or struct hart */
    size_t size;
};

#define PLACE(type, member) offsetof(type, member), sizeof(((type *)0)->member)

static const struct row hart_rows[] = {
#define ROW(member) {"hart." #member, PLACE(struct hart, s.member)},
#include "machine/parts.def"
    {"hart.pmp", PLACE(struct hart, pmp.s)},
};

#define ROW(member) +sizeof(((struct hart_state *)0)->member)
_Static_assert(sizeof(struct hart_state) == 0
#include "machine/parts.def"
               ,
               "every member of struct hart_state has a row");

static const struct row machine_rows[] = {
    {"machine", PLACE(struct rvemu, s)},
    {"turn", PLACE(struct rvemu, turn.s)},
    {"clock", PLACE(struct rvemu, clock.s)},
    {"htif", PLACE(struct rvemu, board.htif.s)},
    {"input", PLACE(struct rvemu, input.s)},
    {"ahead", PLACE(struct rvemu, ahead)},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void each_row(const struct row *rows, size_t count, unsigned index,
                     u8 *base, part_fn *call, void *arg)
{
    for (size_t i = 0; i < count; i++) {
        const struct part part = {
            .name = rows[i].name,
            .index = index,
            .bytes = base + rows[i].offset,
            .size = rows[i].size,
        };

        call(arg, &part);
    }
}

/* The TLB's state, whose size its geometry decides. */
static void call_tlb(struct hart *h, unsigned index, part_fn *call, void *arg)
{
    struct part part = {.name = "hart.tlb", .index = index};

    part.bytes = tlb_state(&h->tlb, &part.size);
    call(arg, &part);
}

static void each_device(struct rvemu *m, part_fn *call, void *arg)
{
    struct part part[BOARD_DEVICES_MAX];
    unsigned count = board_parts(&m->board, part);

    for (unsigned i = 0; i < count; i++)
        call(arg, &part[i]);
}

void parts_each(struct rvemu *m, part_fn *call, void *arg)
{
    each_device(m, call, arg);
    each_row(machine_rows, COUNT(machine_rows), 0, (u8 *)m, call, arg);
    for (unsigned i = 0; i < m->harts.count; i++) {
        each_row(hart_rows, COUNT(hart_rows), i, (u8 *)&m->hart[i], call, arg);
        call_tlb(&m->hart[i], i, call, arg);
    }
}

static void add_size(void *arg, const struct part *part)
{
    *(size_t *)arg += part->size;
}

size_t parts_size(struct rvemu *m)
{
    size_t size = 0;

    parts_each(m, add_size, &size);
    return size;
}

static void save(void *arg, const struct part *part)
{
    u8 **at = arg;

    memcpy(*at, part->bytes, part->size);
    *at += part->size;
}

void parts_save(struct rvemu *m, u8 *bytes)
{
    parts_each(m, save, &bytes);
}

static void load(void *arg, const struct part *part)
{
    const u8 **at = arg;

    memcpy(part->bytes, *at, part->size);
    *at += part->size;
}

void parts_load(struct rvemu *m, const u8 *bytes)
{
    parts_each(m, load, &bytes);
}

void parts_restored(struct rvemu *m)
{
    clock_restored(&m->clock);
    for (unsigned i = 0; i < m->harts.count; i++)
        hart_restored(&m->hart[i]);
}

struct comparison {
    const u8 *at;
    bool differs;
    struct part *part;
};

static void compare(void *arg, const struct part *part)
{
    struct comparison *comparison = arg;

    if (!comparison->differs &&
        memcmp(part->bytes, comparison->at, part->size)) {
        comparison->differs = true;
        *comparison->part = *part;
    }
    comparison->at += part->size;
}

bool parts_differ(struct rvemu *m, const u8 *bytes, struct part *part)
{
    struct comparison comparison = {.at = bytes, .part = part};

    parts_each(m, compare, &comparison);
    return comparison.differs;
}

static void mix(void *arg, const struct part *part)
{
    u64 *hash = arg;

    for (size_t i = 0; i < part->size; i++)
        *hash = (*hash ^ ((const u8 *)part->bytes)[i]) * 0x100000001b3;
}

u64 parts_hash(struct rvemu *m)
{
    u64 hash = 0xcbf29ce484222325;

    parts_each(m, mix, &hash);
    return hash;
}
