/*
 * Page tables under watch; see tables.h.
 *
 * Every known table has a record, found by its frame's number. `link` lists
 * the entries (physical addresses) that point to it: shared kernel tables
 * have one a root. The first of them leads upwards to "a root that reaches
 * the table". Recursion goes down one level at a time and so ends.
 */
#include "hart/tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "hart/mmu.h"

#define ENTRIES 512
#define CLEARED 16   /* how many cleared leaves are remembered */
#define COPY_LEVEL 1 /* of the largest page that is compared: 2 MiB */

struct table {
    u64 pa;
    u8 level;
    bool root;
    unsigned loaded; /* in how many harts' satp */
    unsigned links;
    unsigned room;
    u64 seen;  /* by which search, of tables.searches */
    u64 *link; /* physical addresses of the entries that point here */
};

/* A leaf that was cleared: kernels that unmap before they map again leave
 * their old frame's number here. */
struct cleared {
    u64 pte_pa;
    u64 pte;
};

struct tables {
    bool on;
    struct table **by_frame; /* one pointer a RAM frame */
    u64 frames;
    struct cleared cleared[CLEARED];
    unsigned next_cleared;
    u64 searches; /* made by is_above() */
};

static void link_table(struct hart *h, u64 pa, unsigned level, u64 pte_pa);
static void unlink_table(struct hart *h, u64 pa, u64 pte_pa);

struct tables *tables_new(void)
{
    return calloc(1, sizeof(struct tables));
}

static void free_records(struct tables *tables)
{
    for (u64 i = 0; i < tables->frames; i++) {
        if (tables->by_frame[i]) {
            free(tables->by_frame[i]->link);
            free(tables->by_frame[i]);
        }
    }
    free(tables->by_frame);
    *tables = (struct tables){0};
}

void tables_free(struct tables *tables)
{
    if (tables) {
        free_records(tables);
        free(tables);
    }
}

static struct table **place_of(struct hart *h, u64 pa)
{
    if (!ram_has(&h->bus->ram, pa & -4096ull, PAGE_SIZE))
        return NULL;
    return &h->tables->by_frame[(pa - h->bus->ram.base) >> PAGE_SHIFT];
}

static struct table *table_at(struct hart *h, u64 pa)
{
    struct table **place = place_of(h, pa);

    return place ? *place : NULL;
}

static u64 load_pte(struct hart *h, u64 pa)
{
    u64 pte;

    memcpy(&pte, ram_host(&h->bus->ram, pa), 8);
    return pte;
}

static bool is_pointer(u64 pte)
{
    return (pte & PTE_V) && !pte_is_leaf(pte);
}

static bool is_leaf(u64 pte)
{
    return (pte & PTE_V) && pte_is_leaf(pte);
}

/* What a page-table entry may look like; anything else is someone's data. */
static bool plausible(u64 pte)
{
    return (pte & PTE_V) && !(pte & PTE_RESERVED) &&
           (pte & (PTE_R | PTE_W)) != PTE_W;
}

/* Follows the first link of each table upwards. Gives the root reached and
 * the first address that the entry at pte_pa governs. */
static u64 path_up(struct hart *h, const struct table *t, u64 pte_pa, u64 *va)
{
    unsigned width = 12;

    *va = 0;
    for (;;) {
        *va |= (pte_pa >> 3 & (ENTRIES - 1)) << (12 + 9 * t->level);
        width = 12 + 9 * (t->level + 1u);
        if (t->root || !t->links)
            break;
        pte_pa = t->link[0];
        t = table_at(h, pte_pa);
    }
    *va = sext(*va, width);
    return t->pa >> PAGE_SHIFT;
}

static void emit_found(struct hart *h, const struct table *t, u64 pte_pa,
                       u64 pte)
{
    u64 va, root;

    if (!trace_wants(h->trace, RVEMU_EVENT_pte_found))
        return;
    root = path_up(h, t, pte_pa, &va);
    hart_event(h, RVEMU_EVENT_pte_found)->pte_found =
        (struct rvemu_ev_pte_found){root, va, t->level, pte_pa, pte};
}

static void emit_write(struct hart *h, const struct table *t, u64 pte_pa,
                       u64 old, u64 new, unsigned origin)
{
    u64 va, root;

    if (!trace_wants(h->trace, RVEMU_EVENT_pte_write))
        return;
    root = path_up(h, t, pte_pa, &va);
    hart_event(h, RVEMU_EVENT_pte_write)->pte_write =
        (struct rvemu_ev_pte_write){root, va,  t->level, pte_pa,
                                    old,  new, origin};
}

