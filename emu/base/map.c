/* A map from 64-bit keys to pointers; see map.h. */
#include "base/map.h"

#define FIRST_SIZE 16

void map_free(struct map *map)
{
    arena_give(map->arena, map->slot);
    *map = (struct map){.arena = map->arena};
}

static bool grow(struct map *map)
{
    struct map bigger = {.arena = map->arena,
                         .size = map->size ? 2 * map->size : FIRST_SIZE,
                         .count = map->count};

    bigger.slot = arena_take(map->arena, bigger.size * sizeof(*bigger.slot));
    if (!bigger.slot)
        return false;
    for (size_t i = 0; i < map->size; i++) {
        if (map->slot[i].value)
            *map_slot_of(&bigger, map->slot[i].key) = map->slot[i];
    }
    arena_give(map->arena, map->slot);
    *map = bigger;
    return true;
}

bool map_put(struct map *map, u64 key, void *value)
{
    struct map_slot *slot;

    if (4 * (map->count + 1) > 3 * map->size && !grow(map))
        return false;
    slot = map_slot_of(map, key);
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
        size_t home = map_home(map, map->slot[at].key);

        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        map->slot[hole] = map->slot[at];
        map->slot[at].value = NULL;
        hole = at;
    }
}

void *map_remove(struct map *map, u64 key)
{
    struct map_slot *slot = map->size ? map_slot_of(map, key) : NULL;
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
