/* Chains of moments; see chain.h. */
#include "view/chain.h"

#include <stdlib.h>
#include <string.h>

#include "view/jsonline.h"

#define PAGE UINT64_C(4096)
#define REACH 4096 /* entries looked at for the rest of a chain */

struct builder {
    struct survey *survey;
    const struct record *record;
    size_t room;
    bool failed;
};

static struct moment *add(struct builder *b, const struct moment *moment)
{
    struct survey *s = b->survey;
    struct moment *grown =
        record_grow(s->moment, s->moments, &b->room, sizeof(*s->moment));

    if (!grown) {
        b->failed = true;
        return NULL;
    }
    s->moment = grown;
    s->moment[s->moments] = *moment;
    return &s->moment[s->moments++];
}

static uint64_t space_of(const char *line, const char *name)
{
    struct json_span value;

    return json_member(line, name, &value) ? json_number(value.at, "number", 0)
                                           : 0;
}

static char *text_of(const char *line)
{
    size_t size = strlen(line) + 1;
    char *text = malloc(size);

    if (text)
        json_string(line, "text", text, size);
    return text;
}

/* What a line tells of an access and its page. */
static void read_line(struct builder *b, const char *line, struct moment *m)
{
    char by[16];

    *m = (struct moment){
        .step = record_step(b->record, json_number(line, "time_ns", 0)),
        .hart = (unsigned)json_number(line, "hart", 0),
        .space = space_of(line, "space"),
        .other = space_of(line, "other"),
        .va = json_number(line, "va", 0),
        .frame = json_number(line, "frame", 0),
        .old_frame = json_number(line, "old_frame", 0),
        .own = json_number(line, "own", 0),
        .shared = json_number(line, "shared", 0),
        .lost = json_number(line, "lost", 0),
        .chain = MOMENT_NONE,
        .cause = MOMENT_NONE,
    };
    json_string(line, "access", m->access, sizeof(m->access));
    json_string(line, "area", m->area, sizeof(m->area));
    json_string(line, "line", m->line, sizeof(m->line));
    json_string(line, "function", m->function, sizeof(m->function));
    m->is_exact = json_string(line, "symbol", m->name, sizeof(m->name));
    if (!m->is_exact)
        json_string(line, "beside", m->name, sizeof(m->name));
    json_string(line, "by", by, sizeof(by));
    m->is_kernel = by[0] && strcmp(by, "program") != 0;
}

/* The kinds of the explainer's lines that are moments of their own, or the
 * answer of a chain. */
static const struct {
    const char *name;
    enum moment_kind kind;
    enum moment_answer answer;
} kinds[] = {
    {"fork", MOMENT_FORK, ANSWER_NONE},
    {"fork_orphan", MOMENT_FORK, ANSWER_NONE},
    {"fork_unborn", MOMENT_FORK, ANSWER_NONE},
    {"exec", MOMENT_EXEC, ANSWER_NONE},
    {"end", MOMENT_EXIT, ANSWER_NONE},
    {"copy", MOMENT_COPY, ANSWER_COPY},
    {"copy_unseen", MOMENT_COPY, ANSWER_COPY},
    {"copy_call", MOMENT_COPY, ANSWER_COPY},
    {"copy_call_unseen", MOMENT_COPY, ANSWER_COPY},
    {"copy_silent", MOMENT_COPY, ANSWER_NONE},
    {"private_copy", MOMENT_COPY, ANSWER_COPY},
    {"kernel_copy", MOMENT_COPY, ANSWER_COPY},
    {"reuse", MOMENT_REUSE, ANSWER_REUSE},
    {"reuse_unshared", MOMENT_REUSE, ANSWER_REUSE},
    {"reuse_silent", MOMENT_REUSE, ANSWER_NONE},
    {"first_touch", MOMENT_MAP, ANSWER_MAP},
    {"allowed", MOMENT_MAP, ANSWER_MAP},
    {"changed", MOMENT_MAP, ANSWER_MAP},
    {"replaced", MOMENT_MAP, ANSWER_MAP},
};

static bool is_kind(const char *name, enum moment_kind *kind,
                    enum moment_answer *answer)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (!strcmp(kinds[i].name, name)) {
            *kind = kinds[i].kind;
            *answer = kinds[i].answer;
            return true;
        }
    return false;
}

/* A part of a chain: the moment behind an entry of the record. */
static void add_part(struct builder *b, const struct moment *answer,
                     enum moment_kind kind, uint64_t step)
{
    struct moment m = *answer;

    m.kind = kind;
    m.step = step;
    m.text = NULL;
    m.frame = kind == MOMENT_FAULT ? 0 : answer->frame;
    add(b, &m);
}

/* The entry of the fault that was answered at a step, or SIZE_MAX. */
static size_t find_fault(const struct record *r, const struct moment *m)
{
    size_t at = record_at(r, m->step);

    for (unsigned i = 0; i < REACH; i++) {
        at = at ? record_find(r, at - 1, -1, RVEMU_EVENT_page_fault, m->hart)
                : SIZE_MAX;
        if (at == SIZE_MAX || r->entry[at].va / PAGE == m->va / PAGE)
            return at;
    }
    return SIZE_MAX;
}

/* Behind an answer: the fence, and the return to the access that had faulted
 * at pc. Of a fault in the kernel there is no such return. */
