/*
 * Where a scene notes things: records in maps, and what it has of each hart;
 * see scene.h.
 */
#include "analysis/scene.h"

struct scene_hart *scene_hart(struct rvemu_scene *scene, unsigned hart)
{
    struct scene_hart **at = &scene->hart[hart];

    if (!*at) {
        *at = arena_take(scene->arena, sizeof(**at));
        scene->failed |= !*at;
        if (*at)
            (*at)->tlb.by_page.arena = scene->arena;
        if (*at && hart >= scene->harts)
            scene->harts = hart + 1;
    }
    return *at;
}

void *scene_record(struct rvemu_scene *scene, struct map *map, u64 key,
                   size_t size)
{
    void *record = map_get(map, key);
    size_t at = 0;

    if (record)
        return record;
    if (map->count == SCENE_ENTRIES) {
        scene->forgotten += map->count;
        while ((record = map_next(map, &at)))
            arena_give(scene->arena, record);
        map_free(map);
    }
    record = arena_take(scene->arena, size);
    if (record && map_put(map, key, record))
        return record;
    arena_give(scene->arena, record);
    scene->failed = true;
    return NULL;
}
