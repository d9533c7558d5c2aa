/*
 * Privileged spec, "Supervisor Memory-Management Fence Instruction"; Zifencei:
 * what one hart does to page tables and to code, as another meets it before
 * and after its own fence.
 */
#include "smp.h"

#ifndef ROUNDS
#define ROUNDS 6
#endif
#define VA 0x5000ull

static u64 frame_a[512] __attribute__((aligned(4096)));
static u64 frame_b[512] __attribute__((aligned(4096)));

/* Code that is rewritten, and data beside it in the same page. */
static union {
    u32 code[2];
    u64 data[512];
} page __attribute__((aligned(4096)));

static volatile u64 got, reached, leave;

static u64 read_mapped(void)
{
    return run(S, "ld t0, (t5)", VA).value;
}

static void enter_space(unsigned hart)
{
    table_on(hart + 1);
}

static void leave_space(unsigned hart)
{
    (void)hart;
    table_off();
}

static void read_there(unsigned hart)
{
    (void)hart;
    got = read_mapped();
}

static void fence_there(unsigned hart)
{
    (void)hart;
    fence_all();
}

static u64 got_on(unsigned hart)
{
    on_one(hart, read_there);
    return got;
}

/* An old translation lives on where it was used, and only there. */
static void check_remote_fence(void)
{
    u64 stale = 0, fresh = 0;

    frame_a[0] = 'A';
    frame_b[0] = 'B';
    *table_entry(VA) = leaf(frame_a, PTE_RW | PTE_AD);
    on_all(enter_space);
    for (unsigned hart = 0; hart < harts; hart++)
        fresh += got_on(hart) == 'A';
    check("mapped", fresh, harts);

    map(VA, frame_b, PTE_RW | PTE_AD);
    check("remapped-here", got_on(0), 'B');
    for (unsigned hart = 1; hart < harts; hart++)
        stale += got_on(hart) == 'A';
    check("stale-elsewhere", stale, harts - 1);

    fresh = 0;
    for (unsigned hart = 1; hart < harts; hart++) {
        on_one(hart, fence_there);
        fresh += got_on(hart) == 'B';
    }
    check("fenced-elsewhere", fresh, harts - 1);
}

/* Page tables are memory: a hart that has never been there reads what another
 * has stored last. */
static void map_back(unsigned hart)
{
    (void)hart;
    map(VA, frame_a, PTE_RW | PTE_AD);
    fence();
}

static void check_shared_tables(void)
{
    u64 fresh = 0;

    for (unsigned hart = 1; hart < harts; hart++) {
        map(VA, frame_b, PTE_RW | PTE_AD);
        on_one(hart, map_back);
        fence_all();
        fresh += got_on(0) == 'A';
    }
    check("tables-of-another", fresh, harts - 1);
}

/* A/D bits are set by whoever is first; a second hart finds them set. */
static void store_mapped(unsigned hart)
{
    meet();
    run(S, "li t1, 1\n amoadd.d t0, t1, (t5)", VA + 8 * hart);
}

static void check_walks(void)
{
    u64 wanted = leaf(frame_a, PTE_RW | PTE_AD);
    u64 sum = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        *table_entry(VA) = leaf(frame_a, PTE_RW);
        on_all(fence_there);
        frame_a[1] = frame_a[2] = 0;
        on_all(store_mapped);
        sum += *table_entry(VA) == wanted;
    }
    check("both-walk", sum, ROUNDS);
}

static u32 load_immediate(u32 value)
{
    return value << 20 | 10 << 7 | 0x13; /* li a0, value */
}

static void write_code(u32 value)
{
    page.code[0] = load_immediate(value);
    page.code[1] = 0x00008067; /* ret */
    fence();
}

static void run_page(unsigned hart)
{
    u64 (*function)(void) = (u64(*)(void))page.code;

    (void)hart;
    fence_i();
    got = function();
}

static u64 answer_on(unsigned hart)
{
    on_one(hart, run_page);
    return got;
}

/* Hart 0 writes, another runs; then the other way round. */
static void write_nine(unsigned hart)
{
    write_code(900 + hart);
}

static void check_code(void)
{
    u64 right = 0;

    for (unsigned hart = 1; hart < harts; hart++) {
        for (u32 i = 0; i < ROUNDS; i++) {
            write_code(100 * hart + i);
            right += answer_on(hart) == 100 * hart + i;
        }
    }
    check("code-for-another", right, (harts - 1) * ROUNDS);

    right = 0;
    for (unsigned hart = 1; hart < harts; hart++) {
        page.data[hart + 1] = hart; /* a page that both may write */
        on_one(hart, write_nine);
        right += answer_on(0) == 900 + hart;
        right += answer_on(hart) == 900 + hart;
    }
    check("code-of-another", right, 2 * (harts - 1));
}

/* A hart that runs the code all the time notices by its own fence.i. */
static void run_until_changed(unsigned hart)
{
    u64 (*function)(void) = (u64(*)(void))page.code;

    for (unsigned i = 0; i < PATIENCE / 1000; i++) {
        fence_i();
        got = function();
        reached = hart;
        if (got == leave)
            return;
    }
}

static void check_running_code(void)
{
    u64 right = 0;

    for (unsigned hart = 1; hart < harts; hart++) {
        write_code(1);
        reached = 0;
        leave = hart + 10;
        begin(hart, run_until_changed);
        await(&reached, hart);
        for (unsigned i = 0; i < 50; i++)
            __asm__ volatile("");
        page.code[0] = load_immediate(hart + 10);
        finish(hart);
        right += got == hart + 10;
    }
    check("code-while-it-runs", right, harts - 1);
}

void test_main(void)
{
    check_remote_fence();
    check_shared_tables();
    check_walks();
    on_all(leave_space);
    check_code();
    check_running_code();
}