static void add_rest(struct builder *b, const struct moment *m, uint64_t root)
{
    const struct record *r = b->record;
    size_t at = record_at(r, m->step), end = at + REACH;
    bool fenced = false;

    for (; at < r->entries && at < end; at++) {
        const struct record_entry *e = &r->entry[at];

        if (e->hart != m->hart)
            continue;
        if (e->kind == RVEMU_EVENT_tlb_flush && !fenced) {
            struct moment fence = *m;

            fence.entries = e->entries;
            add_part(b, &fence, MOMENT_FENCE, e->step + 1);
            fenced = true;
        }
        if (e->kind != RVEMU_EVENT_xret)
            continue;
        if (m->is_kernel || (e->root == root && e->va != m->pc))
            return;
        if (e->root == root && e->va == m->pc) {
            add_part(b, m, MOMENT_STORE, e->step + 2);
            return;
        }
    }
}

static void add_chain(struct builder *b, struct moment *m)
{
    const struct record *r = b->record;
    size_t fault = find_fault(r, m);
    uint64_t root = 0;

    if (fault != SIZE_MAX) {
        m->pc = r->entry[fault].pc;
        m->va = r->entry[fault].va;
        root = r->entry[fault].root;
        add_part(b, m, MOMENT_FAULT, r->entry[fault].step + 1);
    }
    m->step++;
    add(b, m);
    if (fault != SIZE_MAX)
        add_rest(b, m, root);
}

/* A fork is over when a hart goes back to a program. The child lives since. */
static void add_fork(struct builder *b, struct moment *m)
{
    const struct record *r = b->record;
    struct process *child = survey_find(b->survey, m->space);
    size_t at =
        record_find(r, record_at(r, m->step), 1, RVEMU_EVENT_xret, m->hart);

    if (at != SIZE_MAX)
        m->step = r->entry[at].step;
    m->step++;
    add(b, m);
    if (child) {
        child->parent = m->other;
        child->from = m->step;
    }
}

static void add_end(struct builder *b, struct moment *m)
{
    struct process *p = survey_find(b->survey, m->space);

    m->step++;
    add(b, m);
    if (p)
        p->until = m->step;
}

static void add_line(struct builder *b, const char *line)
{
    char name[32];
    struct json_span span;
    struct moment m;

    if (!json_string(line, "kind", name, sizeof(name)) ||
        !json_member(line, "time_ns", &span))
        return;
    read_line(b, line, &m);
    if (!is_kind(name, &m.kind, &m.answer))
        m.kind = MOMENT_OTHER;
    if (json_member(line, "finding", &span) && *span.at == 't')
        m.kind = MOMENT_FINDING;
    m.is_aside = m.answer != ANSWER_NONE && !m.line[0] &&
                 (!m.name[0] || m.answer == ANSWER_MAP);
    m.text = text_of(line);
    b->failed = b->failed || !m.text;
    if (m.kind == MOMENT_FORK || !strcmp(name, "moved"))
        add_fork(b, &m);
    else if (m.kind == MOMENT_EXIT)
        add_end(b, &m);
    else if (m.answer != ANSWER_NONE)
        add_chain(b, &m);
    else {
        m.step++;
        add(b, &m);
    }
}

static int by_step(const void *one, const void *other)
{
    const struct moment *a = one, *b = other;

    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    return (int)a->kind - (int)b->kind;
}

/* The fault that a part of a chain belongs to. */
static size_t find_chain(const struct survey *s, size_t part)
{
    const struct moment *m = &s->moment[part];
    size_t until = part > REACH ? part - REACH : 0;

    if (!m->answer || m->kind == MOMENT_FAULT)
        return MOMENT_NONE;
    for (size_t j = part; j-- > until;)
        if (s->moment[j].kind == MOMENT_FAULT && s->moment[j].va == m->va &&
            s->moment[j].space == m->space)
            return j;
    return MOMENT_NONE;
}

/* Of what copy-on-write does the cause is the latest fork before it that made
 * the space, or was made by it. */
static void link_moments(struct survey *s)
{
    for (size_t i = 0; i < s->processes; i++)
        s->process[i].fork = MOMENT_NONE;
    for (size_t i = 0; i < s->moments; i++) {
        struct moment *m = &s->moment[i];
        struct process *p = survey_find(s, m->space);
        struct process *other = survey_find(s, m->other);

        m->chain = find_chain(s, i);
        if (m->kind == MOMENT_FORK) {
            if (p)
                p->fork = i;
            if (other)
                other->fork = i;
        } else if (p &&
                   (m->answer == ANSWER_COPY || m->answer == ANSWER_REUSE)) {
            m->cause = p->fork;
        }
    }
}

/* Where the first process is about to run, and where the run has ended. */
static void add_bounds(struct builder *b)
{
    struct survey *s = b->survey;
    struct moment m = {.chain = MOMENT_NONE, .cause = MOMENT_NONE};

    m.kind = MOMENT_START;
    if (s->processes) {
        m.step = s->process[0].from + 1;
        m.space = s->process[0].number;
    }
    add(b, &m);
    m = (struct moment){.kind = MOMENT_END,
                        .step = s->last_step,
                        .chain = MOMENT_NONE,
                        .cause = MOMENT_NONE};
    add(b, &m);
}

/* Where no line of any program is known, nothing tells libraries from it. */
static void settle_asides(struct survey *s)
{
    bool any = false;

    for (size_t i = 0; i < s->moments; i++)
        any = any || (s->moment[i].line[0] && !s->moment[i].is_kernel);
    for (size_t i = 0; i < s->moments && !any; i++)
        s->moment[i].is_aside = false;
}

int chain_build(struct survey *survey, const struct chain_source *source)
{
    struct builder b = {.survey = survey, .record = source->record};

    for (size_t i = 0; i < source->lines; i++)
        add_line(&b, source->line[i]);
    add_bounds(&b);
    settle_asides(survey);
    chain_settle(survey);
    return b.failed ? -1 : 0;
}

void chain_settle(struct survey *survey)
{
    qsort(survey->moment, survey->moments, sizeof(*survey->moment), by_step);
    link_moments(survey);
}
