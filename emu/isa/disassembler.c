/*
 * What rvemu/disasm.h promises: decoder and disassembler, for front ends. Its
 * state is the decoder of one set of extensions.
 */
#include <rvemu/disasm.h>

#include <stdlib.h>

#include "base/error.h"
#include "isa/cpu_model.h"
#include "isa/disasm.h"

_Static_assert(RVEMU_DISASM_TEXT >= INSN_TEXT_MAX, "any insn fits");

struct rvemu_disasm {
    struct decoder *decoder;
};

int rvemu_disasm_new(const char *cpu, struct rvemu_disasm **disasm,
                     struct rvemu_error *error)
{
    u64 isa;

    *disasm = NULL;
    if (cpu_model_parse(cpu, 0, &isa, error) < 0)
        return -1;
    *disasm = calloc(1, sizeof(**disasm));
    if (*disasm)
        (*disasm)->decoder = decoder_new(isa);
    if (*disasm && (*disasm)->decoder)
        return 0;
    rvemu_disasm_free(*disasm);
    *disasm = NULL;
    return rvemu_error_set(error, "no memory for a disassembler");
}

void rvemu_disasm_free(struct rvemu_disasm *disasm)
{
    if (!disasm)
        return;
    decoder_free(disasm->decoder);
    free(disasm);
}

size_t rvemu_disasm_text(const struct rvemu_disasm *disasm, uint32_t insn,
                         uint64_t pc, char *out, size_t size)
{
    struct insn decoded;

    insn_decode(disasm->decoder, insn, &decoded);
    return (size_t)insn_disasm(&decoded, pc, out, size);
}
