/*
 * Orders: steps of instructions and of lines, over calls and traps; see
 * engine.h.
 *
 * What goes over a trap or a call is on an errand meanwhile: the machine runs
 * as ever, and halts at each return from a trap, or at the call's return
 * address. A place alone does not say that it is the same call that came back,
 * since another process or thread may run the same code: its stack pointer has
 * to be what it was and, in U-mode, the space as well.
 */
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "bus/bus.h"
#include "debug/engine.h"
#include "isa/insn.h"
#include "isa/privileged.h"
#include "machine/machine.h"

enum { CSR_SATP = 0x180, RA = 1, SP = 2, ALTERNATE = 5 };

struct debug_spot debug_spot(const struct rvemu_debugger *d, unsigned hart)
{
    const struct hart *h = &d->machine->hart[hart];

    return (struct debug_spot){
        .pc = h->s.pc,
        .sp = h->s.x[SP],
        .root = rvemu_satp_root(h->s.csr.satp),
        .steps = hart_steps(h),
        .traps = h->s.traps,
        .priv = h->s.priv,
    };
}

static struct debug_line line_at(struct rvemu_debugger *d, unsigned hart,
                                 u64 pc)
{
    struct rvemu_place place = {.symbol = NULL};
    struct debug_line line = {.is_known = false};

    if (!d->place(d->place_arg, hart, pc, &place) || !place.path || !place.line)
        return line;
    line.is_known = true;
    line.line = place.line;
    snprintf(line.path, sizeof(line.path), "%s", place.path);
    snprintf(line.symbol, sizeof(line.symbol), "%s",
             place.symbol ? place.symbol : "");
    return line;
}

static bool is_same_line(const struct debug_line *a, const struct debug_line *b)
{
    return a->is_known == b->is_known && a->line == b->line &&
           !strcmp(a->path, b->path) && !strcmp(a->symbol, b->symbol);
}

/* The instruction at pc of the hart; false: it cannot be read. */
static bool read_insn(const struct rvemu_debugger *d, unsigned hart,
                      struct insn *in)
{
    const struct hart *h = &d->machine->hart[hart];
    u64 satp = h->s.priv == PRIV_M ? 0 : h->s.csr.satp;
    u16 half[2] = {0};

    for (unsigned i = 0; i < 2; i++) {
        u64 pa;

        if (rvemu_translate(d->machine, satp, h->s.pc + 2 * i, &pa) < 0 ||
            rvemu_read_ram(d->machine, pa, &half[i], 2) < 0)
            return false;
        if ((half[0] & 3) != 3)
            break;
    }
    insn_decode(d->decoder, half[0] | (u32)half[1] << 16, in);
    return true;
}

static bool is_link(unsigned number)
{
    return number == RA || number == ALTERNATE;
}

/* What the step under way is: calls and returns as the hints for return-address
 * stacks have them (unprivileged spec, "Unconditional Jumps"). */
static void look_at_step(struct rvemu_debugger *d)
{
    struct debug_order *o = &d->order;
    struct insn in;

    o->is_call = o->is_return = false;
    o->length = 4;
    if (!read_insn(d, o->of.hart, &in))
        return;
    o->length = in.len;
    o->is_call = (in.op == OP_jal || in.op == OP_jalr) && is_link(in.rd);
    o->is_return = (in.op == OP_jalr && !in.rd && is_link(in.rs1)) ||
                   in.op == OP_sret || in.op == OP_mret;
}

static void end_errand(struct rvemu_debugger *d)
{
    struct debug_order *o = &d->order;
    bool had_break = o->has_break;

    o->has_break = false;
    if (had_break)
        debug_break(d, o->back, false);
    o->errand = ERRAND_NONE;
}

static void fail(struct rvemu_debugger *d)
{
    d->order.failed = "out of host memory, or too many subscribers";
}

/* Until the hart is at va, with the stack pointer of the step under way. */
static void await(struct rvemu_debugger *d, u64 va)
{
    struct debug_order *o = &d->order;

    o->back = va;
    o->errand = ERRAND_CALL;
    o->has_break = debug_break(d, va, true);
    if (!o->has_break)
        fail(d);
}

/* Has the events told that the order now waits for. */
static void listen(struct rvemu_debugger *d)
{
    struct debug_order *o = &d->order;

    o->kinds = 0;
    if (o->of.go == RVEMU_GO_TRAP)
        o->kinds = RVEMU_EVENT_BIT(trap);
    else if (o->errand == ERRAND_TRAP)
        o->kinds = RVEMU_EVENT_BIT(xret);
    if (!debug_points_listen(d))
        fail(d);
}

