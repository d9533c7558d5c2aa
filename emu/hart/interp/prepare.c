/* The interpreter's form of a block; see prepare.h. */
#include "hart/interp/prepare.h"

static u16 opposite(unsigned branch)
{
    switch (branch) {
    case OP_beq: return OP_bne;
    case OP_bne: return OP_beq;
    case OP_blt: return OP_bge;
    case OP_bge: return OP_blt;
    case OP_bltu: return OP_bgeu;
    default: return OP_bltu;
    }
}

/* Prepares a record by itself. A jump within a page is always followed. */
static void prepare_one(struct insn *in, unsigned behind)
{
    if (block_loops_back(in)) {
        in->op = opposite(in->op);
        in->imm = in->off + in->len;
    } else if (in->op == OP_jal && (u32)in->imm == in[1].off) {
        in->op = UOP_jal_on;
    }
    if (block_is_branch(in))
        in->rd = (u8)behind;
}

static unsigned fused_op(unsigned first, unsigned second)
{
    switch (first * UOP_COUNT + second) {
#define FUSED(one, two)                  \
    case OP_##one *UOP_COUNT + OP_##two: \
        return UOP_##one##_##two;
#include "hart/interp/fused.def"
    default: return first;
    }
}

static void fuse(struct insn *insn, unsigned count)
{
    for (unsigned i = 0; i + 1 < count; i++) {
        unsigned alone = insn[i].op;

        insn[i].op = (u16)fused_op(alone, insn[i + 1].op);
        if (insn[i].op != alone)
            i++;
    }
}

void interp_prepare(struct block *block)
{
    for (unsigned i = 0; i < block->count; i++)
        prepare_one(&block->insn[i], block->count - 1u - i);
    block->insn[block->count].op = UOP_next;
    fuse(block->insn, block->count);
}
