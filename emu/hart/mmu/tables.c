/*
 * Page tables under watch; see tables.h.
 *
 * Every known table has a record, found by its frame's number. `link` lists
 * the entries (physical addresses) that point to it: shared kernel tables
 * have one a root. The first of them leads upwards to "a root that reaches
 * the table". Recursion goes down one level at a time and so ends.
 */
#include "hart/mmu/tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/sparse.h"
#include "hart/mmu/ahead.h"
#include "hart/mmu/arrays.h"
#include "hart/mmu/leaves.h"
#include "hart/mmu/mmu.h"

#define ENTRIES 512
#define LINE 32      /* entries that are passed over at once when all are 0 */
#define CLEARED 16   /* how many cleared leaves are remembered */
#define COPY_LEVEL 1 /* of the largest page that is compared: 2 MiB */

static const u8 no_entries[8 * ENTRIES];

struct table {
    u64 pa;
    u8 level;
    bool root;
    unsigned loaded; /* in how many harts' satp */
    unsigned links;
    unsigned room;
    u64 seen;  /* number of the search that saw it last */
    u64 *link; /* physical addresses of the entries that point here */
};

/* A leaf that was cleared: kernels that unmap before they map again leave
 * their old frame's number here. */
struct cleared {
    u64 pte_pa;
    u64 pte;
};

struct tables {
    const struct siblings *all;
    struct hart *by; /* whose store or satp makes the events; NULL: no one's */
    bool on;
    struct table **by_frame; /* one pointer a RAM frame */
    u64 frames;
    struct leaves leaves; /* of all known tables */
    struct cleared cleared[CLEARED];
    unsigned next_cleared;
    u64 searches; /* made by is_above() */
};

static void link_table(struct tables *ts, u64 pa, unsigned level, u64 pte_pa);
static void unlink_table(struct tables *ts, u64 pa, u64 pte_pa);

struct tables *tables_new(const struct siblings *all)
{
    struct tables *tables = calloc(1, sizeof(*tables));

    if (tables)
        tables->all = all;
    return tables;
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
    leaves_end(&tables->leaves);
    *tables = (struct tables){.all = tables->all};
}

void tables_free(struct tables *tables)
{
    if (tables) {
        free_records(tables);
        free(tables);
    }
}

/* Between slices there is no hart to tell of: see RVEMU_NO_HART. */
static struct rvemu_event *new_event(struct tables *ts, unsigned kind)
{
    return ts->by ? hart_event(ts->by, kind) : siblings_event(ts->all, kind);
}

static struct table **place_of(struct tables *ts, u64 pa)
{
    if (!ram_has(&ts->all->bus->ram, pa & -4096ull, PAGE_SIZE))
        return NULL;
    return &ts->by_frame[(pa - ts->all->bus->ram.base) >> PAGE_SHIFT];
}

static struct table *table_at(struct tables *ts, u64 pa)
{
    struct table **place = place_of(ts, pa);

    return place ? *place : NULL;
}

static u64 load_pte(struct tables *ts, u64 pa)
{
    u64 pte;

    memcpy(&pte, ram_host(&ts->all->bus->ram, pa), 8);
    return pte;
}

/* The first valid entry from i on, or ENTRIES: most tables are almost empty. */
static unsigned next_valid(struct tables *ts, const struct table *t, unsigned i)
{
    const u8 *host = ram_host(&ts->all->bus->ram, t->pa);

    while (i < ENTRIES) {
        if (i % LINE == 0 && !memcmp(host + 8 * i, no_entries, 8 * LINE))
            i += LINE;
        else if (load_pte(ts, t->pa + 8 * i) & PTE_V)
            break;
        else
            i++;
    }
    return i;
}

/* What a page-table entry may look like; anything else is someone's data. */
static bool plausible(u64 pte)
{
    return (pte & PTE_V) && !(pte & PTE_RESERVED) &&
           (pte & (PTE_R | PTE_W)) != PTE_W;
}

/* Follows the first link of each table upwards. Gives the root reached and
 * the first address that the entry at pte_pa governs. */
static u64 path_up(struct tables *ts, const struct table *t, u64 pte_pa,
                   u64 *va)
{
    unsigned width = 12;

    *va = 0;
    for (;;) {
        *va |= (pte_pa >> 3 & (ENTRIES - 1)) << (12 + 9 * t->level);
        width = 12 + 9 * (t->level + 1u);
        if (t->root || !t->links)
            break;
        pte_pa = t->link[0];
        t = table_at(ts, pte_pa);
    }
    *va = sext(*va, width);
    return t->pa >> PAGE_SHIFT;
}

