/*
 * The interpreter: a jump from each instruction's body to the next one's.
 *
 * A block is charged whole when it is entered. Leaving early gives back what
 * was not executed; when the budget does not cover a block, a part that it does
 * cover is copied out and run (cut_block), so that slices end on the exact
 * step. What a block ends with decides how it goes on:
 *
 *   jal, a branch      an offset in the page, or beyond it → near
 *   jalr               the body has set pc                 → near_pc
 *   other block ends   behind the instruction              → near
 *   UOP_next           behind the last instruction         → near
 *   a body's false     leave: refund, fix pc, back to hart_run()
 *
 * A branch is the exception among bodies: it returns whether it is taken, and
 * the block goes on behind one that is not. "near" stays here while the way
 * leads to the same page, and then needs no pc: one look-up by offset. "go"
 * is the way to pc, wherever it is.
 *
 * The dispatch is GNU C's computed goto. The rows of rv64.def, fused.def and
 * uops.def make both the table of labels and the labels; the bodies are inline
 * functions.
 */
#include "hart/interp/interp.h"

#include <string.h>

#include "hart/code/block.h"
#include "hart/interp/exec_bit.h"
#include "hart/interp/exec_cbo.h"
#include "hart/interp/exec_fp.h"
#include "hart/interp/exec_int.h"
#include "hart/interp/exec_mem.h"
#include "hart/interp/exec_sys.h"
#include "hart/mmu/stores.h"

#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* The one instruction at pc, fetched by halves: it crosses a page, or its
 * page cannot be cached. NULL with a fault raised, or when the fetch asked for
 * attention. */
static const struct block *fetch_single(struct hart *h)
{
    struct insn *insn = h->c.single->insn;
    u16 low, high = 0;

    if (!mem_fetch_half(h, h->s.pc, &low))
        return NULL;
    if ((low & 3) == 3 && !mem_fetch_half(h, h->s.pc + 2, &high))
        return NULL;
    if (h->c.attention)
        return NULL;
    blocks_decode(h->w.blocks, low | (u32)high << 16, h->s.pc & (PAGE_SIZE - 1),
                  mem_code_key(h), insn);
    insn[1] = (struct insn){.op = UOP_next, .off = insn->off + insn->len};
    h->c.single->count = 1;
    return h->c.single;
}

/* Makes the page of pc the fetch page, as mem_fetch_page(). */
static inline bool enter_page(struct hart *h)
{
    u64 page_va = align_down(h->s.pc, PAGE_SIZE);
    const struct slot *slot = context_hit(h->c.fetch, ARRAY_EXEC, page_va, 1);

    if (UNLIKELY(!slot))
        return mem_fetch_page(h, h->s.pc);
    h->s.page_va = page_va;
    h->c.code = (struct code_page *)(uintptr_t)slot->value;
    return true;
}

/* The block at pc in the fetch page, which has none there yet, or the one
 * instruction: as fetch_single(). */
static const struct block *new_block(struct hart *h)
{
    bool fresh;
    const struct block *block =
        blocks_at(h->w.blocks, h->c.code, h->s.pc & (PAGE_SIZE - 1), &fresh);

    if (fresh)
        stores_protect(h->w.siblings, h->c.code->pa);
    return block ? block : fetch_single(h);
}

/* The block at pc, or NULL: a fault was raised, or see mem_fetch_page(). */
static inline const struct block *find_block(struct hart *h)
{
    const struct block *block;

    if (!h->c.code || h->s.pc - h->s.page_va >= PAGE_SIZE)
        if (!enter_page(h))
            return NULL;
    block = h->c.code->at[(h->s.pc & (PAGE_SIZE - 1)) / 2];
    return UNLIKELY(!block) ? new_block(h) : block;
}

/* The first instructions of a block, no more than the budget has steps and no
 * further than the first that may jump, so that short slices copy little. */
static const struct block *cut_block(struct hart *h, const struct block *block)
{
    struct insn *insn = h->c.single->insn;
    unsigned most = (unsigned)h->s.slice.budget;
    unsigned count = 0;
    bool jumps = false;

    while (count < most && !jumps) {
        struct insn *in = &insn[count];

        *in = block->insn[count++];
        in->op = (u16)block_plain_op(in);
        jumps = in->op == OP_jal || block_is_branch(in);
        if (block_is_branch(in))
            in->rd = 0;
    }
    insn[count] = (struct insn){.op = UOP_next, .off = block->insn[count].off};
    h->c.single->count = (u16)count;
    return h->c.single;
}

