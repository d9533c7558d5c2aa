/*
 * Unit tests of emu/analysis/cow.h: what counts as a fork, a copy, a reuse,
 * and what does not, in the orders in which kernels do it.
 */
#include "fake_kernel.h"

#include "analysis/kinship.h"

static void check(struct world *w, u64 forks, u64 shared, u64 protected,
                  u64 copies, u64 reuses)
{
    struct rvemu_cow_totals sum = totals(w);

    assert_int_equal(sum.forks, forks);
    assert_int_equal(sum.shared, shared);
    assert_int_equal(sum.protected, protected);
    assert_int_equal(sum.copies, copies);
    assert_int_equal(sum.reuses, reuses);
    assert_int_equal(sum.broken, 0);
}

static struct world w;

static void child_stores_first(void **state)
{
    u64 parent, child;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    check(&w, 0, 0, 0, 0, 0);
    run(&w, child);
    check(&w, 1, 4, 3, 0, 0);
    cow_store(&w, child, data_va + 0x10);
    check(&w, 1, 4, 3, 1, 0);
    run(&w, parent);
    reuse_store(&w, parent, data_va + 0x10);
    check(&w, 1, 4, 3, 1, 1);
    reuse_store(&w, parent, data_va + 0x10); /* W was there: not counted */
    check(&w, 1, 4, 3, 1, 1);
    world_close(&w);
}

static void parent_stores_before_the_child_is_seen(void **state)
{
    u64 parent, child;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    cow_store(&w, parent, stack_va + 8);
    cow_store(&w, parent, data_va);
    check(&w, 0, 0, 0, 2, 0);
    run(&w, child);
    check(&w, 1, 4, 3, 2, 0);
    reuse_store(&w, child, data_va);
    reuse_store(&w, child, stack_va);
    cow_store(&w, child, more_va);
    run(&w, parent);
    reuse_store(&w, parent, more_va);
    check(&w, 1, 4, 3, 3, 3);
    world_close(&w);
}

static void two_children_of_one_parent(void **state)
{
    u64 parent, first, second;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    first = fork_cow(&w, parent);
    cow_store(&w, parent, stack_va);
    second = fork_cow(&w, parent);
    cow_store(&w, parent, stack_va);
    run(&w, first);
    run(&w, second);
    check(&w, 2, 8, 6, 2, 0);
    rvemu_explain_finish(w.explain);
    assert_string_equal(w.line[w.lines - 3],
                        "  space 1 -> space 2: 4 pages shared, 3 protected, 1 "
                        "copied, 0 kept; by the page tables as they are now, "
                        "1 page is in two frames and 2 in one");
    assert_non_null(strstr(w.line[w.lines - 2], "space 1 -> space 3"));
    world_close(&w);
}

static void a_page_forked_again_stays_shared(void **state)
{
    u64 parent, child, grandchild;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    grandchild = fork_cow(&w, child); /* no W left to clear */
    run(&w, grandchild);
    check(&w, 2, 8, 6, 0, 0);
    cow_store(&w, grandchild, data_va);
    cow_store(&w, child, data_va);
    run(&w, parent);
    reuse_store(&w, parent, data_va);
    check(&w, 2, 8, 6, 2, 1);
    world_close(&w);
}

/* Brothers that store nothing look like their parent, who alone made the
 * call that the next one returns from. */
static void brothers_are_no_parents(void **state)
{
    u64 parent, first, second;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    first = fork_cow(&w, parent);
    second = fork_cow(&w, parent);
    run(&w, first);
    ecall(&w, 0x10500); /* it exits */
    run(&w, second);
    check(&w, 2, 8, 6, 0, 0);
    settle(&w);
    assert_memory_equal(w.line[0], "space 1 forks space 2", 21);
    assert_memory_equal(w.line[1], "space 1 forks space 3", 21);
    world_close(&w);
}

