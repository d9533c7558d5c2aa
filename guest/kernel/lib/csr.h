/*
 * Supervisor CSRs and their fields (privileged specification, chapter 10).
 */
#ifndef LIB_CSR_H
#define LIB_CSR_H

#define SSTATUS_SIE (1 << 1)
#define SSTATUS_SPIE (1 << 5)
#define SSTATUS_SPP (1 << 8)
#define SSTATUS_FS (3 << 13)
#define SSTATUS_FS_CLEAN (2 << 13)
#define SSTATUS_FS_DIRTY (3 << 13)
#define SSTATUS_SUM (1 << 18)

#define SIE_STIE (1 << 5)
#define SIE_SEIE (1 << 9)

#define SCAUSE_INTERRUPT (1ul << 63)
#define IRQ_S_TIMER 5
#define IRQ_S_EXTERNAL 9

#define CAUSE_FETCH_MISALIGNED 0
#define CAUSE_FETCH_ACCESS 1
#define CAUSE_ILLEGAL 2
#define CAUSE_BREAKPOINT 3
#define CAUSE_LOAD_MISALIGNED 4
#define CAUSE_LOAD_ACCESS 5
#define CAUSE_STORE_MISALIGNED 6
#define CAUSE_STORE_ACCESS 7
#define CAUSE_ECALL_U 8
#define CAUSE_FETCH_PAGE 12
#define CAUSE_LOAD_PAGE 13
#define CAUSE_STORE_PAGE 15

/* satp:  63..60 MODE | 59..44 ASID | 43..0 PPN of the root table */
#define SATP_MODE_SV39 (8ul << 60)
#define SATP_ASID_SHIFT 44
#define SATP_ASID_MASK 0xffffull

#ifndef __ASSEMBLER__
#include "lib/types.h"

#define csr_read(csr)                                                   \
    ({                                                                  \
        u64 csr_value;                                                  \
        __asm__ volatile("csrr %0, " #csr : "=r"(csr_value)::"memory"); \
        csr_value;                                                      \
    })
#define csr_write(csr, value) \
    __asm__ volatile("csrw " #csr ", %0" ::"rK"((u64)(value)) : "memory")
#define csr_set(csr, bits) \
    __asm__ volatile("csrs " #csr ", %0" ::"rK"((u64)(bits)) : "memory")
#define csr_clear(csr, bits) \
    __asm__ volatile("csrc " #csr ", %0" ::"rK"((u64)(bits)) : "memory")

static inline void irq_enable(void)
{
    csr_set(sstatus, SSTATUS_SIE);
}

static inline void irq_disable(void)
{
    csr_clear(sstatus, SSTATUS_SIE);
}

/* Turns interrupts off; returns what irq_restore needs. */
static inline u64 irq_save(void)
{
    u64 old;

    __asm__ volatile("csrrci %0, sstatus, 2" : "=r"(old)::"memory");
    return old & SSTATUS_SIE;
}

static inline void irq_restore(u64 saved)
{
    csr_set(sstatus, saved);
}
#endif

#endif