/* Reports and follows what a table holds at the moment it becomes known. */
static void scan(struct hart *h, struct table *t)
{
    for (unsigned i = 0; i < ENTRIES; i++) {
        u64 pte_pa = t->pa + 8 * i;
        u64 pte = load_pte(h, pte_pa);

        if (!(pte & PTE_V))
            continue;
        emit_found(h, t, pte_pa, pte);
        if (is_pointer(pte) && t->level)
            link_table(h, pte_target(pte), t->level - 1u, pte_pa);
    }
}

static struct table *learn(struct hart *h, struct table **place, u64 pa,
                           unsigned level)
{
    struct table *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->pa = pa;
    t->level = (u8)level;
    *place = t;
    *ram_frame_flags(&h->bus->ram, pa) |= FRAME_TABLE;
    hart_protect_frame(h, pa);
    return t;
}

static void forget(struct hart *h, struct table *t)
{
    *place_of(h, t->pa) = NULL;
    *ram_frame_flags(&h->bus->ram, t->pa) &= (u8)~FRAME_TABLE;
    for (unsigned i = 0; t->level && i < ENTRIES; i++) {
        u64 pte = load_pte(h, t->pa + 8 * i);

        if (is_pointer(pte))
            unlink_table(h, pte_target(pte), t->pa + 8 * i);
    }
    free(t->link);
    free(t);
}

static void lose_root(struct hart *h, struct table *t)
{
    if (trace_wants(h->trace, RVEMU_EVENT_root_lost))
        hart_event(h, RVEMU_EVENT_root_lost)->root_lost.root =
            t->pa >> PAGE_SHIFT;
    forget(h, t);
}

static bool add_link(struct table *t, u64 pte_pa)
{
    if (t->links == t->room) {
        unsigned room = t->room ? 2 * t->room : 2;
        u64 *link = realloc(t->link, room * sizeof(*link));

        if (!link)
            return false;
        t->link = link;
        t->room = room;
    }
    t->link[t->links++] = pte_pa;
    return true;
}

/* A guest may weave millions of paths out of few tables: each table is looked
 * at once a search. */
static bool climb(struct hart *h, const struct table *above, struct table *t)
{
    if (t == above)
        return true;
    if (t->seen == h->tables->searches)
        return false;
    t->seen = h->tables->searches;
    for (unsigned i = 0; i < t->links; i++)
        if (climb(h, above, table_at(h, t->link[i])))
            return true;
    return false;
}

/* Whether one leads down to the other, by any link. */
static bool is_above(struct hart *h, const struct table *above, struct table *t)
{
    h->tables->searches++;
    return climb(h, above, t);
}

/* A root that another table links is none any more, unless the link leads
 * back up to it: then it stays, and so does the table that is being written
 * or scanned. */
static void link_table(struct hart *h, u64 pa, unsigned level, u64 pte_pa)
{
    struct table **place = place_of(h, pa);
    struct table *t;

    if (!place)
        return;
    if (*place && (*place)->root && !(*place)->loaded &&
        !is_above(h, *place, table_at(h, pte_pa)))
        lose_root(h, *place);
    t = *place;
    if (t) {
        if (t->level == level && !t->root)
            add_link(t, pte_pa);
        return;
    }
    t = learn(h, place, pa, level);
    if (t && add_link(t, pte_pa))
        scan(h, t);
}

static void unlink_table(struct hart *h, u64 pa, u64 pte_pa)
{
    struct table *t = table_at(h, pa);

    if (!t)
        return;
    for (unsigned i = 0; i < t->links; i++) {
        if (t->link[i] == pte_pa) {
            memmove(&t->link[i], &t->link[i + 1],
                    (t->links - i - 1) * sizeof(*t->link));
            t->links--;
            break;
        }
    }
    if (!t->links && !t->root)
        forget(h, t);
}

/* The table that satp names, made a root if it was none. */
static struct table *find_root(struct hart *h, u64 satp)
{
    u64 pa = satp_root(satp);
    struct table **place = place_of(h, pa);
    struct table *t;

    if (satp_mode(satp) == SATP_MODE_BARE || !place)
        return NULL;
    if (*place && !(*place)->root)
        forget(h, *place);
    if (*place)
        return *place;
    t = learn(h, place, pa, satp_levels(satp) - 1);
    if (t) {
        t->root = true;
        scan(h, t);
    }
    return t;
}

void tables_satp(struct hart *h, u64 old, u64 new)
{
    struct table *t;

    if (!h->tables->on)
        return;
    t = find_root(h, new);
    if (t)
        t->loaded++;
    t = satp_mode(old) == SATP_MODE_BARE ? NULL : table_at(h, satp_root(old));
    if (t && t->loaded)
        t->loaded--;
}

