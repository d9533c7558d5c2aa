/*
 * Remote fences (SBI, "RFENCE"; privileged spec, "SFENCE.VMA").
 *
 * One fence at a time: `busy` is held by the hart that asked, `current` says
 * what to do, `left` counts the harts that have yet to do it. Whoever waits
 * for `busy` serves the fence of the holder meanwhile, or both would wait for
 * ever; the holder itself cannot be asked for another.
 *
 * A range of up to RANGE_PAGES pages is fenced page by page, a larger one, or
 * one that wraps, as the whole address space. size 0 and −1 mean all of it.
 */
#include "fence.h"

#include "hart.h"
#include "ipi.h"
#include "pmu.h"

#define PAGE_SIZE 4096ull
#define RANGE_PAGES 64

static u32 busy;
static struct fence current;
static u64 left;

static void pause(void)
{
    __asm__ volatile(".insn 0x0100000f" ::: "memory");
}

static bool is_everything(const struct fence *f)
{
    return !f->size || f->start + f->size - 1 < f->start ||
           f->size > RANGE_PAGES * PAGE_SIZE;
}

static void fence_everything(const struct fence *f)
{
    if (f->kind == FENCE_VMA)
        __asm__ volatile("sfence.vma" ::: "memory");
    else
        __asm__ volatile("sfence.vma x0, %0" ::"r"(f->asid) : "memory");
}

static void fence_page(const struct fence *f, u64 va)
{
    if (f->kind == FENCE_VMA)
        __asm__ volatile("sfence.vma %0" ::"r"(va) : "memory");
    else
        __asm__ volatile("sfence.vma %0, %1" ::"r"(va), "r"(f->asid)
                         : "memory");
}

static void execute(const struct fence *f)
{
    if (f->kind == FENCE_I) {
        __asm__ volatile("fence.i" ::: "memory");
    } else if (is_everything(f)) {
        fence_everything(f);
    } else {
        u64 va = f->start & ~(PAGE_SIZE - 1);
        u64 last = (f->start + f->size - 1) & ~(PAGE_SIZE - 1);

        for (; va != last; va += PAGE_SIZE)
            fence_page(f, va);
        fence_page(f, last);
    }
}

void fence_serve(void)
{
    pmu_count(PMU_FENCE_RECEIVED + 2 * current.kind);
    execute(&current);
    __atomic_fetch_sub(&left, 1, __ATOMIC_SEQ_CST);
}

static void serve_if_asked(void)
{
    u32 *pending = &hart_self()->pending;

    if (__atomic_fetch_and(pending, ~(u32)IPI_FENCE, __ATOMIC_SEQ_CST) &
        IPI_FENCE)
        fence_serve();
}

static void ask(u64 others)
{
    for (u64 id = 0; id < HARTS_MAX; id++) {
        if (!(others >> id & 1) || !hart_is_running(id))
            continue;
        pmu_count(PMU_FENCE_SENT + 2 * current.kind);
        __atomic_fetch_add(&left, 1, __ATOMIC_SEQ_CST);
        ipi_send(id, IPI_FENCE);
    }
}

void fence_remote(u64 ids, const struct fence *fence)
{
    u64 self = 1ull << hart_id();

    if (ids & ~self) {
        while (__atomic_exchange_n(&busy, 1, __ATOMIC_SEQ_CST)) {
            serve_if_asked();
            pause();
        }
        current = *fence;
        ask(ids & ~self);
        while (__atomic_load_n(&left, __ATOMIC_SEQ_CST))
            pause();
        __atomic_store_n(&busy, 0, __ATOMIC_SEQ_CST);
    }
    if (ids & self)
        execute(fence);
}
