/*
 * Unit tests of the explainer's short form as a whole: what its lines say in
 * sum is what those of the full form say one by one.
 */
#include "fake_kernel.h"

#include "analysis/folds.h"

#define BASE_VA 0x100000ull

#define PAGES 24
#define SIDES 3
#define TALLIES 16

/* What lines say of the pages of a space, in sum. */
struct tally {
    char who[NAME_TEXT];
    u64 copies;
    u64 reuses;
};

static struct {
    struct world w;
    u64 root[SIDES];
    unsigned holders[FRAMES];
    struct tally tally[TALLIES];
    unsigned tallies;
    unsigned lines; /* about pages */
    u64 random;
} t;

static struct tally *tally_of(const char *line)
{
    size_t length = (size_t)(strstr(line, " stores to ") - line);
    struct tally *tally = t.tally;

    assert_true(length < NAME_TEXT);
    while (tally < t.tally + t.tallies &&
           (strncmp(tally->who, line, length) || tally->who[length]))
        tally++;
    if (tally == t.tally + t.tallies) {
        assert_true(t.tallies++ < TALLIES);
        memcpy(tally->who, line, length);
    }
    return tally;
}

/* The pages that a line is about. */
static u64 pages_of(const char *line)
{
    const char *words = strstr(line, " stores to ");
    unsigned pages, all;
    unsigned long long from, to;

    if (sscanf(words, " stores to %u of %u pages, 0x%llx to 0x%llx", &pages,
               &all, &from, &to) == 4) {
        assert_int_equal(to + 1 - from, all * 4096ull);
        assert_true(pages < all);
        return pages;
    }
    if (sscanf(words, " stores to %u pages, 0x%llx to 0x%llx", &pages, &from,
               &to) != 3)
        return 1;
    assert_int_equal(to + 1 - from, pages * 4096ull);
    return pages;
}

static void add_line(void *arg, const char *line)
{
    if (!strstr(line, " stores to "))
        return;
    t.lines++;
    if (strstr(line, "copies"))
        tally_of(line)->copies += pages_of(line);
    else if (strstr(line, "no copy, W=1 again"))
        tally_of(line)->reuses += pages_of(line);
    else
        fail_msg("%s", line);
}

static u64 draw(u64 below)
{
    t.random = t.random * 6364136223846793005ull + 1442695040888963407ull;
    return (t.random >> 33) % below;
}

static u64 page_va(u64 page)
{
    return BASE_VA + page * 4096;
}

static unsigned *holders_of(u64 root, u64 page)
{
    return &t.holders[frame_at(&t.w, root, page_va(page)) - BASE];
}

static u64 fork_pages(u64 parent)
{
    u64 child = new_frame(&t.w);

    ecall(&t.w, FORK_PC);
    for (u64 page = 0; page < PAGES; page++) {
        u64 pte = leaf(&t.w, parent, page_va(page)) & ~PTE_W;

        ++*holders_of(parent, page);
        set_leaf(&t.w, parent, page_va(page), 0, pte);
        set_leaf(&t.w, child, page_va(page), 0, pte);
    }
    EMIT(&t.w, xret, FORK_PC + 4, 0);
    run(&t.w, child);
    run(&t.w, parent);
    return child;
}

static void store_to(u64 root, u64 page)
{
    unsigned *holders = holders_of(root, page);

    if (leaf(&t.w, root, page_va(page)) & PTE_W)
        return;
    if (*holders == 1) {
        reuse_store(&t.w, root, page_va(page) + 8);
        return;
    }
    --*holders;
    cow_store(&t.w, root, page_va(page) + 8);
    *holders_of(root, page) = 1;
}

