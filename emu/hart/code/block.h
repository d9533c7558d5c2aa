/*
 * A block: what is likely to be executed in one go, inside one physical page,
 * decoded once.
 *
 * It goes straight on, through jumps within the page, on behind a branch
 * forwards and at the target of a branch backwards, which closes a loop. Every
 * block ends in an instruction that leaves it, or in CODE_end. Each record
 * knows its own offset, and nothing else depends on their order: what a jump or
 * a branch goes on with is the record behind it, if that stands at its target.
 *
 * A block has two forms, one behind the other, with a record for each
 * instruction in both: plain, as decoding gives it, for whoever wants to know
 * what an instruction is; and that of the engine, which may write into its
 * records what it likes but for off and raw (engine.h).
 *
 * Its length in steps is charged when it is entered. An engine that calls
 * something slow says first where it is: hart->c.in is a record of either form
 * of hart->c.block, from which steps and pc follow exactly.
 */
#ifndef HART_CODE_BLOCK_H
#define HART_CODE_BLOCK_H

#include "base/types.h"
#include "isa/insn.h"

#define CODE_X_SINK 32 /* the register that takes what is written to x0 */
#define BLOCK_MAX 32   /* instructions */

/* Operations that only decoded code has. */
enum code_op {
    CODE_FIRST = OP_COUNT - 1, /* no op; behind it the rows of ops.def */
#define CODE(name, way) CODE_##name,
#include "hart/code/ops.def"
    CODE_end, /* no instruction: execution goes on at off */
    CODE_OPS
};

struct code_page;

/* A block that begins with an instruction which may have to be reported needs
 * more steps than a slice has (slice.h): it is never entered, and a step
 * executes that instruction (probes.h). */
#define BLOCK_NEVER 0xffffffff

struct block {
    struct code_page *page; /* NULL: not in the cache any more */
    u16 offset;             /* of its first instruction, in the page */
    u16 count;              /* instructions; record [count] is the end */
    u32 needs; /* it is entered with a budget of so many steps: count */
    struct insn insn[]; /* the engine's records, then the plain ones; rd of x0
                           is CODE_X_SINK, pc-relative imm counts from page */
};

/* The blocks of a page by the offset of their first instruction. */
struct block_index {
    u32 *at;   /* by offset / 2: block_ref, or 0: not decoded */
    u64 limit; /* offsets below this are in `at` */
};

static inline size_t block_size(unsigned count)
{
    return sizeof(struct block) + 2 * (count + 1) * sizeof(struct insn);
}

static inline struct insn *block_plain(struct block *block)
{
    return block->insn + block->count + 1;
}

/* How many of its instructions are not yet done, that of the record `in` of
 * either form among them. */
static inline unsigned block_left(const struct block *block,
                                  const struct insn *in)
{
    unsigned index = (unsigned)(in - block->insn);

    if (index > block->count)
        index -= block->count + 1u;
    return block->count - index;
}

/* The plain record of the instruction of `in`. */
static inline const struct insn *block_plain_of(const struct block *block,
                                                const struct insn *in)
{
    return &block->insn[2 * block->count + 1 - block_left(block, in)];
}

/* The 64-byte pieces of its page, a bit each, that size bytes from this offset
 * on lie in. */
static inline u64 code_chunks(unsigned offset, unsigned size)
{
    unsigned first = offset / 64, last = (offset + size - 1) / 64;

    return ~0ull << first & ~0ull >> (63 - last);
}

/* A conditional branch. */
static inline bool block_is_branch(const struct insn *in)
{
    return in->op < OP_COUNT && op_info[in->op].format == FORMAT_B;
}

/* A plain branch at whose target the block goes on. */
static inline bool block_loops_back(const struct insn *in)
{
    return block_is_branch(in) && (u32)in->imm <= in->off;
}

#endif
