/*
 * Compares a scene, which knows events alone, with the machine they come from.
 *
 *   against HARTS POINTS BEGIN STEPS SEED GUEST APPEND [FIRMWARE INITRD]
 *
 * A guest runs for BEGIN steps, and STEPS more at most. At POINTS random places
 * of these the
 * pages of each live space, the frames, who maps each, and the TLBs are read
 * from memory and the harts, and have to be what the scene says, no more and no
 * less. Every so often the scene has gone back in between, and was fed the same
 * again; in the end it has said the same, line by line, as an explainer that
 * was fed once. Prints what was compared, or the first thing that differs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rvemu/rvemu.h>

#include "base/bits.h"
#include "base/map.h"
#include "isa/pte.h"

#define ENTRIES 512
#define PAGE 4096u
#define WORKS 8 /* every so many points the scene goes back */
#define TLB_ROOM 65536

/* A frame, as memory has it. */
struct mapped {
    u64 ppn;
    u64 mappers;
};

struct comparison {
    rvemu *machine;
    struct rvemu_scene *scene;
    struct rvemu_explain *plain; /* fed what an explainer wants, once */
    struct said {
        char *text;
        size_t size;
        FILE *to;
    } told, said;              /* by the scene; by `plain` */
    struct map frame;          /* struct mapped, by PPN plus 1 */
    struct rvemu_event *event; /* since the state that was kept */
    size_t events, room;
    void *saved;
    struct rvemu_scene_tlb tlb[TLB_ROOM];
    u64 points, spaces, pages, frames, entries, stale, stories, last_story;
};

static void fail(const char *what, u64 a, u64 b, u64 c)
{
    printf("%s: %#" PRIx64 " %#" PRIx64 " %#" PRIx64 "\n", what, a, b, c);
    exit(1);
}

/* ---- events ---- */

static const struct rvemu_explain_options plain = {.full = true, .json = true};

static void keep_line(void *arg, const char *line)
{
    fprintf(((struct said *)arg)->to, "%s\n", line);
}

static void open_said(struct said *said, struct rvemu_explain_options *options)
{
    said->to = open_memstream(&said->text, &said->size);
    *options = plain;
    options->line = keep_line;
    options->arg = said;
}

static void hear(void *self, const struct rvemu_story *story)
{
    struct comparison *c = self;

    c->stories++;
    if (story->cause >= story->id)
        fail("a cause comes first", story->id, story->cause, 0);
    for (unsigned i = RVEMU_PART_FAULT; i < RVEMU_PART_RETURNED; i++)
        for (unsigned k = i + 1; k < RVEMU_PARTS; k++)
            if (story->part[i].time && story->part[k].time &&
                story->part[i].time > story->part[k].time)
                fail("parts are in order", story->id, i, k);
    if (!story->text[0] || !story->kind[0])
        fail("a story has words", story->id, 0, 0);
}

/* The scene has said the same. */
static void compare_lines(struct comparison *c)
{
    struct rvemu_cow_totals told, said;
    size_t at = 0;

    rvemu_scene_finish(c->scene);
    rvemu_explain_finish(c->plain);
    rvemu_explain_cow_totals(rvemu_scene_explainer(c->scene), &told);
    rvemu_explain_cow_totals(c->plain, &said);
    if (memcmp(&told, &said, sizeof(said)) != 0)
        fail("the totals are others (copies there, told)", said.copies,
             told.copies, 0);
    fclose(c->told.to);
    fclose(c->said.to);
    while (c->said.text[at] && c->said.text[at] == c->told.text[at])
        at++;
    if (c->said.text[at] != c->told.text[at]) {
        printf("there: %s\ntold: %s\n", c->said.text, c->told.text);
        fail("the lines are others (from byte)", at, 0, 0);
    }
    free(c->told.text);
    free(c->said.text);
}

static void take(void *self, const struct rvemu_event *event)
{
    struct comparison *c = self;

    if (c->events == c->room) {
        c->room = c->room ? 2 * c->room : 1024;
        c->event = realloc(c->event, c->room * sizeof(*event));
        if (!c->event)
            fail("no memory", c->room, 0, 0);
    }
    c->event[c->events++] = *event;
    rvemu_scene_feed(c->scene, event);
    if (RVEMU_EVENT_SET(event->kind) & rvemu_explain_kinds(&plain))
        rvemu_explain_feed(c->plain, event);
}

/* Goes back to the state that was kept, and forward again. */
static void work_again(struct comparison *c)
{
    rvemu_scene_restore(c->scene, c->saved);
    for (size_t i = 0; i < c->events; i++)
        rvemu_scene_feed(c->scene, &c->event[i]);
}

