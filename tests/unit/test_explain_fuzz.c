/*
 * The explainer fed with nonsense: random events over a few frames, in which
 * tables point at each other, roots come and go, and marks say anything. It
 * has to survive (the sanitizers watch), and what it keeps must stay
 * consistent: every mapping it lists for a frame is an entry that maps it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/explain.h"

#define EVENTS 15000
#define CHECK_EVERY 97

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

static void random_other(struct rvemu_event *e)
{
    switch (e->kind) {
    case RVEMU_EVENT_fence_i: e->fence_i.insn = 0x100f; break;
    case RVEMU_EVENT_stale_fetch:
        e->stale_fetch =
            (struct rvemu_ev_stale_fetch){.pa = random_frame() << 12,
                                          .changed = random_below(1000),
                                          .by = random_below(2) * random_va(),
                                          .by_hart = random_below(3),
                                          .by_priv = random_below(2)};
        break;
    case RVEMU_EVENT_mark:
        e->mark = (struct rvemu_ev_mark){random_below(8), random_below(4),
                                         random_satp(), random_below(4),
                                         random_below(9)};
        break;
    case RVEMU_EVENT_probe:
        e->probe = (struct rvemu_ev_probe){.function = random_below(5),
                                           .returned = random_below(2),
                                           .a0 = random_frame() << 12,
                                           .a1 = random_below(3),
                                           .ra = random_va(),
                                           .sp = random_below(3)};
        break;
    default: e->trap = (struct rvemu_ev_trap){8, 0, random_va(), 1}; break;
    }
}

static struct rvemu_event random_event(void)
{
    static const u8 kinds[] = {
        RVEMU_EVENT_satp,         RVEMU_EVENT_pte_write,
        RVEMU_EVENT_pte_write,    RVEMU_EVENT_pte_write,
        RVEMU_EVENT_pte_found,    RVEMU_EVENT_pte_found,
        RVEMU_EVENT_root_lost,    RVEMU_EVENT_page_fault,
        RVEMU_EVENT_frame_copied, RVEMU_EVENT_mark,
        RVEMU_EVENT_xret,         RVEMU_EVENT_trap,
        RVEMU_EVENT_probe,        RVEMU_EVENT_probe,
        RVEMU_EVENT_alias_store,  RVEMU_EVENT_fence_i,
        RVEMU_EVENT_stale_fetch,
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
    case RVEMU_EVENT_xret:
        e.xret = (struct rvemu_ev_xret){random_va(), random_below(2)};
        break;
    default: random_other(&e); break;
    }
    return e;
}

static void check_frames(const struct spaces *spaces)
{
    const struct frame *frame;
    size_t at = 0;

    while ((frame = map_next(&spaces->frames.by_ppn, &at))) {
        for (unsigned i = 0; i < frame->mappings; i++) {
            struct entry from = frame->mapping[i];
            u64 pte = entry_pte(from);

            assert_ptr_equal(map_get(&spaces->tables, from.table->frame),
                             from.table);
            assert_true(pte_is_user(pte));
            assert_int_equal(pte_frame(pte, from.table->level), frame->ppn);
            assert_int_equal(from.table->level, frame->level);
        }
    }
}

/* How many entries are user leaves, or point to a table with some below. */
static u64 count_below(const struct spaces *spaces, const struct table *table)
{
    u64 below = 0;

    for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
        const struct table *child =
            map_get(&spaces->tables, pte_frame(table_pte(table, i), 0));

        below += pte_is_user(table_pte(table, i));
        for (unsigned j = 0; child && j < child->parents; j++)
            if (child->parent[j].table == table && child->parent[j].index == i)
                below += child->below != 0;
    }
    return below;
}

static void check_tables(const struct spaces *spaces)
{
    const struct table *table;
    size_t at = 0;

    while ((table = map_next(&spaces->tables, &at))) {
        assert_int_equal(table->below, count_below(spaces, table));
        for (unsigned i = 0; i < table->parents; i++) {
            struct entry from = table->parent[i];

            assert_ptr_equal(map_get(&spaces->tables, from.table->frame),
                             from.table);
            assert_int_equal(from.table->level, table->level + 1);
            assert_int_equal(pte_frame(entry_pte(from), 0), table->frame);
        }
    }
}

static void take_line(void *arg, const char *line)
{
    ++*(u64 *)arg;
    if (line[0] == '{')
        assert_string_equal(line + strlen(line) - 2, "\"}");
}

/* An allocator whose functions lie at 0 to 3. */
static const struct rvemu_frames frames = {
    .count = 4,
    .function = {{0, RVEMU_FRAMES_ALLOC, 1},
                 {1, RVEMU_FRAMES_FREE, 1},
                 {2, RVEMU_FRAMES_DROP, RVEMU_FRAMES_ONE},
                 {3, RVEMU_FRAMES_VIA, RVEMU_FRAMES_ONE}},
    .size = 4096,
};

