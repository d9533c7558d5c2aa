/*
 * Who called whom; see backtrace.h.
 *
 * How far the current function has come decides where its caller is: before its
 * frame is made, and in one that makes none, the caller's return address is in
 * ra, and s0 is the caller's. A trap vector that calls its handler has saved
 * ra, and either sp is the address of that (xv6) or pc comes first and ra
 * second (struct pt_regs); it counts if the call in front of it calls the
 * function that trapped, or, where that is none, by a pointer.
 */
#include "cli/backtrace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CSR_SATP 0x180
#define CSR_STVEC 0x105
#define CSR_MTVEC 0x305
#define SATP_PPN ((UINT64_C(1) << 44) - 1)
#define PTE_U 0x10
#define PRIV_U 0
#define PRIV_M 3
#define REG_RA 1
#define REG_FP 8
#define PROLOGUE_MAX 64 /* bytes within which a function makes its frame */
#define FRAMES_MAX 100000

/* The stack that is being followed. */
struct stack {
    const struct scene *scene;
    uint64_t satp; /* 0: addresses are physical */
    uint64_t root; /* for names */
};

uint64_t place_root(unsigned priv, uint64_t satp)
{
    return priv == PRIV_U ? satp & SATP_PPN : 0;
}

static void name_function(const struct scene *s, uint64_t root, uint64_t pc,
                          char out[PLACE_MAX])
{
    out[0] = '\0';
    s->names->name_function(s->names->arg, root, pc, out, PLACE_MAX / 2);
}

void place_text(const struct scene *s, uint64_t root, uint64_t pc,
                char out[PLACE_MAX])
{
    char function[PLACE_MAX], line[PLACE_MAX / 2 - 8];
    bool has_line =
        s->names->name_line(s->names->arg, root, pc, line, sizeof(line));

    name_function(s, root, pc, function);
    if (function[0] && has_line)
        snprintf(out, PLACE_MAX, "%.60s (%s)", function, line);
    else if (function[0] || has_line)
        snprintf(out, PLACE_MAX, "%s", has_line ? line : function);
    else
        snprintf(out, PLACE_MAX, "0x%" PRIx64, pc);
}

static bool is_in_one(const struct stack *s, uint64_t a, uint64_t b)
{
    char first[PLACE_MAX], second[PLACE_MAX];

    name_function(s->scene, s->root, a, first);
    name_function(s->scene, s->root, b, second);
    return first[0] && !strcmp(first, second);
}

bool place_is_shared(const struct scene *scene, uint64_t a, uint64_t b)
{
    const struct stack kernel = {.scene = scene};

    return is_in_one(&kernel, a, b);
}

static bool read_memory(const struct stack *s, uint64_t va, void *out,
                        unsigned size)
{
    uint64_t pa;

    return va % size == 0 &&
           rvemu_translate(s->scene->machine, s->satp, va, &pa) == 0 &&
           rvemu_read_ram(s->scene->machine, pa, out, size) == 0;
}

static bool read_half(const struct stack *s, uint64_t va, uint32_t *half)
{
    uint8_t bytes[2];

    if (!read_memory(s, va, bytes, 2))
        return false;
    *half = (uint32_t)(bytes[0] | bytes[1] << 8);
    return true;
}

static bool read_word(const struct stack *s, uint64_t va, uint64_t *word)
{
    uint8_t bytes[8];

    if (!read_memory(s, va, bytes, 8))
        return false;
    *word = scene_word(bytes);
    return true;
}

uint64_t scene_word(const uint8_t bytes[8])
{
    uint64_t word = 0;

    for (unsigned i = 0; i < 8; i++)
        word |= (uint64_t)bytes[i] << 8 * i;
    return word;
}

/* An instruction, and its length in bytes; 0: it cannot be read. */
static unsigned read_insn(const struct stack *s, uint64_t va, uint32_t *insn)
{
    uint32_t high;

    if (!read_half(s, va, insn))
        return 0;
    if ((*insn & 3) != 3)
        return 2;
    if (!read_half(s, va + 2, &high))
        return 0;
    *insn |= high << 16;
    return 4;
}