bool debug_order_begin(struct rvemu_debugger *d, const struct rvemu_order *of,
                       const char **text)
{
    struct debug_order *o = &d->order;
    bool by_lines = of->go == RVEMU_GO_LINE || of->go == RVEMU_GO_NEXT;

    if (of->hart >= rvemu_harts(d->machine) || of->go > RVEMU_GO_TO) {
        *text = "there is no such hart, or no such order";
        return false;
    }
    *o = (struct debug_order){.of = *of,
                              .is_on = true,
                              .left = of->count ? of->count : 1,
                              .begin = debug_spot(d, of->hart)};
    o->from = o->begin;
    if (by_lines && !d->place) {
        *text = "nothing is known of lines";
        return false;
    }
    if (by_lines)
        o->line = line_at(d, of->hart, o->begin.pc);
    if (by_lines && !o->line.is_known) {
        *text = "there is no line here: step by instructions";
        return false;
    }
    if (of->go == RVEMU_GO_TO)
        await(d, of->first);
    listen(d);
    *text = o->failed;
    return !o->failed;
}

void debug_order_end(struct rvemu_debugger *d)
{
    if (!d->order.is_on)
        return;
    end_errand(d);
    d->order.is_on = false;
    d->order.failed = NULL;
    d->order.kinds = 0;
    debug_points_listen(d);
}

void debug_order_prepare(struct rvemu_debugger *d)
{
    struct debug_order *o = &d->order;
    unsigned hart = o->of.hart;

    if (o->of.go == RVEMU_GO_STEP)
        machine_halt_hart(d->machine, hart, o->begin.steps + o->left, false);
    if (o->of.go == RVEMU_GO_STEP || o->of.go == RVEMU_GO_TRAP || o->errand)
        return;
    o->from = debug_spot(d, hart);
    look_at_step(d);
    if (o->is_call &&
        (o->of.go == RVEMU_GO_NEXT || o->of.go == RVEMU_GO_FINISH))
        await(d, o->from.pc + o->length);
    else
        machine_halt_hart(d->machine, hart, o->from.steps + 1, false);
}

/* Whether the hart, now there, is where it was before the step under way. */
static bool is_back(const struct debug_order *o, const struct debug_spot *now)
{
    return now->priv == o->from.priv && now->sp == o->from.sp &&
           (now->priv != PRIV_U || now->root == o->from.root);
}

/* A step by lines has been made. */
static bool has_line(struct rvemu_debugger *d, const struct debug_spot *now)
{
    struct debug_order *o = &d->order;
    struct debug_line line = line_at(d, o->of.hart, now->pc);

    if (line.is_known)
        return !is_same_line(&line, &o->line);
    if (o->is_call)
        await(d, o->from.pc + o->length);
    return o->is_return;
}

/* The step under way, or the call, is over, and no trap is open. */
static bool is_there(struct rvemu_debugger *d, const struct debug_spot *now)
{
    struct debug_order *o = &d->order;

    switch (o->of.go) {
    case RVEMU_GO_OVER: return --o->left == 0;
    case RVEMU_GO_RANGE: return now->pc < o->of.first || now->pc > o->of.last;
    case RVEMU_GO_LINE:
    case RVEMU_GO_NEXT: return has_line(d, now);
    case RVEMU_GO_FINISH: return o->is_return;
    default: return true;
    }
}

/* At the return address of a call, or at the place of GO_TO. */
static bool check_call(struct rvemu_debugger *d, const struct rvemu_stop *run,
                       const struct debug_spot *now)
{
    struct debug_order *o = &d->order;
    struct debug_spot at = *now;

    if (run->reason != RVEMU_STOP_BREAKPOINT || run->code != o->of.hart ||
        now->pc != o->back)
        return false;
    if (o->of.go == RVEMU_GO_TO && at.sp > o->from.sp)
        at.sp = o->from.sp;
    if (!is_back(o, &at))
        return false;
    end_errand(d);
    o->is_call = o->is_return = false;
    return is_there(d, now);
}

/* Behind a return from a trap. */
static bool check_trap(struct rvemu_debugger *d, const struct debug_spot *now)
{
    struct debug_order *o = &d->order;
    bool again = now->pc == o->from.pc;

    if (!is_back(o, now) || !(again || now->pc == o->from.pc + o->length))
        return false;
    end_errand(d);
    listen(d);
    return !again && is_there(d, now);
}

/* Behind a step, if it has been made. */
static bool check_step(struct rvemu_debugger *d, const struct debug_spot *now)
{
    struct debug_order *o = &d->order;

    if (now->steps == o->from.steps)
        return false;
    if (now->traps == o->from.traps)
        return is_there(d, now);
    o->errand = ERRAND_TRAP;
    listen(d);
    return false;
}

bool debug_order_check(struct rvemu_debugger *d, const struct rvemu_stop *run)
{
    struct debug_order *o = &d->order;
    struct debug_spot now;

    if (!o->is_on || o->failed)
        return false;
    now = debug_spot(d, o->of.hart);
    if (o->of.go == RVEMU_GO_STEP)
        return now.steps >= o->begin.steps + o->left;
    if (o->of.go == RVEMU_GO_TRAP)
        return now.traps > o->begin.traps;
    switch (o->errand) {
    case ERRAND_CALL: return check_call(d, run, &now);
    case ERRAND_TRAP: return check_trap(d, &now);
    default: return check_step(d, &now);
    }
}
