/*
 * Address spaces; see spaces.h.
 *
 * Each table's `pte` is the truth; parent lists and the frames' mapping
 * lists are derived from it by set_entry() alone, which takes back what the
 * old value meant before it does what the new one means.
 */
#include "analysis/spaces.h"

#include <string.h>

#include "base/bits.h"

#define PATHS_MAX 65536      /* tables met on the ways from an entry upwards */
#define LEAVES_MAX (1 << 22) /* met on the ways from a root downwards */
#define NAPOT_PPN (15ull << 10) /* of the PPN of 64 KiB */

static void set_entry(struct spaces *spaces, struct table *table,
                      unsigned index, u64 pte);

u64 pte_alone(u64 pte, unsigned level, u64 pte_pa)
{
    if (level || !pte_maps(pte) || !(pte & PTE_N))
        return pte;
    return (pte & ~(PTE_N | NAPOT_PPN)) | ((pte_pa >> 3 << 10) & NAPOT_PPN);
}

u64 pte_frame(u64 pte, unsigned level)
{
    return align_down(bits(pte, 53, 10), 1ull << (9 * level));
}

u64 satp_frame(u64 satp)
{
    return satp_mode(satp) ? satp_root(satp) >> 12 : 0;
}

/* Sv39 is mode 8 and has its root at level 2, Sv48 and Sv57 follow. */
static unsigned satp_level(u64 satp)
{
    return satp_levels(satp) - 1;
}

static bool is_pointer(const struct table *table, u64 pte)
{
    return pte_points(pte) && table->level;
}

static void free_table(struct spaces *spaces, struct table *table)
{
    struct arena *arena = spaces->tables.arena;

    for (unsigned i = 0; i < TABLE_PARTS; i++)
        arena_give(arena, table->part[i]);
    arena_give(arena, table->parent);
    arena_give(arena, table);
}

/* TABLE_PART entries of 0, or NULL. */
static u64 *take_part(struct spaces *spaces)
{
    struct spare *spare = spaces->spare;

    if (!spare)
        return arena_take(spaces->tables.arena, TABLE_PART * sizeof(u64));
    spaces->spare = spare->next;
    spare->next = NULL;
    return (u64 *)spare;
}

/* Keeps the parts of a table, whose entries are 0, for others. */
static void keep_parts(struct spaces *spaces, struct table *table)
{
    for (unsigned i = 0; i < TABLE_PARTS; i++) {
        struct spare *spare = (struct spare *)table->part[i];

        if (!spare)
            continue;
        spare->next = spaces->spare;
        spaces->spare = spare;
        table->part[i] = NULL;
    }
}

/* Whether any leaf maps the frame for a user. */
static bool is_mapped(const struct spaces *spaces, u64 ppn)
{
    for (unsigned level = 0; level < LEVELS; level++) {
        const struct frame *frame = frames_find(
            &spaces->frames, align_down(ppn, 1ull << (9 * level)), level);

        if (frame && frame->mappings)
            return true;
    }
    return false;
}

static struct table *add_table(struct spaces *spaces, u64 frame, unsigned level)
{
    struct table *table = arena_take(spaces->tables.arena, sizeof(*table));

    if (!table || !map_put(&spaces->tables, frame, table)) {
        arena_give(spaces->tables.arena, table);
        spaces->failed = true;
        return NULL;
    }
    table->frame = frame;
    table->level = level;
    table->born = spaces->seq;
    if (is_mapped(spaces, frame))
        spaces->in_use = frame;
    return table;
}

static void drop_table(struct spaces *spaces, struct table *table)
{
    if (table->id && spaces->ear)
        spaces->ear->ended(spaces->ear->arg, table);
    map_remove(&spaces->tables, table->frame);
    if (table->id)
        map_remove(&spaces->roots, table->id);
    for (unsigned i = 0; (i = table_next_used(table, i)) < TABLE_ENTRIES; i++)
        set_entry(spaces, table, i, 0);
    keep_parts(spaces, table);
    free_table(spaces, table);
}

/* The root is a space from now on. */
static void take_id(struct spaces *spaces, struct table *root)
{
    root->id = ++spaces->roots_seen;
    if (!map_put(&spaces->roots, root->id, root))
        spaces->failed = true;
    if (spaces->ear)
        spaces->ear->begun(spaces->ear->arg, root);
}

