/*
 * Unit tests of the explainer: every sentence, in the order of events, and
 * that marks lend names and decide nothing.
 */
#include "fake_kernel.h"

#include <inttypes.h>
#include <stdlib.h>

static struct world w;

static const char *last(void)
{
    settle(&w);
    assert_true(w.lines > 0);
    return w.line[w.lines - 1];
}

static u64 name_word(const char *name)
{
    u64 word = 0;

    memcpy(&word, name, strlen(name));
    return word;
}

static void remark(unsigned id, u64 a0, u64 a1, u64 a2, u64 a3)
{
    mark_event(&w, 1, id, a0, a1, a2, a3);
}

static void marks_begin(void)
{
    remark(MARK_VERSION, MARK_MAGIC, MARK_ABI, 0, 0);
}

/* pid 3 forks pid 4, which stores first; both named. */
static void the_story_of_a_page(void **state)
{
    u64 parent, child;

    world_open(&w, false);
    parent = new_program(&w);
    marks_begin();
    remark(MARK_EXEC, 3, SV39 | parent, name_word("cow"), 0);
    remark(MARK_AREA, 3, data_va, data_va + 0x2000, MARK_AREA_DATA);
    remark(MARK_AREA, 3, stack_va, stack_va + 0x1000, MARK_AREA_STACK);
    run(&w, parent);
    child = fork_cow(&w, parent);
    remark(MARK_FORK, 3, 4, SV39 | child, 0);
    cow_store(&w, parent, stack_va + 0x10);
    assert_int_equal(w.lines, 0);
    run(&w, child);
    assert_int_equal(w.lines, 2);
    assert_string_equal(w.line[0],
                        "pid 3 (cow) forks pid 4 (cow). Nothing is copied: "
                        "both use the same 4 frames. 3 were writable; both "
                        "sides lose W there, so the first store to each will "
                        "fault.");
    assert_string_equal(w.line[1],
                        "pid 3 stores to 0x3ffffff010 (stack). The page is "
                        "shared with pid 4, so W=0: page fault. The kernel "
                        "copies it to #8000e for pid 3 (r-- → rw-); pid 4 "
                        "keeps #80006.");
    cow_store(&w, child, data_va + 0x10);
    assert_int_equal(w.lines, 3);
    assert_string_equal(last(),
                        "pid 4 stores to 0x12010 (data). The page is shared "
                        "with pid 3, so W=0: page fault. The kernel copies it "
                        "to #8000f for pid 4 (r-- → rw-); pid 3 keeps "
                        "#80004.");
    run(&w, parent);
    reuse_store(&w, parent, data_va + 0x20);
    assert_string_equal(last(),
                        "pid 3 stores to 0x12020 (data). W is still 0 "
                        "from the fork, but nobody shares #80004 any more: no "
                        "copy, W=1 again.");
    world_close(&w);
}

static void many_others_are_counted(void **state)
{
    u64 parent, child[3];

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    for (unsigned i = 0; i < 3; i++) {
        child[i] = fork_cow(&w, parent);
        run(&w, child[i]);
        run(&w, parent);
    }
    cow_store(&w, child[1], data_va);
    assert_non_null(strstr(last(), "The page is shared with 3 others, so"));
    assert_non_null(strstr(last(), "(r-- → rw-); they keep #80004."));
    world_close(&w);
}

static void first_touches_are_for_the_full_form(void **state)
{
    for (unsigned full = 0; full < 2; full++) {
        u64 root, text;

        world_open(&w, full);
        root = new_program(&w);
        run(&w, root);
        fault(&w, root, 0x14008, RVEMU_ACCESS_LOAD, RVEMU_REASON_INVALID);
        map_page(&w, root, 0x14000, 0x80100, PTE_R);
        EMIT(&w, xret, 0x10200, 0);
        text = frame_at(&w, root, text_va);
        fault(&w, root, 0x15000, RVEMU_ACCESS_FETCH, RVEMU_REASON_INVALID);
        map_page(&w, root, 0x15000, text, RX);
        EMIT(&w, xret, 0x15000, 0);
        assert_int_equal(w.lines, full ? 2 : 0);
        assert_int_equal(totals(&w).first_touches, 2);
        if (full) {
            assert_string_equal(w.line[0],
                                "space 1 loads from 0x14008: nothing is mapped "
                                "there. The kernel maps #80100 (r--).");
            assert_string_equal(w.line[1],
                                "space 1 fetches from 0x15000: nothing is "
                                "mapped there. The kernel maps #80001 (r-x).");
        }
        world_close(&w);
    }
}

