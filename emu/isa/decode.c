/*
 * The decoder: the rows that are switched on, sorted into buckets.
 *
 * A 32-bit encoding falls into the bucket of its bits 6..2 and 14..12, a
 * 16-bit one into that of its bits 1..0 and 15..13. A row stands in every
 * bucket that its pattern allows, in the order of rv64.def, so the first that
 * matches is the one that counts. A row with a rounding mode stands in no
 * bucket of the reserved modes 5 and 6, which makes those illegal.
 *
 * Immutable once made; one allocation. Unprivileged ISA, "Instruction-Length
 * Encoding", "Immediate Encoding Variants", "C Extension".
 */
#include <stdlib.h>
#include <string.h>

#include "isa/rows.h"

#define WORD_BUCKETS 256
#define RVC_BUCKETS 32
#define BUCKETS (WORD_BUCKETS + RVC_BUCKETS)

struct entry {
    u32 mask;
    u32 match;
    u16 op;
    u8 format;
};

struct decoder {
    u64 extensions;
    u16 start[BUCKETS + 1]; /* bucket i is entry[start[i]] to start[i + 1] */
    struct entry entry[];
};

/* A switched-on row and the bits that pick its buckets. */
struct candidate {
    struct entry entry;
    bool rvc;
    bool has_rm;
};

static unsigned word_bucket(u32 raw)
{
    return (unsigned)(bits(raw, 6, 2) << 3 | bits(raw, 14, 12));
}

static unsigned rvc_bucket(u32 raw)
{
    return (unsigned)(WORD_BUCKETS +
                      (bits(raw, 1, 0) << 3 | bits(raw, 15, 13)));
}

static struct candidate make_candidate(const struct row *row, bool rvc)
{
    struct pattern pattern = pattern_parse(row->pattern);

    return (struct candidate){
        .entry = {pattern.mask, pattern.match, row->op, row->format},
        .rvc = rvc,
        .has_rm = strpbrk(format_info[row->format].text, "mM") != NULL,
    };
}

/* Fills list, which has room for all rows, with those switched on. */
static unsigned collect(u64 extensions, struct candidate *list)
{
    unsigned count = 0;

    for (unsigned i = 0; i < insn_row_count; i++)
        if (bit(extensions, insn_rows[i].ext))
            list[count++] = make_candidate(&insn_rows[i], false);
    for (unsigned i = 0; i < rvc_row_count; i++)
        if (bit(extensions, rvc_rows[i].ext) &&
            bit(extensions, op_info[rvc_rows[i].op].ext))
            list[count++] = make_candidate(&rvc_rows[i], true);
    return count;
}

/* Goes through the buckets of a candidate: counts it there, or places it at
 * next where entry is given. */
static void place(const struct candidate *c, u16 *next, struct entry *entry)
{
    unsigned from = c->rvc ? WORD_BUCKETS : 0;
    unsigned count = c->rvc ? RVC_BUCKETS : WORD_BUCKETS;
    unsigned (*bucket_of)(u32) = c->rvc ? rvc_bucket : word_bucket;
    unsigned fixed = bucket_of(c->entry.mask) - from;
    unsigned value = bucket_of(c->entry.match) - from;

    /* Counts up in the bits that are not fixed: carries run over those that
     * are. */
    for (unsigned i = value; i < count;
         i = (((i | fixed) + 1) & ~fixed) | value) {
        unsigned funct3 = i & 7;

        if (c->has_rm && (funct3 == 5 || funct3 == 6))
            continue;
        if (entry)
            entry[next[from + i]] = c->entry;
        next[from + i]++;
    }
}

struct decoder *decoder_new(u64 extensions)
{
    u16 next[BUCKETS] = {0};
    struct candidate *list;
    struct decoder *decoder = NULL;
    unsigned count, total = 0;

    list = calloc(insn_row_count + rvc_row_count, sizeof(*list));
    if (!list)
        return NULL;
    count = collect(extensions, list);
    for (unsigned i = 0; i < count; i++)
        place(&list[i], next, NULL);
    for (unsigned i = 0; i < BUCKETS; i++)
        total += next[i];

