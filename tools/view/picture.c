/* Filling in the picture; see picture.h. */
#include "view/picture.h"

#include <stdio.h>
#include <string.h>

#include "view/leaves.h"
#include "view/caption.h"

#define PRIV_U 0

void picture_process(const struct survey *s, uint64_t number, char *out,
                     size_t size)
{
    const struct process *p = survey_find((struct survey *)s, number);

    if (p && p->has_pid)
        snprintf(out, size, "pid %llu", (unsigned long long)p->pid);
    else
        snprintf(out, size, "space %llu", (unsigned long long)number);
}

/* The processes that are to be large: those that a moment is about, or those
 * that were chosen, or, where it is about none, those that are. */
static void choose_pair(const struct picture *p, const struct survey *s,
                        size_t moment, uint64_t pair[BOARD_SIDES])
{
    const struct process *chosen = survey_find((struct survey *)s, p->pinned);

    if (chosen) {
        pair[BOARD_LEFT] = chosen->parent ? chosen->parent : chosen->number;
        pair[BOARD_RIGHT] = chosen->parent ? chosen->number : 0;
    } else if (p->board.rows && !s->moment[moment].space) {
        memcpy(pair, p->board.process, sizeof(p->board.process));
    } else {
        board_pair(s, moment, pair);
    }
}

/* The line that the step before was of; of a fork, where the program goes on;
 * of a fault and what comes of it, the access. */
static void write_source(struct picture *p, const struct source *source,
                         struct sources *sources,
                         const struct source_hart *last)
{
    const struct moment *m = &source->survey.moment[p->moment];
    const struct process *process =
        survey_find((struct survey *)&source->survey, m->space);
    unsigned hart = m->hart < p->now.harts ? m->hart : 0;
    const struct source_hart *at =
        p->at_moment && m->kind == MOMENT_FORK ? &p->now.hart[hart] : last;
    uint64_t root = at->priv == PRIV_U ? rvemu_satp_root(at->satp) : 0;
    uint64_t pc = at->pc;

    if (p->at_moment && m->pc && process && !m->is_kernel &&
        (m->kind == MOMENT_FAULT || m->kind == MOMENT_STORE ||
         m->kind == MOMENT_WRITE)) {
        root = process->root;
        pc = m->pc;
    }
    p->source[0] = '\0';
    sources_line(sources, source, root, pc, p->source, sizeof(p->source));
}

int picture_make(struct picture *p, struct source *source,
                 struct sources *sources, uint64_t step, uint64_t before,
                 struct rvemu_error *error)
{
    const struct survey *s = &source->survey;
    size_t moment = survey_moment_at(s, step);
    unsigned hart = s->moment[moment].hart;
    uint64_t pair[BOARD_SIDES];
    struct source_hart last;

    p->moment = moment;
    p->at_moment = s->moment[moment].step == step;
    choose_pair(p, s, moment, pair);
    if (!p->board.rows || memcmp(pair, p->board.process, sizeof(pair)) != 0) {
        if (board_make(&p->board, source, moment, pair, error) < 0)
            return -1;
        p->has_before = false;
    }
    if (before >= step)
        p->has_before = false;
    else if (p->now.step == before && p->now.rows == p->board.rows &&
             p->now.tlb_hart == hart && p->has_before)
        p->before = p->now;
    else {
        if (source_goto(source, before, error) < 0)
            return -1;
        snap_take(&p->before, &p->board, source, hart);
    }
    if (step && source_goto(source, step - 1, error) < 0)
        return -1;
    source_hart(source, hart < source_harts(source) ? hart : 0, &last);
    if (source_goto(source, step, error) < 0)
        return -1;
    snap_take(&p->now, &p->board, source, hart);
    p->has_before = before < step;
    if (source->replay)
        last = p->now.hart[hart < p->now.harts ? hart : 0];
    write_source(p, source, sources, &last);
    caption_write(p, source);
    return 0;
}
