/*
 * Suspect TLB entries; see suspects.h.
 *
 * What was a page table becomes a page of data, and must not be slow for ever.
 * As soon as no walk that is left can have come by the frame, it is let go.
 * Otherwise looking whether a walk needs it takes a look at all walks, and is
 * done when PATIENCE stores in a row to this frame were to no entry of a walk.
 * It is let go even if a walk has come by, where what it found is gone: then it
 * stays unknown what is stored there later, and the TLB entry stays suspect.
 */
#include "hart/mmu/suspects.h"

#include <stdlib.h>
#include <string.h>

#include "base/sparse.h"
#include "hart/mmu/arrays.h"
#include "isa/pte.h"

#define PATIENCE 32
#define ASIDS 256 /* of which the root is remembered; a power of two */

struct suspects {
    const struct siblings *all;
    u64 *satp; /* what was in satp last, by hart and the ASID's lower bits */
    u8 *vain;  /* by frame: such stores in a row; NULL: nobody listens */

    /* Between suspects_take() and suspects_give(), by hart. */
    struct tlb_walks *walks[HART_SIBLINGS_MAX];
    bool doubts_fetch[HART_SIBLINGS_MAX];
};

struct suspects *suspects_new(const struct siblings *all)
{
    struct suspects *suspects = calloc(1, sizeof(*suspects));

    if (suspects)
        suspects->all = all;
    return suspects;
}

void suspects_free(struct suspects *suspects)
{
    if (!suspects)
        return;
    for (unsigned i = 0; i < HART_SIBLINGS_MAX; i++)
        tlb_free_walks(suspects->walks[i]);
    free(suspects->vain);
    free(suspects->satp);
    free(suspects);
}

static void stop(struct suspects *suspects)
{
    const struct siblings *all = suspects->all;
    const struct ram *ram = &all->bus->ram;

    for (unsigned i = 0; i < all->count; i++)
        tlb_keep_walks(&all->hart[i]->tlb, false);
    for (u64 i = 0; i < ram->size >> PAGE_SHIFT; i++)
        ram->frame_flags[i] &= (u8)~FRAME_WALKED;
    free(suspects->vain);
    free(suspects->satp);
    suspects->vain = NULL;
    suspects->satp = NULL;
}

void suspects_watch(struct suspects *suspects, bool on)
{
    const struct siblings *all = suspects->all;

    if (on == (suspects->vain != NULL))
        return;
    stop(suspects);
    if (on) {
        suspects->vain = calloc(all->bus->ram.size >> PAGE_SHIFT, 1);
        suspects->satp = calloc(all->count * ASIDS, sizeof(u64));
    }
    if (on && !suspects->satp)
        stop(suspects);
    for (unsigned i = 0; suspects->vain && i < all->count; i++)
        if (tlb_keep_walks(&all->hart[i]->tlb, true) < 0)
            stop(suspects);
}

/* How many stores in a row to the frame of pa no TLB entry had to do with. */
static u8 *vain_stores(const struct siblings *all, u64 pa)
{
    return &all->suspects->vain[(pa - all->bus->ram.base) >> PAGE_SHIFT];
}

/* Whether the hart fetches from a page that this entry translates. */
static bool fetches_by(const struct hart *h, const struct tlb_entry *entry)
{
    u64 satp = h->s.csr.satp;

    return h->c.code && h->s.priv != PRIV_M &&
           satp_mode(satp) != SATP_MODE_BARE &&
           h->s.page_va - entry->va < tlb_entry_size(entry) &&
           (entry->global || entry->asid == satp_asid(satp));
}

static u64 load_pte(const struct ram *ram, u64 pa)
{
    u64 pte;

    memcpy(&pte, ram_host(ram, pa), sizeof(pte));
    return pte;
}

/* Compares a walk with memory, from the root down. */
static void compare(const struct ram *ram, const struct tlb_walk *walk,
                    struct tlb_doubt *doubt)
{
    unsigned i = 0;

    while (i < walk->count &&
           !pte_differs(walk->pte[i], load_pte(ram, walk->pte_pa[i])))
        i++;
    doubt->at = (u8)(i < walk->count ? i : WALK_WHOLE);
    doubt->suspect = doubt->at != WALK_WHOLE || doubt->foreign;
    doubt->reach = (u8)(i < walk->count ? i + 1u : walk->count);
}

static bool is_watched(const struct tlb_walk *walk,
                       const struct tlb_doubt *doubt, u64 pa)
{
    for (unsigned i = 0; i < doubt->reach; i++)
        if (walk->pte_pa[i] == pa)
            return true;
    return false;
}

/* An entry's walk came by the page-table entry at pa, which has changed; taken
 * says whether something was taken by that. Whether memory has to do with it.
 */
