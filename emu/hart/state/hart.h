/*
 * One hart: what a guest can see of it, what it is wired to, and what it only
 * remembers.
 *
 *   s        guest state: plain data, to be copied, compared and hashed
 *   tlb, pmp guest state with what is derived from it (lookup/)
 *   w        wiring: set once by hart_init()
 *   c        caches: they may vanish between slices without a guest noticing,
 *            and hart_restored() makes them anew from the rest
 *
 * Within a slice some of the state is elsewhere: flags in the host's FPU, a
 * position in a block. Between slices it is all in s.
 *
 * Conventions of all execution code:
 * - A body or a memory access returns true when the instruction is done and
 *   execution may go on, false when the engine has to leave the block: either
 *   an exception was recorded by hart_raise(), or the instruction retired and
 *   something outside it wants attention.
 * - x[0] is never written: block building sends writes to x0 to x[32].
 *
 * How many steps a hart makes at a time, and where they are counted: slice.h.
 */
#ifndef HART_STATE_HART_H
#define HART_STATE_HART_H

#include <rvemu/cpu.h>

#include "base/plain.h"
#include "base/types.h"
#include "bus/bus.h"
#include "bus/clock.h"
#include "hart/code/blocks.h"
#include "hart/fp/fp.h"
#include "hart/lookup/context.h"
#include "hart/lookup/pmp.h"
#include "hart/lookup/tlb.h"
#include "hart/state/counts.h"
#include "hart/state/engine.h"
#include "hart/state/slice.h"
#include "isa/insn.h"
#include "isa/privileged.h"
#include "trace/trace.h"

#define HART_SIBLINGS_MAX 8

struct changes;
struct hart;
struct probes;
struct suspects;
struct tables;
struct watches;

PLAIN_BEGIN
struct trap {
    u64 cause, tval, pc;
};

/* The exceptions that came last. A handler that cannot be fetched raises the
 * same again and again, with nothing retired in between. */
struct trap_history {
    struct trap last;
    struct trap first; /* its handler raised `last`; or `last` itself */
    u64 step;          /* of the hart, when it took `last` */
    u64 repeats;       /* 1: `last` was the same as the one before it */
};

/* S-mode's last call of the SBI, while M-mode has it. A hart that S-mode never
 * had, or gave back, is in a call that does not return. */
struct sbi_call {
    u64 open; /* 1: M-mode has not returned from it */
    u64 back; /* the address behind the ecall */
    u64 extension, function;
};

struct csrs {
    u64 mstatus, medeleg, mideleg, mie, mip, mtvec, mscratch, mepc, mcause;
    u64 mtval, mcounteren, menvcfg;
    u64 stvec, sscratch, sepc, scause, stval, satp, scounteren, senvcfg;
    u64 stimecmp;
};

/* How far the fetch page is known. */
enum fetch_known {
    FETCH_NOTHING, /* it is looked up before the next instruction */
    FETCH_PAGE,    /* its decoded code serves */
    FETCH_HALVES   /* nothing of it is kept: each half is translated */
};

#define AHEAD_ROOTS 16
#define AHEAD_PLACES 4096

/* Of a hart that walks ahead (mmu/ahead.h): what its satp was. */
struct ahead_roots {
    u64 satp[AHEAD_ROOTS]; /* 0: none */
    u64 left[AHEAD_ROOTS]; /* ns: until when */
    u64 next; /* number of the next, which takes the oldest's place */
};

/* Of a machine with such harts: when entries of page tables changed. */
struct ahead_changes {
    u64 changed[AHEAD_PLACES]; /* ns, by a hash of their place */
};

struct hart_state {
    u64 x[CODE_X_SINK + 1]; /* between slices the sink is 0 */
    u64 f[32];
    u64 pc; /* exact between blocks; inside one, page_va + insn.off */

    /* The fetch page is an instruction TLB of one entry: it outlives the entry
     * that it was filled from, up to the next change of page, trap, return,
     * fence, and write to what translations depend on. */
    u64 page_va;
    u64 page_pa; /* of FETCH_PAGE; exact between slices, as page_known is */

    struct slice slice;
    struct csrs csr;
    struct counters counters;
    struct trap_history history;
    struct sbi_call sbi;
    struct ahead_roots ahead;
    u64 traps;       /* taken */
    u64 paused_at;   /* its steps behind the last pause, or UINT64_MAX */
    u64 reserved_pa; /* LR/SC: the reserved address, if `reserved` */

    u8 page_known; /* enum fetch_known */
    u8 priv;       /* enum priv */
    u8 frm;
    u8 fflags;     /* less what the host holds: fp_flags_collect() */
    u8 waiting;    /* 1: in wfi */
    u8 reserved;   /* only of the hart whose turn it is: hart_leave_turn() */
    u8 seip_pin;   /* what the PLIC drives; mip.SEIP is an OR */
    u8 inval_open; /* 1: behind sfence.w.inval, and not sfence.inval.ir yet */
};
PLAIN_END

/* The harts of one machine, by id, and what they share. One host thread runs
 * them in turns, so that no two are ever inside a slice. */
struct siblings {
    struct bus *bus;
    struct clock *clock;
    struct trace *trace;
    struct blocks *blocks;
    struct tables *tables;
    struct suspects *suspects;
    struct probes *probes;
    struct changes *changes;
    struct watches *watches;
    const struct engine *engine;
    unsigned count;
    struct ahead_changes *ahead; /* NULL: they do not walk ahead … */
    void (*walk_ahead)(struct hart *hart, u64 va); /* … by mmu_walk_ahead() */
    struct hart *hart[HART_SIBLINGS_MAX];
};