/* A parent and two children, which share PAGES pages. */
static void open_family(bool full, u64 seed)
{
    memset(&t, 0, sizeof(t));
    t.random = seed;
    t.w.options =
        (struct rvemu_explain_options){.line = add_line, .full = full};
    t.w.folds = true;
    t.w.explain = rvemu_explain_new(&t.w.options);
    assert_non_null(t.w.explain);
    t.root[0] = new_frame(&t.w);
    for (u64 page = 0; page < PAGES; page++) {
        map_page(&t.w, t.root[0], page_va(page), new_frame(&t.w), RW);
        *holders_of(t.root[0], page) = 1;
    }
    run(&t.w, t.root[0]);
    for (unsigned side = 1; side < SIDES; side++)
        t.root[side] = fork_pages(t.root[0]);
}

/* Spaces that store to runs of pages, up and down, in turns, with pauses. */
static void play(bool full, u64 seed)
{
    u64 at[SIDES] = {0}, step[SIDES] = {0}, left[SIDES] = {0};

    open_family(full, seed);
    for (unsigned i = 0; i < 400; i++) {
        u64 side = draw(SIDES);

        run(&t.w, t.root[side]);
        for (u64 turn = 1 + draw(6); turn; turn--) {
            if (!left[side]) {
                left[side] = 1 + draw(12);
                at[side] = draw(PAGES);
                step[side] = draw(2) ? 1 : PAGES - 1;
            }
            left[side]--;
            at[side] = (at[side] + step[side]) % PAGES;
            store_to(t.root[side], at[side]);
        }
        if (!draw(20))
            t.w.time += 2 * FOLDS_HOLD;
        if (!draw(20))
            rvemu_explain_flush(t.w.explain);
    }
    rvemu_explain_finish(t.w.explain);
    world_close(&t.w);
}

static void the_short_form_adds_up_to_the_full_one(void **state)
{
    for (u64 seed = 1; seed <= 40; seed++) {
        struct tally full[TALLIES];
        unsigned tallies, lines;

        play(true, seed);
        memcpy(full, t.tally, sizeof(full));
        tallies = t.tallies;
        lines = t.lines;
        play(false, seed);
        assert_true(lines > PAGES && t.lines < lines);
        assert_int_equal(t.tallies, tallies);
        for (unsigned i = 0; i < tallies; i++) {
            const struct tally *tally = t.tally;

            while (strcmp(tally->who, full[i].who))
                assert_true(++tally < t.tally + tallies);
            assert_int_equal(tally->copies, full[i].copies);
            assert_int_equal(tally->reuses, full[i].reuses);
        }
    }
}

/* A parent and a child fill the same array, one after the other and in turns.
 */
static void both_sides_fill_an_array(void **state)
{
    for (unsigned in_turns = 0; in_turns < 2; in_turns++) {
        struct rvemu_cow_totals sum;

        open_family(false, 1);
        for (u64 i = 0; i < 2 * PAGES; i++) {
            u64 side = in_turns ? i % 2 : i / PAGES;

            run(&t.w, t.root[side]);
            store_to(t.root[side], in_turns ? i / 2 : i % PAGES);
        }
        rvemu_explain_finish(t.w.explain);
        sum = totals(&t.w);
        assert_int_equal(sum.copies, 2 * PAGES);
        assert_int_equal(t.lines, 2);
        assert_int_equal(t.tally[0].copies, PAGES);
        assert_int_equal(t.tally[1].copies, PAGES);
        world_close(&t.w);
    }
}

/* What the guest prints comes behind what it did before. */
static void a_run_is_told_before_the_guest_prints(void **state)
{
    open_family(false, 1);
    for (u64 page = 0; page < 10; page++)
        store_to(t.root[0], page);
    assert_int_equal(t.lines, 0);
    rvemu_explain_flush(t.w.explain);
    assert_int_equal(t.lines, 1);
    for (u64 page = 10; page < 20; page++)
        store_to(t.root[0], page);
    settle(&t.w);
    assert_int_equal(t.lines, 2);
    world_close(&t.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_short_form_adds_up_to_the_full_one),
        cmocka_unit_test(both_sides_fill_an_array),
        cmocka_unit_test(a_run_is_told_before_the_guest_prints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