static void keep(struct comparison *c)
{
    rvemu_scene_drop(c->scene, c->saved);
    c->saved = rvemu_scene_save(c->scene);
    if (!c->saved)
        fail("no memory", 0, 0, 0);
    c->events = 0;
}

static int make(struct comparison *c)
{
    struct rvemu_scene_options options = {.story = hear, .arg = c};
    struct rvemu_explain_options explain;

    open_said(&c->said, &explain);
    c->plain = rvemu_explain_new(&explain);
    open_said(&c->told, &options.explain);
    c->scene = rvemu_scene_new(&options);
    return !c->plain || !c->scene ||
                   rvemu_subscribe(c->machine, rvemu_scene_kinds(&options),
                                   take, c) < 0
               ? -1
               : 0;
}

/* ---- pages ---- */

static void count_frame(struct comparison *c, u64 ppn)
{
    struct mapped *mapped = map_get(&c->frame, ppn + 1);

    if (!mapped) {
        mapped = calloc(1, sizeof(*mapped));
        if (!mapped || !map_put(&c->frame, ppn + 1, mapped))
            fail("no memory", ppn, 0, 0);
        mapped->ppn = ppn;
    }
    mapped->mappers++;
}

/* Compares a user leaf that memory has with the page that the scene has next.
 */
static void compare_leaf(struct comparison *c, unsigned space, u64 va,
                         unsigned level, u64 pte_pa, u64 pte, u64 *next)
{
    struct rvemu_scene_page page, here;
    u64 frame = pte_page(pte, pte_pa) >> 12 & -(1ull << 9 * level);

    c->pages++;
    if (!rvemu_scene_page_from(c->scene, space, *next, &page))
        fail("memory has a page more (space, VA, PTE)", space, va, pte);
    if (page.va != va || page.level != level || page.pte_pa != pte_pa)
        fail("the page is another (VA there, told)", va, page.va, page.level);
    if (page.frame != frame || (page.pte ^ pte) & 0x3ff || !page.is_user)
        fail("the page's entry is another", va, pte, page.pte);
    if (!rvemu_scene_page_at(c->scene, space, va + page.size - 1, &here) ||
        memcmp(&here, &page, sizeof(page)) != 0)
        fail("the page is found by its last byte", space, va, here.va);
    *next = page.va + page.size;
    for (u64 i = 0; level < 2 && i < level * 511 + 1; i++)
        count_frame(c, frame + i);
}

static void compare_walk(struct comparison *c, unsigned space, u64 satp, u64 va)
{
    struct rvemu_scene_step step[RVEMU_SCENE_LEVELS];
    unsigned count = rvemu_scene_walk(c->scene, space, va, step);
    struct rvemu_walk walk;

    rvemu_walk(c->machine, satp, va, &walk);
    if (walk.count != count)
        fail("a walk is of another length", va, walk.count, count);
    for (unsigned i = 0; i < count; i++)
        if (step[i].pte_pa != walk.entry[i].pa ||
            step[i].level != walk.entry[i].level ||
            (step[i].pte ^ walk.entry[i].pte) & ~(15ull << 10 | PTE_N))
            fail("a walk comes by another entry", va, walk.entry[i].pte,
                 step[i].pte);
}

/* Whether a hart takes the leaf, in whatever page. */
static bool maps_for_user(u64 pte)
{
    return pte_maps(pte) && pte & PTE_U && !(pte & PTE_RESERVED) &&
           (pte & (PTE_R | PTE_W)) != PTE_W;
}

/* Compares all that a table leads to. */
static void compare_table(struct comparison *c, unsigned space, u64 satp,
                          u64 frame, unsigned level, u64 base, u64 *next)
{
    u8 memory[PAGE];
    unsigned width = 12 + 9 * ((unsigned)(satp >> 60) - 5);

    if (rvemu_read_ram(c->machine, frame * PAGE, memory, PAGE) < 0)
        fail("a table lies outside RAM", frame, level, 0);
    for (unsigned i = 0; i < ENTRIES; i++) {
        u64 pte = load_le64(memory + 8 * i);
        u64 va = base | (u64)i << (12 + 9 * level);

        if (pte_points(pte) && level)
            compare_table(c, space, satp, bits(pte, 53, 10), level - 1, va,
                          next);
        else if (maps_for_user(pte))
            compare_leaf(c, space, sext(va, width), level, frame * PAGE + 8 * i,
                         pte, next);
        else
            continue;
        if (i % 7 == 0)
            compare_walk(c, space, satp, sext(va, width));
    }
}