unsigned scene_insn(const struct scene *scene, uint64_t satp, uint64_t pc,
                    uint32_t *insn)
{
    const struct stack s = {.scene = scene, .satp = satp};

    return read_insn(&s, pc, insn);
}

static uint64_t jal_target(uint64_t pc, uint32_t insn)
{
    uint32_t offset = (insn >> 20 & 0x7fe) | (insn >> 9 & 0x800) |
                      (insn & 0xff000) | (insn >> 31 << 20);

    return pc + (uint64_t)((int64_t)((uint64_t)offset << 43) >> 43);
}

/* auipc ra and jalr ra, a far call. */
static uint64_t far_target(const struct stack *s, uint64_t pc, uint32_t jalr)
{
    uint32_t auipc;

    if (read_insn(s, pc - 4, &auipc) != 4 || (auipc & 0x7f) != 0x17 ||
        (auipc >> 7 & 31) != (jalr >> 15 & 31))
        return 0;
    return pc - 4 + (uint64_t)(int64_t)(int32_t)(auipc & 0xfffff000) +
           (uint64_t)(int64_t)((int32_t)jalr >> 20);
}

/* Whether code of the stack's kind may lie there: U-mode executes only pages
 * with U=1, and S-mode none of them. */
static bool is_code(const struct stack *s, uint64_t pc)
{
    struct rvemu_walk walk;

    rvemu_walk(s->scene->machine, s->satp, pc, &walk);
    if (!walk.is_mapped)
        return walk.is_off;
    return !(walk.entry[walk.count - 1].pte & PTE_U) == !s->root;
}

/* Finds the call in front of a return address, and the address that it calls,
 * 0 where that is not known. */
static bool find_call(const struct stack *s, uint64_t ra, uint64_t *call,
                      uint64_t *target)
{
    uint32_t insn;

    *target = 0;
    *call = ra - 4;
    if (!is_code(s, ra - 2))
        return false;
    if (read_insn(s, *call, &insn) == 4 && (insn >> 7 & 31) == REG_RA) {
        if ((insn & 0x7f) == 0x6f)
            *target = jal_target(*call, insn);
        else if ((insn & 0x707f) == 0x67)
            *target = far_target(s, *call, insn);
        if ((insn & 0x7f) == 0x6f || (insn & 0x707f) == 0x67)
            return true;
    }
    *call = ra - 2;
    return read_insn(s, *call, &insn) == 2 && (insn & 0xf07f) == 0x9002 &&
           insn >> 7 & 31;
}

/* Whether ra is where a call of the function at pc returns to. */
static bool is_return(const struct stack *s, uint64_t ra, uint64_t pc,
                      bool *certain)
{
    uint64_t call, target;

    if (!find_call(s, ra, &call, &target))
        return false;
    *certain = target && is_in_one(s, target, pc);
    return *certain || !target;
}

enum frame_state { FRAME_MADE, FRAME_TO_COME, FRAME_NONE };

static bool makes_frame(uint32_t insn, unsigned length)
{
    if (length == 4)
        return (insn & 0xfffff) == 0x10413; /* addi s0, sp, N */
    return (insn & 0xe01f) == 0;            /* c.addi4spn s0, N */
}

static uint64_t start_of(const struct stack *s, uint64_t pc)
{
    uint64_t start = pc;

    while (pc - start < PROLOGUE_MAX && is_in_one(s, start - 2, pc))
        start -= 2;
    return start;
}

/* Whether the function at pc has its own frame by then. */
static enum frame_state state_at(const struct stack *s, uint64_t pc)
{
    uint64_t start = start_of(s, pc), at = start;
    unsigned length;
    uint32_t insn;

    if (!is_in_one(s, pc, pc))
        return FRAME_NONE;
    if (pc - start >= PROLOGUE_MAX)
        return FRAME_MADE;
    while (at - start < PROLOGUE_MAX && is_in_one(s, at, pc) &&
           (length = read_insn(s, at, &insn))) {
        if (insn && makes_frame(insn, length))
            return at < pc ? FRAME_MADE : FRAME_TO_COME;
        at += length;
    }
    return FRAME_NONE;
}

