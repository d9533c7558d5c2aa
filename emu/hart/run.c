/* A hart's life, slice by slice; see run.h. */
#include "hart/run.h"

#include <stdlib.h>
#include <string.h>

#include "hart/interp/interp.h"
#include "hart/interp/retire.h"
#include "hart/mmu/arrays.h"
#include "hart/mmu/fetch.h"
#include "hart/mmu/mmu.h"
#include "hart/system/counters.h"
#include "hart/system/csr.h"
#include "hart/system/interrupts.h"
#include "hart/system/sbi.h"
#include "hart/system/trap.h"
#include "hart/system/waiting.h"

static void stimer_due(void *owner, u64 now)
{
    interrupts_update_stimer(owner);
}

static struct hart_wired wired(struct hart *h, const struct hart_wiring *wiring)
{
    const struct siblings *all = wiring->siblings;

    return (struct hart_wired){
        .id = wiring->id,
        .isa = wiring->isa,
        .config = wiring->config,
        .bus = all->bus,
        .clock = all->clock,
        .trace = all->trace,
        .blocks = all->blocks,
        .tables = all->tables,
        .siblings = all,
        .engine = all->engine,
        .read_time = wiring->read_time,
        .timer_due = wiring->timer_due,
        .time_source = wiring->time_source,
        .semihost = wiring->semihost,
        .semihost_host = wiring->semihost_host,
        .stimer = clock_add_timer(all->clock, stimer_due, h),
    };
}

int hart_init(struct hart *h, const struct hart_wiring *wiring,
              struct rvemu_error *error)
{
    *h = (struct hart){.w = wired(h, wiring)};
    h->c.single = calloc(1, block_size(1));
    if (!h->c.single ||
        tlb_init(&h->tlb, wiring->tlb ? wiring->tlb : &tlb_default) < 0 ||
        contexts_init(&h->c.contexts, h->tlb.entries) < 0) {
        hart_fini(h);
        return error_set(error, "out of host memory");
    }
    h->c.single->count = 1;
    wiring->siblings->hart[wiring->siblings->count++] = h;
    return 0;
}

void hart_fini(struct hart *h)
{
    tlb_fini(&h->tlb);
    contexts_fini(&h->c.contexts);
    free(h->c.single);
    h->c.single = NULL;
}

void hart_reset(struct hart *h, u64 pc)
{
    memset(h->s.x, 0, sizeof(h->s.x));
    memset(h->s.f, 0, sizeof(h->s.f));
    h->s.pc = pc;
    h->s.priv = PRIV_M;
    h->s.frm = 0;
    h->s.fflags = 0;
    h->c.fflags_before = 0;
    h->s.reserved = 0;
    h->s.paused_at = UINT64_MAX;
    h->s.waiting = 0;
    h->c.attention = true;
    h->s.history = (struct trap_history){.step = UINT64_MAX - 1};
    clock_disarm(h->w.clock, h->w.stimer);
    sbi_reset(h);
    csr_reset(h);
    tlb_reset(&h->tlb);
    contexts_clear(&h->c.contexts);
    hart_update_context(h);
}

/* Serves what asked for attention. Whether execution may go on. Where the slice
 * ends, attention stays set for the next one: what ended it may have raised an
 * interrupt, too. */
static bool attend(struct hart *h)
{
    if (h->s.slice.ends != SLICE_GOES_ON)
        return false;
    h->c.attention = false;
    counters_settle(h);
    if (h->s.waiting && interrupts_wake(h))
        h->s.waiting = 0;
    trap_take_interrupt(h);
    if (h->s.waiting || h->s.slice.ends != SLICE_GOES_ON)
        return false;
    if (h->c.doubts_fetch)
        mmu_judge_fetch(h);
    return true;
}

void hart_restored(struct hart *h)
{
    pmp_restored(&h->pmp);
    tlb_restored(&h->tlb);
    contexts_clear(&h->c.contexts);
    arrays_choose(h);
    fetch_restore(h);
    h->c.attention = true;
}

/* The budget is used up: is that the end of the slice? */
static bool goes_on(struct hart *h)
{
    if (hart_steps(h) >= h->s.counters.due_step)
        counters_settle(h);
    slice_refill(&h->s.slice);
    counters_hold_back(h);
    return h->s.slice.budget > 0;
}

static void run(struct hart *h)
{
    bool stepping = (h->w.trace->wanted & RETIRE_KINDS) != 0;

    while (h->s.slice.budget > 0 || goes_on(h)) {
        if ((h->c.attention || h->s.waiting) && !attend(h))
            return;
        if (stepping)
            retire_step(h);
        else
            h->w.engine->run(h);
        if (h->c.raised)
            trap_take_exception(h);
    }
}

/* Between slices all that a guest can see is in its place. */
static void settle(struct hart *h)
{
    h->s.fflags |= fp_slice_end(&h->c.fp);
    h->s.x[CODE_X_SINK] = 0;
    slice_finish(&h->s.slice, hart_steps(h));
    fetch_settle(h);
    if (h->c.attention)
        counters_settle(h);
}

enum hart_exit hart_run(struct hart *h, u64 steps)
{
    slice_begin(&h->s.slice, steps);
    h->c.in = NULL;
    if (h->c.code)
        hart_set_fetch(h, h->c.code); /* another hart may have made it grow */
    counters_hold_back(h);
    fp_slice_begin(&h->c.fp, h->s.frm);
    run(h);
    settle(h);
    if (trap_is_looping(h))
        return HART_LOOPING;
    if (!hart_can_run(h) && h->s.slice.ends != SLICE_CUT)
        return HART_WAITING;
    return HART_SLICE_OVER;
}
