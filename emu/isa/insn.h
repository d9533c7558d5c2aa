/*
 * A decoded instruction, what is known of each op, and the decoder.
 *
 * Everything here is made from rv64.def. A compressed instruction decodes to
 * the op it expands to, with len 2; nothing behind the decoder knows that
 * compressed instructions exist, except the disassembler, which looks at raw
 * again. A decoder never changes once made and may be shared.
 */
#ifndef ISA_INSN_H
#define ISA_INSN_H

#include "base/bits.h"
#include "base/types.h"
#include "isa/ext.h"

/* OP_illegal, then an op for each 32-bit row of rv64.def, in its order. */
enum op {
    OP_illegal,
#define INSN(op, mnemonic, pattern, format, extension, flags) OP_##op,
#include "isa/rv64.def"
    OP_COUNT
};

enum format {
#define FORMAT(name, rd, rs1, rs2, immediate, file, text) FORMAT_##name,
#include "isa/rv64.def"
    FORMAT_COUNT
};

enum op_flag {
    OPF_RD = 1 << 0,     /* writes integer rd */
    OPF_FRD = 1 << 1,    /* writes FP rd */
    OPF_BRANCH = 1 << 2, /* sets pc: jumps, branches and returns */
    /* After it the run loop must look around: it may trap always, or change
     * privilege, translation, the code itself, interrupts or a counter. */
    OPF_END = 1 << 3,
    OPF_FP = 1 << 4, /* illegal while mstatus.FS is Off */
    OPF_LOAD = 1 << 5,
    OPF_STORE = 1 << 6,
    OPF_AMO = 1 << 7,  /* A; lr is also LOAD, sc STORE, the others both */
    OPF_PRIV = 1 << 8, /* legal or not by privilege mode and mstatus */
};

struct op_info {
    const char *name; /* mnemonic of the 32-bit form, without .aq and .rl */
    u8 format;        /* enum format */
    u8 ext;           /* enum extension */
    u16 flags;        /* enum op_flag */
};

extern const struct op_info op_info[OP_COUNT];

struct insn {
    u16 op;  /* enum op */
    u16 off; /* offset within its page; 0 from insn_decode */
    /* 0 where the op has no such operand. Integer or FP as the format says. */
    u8 rd;
    u8 rs1; /* the five-bit immediate of csrrwi, csrrsi, csrrci */
    u8 rs2;
    u8 len; /* bytes: 2 or 4 */
    /* Sign-extended immediate; what is added to pc for branches; the shift
     * amount; the CSR number (0 to 4095); 0 where there is none. */
    i32 imm;
    u32 raw; /* the encoding; upper half zero when len is 2 */
};

_Static_assert(sizeof(struct insn) == 16, "blocks are arrays of struct insn");

/* Operands too rare for a field of their own. Only the 32-bit forms of the
 * ops that have them may be asked. */
static inline unsigned insn_rs3(const struct insn *in)
{
    return bits(in->raw, 31, 27);
}

/* 0 to 4, or 7: take it from frm. */
static inline unsigned insn_rm(const struct insn *in)
{
    return bits(in->raw, 14, 12);
}

static inline bool insn_aq(const struct insn *in)
{
    return bit(in->raw, 26);
}

static inline bool insn_rl(const struct insn *in)
{
    return bit(in->raw, 25);
}

/* Sets of fence: 8 device input, 4 device output, 2 reads, 1 writes. */
static inline unsigned insn_pred(const struct insn *in)
{
    return bits(in->raw, 27, 24);
}

static inline unsigned insn_succ(const struct insn *in)
{
    return bits(in->raw, 23, 20);
}

struct decoder;

/* A decoder for a set of extensions (EXT_SET); the caller frees it. NULL when
 * the host has no memory. */
struct decoder *decoder_new(u64 extensions);
void decoder_free(struct decoder *decoder);

/* Whether all of these extensions are in its set. */
bool decoder_has(const struct decoder *decoder, u64 extensions);

/* Decodes raw, whose upper half is ignored when its low two bits are not 11.
 * What no row describes is OP_illegal, with len as those two bits say. */
void insn_decode(const struct decoder *decoder, u32 raw, struct insn *out);

#endif
