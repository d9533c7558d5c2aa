/*
 * What each hart's TLB holds, from its fills, evictions and fences alone; see
 * rvemu/scene.h. Privileged spec, "Supervisor Memory-Management Fence
 * Instruction".
 *
 * A fill replaces the entry that translates the same addresses of the same
 * spaces. That a walk came by a pointer with G no event tells: the tables do.
 */
#include <stdlib.h>

#include "analysis/scene.h"
#include "base/bits.h"

/* What a walk goes by. */
#define MATTERS (~(PTE_A | PTE_D | PTE_G | PTE_RSW))

static u64 key_of(u64 va, unsigned shift)
{
    return (va & -(1ull << shift)) | shift;
}

static struct scene_item *first_at(const struct scene_tlb *tlb, u64 va,
                                   unsigned shift)
{
    return map_get(&tlb->by_page, key_of(va, shift));
}

/* What an entry of this level covers: one with V=0 all that it maps. */
static unsigned shift_of(u64 pte, unsigned level)
{
    return pte_shift(pte & PTE_V ? pte : 0, level);
}

static void take_out(struct rvemu_scene *scene, struct scene_tlb *tlb,
                     struct scene_item *item)
{
    u64 key = key_of(item->va, item->shift);
    struct scene_item *first = map_get(&tlb->by_page, key);

    if (first != item) {
        while (first->next != item)
            first = first->next;
        first->next = item->next;
    } else if (!item->next) {
        map_remove(&tlb->by_page, key);
    } else if (!map_put(&tlb->by_page, key, item->next)) {
        scene->failed = true;
    }
    if (item->before)
        item->before->behind = item->behind;
    else
        tlb->first = item->behind;
    if (item->behind)
        item->behind->before = item->before;
    item->next = tlb->spare;
    tlb->spare = item;
    tlb->count--;
}

static void put_in(struct rvemu_scene *scene, struct scene_tlb *tlb,
                   const struct scene_item *new)
{
    struct scene_item *item = tlb->spare;

    if (tlb->count == SCENE_TLB) {
        scene->forgotten++;
        return;
    }
    if (item)
        tlb->spare = item->next;
    else
        item = arena_take(scene->arena, sizeof(*item));
    if (!item) {
        scene->failed = true;
        return;
    }
    *item = *new;
    item->next = first_at(tlb, item->va, item->shift);
    item->behind = tlb->first;
    if (tlb->first)
        tlb->first->before = item;
    tlb->first = item;
    tlb->count++;
    if (!map_put(&tlb->by_page, key_of(item->va, item->shift), item))
        scene->failed = true;
}

static void take_fill(struct rvemu_scene *scene, struct scene_tlb *tlb,
                      const struct rvemu_event *event)
{
    const struct rvemu_ev_tlb_fill *fill = &event->tlb_fill;
    const struct spaces *spaces = scene_spaces(scene);
    const struct table *root = spaces_root(spaces, satp_frame(fill->satp));
    unsigned level = (unsigned)fill->level;
    struct scene_item item = {
        .va = fill->va,
        .pte = fill->pte,
        .pte_pa = fill->pte_pa,
        .filled = event->time,
        .space = root ? root->id : 0,
        .asid = (u16)satp_asid(fill->satp),
        .level = (u8)level,
    };

    if (level >= LEVELS)
        return;
    item.shift = (u8)shift_of(fill->pte, level);
    item.global = fill->pte & PTE_V &&
                  (fill->pte & PTE_G ||
                   (root && spaces_is_global(spaces, root, fill->va)));
    for (struct scene_item *at = first_at(tlb, item.va, item.shift); at;
         at = at->next)
        if (at->global == item.global &&
            (at->global || at->asid == item.asid)) {
            take_out(scene, tlb, at);
            break;
        }
    put_in(scene, tlb, &item);
}

static void take_evict(struct rvemu_scene *scene, struct scene_tlb *tlb,
                       const struct rvemu_ev_tlb_evict *evict)
{
    struct scene_item *item;

    if (evict->level >= LEVELS)
        return;
    item =
        first_at(tlb, evict->va, shift_of(evict->pte, (unsigned)evict->level));
    while (item && (item->pte != evict->pte || item->asid != evict->asid))
        item = item->next;
    if (item)
        take_out(scene, tlb, item);
}

static bool is_named(const struct scene_item *item, bool by_asid, u64 asid)
{
    return !by_asid || (!item->global && item->asid == (u16)asid);
}

static void flush_page(struct rvemu_scene *scene, struct scene_tlb *tlb,
                       const struct rvemu_ev_tlb_flush *flush, bool by_asid)
{
    for (unsigned level = 0; level < 2 * LEVELS; level++) {
        unsigned shift = 12 + 9 * (level / 2) + (level & 1 ? NAPOT_BITS : 0);
        struct scene_item *item = first_at(tlb, flush->va, shift);

        for (struct scene_item *next; item; item = next) {
            next = item->next;
            if (is_named(item, by_asid, flush->asid))
                take_out(scene, tlb, item);
        }
    }
}

static void take_flush(struct rvemu_scene *scene, struct scene_tlb *tlb,
                       const struct rvemu_ev_tlb_flush *flush)
{
    bool by_asid =
        flush->scope == RVEMU_SCOPE_ASID || flush->scope == RVEMU_SCOPE_VA_ASID;
    bool by_va =
        flush->scope == RVEMU_SCOPE_VA || flush->scope == RVEMU_SCOPE_VA_ASID;
    struct scene_item *item = tlb->first;

    if (by_va) {
        flush_page(scene, tlb, flush, by_asid);
        return;
    }
    for (struct scene_item *next; item; item = next) {
        next = item->behind;
        if (is_named(item, by_asid, flush->asid))
            take_out(scene, tlb, item);
    }
}