static void nonsense_is_survived(void **unused)
{
    for (u64 seed = 1; seed <= 3; seed++) {
        u64 lines = 0;
        const struct rvemu_explain_options options = {.line = take_line,
                                                      .arg = &lines,
                                                      .full = true,
                                                      .color = true,
                                                      .json = seed == 2,
                                                      .lang =
                                                          seed % RVEMU_LANGS,
                                                      .frames = &frames};
        struct rvemu_explain *explain = rvemu_explain_new(&options);
        struct rvemu_spaces_totals live;

        state = seed;
        for (unsigned i = 0; i < EVENTS; i++) {
            struct rvemu_event event = random_event();

            if (i == 100)
                event = (struct rvemu_event){
                    .kind = RVEMU_EVENT_mark,
                    .priv = 1,
                    .mark = {1, 0x6b72616d756d65, 1, 0, 0}};
            rvemu_explain_feed(explain, &event);
            if (i % CHECK_EVERY == 0) {
                check_frames(&explain->story.spaces);
                check_tables(&explain->story.spaces);
                rvemu_explain_spaces_totals(explain, &live);
                assert_true(live.frames <= live.mappings);
            }
        }
        rvemu_explain_finish(explain);
        assert_true(lines > 100);
        rvemu_explain_free(explain);
    }
}

/* ---- going back ---- */

#define STATES 5

struct said {
    char *text;
    size_t size;
    FILE *to;
};

static void keep_line(void *arg, const char *line)
{
    fprintf(((struct said *)arg)->to, "%s\n", line);
}

static struct rvemu_explain *new_explain(struct said *said, u64 seed)
{
    const struct rvemu_explain_options options = {
        .line = keep_line,
        .arg = said,
        .full = seed & 1,
        .json = seed & 2,
        .check = {seed & 4 ? RVEMU_CHECK_MAY : 0},
        .frames = &frames};

    said->to = open_memstream(&said->text, &said->size);
    return rvemu_explain_new(&options);
}

static void finish(struct said *said, struct rvemu_explain *explain)
{
    rvemu_explain_finish(explain);
    rvemu_explain_free(explain);
    fclose(said->to);
}

/* Goes back and forth: what was fed behind a state is fed again. */
static void feed_to_and_fro(struct rvemu_explain *explain,
                            const struct rvemu_event *events)
{
    void *saved[STATES] = {NULL};
    unsigned at[STATES] = {0};

    for (unsigned i = 0; i < EVENTS; i++) {
        unsigned k = (unsigned)random_below(STATES);

        if (random_below(300) == 0) {
            rvemu_explain_drop(explain, saved[k]);
            saved[k] = rvemu_explain_save(explain);
            assert_non_null(saved[k]);
            at[k] = i;
        } else if (random_below(3000) == 0 && saved[k]) {
            rvemu_explain_restore(explain, saved[k]);
            i = at[k];
        }
        rvemu_explain_feed(explain, &events[i]);
    }
    for (unsigned k = 0; k < STATES; k++)
        rvemu_explain_drop(explain, saved[k]);
}

static void what_is_known_goes_back_and_what_is_said_does_not(void **unused)
{
    struct rvemu_event *events = calloc(EVENTS, sizeof(*events));
    struct said straight, crooked;
    struct rvemu_explain *explain;

    for (u64 seed = 0; seed < 8; seed++) {
        state = seed;
        for (unsigned i = 0; i < EVENTS; i++) {
            events[i] = random_event();
            events[i].time = i * 20000ull;
        }
        explain = new_explain(&straight, seed);
        for (unsigned i = 0; i < EVENTS; i++)
            rvemu_explain_feed(explain, &events[i]);
        finish(&straight, explain);
        explain = new_explain(&crooked, seed);
        feed_to_and_fro(explain, events);
        finish(&crooked, explain);
        assert_true(straight.size > 10000);
        assert_string_equal(straight.text, crooked.text);
        free(straight.text);
        free(crooked.text);
    }
    free(events);
}

static void another_future_is_told(void **unused)
{
    struct said said;
    struct rvemu_explain *explain = new_explain(&said, 3);
    size_t before, again;
    void *saved = NULL;

    state = 1;
    for (unsigned i = 0; i < 2000; i++) {
        struct rvemu_event event = random_event();

        event.time = i * 100000ull;
        rvemu_explain_feed(explain, &event);
        if (i == 1000)
            saved = rvemu_explain_save(explain);
    }
    fflush(said.to);
    before = said.size;
    rvemu_explain_restore(explain, saved);
    rvemu_explain_cut(explain);
    for (unsigned i = 0; i < 900; i++) {
        struct rvemu_event event = random_event();

        event.time = (1001 + i) * 100000ull;
        rvemu_explain_feed(explain, &event);
    }
    fflush(said.to);
    again = said.size;
    assert_true(again > before + 1000);
    rvemu_explain_drop(explain, saved);
    finish(&said, explain);
    free(said.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nonsense_is_survived),
        cmocka_unit_test(what_is_known_goes_back_and_what_is_said_does_not),
        cmocka_unit_test(another_future_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
