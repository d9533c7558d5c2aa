/*
 * Unit tests of isa/decode.c and of rv64.def itself: every row decodes to
 * itself with its operands, two rows claim one encoding only where the first
 * is a special case of the second or is named here, immediates agree with an
 * assembly bit by bit, and what is reserved is illegal. tests/isa compares the
 * rest with binutils.
 */
#include "isa/insn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "isa/rows.h"

#define FILLINGS 256

static int set_up(void **state)
{
    *state = decoder_new(EXT_ALL);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    decoder_free(*state);
    return 0;
}

static struct insn decode(void **state, u32 raw)
{
    struct insn in;

    insn_decode(*state, raw, &in);
    return in;
}

static enum op op_of(void **state, u32 raw)
{
    return decode(state, raw).op;
}

/* xorshift: the same operands in every run. */
static u32 next_random(u32 *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Operands for a row: all zero, all one, then random ones. */
static u32 filling(struct pattern row, int i, u32 *seed)
{
    u32 operands = i == 0 ? 0 : i == 1 ? ~0u : next_random(seed);

    return row.match | (operands & ~row.mask);
}

static bool has_rm(const struct row *row)
{
    return strpbrk(format_info[row->format].text, "mM") != NULL;
}

/* An immediate as the specification draws it: "from=hi:lo" says that its
 * bits hi down to lo stand in the encoding from bit `from` downwards. */
struct drawing {
    enum imm imm;
    bool is_signed;
    const char *bits;
};

static const struct drawing drawings[] = {
    {IMM_I, true, "31=11:0"},
    {IMM_S, true, "31=11:5 11=4:0"},
    {IMM_B, true, "31=12:12 30=10:5 11=4:1 7=11:11"},
    {IMM_U, true, "31=31:12"},
    {IMM_J, true, "31=20:20 30=10:1 20=11:11 19=19:12"},
    {IMM_SHAMT, false, "25=5:0"},
    {IMM_CSR, false, "31=11:0"},
    {IMM_PREFETCH, true, "31=11:5"},
    {IMM_C_I, true, "12=5:5 6=4:0"},
    {IMM_C_SHAMT, false, "12=5:5 6=4:0"},
    {IMM_C_LUI, true, "12=17:17 6=16:12"},
    {IMM_C_ADDI16SP, true, "12=9:9 6=4:4 5=6:6 4=8:7 2=5:5"},
    {IMM_C_ADDI4SPN, false, "12=5:4 10=9:6 6=2:2 5=3:3"},
    {IMM_C_LW, false, "12=5:3 6=2:2 5=6:6"},
    {IMM_C_LD, false, "12=5:3 6=7:6"},
    {IMM_C_LWSP, false, "12=5:5 6=4:2 3=7:6"},
    {IMM_C_LDSP, false, "12=5:5 6=4:3 4=8:6"},
    {IMM_C_SWSP, false, "12=5:2 8=7:6"},
    {IMM_C_SDSP, false, "12=5:3 9=8:6"},
    {IMM_C_B, true, "12=8:8 11=4:3 6=7:6 4=2:1 2=5:5"},
    {IMM_C_J, true, "12=11:11 11=4:4 10=9:8 8=10:10 7=6:6 6=7:7 5=3:1 2=5:5"},
};

/* The immediate as its drawing assembles it, a bit at a time. */
static i32 assemble(const struct drawing *drawing, u32 raw)
{
    const char *at = drawing->bits;
    i64 value = 0;
    int top = 0, from, hi, lo, used;

    while (sscanf(at, " %d=%d:%d%n", &from, &hi, &lo, &used) == 3) {
        for (int i = hi; i >= lo; i--, from--)
            if (raw >> from & 1)
                value += 1ll << i;
        top = hi > top ? hi : top;
        at += used;
    }
    if (drawing->is_signed && value >> top & 1)
        value -= 2ll << top;
    return (i32)value;
}

static i32 expected_immediate(enum imm imm, u32 raw)
{
    if (imm == IMM_NONE)
        return 0;
    for (size_t i = 0; i < sizeof(drawings) / sizeof(drawings[0]); i++)
        if (drawings[i].imm == imm)
            return assemble(&drawings[i], raw);
    fail_msg("immediate %d has no drawing", imm);
    return 0;
}

static void check_operands(const struct insn *in, const struct row *row)
{
    const struct format_info *format = &format_info[row->format];
    const unsigned at[] = {
        [FIELD_NONE] = 0,
        [FIELD_ZERO] = 0,
        [FIELD_RA] = 1,
        [FIELD_SP] = 2,
        [FIELD_AT2] = in->raw >> 2 & 31,
        [FIELD_AT7] = in->raw >> 7 & 31,
        [FIELD_AT15] = in->raw >> 15 & 31,
        [FIELD_AT20] = in->raw >> 20 & 31,
        [FIELD_C2] = 8 | (in->raw >> 2 & 7),
        [FIELD_C7] = 8 | (in->raw >> 7 & 7),
    };

    assert_int_equal(in->rd, at[format->rd]);
    assert_int_equal(in->rs1, at[format->rs1]);
    assert_int_equal(in->rs2, at[format->rs2]);
    assert_int_equal(in->imm, expected_immediate(format->imm, in->raw));
    assert_int_equal(in->off, 0);
}

/* The first row of an extension in the set that matches. */
static const struct row *first_word_row(u32 raw, u64 extensions)
{
    for (unsigned r = 0; r < insn_row_count; r++) {
        struct pattern pattern = pattern_parse(insn_rows[r].pattern);

        if (extensions >> insn_rows[r].ext & 1 &&
            (raw & pattern.mask) == pattern.match)
            return &insn_rows[r];
    }
    return NULL;
}

static void every_word_row_decodes_to_itself(void **state)
{
    u32 seed = 1;

    assert_int_equal(insn_row_count, OP_COUNT - 1);
    for (unsigned r = 0; r < insn_row_count; r++) {
        const struct row *row = &insn_rows[r];
        struct pattern pattern = pattern_parse(row->pattern);

        for (int i = 0; i < FILLINGS; i++) {
            u32 raw = filling(pattern, i, &seed);
            struct insn in = decode(state, raw);
            unsigned rm = raw >> 12 & 7;

            assert_int_equal(in.len, 4);
            assert_int_equal(in.raw, raw);
            if (has_rm(row) && (rm == 5 || rm == 6)) {
                assert_int_equal(in.op, OP_illegal);
                continue;
            }
            if (first_word_row(raw, EXT_ALL) != row)
                continue;
            assert_int_equal(in.op, row->op);
            check_operands(&in, row);
        }
    }
}

/* The first row that matches, in the order of the file. */
static const struct row *first_match(u32 raw)
{
    for (unsigned r = 0; r < rvc_row_count; r++) {
        struct pattern pattern = pattern_parse(rvc_rows[r].pattern);

        if ((raw & pattern.mask) == pattern.match)
            return &rvc_rows[r];
    }
    return NULL;
}

static void every_compressed_encoding_decodes_by_its_row(void **state)
{
    for (u32 raw = 0; raw < 0x10000; raw++) {
        const struct row *row = first_match(raw);
        struct insn in = decode(state, raw | 0xabcd0000);

        if ((raw & 3) == 3)
            continue;
        assert_int_equal(in.len, 2);
        assert_int_equal(in.raw, raw);
        assert_int_equal(in.op, row ? row->op : OP_illegal);
        if (in.op != OP_illegal)
            check_operands(&in, row);
    }
}

static void patterns_have_the_length_of_their_encoding(void **state)
{
    for (unsigned r = 0; r < insn_row_count + rvc_row_count; r++) {
        bool rvc = r >= insn_row_count;
        const char *text =
            rvc ? rvc_rows[r - insn_row_count].pattern : insn_rows[r].pattern;
        unsigned length = 0;

        for (; *text; text++)
            length += *text != ' ';
        assert_int_equal(length, rvc ? 16 : 32);
    }
}

static bool overlap(struct pattern a, struct pattern b)
{
    return ((a.match ^ b.match) & a.mask & b.mask) == 0;
}

/* The HINTs that have a name. */
static void word_rows_overlap_only_as_special_cases(void **state)
{
    unsigned special = 0;

    for (unsigned i = 0; i < insn_row_count; i++) {
        for (unsigned j = i + 1; j < insn_row_count; j++) {
            struct pattern a = pattern_parse(insn_rows[i].pattern);
            struct pattern b = pattern_parse(insn_rows[j].pattern);

            if (!overlap(a, b))
                continue;
            if ((a.mask & b.mask) != b.mask)
                fail_msg("%s overlaps %s", insn_rows[i].mnemonic,
                         insn_rows[j].mnemonic);
            special++;
        }
    }
    assert_int_equal(special, 4); /* pause, prefetch.i, .r, .w */
}

/* Compressed rows overlap where the earlier is a special case of the later,
 * with all its bits. c.lui with no immediate is reserved for x2 as well,
 * which belongs to c.addi16sp otherwise. */
static void compressed_rows_overlap_only_as_special_cases(void **state)
{
    unsigned exceptions = 0;

    for (unsigned i = 0; i < rvc_row_count; i++) {
        for (unsigned j = i + 1; j < rvc_row_count; j++) {
            struct pattern a = pattern_parse(rvc_rows[i].pattern);
            struct pattern b = pattern_parse(rvc_rows[j].pattern);

            if (!overlap(a, b) || (a.mask & b.mask) == b.mask)
                continue;
            assert_int_equal(rvc_rows[i].op, OP_illegal);
            assert_string_equal(rvc_rows[j].mnemonic, "c.addi16sp");
            exceptions++;
        }
    }
    assert_int_equal(exceptions, 1);
}

/* Encodings and fields worked out by hand from the specification. */
static void known_encodings_have_known_operands(void **state)
{
    static const struct insn known[] = {
        {.raw = 0xfe010113, .op = OP_addi, .rd = 2, .rs1 = 2, .imm = -32},
        {.raw = 0x00c58533, .op = OP_add, .rd = 10, .rs1 = 11, .rs2 = 12},
        {.raw = 0xfea5bc23, .op = OP_sd, .rs1 = 11, .rs2 = 10, .imm = -8},
        {.raw = 0x80000537, .op = OP_lui, .rd = 10, .imm = -0x7fffffff - 1},
        {.raw = 0x00001597, .op = OP_auipc, .rd = 11, .imm = 4096},
        {.raw = 0xffdff06f, .op = OP_jal, .imm = -4},
        {.raw = 0x00008067, .op = OP_jalr, .rs1 = 1},
        {.raw = 0xfe051ee3, .op = OP_bne, .rs1 = 10, .imm = -4},
        {.raw = 0x43f55513, .op = OP_srai, .rd = 10, .rs1 = 10, .imm = 63},
        {.raw = 0xfffff073, .op = OP_csrrci, .rs1 = 31, .imm = 0xfff},
        {.raw = 0x0ff0000f, .op = OP_fence, .imm = 255},
        {.raw = 0x100525af, .op = OP_lr_w, .rd = 11, .rs1 = 10},
        {.raw = 0x1eb635af, .op = OP_sc_d, .rd = 11, .rs1 = 12, .rs2 = 11},
        {.raw = 0x6aa5f543, .op = OP_fmadd_d, .rd = 10, .rs1 = 11, .rs2 = 10},
        {.raw = 0x12a58073, .op = OP_sfence_vma, .rs1 = 11, .rs2 = 10},
        {.raw = 0x1141, .op = OP_addi, .rd = 2, .rs1 = 2, .imm = -16},
        {.raw = 0x8082, .op = OP_jalr, .rs1 = 1},
        {.raw = 0x852e, .op = OP_add, .rd = 10, .rs2 = 11},
        {.raw = 0x9002, .op = OP_ebreak},
        {.raw = 0x0001, .op = OP_addi},
        {.raw = 0x757d, .op = OP_lui, .rd = 10, .imm = -4096},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        struct insn in = decode(state, known[i].raw);
        struct insn wanted = known[i];

        wanted.len = (known[i].raw & 3) == 3 ? 4 : 2;
        assert_memory_equal(&in, &wanted, sizeof(in));
    }
}

static void rare_operands_come_from_the_encoding(void **state)
{
    struct insn fmadd = decode(state, 0x6aa5f543);
    struct insn sc = decode(state, 0x1eb635af);
    struct insn lr = decode(state, 0x140525af);
    struct insn fence = decode(state, 0x0910000f);

    assert_int_equal(insn_rs3(&fmadd), 13);
    assert_int_equal(insn_rm(&fmadd), 7);
    assert_true(insn_aq(&sc) && insn_rl(&sc));
    assert_true(insn_aq(&lr) && !insn_rl(&lr));
    assert_int_equal(insn_pred(&fence), 9);
    assert_int_equal(insn_succ(&fence), 1);
}

static void reserved_encodings_are_illegal(void **state)
{
    static const u32 reserved[] = {
        0x0000,     0x0004, /* the illegal instruction; c.addi4spn 0 */
        0x8000,             /* quadrant 0, funct3 100 */
        0x2001,     0x3009, /* c.addiw x0 */
        0x6101,             /* c.addi16sp 0 */
        0x6001,     0x6501, /* c.lui 0 */
        0x9c41,     0x9c61, /* where c.subw and c.addw have no neighbours */
        0x4002,     0x6002, /* c.lwsp x0, c.ldsp x0 */
        0x8002,             /* c.jr x0 */
        0x101525af,         /* lr.w with rs2 */
        0x1015b5af,         /* lr.d with rs2 */
        0x0005152f,         /* amoadd of a halfword */
        0x0605151b,         /* slliw by 32 and more */
        0x06051513,         /* slli with bit 26 */
        0x00002063,         /* branch, funct3 010 */
        0x00007003,         /* load, funct3 111 */
        0x00004023,         /* store, funct3 100 */
        0x00009067,         /* jalr, funct3 001 */
        0x0030200f,         /* no cache-block operation is 3 */
        0x0000208f,         /* cbo.inval with rd */
        0x18200073,         /* behind sfence.inval.ir */
        0x000000f3,         /* ecall with rd */
        0x00008073,         /* ecall with rs1 */
        0x00200073,         /* uret of a withdrawn draft */
        0x10200173,         /* sret with rd */
        0x10208073,         /* sret with rs1 */
        0x30300073,         /* mret's neighbour */
        0x120000f3,         /* sfence.vma with rd */
        0x00004073,         /* system, funct3 100 */
        0x02b55553,         /* fadd.d, rounding mode 5 */
        0x02b56553,         /* fadd.d, rounding mode 6 */
        0x58158553,         /* fsqrt.s with rs2 */
        0x04b57553,         /* fadd of half precision */
        0x6aa5d543,         /* fmadd.d, rounding mode 5 */
        0x0000001f,         /* longer than 32 bits */
        0xffffffff,
    };

    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        struct insn in = decode(state, reserved[i]);
        struct insn wanted = {.op = OP_illegal, .raw = reserved[i]};

        wanted.len = (reserved[i] & 3) == 3 ? 4 : 2;
        assert_memory_equal(&in, &wanted, sizeof(in));
    }
}

