/*
 * The trap handler of runtime.S; every trap of a chunk comes here.
 *
 * It logs cause, pc, value and status, for a delegated trap those of S-mode
 * too, and returns behind the instruction. An ecall asks for a service with
 * x9:
 *     bit 0       go on in the privilege that bits 2 and 1 name
 *     bit 3       raise MSIP       bit 4  let mtimecmp be reached
 *     bit 5       let stimecmp be reached
 *     bits 15:6   are set in mip, as far as they are supervisor interrupts
 *     bit 16      MPIE is cleared: no interrupts in M-mode
 *     bit 17      let the UART interrupt
 *     bit 18      raise the counters' overflow, if there is one
 */
        .equ    SERVICE_PRIVILEGE, 1
        .equ    SERVICE_MSIP, 1 << 3
        .equ    SERVICE_MTIMECMP, 1 << 4
        .equ    SERVICE_STIMECMP, 1 << 5
        .equ    SERVICE_MIP_AT, 6
        .equ    SERVICE_MIP, 0x222
        .equ    SERVICE_QUIET_AT, 16
        .equ    SERVICE_EXTERNAL_AT, 17
        .equ    SERVICE_LCOFI_AT, 18

/* All that trap saves, but x31. */
        .macro  restore
        la      x31, saved
        ld      x5, 0(x31)
        ld      x6, 8(x31)
        ld      x7, 16(x31)
        ld      x9, 24(x31)
        ld      x10, 32(x31)
        ld      x11, 40(x31)
        .endm

        .balign 4
        .globl  trap
trap:
        lui     x31, MSTATUS_MPRV >> 12
        csrrc   x31, mstatus, x31
        csrw    mscratch, x31 /* mstatus of the trap */
        la      x31, saved
        sd      x5, 0(x31)
        sd      x6, 8(x31)
        sd      x7, 16(x31)
        sd      x9, 24(x31)
        sd      x10, 32(x31)
        sd      x11, 40(x31)

        csrr    x5, mepc
        csrr    x6, mcause
        csrr    x7, mtval
        csrr    x9, mscratch
        jal     x11, log_trap
        csrw    mcause, x6
        csrw    mtval, x7 /* a pass that ends here leaves it to the next */

        li      x11, 0 /* 1: the trap was delegated */
        bltz    x6, interrupt
        mv      x7, x5
        to_pa   x7
        la      x9, stubs
        sub     x9, x7, x9
        sltiu   x9, x9, STUBS_SIZE
        beqz    x9, exception

        csrr    x5, sepc
        csrr    x6, scause
        csrr    x7, stval
        csrr    x9, sstatus
        jal     x11, log_trap
        csrw    scause, x6
        csrw    stval, x7
        li      x11, 1
        bltz    x6, interrupt

/* x5: pc, x6: cause. */
exception:
        mv      x7, x5
        to_pa   x7
        la      x9, end_chunk
        beq     x7, x9, finish
        li      x7, FETCH_PAGE
        beq     x6, x7, fetch_fault
        li      x7, FETCH_ACCESS
        bleu    x6, x7, fetch_fault
        or      x7, x6, 3
        addi    x7, x7, -(ECALL_U | 3)
        or      x7, x7, x11
        beqz    x7, service
        mv      x7, x5
        to_pa   x7
        li      x9, CODE_END
        bgeu    x7, x9, finish
        lw      x9, 0(x7)
        srli    x10, x9, 25
        addi    x10, x10, -FUNCT7_SFENCE_VMA
        bnez    x10, 1f
        sfence.vma /* in case the chunk's mode may not fence */
1:      andi    x7, x9, 3
        addi    x5, x5, 2
        addi    x7, x7, -3
        bnez    x7, go_on
        addi    x5, x5, 2

/* Leaves the trap. x5: where the chunk goes on. */
go_on:
        la      x31, traps_left
        ld      x9, 0(x31)
        addi    x9, x9, -1
        sd      x9, 0(x31)
        bltz    x9, finish
        beqz    x11, 1f
        csrw    sepc, x5
        li      x7, MSTATUS_TSR
        csrc    mstatus, x7
        la      x5, stub_sret
