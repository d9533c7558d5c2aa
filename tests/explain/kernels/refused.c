/*
 * Accesses that a kernel refuses: it kills the program, or starts it anew; and
 * those that it does not know how to refuse.
 */
#include "kernel.h"

#define BIG 0x400000ull
#define RODATA 0x40000ull
#define BAD_BIT (1ull << 60)

static struct space *one;

/* A program with text, two pages of data, a stack page and constants. */
static void make_one(void)
{
    one = space_with(2);
    set(one, STACK + PAGE, leaf(frame_new(), USER_RW));
    set(one, RODATA, leaf(frame_new(), USER_R));
    must(do_store(one, DATA, 1), "a store");
    must(do_store(one, STACK + PAGE, 1), "a store to the stack");
}

/* What kernels do with a program that they refuse. */
static void punish(void)
{
    if (option("restart")) {
        must(do_store(one, DATA, 2), "the program begins anew");
        return;
    }
    csr_write(satp, 0);
    space_free(one);
}

static void refused_store(u64 va)
{
    make_one();
    must(!do_store(one, va, 1), "the store is refused");
    punish();
}

static void refused_load(u64 va)
{
    u64 value;

    make_one();
    must(!do_load(one, va, &value), "the load is refused");
    punish();
}

static void refused_jump(u64 va)
{
    make_one();
    must(!do_jump(one, va), "the jump is refused");
    punish();
}

static void null_store(void)
{
    refused_store(option_number("at", 0));
}

static void null_load(void)
{
    refused_load(option_number("at", 0));
}

static void null_jump(void)
{
    refused_jump(0);
}

static void wild_store(void)
{
    refused_store(0x12345678);
}

static void wild_load(void)
{
    refused_load(0x12345678);
}

static void wild_jump(void)
{
    refused_jump(0x12345678);
}

/* Below the stack's only page there is a guard. */
static void stack_overflow(void)
{
    refused_store(STACK + PAGE - 16);
}

static void text_store(void)
{
    refused_store(TEXT + 0x698);
}

static void constant_store(void)
{
    refused_store(RODATA + 8);
}

static void data_jump(void)
{
    refused_jump(DATA);
}

static void kernel_store(void)
{
    refused_store(0x80001000);
}

static void kernel_load(void)
{
    refused_load(0x80001000);
}

static void kernel_jump(void)
{
    refused_jump(0x80001000);
}

/* Bit 39 is no copy of bit 38. */
static void not_canonical(void)
{
    refused_load(1ull << 38);
}

/* An entry that no hart accepts. */
static void malformed(u64 va, u64 *at, u64 pte)
{
    u64 value;

    *(volatile u64 *)at = pte;
    fence();
    must(!do_load(one, va, &value), "the load is refused");
    punish();
}

static void misaligned(void)
{
    make_one();
    malformed(BIG + 8, entry_mega(one, BIG),
              leaf((void *)(MEGA_FRAME + PAGE), USER_RW));
}

static void reserved_bit(void)
{
    make_one();
    malformed(DATA + 8, entry(one, DATA, true), get(one, DATA) | BAD_BIT);
}

static void w_without_r(void)
{
    make_one();
    malformed(DATA + 8, entry(one, DATA, true), get(one, DATA) & ~(u64)PTE_R);
}

/* A pointer to a table that has U, as if it were a page's. */
static void marked_pointer(void)
{
    make_one();
    malformed(BIG + 8, entry_mega(one, BIG),
              leaf((void *)MEGA_FRAME, PTE_V | PTE_U));
}

static void pointer_below(void)
{
    make_one();
    malformed(DATA + 8, entry(one, DATA, true),
              leaf(frame_of(get(one, DATA)), PTE_V));
}

/* A child is killed for it; the parent goes on. */
static void in_child(void)
{
    struct space *child;

    make_one();
    child = fork(one);
    must(do_store(child, DATA, 2), "the child's copy");
    must(!do_store(child, 0, 1), "the store is refused");
    space_load(one);
    space_free(child);
    must(do_store(one, DATA, 3), "the parent keeps its page");
}

/* A child stores to text that it shares with its parent. */
static void text_in_child(void)
{
    struct space *child;

    make_one();
    child = fork(one);
    must(!do_store(child, TEXT + 0x698, 2), "the store is refused");
    space_load(one);
    space_free(child);
    must(do_store(one, DATA, 3), "the parent keeps its page");
}

/* One after another, each at another place. */
static void thrice(void)
{
    u64 value;

    make_one();
    must(!do_store(one, 0, 1), "the store is refused");
    must(!do_load(one, 0x12345678, &value), "the load is refused");
    must(!do_jump(one, DATA), "the jump is refused");
    must(do_store(one, DATA, 2), "the program begins anew");
}

