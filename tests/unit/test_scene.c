/*
 * A scene fed with nonsense: it has to survive, and whatever it answers has to
 * agree with itself. It goes back and forth meanwhile, and tells each story
 * once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/scene.h"

#define EVENTS 12000
#define CHECK_EVERY 53
#define ROOM 512

static u64 state;

static u64 random_below(u64 n)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (state >> 33) % n;
}

static u64 random_frame(void)
{
    return 0x80000 + random_below(12);
}

static u64 random_pte(void)
{
    static const u64 flags[] = {0,    0x01, 0x01, 0x13, 0x17,
                                0x1b, 0x17, 0x13, 0x07, 0x10};

    return random_frame() << 10 | flags[random_below(10)];
}

static u64 random_va(void)
{
    return random_below(3) << 30 | random_below(2) << 21 |
           random_below(3) << 12;
}

static u64 random_satp(void)
{
    return (7 + random_below(4)) << 60 | random_frame();
}

static void set_tlb(struct rvemu_event *e, u64 pte_pa)
{
    switch (e->kind) {
    case RVEMU_EVENT_tlb_fill:
        e->tlb_fill = (struct rvemu_ev_tlb_fill){
            random_va(), random_below(5), random_below(6),
            pte_pa,      random_pte(),    random_satp()};
        break;
    case RVEMU_EVENT_tlb_evict:
        e->tlb_evict = (struct rvemu_ev_tlb_evict){
            random_va(), random_below(3), random_below(6), random_pte()};
        break;
    default:
        e->tlb_flush = (struct rvemu_ev_tlb_flush){random_va(), random_below(3),
                                                   random_below(5), 0};
        break;
    }
}

static struct rvemu_event random_event(void)
{
    static const u8 kinds[] = {
        RVEMU_EVENT_satp,      RVEMU_EVENT_pte_write,  RVEMU_EVENT_pte_write,
        RVEMU_EVENT_pte_write, RVEMU_EVENT_pte_found,  RVEMU_EVENT_pte_found,
        RVEMU_EVENT_root_lost, RVEMU_EVENT_page_fault, RVEMU_EVENT_frame_copied,
        RVEMU_EVENT_mark,      RVEMU_EVENT_xret,       RVEMU_EVENT_trap,
        RVEMU_EVENT_tlb_fill,  RVEMU_EVENT_tlb_evict,  RVEMU_EVENT_tlb_flush,
        RVEMU_EVENT_tlb_fill,  RVEMU_EVENT_ad_update,  RVEMU_EVENT_alias_store,
    };
    struct rvemu_event e = {.kind = kinds[random_below(sizeof(kinds))]};
    u64 pte_pa = random_frame() << 12 | random_below(3) << 3;
    u64 level = random_below(4);

    e.hart = (u8)random_below(3);
    e.priv = (u8)random_below(2);
    e.pc = random_va();
    switch (e.kind) {
    case RVEMU_EVENT_satp: e.satp.new = random_satp(); break;
    case RVEMU_EVENT_pte_write:
        e.pte_write = (struct rvemu_ev_pte_write){
            random_frame(), random_va(),  level, pte_pa,
            random_pte(),   random_pte(), 0};
        break;
    case RVEMU_EVENT_pte_found:
        e.pte_found = (struct rvemu_ev_pte_found){random_frame(), random_va(),
                                                  level, pte_pa, random_pte()};
        break;
    case RVEMU_EVENT_root_lost: e.root_lost.root = random_frame(); break;
    case RVEMU_EVENT_page_fault:
        e.page_fault = (struct rvemu_ev_page_fault){
            random_va(), random_below(4), random_below(13), random_below(3),
            pte_pa,      random_pte(),    random_satp(),    random_below(2)};
        break;
    case RVEMU_EVENT_frame_copied:
        e.frame_copied =
            (struct rvemu_ev_frame_copied){random_frame(), random_va(), pte_pa,
                                           random_frame(), random_frame()};
        break;
    case RVEMU_EVENT_alias_store:
        e.alias_store = (struct rvemu_ev_alias_store){
            random_va(), random_frame() << 12 | random_below(4096), 8};
        break;
    case RVEMU_EVENT_mark:
        e.mark = (struct rvemu_ev_mark){random_below(8), random_below(4),
                                        random_satp(), random_below(4),
                                        random_below(9)};
        break;
    case RVEMU_EVENT_xret:
        e.xret = (struct rvemu_ev_xret){random_va(), random_below(2)};
        break;
    case RVEMU_EVENT_tlb_fill:
    case RVEMU_EVENT_tlb_evict:
    case RVEMU_EVENT_tlb_flush: set_tlb(&e, pte_pa); break;
    case RVEMU_EVENT_ad_update:
        e.ad_update = (struct rvemu_ev_ad_update){random_va(), pte_pa,
                                                  random_pte(), random_pte()};
        break;
    default: e.trap = (struct rvemu_ev_trap){8, 0, random_va(), 1}; break;
    }
    return e;
}

static void check_page(const struct rvemu_scene *scene, unsigned space,
                       const struct rvemu_scene_page *page)
{
    struct rvemu_scene_step step[RVEMU_SCENE_LEVELS];
    struct rvemu_scene_mapper mapper[ROOM];
    struct rvemu_scene_frame frame;
    unsigned steps = rvemu_scene_walk(scene, space, page->va, step);
    size_t mappers = rvemu_scene_mappers(scene, page->frame, mapper, ROOM);

    assert_in_range(steps, 1, RVEMU_SCENE_LEVELS);
    assert_int_equal(step[steps - 1].pte_pa, page->pte_pa);
    assert_int_equal(step[steps - 1].pte, page->pte);
    assert_true(rvemu_scene_frame(scene, page->frame, &frame));
    for (size_t i = 1; i < mappers && i < ROOM; i++)
        assert_true(mapper[i].space >= mapper[i - 1].space);
}

static void check_space(const struct rvemu_scene *scene,
                        const struct rvemu_scene_space *space)
{
    struct rvemu_scene_page page, again;
    u64 last = 0, pages = 0;

    assert_true(space->shared <= space->pages);
    assert_true(space->cow <= space->shared);
    assert_int_equal(rvemu_scene_space_of_root(scene, space->root_ppn),
                     space->id);
    for (u64 va = 0; rvemu_scene_page_from(scene, space->id, va, &page);) {
        assert_true(page.is_user && page.va >= va && page.va >= last);
        assert_true(rvemu_scene_page_at(scene, space->id, page.va, &again));
        assert_memory_equal(&page, &again, sizeof(page));
        check_page(scene, space->id, &page);
        pages += page.size >> 12;
        last = page.va;
        va = page.va + page.size;
        if (!va)
            break;
    }
    assert_int_equal(pages, space->pages);
}

static void check_tlbs(const struct rvemu_scene *scene)
{
    static struct rvemu_scene_tlb entry[ROOM];
    const struct rvemu_scene_tlb_filter all = {.harts = 0};
    const struct rvemu_scene_tlb_filter some = {.only_stale = true};
    size_t count = rvemu_scene_tlb(scene, &all, entry, ROOM);

    assert_true(rvemu_scene_tlb(scene, &some, NULL, 0) <= count);
    for (size_t i = 0; i < count && i < ROOM; i++) {
        struct rvemu_scene_tlb found;

        assert_true(i == 0 || entry[i].hart >= entry[i - 1].hart);
        assert_true(rvemu_scene_tlb_find(scene, entry[i].hart,
                                         (u64)entry[i].asid << 44, entry[i].va,
                                         &found));
    }
}

static void check(const struct rvemu_scene *scene)
{
    struct rvemu_scene_counts counts;
    struct rvemu_scene_space space;
    struct rvemu_scene_frame frame;
    struct rvemu_story story;
    u64 spaces = 0;

    rvemu_scene_count(scene, &counts);
    for (unsigned id = 0; rvemu_scene_next_space(scene, id, true, &space);
         id = space.id, spaces++)
        check_space(scene, &space);
    assert_int_equal(spaces, counts.alive);
    for (u64 ppn = 0; rvemu_scene_frame_from(scene, ppn, &frame);
         ppn = frame.ppn + 1)
        assert_true(frame.ppn >= ppn && frame.kind != RVEMU_FRAME_UNKNOWN);
    check_tlbs(scene);
    if (rvemu_scene_story(scene, rvemu_scene_last_story(scene), &story))
        assert_true(story.cause < story.id && *story.text && *story.kind);
}

static void hear(void *arg, const struct rvemu_story *story)
{
    ++*(u64 *)arg;
}

static void nonsense_is_survived(void **unused)
{
    for (u64 seed = 1; seed <= 3; seed++) {
        u64 stories = 0;
        const struct rvemu_scene_options options = {
            .explain = {.full = true,
                        .check = {seed == 2 ? RVEMU_CHECK_MAY : 0}},
            .story = hear,
            .arg = &stories};
        struct rvemu_scene *scene = rvemu_scene_new(&options);
        void *saved = NULL;
        u64 dice = 0;

        state = seed;
        for (unsigned i = 0; i < EVENTS; i++) {
            struct rvemu_event event;

            if (i % 500 == 0) { /* back to it, and the same again */
                u64 again = state;

                rvemu_scene_drop(scene, saved);
                saved = rvemu_scene_save(scene);
                dice = again;
            } else if (i % 500 == 250) {
                u64 here = state;

                rvemu_scene_restore(scene, saved);
                state = dice;
                for (unsigned k = 0; k < 250; k++) {
                    event = random_event();
                    event.time = (i - 250 + k) * 1000ull;
                    rvemu_scene_feed(scene, &event);
                }
                assert_int_equal(state, here);
            }
            event = random_event();
            event.time = i * 1000ull;
            rvemu_scene_feed(scene, &event);
            if (i % CHECK_EVERY == 0)
                check(scene);
        }
        rvemu_scene_drop(scene, saved);
        rvemu_scene_finish(scene);
        assert_true(stories > 50);
        assert_int_equal(stories, rvemu_scene_last_story(scene));
        rvemu_scene_free(scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nonsense_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