static void unmap_then_map(void **state)
{
    u64 parent, child, pte, frame, old;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    pte = store_fault(&w, child, data_va);
    old = pte_frame(pte, 0);
    frame = new_frame(&w);
    set_leaf(&w, child, data_va, 0, 0);
    EMIT(&w, frame_copied, child, data_va,
         table_for(&w, child, data_va, 0) << 12 | 0x12 << 3, old, frame);
    map_page(&w, child, data_va, frame, RW);
    EMIT(&w, xret, 0x10200, 0);
    check(&w, 1, 4, 3, 1, 0);
    run(&w, parent);
    pte = store_fault(&w, parent, data_va);
    set_leaf(&w, parent, data_va, 0, 0);
    set_leaf(&w, parent, data_va, 0, pte | PTE_W);
    EMIT(&w, xret, 0x10200, 0);
    check(&w, 1, 4, 3, 1, 1);
    assert_int_equal(totals(&w).refused, 0);
    assert_int_equal(totals(&w).first_touches, 0);
    world_close(&w);
}

/* A page unmapped by one call and mapped anew at its next touch is no copy,
 * though the frames be equal, for both are zero. */
static void mapped_anew_is_no_copy(void **state)
{
    u64 parent, child, grandchild, old, frame;

    world_open(&w, true);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    old = frame_at(&w, child, data_va);
    set_leaf(&w, child, data_va, 0, 0); /* munmap */
    EMIT(&w, xret, 0x10300, 0);
    fault(&w, child, data_va, RVEMU_ACCESS_STORE, RVEMU_REASON_INVALID);
    frame = new_frame(&w);
    EMIT(&w, frame_copied, child, data_va,
         table_for(&w, child, data_va, 0) << 12 | 0x12 << 3, old, frame);
    map_page(&w, child, data_va, frame, RW);
    check(&w, 1, 4, 3, 0, 0);
    assert_int_equal(totals(&w).private_copies, 0);
    assert_int_equal(totals(&w).first_touches, 1);
    /* The new page is as good as any: forked and copied, it counts. */
    grandchild = fork_cow(&w, child);
    run(&w, grandchild);
    cow_store(&w, grandchild, data_va);
    check(&w, 2, 8, 6, 1, 0);
    /* The same by a kernel that fills in pages ahead of any fault. */
    set_leaf(&w, child, more_va, 0, 0);
    EMIT(&w, xret, 0x10300, 0);
    old = frame_at(&w, parent, more_va);
    frame = new_frame(&w);
    EMIT(&w, frame_copied, child, more_va,
         table_for(&w, child, more_va, 0) << 12 | 0x13 << 3, old, frame);
    map_page(&w, child, more_va, frame, RW);
    check(&w, 2, 8, 6, 1, 0);
    world_close(&w);
}

static void the_kernel_copies_without_a_fault(void **state)
{
    u64 parent, child;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    copy_page(&w, child, data_va);
    check(&w, 1, 4, 3, 1, 0);
    assert_int_equal(totals(&w).kernel_copies, 1);
    cow_store(&w, child, more_va);
    assert_int_equal(totals(&w).kernel_copies, 1);
    run(&w, parent);
    ecall(&w, 0x10500);
    set_leaf(&w, parent, data_va, 0, leaf(&w, parent, data_va) | PTE_W);
    check(&w, 1, 4, 3, 2, 1);
    world_close(&w);
}

static void writable_while_shared_is_broken(void **state)
{
    u64 parent, child;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    reuse_store(&w, child, data_va);
    assert_int_equal(totals(&w).broken, 1);
    assert_int_equal(totals(&w).reuses, 0);
    run(&w, parent);
    assert_string_equal(w.line[w.lines - 1],
                        "space 2 stores to 0x12000. W=1 again and no copy, "
                        "though space 1 maps #80004 too: space 1 sees what is "
                        "stored.");
    reuse_store(&w, parent, more_va);
    settle(&w); /* the child may have ended */
    assert_string_equal(w.line[w.lines - 1],
                        "space 1 stores to 0x13000. W=1 again and no copy, and "
                        "space 2 maps #80005 still.");
    world_close(&w);
}