/* A missing leaf table is filled before it is linked: one pte_found. */
static void a_table_linked_whole_answers(void **state)
{
    const u64 va = 0x80000000;
    u64 root, middle, low;

    world_open(&w, true);
    root = new_program(&w);
    run(&w, root);
    emit_at(&w,
            (struct rvemu_event){
                .kind = RVEMU_EVENT_page_fault,
                .page_fault = {va, RVEMU_ACCESS_STORE, RVEMU_REASON_INVALID, 2,
                               root << 12 | 2 << 3, 0, SV39 | root, 0}},
            0, 0x10200);
    middle = new_frame(&w);
    low = new_frame(&w);
    entries(&w, middle)[0] = low << 10 | PTE_V;
    entries(&w, low)[0] = 0x80123ull << 10 | PTE_V | PTE_U | RW;
    store(&w, root, root, 2, va, middle << 10 | PTE_V);
    assert_string_equal(last(), "space 1 stores to 0x80000000: nothing is "
                                "mapped there. The kernel maps #80123 (rw-).");
    world_close(&w);
}

static void refusals(void **state)
{
    static const char to_text[] =
        "space 1 stores to 0x10008. The page is r-x and no fork made it so: "
        "this is no copy-on-write. The kernel refuses: space 1 ";
    u64 root;

    world_open(&w, false);
    root = new_program(&w);
    run(&w, root);
    /* A signal handler runs instead. */
    store_fault(&w, root, text_va + 8);
    EMIT(&w, xret, 0x10300, 0);
    assert_memory_equal(last(), to_text, strlen(to_text));
    assert_non_null(strstr(last(), "space 1 goes on at 0x10300."));
    /* Another process runs and the waiting one is not answered yet. */
    store_fault(&w, root, text_va + 8);
    run(&w, new_frame(&w));
    assert_int_equal(w.lines, 1);
    /* It is killed: its pages go. */
    end_space(&w, root);
    assert_memory_equal(last(), "space 1 ends: 4 pages", 21);
    assert_int_equal(w.lines, 3);
    assert_memory_equal(w.line[1], to_text, strlen(to_text));
    assert_non_null(strstr(w.line[1], "space 1 ends."));
    assert_int_equal(totals(&w).refused, 2);
    world_close(&w);
    /* Addresses that nothing is at. */
    world_open(&w, false);
    root = new_program(&w);
    run(&w, root);
    fault(&w, root, 0x14000, RVEMU_ACCESS_LOAD, RVEMU_REASON_INVALID);
    EMIT(&w, xret, 0x10300, 0);
    assert_string_equal(last(), "space 1 loads from 0x14000: nothing is mapped "
                                "there. The kernel refuses: space 1 goes on at "
                                "0x10300.");
    fault(&w, root, 8, RVEMU_ACCESS_LOAD, RVEMU_REASON_INVALID);
    EMIT(&w, xret, 0x10300, 0);
    assert_string_equal(last(),
                        "space 1 loads from address 0x8, a null pointer: "
                        "nothing is mapped there. The kernel refuses: space 1 "
                        "goes on at 0x10300.");
    world_close(&w);
}

static void spurious_faults(void **state)
{
    struct rvemu_event event = {.kind = RVEMU_EVENT_page_fault};
    u64 root;

    world_open(&w, true);
    root = new_program(&w);
    run(&w, root);
    event.page_fault =
        (struct rvemu_ev_page_fault){data_va,
                                     RVEMU_ACCESS_STORE,
                                     RVEMU_REASON_NOT_WRITABLE,
                                     0,
                                     0x80002090,
                                     leaf(&w, root, data_va) & ~PTE_W,
                                     SV39 | root,
                                     1};
    emit_at(&w, event, 0, 0x10200);
    EMIT(&w, xret, 0x10200, 0);
    assert_string_equal(last(),
                        "space 1 stores to 0x12000: the page is not writable "
                        "(r--). The kernel changes the entry, from #80004 r-- "
                        "to #80004 rw-.");
    assert_int_equal(totals(&w).spurious, 1);
    event.page_fault.va = more_va;
    event.page_fault.reason = RVEMU_REASON_D_CLEAR;
    event.page_fault.pte = leaf(&w, root, more_va);
    emit_at(&w, event, 0, 0x10200);
    EMIT(&w, xret, 0x10200, 0);
    assert_string_equal(last(), "space 1 stores to 0x13000: D is 0. It is "
                                "tried again, and no entry had to change: the "
                                "TLB had an old one.");
    assert_int_equal(totals(&w).spurious, 2);
    world_close(&w);
}