static struct table *add_root(struct spaces *spaces, u64 frame, unsigned level)
{
    struct table *table = map_get(&spaces->tables, frame);

    if (table && table->id)
        return table;
    if (table)
        drop_table(spaces, table);
    table = add_table(spaces, frame, level);
    if (!table)
        return NULL;
    take_id(spaces, table);
    return table;
}

struct table *spaces_child(const struct spaces *spaces,
                           const struct table *table, unsigned index)
{
    u64 pte = table_pte(table, index);
    struct table *child = NULL;

    if (is_pointer(table, pte))
        child = map_get(&spaces->tables, pte_frame(pte, 0));
    if (child && (child->id || child->level != table->level - 1))
        return NULL;
    return child;
}

/* An entry of the table has come to lead to user pages. */
static void enter(struct table *table)
{
    if (table->below++)
        return;
    for (unsigned i = 0; i < table->parents; i++)
        enter(table->parent[i].table);
}

/* One has ceased to. */
static void leave(struct table *table)
{
    if (--table->below)
        return;
    for (unsigned i = 0; i < table->parents; i++)
        leave(table->parent[i].table);
}

static void link_child(struct spaces *spaces, struct table *table,
                       unsigned index)
{
    u64 frame = pte_frame(table_pte(table, index), 0);
    struct table *child = spaces_child(spaces, table, index);

    if (!child && !map_get(&spaces->tables, frame))
        child = add_table(spaces, frame, table->level - 1);
    if (!child)
        return;
    if (child->parents == child->room) {
        unsigned room = child->room ? 2 * child->room : 2;
        struct entry *grown = arena_grow(spaces->tables.arena, child->parent,
                                         room * sizeof(*child->parent));

        if (!grown) {
            spaces->failed = true;
            return;
        }
        child->parent = grown;
        child->room = room;
    }
    child->parent[child->parents++] = (struct entry){table, index};
    if (child->below)
        enter(table);
}

static void unlink_child(struct spaces *spaces, struct table *table,
                         unsigned index)
{
    struct table *child = spaces_child(spaces, table, index);

    if (!child)
        return;
    for (unsigned i = 0; i < child->parents; i++) {
        if (child->parent[i].table != table || child->parent[i].index != index)
            continue;
        /* Dropped while still linked, so that its leaves know their path. */
        if (child->parents == 1) {
            drop_table(spaces, child);
            return;
        }
        if (child->below)
            leave(table);
        child->parent[i] = child->parent[--child->parents];
        return;
    }
}

struct leaving {
    struct spaces *spaces;
    struct frame *frame;
    bool left_to_one; /* one mapping of it remains */
    u64 pages;
};

/* Whether the first root known to have left the frame was no program's, or is
 * gone: the next one then says more. */
static bool says_little(const struct spaces *spaces, unsigned id)
{
    const struct table *root = spaces_root_by_id(spaces, id);

    return !root || !root->ran;
}

static void note_left(void *arg, struct table *root, u64 va)
{
    const struct leaving *leaving = arg;
    struct frame *frame = leaving->frame;
    struct spaces *spaces = leaving->spaces;

    if (spaces->ear)
        spaces->ear->left(spaces->ear->arg, root, va, frame);
    if (!root->thinned && spaces->thin_count < SPACES_THIN) {
        root->thinned = true;
        spaces->thin[spaces->thin_count++] = root->id;
    }
    root->thinned_at = spaces->now;
    root->unmapped += leaving->pages;
    root->given_up += leaving->left_to_one ? leaving->pages : 0;
    if (!frame->protected)
        return;
    if (!frame->left_root ||
        (root->ran && says_little(spaces, frame->left_root))) {
        frame->left_root = root->id;
        frame->left_va = va;
        root->has_left = true;
    }
}

/* A leaf ceases to map its frame. The root that was the first to leave a
 * protected frame is kept: it is the parent of a child yet to be seen. */
