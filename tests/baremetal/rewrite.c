/*
 * Code that is written while it runs ("Zifencei"): after fence.i a hart
 * executes what it has stored, be it the very next instruction, half of one
 * that lies on two pages, or by another name of the page. Every case runs
 * often enough that whoever remembers decoded code has done so.
 */
#include "bare.h"

#define VA 0x10000
#define ROUNDS 100
#define LI_T0 0x00000293 /* addi t0, x0, imm << 20 */
#define RET 0x00008067

static u32 code[2][PAGE / 4] __attribute__((aligned(4096)));

static void check_call(void)
{
    u64 wrong = 0;

    code[0][1] = RET;
    for (u64 i = 0; i < ROUNDS; i++) {
        code[0][0] = LI_T0 | (u32)i << 20;
        wrong += run(M, "fence.i; jalr t5", code[0]).value != i;
    }
    check("call", wrong, 0);
}

/* The instruction behind fence.i is the one that was just stored. */
static void check_next(void)
{
    u64 wrong = 0;

    for (u32 i = 0; i < ROUNDS; i++)
        wrong += run(M,
                     "la t1, 3f; sw t5, 0(t1); fence.i\n"
                     ".balign 4\n 3: .4byte 0x00000293",
                     LI_T0 | i << 20)
                     .value != i;
    check("next", wrong, 0);
    check("next-in-a-loop",
          run(M,
              "li t0, 0; li t1, 0; li t2, 50; la t3, 3f\n"
              "4: add a0, t5, x0; slli a1, t2, 20; add a0, a0, a1\n"
              "sw a0, 0(t3); fence.i\n"
              ".balign 4\n 3: .4byte 0x00000613\n"
              "add t1, t1, a2; addi t2, t2, -1; bnez t2, 4b\n mv t0, t1",
              0x00000613 /* addi a2, x0, … */)
              .value,
          50 * 51 / 2);
}

/* addi t0, x0, i with its immediate on the second page. */
static void check_across(void)
{
    u16 *first = (u16 *)&code[0][PAGE / 4 - 1] + 1;
    u16 *second = (u16 *)code[1];
    u64 wrong = 0;

    *first = LI_T0 & 0xffff;
    code[1][1] = RET;
    second[1] = 1; /* c.nop */
    for (u32 i = 0; i < ROUNDS; i++) {
        second[0] = (u16)(i << 4);
        wrong += run(M, "fence.i; jalr t5", first).value != i;
    }
    check("across-pages", wrong, 0);
}

/* Written by its own address, run by another. */
static void check_alias(void)
{
    u64 wrong = 0;

    table_on(0);
    map(VA, code[0], PTE_V | PTE_X | PTE_AD);
    code[0][1] = RET;
    for (u32 i = 0; i < ROUNDS; i++) {
        code[0][0] = LI_T0 | i << 20;
        wrong += run(S, "fence.i; jalr t5", VA).value != i;
    }
    check("alias", wrong, 0);
    /* Another frame behind the same address needs no fence.i of old code. */
    code[1][0] = LI_T0 | 7 << 20;
    code[1][1] = RET;
    __asm__ volatile("fence.i");
    map(VA, code[1], PTE_V | PTE_X | PTE_AD);
    check("other-frame", run(S, "jalr t5", VA).value, 7);
    map(VA, code[0], PTE_V | PTE_X | PTE_AD);
    check("first-frame", run(S, "jalr t5", VA).value, ROUNDS - 1);
    table_off();
}

void test_main(void)
{
    check_call();
    check_next();
    check_across();
    check_alias();
}
