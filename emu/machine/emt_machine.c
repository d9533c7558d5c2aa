/*
 * A machine out of its trace: the second half of rvemu/emt_machine.h, from the
 * format of emt_keeper.h.
 */
#include <rvemu/emt_machine.h>

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "machine/emt_keeper.h"
#include "machine/log_bytes.h"
#include "machine/machine.h"
#include "machine/ram_runs.h"
#include "machine/shot.h"

/* Where a machine was kept, or its boot ended. */
struct point {
    unsigned boot;
    struct moment at;
    u64 time, entries; /* of the log by then */
    u64 number;        /* of the snapshot */
    size_t first;      /* its first chunk among all; */
    u64 chunks;        /* 0: there is none */
};

struct points {
    struct point *point;
    size_t count;
};

static int damaged(struct rvemu_error *error)
{
    return error_set(error, "what the trace has of its machine is damaged");
}

/* Reads a chunk of input up to its log. */
static bool read_point(struct rvemu_emt *t, size_t index, struct point *p,
                       struct cursor *rest)
{
    size_t size;
    const u8 *bytes =
        rvemu_emt_extra(t, RVEMU_EMT_INPUT, index, &size, &p->boot);

    if (!bytes)
        return false;
    *rest = cursor_at(bytes, size);
    p->chunks = cursor_number(rest);
    p->number = cursor_number(rest);
    p->at.steps = cursor_number(rest);
    p->at.looks = cursor_number(rest);
    p->time = cursor_number(rest);
    p->entries = cursor_number(rest);
    return !rest->failed && p->chunks < SIZE_MAX / 2 &&
           p->at.steps <= INT64_MAX;
}

static int read_points(struct rvemu_emt *t, struct points *points,
                       struct rvemu_error *error)
{
    size_t count = rvemu_emt_extras(t, RVEMU_EMT_INPUT), first = 0;
    struct cursor rest;

    points->count = 0;
    points->point = calloc(count ? count : 1, sizeof(*points->point));
    if (!points->point)
        return error_set(error, "out of host memory");
    if (!count)
        return error_set(error, "the trace does not carry its machine: it was "
                                "not written with replay=on");
    for (; points->count < count; points->count++) {
        struct point *p = &points->point[points->count];

        if (!read_point(t, points->count, p, &rest))
            return damaged(error);
        p->first = first;
        first += p->chunks;
    }
    return 0;
}

/* A chunk of a snapshot, if it is the one that it should be. */
static bool read_section(struct rvemu_emt *t, const struct point *p, u64 which,
                         struct section *section)
{
    unsigned boot;
    size_t size;
    const u8 *bytes =
        rvemu_emt_extra(t, RVEMU_EMT_SNAPSHOT, p->first + which, &size, &boot);

    if (!bytes || boot != p->boot || size < EMT_SECTION_HEADER ||
        load_le32(bytes) != p->number || load_le32(bytes + 4) != which)
        return false;
    *section = (struct section){.kind = load_le32(bytes + 8),
                                .index = load_le32(bytes + 12),
                                .bytes = bytes + EMT_SECTION_HEADER,
                                .size = size - EMT_SECTION_HEADER,
                                .fd = -1};
    return true;
}

/* The sections of a snapshot but RAM, with copies of their bytes. */
static int read_sections(struct rvemu_emt *t, const struct point *p,
                         struct sections *s, struct rvemu_error *error)
{
    for (u64 i = 0; i < p->chunks; i++) {
        struct section section;
        u8 *copy;

        if (!read_section(t, p, i, &section))
            return damaged(error);
        if (section.kind == SECTION_RAM)
            continue;
        copy = malloc(section.size + 1);
        if (!copy)
            return error_set(error, "out of host memory");
        memcpy(copy, section.bytes, section.size);
        section.bytes = copy;
        if (!sections_add(s, &section)) {
            free(copy);
            return damaged(error);
        }
    }
    return 0;
}

static void free_sections(struct sections *s)
{
    for (size_t i = 0; i < s->count; i++)
        free((void *)(uintptr_t)s->at[i].bytes);
    sections_free(s);
}

/* ---- RAM ---- */

struct filling {
    struct rvemu_emt *trace;
    const struct points *points;
    const struct point *last; /* the snapshot that is wanted */
    u8 *has;                  /* of each page: something was put there */
};

