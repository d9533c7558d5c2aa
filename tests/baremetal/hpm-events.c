/*
 * What the event counters count, over a run in which all of it happens. The
 * suite compares each count with the events that the machine reports.
 */
#include "bare.h"

#define MSIP ((volatile u32 *)0x2000000)
#define MSI_BIT (1 << 3)
#define PAGES 512 /* of 4 KiB, below the first 2 MiB */
#define BIG_PAGES 24

static u64 frame[PAGE / 8] __attribute__((aligned(4096)));

static void start_counters(void)
{
#define COUNTER(n, event)         \
    csr_write(mhpmcounter##n, 0); \
    csr_write(mhpmevent##n, event);
#include "hpm-events.def"
}

static void stop_counters(u64 value[32])
{
    csr_write(mcountinhibit, ~0ull);
#define COUNTER(n, event) value[n] = csr_read(mhpmcounter##n);
#include "hpm-events.def"
}

/* Loads and stores over more pages than a set has ways, in two spaces, with
 * A and D to be set in every third. */
static void touch_pages(u64 asid)
{
    table_on(asid);
    for (u64 page = 0; page < PAGES; page++)
        *table_entry(page * PAGE) =
            leaf(frame, PTE_RW | (page % 3 ? PTE_AD : 0));
    for (u64 round = 0; round < 2; round++)
        for (u64 page = round; page < PAGES; page += 5) {
            run(S, "ld t0, 0(t5)", page * PAGE);
            run(S, "sd t5, 8(t5)", page * PAGE + 64);
        }
}

/* Across two pages: both parts are looked up. */
static void touch_across(void)
{
    run(S, "ld t0, 0(t5)", 8 * PAGE - 4);
    run(S, "sd t5, 0(t5)", 16 * PAGE - 3);
}

/* Three 256 MiB apart, beside eight more such, and all once more a GiB higher:
 * more than fit into their sets of the TLB. */
static u64 big_page(u64 n)
{
    return (1 + n % 8 + n / 8 * 128) << 21;
}

/* A store where a load came first has D to set. */
static void touch_big_pages(void)
{
    *table_top(1) = *table_top(0);
    for (u64 n = 0; n < BIG_PAGES; n++)
        *table_middle(big_page(n)) = (0x80200000ull + (n << 21)) >> 2 | PTE_RW;
    for (u64 n = 0; n < 2 * BIG_PAGES; n++)
        run(S, "ld t0, 0(t5)", big_page(n % BIG_PAGES) + (n / BIG_PAGES << 30));
    for (u64 n = BIG_PAGES; n--;)
        run(S, "ld t0, 0(t5); sd t0, 0(t5)", big_page(n) + 0x100000);
    *table_top(1) = 0;
}

static void make_faults(void)
{
    *table_entry(0) = 0;
    *table_entry(PAGE) = leaf(frame, PTE_V | PTE_R | PTE_AD);
    fence_all();
    run(S, "ld t0, 0(t5)", 0);
    run(S, "sd t0, 0(t5)", 0);
    run(S, "jr t5", 0);
    run(S, "sd t0, 0(t5)", PAGE);               /* after a walk */
    run(S, "ld t0, 0(t5); sd t0, 0(t5)", PAGE); /* from the TLB */
    run(S, "ld t0, 0(t5)", 1ull << 40);         /* without either */
    run(U, "ld t0, 0(t5)", 2 * PAGE);
    run(S, "ld t0, 0(t5)", 0xf000000000000000);
}

static void fence_some(void)
{
    run(S, "sfence.vma t5", 5 * PAGE);
    run(S, "sfence.vma t5", 1 << 21);
    run(S, "li t0, 2; sfence.vma t5, t0", 7 * PAGE);
    run(S, "li t0, 1; sfence.vma x0, t0", 0);
    run(S, "sfence.vma", 0);
}

static void interrupt(void)
{
    *MSIP = 1;
    csr_set(mie, MSI_BIT);
    run(S, "nop; nop", 0);
    csr_clear(mie, MSI_BIT);
    *MSIP = 0;
}

void test_main(void)
{
    static u64 value[32];

    start_counters();
    touch_pages(1);
    touch_pages(2);
    touch_across();
    touch_big_pages();
    make_faults();
    fence_some();
    interrupt();
    table_off();
    stop_counters(value);
#define COUNTER(n, event) report(#event, value[n]);
#include "hpm-events.def"
}
