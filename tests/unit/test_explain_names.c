/*
 * Unit tests of what the explainer makes of names (rvemu/names.h): where they
 * are said, when they are asked for and let go, and that nothing rests on them.
 */
#include "fake_kernel.h"

#include <stdlib.h>

#define KERNEL_PC 0xffffffc080001000 /* of EMIT() */
#define CALLER 0xffffffc080003000    /* what calls the function there */
#define PC 0x10200                   /* of fault() */
#define HANDLER 0x10300
#define LIBRARY 0x10800 /* and behind it, to the end of the text */

static struct world w;

/* Who answers: a program with `main`, a handler, a library's `memcpy`, its own
 * variable at data_va and the library's at more_va. */
struct book {
    const char *program; /* that all spaces run; NULL: none is recognised */
    bool nothing_known;
    bool garbled;
    unsigned asked;
    u64 forgotten_root; /* the last */
};

static struct book book;

static bool answer(void *arg, const char *text, char *out, size_t size)
{
    const struct book *known = arg;

    if (known->garbled) {
        for (size_t i = 0; i + 1 < size; i++)
            out[i] = "(\1) \2\33{*`\n"[i % 10];
        out[size - 1] = '\0';
        return true;
    }
    *out = '\0';
    if (!text || known->nothing_known)
        return false;
    snprintf(out, size, "%s", text);
    return true;
}

static bool name_program(void *arg, u64 root, u64 pc, char *out, size_t size)
{
    struct book *known = arg;

    known->asked++;
    return answer(arg, known->program, out, size);
}

static bool name_line(void *arg, u64 root, u64 pc, char *out, size_t size)
{
    bool is_code = !root || (pc >= text_va && pc < LIBRARY);
    const char *user = pc == PC ? "lab.c:13" : "lab.c:99";

    const char *kernel = pc == CALLER ? "vm.c:366" : "space.c:212";

    return answer(arg, !is_code ? NULL : root ? user : kernel, out, size);
}

static bool name_function(void *arg, u64 root, u64 pc, char *out, size_t size)
{
    const char *user = pc >= LIBRARY   ? "memcpy.constprop.0"
                       : pc >= HANDLER ? "handler"
                                       : "main";

    if (root && (pc < text_va || pc >= text_va + 4096))
        return answer(arg, NULL, out, size);
    return answer(arg,
                  root           ? user
                  : pc == CALLER ? "copyout"
                                 : "protect",
                  out, size);
}

static bool name_data(void *arg, u64 root, u64 va, char *out, size_t size)
{
    const char *name = va >> 12 == data_va >> 12   ? "counter"
                       : va >> 12 == more_va >> 12 ? "stdout_file"
                                                   : NULL;

    return answer(arg, name, out, size);
}

static bool is_own(void *arg, u64 root, u64 va)
{
    const struct book *known = arg;

    return !known->nothing_known && (!root || va >> 12 == data_va >> 12 ||
                                     (va >= text_va && va < LIBRARY));
}

static bool name_beside(void *arg, u64 root, u64 va, char *out, size_t size)
{
    return answer(arg, va >> 12 == stack_va >> 12 ? "local" : NULL, out, size);
}

static bool is_library(void *arg, u64 root, u64 pc)
{
    const struct book *known = arg;

    return !known->nothing_known && pc >= LIBRARY;
}

static bool is_stack(void *arg, unsigned hart, u64 va)
{
    return va >> 12 == data_va >> 12;
}

static bool find_call(void *arg, unsigned hart, u64 va, u64 *pc)
{
    *pc = PC;
    return va == 0;
}

static bool find_caller(void *arg, unsigned hart, u64 pc, u64 *call)
{
    const struct book *known = arg;

    *call = CALLER;
    return !known->nothing_known && pc == KERNEL_PC;
}

static void forget(void *arg, u64 root)
{
    struct book *known = arg;

    known->forgotten_root = root;
}

static const struct rvemu_names names = {
    &book,       name_program, name_line, name_function, name_data,   is_own,
    name_beside, is_library,   is_stack,  find_call,     find_caller, forget};

static void names_open(const char *program)
{
    book = (struct book){.program = program};
    memset(&w, 0, sizeof(w));
    w.options = (struct rvemu_explain_options){
        .line = keep_line, .arg = &w, .names = &names};
    w.explain = rvemu_explain_new(&w.options);
    assert_non_null(w.explain);
}

static const char *last(void)
{
    settle(&w);
    assert_true(w.lines > 0);
    return w.line[w.lines - 1];
}

