/*
 * The decoder and the disassembler, for the ISA suite.
 *
 *     words         reads lines of a pc and an encoding, both hexadecimal, and
 *                   writes the disassembly of each, a line
 *     words --all   decodes each of the 2^30 encodings of 32 bits and counts:
 *                   an op must come out as often as the free bits of its row
 *                   say, less what special cases above it take. Writes what
 *                   differs and the number of legal ones
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/disasm.h"
#include "isa/rows.h"

static void disassemble_input(const struct decoder *decoder)
{
    struct insn in;
    char text[INSN_TEXT_MAX];
    u64 pc;
    u32 word;

    while (scanf("%" SCNx64 " %" SCNx32, &pc, &word) == 2) {
        insn_decode(decoder, word, &in);
        insn_disasm(&in, pc, text, sizeof(text));
        puts(text);
    }
}

/* How many encodings a row describes: of the eight rounding modes, two are
 * reserved. */
static u64 row_size(const struct row *row)
{
    u32 fixed = pattern_parse(row->pattern).mask;
    u64 size = 1ull << __builtin_popcount(~fixed);

    return strpbrk(format_info[row->format].text, "mM") ? size / 8 * 6 : size;
}

/* The same without what rows above take: special cases, with all its bits. */
static u64 row_share(unsigned r)
{
    struct pattern row = pattern_parse(insn_rows[r].pattern);
    u64 share = row_size(&insn_rows[r]);

    for (unsigned above = 0; above < r; above++) {
        struct pattern pattern = pattern_parse(insn_rows[above].pattern);

        if (!((row.match ^ pattern.match) & row.mask & pattern.mask))
            share -= row_size(&insn_rows[above]);
    }
    return share;
}

static int count_all(const struct decoder *decoder)
{
    u64 *count = calloc(OP_COUNT, sizeof(*count));
    u64 legal = 0;
    struct insn in;
    int status = 0;

    if (!count)
        return 125;
    for (u64 word = 3; word < 1ull << 32; word += 4) {
        insn_decode(decoder, (u32)word, &in);
        count[in.op]++;
    }
    for (unsigned r = 0; r < insn_row_count; r++) {
        u64 wanted = row_share(r);
        u64 found = count[insn_rows[r].op];

        legal += found;
        if (found == wanted)
            continue;
        printf("%s: %" PRIu64 " encodings, not %" PRIu64 "\n",
               insn_rows[r].mnemonic, found, wanted);
        status = 1;
    }
    printf("%" PRIu64 " legal\n", legal);
    free(count);
    return status;
}

int main(int argc, char **argv)
{
    struct decoder *decoder = decoder_new(EXT_ALL);
    int status = 0;

    if (!decoder)
        return 125;
    if (argc > 1 && strcmp(argv[1], "--all") == 0)
        status = count_all(decoder);
    else
        disassemble_input(decoder);
    decoder_free(decoder);
    return status;
}
