/*
 * Instructions as text, spelled as GNU objdump -M no-aliases spells them.
 */
#ifndef RVEMU_DISASM_H
#define RVEMU_DISASM_H

#include <stddef.h>
#include <stdint.h>

#include <rvemu/error.h>

struct rvemu_disasm;

/* Makes a disassembler of what harts of this CPU execute (cpu.h). Returns 0, or
 * -1 with error: there cannot be such a CPU, or memory is lacking. */
int rvemu_disasm_new(const char *cpu, struct rvemu_disasm **disasm,
                     struct rvemu_error *error);

/* NULL is none. */
void rvemu_disasm_free(struct rvemu_disasm *disasm);

#define RVEMU_DISASM_TEXT 64 /* bytes that hold any instruction */

/* Writes the text of the instruction with this encoding at the virtual address
 * pc, one blank between mnemonic and operands, operands with commas between
 * them; what is none reads ".2byte 0x…" or ".4byte 0x…". Of a compressed one
 * the upper half of insn does not matter. Never writes more than size bytes,
 * the final NUL included. Returns the length that it has, as snprintf does. */
size_t rvemu_disasm_text(const struct rvemu_disasm *disasm, uint32_t insn,
                         uint64_t pc, char *out, size_t size);

#endif