/* It is the parent that has a page of its own by then, and not the child: a
 * brother has left the page before them. */
static void a_parent_may_be_the_second_to_copy(void **state)
{
    u64 parent, first, second;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    first = fork_cow(&w, parent);
    second = fork_cow(&w, parent);
    run(&w, first);
    cow_store(&w, first, data_va);
    run(&w, parent);
    cow_store(&w, parent, data_va);
    run(&w, second);
    check(&w, 2, 8, 6, 2, 0);
    settle(&w);
    assert_memory_equal(w.line[2],
                        "space 1 forks space 3. Nothing is copied: both use "
                        "the same 4 frames. ",
                        70);
    rvemu_explain_finish(w.explain);
    assert_non_null(strstr(w.line[w.lines - 3],
                           "space 1 -> space 2: 4 pages shared, 3 protected, 1 "
                           "copied"));
    assert_non_null(strstr(w.line[w.lines - 2],
                           "space 1 -> space 3: 4 pages shared, 3 protected, 1 "
                           "copied"));
    world_close(&w);
}

static u64 fork_eager(u64 parent)
{
    u64 child = new_frame(&w);

    map_page(&w, child, text_va, frame_at(&w, parent, text_va), RX);
    map_page(&w, child, data_va, new_frame(&w), RW);
    map_page(&w, child, more_va, new_frame(&w), RW);
    map_page(&w, child, stack_va, new_frame(&w), RW);
    return child;
}

static void an_eager_fork_is_no_cow(void **state)
{
    u64 parent, child;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    ecall(&w, FORK_PC);
    child = fork_eager(parent);
    run(&w, child);
    check(&w, 0, 0, 0, 0, 0);
    assert_int_equal(totals(&w).eager_forks, 0); /* one return so far */
    run(&w, parent);
    assert_int_equal(totals(&w).eager_forks, 1);
    assert_int_equal(totals(&w).eager_pages, 3);
    assert_int_equal(w.lines, 1);
    assert_string_equal(w.line[0], "space 1 forks space 2. Both use the same 1 "
                                   "frame; at 3 pages space 2 has its own.");
    world_close(&w);
}

/* A process that goes on in a root of its own has not forked. */
static void a_process_moved_is_no_fork(void **state)
{
    u64 first, second;

    world_open(&w, false);
    first = new_program(&w);
    run(&w, first);
    ecall(&w, FORK_PC);
    second = fork_eager(first);
    run(&w, second);
    settle(&w);
    assert_int_equal(w.lines, 1);
    assert_memory_equal(w.line[0],
                        "space 2 begins after an ecall of space 1, as a "
                        "forked child does. Both use",
                        74);
    assert_int_equal(totals(&w).eager_forks, 0);
    run(&w, first); /* late, it has forked after all */
    assert_int_equal(totals(&w).eager_forks, 1);
    settle(&w);
    assert_int_equal(w.lines, 1);
    world_close(&w);
}

/* The same program started anew looks alike, but starts at its entry. */
static void an_exec_is_no_fork(void **state)
{
    u64 first, second;

    world_open(&w, false);
    first = new_program(&w);
    run(&w, first);
    ecall(&w, FORK_PC);
    second = fork_eager(first);
    run_at(&w, second, text_va);
    check(&w, 0, 0, 0, 0, 0);
    assert_int_equal(totals(&w).eager_forks, 0);
    run(&w, second); /* only its first start counts */
    run(&w, first);
    assert_int_equal(totals(&w).eager_forks, 0);
    world_close(&w);
}

static void text_is_shared_and_never_copied(void **state)
{
    u64 parent, child;
    struct rvemu_spaces_totals sum;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    cow_store(&w, child, data_va);
    cow_store(&w, child, more_va);
    cow_store(&w, child, stack_va);
    rvemu_explain_spaces_totals(w.explain, &sum);
    assert_int_equal(sum.roots, 2);
    assert_int_equal(sum.mappings, 8);
    assert_int_equal(sum.frames, 7);
    assert_int_equal(sum.shared, 1);
    assert_int_equal(frame_at(&w, parent, text_va),
                     frame_at(&w, child, text_va));
    world_close(&w);
}

