/*
 * Bodies of the integer instructions: RV64I and M.
 *
 * One body an op of rv64.def, named exec_<op>; see hart.h for what they
 * return and for x[0]. An immediate that counts from pc already counts from
 * the start of the page (code/form.h).
 *
 * Unprivileged spec: "RV32I", "RV64I", "M Extension".
 */
#ifndef HART_INTERP_EXEC_INT_H
#define HART_INTERP_EXEC_INT_H

#include "base/bits.h"
#include "hart/state/hart.h"

#define RS1 (h->s.x[in->rs1])
#define RS2 (h->s.x[in->rs2])
#define IMM ((u64)(i64)in->imm)

/* A body that computes rd from its operands and can do nothing else. */
#define BODY_RD(op, value)                                              \
    static inline bool exec_##op(struct hart *h, const struct insn *in) \
    {                                                                   \
        h->s.x[in->rd] = (value);                                       \
        return true;                                                    \
    }

BODY_RD(lui, IMM)
BODY_RD(auipc, h->s.page_va + IMM)
BODY_RD(addi, RS1 + IMM)
BODY_RD(slti, (i64)RS1 < (i64)IMM)
BODY_RD(sltiu, RS1 < IMM)
BODY_RD(xori, RS1 ^ IMM)
BODY_RD(ori, RS1 | IMM)
BODY_RD(andi, (RS1 & IMM))
BODY_RD(slli, RS1 << IMM)
BODY_RD(srli, RS1 >> IMM)
BODY_RD(srai, (u64)((i64)RS1 >> IMM))
BODY_RD(add, RS1 + RS2)
BODY_RD(sub, RS1 - RS2)
BODY_RD(sll, RS1 << (RS2 & 63))
BODY_RD(slt, (i64)RS1 < (i64)RS2)
BODY_RD(sltu, RS1 < RS2)
BODY_RD(xor, RS1 ^ RS2)
BODY_RD(srl, RS1 >> (RS2 & 63))
BODY_RD(sra, (u64)((i64)RS1 >> (RS2 & 63)))
BODY_RD(or, RS1 | RS2)
BODY_RD(and, (RS1 & RS2))
BODY_RD(addiw, sext32(RS1 + IMM))
BODY_RD(slliw, sext32(RS1 << IMM))
BODY_RD(srliw, sext32((u32)RS1 >> IMM))
BODY_RD(sraiw, (u64)(i64)((i32)RS1 >> IMM))
BODY_RD(addw, sext32(RS1 + RS2))
BODY_RD(subw, sext32(RS1 - RS2))
BODY_RD(sllw, sext32(RS1 << (RS2 & 31)))
BODY_RD(srlw, sext32((u32)RS1 >> (RS2 & 31)))
BODY_RD(sraw, (u64)(i64)((i32)RS1 >> (RS2 & 31)))

#define SIGNED(value) ((i128)(i64)(value))

/* The upper half of a product. */
static inline u64 high(i128 a, i128 b)
{
    return (u64)(a * b >> 64);
}

BODY_RD(mul, (RS1 * RS2))
BODY_RD(mulh, high(SIGNED(RS1), SIGNED(RS2)))
BODY_RD(mulhsu, high(SIGNED(RS1), (i128)RS2))
BODY_RD(mulhu, (u64)(((u128)RS1 * RS2) >> 64))
BODY_RD(mulw, sext32(RS1 *RS2))

/* Division by zero and overflow have results, not traps ("M Extension",
 * table of division semantics). */
static inline u64 divide(i64 a, i64 b)
{
    if (b == 0)
        return ~0ull;
    return b == -1 ? 0 - (u64)a : (u64)(a / b);
}

static inline u64 remainder_of(i64 a, i64 b)
{
    if (b == 0)
        return (u64)a;
    return b == -1 ? 0 : (u64)(a % b);
}

BODY_RD(div, divide((i64)RS1, (i64)RS2))
BODY_RD(divu, RS2 ? RS1 / RS2 : ~0ull)
BODY_RD(rem, remainder_of((i64)RS1, (i64)RS2))
BODY_RD(remu, RS2 ? RS1 % RS2 : RS1)
BODY_RD(divw, sext32(divide((i32)RS1, (i32)RS2)))
BODY_RD(divuw, (u32)RS2 ? sext32((u32)RS1 / (u32)RS2) : ~0ull)
BODY_RD(remw, sext32(remainder_of((i32)RS1, (i32)RS2)))
BODY_RD(remuw, sext32((u32)RS2 ? (u32)RS1 % (u32)RS2 : (u32)RS1))

/* The address behind the instruction. */
static inline u64 next_pc(const struct hart *h, const struct insn *in)
{
    return h->s.page_va + in->off + in->len;
}

/* The way to the target is the interpreter's. */
static inline bool exec_jal(struct hart *h, const struct insn *in)
{
    h->s.x[in->rd] = next_pc(h, in);
    return true;
}

static inline bool exec_jalr(struct hart *h, const struct insn *in)
{
    u64 target = (RS1 + IMM) & ~1ull;

    h->s.x[in->rd] = next_pc(h, in);
    h->s.pc = target;
    return true;
}

/* A conditional branch only says whether it is taken. */
#define BODY_BRANCH(op, condition)                                      \
    static inline bool exec_##op(struct hart *h, const struct insn *in) \
    {                                                                   \
        return (condition);                                             \
    }

BODY_BRANCH(beq, RS1 == RS2)
BODY_BRANCH(bne, RS1 != RS2)
BODY_BRANCH(blt, (i64)RS1 < (i64)RS2)
BODY_BRANCH(bge, (i64)RS1 >= (i64)RS2)
BODY_BRANCH(bltu, RS1 < RS2)
BODY_BRANCH(bgeu, RS1 >= RS2)

/* Whether the jump or branch is taken, by its raw bits. */
static inline bool is_taken(const struct hart *h, const struct insn *in)
{
    if (in->raw & 4) /* jal, jalr */
        return true;
    switch (in->raw >> 12 & 7) {
    case 0: return RS1 == RS2;
    case 1: return RS1 != RS2;
    case 4: return (i64)RS1 < (i64)RS2;
    case 5: return (i64)RS1 >= (i64)RS2;
    case 6: return RS1 < RS2;
    default: return RS1 >= RS2;
    }
}

/* A jump of a hart without C (code/form.h): one to a misaligned target is not
 * made, and rd stays as it was. Of jal and branches only those get here. */
static inline bool exec_aligned_jump(struct hart *h, const struct insn *in)
{
    bool computed = (in->raw & 0x7f) == 0x67; /* jalr */
    u64 target = computed ? (RS1 + IMM) & ~1ull : h->s.page_va + IMM;

    h->s.pc = next_pc(h, in);
    if (!is_taken(h, in))
        return true;
    if (target & 2)
        return hart_raise(h, CAUSE_FETCH_MISALIGNED, target);
    h->s.x[in->rd] = h->s.pc;
    h->s.pc = target;
    return true;
}

#endif
