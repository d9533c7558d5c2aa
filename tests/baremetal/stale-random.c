/*
 * Random stores to page tables, fences and accesses, for stale.py to judge by
 * what emu reports of them. The input is a seed, in decimal, and a newline.
 *
 * Four frames are reached through two spaces of two tables a level, whose
 * entries change from pointers to leaves of every size and back. Wherever an
 * address leads, it is to one of the frames or to RAM that nobody uses.
 */
#include "bare.h"

#define UART ((volatile u8 *)0x10000000)
#define IER_RECEIVED 1
#define LSR_DATA_READY 1
#define PRIORITY ((volatile u32 *)0xc000028)
#define ENABLE ((volatile u32 *)0xc002000)
#define CLAIM ((volatile u32 *)0xc200004)
#define SOURCE 10
#define MEI 11

#define OPERATIONS 500
#define RAM 0x80000000ull
#define BASE 0x40000000ull /* root's index 1 */
#define SIZE_2M 0x200000ull
#define RSW_SHIFT 8
#define SATP_SV39 (8ull << 60)

#define RETURN 0x100 /* offsets of code in a frame */
#define CHANGE 0x180

static u64 frame[4][512] __attribute__((aligned(4096)));
static u64 root[2][512] __attribute__((aligned(4096)));
static u64 middle[2][512] __attribute__((aligned(4096)));
static u64 last[2][512] __attribute__((aligned(4096)));
static u64 state;

/* The last change of an entry. */
static struct {
    u64 *entry;
    u64 value;
} undo;

/* What code at CHANGE is told: where to go, which entry to store, and what. */
static u64 order[3];

static u64 below(u64 limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 20) % limit;
}

/* Sleeps until the UART has a byte: polling would make millions of events. */
static u8 receive(void)
{
    u8 byte;

    while (!(UART[5] & LSR_DATA_READY)) {
        __asm__ volatile("wfi");
        *CLAIM = *CLAIM;
    }
    byte = UART[0];
    *CLAIM = *CLAIM;
    return byte;
}

static u64 read_seed(void)
{
    u64 seed = 0;
    u8 byte;

    *PRIORITY = 1;
    *ENABLE = 1 << SOURCE;
    UART[1] = IER_RECEIVED;
    csr_write(mie, 1 << MEI);
    while ((byte = receive()) != '\n')
        seed = 10 * seed + byte - '0';
    csr_write(mie, 0);
    return seed;
}

static u64 page_of(unsigned n)
{
    return ((u64)frame[n] & (SIZE_2M - 1));
}

/* An address by which a frame may be reached. */
static u64 address(void)
{
    return BASE + below(2) * SIZE_2M + page_of(below(4));
}

static u64 flags(void)
{
    static const u8 likely[] = {
        PTE_RW | PTE_AD,
        PTE_RW | PTE_AD | PTE_X,
        PTE_RW | PTE_AD | PTE_X | PTE_U,
        PTE_V | PTE_R | PTE_AD,
        PTE_V | PTE_R | PTE_X | PTE_A,
        PTE_RW | PTE_A | PTE_X,
        PTE_RW | PTE_X,
        PTE_V | PTE_W | PTE_AD, /* reserved */
        PTE_V | PTE_X | PTE_AD,
        PTE_R | PTE_W | PTE_AD, /* V=0 */
    };
    u64 rare = below(8) ? 0 : PTE_G;

    return likely[below(sizeof(likely))] | rare | below(4) << RSW_SHIFT;
}

static u64 new_leaf(u64 pa)
{
    return pa >> 2 | flags();
}

static void choose(u64 **entry, u64 *value)
{
    unsigned n = (unsigned)below(4);

    switch (below(8)) {
    case 0:
        *entry = &root[below(2)][1];
        *value = below(4) ? leaf(middle[below(2)], PTE_V) : new_leaf(RAM);
        break;
    case 1:
        *entry = &middle[below(2)][below(2)];
        *value = below(3) ? leaf(last[below(2)], PTE_V)
                          : new_leaf((u64)frame[0] & -SIZE_2M);
        break;
    case 2:
        *entry = &root[below(2)][2 + below(2)];
        *value = **entry ^ below(4) << RSW_SHIFT;
        break;
    default:
        *entry = &last[below(2)][page_of(n) >> 12];
        *value = new_leaf((u64)frame[below(4)]);
    }
    if (!below(12))
        *value = 0;
}