/* All pointers outlive the hart. */
struct hart_wired {
    unsigned id; /* mhartid */
    u64 isa;     /* the hart's set of extensions */
    struct rvemu_hart_config config;
    struct bus *bus;
    struct clock *clock;
    struct trace *trace;
    struct blocks *blocks;
    struct tables *tables;
    const struct siblings *siblings; /* itself among them */
    const struct engine *engine;
    u64 (*read_time)(void *source); /* the time CSR, from the CLINT */
    /* Whether the hart's timer is due that compares time with `compare`, and
     * the ns of machine time at which that changes. */
    bool (*timer_due)(void *source, unsigned id, u64 compare, u64 *changes);
    void *time_source;
    /* A semihosting call: its number is in a0, its argument in a1, its result
     * goes to a0. Within the instruction. */
    void (*semihost)(void *host, struct hart *hart);
    void *semihost_host;
    unsigned stimer; /* timer of Sstc */
};

struct hart_caches {
    struct code_page *code;    /* the fetch page's; NULL: FETCH_NOTHING */
    struct block_index index;  /* as that page has it */
    struct context *data;      /* small arrays for loads and stores */
    struct context *fetch;     /* small array for instruction pages */
    const struct block *block; /* being executed */
    const struct insn *in;     /* set by slow paths; NULL outside a block */
    struct block *single;      /* room for an instruction that is stepped */
    bool attention;            /* interrupts, waiting, a counter or slice.ends
                                  want a look */
    bool doubts_fetch;         /* the fetch page is to be judged: suspects.h */
    bool raised;               /* the last false meant this exception: */
    u64 raise_cause;
    u64 raise_tval;
    u8 fflags_before;     /* what retire.c has set aside for an instruction */
    unsigned csr_written; /* by csrrw and its like; for retire.c; 0: none */
    struct fp_env fp;     /* the host FPU while a slice runs */
    struct contexts contexts;
};

struct hart {
    struct hart_state s;
    struct hart_caches c;
    struct hart_wired w;
    struct pmp pmp;
    struct tlb tlb;
};

/* Steps made and instructions retired since the hart was made; steps made in
 * the running slice. Exact at every point where a guest or a device can look.
 */
u64 hart_steps(const struct hart *hart);
u64 hart_retired(const struct hart *hart);
u64 hart_progress(const struct hart *hart);

/* Ends the slice after the current instruction: SLICE_CUT. */
void hart_cut(struct hart *hart);

/* Ends the slice after the current instruction for a debugger: SLICE_HALTED,
 * unless it ends for another reason. Outside a slice, nothing. */
void hart_halt(struct hart *hart);

/* Counts n of a kind that is not steps. Where a counter may overflow by it,
 * that is looked at before the next instruction (counters.h). */
static inline void hart_count(struct hart *h, enum counted kind, u64 n)
{
    h->s.counters.total[kind] += n;
    if (h->s.counters.total[kind] >= h->s.counters.due[kind])
        h->c.attention = true;
}

/* Records an exception of the current instruction. Always false. */
static inline bool hart_raise(struct hart *h, u64 cause, u64 tval)
{
    h->c.raised = true;
    h->c.raise_cause = cause;
    h->c.raise_tval = tval;
    return false;
}

static inline bool hart_illegal(struct hart *h, const struct insn *in)
{
    return hart_raise(h, CAUSE_ILLEGAL, in->raw);
}

/* FP state was written: FS becomes Dirty. */
static inline void hart_fp_dirty(struct hart *h)
{
    h->s.csr.mstatus |= MSTATUS_FS | MSTATUS_SD;
}

/* Takes page for the fetch page's code; again when its index has grown. */
static inline void hart_set_fetch(struct hart *h, struct code_page *page)
{
    h->c.code = page;
    h->c.index = page->index;
}

/* The fetch page is to be looked up before the next instruction. */
static inline void hart_drop_fetch(struct hart *h)
{
    h->c.code = NULL;
    h->c.index.limit = 0;
}

/* The bits of an ASID that the hart has (ASIDLEN). */
static inline u16 hart_asid_mask(const struct hart *h)
{
    return (u16)(0xffffu >> h->w.config.tlb.asid_bits_off);
}

/* The privilege that loads and stores run with (MPRV). */
static inline unsigned hart_data_priv(const struct hart *h)
{
    u64 status = h->s.csr.mstatus;

    return status & MSTATUS_MPRV ? (unsigned)(status >> 11 & 3) : h->s.priv;
}

/* Around host code that may compute with floating point while a slice runs:
 * the host's own environment holds in between. */
void hart_host_begin(struct hart *hart);
void hart_host_end(struct hart *hart);

/* A new event of this hart, time, pc and privilege filled in. */
struct rvemu_event *hart_event(struct hart *hart, unsigned kind);

/* The same, of this time and pc. */
struct rvemu_event *hart_event_at(struct hart *hart, unsigned kind, u64 time,
                                  u64 pc);

/* A new event of the hart whose slice runs, as hart_event(); between slices, of
 * none: see RVEMU_NO_HART. */
struct rvemu_event *siblings_event(const struct siblings *all, unsigned kind);

/* Has the events up to now told at once, if they are told promptly: while
 * registers and memory are as they are. */
void hart_tell(struct hart *hart);

#endif
