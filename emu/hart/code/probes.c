/* Where instructions are reported before they are executed; see probes.h. */
#include "hart/code/probes.h"

#include <stdlib.h>
#include <string.h>

void probes_free(struct probes *probes)
{
    size_t at = 0;

    for (struct probe *probe; (probe = map_next(&probes->at, &at));)
        free(probe);
    map_free(&probes->at);
    *probes = (struct probes){0};
}

/* The record of an address, made if there is none. NULL: no memory. */
static struct probe *probe_at(struct probes *probes, u64 va)
{
    struct probe *probe = map_get(&probes->at, va);
    unsigned offset = va & 4095;

    if (probe)
        return probe;
    probe = calloc(1, sizeof(*probe));
    if (!probe || !map_put(&probes->at, va, probe)) {
        free(probe);
        return NULL;
    }
    probes->offsets[offset / 16] |= (u8)(1u << offset / 2 % 8);
    return probe;
}

bool probes_add(struct probes *probes, u64 va, bool returns)
{
    struct probe *probe = probe_at(probes, va);

    if (!probe)
        return false;
    probes->functions += !probe->enters;
    probe->enters = true;
    probe->returns = returns;
    return true;
}

static void drop_call(struct probes *probes, unsigned at)
{
    probes->calls--;
    memmove(&probes->call[at], &probes->call[at + 1],
            (probes->calls - at) * sizeof(probes->call[0]));
}

static void free_unused(struct probes *probes)
{
    if (!probes->functions && !probes->breakpoints)
        probes_free(probes);
}

bool probes_remove(struct probes *probes, u64 va)
{
    struct probe *probe = map_get(&probes->at, va);

    if (!probe || !probe->enters)
        return false;
    probe->enters = probe->returns = false;
    for (unsigned i = probes->calls; i-- > 0;)
        if (probes->call[i].function == va)
            drop_call(probes, i);
    probes->functions--;
    free_unused(probes);
    return true;
}

bool probes_break(struct probes *probes, u64 va, bool on)
{
    struct probe *probe = on ? probe_at(probes, va) : map_get(&probes->at, va);

    if (!probe || (!on && !probe->stops))
        return false;
    probes->breakpoints += (unsigned)on - probe->stops;
    probe->stops = on;
    free_unused(probes);
    return true;
}

const struct probe *probes_find(const struct probes *probes, u64 va)
{
    return probes_has_offset(probes, va & 4095) ? map_get(&probes->at, va)
                                                : NULL;
}

bool probes_enter(struct probes *probes, u64 function, u64 site, u64 sp)
{
    struct probe *at = map_get(&probes->at, site);
    bool fresh = !at || !at->site;

    if (fresh && probes->sites == PROBES_SITES)
        return false;
    at = probe_at(probes, site);
    if (!at)
        return false;
    at->site = true;
    probes->sites += fresh;
    for (unsigned i = probes->calls; i-- > 0;)
        if (probes->call[i].function == function &&
            probes->call[i].site == site && probes->call[i].sp == sp)
            drop_call(probes, i);
    if (probes->calls == PROBES_CALLS)
        drop_call(probes, 0);
    probes->call[probes->calls++] = (struct probe_call){function, site, sp};
    return fresh;
}

bool probes_leave(struct probes *probes, u64 site, u64 sp, u64 *function)
{
    for (unsigned i = probes->calls; i-- > 0;) {
        if (probes->call[i].site != site || probes->call[i].sp != sp)
            continue;
        *function = probes->call[i].function;
        drop_call(probes, i);
        return true;
    }
    return false;
}

struct probes_saved {
    unsigned calls;
    struct probe_call call[];
};

int probes_save(const struct probes *probes, struct probes_saved **saved)
{
    size_t size = probes->calls * sizeof(probes->call[0]);
    struct probes_saved *s = NULL;

    if (probes->calls) {
        s = malloc(sizeof(*s) + size);
        if (!s)
            return -1;
        s->calls = probes->calls;
        memcpy(s->call, probes->call, size);
    }
    *saved = s;
    return 0;
}

void probes_restore(struct probes *probes, const struct probes_saved *saved)
{
    probes->calls = 0;
    probes->stopped = 0;
    memset(probes->stopped_at, 0, sizeof(probes->stopped_at));
    for (unsigned i = 0; saved && i < saved->calls; i++) {
        const struct probe *probe =
            map_get(&probes->at, saved->call[i].function);

        if (probe && probe->returns)
            probes->call[probes->calls++] = saved->call[i];
    }
}