/* Puts a piece where the runs say, from *at on of all their pages. */
static bool put_piece(struct filling *f, struct ram *ram,
                      const struct ram_runs *runs, u64 *at,
                      const struct section *piece)
{
    u64 before = 0, used = 0, end = *at + (piece->size >> PAGE_SHIFT);

    if (piece->size % PAGE_SIZE || end > runs->pages)
        return false;
    for (size_t i = 0; i < runs->count && before < end; i++) {
        const struct ram_run *run = &runs->run[i];

        for (u64 n = most(*at, before); n < least(end, before + run->count);
             n++) {
            u64 page = run->first + (n - before);

            memcpy(ram->host + (page << PAGE_SHIFT), piece->bytes + used,
                   PAGE_SIZE);
            f->has[page] = 1;
            used += PAGE_SIZE;
        }
        before += run->count;
    }
    *at = end;
    return true;
}

/* Puts the pages of one snapshot there. */
static bool put_pages(struct filling *f, struct ram *ram, const struct point *p)
{
    struct ram_runs runs = {.run = NULL};
    bool ok = true, any = false;
    u64 at = 0;

    for (u64 i = 0; ok && i < p->chunks; i++) {
        struct section section;
        struct cursor cursor;

        ok = read_section(f->trace, p, i, &section);
        cursor = cursor_at(section.bytes, ok ? section.size : 0);
        if (ok && section.kind == SECTION_RUNS &&
            section.index == EMT_RUNS_CHANGED && !any) {
            any = true;
            ok = ram_runs_get(&runs, &cursor, ram->size);
        } else if (ok && section.kind == SECTION_RAM) {
            ok = put_piece(f, ram, &runs, &at, &section);
        }
    }
    ok = ok && any && at == runs.pages;
    ram_runs_free(&runs);
    return ok;
}

/* Pages that have become zero since they were kept. */
static bool clear_others(struct filling *f, struct ram *ram,
                         const struct sections *s)
{
    const struct section *all = sections_find(s, SECTION_RUNS, EMT_RUNS_ALL);
    struct ram_runs runs;
    struct cursor cursor;

    if (!all)
        return false;
    cursor = cursor_at(all->bytes, all->size);
    if (!ram_runs_get(&runs, &cursor, ram->size))
        return false;
    for (size_t i = 0; i < runs.count; i++)
        memset(f->has + runs.run[i].first, 0, runs.run[i].count);
    for (u64 page = 0; page < ram->size >> PAGE_SHIFT; page++)
        if (f->has[page])
            memset(ram->host + (page << PAGE_SHIFT), 0, PAGE_SIZE);
    ram_runs_free(&runs);
    return true;
}

/* A shot_ram_fn: of all snapshots of the boot up to the one that is wanted. */
static int fill_ram(void *arg, struct rvemu *m, const struct sections *s,
                    struct rvemu_error *error)
{
    struct filling *f = arg;
    bool ok = true;

    f->has = calloc(m->bus.ram.size >> PAGE_SHIFT, 1);
    if (!f->has)
        return error_set(error, "out of host memory");
    for (const struct point *p = f->points->point; ok && p <= f->last; p++)
        if (p->boot == f->last->boot && p->chunks)
            ok = put_pages(f, &m->bus.ram, p);
    ok = ok && clear_others(f, &m->bus.ram, s);
    free(f->has);
    return ok ? 0 : damaged(error);
}

/* ---- the machine ---- */

static int make(const struct sections *s, const struct rvemu_config *lent,
                rvemu **machine, struct rvemu_error *error)
{
    struct rvemu_config config;
    struct facts facts;

    if (shot_facts(&facts, s, error) < 0)
        return -1;
    config = facts.config;
    if (lent)
        config.host = lent->host;
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++) {
        struct rvemu_virtio_slot *slot = &config.virtio.slot[i];

        slot->disk = lent ? lent->virtio.slot[i].disk : NULL;
        if (slot->kind == RVEMU_VIRTIO_BLK && !slot->disk)
            return error_set(error,
                             "the machine had a disk in virtio slot %u, whose "
                             "image the trace does not carry: it has to be "
                             "given",
                             i);
    }
    return rvemu_create(&config, machine, error);
}

