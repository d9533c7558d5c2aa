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
 * Models start empty with every chunk, so that each can be read by itself.
 */
#ifndef TRACE_FILE_MODEL_H
#define TRACE_FILE_MODEL_H

#include <rvemu/trace.h>

#include "base/types.h"

#define MODEL_CONTEXTS 4096
#define MODEL_HARTS 256

struct expected {
    u64 last, stride, seen; /* seen: the last difference */
};

struct context {
    u64 next_pc, next_delay;
    struct expected field[RVEMU_EVENT_WORDS];
};

struct model {
    u64 time;              /* of the last event */
    u64 pc[MODEL_HARTS];   /* of the last event on a hart */
    u32 last[MODEL_HARTS]; /* its context */
    struct context context[MODEL_CONTEXTS];
};

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

    before->next_pc = pc;
    before->next_delay = time - model->time;
    model->time = time;
    model->pc[hart] = pc;
    model->last[hart] = now;
    return &model->context[now];
}

#endif