static void assert_begins(const char *line, const char *start)
{
    if (strncmp(line, start, strlen(start)))
        fail_msg("\"%s\"\ndoes not begin as\n\"%s\"", line, start);
}

/* A program named like pid 3 by marks, with areas. */
static u64 marked_program(void)
{
    u64 root = new_program(&w), name = 0;

    memcpy(&name, "cow", 3);
    mark_event(&w, 1, MARK_VERSION, MARK_MAGIC, MARK_ABI, 0, 0);
    mark_event(&w, 1, MARK_EXEC, 3, SV39 | root, name, 0);
    mark_event(&w, 1, MARK_AREA, 3, data_va, data_va + 0x2000, MARK_AREA_DATA);
    run(&w, root);
    return root;
}

static void a_variable_and_its_line(void **state)
{
    u64 parent, child;

    names_open("lab");
    parent = marked_program();
    child = fork_cow(&w, parent);
    mark_event(&w, 1, MARK_FORK, 3, 4, SV39 | child, 0);
    run(&w, child);
    cow_store(&w, child, data_va + 8);
    assert_string_equal(last(), "pid 4 stores to `counter` (lab.c:13). The "
                                "page is shared with pid 3, so W=0: page "
                                "fault. The kernel copies it to #8000e for pid "
                                "4 (r-- → rw-); pid 3 keeps #80004.");
    run(&w, parent);
    reuse_store(&w, parent, data_va + 8);
    assert_begins(last(), "pid 3 stores to `counter` (lab.c:13). W is still 0");
    /* A library's keeps its address. */
    reuse_store(&w, parent, more_va + 8);
    settle(&w);
    world_close(&w);
}

static void fault_at(u64 root, unsigned priv, u64 pc, u64 va, unsigned access)
{
    emit_at(
        &w,
        (struct rvemu_event){.kind = RVEMU_EVENT_page_fault,
                             .page_fault = {va, access, RVEMU_REASON_INVALID, 2,
                                            root << 12, 0, SV39 | root, 0}},
        priv, pc);
}

static void a_library_s_own(void **state)
{
    u64 root;

    names_open("lab");
    root = marked_program();
    fault_at(root, 0, LIBRARY + 4, more_va + 8, RVEMU_ACCESS_STORE);
    EMIT(&w, xret, HANDLER, 0);
    assert_string_equal(last(), "pid 3 (cow) stores to 0x13008 (data), in "
                                "memcpy: nothing is mapped there. The kernel "
                                "refuses: pid 3 goes on in `handler`.");
    fault_at(root, 0, LIBRARY + 4, stack_va, RVEMU_ACCESS_STORE);
    EMIT(&w, xret, 0x20000, 0);
    assert_string_equal(last(), "pid 3 stores to 0x3ffffff000 (in memcpy): "
                                "nothing is mapped there. The kernel refuses: "
                                "pid 3 goes on at 0x20000.");
    world_close(&w);
}

static void functions(void **state)
{
    u64 root;

    names_open("lab");
    root = new_program(&w);
    run(&w, root);
    store_fault(&w, root, text_va + 8);
    EMIT(&w, xret, HANDLER, 0);
    assert_begins(last(), "space 1 (lab) stores into `main` (lab.c:13). The "
                          "page is r-x and no fork made it so: this is no "
                          "copy-on-write. The kernel refuses: ");
    /* The instruction is the call. */
    fault_at(root, 0, 0, 0, RVEMU_ACCESS_FETCH);
    EMIT(&w, xret, HANDLER, 0);
    assert_begins(last(), "space 1 jumps to address 0x0 (lab.c:13), a null "
                          "pointer: ");
    /* By something else than a call. */
    fault_at(root, 0, data_va, data_va, RVEMU_ACCESS_FETCH);
    EMIT(&w, xret, HANDLER, 0);
    assert_begins(last(), "space 1 jumps to 0x12000: nothing is mapped");
    world_close(&w);
}

/* The data of some programs is on pages that they may execute. */
static void data_beside_code(void **state)
{
    u64 root;

    names_open("lab");
    root = new_program(&w);
    run(&w, root);
    map_page(&w, root, data_va, frame_at(&w, root, data_va), RX);
    store_fault(&w, root, data_va + 8);
    EMIT(&w, xret, HANDLER, 0);
    assert_begins(last(), "space 1 (lab) stores to `counter` (lab.c:13): the");
    world_close(&w);
}