/* The kernel has answered, and forgot the fence: the TLB refuses for ever. */
static void an_answer_without_a_fence(void **state)
{
    struct rvemu_event event = {.kind = RVEMU_EVENT_page_fault};
    u64 parent, child;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    event.page_fault = (struct rvemu_ev_page_fault){data_va,
                                                    RVEMU_ACCESS_STORE,
                                                    RVEMU_REASON_NOT_WRITABLE,
                                                    0,
                                                    0x80002090,
                                                    leaf(&w, child, data_va),
                                                    SV39 | child,
                                                    1};
    for (unsigned i = 0; i < 9; i++) {
        emit_at(&w, event, 0, 0x10200);
        if (!i)
            copy_page(&w, child, data_va);
        EMIT(&w, xret, 0x10200, 0);
    }
    assert_string_equal(last(),
                        "space 2 stores to 0x12000. The page table allows it, "
                        "but the hart refuses by an old TLB entry: no "
                        "sfence.vma followed the change.");
    assert_int_equal(w.lines, 3);
    world_close(&w);
}

/* A hart that keeps what is not valid (--tlb cache-invalid) faults again once
 * the page is mapped. That is said when the kernel comes back again and again
 * without a fence, or refuses; a fault that it remembers rightly is one like
 * any other.
 */
static void remembered_as_invalid(void **state)
{
    static const char line[] =
        "space 1 loads from 0x14008. The page table allows it, but the hart "
        "remembers the entry as invalid since %" PRIu64 " ns: an sfence.vma is "
        "missing.";
    struct rvemu_event event = {.kind = RVEMU_EVENT_page_fault};
    char wanted[512];
    u64 root;

    for (unsigned full = 0; full < 2; full++) {
        world_open(&w, full);
        root = new_program(&w);
        run(&w, root);
        event.page_fault = (struct rvemu_ev_page_fault){0x14008,
                                                        RVEMU_ACCESS_LOAD,
                                                        RVEMU_REASON_INVALID,
                                                        0,
                                                        0x800020a0,
                                                        0,
                                                        SV39 | root,
                                                        0};
        emit_at(&w, event, 0, 0x10200);
        snprintf(wanted, sizeof(wanted), line, w.time);
        event.page_fault.from_tlb = 1;
        emit_at(&w, event, 0, 0x10208);
        assert_non_null(
            strstr(last(), "nothing is mapped there. The kernel refuses"));
        map_page(&w, root, 0x14000, 0x80100, PTE_R);
        EMIT(&w, xret, 0x10208, 0);
        emit_at(&w, event, 0, 0x10208);
        assert_null(strstr(last(), "remembers"));
        EMIT(&w, tlb_flush, 0x14008, 0, RVEMU_SCOPE_VA, 1);
        EMIT(&w, xret, 0x10208, 0);
        assert_null(strstr(last(), "remembers"));
        assert_int_equal(totals(&w).spurious, 1);
        emit_at(&w, event, 0, 0x10204);
        for (unsigned again = 0; again < 2; again++) {
            assert_null(strstr(last(), "remembers"));
            EMIT(&w, xret, 0x10204, 0);
            emit_at(&w, event, 0, 0x10204);
        }
        assert_string_equal(last(), wanted);
        emit_at(&w, event, 0, 0x10210);
        EMIT(&w, xret, 0x10300, 0);
        assert_string_equal(last(),
                            "space 1 loads from 0x14008: remembered as "
                            "invalid. The kernel refuses: space 1 goes on at "
                            "0x10300.");
        event.page_fault.access = RVEMU_ACCESS_STORE; /* not allowed either */
        emit_at(&w, event, 0, 0x10208);
        EMIT(&w, xret, 0x10300, 0);
        assert_null(strstr(last(), "sfence.vma"));
        world_close(&w);
    }
}

/* A guest that gives each root every ASID fills no host's memory: what there is
 * no room to remember is counted. */
