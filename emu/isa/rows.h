/*
 * The rows of rv64.def as tables: private to emu/isa, shared by decoder and
 * disassembler, and by the tests of both.
 */
#ifndef ISA_ROWS_H
#define ISA_ROWS_H

#include "isa/insn.h"

/* Where a register number comes from. */
enum field {
    FIELD_NONE, /* no such operand: 0 */
    FIELD_ZERO, /* implied x0 */
    FIELD_RA,   /* implied x1 */
    FIELD_SP,   /* implied x2 */
    FIELD_AT2,  /* bits 6..2 */
    FIELD_AT7,  /* bits 11..7 */
    FIELD_AT15, /* bits 19..15 */
    FIELD_AT20, /* bits 24..20 */
    FIELD_C2,   /* bits 4..2, x8 to x15 */
    FIELD_C7,   /* bits 9..7, x8 to x15 */
};

/* How an immediate is put together; drawn in decode.c. */
enum imm {
    IMM_NONE,
    IMM_I,
    IMM_S,
    IMM_B,
    IMM_U,
    IMM_J,
    IMM_SHAMT,
    IMM_CSR,
    IMM_PREFETCH,
    IMM_C_ADDI4SPN,
    IMM_C_LW,
    IMM_C_LD,
    IMM_C_I,
    IMM_C_ADDI16SP,
    IMM_C_LUI,
    IMM_C_SHAMT,
    IMM_C_LWSP,
    IMM_C_LDSP,
    IMM_C_SWSP,
    IMM_C_SDSP,
    IMM_C_B,
    IMM_C_J,
};

struct format_info {
    u8 rd, rs1, rs2;  /* enum field */
    u8 imm;           /* enum imm */
    const char *text; /* operands, as rv64.def documents */
};

/* One encoding. A reserved one has op OP_illegal and no mnemonic. */
struct row {
    const char *mnemonic;
    const char *pattern; /* bit 31 or bit 15 first */
    u16 op;
    u8 format;
    u8 ext;
};

extern const struct format_info format_info[FORMAT_COUNT];

/* Both in the order of rv64.def: of two rows that match, the first wins. */
extern const struct row insn_rows[]; /* 32-bit */
extern const struct row rvc_rows[];  /* 16-bit */
extern const unsigned insn_row_count;
extern const unsigned rvc_row_count;

/* The bits of a pattern that are fixed, and their values. */
struct pattern {
    u32 mask;
    u32 match;
};

struct pattern pattern_parse(const char *text);

#endif
