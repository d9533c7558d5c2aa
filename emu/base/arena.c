/*
 * Arenas; see arena.h.
 *
 * Memory is taken from the heap in chunks, each about a quarter of what there
 * is, and pieces are cut from them one behind the other. In front of each piece
 * stands its class, which says how large it is; pieces given back wait in a
 * list of their class. `struct ledger` says which bytes are in use, and goes
 * back with them.
 *
 * A state has a copy of each block that is in use, or NULL where that is all 0,
 * and these by nodes. Blocks and nodes are counted, and shared between states
 * and `last`, which is what was kept or restored last.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define CHUNKS 128
#define CHUNK_LEAST 65536
#define BLOCK 256 /* bytes that states share, or have each their own */
#define BLOCKS 16 /* of a node */
#define NODE (BLOCK * BLOCKS)
#define UNIT 16  /* of the sizes of small pieces; what pieces are aligned to */
#define SMALL 64 /* classes of so many units: 1 to SMALL */
#define CLASSES (SMALL + 4 * 54)

/* In front of each piece. */
union head {
    u64 class;
    union head *next; /* of the free pieces of its class */
    char unit[UNIT];
};

struct ledger {
    unsigned chunks;  /* that have been used … */
    u64 used[CHUNKS]; /* … this far */
    unsigned current; /* small pieces come from here */
    union head *free[CLASSES];
};

/* A copy, shared between states; all 0 is NULL. */
struct block {
    u64 users;
    u8 byte[BLOCK];
};

struct node {
    u64 users;
    struct block *block[BLOCKS];
};

struct arena_state {
    struct ledger ledger;
    struct node **node[CHUNKS]; /* `nodes` of them */
    u64 nodes[CHUNKS];
};

struct arena {
    struct ledger ledger;
    u64 total;         /* bytes of all chunks */
    unsigned made;     /* chunks */
    u8 *chunk[CHUNKS]; /* whole nodes each */
    u64 size[CHUNKS];
    u64 touched[CHUNKS]; /* behind this nothing was ever used: it is 0 */
    struct arena_state last;
    u64 kept;
};

static_assert(sizeof(union head) == UNIT, "what follows it is aligned");

/* Above SMALL units there are four classes to each power of two. */
static unsigned class_of(u64 size)
{
    u64 units = (size + UNIT - 1) / UNIT;
    unsigned power, quarter;

    if (units <= SMALL)
        return units ? (unsigned)units - 1 : 0;
    power = 63 - (unsigned)__builtin_clzll(units - 1);
    quarter = (unsigned)((units - 1) >> (power - 2)) & 3;
    return SMALL + 4 * (power - 6) + quarter;
}

static u64 class_size(unsigned class)
{
    unsigned above = class - SMALL;

    if (class < SMALL)
        return (class + 1ull) * UNIT;
    return ((u64)(above % 4 + 5) << (above / 4 + 4)) * UNIT;
}

struct arena *arena_new(void)
{
    return calloc(1, sizeof(struct arena));
}

/* ---- blocks and nodes ---- */

static void *make(struct arena *arena, size_t size)
{
    void *made = calloc(1, size);

    arena->kept += made ? size : 0;
    return made;
}

static void unmake(struct arena *arena, void *made, size_t size)
{
    arena->kept -= made ? size : 0;
    free(made);
}

static void leave_block(struct arena *arena, struct block *block)
{
    if (block && !--block->users)
        unmake(arena, block, sizeof(*block));
}

static void leave_node(struct arena *arena, struct node *node)
{
    if (--node->users)
        return;
    for (unsigned i = 0; i < BLOCKS; i++)
        leave_block(arena, node->block[i]);
    unmake(arena, node, sizeof(*node));
}

static void clear(struct arena *arena, struct arena_state *state)
{
    for (unsigned i = 0; i < CHUNKS; i++) {
        for (u64 n = 0; n < state->nodes[i]; n++)
            leave_node(arena, state->node[i][n]);
        unmake(arena, state->node[i],
               state->nodes[i] * sizeof(*state->node[i]));
        state->node[i] = NULL;
        state->nodes[i] = 0;
    }
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    clear(arena, &arena->last);
    assert(!arena->kept);
    for (unsigned i = 0; i < arena->made; i++)
        free(arena->chunk[i]);
    free(arena);
}

