/*
 * The disassembler: a mnemonic from rv64.def and the operands its format
 * lists. Compressed instructions have been expanded by the decoder; here the
 * row is found again from the encoding, so that the text is what was fetched.
 * No state. Names of registers: the RISC-V calling convention.
 */
#include "isa/disasm.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "isa/csr.h"
#include "isa/rows.h"

const char *const insn_x_name[32] = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};

const char *const insn_f_name[32] = {
    "ft0", "ft1", "ft2",  "ft3",  "ft4", "ft5", "ft6",  "ft7",
    "fs0", "fs1", "fa0",  "fa1",  "fa2", "fa3", "fa4",  "fa5",
    "fa6", "fa7", "fs2",  "fs3",  "fs4", "fs5", "fs6",  "fs7",
    "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
};

enum { RM_RNE = 0, RM_DYN = 7 };

/* Rounding modes: 5 and 6 are reserved and never decode. */
static const char *const rm_name[8] = {
    "rne", "rtz", "rdn", "rup", "rmm", "", "", "dyn",
};

/* Where the text goes; length counts what did not fit, too. */
struct text {
    char *out;
    size_t size;
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void
append(struct text *text, const char *format, ...)
{
    size_t at = text->length < text->size ? text->length : text->size;
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(text->out + at, text->size - at, format, arguments);
    va_end(arguments);
    if (n > 0)
        text->length += (size_t)n;
}

/* The compressed row that raw came from. The decoder found one, so it is
 * the first that matches and expands to this op. */
static const struct row *find_rvc_row(const struct insn *in)
{
    for (unsigned i = 0; i < rvc_row_count; i++) {
        struct pattern pattern = pattern_parse(rvc_rows[i].pattern);

        if (rvc_rows[i].op == in->op &&
            (in->raw & pattern.mask) == pattern.match)
            return &rvc_rows[i];
    }
    return NULL;
}

static void append_set(struct text *text, unsigned set)
{
    append(text, "%s%s%s%s%s", set & 8 ? "i" : "", set & 4 ? "o" : "",
           set & 2 ? "r" : "", set & 1 ? "w" : "", set ? "" : "unknown");
}

static void append_csr(struct text *text, unsigned number)
{
    const char *name = csr_name(number);

    if (name)
        append(text, "%s", name);
    else
        append(text, "0x%x", number);
}

static void append_operand(struct text *text, char letter,
                           const struct insn *in, u64 pc)
{
    switch (letter) {
    case 'd': append(text, "%s", insn_x_name[in->rd]); break;
    case 's': append(text, "%s", insn_x_name[in->rs1]); break;
    case 't': append(text, "%s", insn_x_name[in->rs2]); break;
    case 'D': append(text, "%s", insn_f_name[in->rd]); break;
    case 'S': append(text, "%s", insn_f_name[in->rs1]); break;
    case 'T': append(text, "%s", insn_f_name[in->rs2]); break;
    case 'R': append(text, "%s", insn_f_name[insn_rs3(in)]); break;
    case 'i': append(text, "%d", in->imm); break;
    case 'h': append(text, "0x%x", (u32)in->imm); break;
    case 'u': append(text, "0x%x", (u32)in->imm >> 12); break;
    case 'p': append(text, "0x%" PRIx64, pc + (u64)(i64)in->imm); break;
    case 'c': append_csr(text, (unsigned)in->imm); break;
    case 'z': append(text, "%u", in->rs1); break;
    case 'o': append(text, "%d(%s)", in->imm, insn_x_name[in->rs1]); break;
    case 'a': append(text, "(%s)", insn_x_name[in->rs1]); break;
    case 'M':
    case 'm': append(text, "%s", rm_name[insn_rm(in)]); break;
    case 'f':
        append_set(text, insn_pred(in));
        append(text, ",");
        append_set(text, insn_succ(in));
        break;
    default: append(text, "%c", letter); break;
    }
}

/* A rounding mode stands last, and its usual value is left out. */
static bool rm_unsaid(const char *format, const struct insn *in)
{
    return (strcmp(format, ",m") == 0 && insn_rm(in) == RM_DYN) ||
           (strcmp(format, ",M") == 0 && insn_rm(in) == RM_RNE);
}

static void append_operands(struct text *text, const char *format,
                            const struct insn *in, u64 pc)
{
    if (*format)
        append(text, " ");
    for (; *format; format++) {
        if (rm_unsaid(format, in))
            return;
        append_operand(text, *format, in, pc);
    }
}

int insn_disasm(const struct insn *in, u64 pc, char *out, size_t size)
{
    struct text text = {out, size, 0};
    const struct row *rvc = in->len == 2 ? find_rvc_row(in) : NULL;
    const struct op_info *info = &op_info[in->op];

    if (in->op == OP_illegal || (in->len == 2 && !rvc)) {
        append(&text, ".%ubyte 0x%x", in->len, in->raw);
        return (int)text.length;
    }
    append(&text, "%s", rvc ? rvc->mnemonic : info->name);
    if (info->flags & OPF_AMO)
        append(&text, "%s%s%s", insn_aq(in) || insn_rl(in) ? "." : "",
               insn_aq(in) ? "aq" : "", insn_rl(in) ? "rl" : "");
    append_operands(&text, format_info[rvc ? rvc->format : info->format].text,
                    in, pc);
    return (int)text.length;
}