static bool doubt_entry(const struct siblings *all, struct hart *h,
                        const struct tlb_entry *entry, u64 pa, bool taken)
{
    const struct tlb_walk *walk = tlb_walk(&h->tlb, entry);
    struct tlb_doubt *doubt = tlb_doubt(&h->tlb, entry);
    const struct tlb_doubt before = *doubt;

    if (!is_watched(walk, doubt, pa))
        return false;
    compare(&all->bus->ram, walk, doubt);
    if (taken || doubt->at != before.at) {
        doubt->told = 0;
        doubt->since = clock_now(all->clock);
    }
    suspects_watch_walk(all, walk, doubt->reach);
    if (!doubt->suspect)
        return true;
    contexts_drop(&h->c.contexts, tlb_index(&h->tlb, entry));
    if (fetches_by(h, entry)) {
        h->c.doubts_fetch = true;
        h->c.attention = true;
    }
    return true;
}

/* The page-table entry at pa has changed. Whether it has to do with any entry
 * of the hart's TLB. */
static bool doubt_hart(const struct siblings *all, struct hart *h, u64 pa,
                       bool taken)
{
    struct walk_cursor cursor;
    bool any = false;

    for (struct tlb_entry *entry = tlb_first_from(&h->tlb, pa, &cursor); entry;
         entry = tlb_next_from(&h->tlb, &cursor))
        any |= doubt_entry(all, h, entry, pa, taken);
    return any;
}

void suspects_judge_root(const struct siblings *all, struct hart *h,
                         const struct tlb_entry *entry)
{
    const struct tlb_walk *walk = tlb_walk(&h->tlb, entry);
    u64 root = satp_root(h->s.csr.satp);
    struct tlb_doubt *doubt;
    u8 foreign;

    if (!walk || entry->global)
        return;
    foreign = align_down(walk->pte_pa[0], PAGE_SIZE) != root;
    doubt = tlb_doubt(&h->tlb, entry);
    if (foreign == doubt->foreign)
        return;
    doubt->foreign = foreign;
    doubt->suspect = foreign || doubt->at != WALK_WHOLE;
    if (!foreign)
        return;
    doubt->told = 0;
    doubt->foreign_since = clock_now(all->clock);
    contexts_drop(&h->c.contexts, tlb_index(&h->tlb, entry));
}

void suspects_satp(const struct siblings *all, struct hart *h, u64 satp)
{
    struct suspects *suspects = all->suspects;
    u16 asid = satp_asid(satp);
    u64 *last;

    if (!tlb_keeps_walks(&h->tlb) || satp_mode(satp) == SATP_MODE_BARE)
        return;
    last = &suspects->satp[h->w.id * ASIDS + asid % ASIDS];
    if (*last == satp)
        return;
    *last = satp;
    for (u32 i = 0;
         (i = tlb_next_live(&h->tlb, i, h->tlb.entries)) < h->tlb.entries;
         i++) {
        const struct tlb_entry *entry = &h->tlb.entry[i];

        if (entry->asid == asid)
            suspects_judge_root(all, h, entry);
    }
}

void suspects_watch_walk(const struct siblings *all,
                         const struct tlb_walk *walk, unsigned reach)
{
    const struct ram *ram = &all->bus->ram;

    for (unsigned i = 0; i < reach; i++) {
        u8 *flags = ram_frame_flags(ram, walk->pte_pa[i]);

        if (*flags & FRAME_WALKED)
            continue;
        *flags |= FRAME_WALKED;
        arrays_protect(all, walk->pte_pa[i]);
    }
}

static bool is_reached(const struct siblings *all, u64 pa)
{
    for (unsigned i = 0; i < all->count; i++)
        if (tlb_walks_reach(&all->hart[i]->tlb, pa))
            return true;
    return false;
}

/* Whether a walk needs the frame of pa. If not, none watches it any more. */
static bool is_needed(const struct siblings *all, u64 pa)
{
    if (!is_reached(all, pa))
        return false;
    for (unsigned i = 0; i < all->count; i++)
        if (tlb_walks_need(&all->hart[i]->tlb, pa))
            return true;
    for (unsigned i = 0; i < all->count; i++)
        tlb_walks_leave(&all->hart[i]->tlb, pa);
    return false;
}

void suspects_stored(const struct siblings *all, u64 pa, u64 old)
{
    u8 *vain = vain_stores(all, pa);
    u64 now = load_pte(&all->bus->ram, pa);
    bool any = false;

    if ((now ^ old) & ~(PTE_A | PTE_G | PTE_RSW))
        for (unsigned i = 0; i < all->count; i++)
            any |= doubt_hart(all, all->hart[i], pa, pte_differs(old, now));
    if (!any && is_reached(all, pa) && ++*vain < PATIENCE)
        return;
    *vain = 0;
    if (!any && !is_needed(all, pa))
        *ram_frame_flags(&all->bus->ram, pa) &= (u8)~FRAME_WALKED;
}

