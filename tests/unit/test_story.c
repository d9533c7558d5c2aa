/*
 * Unit tests of emu/analysis/story.h: in which form a line is said, and which
 * lines are kept back.
 */
#include "fake_kernel.h"

#include "analysis/faults.h"

#define RUN_VA 0x20000ull

static struct world w;

static void open_world(struct rvemu_explain_options options)
{
    memset(&w, 0, sizeof(w));
    w.options = options;
    w.options.line = keep_line;
    w.options.arg = &w;
    w.explain = rvemu_explain_new(&w.options);
    assert_non_null(w.explain);
}

static bool is_said(const char *text)
{
    for (unsigned i = 0; i < w.lines; i++)
        if (strstr(w.line[i], text))
            return true;
    return false;
}

/* A parent forks a child, and both run. */
static u64 forked(u64 *child)
{
    u64 parent = new_program(&w);

    run(&w, parent);
    *child = fork_cow(&w, parent);
    run(&w, *child);
    return parent;
}

static void sentences_in_chinese(void **state)
{
    u64 parent, child;

    open_world((struct rvemu_explain_options){.lang = RVEMU_LANG_ZH});
    rvemu_explain_begin(w.explain, "标题");
    parent = forked(&child);
    mark_event(&w, 1, MARK_VERSION, MARK_MAGIC, MARK_ABI, 0, 0);
    mark_event(&w, 1, MARK_SWITCH, 3, SV39 | parent, 0, 0);
    cow_store(&w, child, data_va);
    rvemu_explain_finish(w.explain);
    assert_string_equal(w.line[0], "标题");
    assert_string_equal(w.line[1],
                        "地址空间 1 fork 出地址空间 2。什么也没有复制：双方使用"
                        "相同的 4 个物理页帧。其中 3 页原本可写；双方在这些页上"
                        "都失去 W，因此对每一页的第一次写入都会触发缺页异常。");
    assert_string_equal(w.line[2],
                        "地址空间 2 写入 0x12000。该页与进程 3 共享，所以 W=0，"
                        "触发缺页异常。内核把它复制到 #8000e，归地址空间 2 使用"
                        "（r-- → rw-）；进程 3 保留 #80004。");
    assert_true(is_said("写时复制总计：1 次 fork 共享了 4 页"));
    world_close(&w);
}

static void lines_as_json(void **state)
{
    u64 child;

    /* Colour is for sentences. */
    open_world((struct rvemu_explain_options){.json = true, .color = true});
    rvemu_explain_begin(w.explain, "title");
    forked(&child);
    rvemu_explain_finish(w.explain);
    assert_string_equal(w.line[0], "{\"v\":1,\"kind\":\"begin\",\"lang\":"
                                   "\"en\",\"text\":\"title\"}");
    assert_non_null(strstr(w.line[1], "{\"kind\":\"fork\",\"time_ns\":"));
    assert_non_null(strstr(w.line[1], ",\"other\":{\"number\":1},\"space\":"
                                      "{\"number\":2},\"shared\":4,"));
    assert_non_null(strstr(w.line[2], "{\"kind\":\"total\",\"forks\":1,"));
    for (unsigned i = 0; i < w.lines; i++)
        assert_null(strchr(w.line[i], '\33'));
    world_close(&w);
}

/* A space ends in its own call and a new one begins there: that it is the same
 * process only marks can know. */
static void an_exec_is_known_by_marks(void **state)
{
    static const char *const wanted[] = {
        "space 1 ends in its own system call, and the hart goes on in space 2, "
        "a new space, at 0x10000, as after an exec: 4 pages of the old one "
        "unmapped.",
        "pid 3 execs, and goes on as pid 3 (ls) in a new space, at 0x10000: 4 "
        "pages of the old one unmapped.",
        "pid 3 (ls) ends in its own system call, and the hart goes on in pid 4 "
        "(ls), a new space, at 0x10000, as after an exec: 4 pages of the old "
        "one unmapped."};

    for (u64 marked = 0; marked < 3; marked++) {
        u64 first, second, ls = 'l' | 's' << 8;

        open_world((struct rvemu_explain_options){.json = false});
        first = new_program(&w);
        second = new_program(&w);
        if (marked) {
            mark_event(&w, 1, MARK_VERSION, MARK_MAGIC, MARK_ABI, 0, 0);
            mark_event(&w, 1, MARK_EXEC, 3, SV39 | first, ls, 0);
            mark_event(&w, 1, MARK_EXEC, 2 + marked, SV39 | second, ls, 0);
        }
        run(&w, first);
        ecall(&w, FORK_PC);
        end_space(&w, first);
        run_at(&w, second, text_va);
        settle(&w);
        assert_int_equal(w.lines, 1);
        assert_string_equal(w.line[0], wanted[marked]);
        world_close(&w);
    }
}

/* The kernel's own faults, more than are kept: what was seen of each. */
static void faults_without_an_answer(void **state)
{
    unsigned early = 0, late = 0;
    u64 root;

    open_world((struct rvemu_explain_options){.json = false});
    root = new_program(&w);
    run(&w, root);
    for (unsigned i = 0; i < FAULTS_OPEN + 5; i++)
        emit_at(&w,
                (struct rvemu_event){.kind = RVEMU_EVENT_page_fault,
                                     .page_fault = {0x50000 + 8 * i,
                                                    RVEMU_ACCESS_LOAD,
                                                    RVEMU_REASON_INVALID, 0, 0,
                                                    0, SV39 | root, 0}},
                1, 0xffffffc080003000 + 4 * i);
    rvemu_explain_finish(w.explain);
    for (unsigned i = 0; i < w.lines; i++) {
        early += strstr(w.line[i], "mapped there. No answer is seen: too many "
                                   "faults are open at once.") != NULL;
        late += strstr(w.line[i], "mapped there. The run ends before an answer "
                                  "is seen: neither is the access allowed, nor "
                                  "does the kernel come back to it.") != NULL;
    }
    assert_int_equal(early, 5);
    assert_int_equal(late, FAULTS_OPEN);
    world_close(&w);
}