/* "Ignored" fields are not reserved ones: any value is the same op. */
static void ignored_fields_are_ignored(void **state)
{
    assert_int_equal(op_of(state, 0xfffff00f & ~0x7000u), OP_fence);
    assert_int_equal(op_of(state, 0x8330000f), OP_fence);
    assert_int_equal(op_of(state, 0xffff9f8f), OP_fence_i);
    assert_int_equal(op_of(state, 0xd205f553), OP_fcvt_d_w);
}

static void hints_write_x0(void **state)
{
    static const u32 hints[] = {
        0x0005, /* c.nop 1 */
        0x4005, /* c.li x0, 1 */
        0x6005, /* c.lui x0, 1 */
        0x802e, /* c.mv x0, a1 */
        0x902e, /* c.add x0, a1 */
        0x0006, /* c.slli x0, 1 */
    };

    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        struct insn in = decode(state, hints[i]);

        assert_int_not_equal(in.op, OP_illegal);
        assert_int_equal(in.rd, 0);
        assert_true(op_info[in.op].flags & OPF_RD);
    }
}

/* An extension that is off takes its rows with it, and no others; what they
 * were special cases of stays. */
static void extensions_switch_their_rows(void **state)
{
    for (int ext = 0; ext < EXT_COUNT; ext++) {
        struct decoder *less = decoder_new(EXT_ALL & ~(1ull << ext));
        void *gone = less;

        for (unsigned r = 0; r < insn_row_count; r++) {
            u32 raw = pattern_parse(insn_rows[r].pattern).match;
            const struct row *row =
                first_word_row(raw, EXT_ALL & ~(1ull << ext));

            assert_int_equal(op_of(&gone, raw), row ? row->op : OP_illegal);
        }
        decoder_free(less);
    }
}

