/*
 * A trace as the viewer's source; see source.h. The scene (rvemu/scene.h) says
 * what tables and TLBs hold; it is fed the events of the first boot up to the
 * step, from the beginning again where the viewer goes back.
 */
#include <stdio.h>
#include <stdlib.h>

#include <rvemu/emt.h>
#include <rvemu/scene.h>

#include "view/source.h"

struct replay {
    struct rvemu_emt *trace;
    struct rvemu_scene *scene;
    struct rvemu_event next; /* read, and not fed yet */
    bool has_next;
    unsigned harts;
    struct source_hart hart[RVEMU_HARTS_MAX]; /* by its last event */
};

static const struct rvemu_scene_options options = {.explain = {.full = true}};

bool replay_is(const char *path, struct rvemu_error *error)
{
    struct rvemu_emt *trace;

    if (rvemu_emt_open(path, &trace, error) < 0)
        return false;
    rvemu_emt_free(trace);
    return true;
}

static void read_next(struct replay *r)
{
    struct rvemu_emt_place place;

    r->has_next = rvemu_emt_next(r->trace, &r->next, &place) && !place.boot;
}

/* Back to before the first event. */
static int rewind_to_start(struct replay *r, struct rvemu_error *error)
{
    rvemu_scene_free(r->scene);
    r->scene = rvemu_scene_new(&options);
    if (!r->scene)
        return rvemu_error_set(error, "no memory for the scene");
    for (unsigned i = 0; i < RVEMU_HARTS_MAX; i++)
        r->hart[i] = (struct source_hart){.priv = 3};
    r->harts = 1;
    rvemu_emt_seek(r->trace, 0, 0);
    read_next(r);
    return 0;
}

int replay_open(struct source *source, const char *path,
                struct rvemu_error *error)
{
    struct replay *r = calloc(1, sizeof(*r));
    struct survey_config config = {.lang = RVEMU_LANG_EN,
                                   .watch = source->watch};

    source->replay = r;
    if (!r)
        return rvemu_error_set(error, "no memory for a trace");
    if (rvemu_emt_open(path, &r->trace, error) < 0)
        return -1;
    config.trace = r->trace;
    config.names = rvemu_emt_names(r->trace);
    source->names = config.names;
    if (survey_make(&source->survey, &config, error) < 0)
        return -1;
    if (!source->survey.processes)
        return rvemu_error_set(error, "%s tells of no program", path);
    return rewind_to_start(r, error);
}

void replay_close(struct source *source)
{
    struct replay *r = source->replay;

    if (!r)
        return;
    rvemu_scene_free(r->scene);
    rvemu_emt_free(r->trace);
    free(r);
}

static void feed(struct replay *r)
{
    const struct rvemu_event *e = &r->next;

    rvemu_scene_feed(r->scene, e);
    if (e->hart < RVEMU_HARTS_MAX) {
        struct source_hart *hart = &r->hart[e->hart];

        hart->pc = e->pc;
        hart->priv = e->priv;
        if (e->kind == RVEMU_EVENT_xret)
            hart->priv = (unsigned)e->xret.target;
        if (e->kind == RVEMU_EVENT_satp)
            hart->satp = e->satp.new;
        if (e->hart >= r->harts)
            r->harts = e->hart + 1u;
    }
    read_next(r);
}

int replay_goto(struct source *source, uint64_t step, struct rvemu_error *error)
{
    struct replay *r = source->replay;

    if (step < source->step && rewind_to_start(r, error) < 0)
        return -1;
    while (r->has_next && r->next.time < step)
        feed(r);
    source->step = step;
    source->stopped = !r->has_next;
    return 0;
}

unsigned replay_harts(const struct replay *r)
{
    return r->harts;
}

void replay_hart(const struct replay *r, unsigned hart, struct source_hart *at)
{
    if (hart < RVEMU_HARTS_MAX)
        *at = r->hart[hart];
}

/* The symbol of an event's pc, as the trace has it. */
bool replay_symbol(const struct replay *r, uint64_t pc, char *out, size_t size)
{
    uint64_t offset;
    const char *symbol = rvemu_emt_symbol(r->trace, pc, &offset);

    snprintf(out, size, "%s", symbol ? symbol : "");
    return symbol != NULL;
}

static unsigned space_of(const struct replay *r, uint64_t satp)
{
    return rvemu_scene_space_of_root(r->scene, rvemu_satp_root(satp));
}

void replay_leaves(const struct replay *r, uint64_t satp, leaf_fn *call,
                   void *arg)
{
    unsigned space = space_of(r, satp);
    struct rvemu_scene_page page;
    uint64_t va = 0;

    while (space && rvemu_scene_page_from(r->scene, space, va, &page)) {
        if (page.is_user)
            call(arg, page.va, page.level, page.pte);
        va = page.va + page.size;
        if (!va)
            break;
    }
}

void replay_walk(const struct replay *r, uint64_t satp, uint64_t va,
                 struct rvemu_walk *walk)
{
    struct rvemu_scene_step step[RVEMU_SCENE_LEVELS];
    unsigned space = space_of(r, satp);

    *walk = (struct rvemu_walk){0};
    if (space)
        walk->count = rvemu_scene_walk(r->scene, space, va, step);
    for (unsigned i = 0; i < walk->count; i++)
        walk->entry[i] = (struct rvemu_walk_entry){step[i].level,
                                                   step[i].pte_pa, step[i].pte};
    walk->is_mapped = walk->count && (step[walk->count - 1].pte & PTE_V) &&
                      (step[walk->count - 1].pte & (PTE_R | PTE_X));
}

bool replay_tlb(const struct replay *r, unsigned hart, uint64_t satp,
                uint64_t va, struct rvemu_tlb_entry *entry)
{
    struct rvemu_scene_tlb found;

    if (!rvemu_scene_tlb_find(r->scene, hart, satp, va, &found))
        return false;
    *entry = (struct rvemu_tlb_entry){
        .va = found.va,
        .size = found.size,
        .pte = found.pte,
        .pte_pa = found.pte_pa,
        .level = found.level,
        .asid = found.asid,
        .global = found.global,
    };
    return true;
}
