/*
 * Kernels that err with code, with copies and with frames: what --check
 * icache, cow, refs and uaf have to find. With right, each does what is needed.
 *
 * What has to be found stands on a line with the word GUILTY, as in fences.c:
 * the store that changes code, or the page table, or the call that frees. A
 * line with the word FENCE is the fence.i that does not do.
 */
#include "kernel.h"

#define ADDI_A0 0x00000513u /* addi a0, x0, imm */
#define RET 0x00008067u
#define NOP 0x00000013u
#define ECALL 0x00000073u

static struct space *one, *two;
static u32 *code; /* a routine of the kernel's, or a program's */

#define STORE_CODE(at, insn) (*(volatile u32 *)(at) = (insn))
#define STORE_PTE(at, pte) (*(volatile u64 *)(at) = (pte))

static void fence_i(void)
{
    __asm__ volatile("fence.i" ::: "memory");
}

static void fence_if_right(void)
{
    if (option("right"))
        fence_i();
}

static u64 run_code(void)
{
    return ((u64(*)(void))code)();
}

/* A routine that returns 1, which this hart has run. */
static void make_code(void)
{
    code = frame_new();
    code[0] = ADDI_A0 | 1u << 20;
    code[1] = RET;
    fence_i();
    must(run_code() == 1, "the routine returns 1");
}

/* ---- code ---- */

static void patch(void)
{
    make_code();
    STORE_CODE(code, ADDI_A0 | 2u << 20); /* GUILTY */
    fence_if_right();
    must(run_code() == 2, "memory is coherent here");
}

/* The frame of code is used again for other code. */
static void refill(void)
{
    make_code();
    for (u64 i = 0; i < 8; i++)
        STORE_CODE(code + i, i == 7 ? RET : ADDI_A0 | 3u << 20); /* GUILTY */
    fence_if_right();
    must(run_code() == 3, "memory is coherent here");
}

/* The fence comes first. */
static void patch_late(void)
{
    make_code();
    fence_i();
    must(run_code() == 1, "it is as it was");
    STORE_CODE(code, ADDI_A0 | 2u << 20); /* GUILTY */
    fence_if_right();
    run_code();
}

static void run_there(void)
{
    run_code();
}

/* Another hart has run it, and is not fenced. */
static void patch_remote(void)
{
    make_code();
    on_hart(1, run_there);
    STORE_CODE(code, ADDI_A0 | 2u << 20); /* GUILTY */
    fence_i();                            /* FENCE */
    if (option("right"))
        on_hart(1, fence_i);
    on_hart(1, run_there);
}

/* A program's page is given to another program. */
static void patch_user(void)
{
    one = space_with(0);
    code = frame_new();
    for (u64 i = 0; i < 4; i++)
        code[i] = NOP;
    code[4] = ECALL;
    fence_i();
    set(one, DATA, leaf(code, USER_RX));
    must(do_jump(one, DATA), "the program runs there");
    STORE_CODE(code, ADDI_A0); /* GUILTY */
    fence_if_right();
    one->regs.pc = DATA - 4;
    must(do_nothing(one), "the program runs there again");
}

/* Lawful: nobody has run what is changed. */
static void fresh_code(void)
{
    make_code();
    code = frame_new();
    STORE_CODE(code, ADDI_A0 | 5u << 20);
    STORE_CODE(code + 1, RET);
    must(run_code() == 5, "it runs");
}

/* Lawful: what runs is what it was, and what has changed does not run. */
static void beside_code(void)
{
    make_code();
    STORE_CODE(code, ADDI_A0 | 1u << 20);
    STORE_CODE(code + 2, ADDI_A0);
    STORE_CODE(code + 1000, ADDI_A0);
    must(run_code() == 1, "it runs");
}

/* Lawful: either will do, until the other hart has done its fence. */
static void code_in_time(void)
{
    make_code();
    on_hart(1, run_there);
    STORE_CODE(code, ADDI_A0 | 2u << 20);
    fence_i();
    on_hart(1, run_there);
    on_hart(1, fence_i);
    on_hart(1, run_there);
}

/* ---- copies ---- */

