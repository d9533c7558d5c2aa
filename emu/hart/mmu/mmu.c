/* Address translation; see mmu.h. */
#include "hart/mmu/mmu.h"

#include <string.h>

#include "base/bits.h"
#include "hart/lookup/walks.h"
#include "hart/mmu/ahead.h"
#include "hart/mmu/pointers.h"
#include "hart/mmu/stores.h"
#include "hart/mmu/suspects.h"

#define REASON_NONE (-1)

/* One walk: what it was asked, and the entry it stands at. */
struct walk {
    u64 va;
    unsigned access;
    unsigned priv;
    unsigned level;
    u64 pte_pa; /* 0 until an entry was reached */
    u64 pte;
    unsigned loads; /* entries looked at */
    bool global;
    bool probe;   /* only asked for: nobody is told of a fault */
    bool memory;  /* goes by memory alone, not by pointers that are kept */
    bool invalid; /* the walk ended at V=0 */
    struct pointers_way *way; /* NULL: nothing is kept of the walk */
};

static const u8 page_cause[] = {
    [RVEMU_ACCESS_FETCH] = CAUSE_FETCH_PAGE,
    [RVEMU_ACCESS_LOAD] = CAUSE_LOAD_PAGE,
    [RVEMU_ACCESS_STORE] = CAUSE_STORE_PAGE,
    [RVEMU_ACCESS_CACHE] = CAUSE_STORE_PAGE,
};

static const u8 access_cause[] = {
    [RVEMU_ACCESS_FETCH] = CAUSE_FETCH_ACCESS,
    [RVEMU_ACCESS_LOAD] = CAUSE_LOAD_ACCESS,
    [RVEMU_ACCESS_STORE] = CAUSE_STORE_ACCESS,
    [RVEMU_ACCESS_CACHE] = CAUSE_STORE_ACCESS,
};

/* Counters of misses and faults tell three accesses apart: a cache operation is
 * counted as a store, which its causes say it is. */
static const u8 counted_access[] = {
    [RVEMU_ACCESS_FETCH] = RVEMU_ACCESS_FETCH,
    [RVEMU_ACCESS_LOAD] = RVEMU_ACCESS_LOAD,
    [RVEMU_ACCESS_STORE] = RVEMU_ACCESS_STORE,
    [RVEMU_ACCESS_CACHE] = RVEMU_ACCESS_STORE,
};

bool mmu_access_fault(struct hart *h, u64 va, unsigned access)
{
    return hart_raise(h, access_cause[access], va);
}

static bool access_fault(struct hart *h, const struct walk *w)
{
    return w->probe ? false : mmu_access_fault(h, w->va, w->access);
}

static bool page_fault(struct hart *h, const struct walk *w, int reason,
                       bool from_tlb)
{
    if (w->probe)
        return false;
    hart_count(h, COUNTED_FETCH_FAULTS + counted_access[w->access], 1);
    if (trace_wants(h->w.trace, RVEMU_EVENT_page_fault)) {
        hart_event(h, RVEMU_EVENT_page_fault)->page_fault =
            (struct rvemu_ev_page_fault){
                .va = w->va,
                .access = w->access,
                .reason = (u64)reason,
                .level = w->level,
                .pte_pa = w->pte_pa,
                .pte = w->pte,
                .satp = h->s.csr.satp,
                .from_tlb = from_tlb,
            };
    }
    return hart_raise(h, page_cause[w->access], w->va);
}