void tables_watch(struct hart *h, bool on)
{
    struct tables *tables = h->tables;

    if (tables->on == on)
        return;
    for (u64 i = 0; i < h->bus->ram.size >> PAGE_SHIFT; i++)
        h->bus->ram.frame_flags[i] &= (u8)~FRAME_TABLE;
    free_records(tables);
    if (!on)
        return;
    tables->frames = h->bus->ram.size >> PAGE_SHIFT;
    tables->by_frame = calloc(tables->frames, sizeof(*tables->by_frame));
    tables->on = tables->by_frame != NULL;
    for (unsigned i = 0; i < h->siblings->count; i++)
        tables_satp(h->siblings->hart[i], 0, h->siblings->hart[i]->csr.satp);
}

/* Remembers a leaf that is cleared. At most one for each entry: its table
 * may have served another space since the last was remembered. */
static void remember_leaf(struct tables *tables, u64 pa, u64 pte)
{
    for (unsigned i = 0; i < CLEARED; i++) {
        if (tables->cleared[i].pte_pa == pa)
            tables->cleared[i].pte_pa = 0;
    }
    tables->cleared[tables->next_cleared] = (struct cleared){pa, pte};
    tables->next_cleared = (tables->next_cleared + 1) % CLEARED;
}

/* The frame that this entry held before: in `old`, or cleared lately. */
static u64 previous_leaf(struct tables *tables, u64 pa, u64 old)
{
    if (is_leaf(old))
        return old;
    for (unsigned i = 0; i < CLEARED; i++) {
        if (tables->cleared[i].pte_pa == pa) {
            tables->cleared[i].pte_pa = 0;
            return tables->cleared[i].pte;
        }
    }
    return 0;
}

/* Compares old and new frame at the moment the new entry is stored. */
static void check_copy(struct hart *h, const struct table *t, u64 pa, u64 old,
                       u64 new)
{
    struct tables *tables = h->tables;
    struct ram *ram = &h->bus->ram;
    u64 size = tlb_page_size(t->level);
    u64 before, from, to, va, root;

    if (is_leaf(old) && !is_leaf(new))
        remember_leaf(tables, pa, old);
    if (!is_leaf(new) || t->level > COPY_LEVEL)
        return;
    before = previous_leaf(tables, pa, old);
    from = pte_page(before, pa);
    to = pte_page(new, pa);
    if (!before || from == to || !ram_has(ram, from, size) ||
        !ram_has(ram, to, size) ||
        memcmp(ram_host(ram, from), ram_host(ram, to), size))
        return;
    if (!trace_wants(h->trace, RVEMU_EVENT_frame_copied))
        return;
    root = path_up(h, t, pa, &va);
    hart_event(h, RVEMU_EVENT_frame_copied)->frame_copied =
        (struct rvemu_ev_frame_copied){root, va, pa, from >> PAGE_SHIFT,
                                       to >> PAGE_SHIFT};
}

static bool is_empty(struct hart *h, const struct table *t)
{
    static const u8 zero[PAGE_SIZE];

    return !memcmp(ram_host(&h->bus->ram, t->pa), zero, PAGE_SIZE);
}

/* Whether a root that no hart uses has stopped being a table. */
static bool root_is_gone(struct hart *h, const struct table *t, u64 new)
{
    if (!t->root || t->loaded)
        return false;
    return new ? !plausible(new) : is_empty(h, t);
}

/* A frame mapped for a user is no root, whatever it was. */
static void lose_mapped_root(struct hart *h, u64 leaf, u64 pte_pa)
{
    struct table *t = leaf & PTE_U ? table_at(h, pte_page(leaf, pte_pa)) : NULL;

    if (t && t->root && !t->loaded)
        lose_root(h, t);
}

void tables_stored(struct hart *h, u64 pa, u64 old, unsigned origin)
{
    struct table *t = h->tables->on ? table_at(h, pa) : NULL;
    u64 new;

    if (!t)
        return;
    new = load_pte(h, pa);
    if (new == old)
        return;
    check_copy(h, t, pa, old, new);
    emit_write(h, t, pa, old, new, origin);
    if (root_is_gone(h, t, new)) {
        if (is_pointer(old) && t->level)
            unlink_table(h, pte_target(old), pa);
        lose_root(h, t);
        return;
    }
    if (is_pointer(new) && t->level)
        link_table(h, pte_target(new), t->level - 1u, pa);
    if (is_pointer(old) && t->level)
        unlink_table(h, pte_target(old), pa);
    if (is_leaf(new))
        lose_mapped_root(h, new, pa);
}
