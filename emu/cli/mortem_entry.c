/*
 * What the page table says of an address, and since when; see mortem_priv.h.
 *
 * The walk is that of memory as it is now, by the satp value that was in force
 * at the trap. Where the entry that decided has changed since, the report says
 * what it was.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/mortem_priv.h"
#include "cli/walk_words.h"

#define ENTRIES 512
#define TABLES_MAX 20000 /* looked through for one frame */
#define CHANGES_SAID 2

struct holder {
    uint64_t root, va;
};

/* Who maps a frame. */
struct search {
    const struct scene *scene;
    uint64_t ppn;
    unsigned tables; /* looked through */
    unsigned found;
    struct holder holder[3];
    uint64_t root; /* that is looked at */
};

/* ", outside RAM" of an entry that points there. */
static const char *place_of(const struct scene *scene, uint64_t pte)
{
    uint8_t byte;

    if (!(pte & PTE_V) || pte_flaw(pte) ||
        rvemu_read_ram(scene->machine, (pte & PTE_PPN) << 2, &byte, 1) == 0)
        return "";
    return ", outside RAM";
}

static enum rvemu_access access_of(uint64_t cause)
{
    if (cause == 1 || cause == 12)
        return RVEMU_ACCESS_FETCH;
    return cause == 5 || cause == 13 ? RVEMU_ACCESS_LOAD : RVEMU_ACCESS_STORE;
}

static bool is_page_fault(uint64_t cause)
{
    return cause == 12 || cause == 13 || cause == 15;
}

int mortem_reason(const struct scene *scene, unsigned hart,
                  const struct recent_trap *trap)
{
    struct rvemu_walk walk;
    uint64_t sstatus = 0;

    if (!is_page_fault(trap->cause))
        return -1;
    if (trap->has_fault)
        return (int)trap->fault.reason;
    rvemu_csr(scene->machine, hart, CSR_SSTATUS, &sstatus);
    rvemu_walk(scene->machine, trap->satp, trap->tval, &walk);
    return walk_judge(&walk, access_of(trap->cause), trap->priv, sstatus);
}

static const char *why_decides(const struct recent_trap *trap,
                               const struct rvemu_walk_entry *last, int reason)
{
    const char *flaw = NULL;

    if (reason < 0)
        return NULL;
    if (reason == RVEMU_REASON_RESERVED)
        flaw = pte_flaw(trap->has_fault ? trap->fault.pte : last->pte);
    return flaw ? flaw : walk_decides(reason);
}

static void say_last(struct mortem *report, const struct scene *scene,
                     const struct recent_trap *trap,
                     const struct rvemu_walk *walk, int reason)
{
    const struct rvemu_walk_entry *last = &walk->entry[walk->count - 1];
    const char *because = why_decides(trap, last, reason);
    char now[PTE_WORDS], then[PTE_WORDS];

    if (walk->is_outside)
        mortem_say(report, "  level %u: 0x%" PRIx64 " is not in RAM",
                   last->level, last->pa);
    else if (trap->has_fault && trap->fault.pte_pa != last->pa)
        mortem_say(report,
                   "  level %u: 0x%" PRIx64 " → %s by now; at the fault "
                   "0x%" PRIx64 " → %s decided: %s",
                   last->level, last->pa, pte_words(last->pte, now),
                   trap->fault.pte_pa, pte_words(trap->fault.pte, then),
                   because);
    else if (trap->has_fault && trap->fault.pte != last->pte)
        mortem_say(report,
                   "  level %u: 0x%" PRIx64 " → %s by now; at the fault "
                   "%s decided: %s",
                   last->level, last->pa, pte_words(last->pte, now),
                   pte_words(trap->fault.pte, then), because);
    else
        mortem_say(report, "  level %u: 0x%" PRIx64 " → %s%s%s%s", last->level,
                   last->pa, pte_words(last->pte, now),
                   place_of(scene, last->pte),
                   because ? ", which decides: " : "", because ? because : "");
}

