/*
 * What a trap is a sign of; see mortem_priv.h.
 *
 * The stack: a function first stores what it has to keep, and a trap vector
 * too, at an offset from sp. If that is refused, the instruction and tval say
 * what sp was. Pages that may be stored to follow soon above, if that was a
 * stack; or it was the same function that has spoilt the page table: then
 * the stack has run over that.
 *
 * A pointer of one byte over and over is no address of anything: memory looks
 * like that which a kernel fills when it frees or allocates it.
 *
 * A routine that copies or fills memory does what it is told: the place of
 * interest is its caller.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/mortem_priv.h"

#define PAGE 4096
#define REG_SP 2
#define PTE_V 0x01
#define PTE_W 0x04
#define PTE_U 0x10
#define STORE_ACCESS_FAULT 7
#define STORE_PAGE_FAULT 15
#define PPN_ADDRESS (((UINT64_C(1) << 44) - 1) << 12) /* of pte << 2 */
#define STACK_REACH 16 /* pages up to those of the stack */
#define OP_STORE 0x23
#define OP_STORE_FP 0x27
#define C_SWSP 6
#define BYTES_ALIKE 7 /* the upper ones; the lowest has an offset in it */

/* Whether the instruction stores relative to sp, and at which offset: S-type
 * with rs1 = x2, or c.fsdsp, c.swsp, c.sdsp. */
static bool find_offset(uint32_t insn, unsigned length, int64_t *offset)
{
    unsigned opcode = insn & 0x7f, funct3 = insn >> 13 & 7;

    if (length == 4) {
        *offset = (int64_t)((int32_t)insn >> 25) * 32 + (insn >> 7 & 31);
        return (opcode == OP_STORE || opcode == OP_STORE_FP) &&
               (insn >> 15 & 31) == REG_SP;
    }
    if (length != 2 || (insn & 3) != 2 || funct3 < 5)
        return false;
    *offset = funct3 == C_SWSP ? (insn >> 7 & 0x3c) | (insn >> 1 & 0xc0)
                               : (insn >> 7 & 0x38) | (insn >> 1 & 0x1c0);
    return true;
}

/* Whether the kernel may store to this page. */
static bool is_writable(const struct scene *scene, uint64_t satp, uint64_t va)
{
    struct rvemu_walk walk;

    rvemu_walk(scene->machine, satp, va, &walk);
    return walk.is_mapped &&
           (walk.entry[walk.count - 1].pte & (PTE_W | PTE_U)) == PTE_W;
}

/* The physical address of code: by the page tables, or what a TLB still has of
 * tables that are spoilt. */
static bool locate(const struct scene *scene, unsigned hart, uint64_t satp,
                   uint64_t va, uint64_t *pa)
{
    struct rvemu_tlb_entry entry;

    if (rvemu_translate(scene->machine, satp, va, pa) == 0)
        return true;
    if (!rvemu_tlb_find(scene->machine, hart, satp, va, &entry) ||
        !(entry.pte & PTE_V))
        return false;
    *pa =
        (entry.pte << 2 & PPN_ADDRESS & -entry.size) | (va & (entry.size - 1));
    return true;
}

/* Reads the instruction that trapped; returns its length, 0: it is not known.
 */
static unsigned read_insn(const struct scene *scene, unsigned hart,
                          const struct recent_trap *trap, uint32_t *insn)
{
    unsigned length = 0;
    uint8_t byte[2];
    uint64_t pa;

    *insn = 0;
    do {
        if (!locate(scene, hart, trap->satp, trap->pc + length, &pa) ||
            rvemu_read_ram(scene->machine, pa, byte, sizeof(byte)) < 0)
            return 0;
        *insn |= (uint32_t)(byte[0] | byte[1] << 8) << 8 * length;
        length += 2;
    } while (length == 2 && (*insn & 3) == 3);
    return length;
}

/* Whether the function that trapped is what changed the entry last that refused
 * it. */
