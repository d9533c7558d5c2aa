/* One instruction at a time; see step.h. */
#include "hart/interp/step.h"

#include "hart/interp/exec_bit.h"
#include "hart/interp/exec_cbo.h"
#include "hart/interp/exec_fp_arith.h"
#include "hart/interp/exec_fp_convert.h"
#include "hart/interp/exec_int.h"
#include "hart/interp/exec_mem.h"
#include "hart/interp/exec_sys.h"
#include "hart/code/probes.h"
#include "hart/interp/probe.h"
#include "hart/interp/ways.h"
#include "hart/mmu/fetch.h"
#include "hart/mmu/fetched.h"

#define BODY(name)                                                 \
    static bool body_##name(struct hart *h, const struct insn *in) \
    {                                                              \
        return exec_##name(h, in);                                 \
    }
#define INSN(name, ...) BODY(name)
#define CODE(name, way) BODY(name)
BODY(illegal)
#include "hart/code/ops.def"
#include "isa/rv64.def"

typedef bool body_fn(struct hart *hart, const struct insn *in);

static body_fn *const body[CODE_OPS] = {
    [OP_illegal] = body_illegal,
#define INSN(name, ...) [OP_##name] = body_##name,
#include "isa/rv64.def"
#define CODE(name, way) [CODE_##name] = body_##name,
#include "hart/code/ops.def"
};

static const u8 way_of[CODE_OPS] = {
#define INSN(name, ...) [OP_##name] = WAY_OF_##name,
#include "isa/rv64.def"
#define CODE(name, way) [CODE_##name] = WAY_OF_##name,
#include "hart/code/ops.def"
};

/* Fetches and decodes the instruction at pc by halves. False with a fault
 * raised, or when the fetch asked for attention. */
static bool fetch_halves(struct hart *h, struct insn *out)
{
    u16 low, high = 0;
    u64 pa, next = 0;

    if (!fetch_half(h, h->s.pc, &low, &pa))
        return false;
    if ((low & 3) == 3 && !fetch_half(h, h->s.pc + 2, &high, &next))
        return false;
    if (h->c.attention && h->s.slice.ends != SLICE_HALTED)
        return false;
    if (h->w.siblings->changes->on && !fetched_judge(h, pa, 2) && next)
        fetched_judge(h, next, 2);
    form_decode(blocks_form(h->w.blocks), low | (u32)high << 16,
                h->s.pc & (PAGE_SIZE - 1), fetch_code_key(h), out);
    return true;
}

/* The first instruction of a block. */
static void take_first(struct hart *h, const struct block *block,
                       struct insn *out)
{
    *out = *block_plain_of(block, block->insn);
    if (h->w.siblings->changes->on)
        fetched_judge(h, block->page->pa + out->off, out->len);
}

/* Where execution goes on behind an instruction whose body returned ok. */
static u64 pc_behind(const struct hart *h, const struct insn *in, bool ok)
{
    bool sets_pc = in->op < OP_COUNT && op_info[in->op].flags & OPF_BRANCH;

    switch (way_of[in->op]) {
    case WAY_BRANCH: return ok ? h->s.page_va + IMM : next_pc(h, in);
    case WAY_JUMP: return h->s.page_va + IMM;
    case WAY_PC: return h->s.pc;
    default: return sets_pc ? h->s.pc : next_pc(h, in);
    }
}

bool step_one(struct hart *h, const struct block *block)
{
    struct insn *in = h->c.single->insn;
    bool ok;

    h->c.in = NULL;
    if (block)
        take_first(h, block, in);
    else if (!fetch_halves(h, in))
        return false;
    if (h->w.siblings->probes->breakpoints && probe_stops(h))
        return false;
    if (trace_wants(h->w.trace, RVEMU_EVENT_probe) &&
        probes_has_offset(h->w.siblings->probes, h->s.pc & (PAGE_SIZE - 1)))
        probe_report(h);
    h->c.block = h->c.single;
    h->s.slice.budget--;
    ok = body[in->op](h, in);
    h->c.in = NULL;
    if (h->c.raised) { /* the trap is the step */
        h->s.slice.budget++;
        h->s.pc = h->s.page_va + in->off;
        return false;
    }
    h->s.pc = pc_behind(h, in, ok);
    return (ok || way_of[in->op] == WAY_BRANCH) &&
           h->s.slice.ends != SLICE_HALTED;
}