static void say_walk(struct mortem *report, const struct scene *scene,
                     const struct recent_trap *trap,
                     const struct rvemu_walk *walk, int reason)
{
    char text[PTE_WORDS];

    mortem_say(report, "the page table for 0x%" PRIx64 ", satp 0x%016" PRIx64,
               trap->tval, trap->satp);
    for (unsigned i = 0; i + 1 < walk->count; i++)
        mortem_say(report, "  level %u: 0x%" PRIx64 " → %s, a pointer%s",
                   walk->entry[i].level, walk->entry[i].pa,
                   pte_words(walk->entry[i].pte, text),
                   place_of(scene, walk->entry[i].pte));
    if (walk->count)
        say_last(report, scene, trap, walk, reason);
}

/* What a store made of an entry: "W taken", "mapped", "unmapped", … */
static void say_difference(uint64_t old, uint64_t new, char *out, size_t size)
{
    static const char names[] = "VRWXUGAD";
    size_t used = 0;

    snprintf(out, size, "%s", pte_flaw(new) ? "made malformed" : "");
    if (*out)
        return;
    if (!(old & PTE_V) || !(new &PTE_V)) {
        snprintf(out, size, "%s",
                 new &PTE_V   ? "mapped"
                 : old &PTE_V ? "unmapped"
                              : "changed");
        return;
    }
    if ((old ^ new) & PTE_PPN)
        used = (size_t)snprintf(out, size, "another frame");
    for (unsigned bit = 1; bit < 8 && used + 16 < size; bit++)
        if ((old ^ new) >> bit & 1)
            used += (size_t)snprintf(out + used, size - used, "%s%c %s",
                                     used ? ", " : "", names[bit],
                                     new >> bit & 1 ? "given" : "taken");
    if (!used)
        snprintf(out, size, "changed");
}

static void say_change(struct mortem *report, const struct scene *scene,
                       const struct recent_change *change)
{
    char what[96], time[MORTEM_NUMBER], place[PLACE_MAX];
    char old[PTE_WORDS], new[PTE_WORDS];

    say_difference(change->old, change->new, what, sizeof(what));
    place_text(scene, 0, change->pc, place);
    mortem_say(report, "  %s at %s ns by hart %u, %s (%s → %s)", what,
               mortem_number(change->time, time), change->hart,
               change->origin == RVEMU_ORIGIN_HART
                   ? place
                   : rvemu_origin_name(change->origin),
               pte_words(change->old, old), pte_words(change->new, new));
}

static void say_changes(struct mortem *report, const struct scene *scene,
                        uint64_t pte_pa)
{
    struct recent_change change[RECENT_CHANGES];
    unsigned count;
    bool whole;

    if (!scene->recent)
        return;
    count = recent_changes(scene->recent, pte_pa, change, &whole);
    for (unsigned i = 0; i < count && i < CHANGES_SAID; i++)
        say_change(report, scene, &change[i]);
    if (!count && whole)
        mortem_say(report, "  that entry has not changed since its table "
                           "came into use");
}

/* The TLB beside the table, where they differ. */
static void say_tlb(struct mortem *report, const struct scene *scene,
                    unsigned hart, const struct recent_trap *trap,
                    const struct rvemu_walk_entry *last)
{
    const uint64_t matters = PTE_RIGHTS | PTE_PPN;
    struct rvemu_tlb_entry entry;
    char text[PTE_WORDS];

    if (!rvemu_tlb_find(scene->machine, hart, trap->satp, trap->tval, &entry) ||
        !((entry.pte ^ last->pte) & matters))
        return;
    mortem_say(report,
               "  the TLB of hart %u does not know: it still has %s, and goes "
               "by that until an sfence.vma",
               hart, pte_words(entry.pte, text));
}

