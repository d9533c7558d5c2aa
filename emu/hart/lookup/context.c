/* The small arrays; see context.h. */
#include "hart/lookup/context.h"

#include <stdlib.h>
#include <string.h>

#define ALL_CONTEXTS (CONTEXT_KINDS * CONTEXTS)
#define ALL_SLOTS (ALL_CONTEXTS * ARRAYS * SLOTS)
#define FIRST_OWNER ALL_SLOTS /* in `link`, behind all slots */
#define FIRST_HOST ALL_SLOTS  /* in `host`, the same */
#define HOSTS 1024

static const struct {
    u8 first, last;
} arrays_of[CONTEXT_KINDS] = {
    [CONTEXT_DATA] = {ARRAY_READ, ARRAY_NOTED},
    [CONTEXT_FETCH] = {ARRAY_EXEC, ARRAY_EXEC},
};

int contexts_init(struct contexts *c, u32 owners)
{
    *c = (struct contexts){0};
    c->context = calloc(ALL_CONTEXTS, sizeof(*c->context));
    c->filled = calloc(ALL_SLOTS / 64, sizeof(*c->filled));
    c->link = calloc(FIRST_OWNER + owners, sizeof(*c->link));
    c->host = calloc(FIRST_HOST + HOSTS, sizeof(*c->host));
    if (!c->context || !c->filled || !c->link || !c->host) {
        contexts_fini(c);
        return -1;
    }
    for (unsigned kind = 0; kind < CONTEXT_KINDS; kind++)
        c->pool[kind].context = &c->context[kind * CONTEXTS];
    for (u32 owner = 0; owner < owners; owner++)
        ring_init(c->link, FIRST_OWNER + owner);
    for (u32 head = FIRST_HOST; head < FIRST_HOST + HOSTS; head++)
        ring_init(c->host, head);
    return 0;
}

void contexts_fini(struct contexts *c)
{
    free(c->context);
    free(c->filled);
    free(c->link);
    free(c->host);
    c->context = NULL;
    c->filled = NULL;
    c->link = NULL;
    c->host = NULL;
}

static struct slot *all_slots(const struct contexts *c)
{
    return (struct slot *)c->context;
}

static u32 slot_number(const struct contexts *c, const struct slot *slot)
{
    return (u32)(slot - all_slots(c));
}

/* The first slot from `from` on that has been filled since its array was
 * cleared, or end: looking at all of them costs what was filled, not what
 * there is. */
static u32 next_filled(const struct contexts *c, u32 from, u32 end)
{
    for (; from < end; from = (from | 63) + 1) {
        u64 left = c->filled[from / 64] >> from % 64;

        if (left)
            return from + (u32)__builtin_ctzll(left);
    }
    return end;
}

static void empty(struct contexts *c, u32 number)
{
    all_slots(c)[number].tag = SLOT_EMPTY;
    ring_leave(c->link, number);
    ring_leave(c->host, number);
}

static void clear_array(struct contexts *c, const struct slot *array)
{
    u32 first = slot_number(c, array), end = first + SLOTS;

    for (u32 n = first; (n = next_filled(c, n, end)) < end; n++)
        empty(c, n);
    memset(&c->filled[first / 64], 0, SLOTS / 8);
}

static void clear(struct contexts *c, const struct context *context,
                  enum context_kind kind)
{
    for (unsigned i = arrays_of[kind].first; i <= arrays_of[kind].last; i++)
        clear_array(c, context->slot[i]);
}

void contexts_clear(struct contexts *c)
{
    for (unsigned kind = 0; kind < CONTEXT_KINDS; kind++)
        for (unsigned i = 0; i < c->pool[kind].count; i++)
            clear(c, &c->pool[kind].context[i], kind);
}

static unsigned new_context(struct contexts *c, enum context_kind kind)
{
    struct context_pool *pool = &c->pool[kind];
    struct context *context = &pool->context[pool->count];

    for (unsigned i = arrays_of[kind].first; i <= arrays_of[kind].last; i++)
        for (struct slot *slot = context->slot[i];
             slot < context->slot[i] + SLOTS; slot++) {
            slot->tag = SLOT_EMPTY;
            ring_init(c->link, slot_number(c, slot));
            ring_init(c->host, slot_number(c, slot));
        }
    return pool->count++;
}