static void satp_values_are_bounded(void **state)
{
    struct rvemu_stale_totals totals = {0};
    u64 root, old = 0;

    world_open(&w, false);
    root = new_program(&w);
    for (u64 n = 0; n < 3 * 65536; n++) {
        u64 satp = SV39 | (n & 0xffff) << 44 | (root + (n >> 16));

        EMIT(&w, satp, old, satp);
        old = satp;
    }
    rvemu_explain_add_stale(w.explain, &totals);
    assert_int_equal(totals.unjudged, 2 * 65536);
    rvemu_explain_add_stale(w.explain, &totals);
    assert_int_equal(totals.unjudged, 4 * 65536); /* it adds */
    world_close(&w);
}

static void other_answers(void **state)
{
    u64 root, pte;

    world_open(&w, true);
    root = new_program(&w);
    map_page(&w, root, 0x14000, 0x80100, PTE_R);
    run(&w, root);
    store_fault(&w, root, 0x14000);
    copy_page(&w, root, 0x14000);
    assert_string_equal(last(), "space 1 stores to 0x14000. W=0, and no fork "
                                "made it so: page fault. The kernel copies "
                                "#80100 to #80009 for space 1 (r-- → rw-).");
    pte = fault(&w, root, data_va, RVEMU_ACCESS_STORE, RVEMU_REASON_D_CLEAR);
    set_leaf(&w, root, data_va, 0, pte | 0x80);
    assert_string_equal(last(), "space 1 stores to 0x12000: D is 0. The kernel "
                                "allows it (rw- → rw-); still #80004.");
    store_fault(&w, root, text_va);
    map_page(&w, root, text_va, 0x80111, RW);
    assert_string_equal(last(), "space 1 stores to 0x10000: the page is not "
                                "writable (r-x). The kernel maps #80111 there "
                                "in place of #80001, whose bytes differ "
                                "(rw-).");
    store_fault(&w, root, text_va);
    rvemu_explain_finish(w.explain);
    assert_non_null(
        strstr(w.line[w.lines - 3],
               ". The run ends before an answer is seen: neither is the access "
               "allowed, nor does space 1 go on."));
    assert_string_equal(w.line[w.lines - 2], "No copy-on-write was seen.");
    world_close(&w);
}

/* Equal frames that take each other's place without a store are no copies. */
static void moves_and_merges(void **state)
{
    u64 first, second;

    world_open(&w, true);
    first = new_program(&w);
    second = new_program(&w);
    map_page(&w, first, 0x14000, 0x80100, RW);
    map_page(&w, second, 0x14000, 0x80101, RW);
    run(&w, first);
    run(&w, second);
    map_page(&w, first, 0x14000, 0x80100, PTE_R);
    map_page(&w, second, 0x14000, 0x80101, PTE_R);
    EMIT(&w, frame_copied, second, 0x14000,
         table_for(&w, second, 0x14000, 0) << 12 | 0x14 << 3, 0x80101, 0x80100);
    map_page(&w, second, 0x14000, 0x80100, PTE_R);
    assert_string_equal(last(), "The kernel lets 0x14000 of space 2 share "
                                "#80100 with space 1: it held the same bytes "
                                "as #80101 (r-- → r--).");
    EMIT(&w, frame_copied, first, 0x14000,
         table_for(&w, first, 0x14000, 0) << 12 | 0x14 << 3, 0x80100, 0x80102);
    map_page(&w, first, 0x14000, 0x80102, PTE_R);
    assert_string_equal(last(), "The kernel moves 0x14000 of space 1 from "
                                "#80100 to an equal copy, #80102 (r-- → "
                                "r--).");
    assert_int_equal(totals(&w).copies, 0);
    assert_int_equal(w.lines, 2);
    world_close(&w);
}

/* The hart sets A and D in an entry while a fault there is in hand. */
static void the_walker_answers_nothing(void **state)
{
    u64 parent, child;

    world_open(&w, true);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    store_fault(&w, child, data_va);
    set_leaf(&w, child, data_va, 0, leaf(&w, child, data_va) | 0x40);
    settle(&w);
    assert_int_equal(w.lines, 1);
    copy_page(&w, child, data_va);
    assert_non_null(strstr(last(), "The kernel copies it to"));
    assert_int_equal(w.lines, 2);
    world_close(&w);
}

static void colour_is_asked_for(void **state)
{
    memset(&w, 0, sizeof(w));
    w.options = (struct rvemu_explain_options){
        .line = keep_line, .arg = &w, .color = true};
    w.explain = rvemu_explain_new(&w.options);
    rvemu_explain_finish(w.explain);
    assert_string_equal(w.line[0], "\33[36m|\33[0m \33[36mNo copy-on-write was "
                                   "seen.\33[0m");
    world_close(&w);
    world_open(&w, true);
    rvemu_explain_finish(w.explain);
    assert_string_equal(w.line[0], "No copy-on-write was seen.");
    world_close(&w);
}

