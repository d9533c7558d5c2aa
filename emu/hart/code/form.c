/* Forming a block; see form.h. */
#include "hart/code/form.h"

#include "base/bits.h"
#include "bus/bus.h"
#include "hart/code/changes.h"
#include "hart/code/probes.h"
#include "isa/privileged.h"

struct form form_with(const struct decoder *decoder,
                      const struct probes *probes)
{
    return (struct form){decoder, probes, decoder_has(decoder, EXT_SET(ZCA))};
}

bool form_is_watched(const struct form *form, const struct form_of *of,
                     unsigned offset)
{
    if (of->changed && (changes_has(of->changed, offset) ||
                        changes_has(of->changed, offset + 2)))
        return true;
    return of->key & CODE_PROBES && probes_has_offset(form->probes, offset);
}

/* Whether code of this key may execute the op; if not, the op is illegal. */
static bool allowed(unsigned op, unsigned key)
{
    unsigned flags = op_info[op].flags;
    unsigned priv = key & CODE_PRIV;

    if (flags & OPF_FP && key & CODE_FS_OFF)
        return false;
    switch (op) {
    case OP_mret: return priv == PRIV_M;
    case OP_sret:
    case OP_sfence_vma:
    case OP_sinval_vma:
    case OP_sfence_w_inval:
    case OP_sfence_inval_ir: return priv >= PRIV_S;
    default: return true;
    }
}

static bool is_mark(const struct insn *in, unsigned key)
{
    return key & CODE_MARKS && in->op == OP_slti && in->rd == 0 &&
           in->rs1 == 10;
}

/* Whether this jump can have a target that is no multiple of four. */
static bool may_misalign(const struct insn *in)
{
    if (in->op == OP_jalr)
        return true;
    return (in->op == OP_jal || block_is_branch(in)) && in->imm & 2;
}

void form_decode(const struct form *form, u32 raw, unsigned offset,
                 unsigned key, struct insn *out)
{
    unsigned flags;

    insn_decode(form->decoder, raw, out);
    if (!allowed(out->op, key))
        out->op = OP_illegal;
    out->off = (u16)offset;
    flags = op_info[out->op].flags;
    if (is_mark(out, key))
        out->op = CODE_mark;
    else if (flags & OPF_RD && out->rd == 0)
        out->rd = CODE_X_SINK;
    if (out->op == OP_auipc || out->op == OP_jal || block_is_branch(out))
        out->imm += (i32)offset;
    if (!form->compressed && may_misalign(out))
        out->op = CODE_aligned_jump;
}

/* A jump at whose target, in the page, the block goes on. */
static bool is_followed(const struct insn *in)
{
    return in->op == OP_jal && (u32)in->imm < PAGE_SIZE;
}

/* Whether nothing behind this instruction belongs to its block. */
static bool ends_block(const struct insn *in)
{
    if (in->op == CODE_aligned_jump)
        return true;
    if (in->op >= OP_COUNT || block_is_branch(in) || is_followed(in))
        return false;
    return in->op == OP_illegal ||
           op_info[in->op].flags & (OPF_BRANCH | OPF_END);
}

/* The offset where the block goes on behind this instruction. */
static unsigned behind(const struct insn *in)
{
    if (is_followed(in) || block_loops_back(in))
        return (unsigned)in->imm;
    return in->off + in->len;
}

/* Decodes what is at the offset. False when there is no whole instruction in
 * the page. */
static bool decode_one(const struct form *form, const u8 *page, unsigned offset,
                       unsigned key, struct insn *out)
{
    u32 raw;

    if (offset >= PAGE_SIZE)
        return false;
    raw = load_le16(page + offset);
    if ((raw & 3) == 3) {
        if (offset + 4 > PAGE_SIZE)
            return false;
        raw = load_le32(page + offset);
    }
    form_decode(form, raw, offset, key, out);
    return true;
}

unsigned form_block(const struct form *form, const struct form_of *of,
                    unsigned offset, struct insn *out, u64 *chunks)
{
    unsigned count = 0;
    bool ends = false;

    while (count < BLOCK_MAX && !ends &&
           !(count && form_is_watched(form, of, offset)) &&
           decode_one(form, of->page, offset, of->key, &out[count])) {
        const struct insn *in = &out[count++];

        *chunks |= code_chunks(in->off, in->len);
        offset = behind(in);
        ends = ends_block(in);
    }
    out[count] = (struct insn){.op = CODE_end, .off = (u16)offset};
    return count;
}
