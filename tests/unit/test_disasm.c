/*
 * Unit tests of isa/disasm.c and isa/csr.c: one text for each kind of operand
 * and what happens when the buffer is short. tests/isa compares a million
 * texts with binutils.
 */
#include "isa/disasm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "isa/csr.h"
#include "isa/rows.h"

static void text_of(u32 raw, u64 pc, char *out, size_t size, int *length)
{
    struct decoder *decoder = decoder_new(EXT_ALL);
    struct insn in;

    insn_decode(decoder, raw, &in);
    *length = insn_disasm(&in, pc, out, size);
    decoder_free(decoder);
}

static void each_kind_of_operand_has_its_spelling(void **state)
{
    static const struct {
        u32 raw;
        const char *text;
    } known[] = {
        {0x00c58533, "add a0,a1,a2"},
        {0xfe010113, "addi sp,sp,-32"},
        {0x80000537, "lui a0,0x80000"},
        {0x43f55513, "srai a0,a0,0x3f"},
        {0xfea5bc23, "sd a0,-8(a1)"},
        {0xfe051ee3, "bne a0,zero,0x7ffffffc"},
        {0x30047073, "csrrci zero,mstatus,8"},
        {0xfff29073, "csrrw zero,0xfff,t0"},
        {0x0910000f, "fence iw,w"},
        {0x0000000f, "fence unknown,unknown"},
        {0x0100000f, "pause"},
        {0x80356013, "prefetch.w -2048(a0)"},
        {0x00256013, "ori zero,a0,2"},
        {0x0046a00f, "cbo.zero (a3)"},
        {0x44059553, "fcvt.h.s fa0,fa1,rtz"},
        {0x16b50073, "sinval.vma a0,a1"},
        {0x100525af, "lr.w a1,(a0)"},
        {0x1eb635af, "sc.d.aqrl a1,a1,(a2)"},
        {0x6aa5f543, "fmadd.d fa0,fa1,fa0,fa3"},
        {0x6aa58543, "fmadd.d fa0,fa1,fa0,fa3,rne"},
        {0xd2050553, "fcvt.d.w fa0,a0"},
        {0xd2057553, "fcvt.d.w fa0,a0,dyn"},
        {0xc2059553, "fcvt.w.d a0,fa1,rtz"},
        {0x30200073, "mret"},
        {0x1141, "c.addi sp,-16"},
        {0x8082, "c.jr ra"},
        {0x852e, "c.mv a0,a1"},
        {0x757d, "c.lui a0,0xfffff"},
        {0xa001, "c.j 0x80000000"},
        {0x2108, "c.fld fa0,0(a0)"},
        {0x0000, ".2byte 0x0"},
        {0x101525af, ".4byte 0x101525af"},
    };
    char text[INSN_TEXT_MAX];
    int length;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        text_of(known[i].raw, 0x80000000, text, sizeof(text), &length);
        assert_string_equal(text, known[i].text);
        assert_int_equal(length, strlen(text));
    }
}

static void branch_targets_wrap_round_the_address_space(void **state)
{
    char text[INSN_TEXT_MAX];
    int length;

    text_of(0xffdff06f, 0, text, sizeof(text), &length);
    assert_string_equal(text, "jal zero,0xfffffffffffffffc");
}

static void a_short_buffer_is_cut_and_terminated(void **state)
{
    const char *whole = "sc.d.aqrl a1,a1,(a2)";
    char text[INSN_TEXT_MAX];
    int length;

    for (size_t size = 1; size <= strlen(whole) + 1; size++) {
        memset(text, '#', sizeof(text));
        text_of(0x1eb635af, 0, text, size, &length);
        assert_int_equal(length, strlen(whole));
        assert_int_equal(strlen(text), size - 1);
        assert_memory_equal(text, whole, size - 1);
        assert_int_equal(text[size], '#');
    }
    text_of(0x1eb635af, 0, NULL, 0, &length);
    assert_int_equal(length, strlen(whole));
}

/* The longest operands a row can have fit INSN_TEXT_MAX. */
static void every_text_fits(void **state)
{
    char text[INSN_TEXT_MAX];
    int length, longest = 0;

    for (unsigned r = 0; r < insn_row_count; r++) {
        struct pattern row = pattern_parse(insn_rows[r].pattern);

        for (u32 rm = 0; rm < 8; rm++) {
            u32 operands = 0xddbd8d80 | rm << 12;

            text_of(row.match | (operands & ~row.mask), ~0ull, text,
                    sizeof(text), &length);
            longest = length > longest ? length : longest;
        }
    }
    assert_true(longest > 30 && longest < INSN_TEXT_MAX);
}

static void csr_names_are_the_specification_s(void **state)
{
    assert_string_equal(csr_name(0x300), "mstatus");
    assert_string_equal(csr_name(CSR_satp), "satp");
    assert_string_equal(csr_name(0x33f), "mhpmevent31");
    assert_string_equal(csr_name(0x3ef), "pmpaddr63");
    assert_null(csr_name(0x3a1));
    assert_null(csr_name(0xc80));
    assert_null(csr_name(0x1000));
    assert_int_equal(CSR_hpmcounter31, 0xc1f);
    assert_int_equal(CSR_stimecmp, 0x14d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_operand_has_its_spelling),
        cmocka_unit_test(branch_targets_wrap_round_the_address_space),
        cmocka_unit_test(a_short_buffer_is_cut_and_terminated),
        cmocka_unit_test(every_text_fits),
        cmocka_unit_test(csr_names_are_the_specification_s),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
