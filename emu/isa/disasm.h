/*
 * Instructions as text, spelled as GNU objdump -M no-aliases spells them:
 * ABI register names, c.* mnemonics for compressed instructions, offsets in
 * decimal, other constants in hexadecimal.
 */
#ifndef ISA_DISASM_H
#define ISA_DISASM_H

#include "isa/insn.h"

/* Longest text, with its terminator: any insn fits. */
#define INSN_TEXT_MAX 64

/* Writes the text of a decoded instruction at guest-virtual pc, one blank
 * between mnemonic and operands; an illegal one reads ".2byte 0x…" or
 * ".4byte 0x…". Returns the length it has or would have, as snprintf does. */
int insn_disasm(const struct insn *in, u64 pc, char *out, size_t size);

/* ABI names of the integer and FP registers, by number 0 to 31. */
extern const char *const insn_x_name[32];
extern const char *const insn_f_name[32];

#endif