/* One table below both roots: a write to it is a write to both spaces. */
static void a_shared_kernel_half_counts_for_nobody(void **state)
{
    const u64 kernel_va = 0xffffffc000000000;
    u64 parent, child, half;
    struct rvemu_spaces_totals sum;

    world_open(&w, false);
    half = new_frame(&w);
    parent = new_program(&w);
    entries(&w, parent)[kernel_va >> 30 & 511] = half << 10 | PTE_V;
    entries(&w, half)[0] = BASE << 10 | PTE_V | RW;
    run(&w, parent);
    child = fork_cow(&w, parent);
    entries(&w, child)[kernel_va >> 30 & 511] = half << 10 | PTE_V;
    run(&w, child);
    check(&w, 1, 4, 3, 0, 0);
    store(&w, parent, half, 1, kernel_va, 0);
    end_space(&w, child);
    store(&w, parent, half, 1, kernel_va, BASE << 10 | PTE_V | RW);
    rvemu_explain_spaces_totals(w.explain, &sum);
    assert_int_equal(sum.roots, 1);
    assert_int_equal(sum.mappings, 4);
    assert_int_equal(sum.shared, 0);
    check(&w, 1, 4, 3, 0, 0);
    world_close(&w);
}

/* A private copy is routine, but not of program text. */
static void text_that_is_copied_is_told(void **state)
{
    u64 root, old, frame;

    world_open(&w, false);
    root = new_program(&w);
    map_page(&w, root, 0x14000, new_frame(&w), PTE_R);
    run(&w, root);
    cow_store(&w, root, 0x14000);
    settle(&w);
    assert_int_equal(w.lines, 0);
    old = frame_at(&w, root, text_va);
    frame = new_frame(&w);
    store_fault(&w, root, text_va);
    EMIT(&w, frame_copied, root, text_va,
         table_for(&w, root, text_va, 0) << 12 | (text_va >> 12) % 512 << 3,
         old, frame);
    map_page(&w, root, text_va, frame, RX | PTE_W);
    settle(&w);
    assert_non_null(strstr(w.line[0], "The kernel copies #80001 to "));
    assert_non_null(strstr(w.line[0], "(r-x → rwx)."));
    assert_int_equal(w.lines, 1);
    world_close(&w);
}

static void a_superpage_counts_its_pages(void **state)
{
    const u64 va = 0x40000000, big = 0x90000;
    const u64 flags = PTE_V | PTE_U | PTE_R;
    u64 parent, child;

    world_open(&w, false);
    parent = new_program(&w);
    set_leaf(&w, parent, va, 1, big << 10 | flags | PTE_W);
    run(&w, parent);
    child = fork_cow(&w, parent);
    set_leaf(&w, parent, va, 1, big << 10 | flags);
    set_leaf(&w, child, va, 1, big << 10 | flags);
    run(&w, child);
    check(&w, 1, 4 + 512, 3 + 512, 0, 0);
    EMIT(&w, frame_copied, child, va, table_for(&w, child, va, 1) << 12 | 0,
         big, big + 512);
    set_leaf(&w, child, va, 1, (big + 512) << 10 | flags | PTE_W);
    check(&w, 1, 516, 515, 1, 0);
    settle(&w);
    assert_non_null(strstr(w.line[w.lines - 1], "is copied to #90200"));
    world_close(&w);
}

static void a_frame_reused_after_exit_starts_over(void **state)
{
    u64 parent, child, other, frame;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    frame = frame_at(&w, child, data_va);
    run(&w, parent);
    end_space(&w, child);
    reuse_store(&w, parent, data_va);
    check(&w, 1, 4, 3, 0, 1);
    end_space(&w, parent);
    other = new_program(&w);
    map_page(&w, other, data_va, frame, PTE_R);
    run(&w, other);
    store_fault(&w, other, data_va);
    copy_page(&w, other, data_va);
    check(&w, 1, 4, 3, 0, 1);
    assert_int_equal(totals(&w).private_copies, 1);
    world_close(&w);
}

