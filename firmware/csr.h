/*
 * Control and status registers as the firmware names them (privileged spec,
 * "CSR Listing"). Numbers rather than names where the assembler may be older
 * than the extension. Shared with assembler.
 */
#ifndef CSR_H
#define CSR_H

#define CSR_STIMECMP 0x14d
#define CSR_MENVCFG 0x30a

#define MSTATUS_SIE (1 << 1)
#define MSTATUS_SPIE (1 << 5)
#define MSTATUS_SPP (1 << 8)
#define MSTATUS_MPP (3 << 11)
#define MSTATUS_MPP_S (1 << 11)
#define MSTATUS_FS (3 << 13)
#define MSTATUS_MPRV (1 << 17)
#define MSTATUS_SUM (1 << 18)
#define MSTATUS_MXR (1 << 19)
/* Bits of mstatus that a hart must not carry from M-mode to a supervisor. */
#define MSTATUS_STALE                                                        \
    (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_MPP | MSTATUS_MPRV | \
     MSTATUS_SUM | MSTATUS_MXR)

/* Bits of mip, mie and mideleg. */
#define MIP_SSIP (1 << 1)
#define MIP_MSIP (1 << 3)
#define MIP_STIP (1 << 5)
#define MIP_MTIP (1 << 7)
#define MIP_SEIP (1 << 9)
#define MIP_LCOFIP (1 << 13)

#define INTERRUPT (1ull << 63)
#define IRQ_M_SOFT 3
#define IRQ_M_TIMER 7

#define CAUSE_ILLEGAL_INSN 2
#define CAUSE_LOAD_MISALIGNED 4
#define CAUSE_LOAD_ACCESS 5
#define CAUSE_STORE_MISALIGNED 6
#define CAUSE_STORE_ACCESS 7
#define CAUSE_ECALL_S 9
#define CAUSE_ECALL_M 11

#define MENVCFG_CBIE (3ull << 4)
#define MENVCFG_CBCFE (1ull << 6)
#define MENVCFG_CBZE (1ull << 7)
#define MENVCFG_ADUE (1ull << 61)
#define MENVCFG_STCE (1ull << 63)

#define PMP_R 1
#define PMP_W 2
#define PMP_X 4
#define PMP_NAPOT (3 << 3)

#ifndef __ASSEMBLER__
#define CSR_NAME_(name) #name
#define CSR_NAME(name) CSR_NAME_(name)

#define csr_read(csr)                                                  \
    ({                                                                 \
        unsigned long csr_value;                                       \
        __asm__ volatile("csrr %0, " CSR_NAME(csr) : "=r"(csr_value)); \
        csr_value;                                                     \
    })
#define csr_write(csr, value)                       \
    __asm__ volatile("csrw " CSR_NAME(csr) ", %0"   \
                     :                              \
                     : "rK"((unsigned long)(value)) \
                     : "memory")
#define csr_set(csr, bits)                         \
    __asm__ volatile("csrs " CSR_NAME(csr) ", %0"  \
                     :                             \
                     : "rK"((unsigned long)(bits)) \
                     : "memory")
#define csr_clear(csr, bits)                       \
    __asm__ volatile("csrc " CSR_NAME(csr) ", %0"  \
                     :                             \
                     : "rK"((unsigned long)(bits)) \
                     : "memory")
#endif

#endif
