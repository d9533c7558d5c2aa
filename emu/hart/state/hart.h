/*
 * One hart: its architectural state, and what it needs to run.
 *
 * Owned by the machine, which wires it to the bus, the clock and the trace
 * before hart_reset(). Everything a guest can see is in here or in the TLB;
 * the small arrays (context.h) and the decoded blocks (block.h) are caches
 * that may vanish at any time without the guest noticing.
 *
 * Conventions of all execution code:
 * - A body or a memory access returns true when the instruction is done and
 *   execution may go on, false when the interpreter has to leave the block:
 *   either an exception was recorded by hart_raise(), or the instruction
 *   retired and something outside it wants attention.
 * - x[0] is never written: block building sends writes to x0 to x[32].
 *
 * How many steps a hart makes at a time, and where they are counted: slice.h.
 */
#ifndef HART_STATE_HART_H
#define HART_STATE_HART_H

#include "base/types.h"
#include "bus/bus.h"
#include "bus/clock.h"
#include "hart/lookup/context.h"
#include "hart/system/counters.h"
#include "hart/fp/fp.h"
#include "hart/lookup/pmp.h"
#include "hart/state/slice.h"
#include "hart/lookup/tlb.h"
#include "isa/insn.h"
#include "trace/trace.h"

enum priv { PRIV_U = 0, PRIV_S = 1, PRIV_M = 3 };

/* Exception codes (privileged spec, table of mcause values). */
enum cause {
    CAUSE_FETCH_MISALIGNED = 0,
    CAUSE_FETCH_ACCESS = 1,
    CAUSE_ILLEGAL = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_LOAD_MISALIGNED = 4,
    CAUSE_LOAD_ACCESS = 5,
    CAUSE_STORE_MISALIGNED = 6,
    CAUSE_STORE_ACCESS = 7,
    CAUSE_ECALL_U = 8, /* + privilege */
    CAUSE_FETCH_PAGE = 12,
    CAUSE_LOAD_PAGE = 13,
    CAUSE_STORE_PAGE = 15
};

#define CAUSE_INTERRUPT (1ull << 63)

/* Interrupt numbers: bits of mip and mie. */
enum interrupt {
    INT_SSI = 1,
    INT_MSI = 3,
    INT_STI = 5,
    INT_MTI = 7,
    INT_SEI = 9,
    INT_MEI = 11,
    INT_LCOFI = 13
};

/* Fields of mstatus that are tested outside csr_rules.c. */
#define MSTATUS_SIE (1ull << 1)
#define MSTATUS_MIE (1ull << 3)
#define MSTATUS_SPIE (1ull << 5)
#define MSTATUS_MPIE (1ull << 7)
#define MSTATUS_SPP (1ull << 8)
#define MSTATUS_MPP (3ull << 11)
#define MSTATUS_FS (3ull << 13)
#define MSTATUS_MPRV (1ull << 17)
#define MSTATUS_SUM (1ull << 18)
#define MSTATUS_MXR (1ull << 19)
#define MSTATUS_TVM (1ull << 20)
#define MSTATUS_TW (1ull << 21)
#define MSTATUS_TSR (1ull << 22)
#define MSTATUS_SD (1ull << 63)

/* menvcfg and senvcfg: which cache-block operations run below. */
#define ENVCFG_CBIE (3ull << 4)
#define ENVCFG_CBCFE (1ull << 6)
#define ENVCFG_CBZE (1ull << 7)

#define MENVCFG_PBMTE (1ull << 62)
#define MENVCFG_ADUE (1ull << 61)
#define MENVCFG_STCE (1ull << 63)

#define HART_X_SINK 32 /* where writes to x0 go */

/* Why hart_run() came back. */
enum hart_exit {
    HART_SLICE_OVER, /* at its end, or before: hart->slice.ends says why */
    HART_WAITING,    /* wfi, and nothing enabled is pending */
    HART_LOOPING,    /* its last trap was the same as the one before */
};

struct trap {
    u64 cause, tval, pc;
};

/* The exceptions that came last. A handler that cannot be fetched raises the
 * same again and again, with nothing retired in between. */
struct trap_history {
    struct trap last;
    struct trap first; /* at whose handler `last` was, or a copy of it */
    u64 step;          /* of the hart, when it took the last one */
    bool repeats;      /* that one was the same as its predecessor */
};

struct csrs {
    u64 mstatus, medeleg, mideleg, mie, mip, mtvec, mscratch, mepc, mcause;
    u64 mtval, mcounteren, menvcfg;
    u64 stvec, sscratch, sepc, scause, stval, satp, scounteren, senvcfg;
    u64 stimecmp;
};

#define HART_SIBLINGS_MAX 8

struct code_page;
struct block;
struct blocks;
struct hart;
struct tables;

/* The harts of one machine, by id, and what they share. One host thread runs
 * them in turns, so that no two are ever inside a slice. */
struct siblings {
    struct bus *bus;
    struct clock *clock;
    struct trace *trace;
    struct blocks *blocks;
    struct tables *tables;
    unsigned count;
    struct hart *hart[HART_SIBLINGS_MAX];
};

struct hart {
    u64 x[33];
    u64 f[32];
    u64 pc; /* exact between blocks; inside one, page_va + insn.off */

    /* The fetch page: valid until the page changes or it is dropped. */
    u64 page_va;
    struct code_page *code; /* NULL: look it up before going on */

    struct slice slice;
    const struct block *block; /* being executed */
    const struct insn *in;     /* set by slow paths; NULL outside a block */
    struct context *data;      /* small arrays for loads and stores */
    struct context *fetch;     /* small array for instruction pages */
    struct block *single;      /* room for an instruction outside any page */

