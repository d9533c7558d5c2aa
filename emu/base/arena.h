/*
 * Memory whose contents can be kept and given back as a whole.
 *
 * What lies in an arena may point to what lies in it: after arena_restore()
 * every byte that was taken when the state was kept is where and what it was,
 * and which pieces are free is as it was, too. What has been taken since is
 * gone. Keeping costs a comparison of all that is in use with the state that
 * was kept or restored last, and memory for what differs: states share the
 * parts that are equal.
 *
 * Pieces are zero when taken, and aligned for any type. Everywhere, NULL stands
 * for the heap (calloc, realloc, free), so that code which takes an arena works
 * without one.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/types.h"

struct arena;
struct arena_state;

/* NULL when memory is lacking. */
struct arena *arena_new(void);

/* Frees all that was taken from it; its states are to be dropped before. */
void arena_free(struct arena *arena);

/* A piece of so many bytes, all 0; NULL when memory is lacking. */
void *arena_take(struct arena *arena, size_t size);

/* The piece, or NULL, with room for so many bytes, perhaps in another place;
 * what is added is of any value. NULL when memory is lacking: the piece is as
 * before then. */
void *arena_grow(struct arena *arena, void *piece, size_t size);

/* Gives a piece back; NULL is none. */
void arena_give(struct arena *arena, void *piece);

/* NULL when memory is lacking. */
struct arena_state *arena_save(struct arena *arena);
void arena_restore(struct arena *arena, const struct arena_state *state);
void arena_drop(struct arena *arena, struct arena_state *state);

/* Bytes that are in use, and that keeping a state compares. */
u64 arena_used(const struct arena *arena);

/* Bytes that the states have in all. */
u64 arena_kept(const struct arena *arena);

#endif
