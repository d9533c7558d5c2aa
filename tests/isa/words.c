/*
 * Decodes words from standard input, for the ISA suite. A line has a pc and
 * an encoding, both hexadecimal; back comes its disassembly, a line each.
 */
#include <inttypes.h>
#include <stdio.h>

#include "isa/disasm.h"

int main(void)
{
    struct decoder *decoder = decoder_new(EXT_ALL);
    struct insn in;
    char text[INSN_TEXT_MAX];
    u64 pc;
    u32 word;

    if (!decoder)
        return 125;
    while (scanf("%" SCNx64 " %" SCNx32, &pc, &word) == 2) {
        insn_decode(decoder, word, &in);
        insn_disasm(&in, pc, text, sizeof(text));
        puts(text);
    }
    decoder_free(decoder);
    return 0;
}
