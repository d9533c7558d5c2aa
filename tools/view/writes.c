/* Stores to variables; see writes.h. */
#include "view/writes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/chain.h"
#include "view/record.h"

#define PAGES 32
#define PAGE_EACH 16 /* stores told of, of a page and a process */
#define PAGE_SIZE UINT64_C(4096)
#define STEPS_MOST UINT64_C(30000000)

/* A page that is looked at. */
struct watched {
    uint64_t va;
    unsigned count;
};

struct writer {
    struct survey *survey;
    const struct rvemu_names *names;
    struct record record;
    struct watched page[PAGES];
    unsigned pages;
    struct moment *found;
    size_t count, room;
    bool failed;
};

static uint64_t first_fork(const struct survey *s)
{
    for (size_t i = 0; i < s->moments; i++)
        if (s->moment[i].kind == MOMENT_FORK)
            return s->moment[i].step;
    return UINT64_MAX;
}

static void find_pages(struct writer *w)
{
    const struct survey *s = w->survey;

    for (size_t i = 0; i < s->moments && w->pages < PAGES; i++) {
        const struct moment *m = &s->moment[i];
        uint64_t va = m->va & ~(PAGE_SIZE - 1);
        unsigned known = 0;

        if (!m->name[0] ||
            (m->answer != ANSWER_COPY && m->answer != ANSWER_REUSE))
            continue;
        while (known < w->pages && w->page[known].va != va)
            known++;
        if (known == w->pages)
            w->page[w->pages++] = (struct watched){.va = va};
    }
}

bool writes_wanted(const struct survey *s)
{
    struct writer w = {.survey = (struct survey *)s};

    find_pages(&w);
    return w.pages && s->last_step - first_fork(s) < STEPS_MOST;
}

/* The process that has a root at a step; 0: none is known. */
static uint64_t space_at(const struct survey *s, uint64_t root, uint64_t step)
{
    for (size_t i = 0; i < s->processes; i++)
        if (s->process[i].root == root && s->process[i].from <= step &&
            step < s->process[i].until)
            return s->process[i].number;
    return 0;
}

/* Whether the story has this store already: the one behind a fault. */
static bool is_known(const struct survey *s, uint64_t step)
{
    size_t at = survey_moment_at(s, step);

    while (at < s->moments && s->moment[at].step == step) {
        if (s->moment[at].kind == MOMENT_STORE)
            return true;
        if (!at--)
            break;
    }
    return false;
}

static void add(struct writer *w, const struct rvemu_event *event,
                struct watched *page)
{
    uint64_t root = w->record.root[event->hart];
    struct moment m = {
        .step = record_step(&w->record, event->time) + 1,
        .kind = MOMENT_WRITE,
        .is_exact = true,
        .hart = event->hart,
        .va = event->store.va,
        .pc = event->pc,
        .chain = MOMENT_NONE,
        .cause = MOMENT_NONE,
        .access = "store",
    };
    struct moment *grown;

    m.space = space_at(w->survey, root, m.step);
    if (!m.space || is_known(w->survey, m.step) ||
        !w->names->is_own(w->names->arg, root, m.va) ||
        !w->names->name_data(w->names->arg, root, m.va, m.name, sizeof(m.name)))
        return;
    w->names->name_line(w->names->arg, root, m.pc, m.line, sizeof(m.line));
    grown = record_grow(w->found, w->count, &w->room, sizeof(*w->found));
    if (!grown) {
        w->failed = true;
        return;
    }
    w->found = grown;
    w->found[w->count++] = m;
    page->count++;
}

static void take_event(void *arg, const struct rvemu_event *event)
{
    struct writer *w = arg;

    if (event->kind != RVEMU_EVENT_store) {
        record_event(&w->record, event);
        return;
    }
    if (event->hart >= RVEMU_HARTS_MAX || event->priv != 0)
        return;
    for (unsigned i = 0; i < w->pages; i++)
        if (w->page[i].va == (event->store.va & ~(PAGE_SIZE - 1)) &&
            w->page[i].count < PAGE_EACH)
            add(w, event, &w->page[i]);
}

/* Stores are looked at from the first fork on; which root a hart has, and when
 * time is skipped, all the while. */
static int run(struct writer *w, rvemu *machine, struct rvemu_error *error)
{
    rvemu_event_set always = RVEMU_EVENT_BIT(satp) | RVEMU_EVENT_BIT(idle);
    uint64_t start = first_fork(w->survey), end = w->survey->last_step;
    struct rvemu_stop stop;
    int number = rvemu_subscription_begin(
        machine, &(struct rvemu_subscription){
                     .kinds = always, .call = take_event, .arg = w});

    if (number < 0)
        return rvemu_error_set(error, "no memory for events");
    rvemu_run(machine, start, &stop);
    rvemu_subscription_end(machine, number);
    number = rvemu_subscription_begin(
        machine,
        &(struct rvemu_subscription){.kinds = always | RVEMU_EVENT_BIT(store),
                                     .call = take_event,
                                     .arg = w});
    if (number < 0)
        return rvemu_error_set(error, "no memory for events");
    if (end > start)
        rvemu_run(machine, end - start, &stop);
    rvemu_subscription_end(machine, number);
    return 0;
}

int writes_add(struct survey *s, rvemu *machine, struct names *names,
               struct rvemu_error *error)
{
    struct writer w = {.survey = s,
                       .names = names_answers(names),
                       .record = {.step_shift = s->step_shift}};
    struct moment *grown = NULL;
    int failed;

    find_pages(&w);
    names_attach(names, machine);
    failed = run(&w, machine, error);
    if (!failed && w.count)
        grown = realloc(s->moment, (s->moments + w.count) * sizeof(*grown));
    if (grown) {
        s->moment = grown;
        memcpy(grown + s->moments, w.found, w.count * sizeof(*grown));
        s->moments += w.count;
        chain_settle(s);
    }
    if (!failed && (w.failed || (w.count && !grown)))
        failed = rvemu_error_set(error, "no memory for the story");
    record_free(&w.record);
    free(w.found);
    return failed;
}
