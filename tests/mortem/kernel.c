/*
 * A kernel that fails: -append "run=NAME" says how (scenarios, at the end).
 *
 * What the report of its end has to say it prints itself, before it fails:
 * "walk LEVEL ADDRESS ENTRY" of the address in question. Lines that a report
 * has to name end in a comment, which the suite looks for.
 */
#include <stdbool.h>

#include "base/types.h"

#define UART ((volatile u8 *)0x10000000)
#define FINISHER ((volatile u32 *)0x100000)
#define PTE_V 0x01
#define PTE_R 0x02
#define PTE_W 0x04
#define PTE_X 0x08
#define PTE_U 0x10
#define PTE_A 0x40
#define PTE_D 0x80
#define ALL (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define SATP_SV39 (8ull << 60)
#define TEXT 0x10000ull
#define STACK 0x20000ull
#define TARGET 0x40000ull /* where the program stores */
#define WINDOW 0x50000ull /* a page that the kernel maps for itself */
#define NOWHERE 0x4000000000ull
#define DEEP 0x40000000ull
#define DEEP_SIZE 0x200000ull /* one page of stack, above nothing */

#define csr_read(csr)                                                   \
    ({                                                                  \
        u64 csr_value;                                                  \
        __asm__ volatile("csrr %0, " #csr : "=r"(csr_value)::"memory"); \
        csr_value;                                                      \
    })
#define csr_write(csr, value) \
    __asm__ volatile("csrw " #csr ", %0" ::"r"((u64)(value)) : "memory")

#define AWAY __attribute__((noinline, noclone))

typedef u64 table[512];

extern const u8 program[], program_end[];
extern u8 kernel_vector[], user_vector[];
_Noreturn void enter_user(u64 pc, u64 sp, u64 kernel_sp);
_Noreturn void leave_trap(void *frame);
void kernel_main(u64 hart, const u8 *tree);
void kernel_trap(void);
_Noreturn void user_trap(void *frame);

static table root __attribute__((aligned(4096)));
static table middle __attribute__((aligned(4096)));
static table last __attribute__((aligned(4096)));
static table deep __attribute__((aligned(4096)));
static table other_root __attribute__((aligned(4096)));
static u8 page[4096] __attribute__((aligned(4096)));
static u8 stack_page[4096] __attribute__((aligned(4096)));
static u8 user_stack[4096] __attribute__((aligned(4096)));
static u8 trap_stack[8192] __attribute__((aligned(16)));
static char run[32];
static bool retry;
static u64 (*again)(u64); /* what a trap calls, if anything */

volatile int lock_a, lock_b, flag;
static volatile int ready;

static void put(const char *text)
{
    while (*text)
        *UART = (u8)*text++;
}

static void put_hex(u64 value)
{
    put("0x");
    for (int shift = 60; shift >= 0; shift -= 4)
        *UART = (u8) "0123456789abcdef"[value >> shift & 15];
}

static AWAY _Noreturn void panic(const char *text)
{
    put("panic: ");
    put(text);
    put("\n");
    for (;;)
        ;
}

static u64 leaf(const void *frame, u64 flags)
{
    return (u64)frame >> 2 | flags;
}

static void put_entry(int level, const u64 *at)
{
    put("walk ");
    put_hex((u64)level);
    put(" ");
    put_hex((u64)at);
    put(" ");
    put_hex(*at);
    put("\n");
}

/* What the report has to show of an address of the last level's table. */
static void put_walk(u64 va)
{
    put_entry(2, &root[0]);
    put_entry(1, &middle[0]);
    put_entry(0, &last[va >> 12 & 511]);
}

static void build_tables(void)
{
    root[0] = leaf(middle, PTE_V);
    root[2] = leaf((void *)0x80000000, ALL);
    middle[0] = leaf(last, PTE_V);
    middle[128] = leaf((void *)0x10000000, ALL); /* the UART */
    last[0x100] = leaf((void *)0x100000, ALL);   /* the finisher */
    csr_write(satp, SATP_SV39 | (u64)root >> 12);
    __asm__ volatile("sfence.vma");
}

static AWAY void end(void)
{
    *FINISHER = 0x5555;
}

/* ---- traps ---- */

void kernel_trap(void)
{
    if (again)
        again(0);
    panic("a trap of the kernel");
}

static AWAY void allow_target(void)
{
    last[TARGET >> 12] |= PTE_W | PTE_D; /* W is given */
}

_Noreturn void user_trap(void *frame)
{
    csr_write(stvec, kernel_vector);
    if (retry) {
        retry = false;
        allow_target();
        csr_write(stvec, user_vector);
        leave_trap(frame);
    }
    panic("a program's fault");
}

/* ---- scenarios ---- */

static AWAY void store_to(volatile long *where)
{
    *where = 1; /* the kernel's store */
}

static AWAY void uvmcopy(volatile long *to)
{
    store_to(to);
    put("still here\n");
}

static AWAY void memmove(volatile u8 *to, const u8 *from, u64 count)
{
    for (u64 i = 0; i < count; i++)
        to[i] = from[i]; /* the copy's store */
}

static AWAY void copy_out(volatile u8 *to)
{
    memmove(to, page, 16); /* asks for a copy */
    put("still here\n");
}

static void bulk(void)
{
    copy_out((volatile u8 *)WINDOW);
}

/* A pointer from memory that was filled when it was freed. */
static void filled(void)
{
    uvmcopy((volatile long *)0x0505050505050515);
}

static void null(void)
{
    put_walk(0);
    uvmcopy((volatile long *)0);
}

static AWAY void map_window(void)
{
    last[WINDOW >> 12] = leaf(page, ALL); /* mapped */
}

static AWAY void unmap_window(void)
{
    last[WINDOW >> 12] = 0; /* unmapped */
    __asm__ volatile("sfence.vma");
}

static void unmapped(void)
{
    map_window();
    store_to((volatile long *)WINDOW);
    unmap_window();
    put_walk(WINDOW);
    uvmcopy((volatile long *)(WINDOW + 8));
}

/* An entry that was filled when its table was freed. */
static void malformed(void)
{
    last[WINDOW >> 12] = 0x0505050505050505;
    __asm__ volatile("sfence.vma");
    put_walk(WINDOW);
    uvmcopy((volatile long *)WINDOW);
}

static void malformed_rights(void)
{
    last[WINDOW >> 12] = leaf(page, ALL & ~(u64)PTE_R);
    __asm__ volatile("sfence.vma");
    put_walk(WINDOW);
    uvmcopy((volatile long *)WINDOW);
}

/* A frame, and a table, where there is no RAM. */
static void outside(void)
{
    last[WINDOW >> 12] = leaf((void *)NOWHERE, ALL);
    __asm__ volatile("sfence.vma");
    put_walk(WINDOW);
    uvmcopy((volatile long *)WINDOW);
}

static void outside_table(void)
{
    middle[2] = leaf((void *)NOWHERE, PTE_V);
    __asm__ volatile("sfence.vma");
    put_entry(2, &root[0]);
    put_entry(1, &middle[2]);
    uvmcopy((volatile long *)0x400000);
}

static void loop(void)
{
    put_walk(0);
    csr_write(stvec, 0x2000);
    uvmcopy((volatile long *)0);
}

static AWAY u64 recurse(u64 depth)
{
    volatile u64 room[32];

    room[depth % 32] = depth; /* the stack grows */
    if (depth == ~0ull)
        return 0;
    return recurse(depth + 1) + room[0];
}

static volatile int is_done; /* never */

static AWAY void spin(volatile int *where)
{
    while (!*where) /* spins */
        ;
}

static AWAY u64 level0(u64 depth)
{
    if (!depth)
        spin(&is_done);
    *(volatile u64 *)depth = depth; /* to where nothing is */
    return depth;
}

#define LEVEL(name, next)           \
    static AWAY u64 name(u64 depth) \
    {                               \
        volatile u64 room = depth;  \
                                    \
        return next(depth) + room;  \
    }
LEVEL(level1, level0)
LEVEL(level2, level1)
LEVEL(level3, level2)
LEVEL(level4, level3)
LEVEL(level5, level4)
LEVEL(level6, level5)
LEVEL(level7, level6)
LEVEL(level8, level7)

/* Calls on a stack of one page. */
static AWAY void call_deep(u64 (*function)(u64))
{
    root[1] = leaf(deep, PTE_V);
    deep[1] = leaf(stack_page, PTE_V);
    ((u64 *)stack_page)[511] = leaf(page, ALL);
    __asm__ volatile("sfence.vma");
    __asm__ volatile(
        "mv sp, %0\n\tli a0, 0\n\tjalr %1" ::"r"(DEEP + 2 * DEEP_SIZE),
        "r"(function)
        : "ra", "a0", "memory");
}

static void overflow(void)
{
    call_deep(recurse);
}

/* What it keeps is all that it stores. */
static AWAY u64 dive(u64 depth)
{
    return depth == ~0ull ? 0 : dive(depth + 1) + (u64)flag;
}

/* The same with a handler that has a stack of its own, and panics. */
static void overflow_caught(void)
{
    csr_write(sscratch, (u64)trap_stack + sizeof(trap_stack));
    csr_write(stvec, user_vector);
    call_deep(dive);
}

/* As many calls before the trap as in its handler. */
static void nested(void)
{
    again = level8;
    level8(DEEP);
}

static void forever(void)
{
    spin(&flag);
}

static AWAY void acquire(volatile int *lock)
{
    while (__sync_lock_test_and_set(lock, 1)) /* waits for the lock */
        ;
}

static AWAY void meet(void)
{
    __sync_fetch_and_add(&ready, 1);
    while (ready < 2)
        ;
}

static AWAY void take_a_then_b(void)
{
    acquire(&lock_a);
    meet();
    acquire(&lock_b); /* hart 0's second lock */
    put("both\n");
}

static AWAY void take_b_then_a(void)
{
    acquire(&lock_b);
    meet();
    acquire(&lock_a); /* hart 1's second lock */
    put("both\n");
}

static void deadlock(void)
{
    flag = 1;
    take_a_then_b();
}

static AWAY void idle(void)
{
    for (;;) /* waits */
        __asm__ volatile("wfi");
}

static void silent(void)
{
    idle();
}

static bool load_first; /* so that the TLB has the program's page */

static _Noreturn void start_program(void)
{
    for (u64 i = 0; i < (u64)(program_end - program + 4095) / 4096; i++)
        last[(TEXT >> 12) + i] =
            leaf(program + 4096 * i, (ALL | PTE_U) & ~(u64)PTE_W);
    last[STACK >> 12] = leaf(user_stack, ALL | PTE_U);
    __asm__ volatile("fence.i; sfence.vma");
    if (load_first)
        __asm__ volatile("csrs sstatus, %0; ld t0, 0(%1)" ::"r"(1ull << 18),
                         "r"(TARGET)
                         : "t0", "memory");
    put_walk(TARGET);
    enter_user(TEXT, STACK + 4096, (u64)trap_stack + sizeof(trap_stack));
}

static void user(void)
{
    start_program();
}

/* A second root maps the same frame. */
static void shared(void)
{
    last[TARGET >> 12] = leaf(page, PTE_V | PTE_R | PTE_U | PTE_A);
    for (int i = 0; i < 512; i++)
        other_root[i] = root[i];
    csr_write(satp, SATP_SV39 | (u64)other_root >> 12);
    csr_write(satp, SATP_SV39 | (u64)root >> 12);
    start_program();
}

/* W is given at the first fault, and the TLB is not told: it has the page from
 * a load of the kernel's. */
static void unfenced(void)
{
    retry = true;
    last[TARGET >> 12] = leaf(page, PTE_V | PTE_R | PTE_U | PTE_A);
    load_first = true;
    start_program();
}

/* The same with the fence: the program goes on for ever. */
static void answered(void)
{
    retry = true;
    last[TARGET >> 12] = leaf(page, PTE_V | PTE_R | PTE_U | PTE_A);
    start_program();
}

static const struct {
    const char *name;
    void (*run)(void);
} scenarios[] = {
    {"null", null},
    {"unmapped", unmapped},
    {"loop", loop},
    {"overflow", overflow},
    {"overflow-caught", overflow_caught},
    {"forever", forever},
    {"deadlock", deadlock},
    {"silent", silent},
    {"user", user},
    {"shared", shared},
    {"unfenced", unfenced},
    {"answered", answered},
    {"end", end},
    {"nested", nested},
    {"bulk", bulk},
    {"filled", filled},
    {"malformed", malformed},
    {"malformed-rights", malformed_rights},
    {"outside", outside},
    {"outside-table", outside_table},
};

/* The command line is the text of the device tree that begins with run=. */
static void read_name(const u8 *tree)
{
    u64 size = (u64)tree[4] << 24 | tree[5] << 16 | tree[6] << 8 | tree[7];

    for (u64 i = 0; i + 4 < size; i++) {
        if (tree[i] != 'r' || tree[i + 1] != 'u' || tree[i + 2] != 'n' ||
            tree[i + 3] != '=')
            continue;
        for (u64 n = 0; n < sizeof(run) - 1 && tree[i + 4 + n]; n++)
            run[n] = (char)tree[i + 4 + n];
        return;
    }
}

static bool is_equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

void kernel_main(u64 hart, const u8 *tree)
{
    if (hart) {
        while (!flag)
            ;
        take_b_then_a();
    }
    read_name(tree);
    build_tables();
    for (u64 i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
        if (is_equal(run, scenarios[i].name))
            scenarios[i].run();
    panic("no such scenario");
}
