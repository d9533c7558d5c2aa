/*
 * A kernel in a few lines that leaves the events behind which a real one
 * would: it keeps Sv39 tables in an array, and reports stores to tables that
 * a loaded root reaches, as emu's hart does. For tests of the analysis.
 */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../guest/include/uapi/mark.h"
#include "analysis/lines.h"
#include "analysis/spaces.h"
#include "rvemu/explain.h"

#define FRAMES 512
#define BASE 0x80000ull
#define RX (PTE_R | PTE_X)
#define RW (PTE_R | PTE_W)
#define SV39 (8ull << 60)

struct world {
    struct rvemu_explain *explain;
    struct rvemu_explain_options options;
    u64 time;
    u8 hart; /* who does what follows */
    unsigned next;
    bool table[FRAMES]; /* known to the machine */
    u64 mem[FRAMES][512];
    char line[128][1024];
    unsigned lines;
    bool marked; /* the latest line says that the kernel errs */
    bool folds;  /* lines come as they are; else the guest prints after each
                    event, and so ends all runs of pages */
    bool marks;
    bool lying;
};

static void keep_line(void *arg, const char *line)
{
    struct world *w = arg;

    assert_true(w->lines < 128);
    w->marked =
        !strncmp(line, RVEMU_EXPLAIN_MARK, sizeof(RVEMU_EXPLAIN_MARK) - 1);
    if (w->marked)
        line += sizeof(RVEMU_EXPLAIN_MARK) - 1;
    snprintf(w->line[w->lines++], sizeof(w->line[0]), "%s", line);
}

static inline void world_open(struct world *w, bool full)
{
    *w = (struct world){.options = {.line = keep_line, .arg = w, .full = full}};
    w->explain = rvemu_explain_new(&w->options);
    assert_non_null(w->explain);
}

static inline void world_close(struct world *w)
{
    rvemu_explain_free(w->explain);
}

static void emit_at(struct world *w, struct rvemu_event event, unsigned priv,
                    u64 pc)
{
    event.time = ++w->time;
    event.hart = w->hart;
    event.priv = (u8)priv;
    event.pc = pc;
    rvemu_explain_feed(w->explain, &event);
    if (!w->folds)
        rvemu_explain_flush(w->explain);
}

#define EMIT(w, name, ...)                                   \
    emit_at(w,                                               \
            (struct rvemu_event){.kind = RVEMU_EVENT_##name, \
                                 .name = {__VA_ARGS__}},     \
            1, 0xffffffc080001000)

static u64 new_frame(struct world *w)
{
    assert_true(w->next < FRAMES);
    memset(w->mem[w->next], 0, sizeof(w->mem[0]));
    return BASE + w->next++;
}

static u64 *entries(struct world *w, u64 frame)
{
    return w->mem[frame - BASE];
}

/* What a table holds when it becomes known. */
static void find_table(struct world *w, u64 root, u64 frame, unsigned level,
                       u64 va)
{
    if (w->table[frame - BASE])
        return;
    w->table[frame - BASE] = true;
    for (unsigned i = 0; i < 512; i++) {
        u64 pte = entries(w, frame)[i];
        u64 at = va | (u64)i << (12 + 9 * level);

        if (!(pte & PTE_V))
            continue;
        EMIT(w, pte_found, root, at, level, frame << 12 | i << 3, pte);
        if (level && !(pte & (PTE_R | PTE_W | PTE_X)))
            find_table(w, root, pte_frame(pte, 0), level - 1, at);
    }
}

static void store(struct world *w, u64 root, u64 frame, unsigned level, u64 va,
                  u64 pte)
{
    unsigned i = (unsigned)(va >> (12 + 9 * level)) % 512;
    u64 old = entries(w, frame)[i];

    entries(w, frame)[i] = pte;
    if (!w->table[frame - BASE])
        return;
    EMIT(w, pte_write, root, va & -level_size(level), level,
         frame << 12 | i << 3, old, pte, RVEMU_ORIGIN_HART);
    if (level && (pte & PTE_V) && !(pte & (PTE_R | PTE_W | PTE_X)))
        find_table(w, root, pte_frame(pte, 0), level - 1, va);
}

/* The table of the given level on the way to va, made when missing. */
static u64 table_for(struct world *w, u64 root, u64 va, unsigned level)
{
    u64 frame = root;

    for (unsigned l = 2; l > level; l--) {
        u64 *pte = &entries(w, frame)[(va >> (12 + 9 * l)) % 512];

        if (!*pte)
            store(w, root, frame, l, va, new_frame(w) << 10 | PTE_V);
        frame = pte_frame(*pte, 0);
    }
    return frame;
}

static void set_leaf(struct world *w, u64 root, u64 va, unsigned level, u64 pte)
{
    store(w, root, table_for(w, root, va, level), level, va, pte);
}

static void map_page(struct world *w, u64 root, u64 va, u64 frame, u64 flags)
{
    set_leaf(w, root, va, 0, frame << 10 | flags | PTE_U | PTE_V);
}

