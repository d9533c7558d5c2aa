/*
 * Instructions that may trap, and say so instead; see probe.h.
 *
 * The trap is caught by pointing mtvec just behind the instruction: whether it
 * traps or not, execution goes on there, and what follows the instruction in
 * line runs only if it did not trap. mtvec wants that label 4-byte aligned.
 */
#include "csr.h"

    .text
/*
 * bool probe_load_word(u64 va, u64 mstatus, u64 *value): load as the mode that
 * mstatus.MPP and MPRV name would. False if it trapped, and mcause and mtval
 * say why.
 */
    .globl probe_load_word
probe_load_word:
    la t0, 1f
    csrrw t0, mtvec, t0
    csrr t1, mstatus
    mv t2, a0
    li a0, 0
    csrw mstatus, a1
    ld t2, 0(t2)
    li a0, 1
    .balign 4
1:  csrw mstatus, t1
    csrw mtvec, t0
    beqz a0, 2f
    sd t2, 0(a2)
2:  ret

/* bool probe_set_menvcfg(u64 bits): false if there is no menvcfg. */
    .globl probe_set_menvcfg
probe_set_menvcfg:
    la t0, 1f
    csrrw t0, mtvec, t0
    mv t1, a0
    li a0, 0
    csrs CSR_MENVCFG, t1
    li a0, 1
    .balign 4
1:  csrw mtvec, t0
    ret

/* bool probe_set_stimecmp(u64 time): false if there is no stimecmp. */
    .globl probe_set_stimecmp
probe_set_stimecmp:
    la t0, 1f
    csrrw t0, mtvec, t0
    mv t1, a0
    li a0, 0
    csrw CSR_STIMECMP, t1
    li a0, 1
    .balign 4
1:  csrw mtvec, t0
    ret