static unsigned reuse_oldest(struct contexts *c, enum context_kind kind)
{
    struct context_pool *pool = &c->pool[kind];
    unsigned oldest = 0;

    for (unsigned i = 1; i < CONTEXTS; i++)
        if (pool->used[i] < pool->used[oldest])
            oldest = i;
    clear(c, &pool->context[oldest], kind);
    memset(c->choice, 0, sizeof(c->choice));
    return oldest;
}

static unsigned find_key(struct contexts *c, enum context_kind kind, u64 key)
{
    const struct context_pool *pool = &c->pool[kind];
    unsigned i = 0;

    while (i < pool->count && pool->key[i] != key)
        i++;
    if (i < pool->count)
        return i;
    return i < CONTEXTS ? new_context(c, kind) : reuse_oldest(c, kind);
}

struct context *contexts_get(struct contexts *c, enum context_kind kind,
                             u64 key)
{
    struct context_pool *pool = &c->pool[kind];
    unsigned i = find_key(c, kind, key);

    pool->key[i] = key;
    pool->used[i] = ++c->uses;
    return &pool->context[i];
}

static u32 host_head(u64 host)
{
    return FIRST_HOST + (u32)(host >> 12) % HOSTS;
}

void contexts_fill(struct contexts *c, struct context *context, unsigned arrays,
                   u64 va, u64 value, u32 owner)
{
    struct slot *slot = &context->slot[0][slot_index(va)];
    struct ring_link *link = c->link;
    u64 *filled = c->filled;
    u32 number = slot_number(c, slot);

    if (arrays & 1u << ARRAY_WRITE) {
        ring_leave(c->host, number + ARRAY_WRITE * SLOTS);
        ring_join(c->host, host_head(va + value), number + ARRAY_WRITE * SLOTS);
    }
    for (; arrays; arrays >>= 1, slot += SLOTS, number += SLOTS) {
        if (!(arrays & 1))
            continue;
        if (slot->tag != SLOT_EMPTY)
            ring_leave(link, number);
        slot->tag = va & -4096ull;
        slot->value = value;
        filled[number / 64] |= 1ull << number % 64;
        if (owner != CONTEXT_NO_OWNER)
            ring_join(link, FIRST_OWNER + owner, number);
    }
}

void contexts_drop(struct contexts *c, u32 owner)
{
    struct slot *slot = all_slots(c);
    struct ring_link *link = c->link;
    u32 head = FIRST_OWNER + owner;
    u32 number = link[head].next;

    while (number != head) {
        u32 next = link[number].next;

        slot[number].tag = SLOT_EMPTY;
        ring_init(link, number);
        ring_leave(c->host, number);
        number = next;
    }
    ring_init(link, head);
}

/* The first slot from n on in an array that is in use, or its end. */
static u32 next_used(const struct contexts *c, u32 n, u32 end)
{
    while ((n = next_filled(c, n, end)) < end &&
           all_slots(c)[n].tag == SLOT_EMPTY)
        n++;
    return n;
}

void contexts_drop_write(struct contexts *c, const u8 *host)
{
    const struct slot *all = all_slots(c);
    u32 head = host_head((u64)(uintptr_t)host);

    for (u32 n = c->host[head].next, next; n != head; n = next) {
        next = c->host[n].next;
        if (all[n].tag + all[n].value == (u64)(uintptr_t)host)
            empty(c, n);
    }
}

void contexts_drop_exec(struct contexts *c, bool (*gone)(u64 value))
{
    const struct context_pool *pool = &c->pool[CONTEXT_FETCH];

    for (unsigned i = 0; i < pool->count; i++) {
        u32 first = slot_number(c, pool->context[i].slot[ARRAY_EXEC]);
        u32 end = first + SLOTS;

        for (u32 n = first; (n = next_used(c, n, end)) < end; n++)
            if (!gone || gone(all_slots(c)[n].value))
                empty(c, n);
    }
}
