/*
 * A hart's life: making it, resetting it, and running it slice by slice.
 * See hart.h.
 */
#include "hart/state/hart.h"

#include <stdlib.h>
#include <string.h>

#include "hart/code/block.h"
#include "hart/system/csr.h"
#include "hart/interp/interp.h"
#include "hart/system/interrupts.h"
#include "hart/mmu/mem.h"
#include "hart/mmu/mmu.h"
#include "hart/interp/retire.h"
#include "hart/system/trap.h"

static void stimer_due(void *owner, u64 now)
{
    interrupts_update_stimer(owner);
}

int hart_init(struct hart *h, const struct hart_wiring *wiring,
              struct rvemu_error *error)
{
    *h = (struct hart){
        .id = wiring->id,
        .bus = wiring->siblings->bus,
        .clock = wiring->siblings->clock,
        .trace = wiring->siblings->trace,
        .blocks = wiring->siblings->blocks,
        .tables = wiring->siblings->tables,
        .siblings = wiring->siblings,
        .read_time = wiring->read_time,
        .time_due = wiring->time_due,
        .time_source = wiring->time_source,
        .isa = wiring->isa,
        .cache_invalid = wiring->cache_invalid,
        .strict_pma = wiring->strict_pma,
        .stimer = {.fire = stimer_due, .owner = h, .due = CLOCK_NEVER},
    };
    h->single =
        calloc(1, sizeof(struct block) + (BLOCK_MAX + 1) * sizeof(struct insn));
    if (!h->single || contexts_init(&h->contexts) < 0) {
        hart_fini(h);
        return error_set(error, "out of host memory");
    }
    wiring->siblings->hart[wiring->siblings->count++] = h;
    return 0;
}

void hart_fini(struct hart *h)
{
    contexts_fini(&h->contexts);
    free(h->single);
    h->single = NULL;
}

void hart_reset(struct hart *h, u64 pc)
{
    memset(h->x, 0, sizeof(h->x));
    memset(h->f, 0, sizeof(h->f));
    h->pc = pc;
    h->priv = PRIV_M;
    h->frm = 0;
    h->fflags = 0;
    h->fflags_before = 0;
    h->reserved = false;
    h->paused_at = UINT64_MAX;
    h->waiting = false;
    h->attention = true;
    h->history = (struct trap_history){.step = UINT64_MAX - 1};
    clock_disarm(h->clock, &h->stimer);
    csr_reset(h);
    tlb_init(&h->tlb);
    contexts_clear(&h->contexts);
    hart_update_context(h);
}

/* MODE and ASID matter below M-mode only; SUM to S-mode only. */
static u64 context_key(const struct hart *h, unsigned priv)
{
    u64 status = h->csr.mstatus;
    u64 key = priv | (status & MSTATUS_FS ? 0 : 4);

    if (priv == PRIV_M || satp_mode(h->csr.satp) == SATP_MODE_BARE)
        return key;
    key |= (u64)satp_mode(h->csr.satp) << 24 | (u64)satp_asid(h->csr.satp) << 8;
    key |= status & MSTATUS_MXR ? 1 << 5 : 0;
    if (priv == PRIV_S)
        key |= status & MSTATUS_SUM ? 1 << 6 : 0;
    return key;
}

void hart_update_context(struct hart *h)
{
    u64 fetch = context_key(h, h->priv);
    u64 data = context_key(h, hart_data_priv(h));

    hart_drop_fetch(h);
    h->fetch = contexts_get(&h->contexts, fetch);
    h->data = data == fetch ? h->fetch : contexts_get(&h->contexts, data);
}

u64 hart_steps(const struct hart *h)
{
    u64 pending = 0; /* charged, but not yet done */

    if (h->in)
        pending = h->block->count - (u64)(h->in - h->block->insn);
    return h->slice.stop - (u64)h->slice.budget - pending;
}

u64 hart_progress(const struct hart *h)
{
    return hart_steps(h) - h->slice.start;
}

u64 hart_retired(const struct hart *h)
{
    return hart_steps(h) - h->traps;
}

void hart_cut(struct hart *h)
{
    h->slice.ends = SLICE_CUT;
    h->attention = true;
}

