/*
 * Numbers and bit layouts of the privileged architecture: modes, causes,
 * interrupts, the fields of mstatus and of the environment configurations.
 *
 * Privileged spec, "Machine-Level ISA" and "Supervisor-Level ISA".
 */
#ifndef ISA_PRIVILEGED_H
#define ISA_PRIVILEGED_H

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

/* Fields of mstatus. */
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

#endif
