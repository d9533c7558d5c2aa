/*
 * Decoded code: pages, and the blocks found in them.
 *
 * A block is what is likely to be executed in one go, inside one physical
 * page, decoded once: straight on, through jumps, on behind a branch forwards
 * and at the target of a branch backwards, which closes a loop; the latter is
 * turned round, so that what leaves the block is always a branch taken. Each
 * record knows its own offset, and nothing else depends on their order.
 *
 * It is found by (physical page, what it may do, offset), never by a virtual
 * address, so that all processes that share a text page share its blocks.
 * "What it may do" is the code key: privilege, FS=Off, and whether marks are
 * watched; what those forbid decodes to OP_illegal, and the bodies need not
 * ask again.
 *
 * Every block ends in an instruction that leaves it, or in UOP_next. Its
 * length in steps is charged when it is entered; a branch that is taken gives
 * back what is behind it, and has that number in its rd, which is no register
 * there.
 *
 * Two records that fused.def names together are executed by one op, which
 * stands in the first; the second stays as it is, so that a step is still a
 * record, and whatever happens between them finds everything in its place.
 *
 * Without C instructions lie at multiples of four, and a jump elsewhere is an
 * exception of the jump. There, and only there, UOP_aligned_jump looks.
 *
 * Stores: the frame of a page with blocks carries FRAME_CODE, which keeps it
 * out of the small write arrays (stores.h). A store to it goes to
 * blocks_stored(), and kills the page's blocks if it touches a 64-byte chunk
 * that was decoded; the data beside the code costs a bit test. A frame without
 * blocks loses the flag: kernels use the frames of dead programs again. So does
 * one that is stored to many times with none of its code touched, for that may
 * be dead, too; should it live, it is decoded anew and has more patience.
 *
 * A code_page stays where it is for as long as the machine lives or until
 * everything is dropped, so pointers to it may be cached; its blocks may go at
 * any store.
 */
#ifndef HART_CODE_BLOCK_H
#define HART_CODE_BLOCK_H

#include "base/types.h"
#include "isa/insn.h"

#define CODE_X_SINK 32 /* the register that takes what is written to x0 */

struct bus;
struct decoder;

/* Operations that only blocks contain. */
enum block_op {
    UOP_FIRST = OP_COUNT - 1, /* none; behind it the rows of uops.def */
#define UOP(name, way) UOP_##name,
#include "hart/code/uops.def"
    UOP_FUSED, /* none; behind it the rows of fused.def */
#define FUSED(first, second) UOP_##first##_##second,
#include "hart/code/fused.def"
    UOP_COUNT
};

#define BLOCK_MAX 32 /* instructions */

struct block {
    struct block *next_dead;
    u16 count;          /* instructions; insn[count] is a UOP_next */
    struct insn insn[]; /* rd of x0 is 32; pc-relative imm counts from page */
};

/* Code key: what the blocks of a page were decoded for. */
#define CODE_PRIV 3u   /* enum priv */
#define CODE_FS_OFF 4u /* FP instructions are illegal */
#define CODE_MARKS 8u  /* the mark hint is an event */

struct code_page {
    struct block *at[2048]; /* by offset / 2; NULL: not decoded */
    u64 pa;
    unsigned key;
    u64 chunks;             /* decoded 64-byte pieces, a bit each */
    u32 stores;             /* beside the code since it was decoded */
    u32 patience;           /* how many of these it takes for dead */
    const u8 *host;         /* the frame's bytes */
    struct code_page *next; /* in its hash chain */
};

/* A conditional branch, not fused. */
static inline bool block_is_branch(const struct insn *in)
{
    return in->op < OP_COUNT && op_info[in->op].format == FORMAT_B;
}

/* The op that a record has by itself, whatever follows it. */
unsigned block_plain_op(const struct insn *in);

struct blocks;

struct blocks *blocks_new(const struct bus *bus, const struct decoder *decoder);
void blocks_free(struct blocks *blocks);

/* The page of code at pa (in RAM), made if there is none. NULL when the host
 * has no memory left. */
struct code_page *blocks_page(struct blocks *blocks, u64 pa, unsigned key);

/* Stands for a page of which nothing may be cached. It never has blocks. */
struct code_page *blocks_no_page(struct blocks *blocks);

/* The block that starts at this offset, decoded if need be. An instruction
 * that reaches into the next page gives NULL, and so does blocks_no_page().
 * *fresh says that its frame had no blocks until now and has got FRAME_CODE:
 * the caller protects it (stores.h) before the block runs. */
const struct block *blocks_at(struct blocks *blocks, struct code_page *page,
                              unsigned offset, bool *fresh);

/* Decodes one instruction outside any page: for those that cross one. */
void blocks_decode(struct blocks *blocks, u32 raw, unsigned offset,
                   unsigned key, struct insn *out);

/* A store of size bytes at pa, all in one frame that has FRAME_CODE. Returns
 * whether any block died. They are not freed before blocks_collect(). */
bool blocks_stored(struct blocks *blocks, u64 pa, unsigned size);

/* Frees what has died. Not while a block is being executed. */
void blocks_collect(struct blocks *blocks);

/* Whether the cache is over its bound and wants to be dropped whole. */
bool blocks_are_full(const struct blocks *blocks);

/* Drops everything, and FRAME_CODE everywhere. Whoever cached a code_page
 * forgets it. Not while a block is being executed. */
void blocks_drop_all(struct blocks *blocks);

#endif
