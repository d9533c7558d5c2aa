/*
 * Keeping a machine in its trace: the first half of rvemu/emt_machine.h, in the
 * format of emt_keeper.h.
 *
 * A page is kept when its checksum is another than when it was kept last: to
 * sum up all of a guest's memory takes less time than to pack a tenth of it.
 */
#include "machine/emt_keeper.h"

#include <rvemu/emt_machine.h>

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/digest.h"
#include "base/error.h"
#include "machine/answers.h"
#include "machine/log_bytes.h"
#include "machine/ram_runs.h"
#include "machine/shot.h"
#include "machine/shot_disks.h"

#define DISTANCE                                                 \
    (UINT64_C(1) << 28) /* steps between two snapshots, at least \
                         */

struct rvemu_emt_keeper {
    struct rvemu_emt_writer *writer;
    rvemu *machine; /* NULL: none is attached */
    u64 budget, used;
    u64 next, distance; /* of the next snapshot: steps */
    u64 *sum;           /* of each page of RAM, when it was kept last */
    size_t logged;      /* entries of the log that are written */
    u32 number;         /* of the next snapshot */
    u32 chunks;         /* of the one that is being written */
    u64 taken;          /* bytes that it takes in the file */
    struct bytes piece;
    bool failed;
};

struct rvemu_emt_keeper *rvemu_emt_keeper_new(struct rvemu_emt_writer *writer,
                                              uint64_t bytes)
{
    struct rvemu_emt_keeper *k = calloc(1, sizeof(*k));

    if (!k)
        return NULL;
    k->writer = writer;
    k->budget = bytes ? bytes : RVEMU_EMT_REPLAY_BYTES;
    k->distance = DISTANCE;
    return k;
}

void rvemu_emt_keeper_free(struct rvemu_emt_keeper *k)
{
    if (!k)
        return;
    free(k->sum);
    bytes_free(&k->piece);
    free(k);
}

static bool put_section(void *self, u32 kind, u32 index, const void *bytes,
                        u64 size)
{
    struct rvemu_emt_keeper *k = self;
    int64_t taken;

    k->piece.size = 0;
    bytes_put_le(&k->piece, k->number, 4);
    bytes_put_le(&k->piece, k->chunks++, 4);
    bytes_put_le(&k->piece, kind, 4);
    bytes_put_le(&k->piece, index, 4);
    bytes_put(&k->piece, bytes, size);
    if (k->piece.failed)
        return false;
    taken = rvemu_emt_put_extra(k->writer, RVEMU_EMT_SNAPSHOT, k->piece.at,
                                k->piece.size);
    k->taken += taken > 0 ? (u64)taken : 0;
    return taken >= 0;
}

/* Takes the pages of a run whose sums have changed. */
static bool add_changed(struct rvemu_emt_keeper *k, struct ram_runs *changed,
                        const struct ram_run *run)
{
    const u8 *host = k->machine->bus.ram.host;

    for (u64 page = run->first; page < run->first + run->count; page++) {
        u64 sum = digest_of(host + (page << PAGE_SHIFT), PAGE_SIZE);

        if (sum == k->sum[page])
            continue;
        k->sum[page] = sum;
        if (!ram_runs_add(changed, page, 1))
            return false;
    }
    return true;
}

static bool put_runs(struct rvemu_emt_keeper *k, u32 index,
                     const struct ram_runs *runs)
{
    struct bytes bytes = {.at = NULL};
    bool ok;

    ram_runs_put(&bytes, runs);
    ok = !bytes.failed &&
         put_section(k, SECTION_RUNS, index, bytes.at, bytes.size);
    bytes_free(&bytes);
    return ok;
}

/* A page that has become zero is found again by another sum. */
static bool put_ram(struct rvemu_emt_keeper *k)
{
    const struct ram *ram = &k->machine->bus.ram;
    struct ram_runs all, changed = {.run = NULL};
    bool ok = ram_runs_find(&all, ram);
    u64 page = 0;

    if (!ok)
        return false;
    for (size_t i = 0; ok && i < all.count; i++) {
        memset(k->sum + page, 0, (all.run[i].first - page) * sizeof(*k->sum));
        page = all.run[i].first + all.run[i].count;
        ok = add_changed(k, &changed, &all.run[i]);
    }
    ok = ok && put_runs(k, EMT_RUNS_ALL, &all) &&
         put_runs(k, EMT_RUNS_CHANGED, &changed) &&
         ram_runs_save(&changed, ram, put_section, k);
    ram_runs_free(&all);
    ram_runs_free(&changed);
    return ok;
}