/* The satp value of a space. */
static u64 satp_of(const struct rvemu_scene_space *space)
{
    return (u64)(space->levels + 5) << 60 | bits(space->satp, 59, 44) << 44 |
           space->root_ppn;
}

static void compare_space(struct comparison *c,
                          const struct rvemu_scene_space *space)
{
    struct rvemu_scene_page page;
    u64 next = 0, before = c->pages;

    c->spaces++;
    if (!space->is_alive || space->ended_time)
        fail("a live space lives", space->id, 0, 0);
    compare_table(c, space->id, satp_of(space), space->root_ppn,
                  space->levels - 1, 0, &next);
    if ((c->pages == before || next) &&
        rvemu_scene_page_from(c->scene, space->id, next, &page))
        fail("the scene has a page more", space->id, page.va, page.pte);
    if (rvemu_scene_space_of_root(c->scene, space->root_ppn) != space->id)
        fail("a space is found by its root", space->id, space->root_ppn, 0);
}

/* ---- frames ---- */

static void compare_frames(struct comparison *c)
{
    struct rvemu_scene_mapper mapper[64];
    struct rvemu_scene_frame frame;
    struct mapped *mapped;
    size_t at = 0;
    u64 user = 0;

    while ((mapped = map_next(&c->frame, &at))) {
        size_t count = rvemu_scene_mappers(c->scene, mapped->ppn, mapper, 64);

        user++;
        if (count < mapped->mappers ||
            !rvemu_scene_frame(c->scene, mapped->ppn, &frame))
            fail("a frame has mappers (PPN, there, told)", mapped->ppn,
                 mapped->mappers, count);
        if (count != mapped->mappers ||
            (frame.size == PAGE && frame.kind == RVEMU_FRAME_USER &&
             frame.mappers != count))
            fail("a frame has so many mappers (PPN, there, told)", mapped->ppn,
                 mapped->mappers, count);
        for (size_t i = 0; i < count && i < 64; i++) {
            struct rvemu_scene_page page;

            if (!rvemu_scene_page_at(c->scene, mapper[i].space, mapper[i].va,
                                     &page) ||
                page.pte_pa != mapper[i].pte_pa || page.pte != mapper[i].pte)
                fail("a mapper maps", mapped->ppn, mapper[i].va, page.pte);
        }
    }
    c->frames += user;
    for (u64 ppn = 0; rvemu_scene_frame_from(c->scene, ppn, &frame);
         ppn = frame.ppn + 1) {
        if (frame.ppn < ppn)
            fail("frames come in order", frame.ppn, ppn, 0);
        if (frame.kind == RVEMU_FRAME_USER && frame.size == PAGE) {
            if (!map_get(&c->frame, frame.ppn + 1))
                fail("the scene has a frame more", frame.ppn, frame.mappers, 0);
            user--;
        }
    }
    for (at = 0; (mapped = map_next(&c->frame, &at));)
        free(mapped);
    map_free(&c->frame);
}

/* ---- TLBs ---- */

static void compare_entry(const struct rvemu_scene_tlb *told,
                          const struct rvemu_tlb_entry *there)
{
    if (told->va != there->va || told->size != there->size ||
        told->pte != there->pte || told->pte_pa != there->pte_pa ||
        told->level != there->level || told->asid != there->asid ||
        told->global != there->global)
        fail("a TLB has another entry (VA, there, told)", there->va, there->pte,
             told->pte);
}

/* What the harts have for a page, the scene has, and the other way round. */
static void compare_find(struct comparison *c, u64 satp, u64 va)
{
    for (unsigned hart = 0; hart < rvemu_harts(c->machine); hart++) {
        struct rvemu_tlb_entry there;
        struct rvemu_scene_tlb told;
        bool is_there = rvemu_tlb_find(c->machine, hart, satp, va, &there);
        bool is_told = rvemu_scene_tlb_find(c->scene, hart, satp, va, &told);

        if (is_there != is_told)
            fail(is_there ? "a TLB has an entry more (hart, satp, VA)"
                          : "a TLB has an entry less (hart, satp, VA)",
                 hart, satp, va);
        if (is_there)
            compare_entry(&told, &there);
    }
}

/* An entry is stale where a walk of its space comes to something else. */
static void compare_stale(struct comparison *c,
                          const struct rvemu_scene_tlb *told)
{
    const u64 free = PTE_A | PTE_D | PTE_G | PTE_RSW;
    struct rvemu_scene_space space;
    const struct rvemu_walk_entry *end;
    struct rvemu_walk walk;
    bool stale;

    if (!rvemu_scene_space(c->scene, told->space, &space))
        return;
    rvemu_walk(c->machine, satp_of(&space), told->va, &walk);
    end = &walk.entry[walk.count - 1];
    stale = end->level != told->level || end->pa != told->pte_pa ||
            (end->pte ^ told->pte) & ~free;
    if (stale != told->is_stale)
        fail("an entry is stale (VA, PTE, now)", told->va, told->pte, end->pte);
}

