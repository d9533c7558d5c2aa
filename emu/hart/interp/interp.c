/*
 * The interpreter: a jump from each instruction's body to the next one's.
 *
 * A block is charged whole when it is entered. Leaving early gives back what
 * was not executed; when the budget does not cover what a block needs, its
 * instructions are executed one by one (step.h), so that slices end on the
 * exact step, and probed instructions are reported. What a block ends with
 * decides how it goes on:
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
 * The dispatch is GNU C's computed goto. The rows of rows.def and fused.def
 * make both the table of labels and the labels; the bodies are inline
 * functions.
 */
#include "hart/interp/interp.h"

#include <string.h>

#include "hart/interp/exec_bit.h"
#include "hart/interp/exec_cbo.h"
#include "hart/interp/exec_fp_arith.h"
#include "hart/interp/exec_fp_convert.h"
#include "hart/interp/exec_int.h"
#include "hart/interp/exec_mem.h"
#include "hart/interp/exec_sys.h"
#include "hart/interp/prepare.h"
#include "hart/interp/step.h"
#include "hart/interp/ways.h"
#include "hart/mmu/arrays.h"
#include "hart/mmu/fetch.h"

#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Makes the page of pc the fetch page, as fetch_page(). */
static inline bool enter_page(struct hart *h)
{
    u64 page_va = align_down(h->s.pc, PAGE_SIZE);
    const struct slot *slot = context_hit(h->c.fetch, ARRAY_EXEC, page_va, 1);

    if (UNLIKELY(!slot)) {
        h->c.in = NULL;
        return fetch_page(h, h->s.pc);
    }
    h->s.page_va = page_va;
    hart_set_fetch(h, (struct code_page *)(uintptr_t)slot->value);
    return true;
}

/* The block at pc in the fetch page, which has none there yet. */
static const struct block *new_block(struct hart *h)
{
    bool fresh;
    const struct block *block =
        blocks_at(h->w.blocks, h->c.code, h->s.pc & (PAGE_SIZE - 1), &fresh);

    hart_set_fetch(h, h->c.code);
    if (fresh)
        arrays_protect(h->w.siblings, h->c.code->pa);
    return block;
}

/* As interp_find(). */
static inline bool find_block(struct hart *h, const u8 *arena,
                              const struct block **block)
{
    u64 offset = h->s.pc & (PAGE_SIZE - 1);
    u32 ref;

    if (!h->c.code || h->s.pc - h->s.page_va >= PAGE_SIZE)
        if (!enter_page(h))
            return false;
    ref = offset < h->c.index.limit ? h->c.index.at[offset / 2] : 0;
    *block = ref ? block_of(arena, ref) : new_block(h);
    return true;
}

bool interp_find(struct hart *h, const struct block **block)
{
    return find_block(h, blocks_arena(h->w.blocks), block);
}

/* Gives back the steps of what was not executed and makes pc exact. */
static void leave_block(struct hart *h, const struct insn *in)
{
    const struct block *block = h->c.block;
    unsigned left = block->count - (unsigned)(in - block->insn);

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

enum {
#define UOP(name, way) WAY_OF_##name = WAY_##way,
#include "hart/interp/uops.def"
};

/* An op's body, and the way on behind it. The way is constant, so that the
 * compiler leaves one of these ends. */
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

static void interp_run(struct hart *h)
{
    static const void *const label[UOP_COUNT] = {
        [OP_illegal] = &&do_illegal,
#define ROW(op, name) [op] = &&do_##name,
#include "hart/interp/rows.def"
#define FUSED(first, second) [UOP_##first##_##second] = &&do_##first##_##second,
#include "hart/interp/fused.def"
    };
    const u8 *arena = blocks_arena(h->w.blocks);
    const struct block *block;
    const struct insn *in;
    u64 to;
    u32 ref;

go:
    if (h->s.slice.budget <= 0 || !find_block(h, arena, &block))
        goto out;
    if (UNLIKELY(!block || block->needs > h->s.slice.budget)) {
        if (!step_one(h, block))
            return;
        goto go;
    }
    ENTER();

taken:
    h->s.slice.budget += in->rd;
jump:
    to = IMM;
near: /* to an offset from the page's start, in the page or not */
    if (UNLIKELY(to >= h->c.index.limit))
        goto far;
    ref = h->c.index.at[to / 2];
    block = block_of(arena, ref);
    if (UNLIKELY(!ref || block->needs > h->s.slice.budget))
        goto far;
    ENTER();
far:
    h->s.pc = h->s.page_va + to;
    goto go;

#define ROW(op, name) do_##name : BODY(name) GO_ON(name)
#include "hart/interp/rows.def"

#define FUSED(first, second)                  \
    do_##first##_##second : BODY(first) in++; \
    BODY(second) GO_ON(second)
#include "hart/interp/fused.def"

near_pc:
    to = h->s.pc - h->s.page_va;
    goto near;

end:
    to = in->off + in->len;
    goto near;
do_illegal:
    exec_illegal(h, in);
leave:
    leave_block(h, in);
out:
    h->c.in = NULL;
}

const struct engine interp_engine = {"interp", interp_prepare, interp_run};