static void take_leaf(struct search *s, uint64_t pte, unsigned level,
                      uint64_t va)
{
    uint64_t first = pte >> 10 & ((UINT64_C(1) << 44) - 1);

    if (!(pte & PTE_U) || s->ppn - first >= UINT64_C(1) << 9 * level)
        return;
    if (s->found < sizeof(s->holder) / sizeof(s->holder[0]))
        s->holder[s->found] =
            (struct holder){s->root, va + (s->ppn - first) * 4096};
    s->found++;
}

/* Looks through a table of this level, which begins at va, and those below. */
static void search_table(struct search *s, uint64_t pa, unsigned level,
                         uint64_t va)
{
    uint8_t table[ENTRIES * 8];

    if (s->tables == TABLES_MAX ||
        rvemu_read_ram(s->scene->machine, pa, table, sizeof(table)) < 0)
        return;
    s->tables++;
    for (unsigned i = 0; i < ENTRIES; i++) {
        uint64_t at = va + ((uint64_t)i << (12 + 9 * level));
        uint64_t pte = scene_word(&table[8 * i]);

        if (!(pte & PTE_V))
            continue;
        if (pte & (PTE_R | PTE_W | PTE_X))
            take_leaf(s, pte, level, at);
        else if (level)
            search_table(s, (pte & PTE_PPN) << 2, level - 1, at);
    }
}

static void name_holder(const struct search *s, unsigned i, uint64_t user_pc,
                        char *out, size_t size)
{
    const struct rvemu_names *names = s->scene->names;
    const struct holder *holder = &s->holder[i];
    char program[32] = "";

    if (user_pc)
        names->name_program(names->arg, holder->root, user_pc, program,
                            sizeof(program));
    snprintf(out, size, "%s%s%sroot #%" PRIx64 " at 0x%" PRIx64, i ? ", " : "",
             program, program[0] ? ", " : "", holder->root, holder->va);
}

/* Who maps the frame of the leaf, if more than one does. */
static void say_sharers(struct mortem *report, const struct scene *scene,
                        const struct recent_trap *trap,
                        const struct rvemu_walk_entry *leaf)
{
    struct search s = {
        .scene = scene,
        .ppn = (leaf->pte >> 10 & ((UINT64_C(1) << 44) - 1)) |
               (trap->tval >> 12 & ((UINT64_C(1) << 9 * leaf->level) - 1)),
    };
    unsigned levels = (unsigned)(trap->satp >> 60) - 5, roots = 0;
    const struct recent_root *root = NULL;
    char text[3 * 80] = "";

    if (scene->recent)
        roots = recent_roots(scene->recent, &root);
    for (unsigned i = 0; i < roots; i++) {
        unsigned before = s.found;

        s.root = root[i].ppn;
        search_table(&s, s.root << 12, levels - 1, 0);
        for (unsigned at = before; at < s.found && at < 3; at++)
            name_holder(&s, at, root[i].user_pc, text + strlen(text),
                        sizeof(text) - strlen(text));
    }
    if (s.found > 1)
        mortem_say(report, "  its frame #%" PRIx64 " is mapped %u times: %s%s",
                   s.ppn, s.found, text, s.found > 3 ? ", …" : "");
}

void mortem_say_entry(struct mortem *report, const struct scene *scene,
                      unsigned hart, const struct recent_trap *trap)
{
    int reason = mortem_reason(scene, hart, trap);
    const struct rvemu_walk_entry *last;
    struct rvemu_walk walk;

    rvemu_walk(scene->machine, trap->satp, trap->tval, &walk);
    if (walk.is_off || trap->cause > 15 ||
        !(0xb0a2 >> trap->cause & 1)) /* 1, 5, 7, 12, 13, 15 */
        return;
    say_walk(report, scene, trap, &walk, reason);
    if (!walk.count)
        return;
    last = &walk.entry[walk.count - 1];
    say_changes(report, scene, last->pa);
    say_tlb(report, scene, hart, trap, last);
    if (walk.is_mapped && last->pte & PTE_U)
        say_sharers(report, scene, trap, last);
}