static void the_kernel_s_function_and_line(void **state)
{
    u64 root;

    names_open("lab");
    root = new_program(&w);
    run(&w, root);
    fault_at(root, 1, KERNEL_PC, 0, RVEMU_ACCESS_STORE);
    EMIT(&w, xret, HANDLER, 0);
    assert_begins(last(), "The kernel (protect, space.c:212) stores to "
                          "address 0x0, a null pointer: nothing");
    ecall(&w, FORK_PC);
    fault_at(root, 1, KERNEL_PC, data_va, RVEMU_ACCESS_STORE);
    EMIT(&w, xret, FORK_PC + 4, 0);
    assert_begins(last(), "In a system call of space 1 the kernel (protect, "
                          "space.c:212) stores to `counter`: nothing");
    world_close(&w);
}

static void stores_of_the_kernel_to_tables(void **state)
{
    u64 parent, child;

    names_open("lab");
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    ecall(&w, FORK_PC);
    copy_page(&w, child, data_va);
    assert_begins(last(),
                  "In a system call of space 2 the kernel (protect, "
                  "space.c:212) gives the caller's page 0x12000 a copy of its "
                  "own, without a fault: ");
    world_close(&w);
}

/* The function that stores, and who calls it. */
static void stores_by_the_kernel_s_own_mapping(void **state)
{
    u64 parent, child;

    names_open("lab");
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    run(&w, child);
    ecall(&w, FORK_PC);
    EMIT(&w, alias_store, 0xffffffd000000008,
         frame_at(&w, child, data_va) << 12 | 8, 8);
    run(&w, child);
    assert_string_equal(
        last(), "In a system call of space 2 the kernel (protect, space.c:212) "
                "stores to the caller's `counter` through its own mapping of "
                "#80004, "
                "called by copyout (vm.c:366). The page is shared with space "
                "1, copy-on-write: no fault, no copy, and space 1 sees what is "
                "stored.");
    world_close(&w);
}

/* Whoever lowered the entry is said, when it is known which store that was. */
static void who_left_a_tlb_entry_behind(void **state)
{
    for (unsigned known = 0; known < 2; known++) {
        u64 parent, pte, table, at;

        names_open("lab");
        parent = new_program(&w);
        run(&w, parent);
        pte = leaf(&w, parent, data_va);
        table = table_for(&w, parent, data_va, 0);
        run(&w, fork_cow(&w, parent));
        run(&w, parent);
        set_leaf(&w, parent, data_va, 0, pte);
        set_leaf(&w, parent, data_va, 0, pte & ~PTE_W);
        at = known ? w.time : 1;
        emit_at(&w,
                (struct rvemu_event){
                    .kind = RVEMU_EVENT_stale_use,
                    .stale_use = {data_va, RVEMU_ACCESS_STORE, 0,
                                  table << 12 | (data_va >> 12) << 3, pte,
                                  pte & ~PTE_W, SV39 | parent, at}},
                0, PC);
        assert_begins(last(), known ? "space 1 stores to `counter` (lab.c:13) "
                                      "through an old TLB entry. By now the "
                                      "table says r-- (protect, space.c:212), "
                                      "but no"
                                    : "space 1 stores to `counter` (lab.c:13) "
                                      "through an old TLB entry. By now the "
                                      "table says r--, but no");
        world_close(&w);
    }
}

/* A program is recognised late, and replaced in its own space. */
static void programs(void **state)
{
    u64 root;

    names_open(NULL);
    root = new_program(&w);
    run(&w, root);
    fault_at(root, 0, PC, 0, RVEMU_ACCESS_LOAD);
    EMIT(&w, xret, HANDLER, 0);
    assert_begins(last(), "space 1 loads from ");
    book.program = "lab";
    fault_at(root, 0, PC, 0, RVEMU_ACCESS_LOAD);
    EMIT(&w, xret, HANDLER, 0);
    assert_begins(last(), "space 1 (lab) loads from ");
    book.program = "next";
    book.asked = 0;
    fault_at(root, 0, PC, 0, RVEMU_ACCESS_LOAD);
    EMIT(&w, xret, HANDLER, 0);
    assert_begins(last(), "space 1 loads from ");
    assert_int_equal(book.asked, 0);
    assert_int_equal(book.forgotten_root, 0);
    map_page(&w, root, text_va, new_frame(&w), RX);
    assert_int_equal(book.forgotten_root, root);
    run(&w, root);
    fault_at(root, 0, PC, 0, RVEMU_ACCESS_LOAD);
    EMIT(&w, xret, HANDLER, 0);
    assert_begins(last(), "space 1 (next) loads from ");
    world_close(&w);
}

/* A root is let go when it is lost, and when its space ends and the table is
 * used again. */