/* The same run with different talk around it. */
enum talk { SILENT, HONEST, LYING, IGNORED, PROGRAM, NO_VERSION };

static void talk_about(enum talk talk, unsigned id, u64 a0, u64 a1, u64 a2)
{
    switch (talk) {
    case SILENT: return;
    case PROGRAM: mark_event(&w, 0, id, a0, a1, a2, 0); return;
    case LYING: /* wrong pids, each for the other's space, all is text */
        remark(id, a0 + 40, a1 ^ 9, a2 ^ 9, 0);
        remark(MARK_AREA, a0 + 40, 0, ~0ull, MARK_AREA_TEXT);
        remark(MARK_FORK, a0, a0 + 41, SV39 | 0x80004, 0);
        remark(MARK_EXIT, a0 + 40, 0, SV39 | 0x80000, 0);
        return;
    default: remark(id, a0, a1, a2, 0); return;
    }
}

static void tell(enum talk talk)
{
    u64 parent, child;

    memset(&w, 0, sizeof(w));
    w.options = (struct rvemu_explain_options){
        .line = keep_line, .arg = &w, .full = true};
    w.options.ignore_marks = talk == IGNORED;
    w.explain = rvemu_explain_new(&w.options);
    if (talk != NO_VERSION)
        talk_about(talk == LYING ? HONEST : talk, MARK_VERSION, MARK_MAGIC,
                   MARK_ABI, 0);
    parent = new_program(&w);
    talk_about(talk, MARK_EXEC, 3, SV39 | parent, name_word("cow"));
    run(&w, parent);
    child = fork_cow(&w, parent);
    talk_about(talk, MARK_FORK, 3, 4, SV39 | child);
    cow_store(&w, parent, stack_va + 8);
    run(&w, child);
    cow_store(&w, child, data_va);
    talk_about(talk, MARK_SWITCH, 3, SV39 | parent, name_word("cow"));
    run(&w, parent);
    reuse_store(&w, parent, data_va);
    store_fault(&w, parent, text_va);
    EMIT(&w, xret, 0x10300, 0);
    rvemu_explain_finish(w.explain);
    world_close(&w);
}

/* A line with every "pid N (name)" turned into the root it must mean, and
 * area names taken out: what is left are the facts. */
static void strip_names(const char *line, char *out)
{
    while (*line) {
        unsigned long pid;
        int used = 0;

        bool named = sscanf(line, "pid %lu%n", &pid, &used) == 1;

        if (named || sscanf(line, "space %lu%n", &pid, &used) == 1) {
            out = stpcpy(out, "WHO");
            line += used;
            if (named && !strncmp(line, " (", 2) && strncmp(line + 5, " →", 2))
                line = strchr(line, ')') + 1;
        } else if (!strncmp(line, " (text)", 7)) {
            line += 7;
        } else {
            *out++ = *line++;
        }
    }
    *out = '\0';
}

static void marks_lend_names_and_nothing_else(void **state)
{
    static char silent[32][sizeof(w.line[0])];
    unsigned lines;

    tell(SILENT);
    lines = w.lines;
    assert_true(lines >= 6);
    for (unsigned i = 0; i < lines; i++)
        memcpy(silent[i], w.line[i], sizeof(silent[i]));
    for (enum talk talk = HONEST; talk <= NO_VERSION; talk++) {
        bool named = false;

        tell(talk);
        assert_int_equal(w.lines, lines);
        for (unsigned i = 0; i < lines; i++) {
            char a[1024], b[1024];

            strip_names(silent[i], a);
            strip_names(w.line[i], b);
            assert_string_equal(a, b);
            named = named || strstr(w.line[i], "pid ");
            if (talk >= IGNORED)
                assert_string_equal(silent[i], w.line[i]);
        }
        assert_int_equal(named, talk == HONEST || talk == LYING);
    }
}

/* Two threads in one space, each on a hart: a return ends the fault of its
 * own hart, at the same instruction, too. */