static void a_parent_that_is_gone(void **state)
{
    u64 parent, child, other;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    other = new_frame(&w);
    run_at(&w, other, text_va);
    end_space(&w, parent);
    run(&w, child);
    check(&w, 1, 3, 3, 0, 0);
    settle(&w);
    assert_memory_equal(w.line[0],
                        "A space that is gone, space 1, had forked "
                        "space 3. Nothing is copied: both",
                        74);
    reuse_store(&w, child, data_va);
    check(&w, 1, 3, 3, 0, 1);
    world_close(&w);
}

static void a_root_used_again_is_another_space(void **state)
{
    u64 parent, child;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    run(&w, parent);
    end_space(&w, child);
    w.next = (unsigned)(child - BASE); /* the same frame is given out */
    assert_int_equal(fork_cow(&w, parent), child);
    run(&w, child);
    check(&w, 2, 8, 6, 0, 0);
    world_close(&w);
}

/* An entry of a NAPOT range is the page that it maps by itself. */
static void napot_entries_are_pages(void **state)
{
    const u64 n = 1ull << 63, flags = 0xd7;
    const u64 range = n | (0x80400 | 8) << 10 | flags;

    for (u64 i = 0; i < 16; i++)
        assert_int_equal(pte_alone(range, 0, 0x80012380 + 8 * i),
                         (0x80400 + i) << 10 | flags);
    assert_int_equal(pte_alone(0x80405 << 10 | flags, 0, 0x80012380),
                     0x80405 << 10 | flags);
    assert_int_equal(pte_alone(n | 1, 0, 0x80012380), n | 1);
    assert_int_equal(pte_alone(range, 1, 0x80012380), range);
}

/* It takes the place of the latest call, since all others protected pages. */
static void an_ecall_at_0_is_no_call(void **state)
{
    static struct table root;

    for (unsigned i = 0; i < SPACE_CALLS; i++) {
        calls_add(&root, 0x1000 + 4 * i, i + 1);
        root.last_call->protects = i + 1 < SPACE_CALLS;
    }
    calls_add(&root, 0, SPACE_CALLS + 1);
    assert_ptr_equal(root.last_call, calls_last(root.call));
    assert_int_equal(root.last_call->pc, 0x1000 + 4 * (SPACE_CALLS - 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(child_stores_first),
        cmocka_unit_test(parent_stores_before_the_child_is_seen),
        cmocka_unit_test(two_children_of_one_parent),
        cmocka_unit_test(a_page_forked_again_stays_shared),
        cmocka_unit_test(brothers_are_no_parents),
        cmocka_unit_test(unmap_then_map),
        cmocka_unit_test(mapped_anew_is_no_copy),
        cmocka_unit_test(the_kernel_copies_without_a_fault),
        cmocka_unit_test(writable_while_shared_is_broken),
        cmocka_unit_test(a_parent_may_be_the_second_to_copy),
        cmocka_unit_test(an_eager_fork_is_no_cow),
        cmocka_unit_test(a_process_moved_is_no_fork),
        cmocka_unit_test(an_exec_is_no_fork),
        cmocka_unit_test(text_is_shared_and_never_copied),
        cmocka_unit_test(a_shared_kernel_half_counts_for_nobody),
        cmocka_unit_test(text_that_is_copied_is_told),
        cmocka_unit_test(a_superpage_counts_its_pages),
        cmocka_unit_test(a_frame_reused_after_exit_starts_over),
        cmocka_unit_test(a_parent_that_is_gone),
        cmocka_unit_test(a_root_used_again_is_another_space),
        cmocka_unit_test(napot_entries_are_pages),
        cmocka_unit_test(an_ecall_at_0_is_no_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