static void what_is_gone_is_forgotten(void **state)
{
    const u64 pages[] = {text_va, data_va, more_va, stack_va};
    u64 root, other;

    names_open("lab");
    root = new_program(&w);
    other = new_program(&w);
    run(&w, root);
    run(&w, other);
    end_space(&w, root);
    assert_int_equal(book.forgotten_root, root);
    assert_string_equal(last(), "space 1 (lab) ends: 4 pages unmapped.");
    /* Its text goes first, its root with the last. */
    root = new_program(&w);
    run(&w, root);
    for (unsigned i = 0; i < 4; i++)
        set_leaf(&w, root, pages[i], 0, 0);
    book.forgotten_root = 0;
    run(&w, other);
    assert_int_equal(book.forgotten_root, root);
    assert_string_equal(last(), "space 3 (lab) ends: 4 pages unmapped.");
    book.program = "next";
    map_page(&w, root, text_va, new_frame(&w), RX);
    run(&w, root);
    fault_at(root, 0, PC, 0, RVEMU_ACCESS_LOAD);
    EMIT(&w, xret, HANDLER, 0);
    assert_begins(last(), "space 4 (next) loads from ");
    EMIT(&w, root_lost, other);
    assert_int_equal(book.forgotten_root, other);
    world_close(&w);
}

/* Lines come in the order of what they tell, not in that of being known: so
 * does what is said once. */
static void a_name_is_said_on_the_first_line(void **state)
{
    u64 parent, child;

    names_open("lab");
    parent = new_program(&w);
    run(&w, parent);
    child = fork_cow(&w, parent);
    cow_store(&w, parent, stack_va);
    run(&w, child);
    settle(&w);
    assert_int_equal(w.lines, 2);
    assert_begins(w.line[0], "space 1 (lab) forks space 2 (lab). ");
    assert_begins(
        w.line[1],
        "space 1 stores to 0x3ffffff000 (lab.c:13), on "
        "the page of `local`. The page is shared with space 2, so W=0");
    world_close(&w);
}

static void a_story(void)
{
    u64 parent = new_program(&w), child;

    run(&w, parent);
    child = fork_cow(&w, parent);
    cow_store(&w, parent, stack_va + 8);
    run(&w, child);
    cow_store(&w, child, data_va);
    run(&w, parent);
    reuse_store(&w, parent, data_va);
    store_fault(&w, parent, text_va);
    EMIT(&w, xret, HANDLER, 0);
    end_space(&w, child);
    rvemu_explain_finish(w.explain);
}

static void nothing_rests_on_names(void **state)
{
    struct rvemu_cow_totals silent;
    char summary[3][sizeof(w.line[0])];
    unsigned lines;

    world_open(&w, false);
    a_story();
    silent = totals(&w);
    lines = w.lines;
    for (unsigned i = 0; i < 3; i++)
        memcpy(summary[i], w.line[lines - 3 + i], sizeof(summary[i]));
    world_close(&w);
    for (unsigned how = 0; how < 3; how++) {
        struct rvemu_cow_totals told;

        names_open("lab");
        book.nothing_known = how == 1;
        book.garbled = how == 2;
        a_story();
        told = totals(&w);
        assert_memory_equal(&told, &silent, sizeof(told));
        assert_int_equal(w.lines, lines);
        for (unsigned i = 0; i < lines; i++)
            assert_null(strpbrk(w.line[i], "\1\2\33\n"));
        for (unsigned i = 0; i < 3 && how < 2; i++)
            assert_string_equal(w.line[lines - 3 + i], summary[i]);
        world_close(&w);
    }
}

/* Whoever answers may know of some things only. */
static void all_may_be_lacking(void **state)
{
    static const struct rvemu_names none;

    world_open(&w, false);
    world_close(&w);
    w.options.names = &none;
    w.explain = rvemu_explain_new(&w.options);
    a_story();
    assert_begins(w.line[0], "space 1 forks space 2. ");
    assert_begins(w.line[1], "space 1 stores to 0x3ffffff008. The page");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_variable_and_its_line),
        cmocka_unit_test(a_library_s_own),
        cmocka_unit_test(functions),
        cmocka_unit_test(data_beside_code),
        cmocka_unit_test(the_kernel_s_function_and_line),
        cmocka_unit_test(stores_of_the_kernel_to_tables),
        cmocka_unit_test(stores_by_the_kernel_s_own_mapping),
        cmocka_unit_test(who_left_a_tlb_entry_behind),
        cmocka_unit_test(programs),
        cmocka_unit_test(what_is_gone_is_forgotten),
        cmocka_unit_test(a_name_is_said_on_the_first_line),
        cmocka_unit_test(nothing_rests_on_names),
        cmocka_unit_test(all_may_be_lacking),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
