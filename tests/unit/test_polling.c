/*
 * Unit tests of cli/polling.c: loops as compilers write them, and what each
 * waits for. The words are what the assembler makes of the line beside them.
 */
#include "cli/polling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define START 0x80000000u
#define A4 14
#define A5 15
#define S1 9

/* Code in halves of instructions, which ends with a 0. */
struct code {
    const char *what;
    unsigned short half[16];
    unsigned from; /* the half at which the hart is */
    bool found;
    uint64_t va;
};

static const struct code codes[] = {
    {"lw a5,4(a4); beqz a5,.", {0x435c, 0xdffd}, 0, true, 0x1004},
    {"the same, from its branch on", {0x435c, 0xdffd}, 1, true, 0x1004},
    {"ld a5,8(s1); bne a5,a4,.",
     {0xb783, 0x0084, 0x9ee3, 0xfee7},
     0,
     true,
     0x2008},
    {"li a5,1; amoswap.w.aq a5,a5,(a4); sext.w; bnez",
     {0x4785, 0x27af, 0x0cf7, 0x2781, 0xffe5},
     0,
     true,
     0x1000},
    {"ld a5,0(a5); bnez: a list", {0x639c, 0xfffd}, 0, false, 0},
    {"lw a5,4(a4); lw a3,0(s1): two places",
     {0x435c, 0x4094, 0xdff5},
     0,
     false,
     0},
    {"jal ra: a call", {0x00ef, 0x0100, 0x435c, 0xdfed}, 0, false, 0},
    {"ret: no loop", {0x435c, 0x8082}, 0, false, 0},
    {"j .: it reads nothing", {0xa001}, 0, false, 0},
    {"nothing there", {0}, 0, false, 0},
};

static unsigned read_code(void *arg, uint64_t pc, uint32_t *insn)
{
    const struct code *code = arg;
    uint64_t at = (pc - START) / 2;

    if (at >= 15 || !code->half[at])
        return 0;
    *insn = code->half[at];
    if ((*insn & 3) != 3)
        return 2;
    *insn |= (uint32_t)code->half[at + 1] << 16;
    return 4;
}

static void loops_wait_for_one_place(void **state)
{
    const uint64_t x[32] = {[A4] = 0x1000, [S1] = 0x2000, [A5] = 0x3000};

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        struct code code = codes[i];
        uint64_t va = 0;

        if (polling_find(read_code, &code, START + 2 * code.from, x, &va) !=
                code.found ||
            (code.found && va != code.va))
            fail_msg("%s: %#llx", code.what, (unsigned long long)va);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_wait_for_one_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