static u64 leaf(struct world *w, u64 root, u64 va)
{
    return entries(w, table_for(w, root, va, 0))[(va >> 12) % 512];
}

static inline u64 frame_at(struct world *w, u64 root, u64 va)
{
    return pte_frame(leaf(w, root, va), 0);
}

/* Loads a root, and returns to a program in it. */
static void run_at(struct world *w, u64 root, u64 pc)
{
    EMIT(w, satp, 0, SV39 | root);
    find_table(w, root, root, 2, 0);
    EMIT(w, xret, pc, 0);
}

static inline void run(struct world *w, u64 root)
{
    run_at(w, root, 0x10400);
}

static inline void ecall(struct world *w, u64 pc)
{
    emit_at(
        w,
        (struct rvemu_event){.kind = RVEMU_EVENT_trap, .trap = {8, 0, pc, 1}},
        0, pc);
}

static inline void mark_event(struct world *w, unsigned priv, u64 id, u64 a0,
                              u64 a1, u64 a2, u64 a3)
{
    emit_at(w,
            (struct rvemu_event){.kind = RVEMU_EVENT_mark,
                                 .mark = {id, a0, a1, a2, a3}},
            priv, 0xffffffc080002000);
}

/* A fault of the program at va; returns what the page's entry holds. */
static u64 fault(struct world *w, u64 root, u64 va, unsigned access,
                 unsigned reason)
{
    u64 pte = leaf(w, root, va);

    emit_at(
        w,
        (struct rvemu_event){.kind = RVEMU_EVENT_page_fault,
                             .page_fault = {va, access, reason, 0,
                                            table_for(w, root, va, 0) << 12 |
                                                ((va >> 12) % 512) << 3,
                                            pte, SV39 | root, 0}},
        0, 0x10200);
    return pte;
}

static inline u64 store_fault(struct world *w, u64 root, u64 va)
{
    return fault(w, root, va, RVEMU_ACCESS_STORE, RVEMU_REASON_NOT_WRITABLE);
}

/* Points va's entry at an equal copy of its frame, writable. */
static u64 copy_page(struct world *w, u64 root, u64 va)
{
    u64 old = frame_at(w, root, va);
    u64 frame = new_frame(w);

    EMIT(w, frame_copied, root, va & -4096ull,
         table_for(w, root, va, 0) << 12 | ((va >> 12) % 512) << 3, old, frame);
    map_page(w, root, va, frame, RW);
    return frame;
}

static inline u64 cow_store(struct world *w, u64 root, u64 va)
{
    u64 frame;

    store_fault(w, root, va);
    frame = copy_page(w, root, va);
    EMIT(w, xret, 0x10200, 0);
    return frame;
}

static inline void reuse_store(struct world *w, u64 root, u64 va)
{
    u64 pte = store_fault(w, root, va);

    set_leaf(w, root, va, 0, pte | PTE_W);
    EMIT(w, xret, 0x10200, 0);
}

/* A root with text at 0x10000, data at 0x12000 and 0x13000, and a stack. */
static const u64 text_va = 0x10000, data_va = 0x12000, more_va = 0x13000,
                 stack_va = 0x3ffffff000;

static inline u64 new_program(struct world *w)
{
    u64 root = new_frame(w);

    map_page(w, root, text_va, new_frame(w), RX);
    map_page(w, root, data_va, new_frame(w), RW);
    map_page(w, root, more_va, new_frame(w), RW);
    map_page(w, root, stack_va, new_frame(w), RW);
    return root;
}

/* Time passes: whatever lines were held back come. */
static inline void settle(struct world *w)
{
    w->time += 2 * LINES_HOLD;
    EMIT(w, root_lost, 0);
}

/* Where fork's ecall is, and where run() lets a child begin. */
#define FORK_PC 0x103fc

/* Forks: the child's tables are built before any satp points to them. The
 * parent goes on first. */
static inline u64 fork_cow(struct world *w, u64 parent)
{
    const u64 pages[] = {text_va, data_va, more_va, stack_va};
    u64 child = new_frame(w);

    ecall(w, FORK_PC);
    for (unsigned i = 0; i < 4; i++) {
        u64 pte = leaf(w, parent, pages[i]);

        if (!pte)
            continue;
        if (pte & PTE_W)
            set_leaf(w, parent, pages[i], 0, pte & ~PTE_W);
        set_leaf(w, child, pages[i], 0, pte & ~PTE_W);
    }
    EMIT(w, xret, FORK_PC + 4, 0);
    return child;
}

/* Clears every entry of the root, as an exit does, and gives it back. */
static inline void end_space(struct world *w, u64 root)
{
    for (unsigned i = 0; i < 512; i++) {
        if (entries(w, root)[i])
            store(w, root, root, 2, (u64)i << 30, 0);
    }
    w->table[root - BASE] = false;
    EMIT(w, root_lost, root);
}

static inline struct rvemu_cow_totals totals(struct world *w)
{
    struct rvemu_cow_totals sum;

    rvemu_explain_cow_totals(w->explain, &sum);
    return sum;
}

#endif