static bool add(struct backtrace *t, const struct stack *s, uint64_t pc,
                const struct recent_trap *trap, bool is_guess)
{
    if (t->count == BACKTRACE_MAX)
        return t->more++ < FRAMES_MAX;
    t->frame[t->count++] =
        (struct backtrace_frame){pc, s->root, trap, is_guess};
    return true;
}

/* A return address and the frame that it returns to. */
struct link {
    uint64_t ra, fp;
    bool is_guess;
};

/* Whether there is a frame at fp: its return address is one. */
static bool read_frame(const struct stack *s, uint64_t fp, struct link *link)
{
    uint64_t call, target;

    return read_word(s, fp - 8, &link->ra) &&
           read_word(s, fp - 16, &link->fp) &&
           find_call(s, link->ra, &call, &target);
}

/* The frame behind the one at fp, whose caller is not known: maybe it is left
 * out. One that calls none has saved the caller's fp alone. */
static bool guess_frame(const struct stack *s, uint64_t fp, struct link *link)
{
    uint64_t below;

    link->is_guess = true;
    return read_frame(s, fp, link) ||
           (read_word(s, fp - 8, &below) && read_frame(s, below, link));
}

/* The way out of the function at pc, whose registers are ra (0: not known) and
 * fp. */
static bool leave(const struct stack *s, uint64_t pc, uint64_t ra, uint64_t fp,
                  struct link *link)
{
    bool is_made = state_at(s, pc) == FRAME_MADE, certain;
    uint64_t below = fp;

    link->is_guess = false;
    if (is_made && read_frame(s, fp, link))
        return true;
    if (!ra || !is_return(s, ra, pc, &certain))
        return guess_frame(s, fp, link);
    if (is_made && !read_word(s, fp - 8, &below))
        return false;
    *link = (struct link){ra, below, !certain};
    return true;
}

/* ra as the vector that called the handler has saved it; fp is the handler's,
 * which is what sp was when it was called. */
static uint64_t saved_ra(const struct stack *s, uint64_t fp, uint64_t pc)
{
    for (unsigned i = 0; i < 2; i++) {
        uint64_t ra;
        bool certain;

        if (read_word(s, fp + 8 * i, &ra) && is_return(s, ra, pc, &certain) &&
            (certain || !is_in_one(s, pc, pc)))
            return ra;
    }
    return 0;
}

/* Where traps go to, of a hart. */
static bool is_in_vector(const struct stack *s, unsigned hart, uint64_t pc)
{
    static const unsigned vectors[] = {CSR_STVEC, CSR_MTVEC};
    uint64_t base;

    for (unsigned i = 0; i < 2; i++) {
        if (rvemu_csr(s->scene->machine, hart, vectors[i], &base) < 0)
            continue;
        base &= ~UINT64_C(3);
        if (pc == base || (base && is_in_one(s, base, pc)))
            return true;
    }
    return false;
}

/* Follows calls from pc on until something stops it: there is no frame, or one
 * that does not lie above the last, or the trap vector was reached. link holds
 * ra (0: not known) and fp; then those that the last frame has saved, or that
 * the vector has left alone. */
static bool follow(struct backtrace *t, const struct stack *s, uint64_t pc,
                   unsigned hart, struct link *link, uint64_t *handler_fp)
{
    uint64_t call, target, fp = link->fp, ra = link->ra;

    while (leave(s, pc, ra, fp, link) &&
           find_call(s, link->ra, &call, &target) &&
           add(t, s, call, NULL, link->is_guess)) {
        *handler_fp = fp;
        if (!s->root && is_in_vector(s, hart, call)) {
            link->ra = 0;
            return true;
        }
        if (link->fp < fp || (link->fp == fp && !ra))
            break;
        pc = call;
        fp = link->fp;
        ra = 0;
    }
    t->is_cut =
        !s->root && is_in_one(s, pc, pc) && state_at(s, pc) == FRAME_NONE;
    if (!read_word(s, fp - 8, &link->ra) || !read_word(s, fp - 16, &link->fp))
        link->ra = link->fp = 0;
    return false;
}

