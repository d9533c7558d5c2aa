/* The states of observers; see observers.h. */
#include "trace/observers.h"

#include <stdlib.h>

struct observed {
    int id;
    void *saved;
    void (*drop)(void *arg, void *saved);
    void *arg;
};

struct rvemu_observed {
    unsigned count;
    struct observed state[TRACE_SUBSCRIBERS_MAX];
};

struct rvemu_observed *observers_save(struct trace *trace)
{
    struct rvemu_observed *all = calloc(1, sizeof(*all));

    trace_deliver(trace);
    for (unsigned i = 0; all && i < trace->subscribers; i++) {
        const struct rvemu_subscription *of = &trace->subscriber[i].of;
        void *saved;

        if (of->as != RVEMU_OBSERVER || !of->save)
            continue;
        saved = of->save(of->arg);
        if (!saved) {
            observers_drop(all);
            return NULL;
        }
        all->state[all->count++] = (struct observed){trace->subscriber[i].id,
                                                     saved, of->drop, of->arg};
    }
    return all;
}

void observers_restore(struct trace *trace, const struct rvemu_observed *all)
{
    trace_deliver(trace);
    for (unsigned i = 0; i < trace->subscribers; i++)
        for (unsigned k = 0; k < all->count; k++)
            if (all->state[k].id == trace->subscriber[i].id)
                trace->subscriber[i].of.restore(trace->subscriber[i].of.arg,
                                                all->state[k].saved);
}

void observers_drop(struct rvemu_observed *all)
{
    for (unsigned i = 0; all && i < all->count; i++)
        all->state[i].drop(all->state[i].arg, all->state[i].saved);
    free(all);
}
