/*
 * Kernels that change page tables and forget a fence, or fence something else.
 * With right, each does the fence that is needed, and behaves the same.
 *
 * What has to be found stands on a line with the word GUILTY: the store to the
 * page table, or to satp. A line with the word FENCE is the fence that does not
 * do. No access is there to help: programs touch the pages as programs do.
 */
#include "kernel.h"

#define SATP_SV39 (8ull << 60)
#define PTE_G 0x20

static struct space *one, *other;

/* In the function that a scenario is, so that the line is its own. */
#define STORE_PTE(at, pte) (*(volatile u64 *)(at) = (pte))

static void fence_asid(u64 asid)
{
    __asm__ volatile("sfence.vma x0, %0" ::"r"(asid) : "memory");
}

static void fence_if(const char *word, u64 va)
{
    if (option(word))
        fence_page(va);
}

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

/* Gives W to who asks for it, and fences. */
static bool give_w(struct space *space, u64 cause, u64 va)
{
    if (cause != STORE_FAULT || !(get(space, va) & PTE_V))
        return false;
    set(space, va & -PAGE, get(space, va) | PTE_W);
    fence_page(va);
    return true;
}

/* W is taken away. */
static void narrow(void)
{
    u64 *at;

    begin();
    on_fault = give_w;
    at = entry(one, DATA, false);
    STORE_PTE(at, *at & ~(u64)PTE_W); /* GUILTY */
    fence_if("right", DATA);
    store(one, DATA, 1);
}

/* Everything is fenced, then W is taken away: no TLB of this machine has it. */
static void early(void)
{
    u64 *at;

    begin();
    on_fault = give_w;
    at = entry(one, DATA, false);
    fence();                          /* FENCE */
    STORE_PTE(at, *at & ~(u64)PTE_W); /* GUILTY */
    fence_if("right", DATA);
    store(one, DATA, 1);
}

/* The fence names the page behind. */
static void wrong_page(void)
{
    u64 *at;

    begin();
    on_fault = give_w;
    at = entry(one, DATA, false);
    STORE_PTE(at, *at & ~(u64)PTE_W); /* GUILTY */
    fence_page(DATA + PAGE);          /* FENCE */
    fence_if("right", DATA);
    store(one, DATA, 1);
}

/* The fence names another space. */
static void wrong_asid(void)
{
    u64 *at;

    begin();
    on_fault = give_w;
    at = entry(one, DATA, false);
    STORE_PTE(at, *at & ~(u64)PTE_W); /* GUILTY */
    fence_asid(one->asid + 1);        /* FENCE */
    fence_if("right", DATA);
    store(one, DATA, 1);
}

/* The page is global, and the fence names an ASID. */
static void global_page(void)
{
    u64 *at;

    one = space_with(1);
    set(one, DATA + PAGE, leaf(frame_new(), USER_RW | PTE_G));
    store(one, DATA + PAGE, 100);
    on_fault = give_w;
    at = entry(one, DATA + PAGE, false);
    STORE_PTE(at, *at & ~(u64)PTE_W); /* GUILTY */
    fence_asid(one->asid);            /* FENCE */
    fence_if("right", DATA + PAGE);
    store(one, DATA + PAGE, 1);
}

/* The same, and what makes it global is the entry that points to its table. */
static void global_table(void)
{
    u64 *at;

    one = space_with(0);
    set(one, 8 * MEGA, leaf(frame_new(), USER_RW));
    STORE_PTE(entry_mega(one, 8 * MEGA), *entry_mega(one, 8 * MEGA) | PTE_G);
    fence();
    store(one, 8 * MEGA, 100);
    on_fault = give_w;
    at = entry(one, 8 * MEGA, false);
    STORE_PTE(at, *at & ~(u64)PTE_W); /* GUILTY */
    fence_asid(one->asid);            /* FENCE */
    fence_if("right", 8 * MEGA);
    store(one, 8 * MEGA, 1);
}

