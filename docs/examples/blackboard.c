/*
 * An example of the library: who maps which frame before and after the first
 * copy-on-write of a trace, as one would draw it on a blackboard.
 *
 *   emu --trace FILE ...; blackboard FILE
 *
 *     pid 1 (cow) forks pid 3 (cow). Nothing is copied: both use ...
 *
 *     pid 3 (cow) stores to 0x1305c (data), in __bufio_put, ... page fault. ...
 *
 *     before                       pid 1 (cow)     pid 3 (cow)
 *       #87e0e   0x13000           r--             r--
 *
 *     after                        pid 1 (cow)     pid 3 (cow)
 *       #87e0e   0x13000           r--
 *       #802cf   0x13000                           rw-
 *
 * A reel goes to any place of a trace; the scene there answers. Nothing but the
 * trace is needed: no machine, no guest.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rvemu/rvemu.h>

#define PTE_R (1 << 1)
#define PTE_W (1 << 2)
#define PTE_X (1 << 3)
#define MAPPERS 64
#define COLUMN 16

/* The first story of a copy that a fork made necessary. */
struct found {
    struct rvemu_story copy;
    char text[1024];
};

/* Keeps it: a story lives during the call. */
static void hear(void *arg, const struct rvemu_story *story)
{
    struct found *found = arg;

    if (found->copy.id || strcmp(story->kind, "copy") != 0 || !story->cause)
        return;
    found->copy = *story;
    snprintf(found->text, sizeof(found->text), "%s", story->text);
}

static void print_name(const struct rvemu_scene *scene, unsigned id, int width)
{
    struct rvemu_scene_space space;
    char name[64];

    rvemu_scene_space(scene, id, &space);
    snprintf(name, sizeof(name), "%s %" PRIu64 "%s%s%s",
             space.has_pid ? "pid" : "space",
             space.has_pid ? space.pid : space.number, *space.name ? " (" : "",
             space.name, *space.name ? ")" : "");
    printf("%-*s", width, name);
}

/* A line for a frame and each address that it is mapped at in either space. */
static void print_frame(const struct rvemu_scene *scene,
                        const struct rvemu_story *copy, uint64_t frame)
{
    struct rvemu_scene_mapper mapper[MAPPERS];
    size_t count = rvemu_scene_mappers(scene, frame, mapper, MAPPERS);
    unsigned side[] = {copy->other, copy->space};

    printf("  #%-8" PRIx64 "0x%-16" PRIx64, frame, copy->va & ~UINT64_C(0xfff));
    for (unsigned s = 0; s < 2; s++) {
        char rights[4] = "";

        for (size_t i = 0; i < count && i < MAPPERS; i++)
            if (mapper[i].space == side[s])
                snprintf(rights, sizeof(rights), "%c%c%c",
                         mapper[i].pte & PTE_R ? 'r' : '-',
                         mapper[i].pte & PTE_W ? 'w' : '-',
                         mapper[i].pte & PTE_X ? 'x' : '-');
        printf("%-*s", s == 0 ? COLUMN : 0, rights);
    }
    printf("\n");
}

static void print_board(struct rvemu_reel *reel, const char *when,
                        const struct rvemu_story *copy)
{
    const struct rvemu_scene *scene = rvemu_reel_scene(reel);

    printf("\n%-29s", when);
    print_name(scene, copy->other, COLUMN);
    print_name(scene, copy->space, 0);
    printf("\n");
    print_frame(scene, copy, copy->old);
    if (rvemu_scene_mappers(scene, copy->frame, NULL, 0))
        print_frame(scene, copy, copy->frame);
}

static int print(struct rvemu_reel *reel, struct found *found,
                 struct rvemu_error *error)
{
    const struct rvemu_story *copy = &found->copy;
    struct rvemu_story fork;

    while (!copy->id && rvemu_reel_prepare(reel, 100000))
        ;
    if (!copy->id)
        return rvemu_error_set(error, "nothing was copied behind a fork");
    rvemu_reel_seek(reel, 0, copy->part[RVEMU_PART_FAULT].time);
    if (rvemu_scene_story(rvemu_reel_scene(reel), copy->cause, &fork))
        printf("%s\n\n", fork.text);
    printf("%s\n", found->text);
    print_board(reel, "before", copy);
    rvemu_reel_seek(reel, 0, copy->part[RVEMU_PART_RETURNED].time);
    print_board(reel, "after", copy);
    return 0;
}

int main(int argc, char **argv)
{
    struct found found = {.text = ""};
    const struct rvemu_reel_options options = {
        .scene = {.story = hear, .arg = &found}};
    struct rvemu_emt *trace = NULL;
    struct rvemu_reel *reel = NULL;
    struct rvemu_error error;
    int failed;

    if (argc != 2) {
        fprintf(stderr, "usage: blackboard FILE\n");
        return 2;
    }
    failed = rvemu_emt_open(argv[1], &trace, &error) < 0 ||
             rvemu_reel_open(trace, &options, &reel, &error) < 0 ||
             print(reel, &found, &error) < 0;
    if (failed)
        fprintf(stderr, "blackboard: %s\n", error.text);
    rvemu_reel_free(reel);
    rvemu_emt_free(trace);
    return failed;
}