/* The totals are of all, and say how many lines there were besides. */
static void a_filter_keeps_lines_back(void **state)
{
    struct rvemu_explain_options options = {.json = false};
    struct rvemu_error error;
    u64 parent, child;

    assert_int_equal(rvemu_explain_read(&options, "addr=0x13000", &error), 0);
    open_world(options);
    parent = forked(&child);
    cow_store(&w, child, data_va);
    cow_store(&w, child, more_va + 8);
    run(&w, parent);
    rvemu_explain_finish(w.explain);
    assert_non_null(strstr(w.line[0], "space 2 stores to 0x13008. "));
    assert_non_null(strstr(w.line[1], "Copy-on-write in all: 1 fork shared 4"));
    assert_true(is_said("later stores copied 2 pages (8 KiB)"));
    assert_string_equal(w.line[w.lines - 1],
                        "Left out, by a filter or a pause: 2 lines. The totals "
                        "are of all.");
    world_close(&w);
}

static void nothing_is_left_out_in_silence(void **state)
{
    u64 child;

    open_world((struct rvemu_explain_options){.json = false});
    forked(&child);
    rvemu_explain_finish(w.explain);
    assert_false(is_said("Left out"));
    world_close(&w);
}

/* What becomes known in a pause is never said, facts go on. */
static void a_pause_keeps_lines_back(void **state)
{
    u64 parent, child;

    open_world((struct rvemu_explain_options){.json = false});
    parent = forked(&child);
    settle(&w);
    assert_int_equal(w.lines, 1);
    store_fault(&w, child, data_va); /* its outcome comes in the pause */
    rvemu_explain_pause(w.explain, true);
    copy_page(&w, child, data_va);
    EMIT(&w, xret, 0x10200, 0);
    run(&w, parent);
    settle(&w);
    assert_int_equal(w.lines, 1);
    rvemu_explain_pause(w.explain, false);
    reuse_store(&w, parent, data_va); /* known, since the copy was followed */
    settle(&w);
    assert_int_equal(w.lines, 2);
    assert_non_null(strstr(w.line[1], "nobody shares #80004 any more"));
    assert_int_equal(totals(&w).copies, 1);
    rvemu_explain_pause(w.explain, true);
    rvemu_explain_finish(w.explain);
    assert_true(is_said("later stores copied 1 page (4 KiB) and 1 time found"));
    assert_true(is_said("Left out, by a filter or a pause: 1 line."));
    world_close(&w);
}

/* A line that waits behind one that is not known yet comes as a pause begins,
 * and that one not at all. */
static void a_pause_says_what_is_known(void **state)
{
    u64 child;

    open_world((struct rvemu_explain_options){.json = false});
    forked(&child);
    settle(&w);
    assert_int_equal(w.lines, 1);
    store_fault(&w, child, data_va);
    w.hart = 1;
    EMIT(&w, satp, 0, SV39 | child);
    cow_store(&w, child, more_va);
    assert_int_equal(w.lines, 1);
    rvemu_explain_pause(w.explain, true);
    assert_int_equal(w.lines, 2);
    assert_non_null(strstr(w.line[1], " stores to 0x13000"));
    rvemu_explain_finish(w.explain);
    assert_false(is_said(" stores to 0x12000"));
    world_close(&w);
}

/* A run that could go on is said as a pause begins; JSON has each page. */
static void a_pause_ends_runs(void **state)
{
    for (unsigned json = 0; json < 2; json++) {
        const char *plural = "地址空间 1 写入 6 页：0x20000 到 0x25fff。"
                             "这些页与地址空间 2 共享";
        u64 parent, child;

        open_world((struct rvemu_explain_options){.json = json,
                                                  .lang = RVEMU_LANG_ZH});
        w.folds = true;
        parent = new_program(&w);
        child = new_frame(&w);
        for (u64 i = 0; i < 6; i++)
            map_page(&w, parent, RUN_VA + i * 4096, new_frame(&w), RW);
        run(&w, parent);
        ecall(&w, FORK_PC);
        for (u64 i = 0; i < 6; i++) {
            u64 va = RUN_VA + i * 4096, pte = leaf(&w, parent, va) & ~PTE_W;

            set_leaf(&w, parent, va, 0, pte);
            set_leaf(&w, child, va, 0, pte);
        }
        EMIT(&w, xret, FORK_PC + 4, 0);
        run(&w, child);
        run(&w, parent);
        settle(&w);
        assert_int_equal(w.lines, 1);
        for (u64 i = 0; i < 6; i++)
            cow_store(&w, parent, RUN_VA + i * 4096);
        assert_int_equal(w.lines, json ? 7 : 1);
        rvemu_explain_pause(w.explain, true);
        assert_int_equal(w.lines, json ? 7 : 2);
        assert_int_equal(is_said(plural), !json);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_without_an_answer),
        cmocka_unit_test(an_exec_is_known_by_marks),
        cmocka_unit_test(sentences_in_chinese),
        cmocka_unit_test(lines_as_json),
        cmocka_unit_test(a_filter_keeps_lines_back),
        cmocka_unit_test(nothing_is_left_out_in_silence),
        cmocka_unit_test(a_pause_keeps_lines_back),
        cmocka_unit_test(a_pause_says_what_is_known),
        cmocka_unit_test(a_pause_ends_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
