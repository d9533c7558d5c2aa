/* The walk cache; see pointers.h. */
#include "hart/mmu/pointers.h"

#include "hart/mmu/suspects.h"
#include "isa/pte.h"

/* Of a pointer that was there before anyone asked, no walk is known, nor of
 * what is found from there. */
static void remember_way(const struct hart *h, const struct tlb_entry *pointer,
                         struct pointers_way *way)
{
    const struct tlb_walk *walk = pointer ? tlb_walk(&h->tlb, pointer) : NULL;

    way->walk.count = 0;
    way->doubt = (struct tlb_doubt){0};
    way->known = !pointer || walk;
    if (!walk)
        return;
    way->walk = *walk;
    way->doubt = *tlb_doubt(&h->tlb, pointer);
    way->doubt.told = 0;
}

void pointers_begin(struct hart *h, u64 va, struct pointers_place *place,
                    struct pointers_way *way)
{
    u64 satp = h->s.csr.satp;
    struct tlb_entry *pointer =
        tlb_find_pointer(&h->tlb, va, satp_asid(satp), satp_levels(satp));

    if (pointer) {
        place->table = pte_target(pointer->pte);
        place->level = pointer->level;
        place->global = pointer->global;
    }
    if (!way)
        return;
    tlb_count_walk(&h->tlb, pointer);
    if (tlb_keeps_walks(&h->tlb))
        remember_way(h, pointer, way);
}

static void pass(struct pointers_way *way, u64 pte_pa, u64 pte)
{
    way->walk.pte_pa[way->walk.count] = pte_pa;
    way->walk.pte[way->walk.count] = pte;
    way->walk.count++;
}

/* The entry came by this way: what is known of that is known of it. */
static void note(struct hart *h, const struct tlb_entry *entry,
                 const struct pointers_way *way)
{
    if (!way->known)
        return;
    tlb_note_walk(&h->tlb, entry, &way->walk);
    if (way->doubt.suspect) {
        *tlb_doubt(&h->tlb, entry) = way->doubt;
        if (way->doubt.at == WALK_WHOLE)
            tlb_doubt(&h->tlb, entry)->reach = (u8)way->walk.count;
    }
    suspects_watch_walk(h->w.siblings, &way->walk,
                        tlb_doubt(&h->tlb, entry)->reach);
}

void pointers_keep(struct hart *h, u64 va, u64 pte_pa, u64 pte,
                   const struct pointers_place *place, struct pointers_way *way)
{
    unsigned shift = pte_shift(0, place->level);
    const struct tlb_entry entry = {
        .va = va & -(1ull << shift),
        .pte = pte,
        .pte_pa = pte_pa,
        .asid = satp_asid(h->s.csr.satp),
        .level = (u8)place->level,
        .shift = (u8)shift,
        .global = place->global,
        .pointer = 1,
    };
    struct tlb_entry evicted;
    const struct tlb_entry *kept =
        tlb_fill(&h->tlb, &h->c.contexts, &entry, NULL, &evicted);

    if (evicted.valid)
        tlb_count_walk_evicted(&h->tlb);
    if (!tlb_keeps_walks(&h->tlb))
        return;
    pass(way, pte_pa, pte);
    if (kept != &h->tlb.unkept)
        note(h, kept, way);
}

void pointers_end(struct hart *h, const struct tlb_entry *entry,
                  struct pointers_way *way)
{
    pass(way, entry->pte_pa, entry->pte);
    note(h, entry, way);
}