void scene_take_tlb(struct rvemu_scene *scene, const struct rvemu_event *event)
{
    struct scene_hart *hart;

    if (event->kind != RVEMU_EVENT_tlb_fill &&
        event->kind != RVEMU_EVENT_tlb_evict &&
        event->kind != RVEMU_EVENT_tlb_flush)
        return;
    hart = scene_hart(scene, event->hart);
    if (!hart)
        return;
    switch (event->kind) {
    case RVEMU_EVENT_tlb_fill: take_fill(scene, &hart->tlb, event); break;
    case RVEMU_EVENT_tlb_evict:
        take_evict(scene, &hart->tlb, &event->tlb_evict);
        break;
    default: take_flush(scene, &hart->tlb, &event->tlb_flush); break;
    }
}

/* ---- answers ---- */

/* What the tables have where the entry was read; *same: and it is still what a
 * walk of its space comes to. */
static u64 pte_now(const struct rvemu_scene *scene,
                   const struct scene_item *item, bool *same)
{
    const struct spaces *spaces = scene_spaces(scene);
    const struct table *root = spaces_root_by_id(spaces, item->space);
    const struct table *table = map_get(&spaces->tables, item->pte_pa >> 12);
    unsigned index = (unsigned)(item->pte_pa >> 3) % TABLE_ENTRIES;
    struct entry at = {.table = NULL};

    *same = table && table->level == item->level;
    if (root && !item->global) {
        spaces_find(spaces, root, item->va, &at);
        *same = *same && at.table == table;
        return at.table ? entry_pte(at) : 0;
    }
    *same = *same && (item->global || root);
    return table ? table_pte(table, index) : 0;
}

static void describe(const struct rvemu_scene *scene, unsigned hart,
                     const struct scene_item *item, struct rvemu_scene_tlb *out)
{
    const struct spaces *spaces = scene_spaces(scene);
    u64 pte = pte_alone(item->pte, item->level, item->pte_pa);
    bool same;

    *out = (struct rvemu_scene_tlb){
        .hart = hart,
        .va = item->va,
        .size = 1ull << item->shift,
        .pte = item->pte,
        .pte_pa = item->pte_pa,
        .level = item->level,
        .asid = item->global ? 0 : item->asid,
        .global = item->global,
        .space = spaces_root_by_id(spaces, item->space) ? item->space : 0,
        .filled = item->filled,
        .now = pte_now(scene, item, &same),
    };
    out->is_stale = !same || (out->now ^ pte) & MATTERS;
}

bool rvemu_scene_tlb_find(const struct rvemu_scene *scene, unsigned number,
                          uint64_t satp, uint64_t va,
                          struct rvemu_scene_tlb *entry)
{
    const struct scene_hart *hart = number < HARTS ? scene->hart[number] : NULL;
    const struct scene_item *found = NULL;
    u16 asid = (u16)satp_asid(satp);

    *entry = (struct rvemu_scene_tlb){0};
    for (unsigned size = 0; hart && size < 2 * LEVELS; size++) {
        unsigned shift = 12 + 9 * (size / 2) + (size & 1 ? NAPOT_BITS : 0);

        for (const struct scene_item *item = first_at(&hart->tlb, va, shift);
             item; item = item->next)
            if (!item->global ? item->asid == asid : !found)
                found = item;
    }
    if (found)
        describe(scene, number, found, entry);
    return found != NULL;
}

static bool is_wanted(const struct rvemu_scene_tlb_filter *of,
                      const struct rvemu_scene_tlb *entry)
{
    u64 last = entry->va + (entry->size - 1);
    u64 first_frame = bits(entry->pte, 53, 10) &
                      -(entry->size >> 12); /* NAPOT: the whole range */

    if (of->has_va && (last < of->va || entry->va > of->last))
        return false;
    if (of->has_frame &&
        (!pte_maps(entry->pte) || of->frame - first_frame >= entry->size >> 12))
        return false;
    return !of->only_stale || entry->is_stale;
}

static int by_place(const void *a, const void *b)
{
    const struct rvemu_scene_tlb *x = a, *y = b;

    if (x->hart != y->hart)
        return x->hart < y->hart ? -1 : 1;
    if (x->va != y->va)
        return x->va < y->va ? -1 : 1;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return x->asid < y->asid ? -1 : x->asid > y->asid;
}

size_t rvemu_scene_tlb(const struct rvemu_scene *scene,
                       const struct rvemu_scene_tlb_filter *of,
                       struct rvemu_scene_tlb *entries, size_t most)
{
    struct rvemu_scene_tlb *all;
    size_t count = 0, room = 0;

    for (unsigned h = 0; h < scene->harts; h++)
        room += scene->hart[h] ? scene->hart[h]->tlb.count : 0;
    all = room ? malloc(room * sizeof(*all)) : NULL;
    for (unsigned h = 0; all && h < scene->harts; h++) {
        const struct scene_hart *hart = scene->hart[h];

        if (!hart || (of->harts && !(h < 32 && of->harts >> h & 1)))
            continue;
        for (const struct scene_item *item = hart->tlb.first; item;
             item = item->behind) {
            describe(scene, h, item, &all[count]);
            count += is_wanted(of, &all[count]);
        }
    }
    if (count)
        qsort(all, count, sizeof(*all), by_place);
    for (size_t i = 0; i < count && i < most; i++)
        entries[i] = all[i];
    free(all);
    return count;
}