static void compressed_rows_need_c_and_what_they_expand_to(void **state)
{
    void *no_c = decoder_new(EXT_ALL & ~(EXT_SET(ZCA) | EXT_SET(ZCD)));
    void *no_d = decoder_new(EXT_ALL & ~EXT_SET(D));

    for (u32 raw = 0; raw < 0x10000; raw++)
        if ((raw & 3) != 3)
            assert_int_equal(op_of(&no_c, raw), OP_illegal);
    assert_int_equal(op_of(state, 0x2108), OP_fld);
    assert_int_equal(op_of(&no_d, 0x2108), OP_illegal);
    assert_int_equal(op_of(&no_d, 0x4108), OP_lw);
    decoder_free(no_c);
    decoder_free(no_d);
}

static void ops_have_the_flags_of_their_kind(void **state)
{
    const unsigned both = OPF_LOAD | OPF_STORE;

    assert_int_equal(op_info[OP_illegal].flags, OPF_END);
    assert_int_equal(op_info[OP_add].flags, OPF_RD);
    assert_int_equal(op_info[OP_sd].flags, OPF_STORE);
    assert_int_equal(op_info[OP_jal].flags, OPF_RD | OPF_BRANCH);
    assert_int_equal(op_info[OP_beq].flags, OPF_BRANCH);
    assert_int_equal(op_info[OP_fld].flags, OPF_FRD | OPF_FP | OPF_LOAD);
    assert_int_equal(op_info[OP_fsw].flags, OPF_FP | OPF_STORE);
    assert_int_equal(op_info[OP_feq_d].flags, OPF_RD | OPF_FP);
    assert_int_equal(op_info[OP_fcvt_s_d].flags, OPF_FRD | OPF_FP);
    assert_int_equal(op_info[OP_lr_d].flags, OPF_RD | OPF_AMO | OPF_LOAD);
    assert_int_equal(op_info[OP_sc_w].flags, OPF_RD | OPF_AMO | OPF_STORE);
    assert_int_equal(op_info[OP_amomaxu_d].flags, OPF_RD | OPF_AMO | both);
    assert_int_equal(op_info[OP_csrrw].flags, OPF_RD | OPF_END);
    assert_int_equal(op_info[OP_fence].flags, 0);
    assert_int_equal(op_info[OP_fence_i].flags, OPF_END);
    assert_int_equal(op_info[OP_sret].flags, OPF_PRIV | OPF_BRANCH | OPF_END);
    assert_int_equal(op_info[OP_wfi].flags, OPF_PRIV | OPF_END);
    for (unsigned op = OP_illegal + 1; op < OP_COUNT; op++) {
        unsigned flags = op_info[op].flags;

        assert_false(flags & OPF_RD && flags & OPF_FRD);
        assert_true(!(flags & OPF_AMO) == (op_info[op].ext != EXT_ZAAMO &&
                                           op_info[op].ext != EXT_ZALRSC));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_row_decodes_to_itself),
        cmocka_unit_test(every_compressed_encoding_decodes_by_its_row),
        cmocka_unit_test(patterns_have_the_length_of_their_encoding),
        cmocka_unit_test(word_rows_overlap_only_as_special_cases),
        cmocka_unit_test(compressed_rows_overlap_only_as_special_cases),
        cmocka_unit_test(known_encodings_have_known_operands),
        cmocka_unit_test(rare_operands_come_from_the_encoding),
        cmocka_unit_test(reserved_encodings_are_illegal),
        cmocka_unit_test(ignored_fields_are_ignored),
        cmocka_unit_test(hints_write_x0),
        cmocka_unit_test(extensions_switch_their_rows),
        cmocka_unit_test(compressed_rows_need_c_and_what_they_expand_to),
        cmocka_unit_test(ops_have_the_flags_of_their_kind),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