static void unlink_leaf(struct spaces *spaces, struct entry at, u64 pte)
{
    unsigned level = at.table->level;
    struct frame *frame =
        frames_find(&spaces->frames, pte_frame(pte, level), level);
    struct leaving leaving = {spaces, frame, frame && frame->mappings == 2,
                              level_size(level) >> 12};

    if (frame) {
        spaces_each_path(spaces, at, note_left, &leaving);
        if (frame->mappings > 1)
            frame->left_at = spaces->now;
        frames_unlink(&spaces->frames, frame, at);
    }
    leave(at.table);
}

static bool store_entry(struct spaces *spaces, struct table *table,
                        unsigned index, u64 pte)
{
    u64 **part = &table->part[index / TABLE_PART];
    u64 bit = 1ull << index % TABLE_PART;

    if (!*part)
        *part = pte ? take_part(spaces) : NULL;
    if (!*part)
        return !pte;
    (*part)[index % TABLE_PART] = pte;
    if (pte)
        table->used[index / TABLE_PART] |= bit;
    else
        table->used[index / TABLE_PART] &= ~bit;
    return true;
}

static void set_entry(struct spaces *spaces, struct table *table,
                      unsigned index, u64 pte)
{
    u64 old = table_pte(table, index);
    struct entry at = {table, index};

    if (is_pointer(table, old) &&
        !(is_pointer(table, pte) && pte_frame(old, 0) == pte_frame(pte, 0)))
        unlink_child(spaces, table, index);
    if (pte_is_user(old))
        unlink_leaf(spaces, at, old);
    if (!store_entry(spaces, table, index, pte)) {
        spaces->failed = true;
        return;
    }
    if (is_pointer(table, pte) &&
        !(is_pointer(table, old) && pte_frame(old, 0) == pte_frame(pte, 0)))
        link_child(spaces, table, index);
    if (!pte_is_user(pte))
        return;
    enter(table);
    if (!frames_link(&spaces->frames, pte_frame(pte, table->level),
                     table->level, at))
        spaces->failed = true;
}

/* An entry of a table that is known, or becomes so by this event. */
static void take_entry(struct spaces *spaces, u64 root, u64 level, u64 pte_pa,
                       u64 pte)
{
    u64 frame = pte_pa >> 12;
    struct table *table = map_get(&spaces->tables, frame);

    if (level >= LEVELS)
        return;
    if (frame == root && !(table && table->id))
        table = add_root(spaces, frame, (unsigned)level);
    else if (!table)
        table = add_table(spaces, frame, (unsigned)level);
    if (table && table->level == level)
        set_entry(spaces, table, (unsigned)(pte_pa >> 3) % TABLE_ENTRIES,
                  pte_alone(pte, (unsigned)level, pte_pa));
}

/* A frame that nobody else maps, and that is found writable somewhere, is not
 * what it was. */
static void begin_life(struct spaces *spaces, u64 level, u64 pte_pa, u64 pte)
{
    struct frame *frame;

    if (level >= LEVELS || !pte_is_user(pte) || !(pte & PTE_W))
        return;
    pte = pte_alone(pte, (unsigned)level, pte_pa);
    frame = frames_find(&spaces->frames, pte_frame(pte, (unsigned)level),
                        (unsigned)level);
    if (frame && frame->mappings == 1)
        frames_forget(frame);
}

static void take_satp(struct spaces *spaces, u64 satp)
{
    unsigned mode = satp_mode(satp);

    if (mode >= 8 && mode <= 10)
        add_root(spaces, satp_frame(satp), satp_level(satp));
}

void spaces_event(struct spaces *spaces, const struct rvemu_event *event)
{
    struct table *table;

    spaces->now = event->time;
    switch (event->kind) {
    case RVEMU_EVENT_satp: take_satp(spaces, event->satp.new); break;
    case RVEMU_EVENT_pte_write:
        take_entry(spaces, event->pte_write.root, event->pte_write.level,
                   event->pte_write.pte_pa, event->pte_write.new);
        break;
    case RVEMU_EVENT_pte_found:
        take_entry(spaces, event->pte_found.root, event->pte_found.level,
                   event->pte_found.pte_pa, event->pte_found.pte);
        begin_life(spaces, event->pte_found.level, event->pte_found.pte_pa,
                   event->pte_found.pte);
        break;
    case RVEMU_EVENT_root_lost:
        table = spaces_root(spaces, event->root_lost.root);
        if (table)
            drop_table(spaces, table);
        break;
    default: break;
    }
}

