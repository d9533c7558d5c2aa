/*
 * What the programs for several harts share, beside bare.h.
 *
 *   on_all(work)       every hart runs work(hart) once; returns when all have
 *   on_one(h, work)    hart h does; the others wait in wfi
 *   begin(h, work)     starts it on another hart, finish(h) awaits its end
 *   meet()             a barrier for all harts, inside work
 *
 * Whoever waits for another hart gives up after PATIENCE rounds, so that an
 * error ends in a failed check rather than in silence.
 */
#ifndef SMP_H
#define SMP_H

#include "bare.h"

#define HARTS_MAX 8
/* On QEMU, seconds of the host's CPU, during which another hart may have to
 * wait for a second of time to pass. */
#define PATIENCE 4000000000u

#define MSIP ((volatile u32 *)0x2000000)
#define MTIMECMP ((volatile u64 *)0x2004000)
#define MTIME ((volatile u64 *)0x200bff8)
#define MSI_BIT (1 << 3)
#define MTI_BIT (1 << 7)
#define MEI_BIT (1 << 11)

extern unsigned harts;

typedef void work_fn(unsigned hart);

void on_all(work_fn *work);
void on_one(unsigned hart, work_fn *work);
void begin(unsigned hart, work_fn *work);
void finish(unsigned hart);
void meet(void);

/* Waits until *word is value. False: patience ran out. */
bool await(volatile u64 *word, u64 value);

/* start.S and smp.c; called by each other. */
void find_harts(void);
_Noreturn void serve(unsigned hart);
void trap_count(void);

static inline void fence(void)
{
    __asm__ volatile("fence rw, rw" ::: "memory");
}

static inline void fence_i(void)
{
    __asm__ volatile("fence.i" ::: "memory");
}

static inline void pause(void)
{
    __asm__ volatile(".insn 0x0100000f" ::: "memory");
}

static inline void wait_for_interrupt(void)
{
    __asm__ volatile("wfi" ::: "memory");
}

static inline u64 amo_add(volatile u64 *word, u64 value)
{
    return __atomic_fetch_add(word, value, __ATOMIC_SEQ_CST);
}

#endif
