/*
 * A hart on the bench: RAM, clock, trace, decoder and caches round it, no
 * machine. Tests call its parts directly, write page tables into its RAM and
 * read the events it made.
 *
 * Page tables are laid out once: TABLE(n) is the table of level n, and the
 * entry that leads down to level n − 1 is the one BENCH_VA needs. Tests put
 * in what they want at one level.
 */
#ifndef HART_BENCH_H
#define HART_BENCH_H

#include "hart/code/blocks.h"
#include "hart/interp/interp.h"
#include "hart/mmu/fetch.h"
#include "hart/mmu/arrays.h"
#include "hart/run.h"
#include "hart/mmu/mmu.h"
#include "hart/code/changes.h"
#include "hart/code/probes.h"
#include "hart/code/watches.h"
#include "hart/mmu/suspects.h"
#include "hart/mmu/tables.h"

#define BENCH_RAM 0x80000000ull
#define BENCH_RAM_SIZE (64ull << 20)
#define BENCH_TABLE(level) (BENCH_RAM + 0x10000 + 0x1000ull * (level))
#define BENCH_FRAME(n) (BENCH_RAM + 0x400000 + 0x1000ull * (n))

/* Indexes 4, 3, 2, 1, 5 from the lowest level up, and an offset. */
#define BENCH_VA 0x0005008080604abcull
#define BENCH_ASID 7

#define BENCH_EVENTS_MAX 4096

struct bench {
    struct bus bus;
    struct clock clock;
    struct trace trace;
    struct decoder *decoder;
    struct blocks *blocks;
    struct tables *tables;
    struct suspects *suspects;
    struct probes probes;
    struct changes changes;
    struct watches watches;
    struct siblings siblings;
    struct hart hart;
    u64 time;        /* what the time CSR read at the clock's 0 */
    unsigned events; /* delivered since bench_forget() */
    struct rvemu_event event[BENCH_EVENTS_MAX];
};

/* cmocka's set-up and tear-down of a test: *state is a struct bench. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* What a hart on the bench is wired to. */
struct hart_wiring bench_wiring(struct bench *bench, unsigned id);

/* The last PMP entry opens everything, the others are off: so it starts. */
void bench_open_pmp(struct bench *bench);

/* Watches these kinds from now on, in place of any watched before. */
void bench_watch(struct bench *bench, rvemu_event_set kinds);

/* Delivers what waits; bench->event[] and bench->events hold it. */
void bench_collect(struct bench *bench);

/* Delivers and drops. */
void bench_forget(struct bench *bench);

u64 bench_load(struct bench *bench, u64 pa);
void bench_store(struct bench *bench, u64 pa, u64 value);

/* A page-table entry that points to or maps pa. */
u64 bench_pte(u64 pa, u64 flags);

/* satp for a number of levels (3 to 5) with the root at BENCH_TABLE; all
 * tables emptied but for the way down to `level`. Nothing is fenced. */
void bench_build_tables(struct bench *bench, unsigned levels, unsigned level);

/* Address of the entry that BENCH_VA uses at this level. */
u64 bench_pte_pa(unsigned level);

/* Privilege and status bits of the next accesses. */
void bench_set_mode(struct bench *bench, unsigned priv, u64 status);

/* A load or store instruction's slow path, as the interpreter calls it. A
 * fault is left in hart.raise_*, and hart.c.raised is cleared before. */
bool bench_access_load(struct bench *bench, u64 va, unsigned size, u64 *value);
bool bench_access_store(struct bench *bench, u64 va, unsigned size, u64 value);

/* lr, sc and amoadd of size 4 or 8 at va; x6 is the operand and x5 takes the
 * result. As above. */
bool bench_access_lr(struct bench *bench, u64 va, unsigned size);
bool bench_access_sc(struct bench *bench, u64 va, unsigned size, u64 value);
bool bench_access_amo(struct bench *bench, u64 va, unsigned size, u64 value);

/* The instruction raw executed by its body, as a block would run it. As
 * above. */
typedef bool bench_body(struct hart *hart, const struct insn *in);
bool bench_execute(struct bench *bench, bench_body *body, u32 raw);

/* Puts code at pa and makes that the pc; nothing is run yet. */
void bench_code(struct bench *bench, u64 pa, const u32 *code, unsigned count);

/* Runs this many steps, unless the hart waits or only traps, in slices that end
 * where a timer is due, and moves the clock along. Events are delivered. */
enum hart_exit bench_run(struct bench *bench, u64 steps);

/* csrrw rd, number, rs1 executed at the present privilege. Returns what the
 * body returned or, if that was only a wish to leave the block, true. */
bool bench_csr_write(struct bench *bench, unsigned number, u64 value);
/* csrrs rd, number, x0. */
bool bench_csr_read(struct bench *bench, unsigned number, u64 *value);

#endif
