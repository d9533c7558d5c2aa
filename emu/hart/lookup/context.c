/* The small arrays; see context.h. */
#include "hart/lookup/context.h"

#include <stdlib.h>
#include <string.h>

int contexts_init(struct contexts *contexts)
{
    *contexts = (struct contexts){0};
    contexts->context = calloc(CONTEXTS, sizeof(*contexts->context));
    return contexts->context ? 0 : -1;
}

void contexts_fini(struct contexts *contexts)
{
    free(contexts->context);
    contexts->context = NULL;
}

/* The first slot from `from` on that has been filled since its array was
 * cleared, or SLOTS: looking at all of them costs what was filled, not what
 * there is. */
static unsigned next_filled(const struct context *context, unsigned array,
                            unsigned from)
{
    for (; from < SLOTS; from = (from | 63) + 1) {
        u64 left = context->filled[array][from / 64] >> from % 64;

        if (left)
            return from + (unsigned)__builtin_ctzll(left);
    }
    return SLOTS;
}

void context_clear(struct context *context, unsigned first, unsigned last)
{
    for (unsigned array = first; array <= last; array++) {
        for (unsigned i = 0; (i = next_filled(context, array, i)) < SLOTS; i++)
            context->slot[array][i].tag = SLOT_EMPTY;
        memset(context->filled[array], 0, sizeof(context->filled[array]));
    }
}

void contexts_clear(struct contexts *contexts)
{
    for (unsigned i = 0; i < contexts->count; i++)
        context_clear(&contexts->context[i], 0, ARRAYS - 1);
}

static unsigned new_context(struct contexts *contexts)
{
    struct context *context = &contexts->context[contexts->count];

    context->index = (u8)contexts->count;
    for (unsigned array = 0; array < ARRAYS; array++)
        for (unsigned i = 0; i < SLOTS; i++)
            context->slot[array][i].tag = SLOT_EMPTY;
    return contexts->count++;
}

static unsigned reuse_oldest(struct contexts *contexts)
{
    unsigned oldest = 0;

    for (unsigned i = 1; i < CONTEXTS; i++)
        if (contexts->used[i] < contexts->used[oldest])
            oldest = i;
    context_clear(&contexts->context[oldest], 0, ARRAYS - 1);
    return oldest;
}

struct context *contexts_get(struct contexts *contexts, u64 key)
{
    unsigned i = 0;

    while (i < contexts->count && contexts->key[i] != key)
        i++;
    if (i == contexts->count)
        i = i < CONTEXTS ? new_context(contexts) : reuse_oldest(contexts);
    contexts->key[i] = key;
    contexts->used[i] = ++contexts->uses;
    return &contexts->context[i];
}

void context_fill(struct context *context, enum context_array array, u64 va,
                  u64 value)
{
    unsigned i = slot_index(va);

    context->slot[array][i] = (struct slot){va & -4096ull, value};
    context->filled[array][i / 64] |= 1ull << i % 64;
}

static void drop_page(struct context *context, u64 va)
{
    unsigned i = slot_index(va);

    for (unsigned array = 0; array < ARRAYS; array++)
        if (context->slot[array][i].tag == (va & -4096ull))
            context->slot[array][i].tag = SLOT_EMPTY;
}

/* A superpage's fragments may be anywhere. */
static void drop_range(struct context *context, u64 va, u64 size)
{
    for (unsigned array = 0; array < ARRAYS; array++)
        for (unsigned i = 0; (i = next_filled(context, array, i)) < SLOTS; i++)
            if (context->slot[array][i].tag - va < size)
                context->slot[array][i].tag = SLOT_EMPTY;
}

void contexts_drop(struct contexts *contexts, u64 mask, u64 va, u64 size)
{
    for (; mask; mask &= mask - 1) {
        struct context *context = &contexts->context[__builtin_ctzll(mask)];

        if (size == 4096)
            drop_page(context, va);
        else
            drop_range(context, va, size);
    }
}

void contexts_drop_write(struct contexts *contexts, const u8 *host)
{
    for (unsigned i = 0; i < contexts->count; i++) {
        struct context *context = &contexts->context[i];
        struct slot *slot = context->slot[ARRAY_WRITE];

        for (unsigned n = 0; (n = next_filled(context, ARRAY_WRITE, n)) < SLOTS;
             n++)
            if (slot[n].tag != SLOT_EMPTY &&
                slot[n].tag + slot[n].value == (u64)(uintptr_t)host)
                slot[n].tag = SLOT_EMPTY;
    }
}

void contexts_drop_exec(struct contexts *contexts, bool (*gone)(u64 value))
{
    for (unsigned i = 0; i < contexts->count; i++) {
        struct context *context = &contexts->context[i];
        struct slot *slot = context->slot[ARRAY_EXEC];

        for (unsigned n = 0; (n = next_filled(context, ARRAY_EXEC, n)) < SLOTS;
             n++)
            if (slot[n].tag != SLOT_EMPTY && gone(slot[n].value))
                slot[n].tag = SLOT_EMPTY;
    }
}
