/*
 * What a trap reports (privileged spec, "Machine Cause" and "Machine Trap
 * Value"): the faulting bits of an illegal instruction, zero-extended; the
 * part of an access or of an instruction that faulted. What has x0 for its
 * result traps and acts like any other; a computed target is even.
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

/* A computed target loses bit 0, after the offset was added. */
static void check_odd_targets(void)
{
#define JUMP_TO(target, jump) \
    "la t1, 3f; addi t1, t1, " target ";" jump "; li t0, 1; 3: addi t0, t0, 7"
    check("odd-jr", run(M, JUMP_TO("1", "jr t1"), 0).value, 7);
    check("odd-jalr", run(M, JUMP_TO("1", "jalr t1"), 0).value, 7);
    check("odd-c-jr", run(M, JUMP_TO("1", "c.jr t1"), 0).value, 7);
    check("odd-c-jalr", run(M, JUMP_TO("1", "c.jalr t1"), 0).value, 7);
    check("odd-offset", run(M, JUMP_TO("-2", "jr 3(t1)"), 0).value, 7);
    check("odd-both", run(M, JUMP_TO("-1", "jr 1(t1)"), 0).value, 7);
    check("odd-in-s", run(S, JUMP_TO("1", "c.jalr t1"), 0).value, 7);
    check("odd-link",
          run(M,
              "la t1, 3f; addi t1, t1, 1; jalr t2, t1; 4: nop;"
              "3: la t1, 4b; sub t0, t2, t1",
              0)
              .value,
          0);
}

/* What an instruction does besides writing rd it does with x0, too. */
#define TO_X0(name, code, arg, want) check(name, run(M, code, arg).cause, want)

static void check_x0(void)
{
    u64 *word = (u64 *)frame[0];

    TO_X0("x0-lb", "lb x0, 0(t5)", NOWHERE, LOAD_ACCESS);
    TO_X0("x0-lbu", "lbu x0, 0(t5)", NOWHERE, LOAD_ACCESS);
    TO_X0("x0-lh", "lh x0, 0(t5)", NOWHERE, LOAD_ACCESS);
    TO_X0("x0-lhu", "lhu x0, 0(t5)", NOWHERE, LOAD_ACCESS);
    TO_X0("x0-lw", "lw x0, 0(t5)", NOWHERE, LOAD_ACCESS);
    TO_X0("x0-lwu", "lwu x0, 0(t5)", NOWHERE, LOAD_ACCESS);
    TO_X0("x0-ld", "ld x0, 0(t5)", NOWHERE, LOAD_ACCESS);
    TO_X0("x0-lr", "lr.w x0, (t5)", NOWHERE, LOAD_ACCESS);
    TO_X0("x0-read-only", "csrrw x0, cycle, x0", 0, ILLEGAL);
    TO_X0("x0-read-only-bits", "csrrs x0, cycle, t5", 0, ILLEGAL);
    TO_X0("x0-read-only-5", "csrrwi x0, cycle, 0", 0, ILLEGAL);
    TO_X0("x0-read", "csrrs x0, cycle, x0", 0, NONE);
    TO_X0("x0-no-csr", "csrrs x0, 0x5c0, x0", 0, ILLEGAL);
    check("x0-csr-in-s", run(S, "csrrs x0, mscratch, x0", 0).cause, ILLEGAL);
    csr_write(mscratch, 0);
    TO_X0("x0-csrrw", "csrrw x0, mscratch, t5", 0x77, NONE);
    check("x0-csrrw-writes", csr_read(mscratch), 0x77);
    *word = 1;
    TO_X0("x0-amo", "li t1, 4; amoadd.d x0, t1, (t5)", word, NONE);
    check("x0-amo-writes", *word, 5);
    TO_X0("x0-pair", "lr.d x0, (t5); li t1, 9; sc.d x0, t1, (t5)", word, NONE);
    check("x0-pair-writes", *word, 9);
    check("x0-jal", run(M, "jal x0, 3f; li t0, 1; 3: mv t0, x0", 0).value, 0);
}

/* And x0 stays 0, whatever would write it. */
static void check_zero(void)
{
    u64 *word = (u64 *)frame[0];

    *word = ~0ull;
    check("zero-computed",
          run(M,
              "li t1, -1; li t2, 3; lui x0, 5; auipc x0, 5; addi x0, t1, 0;"
              "slti x0, t1, 1; sltiu x0, x0, 1; xori x0, t2, -1;"
              "ori x0, t1, 7; andi x0, t1, 7; slli x0, t1, 3; srli x0, t1, 3;"
              "srai x0, t1, 3; add x0, t1, t2; sub x0, t1, t2;"
              "slt x0, t1, t2; sltu x0, t2, t1; or x0, t1, t2; addw x0, t1, t2;"
              "addiw x0, t1, 3; subw x0, t1, t2; sllw x0, t2, t2;"
              "mul x0, t1, t2; mulhu x0, t1, t2; div x0, t1, t2;"
              "remu x0, t1, t2; divw x0, t1, x0; mulw x0, t1, t2; mv t0, x0",
              0)
              .value,
          0);
    check("zero-loaded",
          run(M,
              "ld x0, 0(t5); lwu x0, 0(t5); lb x0, 0(t5); lr.d x0, (t5);"
              "sc.d x0, x0, (t5); sc.d x0, x0, (t5); li t1, -1;"
              "amoor.d x0, t1, (t5); amoswap.w x0, t1, (t5);"
              "csrrs x0, mstatus, x0; csrrw x0, mscratch, t1; mv t0, x0",
              word)
              .value,
          0);
    check("zero-linked",
          run(M, "la t1, 3f; jalr x0, t1; nop; 3: mv t0, x0", 0).value, 0);
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
    check_odd_targets();
    check_x0();
    check_zero();
    check_fetch_across();
}
