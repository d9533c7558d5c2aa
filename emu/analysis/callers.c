/* Who has made a call where; see callers.h. */
#include "analysis/callers.h"

static unsigned list_of(u64 pc)
{
    return (pc >> 1) % CALLERS_LISTS;
}

/* Takes out the roots that are gone. */
static void tidy(struct caller_list *list, const struct spaces *spaces)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < list->count; i++)
        if (spaces_root_by_id(spaces, list->id[i]))
            list->id[kept++] = list->id[i];
    list->count = kept;
}

static bool grow(struct caller_list *list, struct arena *arena)
{
    unsigned room = list->room ? 2 * list->room : 8;
    unsigned *grown = arena_grow(arena, list->id, room * sizeof(*grown));

    if (!grown)
        return false;
    list->id = grown;
    list->room = room;
    return true;
}

bool callers_add(struct callers *callers, const struct spaces *spaces,
                 struct table *root, u64 pc)
{
    struct caller_list *list = &callers->list[list_of(pc)];
    u64 bit = 1ull << list_of(pc);

    if (root->call_lists & bit)
        return true;
    if (list->count == list->room) {
        tidy(list, spaces);
        /* Of a list that stays almost full the next look would be for little.
         */
        if (2 * list->count >= list->room && !grow(list, spaces->tables.arena))
            return false;
    }
    root->call_lists |= bit;
    list->id[list->count++] = root->id;
    return true;
}

/* Puts roots into the order of a walk. Most are in it, since the last time. */
static void sort(struct caller_list *list, const struct map *roots)
{
    for (unsigned i = 1; i < list->count; i++) {
        unsigned id = list->id[i], at = i;
        size_t place = map_place(roots, id);

        for (; at && map_place(roots, list->id[at - 1]) > place; at--)
            list->id[at] = list->id[at - 1];
        list->id[at] = id;
    }
}

const struct caller_list *callers_find(struct callers *callers,
                                       const struct spaces *spaces, u64 pc)
{
    struct caller_list *list = &callers->list[list_of(pc)];

    tidy(list, spaces);
    sort(list, &spaces->roots);
    return list;
}
