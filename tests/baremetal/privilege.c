/*
 * What each mode may execute (privileged spec, "Virtualization Support in
 * mstatus" and "Supervisor-Level ISA"): TVM, TW and TSR, the instructions of
 * higher modes, and fields that hold only what is legal.
 */
#include "bare.h"

#define causes_illegal(name, mode, code) \
    check(name, run(mode, code, 0).cause, ILLEGAL)
#define causes_nothing(name, mode, code) \
    check(name, run(mode, code, 0).cause, NONE)

static void check_switches(void)
{
    causes_nothing("satp-read", S, "csrr t0, satp");
    causes_nothing("sfence", S, "sfence.vma");
    csr_set(mstatus, TVM_BIT);
    causes_illegal("tvm-satp-read", S, "csrr t0, satp");
    causes_illegal("tvm-satp-write", S, "csrw satp, zero");
    causes_illegal("tvm-sfence", S, "sfence.vma");
    causes_illegal("tvm-sfence-operands", S, "sfence.vma t5, t5");
    causes_nothing("tvm-in-m", M, "csrr t0, satp; sfence.vma");
    csr_clear(mstatus, TVM_BIT);
    csr_set(mstatus, TW_BIT);
    causes_illegal("tw-s", S, "wfi");
    causes_illegal("tw-u", U, "wfi");
    csr_clear(mstatus, TW_BIT);
    csr_set(mstatus, TSR_BIT);
    causes_illegal("tsr", S, "sret");
    csr_clear(mstatus, TSR_BIT);
}

static void check_levels(void)
{
    causes_illegal("u-sfence", U, "sfence.vma");
    causes_illegal("u-satp", U, "csrr t0, satp");
    causes_illegal("u-sstatus", U, "csrr t0, sstatus");
    causes_illegal("u-sret", U, "sret");
    causes_illegal("u-mret", U, "mret");
    causes_illegal("s-mret", S, "mret");
    causes_illegal("s-mstatus", S, "csrr t0, mstatus");
    causes_illegal("s-mscratch", S, "csrw mscratch, zero");
    causes_illegal("read-only-write", M, "csrw mhartid, zero");
    causes_nothing("read-only-read", M, "csrrs t0, mhartid, zero");
    causes_illegal("read-only-set", M, "csrrsi t0, mhartid, 1");
    causes_nothing("u-fence-i", U, "fence.i");
}

/* sret goes to SPP with SIE from SPIE; SPP is then U and SPIE set. */
static void check_sret(void)
{
    struct ending e = run(S,
                          "la t0, 3f; csrw sepc, t0; li t0, 0x100;"
                          "csrs sstatus, t0; li t0, 0x22; csrc sstatus, t0;"
                          "sret\n 3: csrr t0, sstatus; andi t0, t0, 0x122",
                          0);

    check("sret-to-s", e.cause, NONE);
    check("sret-status", e.value, 0x20);
    e = run(S,
            "la t0, 3f; csrw sepc, t0; li t0, 0x100; csrc sstatus, t0;"
            "sret\n 3: ecall",
            0);
    check("sret-to-u", e.cause, 8);
}

static void check_fields(void)
{
    u64 mpp;

    csr_clear(mstatus, MPP_BITS);
    csr_set(mstatus, 2 << MPP_SHIFT);
    mpp = csr_read(mstatus) >> MPP_SHIFT & 3;
    check("mpp-legal", mpp != 2, 1);
    csr_write(stvec, 0x80000002);
    check("stvec-mode-legal", (csr_read(stvec) & 2) == 0, 1);
    csr_write(medeleg, ~0ull);
    check("medeleg-ecall-m", csr_read(medeleg) >> 11 & 1, 0);
    csr_write(medeleg, 0);
    csr_write(mideleg, ~0ull);
    check("mideleg-m", csr_read(mideleg) & 0x888, 0);
    csr_write(mideleg, 0);
    csr_write(sepc, ~0ull);
    check("sepc-bit-0", csr_read(sepc) & 1, 0);
    check("misa", csr_read(misa) >> 62, 2);
}

/* A trap that is delegated arrives in S-mode; from M-mode it never is. */
static void check_delegation(void)
{
    struct ending e;

    csr_write(medeleg, 1 << BREAKPOINT);
    e = run(S,
            "la t0, 3f; csrw stvec, t0; li t0, 2; csrs sstatus, t0\n"
            "4: ebreak\n .balign 4\n"
            "3: csrr t0, sstatus; andi t0, t0, 0x122;"
            "csrr t1, sepc; la t2, 4b; sub t1, t1, t2; slli t1, t1, 16;"
            "or t0, t0, t1; csrr t1, scause; slli t1, t1, 32; or t0, t0, t1",
            0);
    check("delegated", e.cause, NONE);
    check("delegated-state", e.value, (u64)BREAKPOINT << 32 | 0x120);
    e = run(M, "ebreak", 0);
    check("never-down", e.cause, BREAKPOINT);
    csr_write(medeleg, 0);
}

void test_main(void)
{
    check_switches();
    check_levels();
    check_sret();
    check_fields();
    check_delegation();
}
