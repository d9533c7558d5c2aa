/*
 * A kernel that forgets fences, and one that needs none: each case has a page
 * of its own, by which the suite knows what stale_use is to say of it. What is
 * checked here is that the TLB does go on with what it has, which it may.
 */
#include "bare.h"

/* The suite has this list, too. */
#define WRITE_TAKEN 0x10000
#define REMAPPED 0x11000
#define UNMAPPED 0x12000
#define EXECUTED 0x13000
#define CLEARED_D 0x14000
#define FENCED 0x15000
#define FENCED_ELSEWHERE 0x16000
#define WIDENED 0x17000
#define CLEARED_A 0x18000
#define RESTORED 0x19000
#define REFUSED 0x1a000
#define POINTER 0x400000
#define RUNNING 0x1b000

#define ASID 5
#define RWX (PTE_RW | PTE_X)

static u64 frame[3][PAGE / 8] __attribute__((aligned(4096)));
static u64 lower[2][512] __attribute__((aligned(4096)));

static void set(u64 va, unsigned number, u64 flags)
{
    *(volatile u64 *)table_entry(va) = leaf(frame[number], flags);
}

static u64 value_at(u64 va)
{
    return run(S, "ld t0, (t5)", va).value;
}

static u64 store_to(u64 va)
{
    return run(S, "sd zero, 8(t5)", va).cause;
}

/* Frames hold their number, and code that returns it. */
static u64 value_of_code(u64 va)
{
    return run(S, "addi t3, t5, 16\n jalr t6, (t3)", va).value;
}

static void start(u64 va)
{
    map(va, frame[0], RWX | PTE_AD);
    check("start", value_at(va), 100);
    check("start-store", store_to(va), NONE);
    check("start-code", value_of_code(va), 100);
}

static void check_forgotten(void)
{
    start(WRITE_TAKEN);
    set(WRITE_TAKEN, 0, PTE_V | PTE_R | PTE_X | PTE_AD);
    check("write-taken-load", value_at(WRITE_TAKEN), 100);
    check("write-taken", store_to(WRITE_TAKEN), NONE);
    check("write-taken-again", store_to(WRITE_TAKEN), NONE);

    start(REMAPPED);
    set(REMAPPED, 1, RWX | PTE_AD);
    check("remapped", value_at(REMAPPED), 100);
    check("remapped-store", store_to(REMAPPED), NONE);

    start(UNMAPPED);
    *(volatile u64 *)table_entry(UNMAPPED) = 0;
    check("unmapped", value_at(UNMAPPED), 100);

    start(EXECUTED);
    set(EXECUTED, 1, RWX | PTE_AD);
    check("executed", value_of_code(EXECUTED), 100);

    start(CLEARED_D);
    set(CLEARED_D, 0, RWX | PTE_A);
    check("cleared-d", store_to(CLEARED_D), NONE);
}

static void check_pointer(void)
{
    volatile u64 *entry = table_middle(POINTER);

    lower[0][0] = leaf(frame[0], RWX | PTE_AD);
    lower[1][0] = leaf(frame[2], RWX | PTE_AD);
    *entry = leaf(lower[0], PTE_V);
    fence_all();
    check("pointer-before", value_at(POINTER), 100);
    *entry = leaf(lower[1], PTE_V);
    check("pointer", value_at(POINTER), 100);
}

static void check_fences(void)
{
    start(FENCED);
    set(FENCED, 1, RWX | PTE_AD);
    __asm__ volatile("sfence.vma %0, %1" ::"r"(FENCED), "r"(ASID) : "memory");
    check("fenced", value_at(FENCED), 101);

    start(FENCED_ELSEWHERE);
    set(FENCED_ELSEWHERE, 1, RWX | PTE_AD);
    __asm__ volatile("sfence.vma %0, %1" ::"r"(FENCED_ELSEWHERE), "r"(ASID + 1)
                     : "memory");
    __asm__ volatile("sfence.vma %0, x0" ::"r"(FENCED) : "memory");
    check("fenced-elsewhere", value_at(FENCED_ELSEWHERE), 100);
}

/* What needs no fence, or shows itself as a fault. */
static void check_harmless(void)
{
    map(WIDENED, frame[0], PTE_V | PTE_R | PTE_AD);
    check("widened-before", value_at(WIDENED), 100);
    set(WIDENED, 0, RWX | PTE_AD);
    check("widened", value_at(WIDENED), 100);

    start(CLEARED_A);
    set(CLEARED_A, 0, RWX | PTE_D);
    check("cleared-a", value_at(CLEARED_A), 100);

    start(RESTORED);
    set(RESTORED, 1, RWX | PTE_AD);
    set(RESTORED, 0, RWX | PTE_AD);
    check("restored", value_at(RESTORED), 100);
    check("restored-store", store_to(RESTORED), NONE);

    map(REFUSED, frame[0], PTE_V | PTE_R | PTE_AD);
    check("refused-before", value_at(REFUSED), 100);
    set(REFUSED, 0, RWX | PTE_AD);
    check("refused", store_to(REFUSED), STORE_PAGE);
}

/* Code takes away the page that it runs in, by its own store. */
static void check_running(void)
{
    static u64 order[2];

    map(RUNNING, frame[0], RWX | PTE_AD);
    order[0] = RUNNING + 32;
    order[1] = (u64)table_entry(RUNNING);
    check("running",
          run(S, "ld t1, 8(t5)\n ld t2, (t5)\n li t0, 0\n jalr t6, (t2)", order)
              .value,
          7);
}

void test_main(void)
{
    for (unsigned i = 0; i < 3; i++) {
        u32 *code = (u32 *)&frame[i][2];

        frame[i][0] = 100 + i;
        code[0] = (100 + i) << 20 | 5 << 7 | 0x13; /* li t0, 100 + i */
        code[1] = 0x000f8067;                      /* jr t6 */
        code[4] = 0x00533023;                      /* sd t0, (t1) */
        code[5] = 7 << 20 | 5 << 7 | 0x13;         /* li t0, 7 */
        code[6] = 0x000f8067;                      /* jr t6 */
    }
    __asm__ volatile("fence.i" ::: "memory");
    table_on(ASID);
    check_forgotten();
    check_pointer();
    check_fences();
    check_harmless();
    check_running();
    table_off();
}