1:      csrw    mepc, x5
        csrr    x5, mscratch
        li      x7, MSTATUS_MPRV
        and     x5, x5, x7
        csrw    mtval, x5
        la      x31, middle
        ld      x31, 0(x31)
        csrw    mscratch, x31
        restore
        csrr    x31, mtval
        beqz    x31, 1f
        csrs    mstatus, x31
        .if     DIFFERS_MPRV
        sfence.vma /* known.py, "MPRV" */
        .endif
1:      csrr    x31, mscratch
        mret

/* The pass is over. */
finish:
        restore
        j       ended

/* Goes on at the address in x9, if code is there and it did not fault. */
fetch_fault:
        la      x31, saved
        ld      x7, 24(x31)
        beq     x7, x5, finish
        mv      x5, x7
        bclri   x9, x7, U_ALIAS_BIT
        srli    x9, x9, 30
        addi    x9, x9, -2
        bnez    x9, finish
        to_pa   x7
        li      x9, CODE_START
        bltu    x7, x9, finish
        li      x9, CODE_END
        bltu    x7, x9, go_on
        j       finish

/* Silences interrupt x6. A wfi that it was to end is over. */
interrupt:
        slli    x6, x6, 1
        srli    x6, x6, 1
        li      x7, 1
        sll     x7, x7, x6
        csrc    mip, x7
        li      x9, -1
        li      x7, INT_MSI
        bne     x6, x7, 1f
        li      x7, MSIP
        sw      zero, 0(x7)
1:      li      x7, INT_MTI
        bne     x6, x7, 1f
        li      x7, MTIMECMP
        sd      x9, 0(x7)
1:      li      x7, INT_MEI
        bne     x6, x7, 1f
        silence_uart x7, x10
1:      li      x7, INT_STI
        bne     x6, x7, 1f
        csrw    CSR_STIMECMP, x9
1:      mv      x7, x5
        to_pa   x7
        li      x9, CODE_START
        bltu    x7, x9, go_on
        li      x9, CODE_END
        bgeu    x7, x9, go_on
        lw      x7, 0(x7)
        li      x9, WFI
        bne     x7, x9, go_on
        addi    x5, x5, 4
        j       go_on

service:
        addi    x5, x5, 4
        la      x31, saved
        ld      x9, 24(x31)
        andi    x7, x9, SERVICE_MSIP
        beqz    x7, 1f
        li      x6, MSIP
        li      x7, 1
        sw      x7, 0(x6)
1:      andi    x7, x9, SERVICE_MTIMECMP
        beqz    x7, 1f
        li      x6, MTIMECMP
        sd      zero, 0(x6)
1:      andi    x7, x9, SERVICE_STIMECMP
        beqz    x7, 1f
        csrw    CSR_STIMECMP, zero
1:      srli    x7, x9, SERVICE_MIP_AT
        andi    x7, x7, SERVICE_MIP
        csrs    mip, x7
        bexti   x7, x9, SERVICE_LCOFI_AT
        slli    x7, x7, INT_LCOFI
        csrs    mip, x7
        bexti   x7, x9, SERVICE_EXTERNAL_AT
        beqz    x7, 1f
        li      x6, UART
        li      x7, IER_THRI
        sb      x7, IER(x6)
1:      bexti   x7, x9, SERVICE_QUIET_AT
        beqz    x7, 1f
        li      x7, MSTATUS_MPIE
        csrc    mstatus, x7
1:      andi    x7, x9, SERVICE_PRIVILEGE
        beqz    x7, go_on
        srli    x9, x9, 1
        andi    x9, x9, 3
        li      x7, 2
        beq     x9, x7, go_on
        li      x7, MSTATUS_MPP
        csrc    mstatus, x7
        slli    x7, x9, 11
        csrs    mstatus, x7
        to_pa   x5
        csrr    x7, satp
        beqz    x7, go_on
        bnez    x9, go_on
        bseti   x5, x5, U_ALIAS_BIT
        j       go_on