/* Has the log answer from the point on to the end of its boot. */
static int load_log(struct rvemu_emt *t, const struct points *points,
                    const struct point *from, rvemu *m,
                    struct rvemu_error *error)
{
    for (size_t i = 0; i < points->count; i++) {
        struct cursor rest;
        struct point p;

        if (points->point[i].boot != from->boot)
            continue;
        if (!read_point(t, i, &p, &rest) ||
            !log_get(&m->log, &rest, m->harts.count) ||
            m->log.count != p.entries)
            return damaged(error);
        m->log.end = p.at;
    }
    m->log.next = (size_t)from->entries;
    return from->entries <= m->log.count ? 0 : damaged(error);
}

static int load(struct rvemu_emt *t, const struct points *points,
                const struct point *from, const struct rvemu_config *lent,
                rvemu **machine, struct rvemu_error *error)
{
    struct filling filling = {.trace = t, .points = points, .last = from};
    struct sections sections = {.count = 0};
    struct rvemu_error why;
    int failed = -1;

    if (read_sections(t, from, &sections, error) == 0 &&
        make(&sections, lent, machine, error) == 0) {
        failed = shot_load_over(*machine, &sections, fill_ram, &filling, &why);
        if (failed)
            error_set(error, "the trace's machine: %s", why.text);
    }
    if (!failed)
        failed = load_log(t, points, from, *machine, error);
    free_sections(&sections);
    return failed;
}

/* Whether a point is before a place, by steps or by time. */
static bool is_up_to(const struct point *p, bool by_time, u64 place)
{
    return (by_time ? p->time : p->at.steps) <= place;
}

/* Runs to a place, if the boot has it. */
static void run_to(rvemu *m, bool by_time, u64 place)
{
    struct rvemu_stop stop;

    if ((by_time ? clock_now(&m->clock) : m->s.steps) >= place)
        return;
    m->time_end = by_time ? place : 0;
    rvemu_run(m, by_time ? rvemu_emt_steps_left(m) : place - m->s.steps, &stop);
    m->time_end = 0;
}

static int find(const struct points *points, unsigned boot, bool by_time,
                u64 place, const struct point **from, struct rvemu_error *error)
{
    const struct point *first = NULL, *last = NULL;

    *from = NULL;
    for (size_t i = 0; i < points->count; i++) {
        const struct point *p = &points->point[i];

        if (p->boot != boot)
            continue;
        first = first ? first : p;
        last = p;
        if (p->chunks && is_up_to(p, by_time, place))
            *from = p;
    }
    if (!last)
        return error_set(error, "the trace has no machine of boot %u", boot);
    if (!*from || place > (by_time ? last->time : last->at.steps))
        return error_set(error,
                         "%s %llu is not in the trace's machine, which goes "
                         "from step %llu to %llu, at %llu to %llu ns",
                         by_time ? "time" : "step", (unsigned long long)place,
                         (unsigned long long)first->at.steps,
                         (unsigned long long)last->at.steps,
                         (unsigned long long)first->time,
                         (unsigned long long)last->time);
    return 0;
}

static int make_at(struct rvemu_emt *t, unsigned boot, bool by_time, u64 place,
                   const struct rvemu_config *lent, rvemu **machine,
                   struct rvemu_error *error)
{
    const struct point *from;
    struct points points;
    int failed;

    *machine = NULL;
    failed = read_points(t, &points, error);
    if (!failed)
        failed = find(&points, boot, by_time, place, &from, error);
    if (!failed)
        failed = load(t, &points, from, lent, machine, error);
    free(points.point);
    if (!failed) {
        run_to(*machine, by_time, place);
        return 0;
    }
    rvemu_destroy(*machine);
    *machine = NULL;
    return -1;
}

int rvemu_emt_machine(struct rvemu_emt *t, unsigned boot, uint64_t step,
                      const struct rvemu_config *lent, rvemu **machine,
                      struct rvemu_error *error)
{
    return make_at(t, boot, false, step, lent, machine, error);
}

int rvemu_emt_machine_at(struct rvemu_emt *t, unsigned boot, uint64_t time,
                         const struct rvemu_config *lent, rvemu **machine,
                         struct rvemu_error *error)
{
    return make_at(t, boot, true, time, lent, machine, error);
}

uint64_t rvemu_emt_steps_left(const rvemu *m)
{
    u64 end = m->log.end.steps;

    return end > m->s.steps && !m->s.stopped ? end - m->s.steps : 0;
}