/* With --svade: the kernel sets A and D, and that is no matter of forks. */
static bool mark_used(struct space *space, u64 cause, u64 va)
{
    u64 pte = get(space, va), used = PTE_A;

    if (!(pte & PTE_V))
        return false;
    if (cause == STORE_FAULT && !(pte & PTE_W))
        return cow_fault(space, cause, va);
    if (cause == STORE_FAULT)
        used |= PTE_D;
    set(space, va, pte | used);
    fence_page(va);
    return true;
}

static void unused_page(struct space *space, u64 va, u64 pte)
{
    set(space, va, pte & ~(u64)(PTE_A | PTE_D));
}

static void used(void)
{
    struct space *child;

    one = space_with(2);
    each_page(one, unused_page);
    on_fault = mark_used;
    must(loaded(one, DATA) == 0, "a load");
    must(do_store(one, DATA, 1), "a store");
    must(do_store(one, DATA + PAGE, 2), "a store");
    if (!option("forked"))
        return;
    child = fork(one);
    each_page(child, unused_page);
    must(do_store(child, DATA, 3), "the child's copy");
    must(loaded(one, DATA) == 1, "apart");
}

static bool refuse(struct space *space, u64 cause, u64 va)
{
    (void)space, (void)cause, (void)va;
    return false;
}

/* The kernel does not know of A. */
static void unused(void)
{
    on_fault = refuse;
    make_one();
    unused_page(one, DATA + PAGE, get(one, DATA + PAGE));
    fence();
    must(!do_store(one, DATA + PAGE, 1), "the store is refused");
    punish();
}

/* The kernel's own null pointer; its trap handler goes back to where it
 * happened. */
static u64 same_again(u64 cause, u64 va, u64 pc)
{
    (void)cause, (void)va;
    return pc;
}

static void kernel_null(void)
{
    make_one();
    must(do_nothing(one), "a system call");
    on_kernel_trap = same_again;
    if (option("store"))
        __asm__ volatile("sd zero, 0(zero)");
    else if (option("load"))
        __asm__ volatile("ld t0, 0(zero)" ::: "t0");
    else
        __asm__ volatile("jr zero");
    must(false, "it never comes here");
}

/* One after another at the same place, by a program that begins anew. */
static void null_again(void)
{
    make_one();
    for (unsigned i = 0; i < 4; i++)
        must(!do_store(one, 0, 1), "the store is refused");
    must(do_store(one, DATA, 2), "the program begins anew");
}

/* A handler that stores to one unmapped page after another, of `of` pages, and
 * so comes back to itself. */
static void handler_turns(void)
{
    make_one();
    must(do_nothing(one), "a system call");
    __asm__ volatile("mv t1, %0\n"
                     "li t0, 0\n"
                     "la t2, 1f\n"
                     "csrw stvec, t2\n"
                     ".balign 4\n"
                     "1: remu t0, t0, t1\n"
                     "addi t0, t0, 1\n"
                     "slli t2, t0, 12\n"
                     "sd zero, 0(t2)"
                     :
                     : "r"(option_number("of", 2))
                     : "t0", "t1", "t2", "memory");
}

/* stvec is a null pointer too. */
static void no_handler(void)
{
    make_one();
    must(do_nothing(one), "a system call");
    csr_write(stvec, 0);
    __asm__ volatile("sd zero, 0(zero)");
}

const struct scenario scenarios[] = {
    {"null-store", null_store},
    {"null-load", null_load},
    {"null-jump", null_jump},
    {"wild-store", wild_store},
    {"wild-load", wild_load},
    {"wild-jump", wild_jump},
    {"stack-overflow", stack_overflow},
    {"text-store", text_store},
    {"constant-store", constant_store},
    {"data-jump", data_jump},
    {"kernel-store", kernel_store},
    {"kernel-load", kernel_load},
    {"kernel-jump", kernel_jump},
    {"not-canonical", not_canonical},
    {"misaligned", misaligned},
    {"reserved-bit", reserved_bit},
    {"w-without-r", w_without_r},
    {"marked-pointer", marked_pointer},
    {"pointer-below", pointer_below},
    {"in-child", in_child},
    {"text-in-child", text_in_child},
    {"thrice", thrice},
    {"used", used},
    {"unused", unused},
    {"kernel-null", kernel_null},
    {"null-again", null_again},
    {"handler-turns", handler_turns},
    {"no-handler", no_handler},
    {NULL, NULL},
};