void suspects_take(struct suspects *suspects)
{
    const struct siblings *all = suspects->all;

    for (unsigned i = 0; i < all->count; i++) {
        suspects->walks[i] = tlb_take_walks(&all->hart[i]->tlb);
        suspects->doubts_fetch[i] = all->hart[i]->c.doubts_fetch;
    }
}

/* The small arrays are empty, and the flags of all frames are fresh. */
static void watch_walks(const struct siblings *all, const struct tlb *tlb)
{
    for (u32 i = 0; tlb_keeps_walks(tlb) && i < tlb->entries; i++) {
        const struct tlb_entry *entry = &tlb->entry[i];
        const struct tlb_walk *walk = tlb_walk(tlb, entry);

        if (walk)
            suspects_watch_walk(all, walk, tlb_doubt(tlb, entry)->reach);
    }
}

void suspects_give(struct suspects *suspects)
{
    const struct siblings *all = suspects->all;

    for (unsigned i = 0; i < all->count; i++) {
        struct hart *h = all->hart[i];

        tlb_give_walks(&h->tlb, suspects->walks[i]);
        suspects->walks[i] = NULL;
        h->c.doubts_fetch = suspects->doubts_fetch[i];
        watch_walks(all, &h->tlb);
    }
}

struct suspects_saved {
    struct tlb_walks *walks[HART_SIBLINGS_MAX];
    bool doubts_fetch[HART_SIBLINGS_MAX];
    struct sparse *satp, *vain;
};

static size_t satp_size(const struct suspects *suspects)
{
    return suspects->all->count * ASIDS * sizeof(u64);
}

static size_t vain_size(const struct suspects *suspects)
{
    return suspects->all->bus->ram.size >> PAGE_SHIFT;
}

void suspects_drop(struct suspects_saved *saved)
{
    if (!saved)
        return;
    for (unsigned i = 0; i < HART_SIBLINGS_MAX; i++)
        tlb_free_walks(saved->walks[i]);
    free(saved->satp);
    free(saved->vain);
    free(saved);
}

int suspects_save(const struct suspects *suspects,
                  struct suspects_saved **saved)
{
    const struct siblings *all = suspects->all;
    struct suspects_saved *s;
    bool whole = true;

    *saved = NULL;
    if (!suspects->vain)
        return 0;
    s = calloc(1, sizeof(*s));
    if (!s)
        return -1;
    s->satp = sparse_new(suspects->satp, satp_size(suspects));
    s->vain = sparse_new(suspects->vain, vain_size(suspects));
    for (unsigned i = 0; i < all->count; i++) {
        const struct hart *h = all->hart[i];

        s->walks[i] = tlb_copy_walks(&h->tlb, h->tlb.walks);
        s->doubts_fetch[i] = h->c.doubts_fetch;
        whole = whole && s->walks[i];
    }
    if (whole && s->satp && s->vain) {
        *saved = s;
        return 0;
    }
    suspects_drop(s);
    return -1;
}

/* What the hart's walks were then, or nothing. */
static void restore_walks(struct hart *h, const struct tlb_walks *walks)
{
    struct tlb_walks *copy = walks ? tlb_copy_walks(&h->tlb, walks) : NULL;

    if (!copy) {
        tlb_forget_walks(&h->tlb);
        return;
    }
    tlb_free_walks(tlb_take_walks(&h->tlb));
    tlb_give_walks(&h->tlb, copy);
}

void suspects_restore(struct suspects *suspects,
                      const struct suspects_saved *saved)
{
    const struct siblings *all = suspects->all;
    const struct ram *ram = &all->bus->ram;

    if (!suspects->vain)
        return;
    for (u64 i = 0; i < ram->size >> PAGE_SHIFT; i++)
        ram->frame_flags[i] &= (u8)~FRAME_WALKED;
    memset(suspects->satp, 0, satp_size(suspects));
    memset(suspects->vain, 0, vain_size(suspects));
    if (saved) {
        sparse_load(saved->satp, suspects->satp);
        sparse_load(saved->vain, suspects->vain);
    }
    for (unsigned i = 0; i < all->count; i++) {
        restore_walks(all->hart[i], saved ? saved->walks[i] : NULL);
        all->hart[i]->c.doubts_fetch = saved && saved->doubts_fetch[i];
        watch_walks(all, &all->hart[i]->tlb);
    }
}

u64 suspects_weight(const struct suspects *suspects,
                    const struct suspects_saved *saved)
{
    const struct siblings *all = suspects->all;
    u64 weight = 0;

    if (!saved)
        return 0;
    for (unsigned i = 0; i < all->count; i++)
        weight += tlb_walks_weight(&all->hart[i]->tlb);
    return weight + sizeof(*saved) + sparse_weight(saved->satp) +
           sparse_weight(saved->vain);
}