/* Whether a leaf allows the access, A and D aside: REASON_NONE if it does. */
static int check_rights(const struct hart *h, const struct walk *w)
{
    u64 status = h->s.csr.mstatus;
    u64 pte = w->pte;

    if (w->priv == PRIV_U && !(pte & PTE_U))
        return RVEMU_REASON_NOT_USER;
    if (w->priv == PRIV_S && (pte & PTE_U) &&
        (w->access == RVEMU_ACCESS_FETCH || !(status & MSTATUS_SUM)))
        return RVEMU_REASON_USER;
    switch (w->access) {
    case RVEMU_ACCESS_FETCH:
        return pte & PTE_X ? REASON_NONE : RVEMU_REASON_NOT_EXECUTABLE;
    case RVEMU_ACCESS_LOAD:
    case RVEMU_ACCESS_CACHE: /* or a store: W without R is reserved */
        if (pte & PTE_R || (status & MSTATUS_MXR && pte & PTE_X))
            return REASON_NONE;
        return RVEMU_REASON_NOT_READABLE;
    default: return pte & PTE_W ? REASON_NONE : RVEMU_REASON_NOT_WRITABLE;
    }
}

/* Of all that N could mean, 64 KiB are defined ("Svnapot"). */
static bool napot_is_valid(const struct hart *h, const struct walk *w)
{
    u64 low = w->pte >> 10 & ((1u << NAPOT_BITS) - 1);

    return h->w.isa & EXT_SET(SVNAPOT) && pte_is_leaf(w->pte) && !w->level &&
           low == 1u << (NAPOT_BITS - 1);
}

/* What is above the PPN and mostly 0. */
static bool upper_is_valid(const struct hart *h, const struct walk *w)
{
    u64 pbmt = w->pte & PTE_PBMT;

    return !(w->pte & PTE_RESERVED) && pbmt != PTE_PBMT &&
           (!pbmt || (h->s.csr.menvcfg & MENVCFG_PBMTE)) &&
           (!(w->pte & PTE_N) || napot_is_valid(h, w));
}

/* The rules for any entry, leaf or not. */
static int check_form(const struct hart *h, const struct walk *w)
{
    u64 pte = w->pte;
    u64 upper = pte & (PTE_N | PTE_PBMT | PTE_RESERVED);

    if (!(pte & PTE_V))
        return RVEMU_REASON_INVALID;
    if (upper && !upper_is_valid(h, w))
        return RVEMU_REASON_RESERVED;
    if (pte_is_leaf(pte)) {
        u64 low = pte_target(pte) & (tlb_page_size(w->level) - 1);

        if ((pte & (PTE_R | PTE_W)) == PTE_W)
            return RVEMU_REASON_RESERVED;
        return low ? RVEMU_REASON_MISALIGNED : REASON_NONE;
    }
    if (pte & (PTE_D | PTE_A | PTE_U | PTE_PBMT))
        return RVEMU_REASON_RESERVED;
    return w->level ? REASON_NONE : RVEMU_REASON_NO_LEAF;
}

/* Table entries must be in RAM, and PMP must allow an S-mode access. */
static inline bool pte_reachable(const struct hart *h, u64 pa, unsigned need)
{
    return ram_has_page(&h->w.bus->ram, pa) &&
           pmp_allows(&h->pmp, pa, 8, need, PRIV_S);
}

/* Goes down from the root to a leaf of good form. */
static bool walk_to_leaf(struct hart *h, struct walk *w)
{
    struct pointers_place at = {.table = satp_root(h->s.csr.satp),
                                .level = satp_levels(h->s.csr.satp)};

    if (pointers_are_kept(h) && !w->memory)
        pointers_begin(h, w->va, &at, w->way);
    while (at.level-- > 0) {
        u64 pa = at.table + (w->va >> (12 + 9 * at.level) & 511) * 8;
        int reason;

        w->level = at.level;
        w->pte_pa = pa;
        if (!pte_reachable(h, pa, PMP_R))
            return access_fault(h, w);
        w->pte = load_le64(ram_host(&h->w.bus->ram, pa));
        w->loads++;
        reason = check_form(h, w);
        if (reason != REASON_NONE) {
            w->invalid = reason == RVEMU_REASON_INVALID;
            return page_fault(h, w, reason, false);
        }
        at.global |= (w->pte & PTE_G) != 0;
        if (pte_is_leaf(w->pte)) {
            w->global = at.global;
            return true;
        }
        at.table = pte_target(w->pte);
        if (pointers_are_kept(h) && w->way)
            pointers_keep(h, w->va, pa, w->pte, &at, w->way);
    }
    return false; /* not reached: level 0 is a leaf or a fault */
}

