/*
 * Svnapot (privileged spec, "Svnapot"): sixteen entries alike map 64 KiB, and
 * every other use of N is a page fault.
 */
#include "bare.h"

#define VA 0x20000ull
#define PAGES 16
#define RANGE (PAGES * PAGE)
#define PTE_N (1ull << 63)
#define LOW(bits) ((u64)(bits) << 10) /* of the PPN */
#define FLAGS (PTE_RW | PTE_AD)

static u8 memory[RANGE] __attribute__((aligned(65536)));

/* Entries of the whole range; low goes into the PPN's low bits. */
static void map_range(unsigned low, u64 flags)
{
    for (unsigned i = 0; i < PAGES; i++)
        *table_entry(VA + i * PAGE) = PTE_N | leaf(memory, flags) | LOW(low);
    fence_all();
}

static u64 load(u64 va)
{
    return run(S, "ld t0, 0(t5)", va).value;
}

/* Each page is its own. */
static void pages_are_found(void)
{
    u64 right = 0;

    map_range(8, FLAGS);
    for (unsigned i = 0; i < PAGES; i++)
        *(u64 *)(memory + i * PAGE + 8) = 100 + i;
    for (unsigned i = 0; i < PAGES; i++)
        right += load(VA + i * PAGE + 8) == 100 + i;
    check("pages", right, PAGES);
    run(S, "li t0, 77\n sd t0, 16(t5)", VA + 11 * PAGE);
    check("store", *(u64 *)(memory + 11 * PAGE + 16), 77);
    check("rights", run(S, "jr t5", VA).cause, FETCH_PAGE);
    check("user", run(U, "ld t0, 0(t5)", VA).cause, LOAD_PAGE);
}

static void other_sizes_are_reserved(void)
{
    static const char *const names[PAGES] = {
        "low-0",  "low-1",  "low-2",  "low-3", "low-4",  "low-5",
        "low-6",  "low-7",  "low-8",  "low-9", "low-10", "low-11",
        "low-12", "low-13", "low-14", "low-15"};

    for (unsigned low = 0; low < PAGES; low++) {
        map_range(low, FLAGS);
        check(names[low], run(S, "ld t0, 0(t5)", VA).cause,
              low == 8 ? NONE : LOAD_PAGE);
    }
    map_range(0, FLAGS);
    check("reserved-store", run(S, "sd t0, 0(t5)", VA).cause, STORE_PAGE);
    check("reserved-fetch", run(S, "jr t5", VA).cause, FETCH_PAGE);
}

/* In a pointer, and in a leaf of a superpage. */
static void other_levels_are_reserved(void)
{
    u64 *middle = table_middle(VA), pointer = *middle;

    map_range(8, FLAGS);
    *middle = pointer | PTE_N;
    fence_all();
    check("pointer", run(S, "ld t0, 0(t5)", VA).cause, LOAD_PAGE);
    *middle = PTE_N | FLAGS;
    fence_all();
    check("superpage", run(S, "ld t0, 0(t5)", VA).cause, LOAD_PAGE);
    *middle = PTE_N | LOW(8) | FLAGS;
    fence_all();
    check("superpage-8", run(S, "ld t0, 0(t5)", VA).cause, LOAD_PAGE);
    *middle = pointer;
    fence_all();
    check("again", run(S, "ld t0, 0(t5)", VA).cause, NONE);
}

/* A fence for each page of the range, as software has to. */
static void a_range_goes_with_fences(void)
{
    u64 gone = 0;

    map_range(8, FLAGS);
    for (unsigned i = 0; i < PAGES; i++)
        load(VA + i * PAGE);
    for (unsigned i = 0; i < PAGES; i++)
        *table_entry(VA + i * PAGE) = 0;
    for (unsigned i = 0; i < PAGES; i++)
        __asm__ volatile("sfence.vma %0" ::"r"(VA + i * PAGE) : "memory");
    for (unsigned i = 0; i < PAGES; i++)
        gone += run(S, "ld t0, 0(t5)", VA + i * PAGE).cause == LOAD_PAGE;
    check("gone", gone, PAGES);
}

/* Both harts may set A and D; where they do, PPN and N stay as they are. */
static void updates_leave_the_rest_alone(void)
{
    u64 flags = PTE_RW | PTE_A | PTE_D, plain = PTE_N | leaf(memory, 0);
    u64 right = 0;

    map_range(8, PTE_RW);
    run(S, "sd zero, 0(t5)", VA + 7 * PAGE);
    for (unsigned i = 0; i < PAGES; i++)
        right += (*table_entry(VA + i * PAGE) & ~flags) == (plain | LOW(8));
    check("others", right, PAGES);
    check("own", *table_entry(VA + 7 * PAGE), plain | LOW(8) | flags);
    check("not-own", *table_entry(VA + 6 * PAGE), plain | LOW(8) | PTE_RW);
}

void test_main(void)
{
    table_on(1);
    pages_are_found();
    other_sizes_are_reserved();
    other_levels_are_reserved();
    a_range_goes_with_fences();
    updates_leave_the_rest_alone();
    for (unsigned i = 0; i < 3; i++) { /* it stays what it was */
        static const char *const names[] = {"first", "middle", "last"};
        unsigned page = i * (PAGES - 1) / 2;

        map_range(8, FLAGS);
        *(u64 *)(memory + page * PAGE) = 5 + i;
        check(names[i], load(VA + page * PAGE), 5 + i);
    }
    table_off();
}