bool hart_can_run(const struct hart *h)
{
    return !h->waiting || interrupts_wake(h);
}

static bool sibling_can_run(const struct hart *h)
{
    for (unsigned i = 0; i < h->siblings->count; i++)
        if (h->siblings->hart[i] != h && hart_can_run(h->siblings->hart[i]))
            return true;
    return false;
}

bool hart_pause(struct hart *h, const struct insn *in)
{
    h->in = in;
    h->paused_at = hart_steps(h) + 1;
    if (!sibling_can_run(h))
        return true;
    h->slice.ends = SLICE_YIELDED;
    h->attention = true;
    return false;
}

void hart_leave_turn(struct hart *h)
{
    h->reserved = false;
}

void hart_host_begin(struct hart *h)
{
    if (h->fp.live)
        h->fflags |= fp_slice_end(&h->fp);
}

void hart_host_end(struct hart *h)
{
    if (slice_is_running(&h->slice) && !h->fp.live)
        fp_slice_begin(&h->fp, h->frm);
}

struct rvemu_event *hart_event(struct hart *h, unsigned kind)
{
    struct rvemu_event *event;

    if (trace_is_full(h->trace)) {
        hart_host_begin(h);
        trace_deliver(h->trace);
        hart_host_end(h);
    }
    event = trace_new(h->trace, kind);
    event->time = clock_now(h->clock);
    event->pc = h->in ? h->page_va + h->in->off : h->pc;
    event->hart = (u8)h->id;
    event->priv = h->priv;
    return event;
}

/* Serves what asked for attention. Whether execution may go on. Where the
 * slice ends the question stays open for the next one: what cut it may have
 * raised an interrupt, too. */
static bool attend(struct hart *h)
{
    if (h->slice.ends != SLICE_GOES_ON)
        return false;
    h->attention = false;
    if (h->waiting && interrupts_wake(h))
        h->waiting = false;
    trap_take_interrupt(h);
    return !h->waiting;
}

/* The fetch page stays the fetch page: looking it up again could change what
 * is in the TLB. */
static void find_code_again(struct hart *h, u64 pa)
{
    h->code = blocks_page(h->blocks, pa, mem_code_key(h));
    if (!h->code)
        h->code = blocks_no_page(h->blocks);
}

void hart_drop_code(struct hart *h)
{
    const struct siblings *all = h->siblings;
    u64 pa[HART_SIBLINGS_MAX];

    for (unsigned i = 0; i < all->count; i++)
        pa[i] = all->hart[i]->code ? all->hart[i]->code->pa : 0;
    blocks_drop_all(h->blocks);
    for (unsigned i = 0; i < all->count; i++) {
        struct hart *each = all->hart[i];

        contexts_clear(&each->contexts);
        if (each->code && each->code != blocks_no_page(h->blocks))
            find_code_again(each, pa[i]);
    }
}

/* The budget is used up: is that the end of the slice? */
static bool goes_on(struct hart *h)
{
    counters_settle(h);
    slice_refill(&h->slice);
    counters_hold_back(h);
    return h->slice.budget > 0;
}

static void run(struct hart *h)
{
    bool stepping = (h->trace->wanted & RETIRE_KINDS) != 0;

    while (h->slice.budget > 0 || goes_on(h)) {
        if ((h->attention || h->waiting) && !attend(h))
            return;
        if (blocks_are_full(h->blocks))
            hart_drop_code(h);
        if (stepping)
            retire_step(h);
        else
            interp_run(h);
        if (h->raised)
            trap_take_exception(h);
        blocks_collect(h->blocks);
    }
}

enum hart_exit hart_run(struct hart *h, u64 steps)
{
    slice_begin(&h->slice, steps);
    h->in = NULL;
    counters_hold_back(h);
    fp_slice_begin(&h->fp, h->frm);
    run(h);
    h->fflags |= fp_slice_end(&h->fp);
    slice_finish(&h->slice, hart_steps(h));
    if (trap_is_looping(h))
        return HART_LOOPING;
    if (h->waiting && h->slice.ends != SLICE_CUT)
        return HART_WAITING;
    return HART_SLICE_OVER;
}