static void store_pte(struct hart *h, const struct walk *w, u64 old)
{
    hart_count(h, COUNTED_AD_UPDATES, 1);
    if (trace_wants(h->w.trace, RVEMU_EVENT_ad_update)) {
        hart_event(h, RVEMU_EVENT_ad_update)->ad_update =
            (struct rvemu_ev_ad_update){w->va, w->pte_pa, old, w->pte};
    }
    store_to_ram(h->w.siblings, h, w->pte_pa, &w->pte, 8, RVEMU_ORIGIN_WALKER);
}

/* What the access needs and the leaf lacks of A and D. */
static u64 missing_ad(const struct walk *w)
{
    return (PTE_A | (w->access == RVEMU_ACCESS_STORE ? PTE_D : 0)) & ~w->pte;
}

/* Whether the hart may set what is missing (Svadu), or faults (Svade). */
static bool check_ad(struct hart *h, const struct walk *w)
{
    if (!missing_ad(w))
        return true;
    if (!(h->s.csr.menvcfg & MENVCFG_ADUE))
        return page_fault(
            h, w, w->pte & PTE_A ? RVEMU_REASON_D_CLEAR : RVEMU_REASON_A_CLEAR,
            false);
    return pte_reachable(h, w->pte_pa, PMP_R | PMP_W) || access_fault(h, w);
}

/* With one host thread, reading and writing the entry is the atomic
 * compare-and-swap that the specification asks for. */
static void set_ad(struct hart *h, struct walk *w)
{
    u64 old = w->pte;

    w->pte |= missing_ad(w);
    if (w->pte != old)
        store_pte(h, w, old);
}

/* An entry leaves the TLB without a fence. */
static void report_evicted(struct hart *h, const struct walk *w,
                           const struct tlb_entry *entry)
{
    hart_count(h, COUNTED_EVICTIONS, 1);
    if (w->access < RVEMU_ACCESSES)
        tlb_count_evicted(&h->tlb, counted_access[w->access], entry);
    if (trace_wants(h->w.trace, RVEMU_EVENT_tlb_evict)) {
        hart_event(h, RVEMU_EVENT_tlb_evict)->tlb_evict =
            (struct rvemu_ev_tlb_evict){entry->va, entry->asid, entry->level,
                                        entry->pte};
    }
}

/* Where a walk was made in spite of an entry, its translation is to be found
 * from now on: other entries that cover the address leave. Returns the entry
 * that is alike, or NULL. */
static struct tlb_entry *make_way(struct hart *h, const struct walk *w,
                                  const struct tlb_entry *entry)
{
    struct tlb_entry *old;

    while ((old = tlb_find(&h->tlb, w->va, satp_asid(h->s.csr.satp))) &&
           !tlb_alike(old, entry)) {
        report_evicted(h, w, old);
        tlb_drop(&h->tlb, &h->c.contexts, old);
    }
    return old;
}

/* Goes the walk's way again to note it: only A and D have changed since. */
static void note_walk(struct hart *h, const struct walk *w,
                      const struct tlb_entry *entry)
{
    u64 table = satp_root(h->s.csr.satp);
    unsigned level = satp_levels(h->s.csr.satp);
    struct tlb_walk path = {.count = w->loads};

    for (unsigned i = 0; i < path.count; i++) {
        level--;
        path.pte_pa[i] = table + (w->va >> (12 + 9 * level) & 511) * 8;
        path.pte[i] = load_le64(ram_host(&h->w.bus->ram, path.pte_pa[i]));
        table = pte_target(path.pte[i]);
    }
    tlb_note_walk(&h->tlb, entry, &path);
    suspects_watch_walk(h->w.siblings, &path, path.count);
}