/* Adds a trap to the digest and, if it is open, to the log. x5: pc, x6: cause,
 * x7: value, x9: status, x11: where to return. x5, x6 and x7 are what
 * is right afterwards. */
log_trap:
        li      x10, STATUS_LOGGED
        and     x9, x9, x10
        la      x31, trap_digest
        sd      x9, 8(x31)
        .if     DIFFERS_WFI /* known.py, "illegal WFI" */
        li      x9, WFI
        bne     x7, x9, 1f
        addi    x9, x6, -ILLEGAL
        bnez    x9, 1f
        not     x9, x5
        slli    x9, x9, 64 - PAGE_BITS
        srli    x9, x9, 64 - PAGE_BITS
        andi    x9, x9, ~2
        addi    x9, x9, -1
        bnez    x9, 1f
        mv      x9, x5
        to_pa   x9
        lhu     x9, 0(x9)
        addi    x9, x9, -OPCODE_SYSTEM
        beqz    x9, 1f
        li      x9, PAGE
        sub     x5, x5, x9
1:
        .endif
        ld      x10, 0(x31)
        mix     x5
        ld      x9, 8(x31)
        mix     x9
        .if     DIFFERS_EBREAK /* known.py, "value of EBREAK" */
        addi    x9, x6, -BREAKPOINT
        bnez    x9, 1f
        li      x7, 0
1:
        .endif
        .if     DIFFERS_ILLEGAL /* known.py, "value of illegal instructions" */
        addi    x9, x6, -ILLEGAL
        bnez    x9, 1f
        mv      x9, x5
        to_pa   x9
        li      x31, CODE_START
        bltu    x9, x31, 1f
        li      x31, CODE_END
        bgeu    x9, x31, 1f
        lhu     x31, 0(x9) /* two halves: it may be at 2 mod 4 */
        lhu     x9, 2(x9)
        slli    x9, x9, 16
        or      x9, x9, x31
        li      x31, MRET
        beq     x9, x31, 2f
        slli    x9, x9, 49 /* all but rs1 and what is to be done */
        srli    x9, x9, 49
        li      x31, OPCODE_CBO
        bne     x9, x31, 1f
2:      li      x7, 0
1:
        .endif
        .if     DIFFERS_SPLIT /* known.py, "misaligned, no RAM" */
        ori     x9, x6, LOAD_TO_STORE
        addi    x9, x9, -STORE_ACCESS
        bnez    x9, 1f
        andi    x7, x7, -8
1:
        .endif
        ori     x9, x6, STORE_PAGE & ~LOAD_FAULT
        addi    x9, x9, -STORE_PAGE
        bnez    x9, logged
        mv      x9, x5
        to_pa   x9
        lhu     x9, 0(x9)
        andi    x9, x9, 0x7f
        .if     DIFFERS_BLOCK /* known.py, "blocks" */
        addi    x9, x9, -OPCODE_MISC_MEM
        bnez    x9, 1f
        andi    x7, x7, -64
1:      addi    x9, x9, OPCODE_MISC_MEM
        .endif
        .if     DIFFERS_AMO /* known.py, "AMO causes" */
        addi    x9, x9, -OPCODE_AMO
        bnez    x9, logged
        mv      x9, x5
        to_pa   x9
        lhu     x9, 2(x9)
        srli    x9, x9, 11
        addi    x9, x9, -FUNCT5_LR
        beqz    x9, logged
        ori     x6, x6, LOAD_TO_STORE
        .endif
logged: mix     x6
        mix     x7
        la      x9, trap_digest
        sd      x10, 0(x9)
        ld      x9, LOG_END_AT(x9)
        la      x10, log_next
        ld      x10, 0(x10)
        bgeu    x10, x9, 1f
        sd      x6, 0(x10)
        sd      x5, 8(x10)
        sd      x7, 16(x10)
        la      x9, trap_status
        ld      x9, 0(x9)
        sd      x9, 24(x10)
        addi    x10, x10, LOG_ENTRY
        la      x9, log_next
        sd      x10, 0(x9)
1:      jr      x11
