/*
 * A map from 64-bit keys to pointers.
 *
 * Open addressing with linear probing in a table whose size is a power of
 * two and which is never more than three quarters full. A slot is free when
 * its value is NULL, so NULL cannot be stored. Removing shifts later slots
 * back instead of leaving tombstones. Order of iteration depends on keys and
 * the order of calls only, never on host addresses: what is derived from a
 * walk over a map is the same in every run.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"
#include "base/types.h"

struct map_slot {
    u64 key;
    void *value;
};

struct map {             /* all zero but for `arena` is an empty map */
    struct arena *arena; /* that its memory is taken from; NULL: the heap */
    struct map_slot *slot;
    size_t size;
    size_t count;
};

/* Empties it. */
void map_free(struct map *map);

/* Where a key belongs if no other stands there; of a map with slots. */
static inline size_t map_home(const struct map *map, u64 key)
{
    key = (key ^ key >> 32) * 0x9e3779b97f4a7c15ull;
    return (key >> 32) & (map->size - 1);
}

/* The slot of a key, or the free one where it belongs; of a map with slots. */
static inline struct map_slot *map_slot_of(const struct map *map, u64 key)
{
    size_t at = map_home(map, key);

    while (map->slot[at].value && map->slot[at].key != key)
        at = (at + 1) & (map->size - 1);
    return &map->slot[at];
}

/* The value of a key, or NULL. */
static inline void *map_get(const struct map *map, u64 key)
{
    return map->size ? map_slot_of(map, key)->value : NULL;
}

/* Stores or replaces. Returns false, with the map as it was, when memory is
 * lacking. */
bool map_put(struct map *map, u64 key, void *value);

/* Where a walk meets a key that the map has: before those of higher places. */
static inline size_t map_place(const struct map *map, u64 key)
{
    return (size_t)(map_slot_of(map, key) - map->slot);
}

/* Removes a key and returns its value, or NULL. */
void *map_remove(struct map *map, u64 key);

/* Walks: start with *at = 0; NULL ends it. The map may not change meanwhile. */
void *map_next(const struct map *map, size_t *at);

#endif
