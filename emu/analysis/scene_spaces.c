/*
 * Spaces of a scene, live ones and those that have ended; see rvemu/scene.h.
 */
#include <string.h>

#include "analysis/scene.h"

struct scene_space *scene_space(const struct rvemu_scene *scene, unsigned id)
{
    return map_get(&scene->space, id);
}

void scene_begun(void *arg, struct table *root)
{
    struct rvemu_scene *scene = arg;
    struct scene_space *space = arena_take(scene->arena, sizeof(*space));

    if (!space || !map_put(&scene->space, root->id, space)) {
        arena_give(scene->arena, space);
        scene->failed = true;
        return;
    }
    space->id = root->id;
    space->root = root->frame;
    space->levels = root->level + 1;
    space->seen = scene_spaces(scene)->now;
}

/* The first of those that have ended is forgotten. */
static void forget_first(struct rvemu_scene *scene)
{
    struct scene_space *space = scene->first_ended;

    scene->first_ended = space->next;
    scene->ended--;
    scene->forgotten++;
    map_remove(&scene->space, space->id);
    if (map_get(&scene->number, space->name.number) == space)
        map_remove(&scene->number, space->name.number);
    arena_give(scene->arena, space);
}

/* Notes what a space goes by. */
static void note_number(struct rvemu_scene *scene, u64 number,
                        struct scene_space *space)
{
    if (number && !map_put(&scene->number, number, space))
        scene->failed = true;
}

void scene_ended(void *arg, struct table *root)
{
    struct rvemu_scene *scene = arg;
    struct scene_space *space = scene_space(scene, root->id);

    if (!space)
        return;
    space->ended = scene_spaces(scene)->now;
    space->ran = root->ran;
    space->fork = root->fork;
    if (root->number)
        space->name = story_name(&scene->explain->story, root);
    note_number(scene, root->number, space);
    if (scene->first_ended)
        scene->last_ended->next = space;
    else
        scene->first_ended = space;
    scene->last_ended = space;
    if (++scene->ended > SCENE_ENDED)
        forget_first(scene);
}

void scene_take_satp(struct rvemu_scene *scene, const struct rvemu_event *event)
{
    struct scene_hart *hart = scene_hart(scene, event->hart);
    const struct table *root =
        spaces_root(scene_spaces(scene), satp_frame(event->satp.new));
    struct scene_space *space = root ? scene_space(scene, root->id) : NULL;

    if (hart)
        hart->satp = event->satp.new;
    if (space)
        space->satp = event->satp.new;
}

unsigned scene_space_called(struct rvemu_scene *scene, u64 number)
{
    const struct scene_space *space = map_get(&scene->number, number);
    const struct table *root;
    size_t at = 0;

    if (space || !number)
        return space ? space->id : 0;
    while ((root = map_next(&scene_spaces(scene)->roots, &at)))
        if (root->number == number) {
            note_number(scene, number, scene_space(scene, root->id));
            return root->id;
        }
    return 0;
}

unsigned scene_fork_of(const struct rvemu_scene *scene, unsigned id)
{
    const struct table *root = spaces_root_by_id(scene_spaces(scene), id);
    const struct scene_space *space = scene_space(scene, id);

    return root ? root->fork : space ? space->fork : 0;
}

u64 scene_fork_story(const struct rvemu_scene *scene, u64 fork)
{
    return fork && fork <= scene->forks ? scene->fork[fork - 1].story : 0;
}

struct counting {
    const struct rvemu_scene *scene;
    struct rvemu_scene_space *space;
};

static void count_leaf(void *arg, struct entry at, u64 va)
{
    const struct counting *counting = arg;
    struct rvemu_scene_space *space = counting->space;
    unsigned level = at.table->level;
    u64 pages = level_size(level) >> 12, pte = entry_pte(at);
    const struct frame *frame = frames_find(
        &scene_spaces(counting->scene)->frames, pte_frame(pte, level), level);

    space->pages += pages;
    if (!frame || frame->mappings < 2)
        return;
    space->shared += pages;
    space->cow += frame->protected && !(pte & PTE_W) ? pages : 0;
}

static void describe_live(const struct rvemu_scene *scene, struct table *root,
                          struct rvemu_scene_space *out)
{
    struct counting counting = {scene, out};
    struct spaces *spaces = scene_spaces(scene);
    bool woven = spaces->woven;
    struct rvemu_explain_called called;

    out->is_alive = true;
    out->has_run = root->ran;
    if (rvemu_explain_called(scene->explain, root->frame, &called)) {
        out->number = called.number;
        out->has_pid = called.has_pid;
        out->pid = called.pid;
        memcpy(out->name, called.name, sizeof(out->name));
    }
    for (unsigned h = 0; h < scene->harts && h < 32; h++)
        if (scene->hart[h] && satp_frame(scene->hart[h]->satp) == root->frame)
            out->harts |= 1u << h;
    spaces_each_leaf(spaces, root, count_leaf, &counting);
    spaces->woven = woven;
}

bool rvemu_scene_space(const struct rvemu_scene *scene, unsigned id,
                       struct rvemu_scene_space *out)
{
    const struct scene_space *space = scene_space(scene, id);
    struct table *root = spaces_root_by_id(scene_spaces(scene), id);
    const struct cow *cow = &scene->explain->story.cow;

    *out = (struct rvemu_scene_space){0};
    if (!space)
        return false;
    out->id = id;
    out->root_ppn = space->root;
    out->levels = space->levels;
    out->satp = space->satp;
    out->seen_time = space->seen;
    out->ended_time = space->ended;
    out->fork = scene_fork_of(scene, id);
    if (out->fork && out->fork <= cow->forks)
        out->parent = cow->fork[out->fork - 1].parent_id;
    out->fork_story = scene_fork_story(scene, out->fork);
    if (out->fork_story)
        out->forked_time = scene->fork[out->fork - 1].time;
    if (root) {
        describe_live(scene, root, out);
        return true;
    }
    out->has_run = space->ran;
    out->number = space->name.number;
    out->has_pid = space->name.has_pid;
    out->pid = space->name.pid;
    memcpy(out->name, space->name.program, PROGRAM_TEXT);
    return true;
}

bool rvemu_scene_next_space(const struct rvemu_scene *scene, unsigned behind,
                            bool alive, struct rvemu_scene_space *out)
{
    const struct spaces *spaces = scene_spaces(scene);
    for (unsigned id = behind + 1; id && id <= spaces->roots_seen; id++)
        if ((!alive || spaces_root_by_id(spaces, id)) &&
            rvemu_scene_space(scene, id, out))
            return true;
    return false;
}

unsigned rvemu_scene_space_of_root(const struct rvemu_scene *scene,
                                   uint64_t root_ppn)
{
    const struct table *root = spaces_root(scene_spaces(scene), root_ppn);

    return root ? root->id : 0;
}

unsigned rvemu_scene_space_of_pid(const struct rvemu_scene *scene, uint64_t pid)
{
    const struct marks *marks = &scene->explain->story.marks;
    const struct table *root;
    unsigned found = 0;
    size_t at = 0;

    while ((root = map_next(&scene_spaces(scene)->roots, &at))) {
        struct space_name name = {.number = 0};

        if (marks_name_space(marks, root->frame, &name) && name.pid == pid &&
            root->id > found)
            found = root->id;
    }
    return found;
}

unsigned rvemu_scene_space_of_number(const struct rvemu_scene *scene,
                                     uint64_t number)
{
    const struct table *root;
    size_t at = 0;

    while (number && (root = map_next(&scene_spaces(scene)->roots, &at)))
        if (root->number == number)
            return root->id;
    return 0;
}
