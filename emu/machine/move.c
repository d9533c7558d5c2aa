/* Moving into a fresh machine; see move.h. */
#include "machine/move.h"

#include <stdlib.h>
#include <string.h>

#include "hart/mmu/fetched.h"
#include "hart/mmu/suspects.h"
#include "hart/mmu/tables.h"
#include "machine/history.h"
#include "machine/machine.h"
#include "machine/parts.h"

static void poison(void *arg, const struct part *part)
{
    memset(part->bytes, MOVE_POISON, part->size);
}

/* What a machine is made from, and who is outside of it. */
static void keep(struct rvemu *m, const struct rvemu *old)
{
    m->config = old->config;
    m->isa = old->isa;
    m->trace = old->trace;
    m->tables = old->tables;
    m->suspects = old->suspects;
    m->probes = old->probes;
    m->changes = old->changes;
    m->watches = old->watches;
    m->halt = old->halt;
    m->log = old->log;
    m->idling = old->idling;
    m->history = old->history;
    m->again = old->again;
    m->told = old->told;
    m->loaded = old->loaded;
    m->symbols = old->symbols;
    m->as = old->as;
    m->device_tree = old->device_tree;
    m->device_tree_size = old->device_tree_size;
}

/* Makes m, which is no machine any more, from what is left of it in old. */
static int make_again(struct rvemu *m, const struct rvemu *old,
                      struct rvemu_error *error)
{
    memset(m, MOVE_POISON, sizeof(*m));
    keep(m, old);
    m->decoder = NULL;
    m->blocks = NULL;
    m->harts.count = 0;
    m->board.count = 0;
    clock_init(&m->clock);
    if (bus_init_over(&m->bus, &old->bus.ram, error) < 0 ||
        machine_build(m, error) < 0)
        return -1;
    return machine_attach_htif(m, error);
}

int machine_move(struct rvemu *m, struct rvemu_error *error)
{
    u8 *bytes = malloc(parts_size(m));
    struct rvemu *old = malloc(sizeof(*old));
    int failed = -1;

    if (!bytes || !old) {
        error_set(error, "out of host memory");
        goto out;
    }
    parts_save(m, bytes);
    suspects_take(m->suspects);
    machine_unbuild(m);
    free(m->bus.ram.frame_flags);
    *old = *m;
    failed = make_again(m, old, error);
    if (failed)
        goto out;
    parts_each(m, poison, NULL);
    parts_load(m, bytes);
    tables_restored(m->tables);
    fetched_restored(&m->harts);
    parts_restored(m);
    suspects_give(m->suspects);
    if (m->history)
        history_moved(m);
out:
    free(old);
    free(bytes);
    return failed;
}