static void compare_tlbs(struct comparison *c)
{
    const struct rvemu_scene_tlb_filter all = {.harts = 0};
    struct rvemu_scene_space space;
    struct rvemu_scene_page page;
    size_t count = rvemu_scene_tlb(c->scene, &all, c->tlb, TLB_ROOM);

    for (size_t i = 0; i < count && i < TLB_ROOM; i++) {
        compare_stale(c, &c->tlb[i]);
        compare_find(c, 8ull << 60 | (u64)c->tlb[i].asid << 44, c->tlb[i].va);
        compare_find(c, 8ull << 60 | 0xffffull << 44, c->tlb[i].va);
        c->stale += c->tlb[i].is_stale;
    }
    c->entries += count;
    for (unsigned id = 0; rvemu_scene_next_space(c->scene, id, true, &space);
         id = space.id)
        for (u64 va = 0;
             rvemu_scene_page_from(c->scene, space.id, va, &page);) {
            compare_find(c, satp_of(&space), page.va);
            va = page.va + page.size;
            if (!va)
                break;
        }
}

/* ---- points ---- */

static void compare_all(struct comparison *c)
{
    struct rvemu_scene_space space;
    struct rvemu_scene_hart hart;

    c->points++;
    for (unsigned id = 0; rvemu_scene_next_space(c->scene, id, true, &space);
         id = space.id)
        compare_space(c, &space);
    compare_frames(c);
    compare_tlbs(c);
    for (unsigned h = 0; h < rvemu_harts(c->machine); h++) {
        u64 satp;

        if (rvemu_csr(c->machine, h, 0x180, &satp) == 0 &&
            (rvemu_scene_hart(c->scene, h, &hart) ? hart.satp : 0) != satp)
            fail("a hart has another satp", h, satp, hart.satp);
    }
}

static u64 draw(u64 *state)
{
    *state += 0x9e3779b97f4a7c15;
    return stir(*state);
}

static void run(struct comparison *c, u64 points, u64 steps, u64 seed)
{
    struct rvemu_stop stop = {.reason = RVEMU_STOP_STEPS};

    for (u64 i = 0; i < points && stop.reason == RVEMU_STOP_STEPS; i++) {
        if (i % WORKS == 0)
            keep(c);
        rvemu_run(c->machine, 1 + draw(&seed) % (2 * steps / points), &stop);
        if (i % WORKS == WORKS / 2)
            work_again(c);
        compare_all(c);
    }
    rvemu_scene_drop(c->scene, c->saved);
}

static int load(struct comparison *c, char **argv)
{
    struct rvemu_config config = {.ram_bytes = 512u << 20,
                                  .harts = (unsigned)atoi(argv[1])};
    struct rvemu_guest guest = {
        .as = RVEMU_AS_AUTO, .image.path = argv[6], .bootargs = argv[7]};
    struct rvemu_error error;

    if (argv[8]) {
        guest.firmware.path = argv[8];
        guest.initrd.path = argv[9];
    }
    if (rvemu_create(&config, &c->machine, &error) < 0 ||
        rvemu_load(c->machine, &guest, &error) < 0) {
        printf("%s\n", error.text);
        return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct comparison c;
    struct rvemu_stop stop;

    if (argc != 8 && argc != 10)
        return 2;
    if (load(&c, argv) < 0 || make(&c) < 0)
        return 2;
    rvemu_run(c.machine, strtoull(argv[3], NULL, 0), &stop);
    run(&c, strtoull(argv[2], NULL, 0), strtoull(argv[4], NULL, 0),
        strtoull(argv[5], NULL, 0));
    compare_lines(&c);
    printf("%" PRIu64 " points, %" PRIu64 " spaces, %" PRIu64 " pages, %" PRIu64
           " frames, %" PRIu64 " TLB entries, %" PRIu64
           " of them stale, %" PRIu64 " stories\n",
           c.points, c.spaces, c.pages, c.frames, c.entries, c.stale,
           c.stories);
    if (c.stories != rvemu_scene_last_story(c.scene))
        fail("each story is told once", c.stories,
             rvemu_scene_last_story(c.scene), 0);
    rvemu_scene_free(c.scene);
    rvemu_explain_free(c.plain);
    rvemu_destroy(c.machine);
    free(c.event);
    return 0;
}