/* An entry with V=0 has no N, and stands for all that its level maps; below a
 * pointer with G, too, it is kept for this space alone. Where the TLB has no
 * place for it (TLB_NONE), it is for this access alone. */
static struct tlb_entry *fill(struct hart *h, const struct walk *w, bool again)
{
    unsigned shift = pte_shift(w->invalid ? 0 : w->pte, w->level);
    struct tlb_entry evicted;
    struct tlb_entry entry = {
        .va = w->va & -(1ull << shift),
        .pte = w->pte,
        .pte_pa = w->pte_pa,
        .asid = satp_asid(h->s.csr.satp),
        .level = (u8)w->level,
        .shift = (u8)shift,
        .global = w->global && !w->invalid,
    };
    struct tlb_entry *instead = again ? make_way(h, w, &entry) : NULL;
    struct tlb_entry *place =
        tlb_fill(&h->tlb, &h->c.contexts, &entry, instead, &evicted);

    if (place == &h->tlb.unkept)
        return place;
    if (tlb_keeps_walks(&h->tlb) && pointers_are_kept(h))
        pointers_end(h, place, w->way);
    else if (tlb_keeps_walks(&h->tlb))
        note_walk(h, w, place);
    if (evicted.valid)
        report_evicted(h, w, &evicted);
    if (trace_wants(h->w.trace, RVEMU_EVENT_tlb_fill)) {
        hart_event(h, RVEMU_EVENT_tlb_fill)->tlb_fill =
            (struct rvemu_ev_tlb_fill){entry.va,     w->access, w->level,
                                       entry.pte_pa, entry.pte, h->s.csr.satp};
    }
    return place;
}

/* Goes down to a leaf that permits the access. */
static bool walk(struct hart *h, struct walk *w)
{
    int reason;

    if (!walk_to_leaf(h, w))
        return false;
    reason = check_rights(h, w);
    if (reason != REASON_NONE)
        return page_fault(h, w, reason, false);
    return check_ad(h, w);
}

/* The physical address of va by the leaf that was found. */
static u64 walk_pa(const struct walk *w)
{
    u64 size = 1ull << pte_shift(w->pte, w->level);

    return (pte_target(w->pte) & -size) | (w->va & (size - 1));
}

/* Whether an access that a TLB entry has permitted would be refused now, or get
 * another page or memory type; *now is how far a walk comes. That A is clear is
 * no difference; D is one to a store, which will not be noted. */
static bool is_stale(struct hart *h, const struct walk *used, struct walk *now)
{
    *now = (struct walk){.va = used->va,
                         .access = used->access,
                         .priv = used->priv,
                         .probe = true,
                         .memory = true};
    if (!walk_to_leaf(h, now) || check_rights(h, now) != REASON_NONE)
        return true;
    if (used->access == RVEMU_ACCESS_STORE && !(now->pte & PTE_D))
        return true;
    return walk_pa(now) != walk_pa(used) || (now->pte ^ used->pte) & PTE_PBMT;
}

/* The TLB entry that w stands at permits the access. Where a walk confirms what
 * the entry says, that walk is the entry's from now on: global entries outlive
 * the spaces that they were filled in. Where the access is stale that is
 * reported, once for each kind of access since the entry's walk was changed. */
static void judge(struct hart *h, const struct walk *w,
                  const struct tlb_entry *entry)
{
    struct tlb_doubt *doubt = tlb_doubt(&h->tlb, entry);
    const struct tlb_walk *path;
    struct walk now;
    bool differs;

    if (!doubt->suspect)
        return;
    if (!is_stale(h, w, &now)) {
        if (now.level == w->level && !pte_differs(w->pte, now.pte))
            note_walk(h, &now, entry);
        return;
    }
    if (doubt->told >> w->access & 1)
        return;
    doubt->told |= (u8)(1u << w->access);
    path = tlb_walk(&h->tlb, entry);
    differs = doubt->at != WALK_WHOLE;
    hart_event(h, RVEMU_EVENT_stale_use)->stale_use =
        (struct rvemu_ev_stale_use){
            .va = w->va,
            .access = w->access,
            .level = w->level,
            .pte_pa = differs ? path->pte_pa[doubt->at] : 0,
            .cached = w->pte,
            .now = now.pte,
            .satp = h->s.csr.satp,
            .since = differs ? doubt->since : doubt->foreign_since,
        };
}

