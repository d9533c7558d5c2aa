/* Cycles of faults; see loops.h. */
#include "analysis/loops.h"

#include <stddef.h>

#define INTERRUPT (1ull << 63)
#define ECALL_FROM_U 8

static bool is_same(const struct met *a, const struct met *b)
{
    return a->pc == b->pc && a->va == b->va && a->root == b->root &&
           a->access == b->access && a->priv == b->priv;
}

/* The fault so many before the next. */
static const struct met *before(const struct loop *loop, unsigned distance)
{
    return &loop->met[(loop->next - distance) % LOOP_LENGTH];
}

/* The guest gets on. */
static void begin_anew(struct loop *loop)
{
    loop->count = loop->length = loop->times = 0;
}

void loops_trap(struct loops *loops, const struct rvemu_event *event)
{
    struct loop *loop = &loops->hart[event->hart];

    if (event->trap.cause == ECALL_FROM_U)
        begin_anew(loop);
    else if (event->trap.cause & INTERRUPT && event->trap.target == 1)
        loop->interrupted = event->trap.epc;
}

void loops_return(struct loops *loops, const struct rvemu_event *event)
{
    struct loop *loop = &loops->hart[event->hart];
    u64 to = event->xret.to;

    if (event->priv == 3 || !loop->count)
        return;
    if (to == loop->interrupted) {
        loop->interrupted = 0;
        return;
    }
    for (unsigned i = 1; i <= loop->count; i++)
        if (before(loop, i)->pc == to)
            return;
    begin_anew(loop);
}

/* How many faults ago the same happened last, or 0. */
static unsigned find(const struct loop *loop, const struct met *met)
{
    for (unsigned i = 1; i <= loop->count; i++)
        if (is_same(before(loop, i), met))
            return i;
    return 0;
}

enum loop_state loops_meet(struct loop *loop, const struct loops *loops,
                           const struct met *met)
{
    if (loop->changes != loops->changes)
        begin_anew(loop);
    loop->changes = loops->changes;
    if (loop->length && is_same(before(loop, loop->length), met)) {
        loop->times++;
    } else {
        loop->length = find(loop, met);
        loop->times = loop->length ? 1 : 0;
        if (loop->length)
            loop->time = before(loop, loop->length)->time;
    }
    loop->met[loop->next++ % LOOP_LENGTH] = *met;
    loop->count += loop->count < LOOP_LENGTH;
    if (!loop->length || loop->times <= loop->length)
        return LOOP_NONE;
    return loop->times == loop->length + 1 ? LOOP_FOUND : LOOP_KNOWN;
}

bool loops_is_latest(const struct loop *loop, const struct met *met)
{
    return loop->count && is_same(before(loop, 1), met);
}

const struct met *loops_next(const struct loop *loop, const struct met *met)
{
    unsigned length = loop->length, at;

    if (!length || loop->times < length)
        return NULL;
    at = find(loop, met);
    if (!at || at > length)
        return NULL;
    return before(loop, at > 1 ? at - 1 : length);
}