/* A chunk with room for so many bytes that nothing of is in use; CHUNKS: there
 * is none. One that was made for a future that is gone may be too small. */
static unsigned find_chunk(struct arena *arena, u64 size)
{
    struct ledger *ledger = &arena->ledger;
    u64 wanted = arena->total / 4 > size ? arena->total / 4 : size;
    unsigned at = ledger->chunks;

    while (at < arena->made && arena->size[at] < size)
        at++;
    if (at == CHUNKS)
        return CHUNKS;
    if (at == arena->made) {
        if (wanted < CHUNK_LEAST)
            wanted = CHUNK_LEAST;
        wanted = align_up(wanted, NODE);
        arena->chunk[at] = calloc(1, wanted);
        if (!arena->chunk[at])
            return CHUNKS;
        arena->size[at] = wanted;
        arena->total += wanted;
        arena->made++;
    }
    ledger->chunks = at + 1;
    return at;
}

/* Cuts bytes, UNIT of which are the head's, from a chunk. */
static union head *cut(struct arena *arena, u64 size)
{
    struct ledger *ledger = &arena->ledger;
    unsigned at = ledger->current;
    u8 *piece;

    if (!ledger->chunks || arena->size[at] - ledger->used[at] < size) {
        at = find_chunk(arena, size);
        if (at == CHUNKS)
            return NULL;
        if (arena->size[at] - size >=
            arena->size[ledger->current] - ledger->used[ledger->current])
            ledger->current = at;
    }
    piece = arena->chunk[at] + ledger->used[at];
    if (ledger->used[at] < arena->touched[at])
        memset(piece, 0, size);
    ledger->used[at] += size;
    if (arena->touched[at] < ledger->used[at])
        arena->touched[at] = ledger->used[at];
    return (union head *)piece;
}

void *arena_take(struct arena *arena, size_t size)
{
    unsigned class;
    union head *head;

    if (!arena)
        return calloc(1, size);
    if (size > SIZE_MAX / 4)
        return NULL;
    class = class_of(size);
    head = arena->ledger.free[class];
    if (head) {
        arena->ledger.free[class] = head->next;
        memset(head + 1, 0, size);
    } else {
        head = cut(arena, UNIT + class_size(class));
        if (!head)
            return NULL;
    }
    head->class = class;
    return head + 1;
}

void *arena_grow(struct arena *arena, void *piece, size_t size)
{
    void *grown;
    u64 old = 0;

    if (!arena)
        return realloc(piece, size);
    if (piece)
        old = class_size((unsigned)((const union head *)piece - 1)->class);
    if (piece && size <= old)
        return piece;
    grown = arena_take(arena, size);
    if (!grown || !piece)
        return grown;
    memcpy(grown, piece, old);
    arena_give(arena, piece);
    return grown;
}

void arena_give(struct arena *arena, void *piece)
{
    union head *head, **list;

    if (!arena || !piece) {
        free(piece);
        return;
    }
    head = (union head *)piece - 1;
    list = &arena->ledger.free[head->class];
    head->next = *list;
    *list = head;
}

/* ---- states ---- */

static bool is_zero(const u8 *byte)
{
    return !byte[0] && !memcmp(byte, byte + 1, BLOCK - 1);
}

/* Whether a block is what it was in the node. */
static bool is_same(const u8 *byte, const struct block *block)
{
    return block ? !memcmp(byte, block->byte, BLOCK) : is_zero(byte);
}

/* Which block differs from those of the node first, from `at` on. */
static unsigned first_changed(const u8 *byte, const struct node *node,
                              unsigned at)
{
    while (at < BLOCKS && is_same(byte + at * BLOCK, node->block[at]))
        at++;
    return at;
}

static bool copy_block(struct arena *arena, const u8 *byte, struct block **out)
{
    struct block *block = is_zero(byte) ? NULL : make(arena, sizeof(*block));

    *out = block;
    if (!block)
        return is_zero(byte);
    block->users = 1;
    memcpy(block->byte, byte, BLOCK);
    return true;
}