    u8 priv; /* enum priv */
    u8 frm;
    u8 fflags;        /* less what the host holds: fp_flags_collect() */
    u8 fflags_before; /* and what retire.c has set aside for an instruction */
    bool attention;   /* interrupts, waiting or slice.ends want a look */
    bool waiting;     /* in wfi */

    /* The exception that the last false meant, if `raised`. */
    bool raised;
    u64 raise_cause;
    u64 raise_tval;

    /* LR/SC: the reserved physical address range, or none. Only the hart
     * whose turn it is has one: hart_leave_turn(). */
    bool reserved;
    u64 reserved_pa;

    struct fp_env fp; /* the host FPU while a slice runs */
    u64 traps;        /* taken */
    u64 paused_at;    /* its steps behind the last pause, or UINT64_MAX */
    struct csrs csr;
    struct counters counters;
    struct pmp pmp;
    struct tlb tlb;
    struct contexts contexts;

    unsigned csr_written; /* by csrrw and its like; for retire.c; 0: none */

    unsigned id; /* mhartid */
    struct trap_history history;
    struct timer stimer; /* Sstc */
    bool seip_pin;       /* what the PLIC drives; mip.SEIP is an OR */
    u64 isa;             /* what it has: a set of extensions */
    bool cache_invalid;  /* the TLB keeps entries that are not valid */
    bool strict_pma;     /* no AMO reaches a device */

    struct bus *bus;
    struct clock *clock;
    struct trace *trace;
    struct blocks *blocks;
    struct tables *tables;
    const struct siblings *siblings;         /* itself among them */
    u64 (*read_time)(void *source);          /* the time CSR, from the CLINT */
    u64 (*time_due)(void *source, u64 time); /* machine time of a value */
    void *time_source;
};

/* What a hart is wired to. All pointers outlive the hart, and so do its
 * siblings, of which hart_init() makes it one; their ids count from 0. */
struct hart_wiring {
    unsigned id;
    struct siblings *siblings;
    u64 (*read_time)(void *source);
    u64 (*time_due)(void *source, u64 time);
    void *time_source;
    u64 isa; /* a set of extensions (isa/ext.h) that the decoder has, too */
    bool cache_invalid; /* as in struct hart; not with Svvptc in isa */
    bool strict_pma;
};

/* Makes a hart, still without a state to run from: hart_reset(). -1 when
 * memory for its caches is lacking. */
int hart_init(struct hart *hart, const struct hart_wiring *wiring,
              struct rvemu_error *error);
void hart_fini(struct hart *hart);

/* Power-on state (privileged spec, "Reset"), to run from pc in M-mode: once for
 * each hart. It is no reset line. A hart that has run keeps its counts of steps
 * and traps, and what others know of it: the levels on its wires, page tables
 * under watch. Outside a slice. */
void hart_reset(struct hart *hart, u64 pc);

/* Runs a slice of at most `steps` steps. */
enum hart_exit hart_run(struct hart *hart, u64 steps);

/* Steps made in the running slice, exact at every point where a guest or a
 * device can look. */
u64 hart_progress(const struct hart *hart);

/* Drops every decoded block and small array of all siblings, between blocks:
 * what they were made for has changed, or they are too many. No guest
 * notices. */
void hart_drop_code(struct hart *hart);

/* Ends the slice after the current instruction: SLICE_CUT. */
void hart_cut(struct hart *hart);

/* Steps made and instructions retired since the hart was made. */
u64 hart_steps(const struct hart *hart);
u64 hart_retired(const struct hart *hart);

/* Counts n of a kind that is not steps. */
static inline void hart_count(struct hart *h, enum counted kind, u64 n)
{
    h->counters.total[kind] += n;
    if (h->counters.total[kind] >= h->counters.due[kind])
        counters_reached(h, kind);
}

/* Whether it is not in wfi, or has something to wake up for. */
bool hart_can_run(const struct hart *hart);

/* Body of the pause hint: the slice is over with it if a sibling can run. */
bool hart_pause(struct hart *hart, const struct insn *in);

/* Another hart's turn begins: a reservation does not outlive it, since any
 * store may now come in between and none is watched for. */
void hart_leave_turn(struct hart *hart);

/* Records an exception of the current instruction. Always false. */
static inline bool hart_raise(struct hart *h, u64 cause, u64 tval)
{
    h->raised = true;
    h->raise_cause = cause;
    h->raise_tval = tval;
    return false;
}

static inline bool hart_illegal(struct hart *h, const struct insn *in)
{
    return hart_raise(h, CAUSE_ILLEGAL, in->raw);
}

/* FP state was written: FS becomes Dirty. */
static inline void hart_fp_dirty(struct hart *h)
{
    h->csr.mstatus |= MSTATUS_FS | MSTATUS_SD;
}

/* The current privilege, satp or a status bit changed: choose the contexts
 * anew and look the fetch page up again. */
void hart_update_context(struct hart *hart);

/* Forgets every pointer into the fetch page. */
static inline void hart_drop_fetch(struct hart *h)
{
    h->code = NULL;
}

/* The privilege that loads and stores run with (MPRV). */
static inline unsigned hart_data_priv(const struct hart *h)
{
    u64 status = h->csr.mstatus;

    return status & MSTATUS_MPRV ? (unsigned)(status >> 11 & 3) : h->priv;
}

/* Around host code that may compute with floating point while a slice runs:
 * the host's own environment holds in between. */
void hart_host_begin(struct hart *hart);
void hart_host_end(struct hart *hart);

/* A new event of this hart, time, pc and privilege filled in. */
struct rvemu_event *hart_event(struct hart *hart, unsigned kind);

#endif