/* What to execute at pc, within the budget; NULL if there is no budget left,
 * or as find_block(). */
static inline const struct block *next_block(struct hart *h)
{
    const struct block *block;

    h->c.in = NULL;
    if (h->s.slice.budget <= 0)
        return NULL;
    block = find_block(h);
    if (UNLIKELY(block && block->count > h->s.slice.budget))
        return cut_block(h, block);
    return block;
}

/* Gives back the steps of what was not executed and makes pc exact. */
static void leave_block(struct hart *h, const struct insn *in)
{
    const struct block *block = h->c.block;
    unsigned left = block->count - (unsigned)(in - block->insn);

    h->c.in = NULL;
    if (h->c.raised) {
        h->s.slice.budget += left;
        h->s.pc = h->s.page_va + in->off;
        return;
    }
    h->s.slice.budget += left - 1;
    if (in->op >= OP_COUNT || !(op_info[in->op].flags & OPF_BRANCH))
        h->s.pc = next_pc(h, in);
}

/* Charges a block and goes to its first instruction. */
#define ENTER()                            \
    do {                                   \
        h->c.block = block;                \
        h->s.slice.budget -= block->count; \
        in = block->insn;                  \
        goto *label[in->op];               \
    } while (0)

/* How an op goes on when its body returned true. */
enum way { WAY_ON, WAY_BRANCH, WAY_JUMP, WAY_PC, WAY_END };

#define WAY(format, flags)               \
    ((format) == FORMAT_B   ? WAY_BRANCH \
     : (format) == FORMAT_J ? WAY_JUMP   \
     : (flags)&OPF_END      ? WAY_END    \
     : (flags)&OPF_BRANCH   ? WAY_PC     \
                            : WAY_ON)

enum {
#define INSN(name, mnemonic, pattern, format, extension, flags) \
    WAY_OF_##name = WAY(FORMAT_##format, flags),
#include "isa/rv64.def"
#define UOP(name, way) WAY_OF_##name = WAY_##way,
#include "hart/code/uops.def"
};

/* An op's body, and the way on behind it. The way is constant: of all these
 * ends one stays. */
#define BODY(name)                              \
    if (WAY_OF_##name == (int)WAY_BRANCH) {     \
        if (exec_##name(h, in))                 \
            goto taken;                         \
    } else if (UNLIKELY(!exec_##name(h, in))) { \
        goto leave;                             \
    }

#define GO_ON(name)                     \
    if (WAY_OF_##name == (int)WAY_JUMP) \
        goto jump;                      \
    if (WAY_OF_##name == (int)WAY_PC)   \
        goto near_pc;                   \
    if (WAY_OF_##name == (int)WAY_END)  \
        goto end;                       \
    NEXT();

#define NEXT() goto *label[(++in)->op]

void interp_run(struct hart *h)
{
    static const void *const label[UOP_COUNT] = {
        [OP_illegal] = &&do_illegal,
#define INSN(name, ...) [OP_##name] = &&do_##name,
#include "isa/rv64.def"
#define UOP(name, way) [UOP_##name] = &&do_##name,
#include "hart/code/uops.def"
#define FUSED(first, second) [UOP_##first##_##second] = &&do_##first##_##second,
#include "hart/code/fused.def"
    };
    const struct block *block;
    const struct insn *in;
    u64 to;

go:
    block = next_block(h);
    if (UNLIKELY(!block))
        return;
    ENTER();

taken:
    h->s.slice.budget += in->rd;
jump:
    to = IMM;
near: /* to an offset from the page's start, in the page or not */
    block = to < PAGE_SIZE ? h->c.code->at[to / 2] : NULL;
    if (UNLIKELY(!block || block->count > h->s.slice.budget)) {
        h->s.pc = h->s.page_va + to;
        goto go;
    }
    ENTER();

#define INSN(name, ...) do_##name : BODY(name) GO_ON(name)
#include "isa/rv64.def"

#define FUSED(first, second)                  \
    do_##first##_##second : BODY(first) in++; \
    BODY(second) GO_ON(second)
#include "hart/code/fused.def"

near_pc:
    to = h->s.pc - h->s.page_va;
    goto near;

#define UOP(name, way) do_##name : BODY(name) GO_ON(name)
#include "hart/code/uops.def"

end:
    to = in->off + in->len;
    goto near;
do_illegal:
    exec_illegal(h, in);
leave:
    leave_block(h, in);
}