static void change(void)
{
    u64 *entry, value;

    choose(&entry, &value);
    undo.entry = entry;
    undo.value = *entry;
    if (below(4) || !(*entry & PTE_V))
        *(volatile u64 *)entry = value;
    else if ((*entry ^ value) < 0x400)
        *(volatile u8 *)entry = (u8)value;
    else
        *(volatile u64 *)entry ^= 1ull << below(8);
}

static void take_back(void)
{
    if (undo.entry)
        *(volatile u64 *)undo.entry = undo.value;
}

static void fence(void)
{
    u64 va = address(), asid = 1 + below(2);

    switch (below(4)) {
    case 0: fence_all(); break;
    case 1: __asm__ volatile("sfence.vma %0, x0" ::"r"(va) : "memory"); break;
    case 2: __asm__ volatile("sfence.vma x0, %0" ::"r"(asid) : "memory"); break;
    default:
        __asm__ volatile("sfence.vma %0, %1" ::"r"(va), "r"(asid) : "memory");
    }
}

static void enter_space(void)
{
    csr_write(satp,
              SATP_SV39 | (1 + below(2)) << 44 | (u64)root[below(2)] >> 12);
}

static void choose_status(void)
{
    csr_clear(mstatus, SUM_BIT | MXR_BIT);
    csr_set(mstatus, (below(2) ? SUM_BIT : 0) | (below(4) ? 0 : MXR_BIT));
}

#define IN_EITHER(code, arg) (below(3) ? run(S, code, arg) : run(U, code, arg))

static void access(void)
{
    u64 va = address();

    choose_status();
    switch (below(8)) {
    case 0: IN_EITHER("amoadd.d t0, t5, (t5)", va); break;
    case 1:
    case 2: IN_EITHER("sd t5, 8(t5)", va); break;
    case 3:
    case 4: IN_EITHER("jalr t6, (t5)", va + RETURN); break;
    case 5: IN_EITHER("ld t0, 64(t5)\n sd t0, 72(t5)", va); break;
    default: IN_EITHER("ld t0, 16(t5)", va);
    }
}

/* Code that changes an entry by which it may have been fetched itself. */
static void change_below_oneself(void)
{
    u64 *entry;

    choose(&entry, &order[2]);
    order[0] = address() + CHANGE;
    order[1] = (u64)entry;
    undo.entry = entry;
    undo.value = *entry;
    run(S, "ld t1, 8(t5)\n ld t0, 16(t5)\n ld t2, (t5)\n jalr t6, (t2)", order);
}

static void set_up(void)
{
    static const u32 code[] = {
        0x00533023, /* sd t0, 0(t1) */
        0x00000013, /* nop */
        0x00000013, /* nop */
        0x000f8067, /* jr t6 */
    };

    for (unsigned i = 0; i < 4; i++) {
        *(u32 *)((u64)frame[i] + RETURN) = code[3];
        for (unsigned k = 0; k < 4; k++)
            ((u32 *)((u64)frame[i] + CHANGE))[k] = code[k];
        for (unsigned k = 0; k < 2; k++)
            last[k][page_of(i) >> 12] = leaf(frame[i], PTE_RW | PTE_X | PTE_AD);
    }
    for (unsigned k = 0; k < 2; k++) {
        root[k][1] = leaf(middle[k], PTE_V);
        root[k][2] = RAM >> 2 | PTE_RW | PTE_X | PTE_AD;
        root[k][3] = RAM >> 2 | PTE_RW | PTE_X | PTE_U | PTE_AD;
        middle[k][0] = leaf(last[0], PTE_V);
        middle[k][1] = leaf(last[1], PTE_V);
    }
    __asm__ volatile("fence.i" ::: "memory");
}

void test_main(void)
{
    state = read_seed() * 0x9e3779b97f4a7c15 + 1;
    set_up();
    enter_space();
    for (unsigned i = 0; i < OPERATIONS; i++) {
        u64 what = below(32);

        if (what < 10)
            change();
        else if (what < 12)
            take_back();
        else if (what < 14)
            fence();
        else if (what < 15)
            enter_space();
        else if (what < 18)
            change_below_oneself();
        else
            access();
    }
    check("done", undo.entry != 0, 1);
}