    decoder = malloc(sizeof(*decoder) + total * sizeof(decoder->entry[0]));
    if (decoder) {
        decoder->extensions = extensions;
        decoder->start[0] = 0;
        for (unsigned i = 0; i < BUCKETS; i++) {
            decoder->start[i + 1] = (u16)(decoder->start[i] + next[i]);
            next[i] = decoder->start[i];
        }
        for (unsigned i = 0; i < count; i++)
            place(&list[i], next, decoder->entry);
    }
    free(list);
    return decoder;
}

bool decoder_has(const struct decoder *decoder, u64 extensions)
{
    return (decoder->extensions & extensions) == extensions;
}

void decoder_free(struct decoder *decoder)
{
    free(decoder);
}

static u8 extract_field(enum field field, u32 raw)
{
    switch (field) {
    case FIELD_NONE:
    case FIELD_ZERO: return 0;
    case FIELD_RA: return 1;
    case FIELD_SP: return 2;
    case FIELD_AT2: return (u8)bits(raw, 6, 2);
    case FIELD_AT7: return (u8)bits(raw, 11, 7);
    case FIELD_AT15: return (u8)bits(raw, 19, 15);
    case FIELD_AT20: return (u8)bits(raw, 24, 20);
    case FIELD_C2: return (u8)(8 + bits(raw, 4, 2));
    case FIELD_C7: return (u8)(8 + bits(raw, 9, 7));
    }
    return 0;
}

/*
 *  31 30    25 24 21 20 19   12 11  8 7
 * [ 11:0               ]                    I
 * [ 11:5     ]                [ 4:0   ]     S
 * [12][ 10:5 ]                [4:1][11]     B
 * [ 31:12                    ]              U
 * [20][ 10:1     ][11][ 19:12]              J
 *           [ 5:0      ]                    SHAMT, from bit 25
 * [ 11:0               ]                    CSR, not sign-extended
 * [ 11:5     ]                              PREFETCH
 */
static i32 word_immediate(enum imm imm, u32 raw)
{
    switch (imm) {
    case IMM_I: return (i32)sext(bits(raw, 31, 20), 12);
    case IMM_S: return (i32)sext(bits(raw, 31, 25) << 5 | bits(raw, 11, 7), 12);
    case IMM_B:
        return (i32)sext(bit(raw, 31) << 12 | bit(raw, 7) << 11 |
                             bits(raw, 30, 25) << 5 | bits(raw, 11, 8) << 1,
                         13);
    case IMM_U: return (i32)(raw & 0xfffff000);
    case IMM_J:
        return (i32)sext(bit(raw, 31) << 20 | bits(raw, 19, 12) << 12 |
                             bit(raw, 20) << 11 | bits(raw, 30, 21) << 1,
                         21);
    case IMM_SHAMT: return (i32)bits(raw, 25, 20);
    case IMM_CSR: return (i32)bits(raw, 31, 20);
    case IMM_PREFETCH: return (i32)sext(bits(raw, 31, 25) << 5, 12);
    default: return 0;
    }
}

/*
 * Which bit of the immediate stands in which bit of the encoding:
 *
 * 12 11 10  9  8  7  6  5  4  3  2
 *  5  .  .  .  .  .  4  3  2  1  0   C_I, C_SHAMT
 * 17  .  .  .  .  . 16 15 14 13 12   C_LUI
 *  9  .  .  .  .  .  4  6  8  7  5   C_ADDI16SP
 *  5  4  9  8  7  6  2  3  .  .  .   C_ADDI4SPN
 *  5  4  3  .  .  .  2  6  .  .  .   C_LW
 *  5  4  3  .  .  .  7  6  .  .  .   C_LD
 *  5  .  .  .  .  .  4  3  2  7  6   C_LWSP
 *  5  .  .  .  .  .  4  3  8  7  6   C_LDSP
 *  5  4  3  2  7  6  .  .  .  .  .   C_SWSP
 *  5  4  3  8  7  6  .  .  .  .  .   C_SDSP
 *  8  4  3  .  .  .  7  6  2  1  5   C_B
 * 11  4  9  8 10  6  7  3  2  1  5   C_J
 */