/* Looks into the TLB: *entry is what it has, *permits whether that will do; a
 * store without D wants a walk. False with a fault raised. */
static bool look_up(struct hart *h, struct walk *w, struct tlb_entry **entry,
                    bool *permits)
{
    int reason;

    *permits = false;
    *entry = tlb_find(&h->tlb, w->va, satp_asid(h->s.csr.satp));
    if (!*entry)
        return true;
    w->level = (*entry)->level;
    w->pte = (*entry)->pte;
    w->pte_pa = (*entry)->pte_pa;
    reason = w->pte & PTE_V ? check_rights(h, w) : RVEMU_REASON_INVALID;
    if (reason != REASON_NONE)
        return page_fault(h, w, reason, true);
    *permits = w->access != RVEMU_ACCESS_STORE || w->pte & PTE_D;
    return true;
}

/* A walk for an access, in spite of an entry if `again`. The TLB entry that it
 * filled and that permits the access, or NULL with a fault raised. A hart that
 * keeps entries with V=0 fills the TLB with them, too. */
static struct tlb_entry *walk_and_fill(struct hart *h, struct walk *w,
                                       bool again)
{
    unsigned access = counted_access[w->access];
    struct tlb_entry *entry = NULL;
    struct pointers_way way;
    bool permits;

    hart_count(h, COUNTED_FETCH_MISSES + access, 1);
    hart_count(h, COUNTED_WALKS, 1);
    w->way = &way;
    permits = walk(h, w);
    hart_count(h, COUNTED_PTE_LOADS, w->loads);
    if (permits)
        set_ad(h, w);
    if (permits || (w->invalid && h->w.config.cache_invalid))
        entry = fill(h, w, again);
    if (!permits)
        entry = NULL;
    tlb_count_miss(&h->tlb, access, entry);
    return entry;
}

/* What a stale pointer led to is stale at once. */
static void judge_new(struct hart *h, const struct walk *w,
                      const struct tlb_entry *entry)
{
    if (pointers_are_kept(h) && entry != &h->tlb.unkept)
        judge(h, w, entry);
}

/* The TLB entry that permits the access, or NULL with a fault raised. */
static struct tlb_entry *translate_page(struct hart *h, struct walk *w)
{
    struct tlb_entry *entry;
    bool permits, goes_on = look_up(h, w, &entry, &permits);

    if (!entry && h->w.siblings->ahead && ahead_of_walk(h, w->va))
        goes_on = look_up(h, w, &entry, &permits);
    if (permits || !goes_on)
        tlb_count_hit(&h->tlb, counted_access[w->access], entry);
    if (!goes_on)
        return NULL;
    if (permits) {
        if (tlb_keeps_walks(&h->tlb))
            judge(h, w, entry);
        return entry;
    }
    entry = walk_and_fill(h, w, entry != NULL);
    if (entry && tlb_keeps_walks(&h->tlb))
        judge_new(h, w, entry);
    return entry;
}

void mmu_walk_ahead(struct hart *h, u64 va)
{
    struct pointers_way way;
    struct walk w = {.va = va,
                     .access = RVEMU_ACCESS_AHEAD,
                     .priv = PRIV_S,
                     .probe = true,
                     .way = &way};
    bool found;

    if (tlb_find(&h->tlb, va, satp_asid(h->s.csr.satp)))
        return;
    found = walk_to_leaf(h, &w);
    if (found ? w.pte & PTE_A : w.invalid && h->w.config.cache_invalid)
        fill(h, &w, false);
}

static bool probe_page(struct hart *h, struct walk *w)
{
    struct tlb_entry *entry;
    bool permits;

    return look_up(h, w, &entry, &permits) && (permits || walk(h, w));
}