static void emit_found(struct tables *ts, const struct table *t, u64 pte_pa,
                       u64 pte)
{
    u64 va, root;

    if (!trace_wants(ts->all->trace, RVEMU_EVENT_pte_found))
        return;
    root = path_up(ts, t, pte_pa, &va);
    new_event(ts, RVEMU_EVENT_pte_found)->pte_found =
        (struct rvemu_ev_pte_found){root, va, t->level, pte_pa, pte};
}

static void emit_write(struct tables *ts, const struct table *t, u64 pte_pa,
                       u64 old, u64 new, unsigned origin)
{
    u64 va, root;

    if (!trace_wants(ts->all->trace, RVEMU_EVENT_pte_write))
        return;
    root = path_up(ts, t, pte_pa, &va);
    new_event(ts, RVEMU_EVENT_pte_write)->pte_write =
        (struct rvemu_ev_pte_write){root, va,  t->level, pte_pa,
                                    old,  new, origin};
}

static struct leaf leaf_at(const struct table *t, u64 pte_pa, u64 pte)
{
    return (struct leaf){pte, pte_pa, t->level};
}

/* Reports and follows what a table holds at the moment it becomes known. */
static void scan(struct tables *ts, struct table *t)
{
    for (unsigned i = 0; (i = next_valid(ts, t, i)) < ENTRIES; i++) {
        u64 pte_pa = t->pa + 8 * i;
        u64 pte = load_pte(ts, pte_pa);

        emit_found(ts, t, pte_pa, pte);
        leaves_add(&ts->leaves, leaf_at(t, pte_pa, pte), true);
        if (pte_points(pte) && t->level)
            link_table(ts, pte_target(pte), t->level - 1u, pte_pa);
    }
}

static struct table *learn(struct tables *ts, struct table **place, u64 pa,
                           unsigned level)
{
    struct table *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->pa = pa;
    t->level = (u8)level;
    *place = t;
    *ram_frame_flags(&ts->all->bus->ram, pa) |= FRAME_TABLE;
    arrays_protect(ts->all, pa);
    return t;
}

/* What the table holds is known no more. */
static void leave_entries(struct tables *ts, const struct table *t)
{
    for (unsigned i = 0; (i = next_valid(ts, t, i)) < ENTRIES; i++) {
        u64 pte_pa = t->pa + 8 * i;
        u64 pte = load_pte(ts, pte_pa);

        leaves_remove(&ts->leaves, leaf_at(t, pte_pa, pte));
        if (pte_points(pte) && t->level)
            unlink_table(ts, pte_target(pte), pte_pa);
    }
}

static void forget(struct tables *ts, struct table *t)
{
    *place_of(ts, t->pa) = NULL;
    *ram_frame_flags(&ts->all->bus->ram, t->pa) &= (u8)~FRAME_TABLE;
    leave_entries(ts, t);
    free(t->link);
    free(t);
}