static bool has_spoilt_table(const struct scene *scene,
                             const struct recent_trap *trap)
{
    struct recent_change change[RECENT_CHANGES];
    struct rvemu_walk walk;
    bool whole;

    rvemu_walk(scene->machine, trap->satp, trap->tval, &walk);
    return scene->recent && walk.count &&
           recent_changes(scene->recent, walk.entry[walk.count - 1].pa, change,
                          &whole) &&
           place_is_shared(scene, change[0].pc, trap->pc);
}

/* Finds what sp was if the trap is a store to the stack that was refused just
 * below it. */
static bool find_overflow(const struct scene *scene, unsigned hart,
                          const struct recent_trap *trap, uint64_t *sp)
{
    unsigned length;
    uint32_t insn;
    int64_t offset;

    if (trap->priv == PRIV_U ||
        (trap->cause != STORE_PAGE_FAULT && trap->cause != STORE_ACCESS_FAULT))
        return false;
    length = read_insn(scene, hart, trap, &insn);
    if (!find_offset(insn, length, &offset) ||
        is_writable(scene, trap->satp, trap->tval))
        return false;
    *sp = trap->tval - (uint64_t)offset;
    for (unsigned i = 1; i <= STACK_REACH; i++)
        if (is_writable(scene, trap->satp, trap->tval + i * PAGE))
            return true;
    return has_spoilt_table(scene, trap);
}

static bool is_filled(uint64_t pointer)
{
    uint8_t byte = (uint8_t)(pointer >> 56);

    for (unsigned i = 1; i < BYTES_ALIKE; i++)
        if ((uint8_t)(pointer >> (56 - 8 * i)) != byte)
            return false;
    return byte != 0 && byte != 0xff;
}

void mortem_say_filled(struct mortem *report, const struct recent_trap *trap)
{
    if (is_filled(trap->tval))
        mortem_say(report,
                   "  each byte of that address is 0x%02x: a pointer from "
                   "memory that was filled with it, as when it was freed",
                   (unsigned)(trap->tval >> 56));
}

bool mortem_say_overflow(struct mortem *report, const struct scene *scene,
                         unsigned hart, const struct recent_traps *traps,
                         unsigned at)
{
    const struct recent_trap *trap = &traps->trap[at];
    uint64_t sp, pa;

    for (; at < traps->count; at++) {
        if (!find_overflow(scene, hart, &traps->trap[at], &sp))
            continue;
        mortem_say(report, "the stack has overflowed: sp was 0x%" PRIx64 ", %s",
                   sp,
                   rvemu_translate(scene->machine, trap->satp, sp, &pa) < 0
                       ? "where nothing is mapped"
                       : "which is no stack any more");
        return true;
    }
    return false;
}

static bool is_bulk(const struct scene *scene,
                    const struct backtrace_frame *frame)
{
    static const char *const names[] = {
        "memmove",   "memcpy",    "memset",    "memcmp",     "bcopy",
        "bzero",     "strcpy",    "strncpy",   "strlcpy",    "safestrcpy",
        "page_copy", "page_zero", "copy_page", "clear_page",
    };
    char place[PLACE_MAX];

    place_text(scene, frame->root, frame->pc, place);
    place[strcspn(place, " ")] = '\0';
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(place, names[i]))
            return true;
    return false;
}

const struct backtrace_frame *mortem_caller(const struct scene *scene,
                                            const struct backtrace *trace,
                                            const struct recent_trap *trap)
{
    unsigned at = 0;

    while (at < trace->count && trace->frame[at].trap != trap)
        at++;
    if (at == trace->count || !is_bulk(scene, &trace->frame[at]))
        return NULL;
    while (++at < trace->count && !trace->frame[at].is_guess &&
           !trace->frame[at].trap)
        if (!is_bulk(scene, &trace->frame[at]))
            return &trace->frame[at];
    return NULL;
}