void spaces_note_use(struct spaces *spaces,
                     const struct rvemu_ev_ad_update *update)
{
    struct table *table = map_get(&spaces->tables, update->pte_pa >> 12);
    unsigned index = (unsigned)(update->pte_pa >> 3) % TABLE_ENTRIES;
    u64 used = update->new &(PTE_A | PTE_D);

    if (table && table_pte(table, index))
        store_entry(spaces, table, index, table_pte(table, index) | used);
}

unsigned spaces_number(struct spaces *spaces, struct table *root)
{
    if (!root->number)
        root->number = ++spaces->numbers;
    return root->number;
}

void spaces_renew(struct spaces *spaces, struct table *root)
{
    if (spaces->ear)
        spaces->ear->ended(spaces->ear->arg, root);
    map_remove(&spaces->roots, root->id);
    root->number = root->fork = 0;
    root->ran = root->thinned = root->has_left = false;
    root->unmapped = root->given_up = 0;
    memset(root->call, 0, sizeof(root->call));
    root->last_call = NULL;
    root->call_lists = 0;
    root->oldest_call = 0;
    take_id(spaces, root);
}

struct table *spaces_root_by_id(const struct spaces *spaces, unsigned id)
{
    return map_get(&spaces->roots, id);
}

u64 spaces_find(const struct spaces *spaces, const struct table *root, u64 va,
                struct entry *at)
{
    const struct table *table = root;

    while (table) {
        unsigned index = (unsigned)(va >> (12 + 9 * table->level)) % 512;
        u64 pte = table_pte(table, index);

        if (at)
            *at = (struct entry){(struct table *)table, index};
        if (leaf_maps(pte))
            return pte;
        table = spaces_child(spaces, table, index);
    }
    return 0;
}

bool spaces_maps(const struct spaces *spaces, const struct table *root, u64 va,
                 unsigned level, u64 frame)
{
    struct entry at;
    u64 pte = spaces_find(spaces, root, va, &at);

    return pte_is_user(pte) && at.table->level == level &&
           pte_frame(pte, level) == frame;
}

bool spaces_is_global(const struct spaces *spaces, const struct table *root,
                      u64 va)
{
    const struct table *table = root;
    bool global = false;

    while (table) {
        unsigned index = (unsigned)(va >> (12 + 9 * table->level)) % 512;
        u64 pte = table_pte(table, index);

        global |= (pte & PTE_V) && (pte & PTE_G);
        table = pte_points(pte) ? spaces_child(spaces, table, index) : NULL;
    }
    return global;
}

u64 spaces_frame(const struct spaces *spaces, const struct table *root, u64 va)
{
    struct entry at;
    u64 pte = spaces_find(spaces, root, va, &at);

    if (!pte_is_user(pte))
        return 0;
    return pte_frame(pte, at.table->level) +
           ((va & (level_size(at.table->level) - 1)) >> 12);
}

struct leaf_walk {
    struct spaces *spaces;
    u64 left; /* leaves that may still be met */
    spaces_leaf_fn *call;
    void *arg;
    unsigned width; /* of a virtual address */
};

static void walk_leaves(struct leaf_walk *walk, struct table *table, u64 base)
{
    for (unsigned i = 0; (i = table_next_used(table, i)) < TABLE_ENTRIES; i++) {
        u64 va = base | (u64)i << (12 + 9 * table->level);
        struct table *child;

        if (pte_is_user(table_pte(table, i))) {
            if (!walk->left) {
                walk->spaces->woven = true;
                return;
            }
            walk->left--;
            walk->call(walk->arg, (struct entry){table, i},
                       sext(va, walk->width));
            continue;
        }
        child = spaces_child(walk->spaces, table, i);
        if (child && child->below)
            walk_leaves(walk, child, va);
    }
}

void spaces_each_leaf(struct spaces *spaces, struct table *root,
                      spaces_leaf_fn *call, void *arg)
{
    struct leaf_walk walk = {spaces, LEAVES_MAX, call, arg,
                             21 + 9 * root->level};

    walk_leaves(&walk, root, 0);
}