static void lose_root(struct tables *ts, struct table *t)
{
    if (trace_wants(ts->all->trace, RVEMU_EVENT_root_lost))
        new_event(ts, RVEMU_EVENT_root_lost)->root_lost.root =
            t->pa >> PAGE_SHIFT;
    forget(ts, t);
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
static bool climb(struct tables *ts, const struct table *above, struct table *t)
{
    if (t == above)
        return true;
    if (t->seen == ts->searches)
        return false;
    t->seen = ts->searches;
    for (unsigned i = 0; i < t->links; i++)
        if (climb(ts, above, table_at(ts, t->link[i])))
            return true;
    return false;
}

/* Whether `above` leads down to the table t, by any link. */
static bool is_above(struct tables *ts, const struct table *above,
                     struct table *t)
{
    ts->searches++;
    return climb(ts, above, t);
}

/* A root that another table links is none any more, unless the link leads
 * back up to it: then it stays, and so does the table that is being written
 * or scanned. */
static void link_table(struct tables *ts, u64 pa, unsigned level, u64 pte_pa)
{
    struct table **place = place_of(ts, pa);
    struct table *t;

    if (!place)
        return;
    if (*place && (*place)->root && !(*place)->loaded &&
        !is_above(ts, *place, table_at(ts, pte_pa)))
        lose_root(ts, *place);
    t = *place;
    if (t) {
        if (t->level == level && !t->root)
            add_link(t, pte_pa);
        return;
    }
    t = learn(ts, place, pa, level);
    if (t && add_link(t, pte_pa))
        scan(ts, t);
}

static void unlink_table(struct tables *ts, u64 pa, u64 pte_pa)
{
    struct table *t = table_at(ts, pa);

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
        forget(ts, t);
}

/* The table that satp names, made a root if it was none. */
static struct table *find_root(struct tables *ts, u64 satp)
{
    u64 pa = satp_root(satp);
    struct table **place = place_of(ts, pa);
    struct table *t;

    if (satp_mode(satp) == SATP_MODE_BARE || !place)
        return NULL;
    if (*place && !(*place)->root)
        forget(ts, *place);
    if (*place)
        return *place;
    t = learn(ts, place, pa, satp_levels(satp) - 1);
    if (t) {
        t->root = true;
        scan(ts, t);
    }
    return t;
}

void tables_satp(struct tables *ts, struct hart *by, u64 old, u64 new)
{
    struct table *t;

    if (!ts->on)
        return;
    ts->by = by;
    t = find_root(ts, new);
    if (t)
        t->loaded++;
    t = satp_mode(old) == SATP_MODE_BARE ? NULL : table_at(ts, satp_root(old));
    if (t && t->loaded)
        t->loaded--;
}

void tables_watch(struct tables *ts, bool on)
{
    const struct siblings *all = ts->all;
    const struct ram *ram = &all->bus->ram;

    if (ts->on == on)
        return;
    for (u64 i = 0; i < ram->size >> PAGE_SHIFT; i++)
        ram->frame_flags[i] &= (u8)~FRAME_TABLE;
    free_records(ts);
    if (!on)
        return;
    ts->frames = ram->size >> PAGE_SHIFT;
    ts->by_frame = calloc(ts->frames, sizeof(*ts->by_frame));
    ts->on = ts->by_frame != NULL;
    leaves_begin(&ts->leaves, all);
    for (unsigned i = 0; i < all->count; i++)
        tables_satp(ts, all->hart[i], 0, all->hart[i]->s.csr.satp);
}

void tables_restored(struct tables *ts)
{
    const struct ram *ram = &ts->all->bus->ram;

    leaves_restored(&ts->leaves);
    for (u64 i = 0; i < ts->frames; i++)
        if (ts->by_frame[i])
            ram->frame_flags[i] |= FRAME_TABLE;
}

struct tables_saved {
    unsigned count;
    struct table *table; /* so many, whose links are those of `link`, in turn */
    u64 *link;
    struct sparse *leaves;
    struct cleared cleared[CLEARED];
    unsigned next_cleared;
    u64 searches;
};

void tables_drop(struct tables_saved *saved)
{
    if (!saved)
        return;
    free(saved->table);
    free(saved->link);
    free(saved->leaves);
    free(saved);
}

u64 tables_weight(const struct tables_saved *saved)
{
    u64 weight = 0;

    if (!saved)
        return 0;
    for (unsigned i = 0; i < saved->count; i++)
        weight += sizeof(*saved->table) +
                  saved->table[i].links * sizeof(*saved->link);
    weight += saved->leaves ? sparse_weight(saved->leaves) : 0;
    return weight + sizeof(*saved);
}

static void count_records(const struct tables *ts, unsigned *tables,
                          unsigned *links)
{
    for (u64 i = 0; i < ts->frames; i++) {
        if (!ts->by_frame[i])
            continue;
        ++*tables;
        *links += ts->by_frame[i]->links;
    }
}

static void copy_records(const struct tables *ts, struct tables_saved *s)
{
    u64 *link = s->link;

    for (u64 i = 0; i < ts->frames; i++) {
        const struct table *t = ts->by_frame[i];

        if (!t)
            continue;
        s->table[s->count++] = *t;
        for (unsigned k = 0; k < t->links; k++)
            *link++ = t->link[k];
    }
}

int tables_save(const struct tables *ts, struct tables_saved **saved)
{
    struct tables_saved *s;
    unsigned tables = 0, links = 0;

    *saved = NULL;
    if (!ts->on)
        return 0;
    s = calloc(1, sizeof(*s));
    if (!s)
        return -1;
    count_records(ts, &tables, &links);
    s->table = calloc(tables + 1, sizeof(*s->table));
    s->link = calloc(links + 1, sizeof(*s->link));
    s->leaves = leaves_save(&ts->leaves);
    if (!s->table || !s->link || (ts->leaves.frame && !s->leaves)) {
        tables_drop(s);
        return -1;
    }
    copy_records(ts, s);
    memcpy(s->cleared, ts->cleared, sizeof(s->cleared));
    s->next_cleared = ts->next_cleared;
    s->searches = ts->searches;
    *saved = s;
    return 0;
}

/* Makes a record again, with its links. */
static bool renew(struct tables *ts, const struct table *saved, const u64 *link)
{
    struct table *t = malloc(sizeof(*t));

    if (!t)
        return false;
    *t = *saved;
    t->room = t->links;
    t->link = malloc((t->links + 1) * sizeof(*t->link));
    if (!t->link) {
        free(t);
        return false;
    }
    if (t->links)
        memcpy(t->link, link, t->links * sizeof(*t->link));
    *place_of(ts, t->pa) = t;
    return true;
}

static void forget_records(struct tables *ts)
{
    for (u64 i = 0; i < ts->frames; i++) {
        ts->all->bus->ram.frame_flags[i] &= (u8)~FRAME_TABLE;
        if (!ts->by_frame[i])
            continue;
        free(ts->by_frame[i]->link);
        free(ts->by_frame[i]);
        ts->by_frame[i] = NULL;
    }
}

int tables_restore(struct tables *ts, const struct tables_saved *saved)
{
    const u64 *link = saved ? saved->link : NULL;
    bool whole = saved != NULL;

    if (!ts->on)
        return 0;
    ts->by = NULL;
    forget_records(ts);
    for (unsigned i = 0; whole && i < saved->count; i++) {
        whole = renew(ts, &saved->table[i], link);
        link += saved->table[i].links;
    }
    if (!whole) {
        tables_watch(ts, false);
        tables_watch(ts, true);
        return saved ? -1 : 0;
    }
    leaves_load(&ts->leaves, saved->leaves);
    memcpy(ts->cleared, saved->cleared, sizeof(ts->cleared));
    ts->next_cleared = saved->next_cleared;
    ts->searches = saved->searches;
    tables_restored(ts);
    return 0;
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
    if (pte_maps(old))
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
static void check_copy(struct tables *ts, const struct table *t, u64 pa,
                       u64 before, u64 new)
{
    const struct ram *ram = &ts->all->bus->ram;
    u64 size = tlb_page_size(t->level);
    u64 from = pte_page(before, pa), to = pte_page(new, pa);
    u64 va, root;

    if (from == to || !ram_has(ram, from, size) || !ram_has(ram, to, size) ||
        memcmp(ram_host(ram, from), ram_host(ram, to), size))
        return;
    if (!trace_wants(ts->all->trace, RVEMU_EVENT_frame_copied))
        return;
    root = path_up(ts, t, pa, &va);
    new_event(ts, RVEMU_EVENT_frame_copied)->frame_copied =
        (struct rvemu_ev_frame_copied){root, va, pa, from >> PAGE_SHIFT,
                                       to >> PAGE_SHIFT};
}

/* An entry was stored: what it maps now, and mapped before. */
static void follow_leaf(struct tables *ts, const struct table *t, u64 pa,
                        u64 old, u64 new)
{
    u64 before = 0;

    if (pte_maps(old) && !pte_maps(new))
        remember_leaf(ts, pa, old);
    if (pte_maps(new) && t->level <= COPY_LEVEL)
        before = previous_leaf(ts, pa, old);
    leaves_add(&ts->leaves, leaf_at(t, pa, new), false);
    leaves_remove(&ts->leaves, leaf_at(t, pa, old));
    if (!before)
        return;
    leaves_replaced(&ts->leaves, before, leaf_at(t, pa, new));
    check_copy(ts, t, pa, before, new);
}

static bool is_empty(struct tables *ts, const struct table *t)
{
    return !memcmp(ram_host(&ts->all->bus->ram, t->pa), no_entries,
                   sizeof(no_entries));
}

/* Whether a root that no hart uses has stopped being a table. */
static bool root_is_gone(struct tables *ts, const struct table *t, u64 new)
{
    if (!t->root || t->loaded)
        return false;
    return new ? !plausible(new) : is_empty(ts, t);
}

/* A frame mapped for a user is no root, whatever it was. */
static void lose_mapped_root(struct tables *ts, u64 leaf, u64 pte_pa)
{
    struct table *t =
        leaf & PTE_U ? table_at(ts, pte_page(leaf, pte_pa)) : NULL;

    if (t && t->root && !t->loaded)
        lose_root(ts, t);
}

void tables_about_to_store(struct tables *ts, u64 pa, u64 new)
{
    const struct table *t = ts->on ? table_at(ts, pa) : NULL;
    u64 va;

    if (!t)
        return;
    path_up(ts, t, pa, &va);
    ahead_of_store(ts->all, va, t->level, pa, new);
}

void tables_stored(struct tables *ts, struct hart *by, u64 pa, u64 old,
                   unsigned origin)
{
    struct table *t = ts->on ? table_at(ts, pa) : NULL;
    u64 new;

    if (!t)
        return;
    new = load_pte(ts, pa);
    if (new == old)
        return;
    ts->by = by;
    follow_leaf(ts, t, pa, old, new);
    emit_write(ts, t, pa, old, new, origin);
    if (root_is_gone(ts, t, new)) {
        if (pte_points(old) && t->level)
            unlink_table(ts, pte_target(old), pa);
        lose_root(ts, t);
        return;
    }
    if (pte_points(new) && t->level)
        link_table(ts, pte_target(new), t->level - 1u, pa);
    if (pte_points(old) && t->level)
        unlink_table(ts, pte_target(old), pa);
    if (pte_maps(new))
        lose_mapped_root(ts, new, pa);
}