/* Writes what came from outside since the last time. */
static bool put_input(struct rvemu_emt_keeper *k)
{
    const struct rvemu *m = k->machine;
    struct input_log since = {.entry = m->log.entry + k->logged,
                              .count = m->log.count - k->logged};
    struct bytes bytes = {.at = NULL};
    bool ok;

    bytes_put_number(&bytes, k->chunks);
    bytes_put_number(&bytes, k->number);
    bytes_put_number(&bytes, m->s.steps);
    bytes_put_number(&bytes, m->s.looks);
    bytes_put_number(&bytes, clock_now(&m->clock));
    bytes_put_number(&bytes, m->log.count);
    log_put(&bytes, &since);
    ok = !bytes.failed && !m->log.lost &&
         rvemu_emt_put_extra(k->writer, RVEMU_EMT_INPUT, bytes.at,
                             bytes.size) >= 0;
    k->logged = m->log.count;
    bytes_free(&bytes);
    return ok;
}

static int keep(struct rvemu_emt_keeper *k, struct rvemu_error *error)
{
    rvemu *m = k->machine;

    k->chunks = 0;
    k->taken = 0;
    if (shot_take_small(m, put_section, k, error) < 0)
        return -1;
    if (!put_ram(k))
        return error_set(error, "the machine cannot be kept in its trace: "
                                "memory is lacking, or room for the file");
    if (shot_disks_save(&m->config.virtio, put_section, k, error) < 0)
        return -1;
    if (!put_input(k))
        return error_set(error, "the trace cannot be written");
    k->number++;
    k->chunks = 0;
    return 0;
}

static int check_disks(const rvemu *m, struct rvemu_error *error)
{
    unsigned slot = shot_disks_lasting(&m->config.virtio);

    if (slot == RVEMU_VIRTIO_SLOTS)
        return 0;
    return error_set(error,
                     "--trace replay=on: what is written to the disk in virtio "
                     "slot %u is not kept: say snapshot=on, or readonly=on",
                     slot);
}

int rvemu_emt_keeper_attach(struct rvemu_emt_keeper *k, rvemu *m,
                            struct rvemu_error *error)
{
    k->machine = m;
    k->logged = 0;
    free(k->sum);
    k->sum = calloc(m->bus.ram.size >> PAGE_SHIFT, sizeof(*k->sum));
    if (!k->sum)
        return error_set(error, "out of host memory");
    if (check_disks(m, error) < 0 || keep(k, error) < 0) {
        k->machine = NULL;
        return -1;
    }
    m->log.keepers++;
    k->next = m->s.steps + k->distance;
    return 0;
}

uint64_t rvemu_emt_keeper_room(const struct rvemu_emt_keeper *k)
{
    if (!k->machine || k->failed || k->machine->s.steps >= k->next)
        return UINT64_MAX;
    return k->next - k->machine->s.steps;
}

/* A snapshot is taken after a fourth of the steps that were made by then, so
 * that a long run has few, but not too many for the budget either: as much of
 * it is left for what a run may still do as it has done. */
static void plan(struct rvemu_emt_keeper *k)
{
    u64 made = k->machine->s.steps, left;

    k->used += k->taken;
    left = k->budget - least(k->budget, k->used);
    k->distance = most(DISTANCE, made / 4);
    while (k->distance < made && left / (k->taken + 1) < made / k->distance)
        k->distance *= 2;
    k->next = k->taken > left ? UINT64_MAX : made + k->distance;
}

void rvemu_emt_keeper_look(struct rvemu_emt_keeper *k)
{
    struct rvemu_error ignored; /* the writer is broken then, or has all */

    if (!k->machine || k->failed || k->machine->s.steps < k->next)
        return;
    k->failed = keep(k, &ignored) < 0;
    plan(k);
}

void rvemu_emt_keeper_detach(struct rvemu_emt_keeper *k)
{
    if (k->machine && !k->failed)
        k->failed = !put_input(k);
    k->machine = NULL;
}
