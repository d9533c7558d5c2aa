/*
 * Memory model: the outcomes that sequential consistency rules out, looked
 * for many times over. With fences RVWMO rules them out as well; without,
 * only a machine whose harts take turns does (unprivileged spec, "RVWMO").
 */
#include "smp.h"

#ifndef ROUNDS
#define ROUNDS 20
#endif

static volatile u64 x __attribute__((aligned(64)));
static volatile u64 y __attribute__((aligned(64)));
static volatile u64 seen[HARTS_MAX][2];
static volatile u64 forbidden;
static volatile u64 wants[2], turn, inside, together;
static bool fenced;

/* Lets the harts start apart by a little more each time. */
static void drift(unsigned hart, unsigned i)
{
    for (unsigned n = 0; n < (i * (hart + 3)) % 23; n++)
        __asm__ volatile("");
}

static void between(void)
{
    if (fenced)
        fence();
}

static void judge(bool is_forbidden)
{
    forbidden += is_forbidden;
    x = y = 0;
}

/* One stores x and reads y, the other the reverse: one sees the other. */
static void store_buffering(unsigned hart)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        meet();
        drift(hart, i);
        if (hart == 0) {
            x = 1;
            between();
            seen[0][0] = y;
        } else if (hart == 1) {
            y = 1;
            between();
            seen[1][0] = x;
        }
        meet();
        if (hart == 0)
            judge(!seen[0][0] && !seen[1][0]);
    }
}

/* Who sees the flag sees the data. */
static void message_passing(unsigned hart)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        meet();
        drift(hart, i);
        if (hart == 0) {
            x = 1;
            between();
            y = 1;
        } else {
            seen[hart][0] = y;
            between();
            seen[hart][1] = x;
        }
        meet();
        for (unsigned other = 1; hart == 0 && other < harts; other++)
            judge(seen[other][0] && !seen[other][1]);
    }
}

/* Each reads before it stores: not both can read what the other stores. */
static void load_buffering(unsigned hart)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        meet();
        drift(hart, i);
        if (hart == 0) {
            seen[0][0] = x;
            between();
            y = 1;
        } else if (hart == 1) {
            seen[1][0] = y;
            between();
            x = 1;
        }
        meet();
        if (hart == 0)
            judge(seen[0][0] && seen[1][0]);
    }
}

/* Two store, two watch: the watchers agree on which came first. */
static void two_stores_two_watchers(unsigned hart)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        meet();
        drift(hart, i);
        if (hart == 0)
            x = 1;
        if (hart == 1)
            y = 1;
        if (hart == 2) {
            seen[2][0] = x;
            between();
            seen[2][1] = y;
        }
        if (hart == 3) {
            seen[3][0] = y;
            between();
            seen[3][1] = x;
        }
        meet();
        if (hart == 0)
            judge(seen[2][0] && !seen[2][1] && seen[3][0] && !seen[3][1]);
    }
}

/* Peterson's lock, of loads and stores alone. */
static void peterson(unsigned hart)
{
    meet();
    for (unsigned i = 0; hart < 2 && i < ROUNDS; i++) {
        wants[hart] = 1;
        between();
        turn = 1 - hart;
        between();
        while (wants[1 - hart] && turn == 1 - hart)
            ;
        between();
        together += inside++;
        x = x + 1;
        inside--;
        between();
        wants[hart] = 0;
    }
}

static void expect_none(const char *name, work_fn *work, unsigned least)
{
    forbidden = 0;
    if (harts >= least)
        on_all(work);
    check(name, forbidden, 0);
}

static void expect_one_at_a_time(const char *name)
{
    x = together = 0;
    on_all(peterson);
    check(name, together, 0);
    check(name, x, harts > 1 ? 2 * ROUNDS : ROUNDS);
    x = 0;
}

void test_main(void)
{
    fenced = true;
    expect_none("sb", store_buffering, 2);
    expect_none("mp", message_passing, 2);
    expect_none("lb", load_buffering, 2);
    expect_none("iriw", two_stores_two_watchers, 4);
    expect_one_at_a_time("peterson");
    fenced = false;
    expect_none("sb-unfenced", store_buffering, 2);
    expect_none("mp-unfenced", message_passing, 2);
    expect_none("lb-unfenced", load_buffering, 2);
    expect_none("iriw-unfenced", two_stores_two_watchers, 4);
    expect_one_at_a_time("peterson-unfenced");
}
