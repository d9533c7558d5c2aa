/*
 * The kernel itself stores: to a program's page in a system call, with SUM
 * and a fault or by a walk of its own, and to pages of its own (U=0).
 */
#include "kernel.h"

#define SUM_BIT (1 << 18)
#define OWN 0x50000ull /* a page of the kernel in each space */

static void store(struct space *space, u64 va, u64 value)
{
    must(do_store(space, va, value), "the store is allowed");
}

static struct space *current; /* whose system call it is */
static bool failed;

/* A fault of the kernel is answered as its program's would be; else the
 * access is skipped, which is 4 bytes long. */
static u64 errand(u64 cause, u64 va, u64 pc)
{
    if (on_fault(current, cause, va))
        return pc;
    failed = true;
    return pc + 4;
}

static bool kernel_store(u64 va, u64 value)
{
    failed = false;
    __asm__ volatile(".option push\n.option norvc\nsd %1, 0(%0)\n.option pop"
                     :
                     : "r"(va), "r"(value)
                     : "memory");
    return !failed;
}

static u64 kernel_load(u64 va)
{
    u64 value = 0;

    failed = false;
    __asm__ volatile(".option push\n.option norvc\nld %0, 0(%1)\n.option pop"
                     : "+r"(value)
                     : "r"(va)
                     : "memory");
    return value;
}

/* A system call in which the kernel stores to the program's memory. */
static bool call_store(struct space *space, u64 va, u64 value)
{
    bool done;

    must(do_nothing(space), "the system call");
    current = space;
    on_kernel_trap = errand;
    csr_set(sstatus, SUM_BIT);
    done = kernel_store(va, value);
    csr_clear(sstatus, SUM_BIT);
    return done;
}

/* The same, by a walk: the kernel looks the entry up and answers the fault
 * that there would be. */
static void call_walk(struct space *space, u64 va, u64 value)
{
    must(do_nothing(space), "the system call");
    if (!(get(space, va) & PTE_W))
        must(cow_fault(space, STORE_FAULT, va), "the page may be stored to");
    *(volatile u64 *)((u64)frame_of(get(space, va)) + va % PAGE) = value;
}

static struct space *parent, *child;

static void make_two(void)
{
    parent = space_with(2);
    store(parent, DATA, 100);
    child = fork(parent);
    if (!option("parent-first"))
        must(loaded(child, DATA) == 100, "the child runs");
}

/* One side, then the other. */
static void copyout(void)
{
    struct space *first, *second;

    make_two();
    first = option("parent-first") ? parent : child;
    second = first == parent ? child : parent;
    must(call_store(first, DATA + 8, 1), "the kernel stores");
    must(loaded(second, DATA + 8) == 0, "apart");
    must(call_store(second, DATA + 8, 2), "the kernel stores");
    must(loaded(first, DATA + 8) == 1, "apart");
}

static void walk(void)
{
    struct space *first, *second;

    make_two();
    first = option("parent-first") ? parent : child;
    second = first == parent ? child : parent;
    call_walk(first, DATA + 8, 1);
    must(loaded(second, DATA + 8) == 0, "apart");
    call_walk(second, DATA + 8, 2);
    must(loaded(first, DATA + 8) == 1, "apart");
}

/* The kernel for one side, the program itself for the other. */
static void mixed(void)
{
    make_two();
    must(call_store(child, DATA, 1), "the kernel stores");
    store(parent, DATA, 2);
    call_walk(parent, DATA + PAGE, 3);
    store(child, DATA + PAGE, 4);
    must(loaded(parent, DATA + PAGE) == 3, "apart");
}

/* Loads, and stores to what can be stored to. */
static void harmless(void)
{
    make_two();
    must(do_nothing(child), "the system call");
    csr_set(sstatus, SUM_BIT);
    must(kernel_load(DATA) == 100, "the kernel loads");
    csr_clear(sstatus, SUM_BIT);
    store(child, DATA, 1);
    must(call_store(child, DATA, 2), "the kernel stores");
    must(loaded(child, DATA) == 2, "it stored");
    must(do_nothing(parent), "the parent goes on");
}

/* The program gave a bad address. */
static void bad_address(void)
{
    parent = space_with(1);
    store(parent, DATA, 1);
    must(!call_store(parent, 0x70000, 1), "the kernel finds nothing there");
    must(do_nothing(parent), "the program goes on");
}

static bool refuse(struct space *space, u64 cause, u64 va)
{
    (void)space, (void)cause, (void)va;
    return false;
}

/* A page of the program, and SUM is clear. */
static void closed(void)
{
    on_fault = refuse;
    parent = space_with(1);
    store(parent, DATA, 1);
    must(do_nothing(parent), "the system call");
    on_kernel_trap = errand;
    must(!kernel_store(DATA, 1), "the kernel may not");
    must(do_nothing(parent), "the program goes on");
}

/* A page of the kernel that each space has a copy of, made when it stores. */
static void own(void)
{
    parent = space_with(1);
    set(parent, OWN, leaf(frame_new(), USER_RW & ~(u64)PTE_U));
    space_load(parent);
    must(kernel_store(OWN, 100), "the kernel stores");
    store(parent, DATA, 1);
    child = fork(parent);
    must(do_nothing(parent), "the parent goes on");
    must(do_nothing(child), "the child runs");
    current = child;
    on_kernel_trap = errand;
    must(kernel_store(OWN + 8, 1), "the kernel stores");
    space_load(parent);
    current = parent;
    must(kernel_load(OWN + 8) == 0, "apart");
    must(kernel_store(OWN + 8, 2), "the kernel stores");
    store(child, DATA, 3);
}

const struct scenario scenarios[] = {
    {"copyout", copyout},
    {"walk", walk},
    {"mixed", mixed},
    {"harmless", harmless},
    {"bad-address", bad_address},
    {"closed", closed},
    {"own", own},
    {NULL, NULL},
};
