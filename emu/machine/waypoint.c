/* A snapshot in memory; see waypoint.h. */
#include "machine/waypoint.h"

#include <stdlib.h>

#include "base/sparse.h"
#include "hart/code/probes.h"
#include "hart/mmu/fetched.h"
#include "hart/mmu/suspects.h"
#include "hart/mmu/tables.h"
#include "machine/machine.h"
#include "machine/parts.h"
#include "trace/observers.h"

static struct sparse *pack_parts(struct rvemu *m)
{
    size_t size = parts_size(m);
    u8 *bytes = malloc(size);
    struct sparse *packed = NULL;

    if (bytes) {
        parts_save(m, bytes);
        packed = sparse_new(bytes, size);
    }
    free(bytes);
    return packed;
}

static bool fill(struct rvemu *m, struct waypoint *w)
{
    w->parts = pack_parts(m);
    w->observed = observers_save(&m->trace);
    return w->parts && w->observed && tables_save(m->tables, &w->tables) == 0 &&
           suspects_save(m->suspects, &w->suspects) == 0 &&
           probes_save(m->probes, &w->probes) == 0 &&
           changes_save(m->changes, &w->changed) == 0;
}

/* Whether input has come at this moment. */
static bool has_input(const struct input_log *log, struct moment now)
{
    return log->next && moment_is(log->entry[log->next - 1].at, now);
}

struct waypoint *waypoint_new(struct rvemu *m, struct moment arrival)
{
    struct waypoint *w = calloc(1, sizeof(*w));
    u64 kept = changes_kept(m->changes);

    if (!w)
        return NULL;
    w->at = (struct moment){m->s.steps, m->s.looks};
    w->arrival = arrival;
    w->is_arrival = moment_is(w->at, arrival) && !has_input(&m->log, w->at);
    w->log_next = m->log.next;
    w->time = m->clock.s.now;
    w->changes = m->changes;
    if (!fill(m, w)) {
        waypoint_free(w);
        return NULL;
    }
    w->weight = sizeof(*w) + sparse_weight(w->parts) +
                tables_weight(w->tables) +
                suspects_weight(m->suspects, w->suspects) +
                changes_kept(m->changes) - kept;
    return w;
}

void waypoint_free(struct waypoint *w)
{
    if (!w)
        return;
    free(w->parts);
    tables_drop(w->tables);
    suspects_drop(w->suspects);
    free(w->probes);
    changes_drop(w->changes, w->changed);
    observers_drop(w->observed);
    free(w);
}

static void load_parts(struct rvemu *m, const struct waypoint *w, u8 *room)
{
    sparse_load(w->parts, room);
    parts_load(m, room);
    parts_restored(m);
}

void waypoint_restore(struct rvemu *m, const struct waypoint *w, u8 *room)
{
    load_parts(m, w, room);
    tables_restore(m->tables, w->tables);
    suspects_restore(m->suspects, w->suspects);
    probes_restore(m->probes, w->probes);
    fetched_restore(&m->harts, w->changed);
    m->log.next = w->log_next;
    observers_restore(&m->trace, w->observed);
}
