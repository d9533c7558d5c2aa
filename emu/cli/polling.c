/*
 * What a loop waits for; see polling.h.
 *
 * The loop is followed once, as if each branch back were taken and each branch
 * ahead were not. A register that an instruction of it writes is no base of an
 * address, but for one that is loaded from or whose value comes back; this
 * knows no such thing and gives up. Instructions that it does not know write
 * what their rd says, which is true of all but stores and branches.
 */
#include "cli/polling.h"

#define LOOP_MAX 32 /* instructions */

/* An instruction, as far as it matters here. */
struct step {
    enum { STEP_PLAIN, STEP_LOAD, STEP_ATOMIC, STEP_JUMP, STEP_LEAVES } kind;
    unsigned rd, base; /* 0: none */
    int64_t offset;    /* of a load, from base; of a jump, from pc */
    bool if_back;      /* a branch */
};

static int64_t extend(uint32_t value, unsigned bits)
{
    return (int64_t)((uint64_t)value << (64 - bits)) >> (64 - bits);
}

static int64_t offset_b(uint32_t i)
{
    return extend((i >> 7 & 0x1e) | (i >> 20 & 0x7e0) | (i << 4 & 0x800) |
                      (i >> 31 << 12),
                  13);
}

static int64_t offset_j(uint32_t i)
{
    return extend((i >> 20 & 0x7fe) | (i >> 9 & 0x800) | (i & 0xff000) |
                      (i >> 31 << 20),
                  21);
}

static struct step read_long(uint32_t i)
{
    unsigned rd = i >> 7 & 31, rs1 = i >> 15 & 31;
    struct step step = {.rd = rd};

    switch (i & 0x7f) {
    case 0x03:
        step = (struct step){STEP_LOAD, rd, rs1, extend(i >> 20, 12), false};
        break;
    case 0x2f:
        if (i >> 27 != 3) /* sc.w, sc.d */
            step = (struct step){STEP_ATOMIC, rd, rs1, 0, false};
        break;
    case 0x23: step.rd = 0; break;
    case 0x63: step = (struct step){STEP_JUMP, 0, 0, offset_b(i), true}; break;
    case 0x6f:
        step = (struct step){STEP_JUMP, rd, 0, offset_j(i), false};
        break;
    case 0x67:
    case 0x73: step.kind = STEP_LEAVES; break;
    default: break;
    }
    if (step.kind == STEP_JUMP && rd && (i & 0x7f) == 0x6f)
        step.kind = STEP_LEAVES; /* a call */
    return step;
}

static int64_t offset_cj(uint32_t i)
{
    return extend((i >> 2 & 0xe) | (i >> 7 & 0x10) | (i << 3 & 0x20) |
                      (i >> 1 & 0x40) | (i << 1 & 0x80) | (i >> 1 & 0x300) |
                      (i << 2 & 0x400) | (i >> 1 & 0x800),
                  12);
}

static int64_t offset_cb(uint32_t i)
{
    return extend((i >> 2 & 6) | (i >> 7 & 0x18) | (i << 3 & 0x20) |
                      (i << 1 & 0xc0) | (i >> 4 & 0x100),
                  9);
}

/* The compressed ones of quadrant 0: loads and stores, and c.addi4spn. */
static struct step read_quadrant_0(uint32_t i)
{
    unsigned low = 8 + (i >> 2 & 7), base = 8 + (i >> 7 & 7);
    struct step step = {.rd = 0};

    switch (i >> 13) {
    case 0: step.rd = low; break;
    case 2: /* c.lw */
        step = (struct step){STEP_LOAD, low, base,
                             (i >> 7 & 0x38) | (i >> 4 & 4) | (i << 1 & 0x40),
                             false};
        break;
    case 3: /* c.ld */
        step = (struct step){STEP_LOAD, low, base,
                             (i >> 7 & 0x38) | (i << 1 & 0xc0), false};
        break;
    default: break;
    }
    return step;
}

static struct step read_short(uint32_t i)
{
    unsigned rd = i >> 7 & 31, funct = i >> 13;
    struct step step = {.rd = rd};

    if ((i & 3) == 0)
        return read_quadrant_0(i);
    if ((i & 3) == 1 && funct == 4)
        step.rd = 8 + (i >> 7 & 7);
    if ((i & 3) == 1 && funct == 5)
        step = (struct step){STEP_JUMP, 0, 0, offset_cj(i), false};
    if ((i & 3) == 1 && funct >= 6)
        step = (struct step){STEP_JUMP, 0, 0, offset_cb(i), true};
    if ((i & 3) == 2 && funct == 4 && !(i >> 2 & 31))
        step.kind = STEP_LEAVES; /* c.jr, c.jalr, c.ebreak */
    if ((i & 3) == 2 && funct >= 5)
        step.rd = 0; /* stores by sp */
    if ((i & 3) == 2 && (funct == 2 || funct == 3))
        step.kind = STEP_LEAVES; /* loads by sp: not a lock */
    return step;
}

/* The reads of a loop that were found so far. */
struct reads {
    unsigned count;
    bool atomic;
    unsigned base;
    int64_t offset;
};

static void take_read(struct reads *reads, const struct step *step)
{
    bool atomic = step->kind == STEP_ATOMIC;

    if (reads->atomic && !atomic)
        return;
    if (atomic && !reads->atomic)
        reads->count = 0;
    reads->atomic = atomic;
    if (reads->count && reads->base == step->base &&
        reads->offset == step->offset)
        return;
    reads->count++;
    reads->base = step->base;
    reads->offset = step->offset;
}

bool polling_find(polling_read_fn *read, void *arg, uint64_t pc,
                  const uint64_t x[32], uint64_t *va)
{
    struct reads reads = {0};
    uint32_t written = 0, insn;
    uint64_t at = pc;

    for (unsigned i = 0; i < LOOP_MAX; i++) {
        unsigned length = read(arg, at, &insn);
        struct step step;

        if (!length)
            return false;
        step = length == 4 ? read_long(insn) : read_short(insn);
        if (step.kind == STEP_LEAVES)
            return false;
        if (step.kind == STEP_LOAD || step.kind == STEP_ATOMIC)
            take_read(&reads, &step);
        written |= UINT32_C(1) << step.rd;
        if (step.kind == STEP_JUMP && (!step.if_back || step.offset <= 0))
            at += (uint64_t)step.offset;
        else
            at += length;
        if (at != pc)
            continue;
        *va = x[reads.base] + (uint64_t)reads.offset;
        return reads.count == 1 && reads.base && !(written >> reads.base & 1);
    }
    return false;
}