static void each_hart_ends_its_own_faults(void **state)
{
    u64 root;

    world_open(&w, true);
    root = new_program(&w);
    run(&w, root);
    fork_cow(&w, root);
    w.hart = 1;
    run(&w, root);

    w.hart = 0;
    store_fault(&w, root, data_va);
    w.hart = 1;
    EMIT(&w, xret, 0x10900, 0);
    cow_store(&w, root, more_va);
    w.hart = 0;
    copy_page(&w, root, data_va);
    EMIT(&w, xret, 0x10200, 0);
    assert_int_equal(totals(&w).copies, 2);
    assert_int_equal(totals(&w).kernel_copies, 0);
    assert_int_equal(totals(&w).refused, 0);
    assert_int_equal(totals(&w).spurious, 0);
    world_close(&w);
}

/* Once its hart has left the space, the program may go on anywhere. */
static void a_program_goes_on_on_another_hart(void **state)
{
    u64 root, other;

    world_open(&w, true);
    root = new_program(&w);
    other = new_program(&w);
    run(&w, root);
    store_fault(&w, root, data_va);
    run(&w, other);
    w.hart = 1;
    run_at(&w, root, 0x10200);
    assert_int_equal(totals(&w).spurious, 1);
    w.hart = 0;
    run(&w, root);
    store_fault(&w, root, data_va);
    run(&w, other);
    w.hart = 1;
    EMIT(&w, xret, 0x10900, 0);
    assert_int_equal(totals(&w).refused, 1);
    world_close(&w);
}

/* One hart unmaps and maps, another runs a program meanwhile. */
static void a_turn_is_a_hart_s_own(void **state)
{
    u64 root, other, table, old;

    world_open(&w, true);
    root = new_program(&w);
    other = new_program(&w);
    run(&w, root);
    fork_cow(&w, root);
    w.hart = 1;
    run(&w, other);

    w.hart = 0;
    old = frame_at(&w, root, data_va);
    table = table_for(&w, root, data_va, 0);
    set_leaf(&w, root, data_va, 0, 0);
    w.hart = 1;
    EMIT(&w, xret, 0x10400, 0);
    w.hart = 0;
    EMIT(&w, frame_copied, root, data_va, table << 12 | data_va >> 12 << 3, old,
         w.next + BASE);
    map_page(&w, root, data_va, new_frame(&w), RW);
    assert_int_equal(totals(&w).kernel_copies, 1);
    world_close(&w);
}

static void the_summary_adds_up(void **state)
{
    struct rvemu_spaces_totals live;
    u64 parent, child;

    world_open(&w, false);
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    cow_store(&w, parent, stack_va);
    run(&w, child);
    cow_store(&w, child, data_va);
    reuse_store(&w, child, stack_va);
    fork_cow(&w, child);
    cow_store(&w, child, stack_va); /* for a child that never runs */
    rvemu_explain_finish(w.explain);
    assert_string_equal(w.line[w.lines - 4],
                        "Copy-on-write in all: 1 fork shared 4 pages, 3 of "
                        "them write-protected; later stores copied 3 pages (12 "
                        "KiB) and 1 time found the page theirs alone.");
    assert_string_equal(w.line[w.lines - 3],
                        "  space 1 -> space 2: 4 pages shared, 3 protected, 2 "
                        "copied, 1 kept; by the page tables as they are now, "
                        "2 pages are in two frames and 1 in one");
    assert_string_equal(w.line[w.lines - 2],
                        "  1 of the copies is of pages that no fork which was "
                        "seen shared by then");
    assert_string_equal(last(), "Live at the end: 2 spaces with 8 user pages, "
                                "in 6 frames; 2 of these are shared.");
    rvemu_explain_spaces_totals(w.explain, &live);
    assert_int_equal(live.apart, 2);
    assert_int_equal(live.together, 1);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_story_of_a_page),
        cmocka_unit_test(many_others_are_counted),
        cmocka_unit_test(first_touches_are_for_the_full_form),
        cmocka_unit_test(a_table_linked_whole_answers),
        cmocka_unit_test(refusals),
        cmocka_unit_test(spurious_faults),
        cmocka_unit_test(an_answer_without_a_fence),
        cmocka_unit_test(remembered_as_invalid),
        cmocka_unit_test(satp_values_are_bounded),
        cmocka_unit_test(other_answers),
        cmocka_unit_test(moves_and_merges),
        cmocka_unit_test(the_walker_answers_nothing),
        cmocka_unit_test(colour_is_asked_for),
        cmocka_unit_test(marks_lend_names_and_nothing_else),
        cmocka_unit_test(each_hart_ends_its_own_faults),
        cmocka_unit_test(a_program_goes_on_on_another_hart),
        cmocka_unit_test(a_turn_is_a_hart_s_own),
        cmocka_unit_test(the_summary_adds_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
