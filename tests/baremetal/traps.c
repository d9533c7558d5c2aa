/*
 * What a trap reports (privileged spec, "Machine Cause" and "Machine Trap
 * Value"): the faulting bits of an illegal instruction, zero-extended; the
 * part of an access or of an instruction that faulted.
 */
#include "bare.h"

#define VA 0x10000
#define NOWHERE 0x40
#define UNUSED_OPCODE 0xdeadc07b

static u8 frame[2][PAGE] __attribute__((aligned(4096)));

static void check_illegal(void)
{
    struct ending e = run(M, ".4byte 0xdeadc07b", 0);

    check("illegal", e.cause, ILLEGAL);
    check("illegal-tval", e.tval, UNUSED_OPCODE);
    e = run(M, ".2byte 0x8002", 0); /* c.jr x0 */
    check("illegal-compressed", e.cause, ILLEGAL);
    check("illegal-compressed-tval", e.tval, 0x8002);
    e = run(M, ".2byte 0", 0);
    check("illegal-zero", e.cause, ILLEGAL);
    check("illegal-zero-tval", e.tval, 0);
    e = run(S, "csrr t0, mstatus", 0);
    check("illegal-csr", e.cause, ILLEGAL);
    check("illegal-csr-tval", e.tval, 0x300022f3);
    e = run(M, "csrw cycle, t5", 0);
    check("illegal-csr-read-only", e.cause, ILLEGAL);
    e = run(M, ".4byte 0x101f22af", 0); /* lr.w t0, (t5) with rs2 = 1 */
    check("illegal-lr-rs2", e.cause, ILLEGAL);
}

static void check_environment(void)
{
    struct ending e = run(U, "ecall", 0);

    check("ecall-tval", e.tval, 0);
    e = run(M, "ebreak", 0);
    check("ebreak", e.cause, BREAKPOINT);
    check("ebreak-tval", e.tval == 0 || e.tval == e.pc, 1);
    e = run(M, "c.ebreak", 0);
    check("ebreak-compressed", e.cause, BREAKPOINT);
}

static void check_access(void)
{
    struct ending e = run(M, "ld t0, 0(t5)", NOWHERE);

    check("load-nowhere", e.cause, LOAD_ACCESS);
    check("load-nowhere-tval", e.tval, NOWHERE);
    e = run(M, "sb t0, 3(t5)", NOWHERE);
    check("store-nowhere", e.cause, STORE_ACCESS);
    check("store-nowhere-tval", e.tval, NOWHERE + 3);
    e = run(M, "jr t5", NOWHERE);
    check("fetch-nowhere", e.cause, FETCH_ACCESS);
    check("fetch-nowhere-tval", e.tval, NOWHERE);
    check("fetch-nowhere-pc", e.pc, NOWHERE);
    e = run(M, "la t0, 3f\n ori t0, t0, 1\n jr t0\n 3: li t0, 7", 0);
    check("jump-clears-bit-0", e.value, 7);
    csr_write(mepc, 0x80000001);
    check("mepc-bit-0", csr_read(mepc), 0x80000000);
}

/* An instruction of 4 bytes whose second half lies on a page of its own. */
static void check_fetch_across(void)
{
    u16 *end = (u16 *)&frame[0][PAGE - 2];
    u64 va = VA + PAGE - 2;
    struct ending e;

    table_on(0);
    map(VA, frame[0], PTE_V | PTE_R | PTE_X | PTE_A);
    map(VA + PAGE, frame[1], 0);
    *end = 0x0293; /* li t0, … begins */
    __asm__ volatile("fence.i");
    e = run(S, "jr t5", va);
    check("fetch-across", e.cause, FETCH_PAGE);
    check("fetch-across-pc", e.pc, va);
    check("fetch-across-tval", e.tval, va + 2);
    *end = 0x0001; /* c.nop: the next instruction faults */
    __asm__ volatile("fence.i");
    e = run(S, "jr t5", va);
    check("fetch-next", e.cause, FETCH_PAGE);
    check("fetch-next-pc", e.pc, va + 2);
    check("fetch-next-tval", e.tval, va + 2);
    map(VA, frame[0], PTE_V | PTE_R | PTE_A);
    e = run(S, "jr t5", va);
    check("fetch-first-half-tval", e.tval, va);
    table_off();
}

void test_main(void)
{
    check_illegal();
    check_environment();
    check_access();
    check_fetch_across();
}
