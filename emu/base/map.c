/* A map from 64-bit keys to pointers; see map.h. */
#include "base/map.h"

#include <stdlib.h>

#define FIRST_SIZE 16

static size_t home_of(const struct map *map, u64 key)
{
    key = (key ^ key >> 32) * 0x9e3779b97f4a7c15ull;
    return (key >> 32) & (map->size - 1);
}

void map_free(struct map *map)
{
    free(map->slot);
    *map = (struct map){0};
}

/* The slot of a key, or the free one where it belongs. */
static struct map_slot *slot_of(const struct map *map, u64 key)
{
    size_t at = home_of(map, key);

    while (map->slot[at].value && map->slot[at].key != key)
        at = (at + 1) & (map->size - 1);
    return &map->slot[at];
}

void *map_get(const struct map *map, u64 key)
{
    return map->size ? slot_of(map, key)->value : NULL;
}

static bool grow(struct map *map)
{
    struct map bigger = {.size = map->size ? 2 * map->size : FIRST_SIZE,
                         .count = map->count};

    bigger.slot = calloc(bigger.size, sizeof(*bigger.slot));
    if (!bigger.slot)
        return false;
    for (size_t i = 0; i < map->size; i++) {
        if (map->slot[i].value)
            *slot_of(&bigger, map->slot[i].key) = map->slot[i];
    }
    free(map->slot);
    *map = bigger;
    return true;
}

bool map_put(struct map *map, u64 key, void *value)
{
    struct map_slot *slot;

    if (4 * (map->count + 1) > 3 * map->size && !grow(map))
        return false;
    slot = slot_of(map, key);
    if (!slot->value)
        map->count++;
    *slot = (struct map_slot){key, value};
    return true;
}

/* Moves back every later slot of the cluster that may stand in the hole. */
static void close_hole(struct map *map, size_t hole)
{
    size_t mask = map->size - 1;

    for (size_t at = (hole + 1) & mask; map->slot[at].value;
         at = (at + 1) & mask) {
        size_t home = home_of(map, map->slot[at].key);

        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        map->slot[hole] = map->slot[at];
        map->slot[at].value = NULL;
        hole = at;
    }
}

void *map_remove(struct map *map, u64 key)
{
    struct map_slot *slot = map->size ? slot_of(map, key) : NULL;
    void *value = slot ? slot->value : NULL;

    if (!value)
        return NULL;
    slot->value = NULL;
    map->count--;
    close_hole(map, (size_t)(slot - map->slot));
    return value;
}

void *map_next(const struct map *map, size_t *at)
{
    while (*at < map->size) {
        void *value = map->slot[(*at)++].value;

        if (value)
            return value;
    }
    return NULL;
}
