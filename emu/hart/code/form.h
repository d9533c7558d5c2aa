/*
 * Forming a block: which instructions belong to it, and what they are to code
 * that may do what the code key says.
 *
 * What the key forbids decodes to OP_illegal, and the bodies need not ask
 * again. Without C instructions lie at multiples of four, and a jump elsewhere
 * is an exception of the jump. There, and only there, CODE_aligned_jump looks.
 */
#ifndef HART_CODE_FORM_H
#define HART_CODE_FORM_H

#include "hart/code/block.h"

/* Code key: what the blocks of a page were decoded for. */
#define CODE_PRIV 3u    /* enum priv */
#define CODE_FS_OFF 4u  /* FP instructions are illegal */
#define CODE_MARKS 8u   /* the mark hint is an event */
#define CODE_PROBES 16u /* blocks end before probed offsets */

struct changed_frame;
struct probes;

struct form {
    const struct decoder *decoder;
    const struct probes *probes;
    bool compressed; /* C: instructions at multiples of two */
};

struct form form_with(const struct decoder *decoder,
                      const struct probes *probes);

/* The page that a block is formed from. */
struct form_of {
    const u8 *page; /* its bytes */
    unsigned key;
    const struct changed_frame *changed; /* or NULL: changes.h */
};

/* Whether the instruction at this offset may have to be reported. */
bool form_is_watched(const struct form *form, const struct form_of *of,
                     unsigned offset);

/* Decodes one instruction, which stands at this offset of its page. */
void form_decode(const struct form *form, u32 raw, unsigned offset,
                 unsigned key, struct insn *out);

/* Decodes the block that starts at this offset of the page: its instructions
 * and the end, at most BLOCK_MAX + 1 records. Adds to *chunks a bit for each 64
 * bytes that it is made from. Returns how many instructions: none where there
 * is no whole one in the page. */
unsigned form_block(const struct form *form, const struct form_of *of,
                    unsigned offset, struct insn *out, u64 *chunks);

#endif
