/*
 * System calls that do nothing: U-mode to S-mode and back.
 */
#include "paged.h"

#define ROUNDS 2000000

void bench_trap(void);
extern const char user_code[];

/* The call: sepc moves behind the ecall, a0 counts. */
__asm__(".text\n .balign 4\n .globl bench_trap\n"
        "bench_trap:\n"
        "  csrr t0, sepc\n"
        "  addi t0, t0, 4\n"
        "  csrw sepc, t0\n"
        "  addi a0, a0, 1\n"
        "  sret\n"
        "user_code:\n"
        "  li a0, 0\n"
        "1: ecall\n"
        "  addi a1, a1, -1\n"
        "  bnez a1, 1b\n"
        "  li a7, 0\n"
        "  ecall\n");

bool bench_main(void)
{
    bench_operations(ROUNDS);
    return bench_result(enter_user(user_code, ROUNDS), ROUNDS);
}