/* The code and the stack of what trapped. */
static struct stack stack_of(const struct scene *scene,
                             const struct recent_trap *trap)
{
    return (struct stack){
        .scene = scene,
        .satp = trap->satp,
        .root = place_root(trap->priv, trap->satp),
    };
}

/* The frames of the program that trapped. */
static void follow_program(struct backtrace *t, const struct scene *scene,
                           const struct recent_trap *trap, struct link *link)
{
    const struct stack s = stack_of(scene, trap);
    uint64_t ignored;

    add(t, &s, trap->pc, trap, false);
    follow(t, &s, trap->pc, 0, link, &ignored);
}

/* Whether the kernel's stack ends where the program has trapped: with what it
 * found in the program's registers. It might be another stack. */
static bool is_of_program(const struct scene *scene,
                          const struct recent_trap *trap,
                          const struct link *link)
{
    const struct stack s = stack_of(scene, trap);

    return is_code(&s, link->ra) || is_code(&s, link->fp);
}

/* The frames of the kernel, through the traps that it took itself. Returns how
 * many traps are left; *at_entry: its stack has led to the vector by which a
 * program came in. */
static unsigned follow_kernel(struct backtrace *t, const struct stack *s,
                              unsigned hart, const struct recent_traps *traps,
                              struct link *link, bool *at_entry)
{
    unsigned left = traps->count;
    uint64_t pc = rvemu_pc(s->scene->machine, hart), handler_fp = 0;
    bool in_vector = is_in_vector(s, hart, pc);

    if (!in_vector || !left || traps->trap[left - 1].pc != pc)
        add(t, s, pc, NULL, false);
    while (in_vector || follow(t, s, pc, hart, link, &handler_fp)) {
        const struct recent_trap *trap = &traps->trap[left - 1];

        *at_entry = left && trap->priv == PRIV_U;
        if (!left || *at_entry)
            break;
        pc = trap->pc;
        if (!in_vector)
            link->ra = saved_ra(s, handler_fp, pc);
        add(t, s, pc, trap, false);
        in_vector = is_in_vector(s, hart, pc);
        left--;
    }
    return left;
}

void backtrace_take(struct backtrace *t, const struct scene *scene,
                    unsigned hart, const struct recent_traps *traps)
{
    rvemu *m = scene->machine;
    unsigned priv = rvemu_priv(m, hart);
    struct stack s = {.scene = scene};
    bool at_entry = false;
    struct link link = {rvemu_x(m, hart, REG_RA), rvemu_x(m, hart, REG_FP),
                        false};

    t->count = 0;
    t->more = 0;
    t->is_cut = false;
    if (priv != PRIV_M)
        rvemu_csr(m, hart, CSR_SATP, &s.satp);
    s.root = place_root(priv, s.satp);
    if (priv == PRIV_U) {
        struct recent_trap now = {.pc = rvemu_pc(m, hart), .satp = s.satp};

        follow_program(t, scene, &now, &link);
        t->frame[0].trap = NULL;
    } else if (follow_kernel(t, &s, hart, traps, &link, &at_entry) &&
               traps->trap[0].priv == PRIV_U &&
               (at_entry || is_of_program(scene, &traps->trap[0], &link))) {
        follow_program(t, scene, &traps->trap[0], &link);
    }
}

bool backtrace_caller(const struct scene *scene, unsigned hart, uint64_t pc,
                      uint64_t *call)
{
    rvemu *m = scene->machine;
    struct stack s = {.scene = scene};
    struct link link;
    uint64_t target;

    if (rvemu_priv(m, hart) != PRIV_M)
        rvemu_csr(m, hart, CSR_SATP, &s.satp);
    return leave(&s, pc, rvemu_x(m, hart, REG_RA), rvemu_x(m, hart, REG_FP),
                 &link) &&
           !link.is_guess && find_call(&s, link.ra, call, &target);
}