/* A node of these bytes; what is as it was in `last`, which may be NULL, is
 * shared with that. NULL: memory is lacking. */
static struct node *copy_node(struct arena *arena, const u8 *byte,
                              struct node *last)
{
    unsigned same = last ? first_changed(byte, last, 0) : 0;
    struct node *node = last;

    if (same == BLOCKS) {
        last->users++;
        return last;
    }
    node = make(arena, sizeof(*node));
    if (!node)
        return NULL;
    node->users = 1;
    for (unsigned i = 0; i < BLOCKS; i++) {
        struct block *block = last ? last->block[i] : NULL;

        if (last && (i < same || is_same(byte + i * BLOCK, block))) {
            node->block[i] = block;
            if (block)
                block->users++;
        } else if (!copy_block(arena, byte + i * BLOCK, &node->block[i])) {
            leave_node(arena, node);
            return NULL;
        }
    }
    return node;
}

static bool make_nodes(struct arena *arena, struct arena_state *state,
                       unsigned chunk, u64 nodes)
{
    if (nodes)
        state->node[chunk] = make(arena, nodes * sizeof(*state->node[chunk]));
    return !nodes || state->node[chunk];
}

static bool save_chunk(struct arena *arena, struct arena_state *state,
                       unsigned chunk)
{
    const struct arena_state *last = &arena->last;
    u64 nodes = (arena->ledger.used[chunk] + NODE - 1) / NODE;

    if (!make_nodes(arena, state, chunk, nodes))
        return false;
    for (u64 n = 0; n < nodes; n++) {
        struct node *node =
            copy_node(arena, arena->chunk[chunk] + n * NODE,
                      n < last->nodes[chunk] ? last->node[chunk][n] : NULL);

        if (!node) {
            arena->kept -= (nodes - n) * sizeof(node);
            return false;
        }
        state->node[chunk][n] = node;
        state->nodes[chunk] = n + 1;
    }
    return true;
}

/* Remembers a state as the last: what cannot be is copied again the next time.
 */
static void remember(struct arena *arena, const struct arena_state *state)
{
    struct arena_state last = {.nodes = {0}};

    for (unsigned i = 0; i < CHUNKS; i++) {
        if (!make_nodes(arena, &last, i, state->nodes[i]))
            break;
        last.nodes[i] = state->nodes[i];
        for (u64 n = 0; n < state->nodes[i]; n++) {
            last.node[i][n] = state->node[i][n];
            last.node[i][n]->users++;
        }
    }
    clear(arena, &arena->last);
    arena->last = last;
}

struct arena_state *arena_save(struct arena *arena)
{
    struct arena_state *state = calloc(1, sizeof(*state));

    for (unsigned i = 0; state && i < arena->ledger.chunks; i++) {
        if (save_chunk(arena, state, i))
            continue;
        clear(arena, state);
        free(state);
        return NULL;
    }
    if (!state)
        return NULL;
    state->ledger = arena->ledger;
    remember(arena, state);
    return state;
}

static void restore_node(u8 *byte, const struct node *node)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        const struct block *block = node->block[i];

        if (block)
            memcpy(byte + i * BLOCK, block->byte, BLOCK);
        else
            memset(byte + i * BLOCK, 0, BLOCK);
    }
}

void arena_restore(struct arena *arena, const struct arena_state *state)
{
    for (unsigned i = 0; i < CHUNKS; i++)
        for (u64 n = 0; n < state->nodes[i]; n++)
            restore_node(arena->chunk[i] + n * NODE, state->node[i][n]);
    arena->ledger = state->ledger;
    remember(arena, state);
}

void arena_drop(struct arena *arena, struct arena_state *state)
{
    if (!state)
        return;
    clear(arena, state);
    free(state);
}

u64 arena_used(const struct arena *arena)
{
    u64 used = 0;

    for (unsigned i = 0; i < arena->ledger.chunks; i++)
        used += arena->ledger.used[i];
    return used;
}

u64 arena_kept(const struct arena *arena)
{
    return arena->kept;
}