/* The page moves to a copy. */
static void move(void)
{
    void *copy = frame_new();
    u64 *at;

    begin();
    at = entry(one, DATA, false);
    copy_frame(copy, frame_of(*at));
    STORE_PTE(at, leaf(copy, USER_RW)); /* GUILTY */
    fence_if("right", DATA);
    store(one, DATA, 1);
}

/* The same, and all was fenced before. */
static void move_early(void)
{
    void *copy = frame_new();
    u64 *at;

    begin();
    at = entry(one, DATA, false);
    copy_frame(copy, frame_of(*at));
    fence();                            /* FENCE */
    STORE_PTE(at, leaf(copy, USER_RW)); /* GUILTY */
    fence_if("right", DATA);
    must(loaded(one, DATA) == 100, "the copy is one");
}

/* The page is taken away. */
static void unmap(void)
{
    begin();
    STORE_PTE(entry(one, DATA, false), 0); /* GUILTY */
    fence_if("right", DATA);
    do_store(one, DATA, 1);
}

static void unmap_early(void)
{
    begin();
    fence();                               /* FENCE */
    STORE_PTE(entry(one, DATA, false), 0); /* GUILTY */
    fence_if("right", DATA);
    must(!do_store(one, DATA, 1), "the program is refused");
}

/* Nothing may be read any more: mprotect(PROT_NONE). */
static void protect(void)
{
    u64 *at, hidden = PTE_V | PTE_X | PTE_U | PTE_A | PTE_D;

    begin();
    at = entry(one, DATA, false);
    STORE_PTE(at, leaf(frame_of(*at), hidden)); /* GUILTY */
    fence_if("right", DATA);
    do_store(one, DATA, 1);
}

/* The entry of a whole table is pointed at another table, and the fence names
 * a page of it: that does not reach what is above the last level. */
static void other_table(void)
{
    u64 *middle, *table = frame_new();

    begin();
    table[DATA >> 12 & 511] = leaf(frame_new(), USER_RW);
    table[TEXT >> 12 & 511] = get(one, TEXT);
    middle = entry_mega(one, DATA);
    STORE_PTE(middle, leaf(table, PTE_V)); /* GUILTY */
    fence_page(TEXT);                      /* FENCE */
    fence_page(DATA);
    if (option("right"))
        fence();
    store(one, DATA, 1);
}

/* A table is unlinked, and nothing is fenced. */
static void no_table(void)
{
    begin();
    set(one, 8 * MEGA, leaf(frame_new(), USER_RW));
    fence();
    store(one, 8 * MEGA, 5);
    STORE_PTE(entry_mega(one, 8 * MEGA), 0); /* GUILTY */
    if (option("right"))
        fence();
    do_store(one, 8 * MEGA, 1);
}

/* Loads a root by hand, so that the line is the scenario's. */
#define LOAD_ROOT(space) \
    csr_write(satp, SATP_SV39 | (space)->asid << 44 | (u64)(space)->root >> 12)

static void run_other(u64 value)
{
    if (option("right"))
        fence();
    do_store(other, DATA, value);
}

/* Two spaces with one ASID, and no fence between them. */
static void same_asid(void)
{
    begin();
    other = space_with(3);
    other->asid = one->asid;
    LOAD_ROOT(other); /* GUILTY */
    run_other(7);
}

/* The same, and all was fenced before. */
static void same_asid_early(void)
{
    begin();
    other = space_with(3);
    other->asid = one->asid;
    fence();          /* FENCE */
    LOAD_ROOT(other); /* GUILTY */
    run_other(7);
}

/* A space ends, and a new one gets its ASID. */
static void asid_again(void)
{
    begin();
    other = space_with(3);
    other->asid = one->asid + 2;
    LOAD_ROOT(other);
    STORE_PTE(entry(one, DATA, false), 0);
    other->asid = one->asid;
    LOAD_ROOT(other); /* GUILTY */
    run_other(7);
}

/* Another hart has used the page. */
static void use_there(void)
{
    do_store(other, DATA, 9);
}