struct path_walk {
    struct spaces *spaces;
    u64 left; /* tables that may still be met */
    spaces_path_fn *call;
    void *arg;
};

static void walk_up(struct path_walk *walk, struct entry at, u64 va)
{
    struct table *table = at.table;

    if (!walk->left) {
        walk->spaces->woven = true;
        return;
    }
    walk->left--;
    va |= (u64)at.index << (12 + 9 * table->level);
    if (table->id)
        walk->call(walk->arg, table, sext(va, 21 + 9 * table->level));
    for (unsigned i = 0; i < table->parents && walk->left; i++)
        walk_up(walk, table->parent[i], va);
}

void spaces_each_path(struct spaces *spaces, struct entry at,
                      spaces_path_fn *call, void *arg)
{
    struct path_walk walk = {spaces, PATHS_MAX, call, arg};

    walk_up(&walk, at, 0);
}

static void count_path(void *arg, struct table *root, u64 va)
{
    ++*(u64 *)arg;
}

u64 spaces_mappings(struct spaces *spaces, const struct frame *frame)
{
    u64 count = 0;

    for (unsigned i = 0; i < frame->mappings; i++)
        spaces_each_path(spaces, frame->mapping[i], count_path, &count);
    return count;
}

u64 spaces_sharers(struct spaces *spaces, u64 ppn, unsigned level)
{
    u64 count = 0;

    for (; level < LEVELS; level++) {
        const struct frame *frame = frames_find(
            &spaces->frames, align_down(ppn, 1ull << (9 * level)), level);

        count += frame ? spaces_mappings(spaces, frame) : 0;
    }
    return count;
}

void spaces_inherit(const struct spaces *spaces, struct frame *frame)
{
    for (unsigned level = frame->level + 1; level < LEVELS; level++) {
        const struct frame *whole =
            frames_find(&spaces->frames,
                        align_down(frame->ppn, 1ull << (9 * level)), level);

        if (whole && whole->protected) {
            frame->protected = true;
            frame->lost = whole->lost;
            frame->fork = whole->fork;
            frame->first_fork = whole->first_fork;
            frame->by_fork = whole->by_fork;
        }
    }
}

struct meeting {
    struct spaces *spaces;
    const struct table *except;
    struct table *one;
    u64 count;
};

static void meet(void *arg, struct table *root, u64 va)
{
    struct meeting *meeting = arg;

    if (root == meeting->except || !spaces_counts(meeting->spaces, root) ||
        root->search == meeting->spaces->searches)
        return;
    root->search = meeting->spaces->searches;
    meeting->one = root;
    meeting->count++;
}

u64 spaces_others(struct spaces *spaces, u64 ppn, unsigned level,
                  const struct table *root, bool writable, struct table **one)
{
    struct meeting meeting = {spaces, root, NULL, 0};

    spaces->searches++;
    for (; level < LEVELS; level++) {
        const struct frame *frame = frames_find(
            &spaces->frames, align_down(ppn, 1ull << (9 * level)), level);

        for (unsigned i = 0; frame && i < frame->mappings; i++) {
            struct entry at = frame->mapping[i];

            if (!writable || entry_pte(at) & PTE_W)
                spaces_each_path(spaces, at, meet, &meeting);
        }
    }
    if (one)
        *one = meeting.one;
    return meeting.count;
}

static bool has_writable(struct spaces *spaces, struct table *table)
{
    table->search = spaces->searches;
    for (unsigned i = 0; (i = table_next_used(table, i)) < TABLE_ENTRIES; i++) {
        u64 pte = table_pte(table, i);
        struct table *child =
            pte_points(pte) ? spaces_child(spaces, table, i) : NULL;
        const struct frame *frame;

        if (child && child->below && child->search != spaces->searches &&
            has_writable(spaces, child))
            return true;
        if (!pte_is_user(pte) || !(pte & PTE_W))
            continue;
        frame = frames_find(&spaces->frames, pte_frame(pte, table->level),
                            table->level);
        if (frame && frame->mappings == 1)
            return true;
    }
    return false;
}

bool spaces_has_writable(struct spaces *spaces, struct table *root)
{
    spaces->searches++;
    return has_writable(spaces, root);
}
