/*
 * What a trace file expects of the next event.
 *
 * Writer and reader keep the same model of what they have seen and let it say
 * what the next event will hold; only where it is wrong does the file have to
 * say more. (Burtscher, "VPC3: a fast and effective trace-compression
 * algorithm", 2004, has the idea, and the 2-delta rule for strides.)
 *
 * A context stands for events of a kind at a pc. It expects of each field the
 * value that the last event there had plus the stride that was seen twice, and
 * it knows which pc came next on the hart, and how much later. Two contexts may
 * share a place: then expectations are worse, and nothing else.
 *
 * Models start empty with every chunk, so that each can be read by itself. A
 * context is emptied when it is first used in a chunk: most are not.
 */
#ifndef TRACE_FILE_MODEL_H
#define TRACE_FILE_MODEL_H

#include <rvemu/trace.h>

#include <string.h>

#include "base/types.h"

#define MODEL_CONTEXTS 4096
#define MODEL_HARTS 256

struct expected {
    u64 last, stride, seen; /* seen: the last difference */
};

struct context {
    u64 next_pc, next_delay;
    struct expected field[RVEMU_EVENT_WORDS];
    u64 chunk;     /* that it was last used in */
    u64 unused[5]; /* 256 bytes are found faster, and lie in fewer lines */
};

struct model {             /* all zero, then model_begin() */
    u64 chunk;             /* number of this one, from 1 on */
    u64 time;              /* of the last event */
    u64 pc[MODEL_HARTS];   /* of the last event on a hart */
    u32 last[MODEL_HARTS]; /* its context */
    struct context context[MODEL_CONTEXTS];
};

static inline void model_empty(struct model *model, struct context *context)
{
    memset(context, 0, sizeof(*context));
    context->chunk = model->chunk;
}

/* A chunk begins. */
static inline void model_begin(struct model *model)
{
    model->chunk++;
    model->time = 0;
    memset(model->pc, 0, sizeof(model->pc));
    memset(model->last, 0, sizeof(model->last));
    model_empty(model, &model->context[0]);
}

/* Which context is that of the events of a kind at a pc. */
static inline u32 model_context(unsigned kind, u64 pc)
{
    u64 key = (pc >> 1) + kind * 0x9e3779b97f4a7c15ull;

    return (u32)((key * 0x9e3779b97f4a7c15ull) >> 52);
}

static inline u64 model_pc(const struct model *model, unsigned hart)
{
    u64 next = model->context[model->last[hart]].next_pc;

    return next ? next : model->pc[hart];
}

static inline u64 model_time(const struct model *model, unsigned hart)
{
    return model->time + model->context[model->last[hart]].next_delay;
}

static inline u64 model_field(const struct expected *expected)
{
    return expected->last + expected->stride;
}

/* Whether the value is what was expected: then it has been learnt, too. */
static inline bool model_meets_field(struct expected *expected, u64 value)
{
    if (value != model_field(expected))
        return false;
    expected->seen = expected->stride;
    expected->last = value;
    return true;
}

static inline void model_learn_field(struct expected *expected, u64 value)
{
    u64 difference = value - expected->last;

    if (difference == expected->seen)
        expected->stride = difference;
    expected->seen = difference;
    expected->last = value;
}

/* An event of this kind came: the context for its fields. */
static inline struct context *model_learn(struct model *model, unsigned hart,
                                          unsigned kind, u64 time, u64 pc)
{
    struct context *before = &model->context[model->last[hart]];
    u32 now = model_context(kind, pc);
    struct context *context = &model->context[now];

    before->next_pc = pc;
    before->next_delay = time - model->time;
    model->time = time;
    model->pc[hart] = pc;
    model->last[hart] = now;
    if (context->chunk != model->chunk)
        model_empty(model, context);
    return context;
}

#endif
