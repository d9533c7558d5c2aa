/* Whose turn it is; see turn.h. */
#include "machine/turn.h"

#include "base/bits.h"
#include "hart/system/waiting.h"

/* Where quanta are drawn from: long enough for a switch to cost little. */
#define DRAWN_LEAST 1024
#define DRAWN_MOST 8192

/* An odd step through all 64-bit numbers, stirred. */
static u64 next_random(struct turn *t)
{
    return stir(t->s.random += 0x9e3779b97f4a7c15);
}

static void begin(struct turn *t, unsigned hart)
{
    t->s.hart = hart;
    t->s.made = 0;
    t->s.quantum = t->fixed;
    if (!t->fixed)
        t->s.quantum =
            DRAWN_LEAST + next_random(t) % (DRAWN_MOST - DRAWN_LEAST + 1);
}

void turn_init(struct turn *t, u64 fixed, u64 seed)
{
    *t = (struct turn){.s.random = seed, .fixed = fixed};
    begin(t, 0);
}

/* The next hart in order that can run, other than the one whose turn it is. */
static struct hart *next_hart(const struct turn *t, const struct siblings *all)
{
    for (unsigned i = 1; i < all->count; i++) {
        struct hart *h = all->hart[(t->s.hart + i) % all->count];

        if (hart_can_run(h))
            return h;
    }
    return NULL;
}

bool turn_is_possible(const struct turn *t, const struct siblings *all)
{
    return hart_can_run(all->hart[t->s.hart]) || next_hart(t, all);
}

/* Whether a turn is over once another hart can run. */
static bool is_used_up(const struct turn *t, const struct hart *h)
{
    if (t->s.made == 0)
        return false;
    return t->s.made % t->s.quantum == 0 || h->s.paused_at == hart_steps(h);
}

struct hart *turn_take(struct turn *t, const struct siblings *all)
{
    struct hart *h = all->hart[t->s.hart];
    struct hart *next = next_hart(t, all);
    bool goes_on = hart_can_run(h) && !(next && is_used_up(t, h));

    if (!goes_on) {
        if (!next)
            return NULL;
        hart_leave_turn(h);
        begin(t, next->w.id);
        h = next;
        next = next_hart(t, all);
    }
    t->left = next ? t->s.quantum - t->s.made % t->s.quantum : UINT64_MAX;
    return h;
}

void turn_count(struct turn *t, u64 steps)
{
    t->s.made += steps;
}