static bool is_translated(const struct hart *h, unsigned priv)
{
    return priv != PRIV_M && satp_mode(h->s.csr.satp) != SATP_MODE_BARE;
}

static bool is_canonical(const struct hart *h, u64 va)
{
    return sext(va, 12 + 9 * satp_levels(h->s.csr.satp)) == va;
}

bool mmu_translate(struct hart *h, u64 va, unsigned access, unsigned priv,
                   struct translation *out)
{
    struct walk w = {.va = va, .access = access, .priv = priv};

    out->pa = va;
    out->entry = NULL;
    if (!is_translated(h, priv))
        return true;
    if (!is_canonical(h, va))
        return page_fault(h, &w, RVEMU_REASON_NON_CANONICAL, false);
    out->entry = translate_page(h, &w);
    if (!out->entry)
        return false;
    out->pa = walk_pa(&w);
    return true;
}

void mmu_judge_fetch(struct hart *h)
{
    struct walk w = {.va = h->s.pc,
                     .access = RVEMU_ACCESS_FETCH,
                     .priv = h->s.priv,
                     .probe = true};
    struct tlb_entry *entry;
    bool permits;

    h->c.doubts_fetch = false;
    if (!h->c.code || h->s.pc - h->s.page_va >= PAGE_SIZE ||
        !is_translated(h, h->s.priv))
        return;
    if (tlb_keeps_walks(&h->tlb) && look_up(h, &w, &entry, &permits) && permits)
        judge(h, &w, entry);
}

bool mmu_probe(struct hart *h, u64 va, unsigned access, unsigned priv, u64 *pa)
{
    struct walk w = {.va = va, .access = access, .priv = priv, .probe = true};

    *pa = va;
    if (!is_translated(h, priv))
        return true;
    if (!is_canonical(h, va) || !probe_page(h, &w))
        return false;
    *pa = walk_pa(&w);
    return true;
}

static unsigned fence_scope(const u64 *va, const u16 *asid)
{
    if (va)
        return asid ? RVEMU_SCOPE_VA_ASID : RVEMU_SCOPE_VA;
    return asid ? RVEMU_SCOPE_ASID : RVEMU_SCOPE_ALL;
}

static void report_fence(struct hart *h, const u64 *va, const u16 *asid,
                         u64 removed)
{
    hart_count(h, COUNTED_FLUSHES, 1);
    hart_count(h, COUNTED_FLUSHED, removed);
    if (trace_wants(h->w.trace, RVEMU_EVENT_tlb_flush)) {
        hart_event(h, RVEMU_EVENT_tlb_flush)->tlb_flush =
            (struct rvemu_ev_tlb_flush){va ? *va : 0, asid ? *asid : 0,
                                        fence_scope(va, asid), removed};
    }
}

void mmu_fence(struct hart *h, const u64 *va, const u16 *asid)
{
    u64 removed;

    if (h->w.siblings->ahead)
        ahead_of_fence(h, asid);
    removed = tlb_flush(&h->tlb, &h->c.contexts, va, asid);
    hart_drop_fetch(h);
    report_fence(h, va, asid, removed);
}

static void report_svinval(struct hart *h, enum rvemu_svinval which)
{
    if (trace_wants(h->w.trace, RVEMU_EVENT_svinval))
        hart_event(h, RVEMU_EVENT_svinval)->svinval.insn = which;
}

void mmu_invalidate(struct hart *h, const u64 *va, const u16 *asid)
{
    report_svinval(h, RVEMU_SINVAL_VMA);
    if (h->w.siblings->ahead && !h->s.inval_open)
        report_fence(h, va, asid, 0);
    else
        mmu_fence(h, va, asid);
}

void mmu_bracket(struct hart *h, enum rvemu_svinval which)
{
    h->s.inval_open = which == RVEMU_SFENCE_W_INVAL;
    report_svinval(h, which);
}