static void store(struct space *space, u64 va, u64 value)
{
    must(do_store(space, va, value), "the store is allowed");
}

static void begin(void)
{
    one = space_with(3);
    store(one, DATA, 100);
    store(one, DATA + PAGE, 101);
}

static void run_both(void)
{
    must(do_nothing(two), "the child runs");
    must(do_nothing(one), "the parent runs");
}

/* What is mapped is a copy of another page. */
static bool copy_wrong(struct space *space, u64 cause, u64 va)
{
    u64 *at = entry(space, va, false);
    void *copy = frame_new();

    (void)cause;
    copy_frame(copy, frame_of(option("right") ? *at : get(space, va + PAGE)));
    STORE_PTE(at, leaf(copy, USER_RW)); /* GUILTY */
    fence();
    return true;
}

static void wrong_copy(void)
{
    begin();
    two = fork(one);
    run_both();
    on_fault = copy_wrong;
    store(one, DATA, 7);
}

/* W comes back, though the other side has the page, too. */
static bool give_w(struct space *space, u64 cause, u64 va)
{
    u64 *at = entry(space, va, false);

    if (option("right"))
        return cow_fault(space, cause, va);
    STORE_PTE(at, *at | PTE_W); /* GUILTY */
    fence();
    return true;
}

static void no_copy(void)
{
    begin();
    two = fork(one);
    run_both();
    on_fault = give_w;
    store(one, DATA, 7);
    run_both();
}

/* Two harts in one space both copy: what the first stored is lost. */
static struct space twin;

static void store_there(void)
{
    do_store(&twin, DATA, 9);
}

static bool copy_twice(struct space *space, u64 cause, u64 va)
{
    u64 *at = entry(space, va, false);
    void *copy;

    if (space == &twin || !(get(space, va) & PTE_COW))
        return cow_fault(space, cause, va);
    copy = frame_new();
    copy_frame(copy, frame_of(*at));
    on_hart(1, store_there);
    space_load(one);
    fence();
    if (option("right")) {
        frame_drop(copy);
        return true;
    }
    frame_drop(frame_of(*at));
    STORE_PTE(at, leaf(copy, USER_RW)); /* GUILTY */
    fence();
    return true;
}

static void both_copy(void)
{
    begin();
    two = fork(one);
    run_both();
    twin = *one;
    on_fault = copy_twice;
    store(one, DATA + 8, 7);
}

/* Fork leaves W on one side: keep-w-parent, keep-w-child. */
static void keep_w(void)
{
    begin();
    two = fork(one);
    run_both();
    store(one, DATA, 7);
    store(two, DATA, 8);
}

/* ---- frames ---- */

static void freed_mapped(void)
{
    void *frame;

    begin();
    frame = frame_of(get(one, DATA));
    if (option("right"))
        set(one, DATA, 0);
    fence();
    frame_drop(frame); /* GUILTY */
    must(do_nothing(one), "the program goes on");
}

static void freed_twice(void)
{
    void *frame;

    begin();
    frame = frame_of(get(one, DATA));
    set(one, DATA, 0);
    fence();
    frame_drop(frame);
    if (!option("right"))
        frame_drop(frame); /* GUILTY */
    must(do_nothing(one), "the program goes on");
}

static void never_freed(void)
{
    void *frame;

    begin();
    frame = frame_of(get(one, DATA));
    set(one, DATA, 0); /* the place where it went, in set() */
    fence();
    if (option("right"))
        frame_drop(frame);
    must(do_nothing(one), "the program goes on");
}

const struct scenario scenarios[] = {
    {"patch", patch},
    {"patch-late", patch_late},
    {"refill", refill},
    {"patch-remote", patch_remote},
    {"patch-user", patch_user},
    {"fresh-code", fresh_code},
    {"beside-code", beside_code},
    {"code-in-time", code_in_time},
    {"wrong-copy", wrong_copy},
    {"no-copy", no_copy},
    {"both-copy", both_copy},
    {"keep-w", keep_w},
    {"freed-mapped", freed_mapped},
    {"freed-twice", freed_twice},
    {"never-freed", never_freed},
    {NULL, NULL},
};