static i32 rvc_immediate(enum imm imm, u32 raw)
{
    u64 low5 = bits(raw, 6, 2);
    u64 high = bit(raw, 12);

    switch (imm) {
    case IMM_C_I: return (i32)sext(high << 5 | low5, 6);
    case IMM_C_SHAMT: return (i32)(high << 5 | low5);
    case IMM_C_LUI: return (i32)sext(high << 17 | low5 << 12, 18);
    case IMM_C_ADDI16SP:
        return (i32)sext(high << 9 | bits(raw, 4, 3) << 7 | bit(raw, 5) << 6 |
                             bit(raw, 2) << 5 | bit(raw, 6) << 4,
                         10);
    case IMM_C_ADDI4SPN:
        return (i32)(bits(raw, 10, 7) << 6 | bits(raw, 12, 11) << 4 |
                     bit(raw, 5) << 3 | bit(raw, 6) << 2);
    case IMM_C_LW:
        return (i32)(bit(raw, 5) << 6 | bits(raw, 12, 10) << 3 |
                     bit(raw, 6) << 2);
    case IMM_C_LD: return (i32)(bits(raw, 6, 5) << 6 | bits(raw, 12, 10) << 3);
    case IMM_C_LWSP:
        return (i32)(bits(raw, 3, 2) << 6 | high << 5 | bits(raw, 6, 4) << 2);
    case IMM_C_LDSP:
        return (i32)(bits(raw, 4, 2) << 6 | high << 5 | bits(raw, 6, 5) << 3);
    case IMM_C_SWSP: return (i32)(bits(raw, 8, 7) << 6 | bits(raw, 12, 9) << 2);
    case IMM_C_SDSP:
        return (i32)(bits(raw, 9, 7) << 6 | bits(raw, 12, 10) << 3);
    case IMM_C_B:
        return (i32)sext(high << 8 | bits(raw, 6, 5) << 6 | bit(raw, 2) << 5 |
                             bits(raw, 11, 10) << 3 | bits(raw, 4, 3) << 1,
                         9);
    case IMM_C_J:
        return (i32)sext(high << 11 | bit(raw, 8) << 10 |
                             bits(raw, 10, 9) << 8 | bit(raw, 6) << 7 |
                             bit(raw, 7) << 6 | bit(raw, 2) << 5 |
                             bit(raw, 11) << 4 | bits(raw, 5, 3) << 1,
                         12);
    default: return 0;
    }
}

static void extract_operands(const struct entry *entry, struct insn *out)
{
    const struct format_info *format = &format_info[entry->format];

    out->op = entry->op;
    out->rd = extract_field(format->rd, out->raw);
    out->rs1 = extract_field(format->rs1, out->raw);
    out->rs2 = extract_field(format->rs2, out->raw);
    out->imm = out->len == 2 ? rvc_immediate(format->imm, out->raw)
                             : word_immediate(format->imm, out->raw);
}

void insn_decode(const struct decoder *decoder, u32 raw, struct insn *out)
{
    bool rvc = (raw & 3) != 3;
    unsigned bucket;
    const struct entry *entry, *end;

    if (rvc)
        raw &= 0xffff;
    bucket = rvc ? rvc_bucket(raw) : word_bucket(raw);
    *out = (struct insn){.op = OP_illegal, .len = rvc ? 2 : 4, .raw = raw};

    entry = &decoder->entry[decoder->start[bucket]];
    end = &decoder->entry[decoder->start[bucket + 1]];
    for (; entry < end; entry++) {
        if ((raw & entry->mask) == entry->match) {
            extract_operands(entry, out);
            return;
        }
    }
}
