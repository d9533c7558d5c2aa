/*
 * A hart without C (unprivileged spec, "Base Instruction Formats", "Control
 * Transfer Instructions"): instructions lie at multiples of four, a jump that
 * would go elsewhere is an exception of the jump and leaves rd alone, and a
 * compressed instruction is illegal.
 */
#include "bare.h"

#define FETCH_MISALIGNED 0
#define MISA_C (1 << 2)

#define JAL_6 "li t0, 5\n .word 0x006002ef\n"       /* jal t0, 6 */
#define JAL_8 "li t0, 5\n .word 0x0080036f\n nop\n" /* jal t1, 8 */
#define JALR_2 "li t0, 5\n .word 0x002f02e7\n"      /* jalr t0, 2(t5) */
#define TAKEN "li t0, 5\n .word 0x00000563\n"       /* beq x0, x0, 10 */
#define NOT_TAKEN "li t0, 5\n .word 0x00001363\n"   /* bne x0, x0, 6 */

#define misaligned(name_cause, name_tval, name_rd, mode, code, arg, distance) \
    do {                                                                      \
        struct ending how = run(mode, code, arg);                             \
                                                                              \
        check(name_cause, how.cause, FETCH_MISALIGNED);                       \
        check(name_tval, how.tval, (distance) ? how.pc + (distance) : 2);     \
        check(name_rd, how.value, 5);                                         \
    } while (0)

void test_main(void)
{
    struct ending end;

    check("misa", csr_read(misa) & MISA_C, 0);
    misaligned("jal", "jal-tval", "jal-rd", M, JAL_6, 0, 6);
    misaligned("jalr", "jalr-tval", "jalr-rd", M, JALR_2, 0, 0);
    misaligned("taken", "taken-tval", "taken-rd", M, TAKEN, 0, 10);
    check("not-taken", run(M, NOT_TAKEN, 0).cause, NONE);
    check("aligned", run(M, JAL_8, 0).cause, NONE);
    csr_write(mepc, ~0ull);
    check("mepc", csr_read(mepc) & 3, 0);
    csr_write(sepc, ~0ull);
    check("sepc", csr_read(sepc) & 3, 0);
    end = run(M, ".word 0x00010001\n", 0); /* c.nop, twice */
    check("compressed", end.cause, ILLEGAL);
    check("compressed-tval", end.tval & 0xffff, 1);
    table_on(0);
    misaligned("s-jal", "s-jal-tval", "s-jal-rd", S, JAL_6, 0, 6);
    misaligned("u-taken", "u-taken-tval", "u-taken-rd", U, TAKEN, 0, 10);
    table_off();
}
