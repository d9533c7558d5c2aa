/*
 * A kernel that changes pages at random, fences something at random, and lets
 * its program touch the page; a line on the console for each says what was
 * done. suite.py knows from the specification which of these are mistakes.
 *
 * Each round has a page of its own, and ends with a fence of everything.
 *
 * "code" does the same with a routine and fence.i.
 *
 * -append "run=random seed=N rounds=N"
 */
#include "kernel.h"

#define BASE 0x400000ull
#define PTE_G 0x20

static struct space *one;
static u64 state;

static const char *const changes[] = {"narrow", "hide", "unmap", "move",
                                      "widen",  "same", "dirty"};
static const char *const fences[] = {
    "none",   "all",        "page",       "page-asid",
    "asid",   "other-page", "other-asid", "page-other-asid",
    "sinval", "half-sinval"};

static u64 draw(u64 below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % below;
}

static void fence_asid(u64 asid)
{
    __asm__ volatile("sfence.vma x0, %0" ::"r"(asid) : "memory");
}

static void fence_both(u64 va, u64 asid)
{
    __asm__ volatile("sfence.vma %0, %1" ::"r"(va), "r"(asid) : "memory");
}

static void sinval(u64 va)
{
    __asm__ volatile(".insn r 0x73, 0, 0x0b, x0, %0, x0" ::"r"(va) : "memory");
}

static void change(u64 *at, u64 what)
{
    volatile u64 *entry = at;
    void *copy;

    switch (what) {
    case 0: *entry &= ~(u64)PTE_W; break;
    case 1: *entry = (*entry & ~(u64)(PTE_R | PTE_W)) | PTE_X; break;
    case 2: *entry = 0; break;
    case 3:
        copy = frame_new();
        copy_frame(copy, frame_of(*entry));
        *entry = leaf(copy, *entry & 0x3ff);
        break;
    case 4: *entry |= PTE_X; break;
    case 5: *entry |= PTE_COW; break;
    default: *entry &= ~(u64)PTE_A; break;
    }
}

static void fence_somehow(u64 what, u64 va)
{
    switch (what) {
    case 0: break;
    case 1: fence(); break;
    case 2: fence_page(va); break;
    case 3: fence_both(va, one->asid); break;
    case 4: fence_asid(one->asid); break;
    case 5: fence_page(va + 16 * MEGA); break;
    case 6: fence_asid(one->asid + 1); break;
    case 7: fence_both(va, one->asid + 1); break;
    case 8:
        __asm__ volatile(".insn i 0x73, 0, x0, x0, 0x180" ::: "memory");
        sinval(va);
        __asm__ volatile(".insn i 0x73, 0, x0, x0, 0x181" ::: "memory");
        break;
    default: sinval(va); break;
    }
}

static void say(u64 va, bool touched, bool global, bool early, u64 what,
                u64 how, bool stores)
{
    print_hex(va);
    print(touched ? " touched" : " untouched");
    print(global ? " global" : " own");
    print(early ? " early " : " late ");
    print(changes[what]);
    print(" ");
    print(fences[how]);
    print(stores ? " store\n" : " load\n");
}

static void play(u64 round)
{
    u64 va = BASE + round * PAGE, value;
    bool touched = draw(8) != 0, global = draw(4) == 0, early = draw(3) == 0;
    bool stores = draw(2) != 0;
    u64 what = draw(sizeof(changes) / sizeof(changes[0]));
    u64 how = draw(sizeof(fences) / sizeof(fences[0]));
    u64 flags = USER_RW & ~(u64)(PTE_A | PTE_D);

    set(one, va, leaf(frame_new(), global ? flags | PTE_G : flags));
    if (touched)
        must(do_store(one, va, 100), "the page can be stored to");
    if (early)
        fence();
    change(entry(one, va, false), what);
    fence_somehow(how, va);
    if (stores)
        do_store(one, va, 1);
    else
        do_load(one, va, &value);
    fence();
    set(one, va, 0);
    fence();
    say(va, touched, global, early, what, how, stores);
}

static bool refuse(struct space *space, u64 cause, u64 va)
{
    (void)space, (void)cause, (void)va;
    return false;
}

static void run(void)
{
    one = space_with(1);
    state = option_number("seed", 1) * 0x9e3779b97f4a7c15;
    on_fault = refuse;
    for (u64 i = 0; i < option_number("rounds", 100); i++)
        play(i);
}

/* ---- code ---- */

#define ADDI_A0 0x00000513u /* addi a0, x0, imm */
#define RET 0x00008067u

static const char *const patches[] = {"nothing", "same", "it", "beside", "all"};
static const char *const code_fences[] = {"none", "own", "other"};

static void fence_i(void)
{
    __asm__ volatile("fence.i" ::: "memory");
}

static void patch(volatile u32 *code, u64 what)
{
    if (what == 1)
        code[0] = ADDI_A0 | 1u << 20;
    if (what == 2 || what == 4)
        code[0] = ADDI_A0 | 2u << 20;
    if (what >= 3)
        code[2] = RET;
}

static void play_code(void)
{
    u32 *code = frame_new();
    u64 (*call)(void) = (u64(*)(void))code;
    bool touched = draw(4) != 0, early = draw(3) == 0;
    u64 what = draw(sizeof(patches) / sizeof(patches[0]));
    u64 how = draw(sizeof(code_fences) / sizeof(code_fences[0]));

    code[0] = ADDI_A0 | 1u << 20;
    code[1] = RET;
    if (touched)
        call();
    if (early)
        fence_i();
    patch(code, what);
    if (how == 1)
        fence_i();
    if (how == 2)
        on_hart(1, fence_i);
    call();
    fence_i();
    print_hex((u64)code);
    print(touched ? " touched" : " untouched");
    print(early ? " early " : " late ");
    print(patches[what]);
    print(" ");
    print(code_fences[how]);
    print("\n");
}

static void run_code(void)
{
    state = option_number("seed", 1) * 0x9e3779b97f4a7c15;
    for (u64 i = 0; i < option_number("rounds", 100); i++)
        play_code();
}

const struct scenario scenarios[] = {
    {"random", run},
    {"code", run_code},
    {NULL, NULL},
};