static void on_there(void)
{
    fence_page(DATA);
}

static struct space twin;

static void remote(void)
{
    u64 *at;

    begin();
    on_fault = give_w;
    twin = *one;
    other = &twin;
    on_hart(1, use_there);
    at = entry(one, DATA, false);
    STORE_PTE(at, *at & ~(u64)PTE_W); /* GUILTY */
    fence_page(DATA);                 /* FENCE */
    if (option("right"))
        on_hart(1, on_there);
    on_hart(1, use_there);
}

/* The other hart has had the space, and no entry in its TLB any more. */
static void remote_empty(void)
{
    u64 *at;

    begin();
    on_fault = give_w;
    twin = *one;
    other = &twin;
    on_hart(1, use_there);
    on_hart(1, on_there);
    at = entry(one, DATA, false);
    STORE_PTE(at, *at & ~(u64)PTE_W); /* GUILTY */
    fence_page(DATA);                 /* FENCE */
    if (option("right"))
        on_hart(1, on_there);
    on_hart(1, use_there);
}

/* sinval.vma alone; right: between its two brackets. */
static void half_inval(void)
{
    u64 *at;

    begin();
    on_fault = give_w;
    at = entry(one, DATA, false);
    STORE_PTE(at, *at & ~(u64)PTE_W); /* GUILTY */
    if (option("right"))
        __asm__ volatile(".insn i 0x73, 0, x0, x0, 0x180" ::: "memory");
    __asm__ volatile(".insn r 0x73, 0, 0x0b, x0, %0, x0" ::"r"(DATA) /* FENCE */
                     : "memory");
    if (option("right"))
        __asm__ volatile(".insn i 0x73, 0, x0, x0, 0x181" ::: "memory");
    store(one, DATA, 1);
}

/* Lawful: other harts may use what they have until the fence comes, and then
 * the page changes hands. */
static void in_time(void)
{
    u64 *at;

    begin();
    on_fault = give_w;
    twin = *one;
    other = &twin;
    on_hart(1, use_there);
    at = entry(one, DATA + PAGE, false);
    STORE_PTE(at, 0);
    on_hart(1, use_there);
    on_hart(1, fence);
    fence();
    store(one, DATA, 1);
}

/* Lawful: a wider permission needs no fence, nor does a page that is new, where
 * harts have Svvptc. */
static void widen(void)
{
    begin();
    set(one, DATA, get(one, DATA) & ~(u64)PTE_W);
    fence_page(DATA);
    must(loaded(one, DATA) == 100, "the page is read-only");
    set(one, DATA, get(one, DATA) | PTE_W);
    on_fault = give_w;
    set(one, 9 * MEGA, leaf(frame_new(), USER_RW));
    fence_if("no-svvptc", 9 * MEGA);
    store(one, 9 * MEGA, 5);
    store(one, DATA, 1);
}

/* Lawful: nobody has ever used the page. */
static void untouched(void)
{
    begin();
    set(one, STACK, leaf(frame_new(), (USER_RW) & ~(u64)(PTE_A | PTE_D)));
    STORE_PTE(entry(one, STACK, false), 0);
    must(!do_store(one, STACK, 1), "the program is refused");
}

const struct scenario scenarios[] = {
    {"narrow", narrow},
    {"early", early},
    {"wrong-page", wrong_page},
    {"wrong-asid", wrong_asid},
    {"global-page", global_page},
    {"global-table", global_table},
    {"move", move},
    {"move-early", move_early},
    {"unmap", unmap},
    {"unmap-early", unmap_early},
    {"protect", protect},
    {"other-table", other_table},
    {"no-table", no_table},
    {"same-asid", same_asid},
    {"same-asid-early", same_asid_early},
    {"asid-again", asid_again},
    {"remote", remote},
    {"remote-empty", remote_empty},
    {"half-inval", half_inval},
    {"in-time", in_time},
    {"widen", widen},
    {"untouched", untouched},
    {NULL, NULL},
};
