/*
 * Rebuilds page tables from events and compares them with memory.
 *
 *   rebuild HARTS POINTS STEPS SEED FIRMWARE KERNEL INITRD APPEND
 *
 * A guest runs for STEPS steps at most. At POINTS random places, and at its
 * end, every entry of every table that a live root leads to has to be what
 * pte_found, pte_write and ad_update have told of it, and nothing else. Prints
 * what was compared, or the first entry that differs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rvemu/rvemu.h>

#include "base/bits.h"
#include "base/map.h"
#include "isa/pte.h"

#define ENTRIES 512
#define PAGE 4096u
#define SATP 0x180
#define ROOT_LINKS (1ul << 32) /* a root counts as a link of its own */

/* A table that something links. */
struct table {
    u64 frame;
    u64 links;
    u64 seen; /* the comparison that it was last in */
    u64 entry[ENTRIES];
};

struct rebuilt {
    rvemu *machine;
    struct map table; /* by frame plus 1 */
    struct map root;  /* the same tables, those that are roots */
    u64 points, tables, entries, roots; /* roots: that there ever were */
    u64 comparison;
};

static void fail(const char *what, u64 a, u64 b, u64 c)
{
    printf("%s: %#" PRIx64 " %#" PRIx64 " %#" PRIx64 "\n", what, a, b, c);
    exit(1);
}

static bool is_pointer(u64 pte)
{
    return (pte & PTE_V) && !(pte & (PTE_R | PTE_W | PTE_X));
}

static u64 frame_of(u64 pte)
{
    return bits(pte, 53, 10);
}

static struct table *link_table(struct rebuilt *r, u64 frame, u64 links)
{
    struct table *table = map_get(&r->table, frame + 1);

    if (!table) {
        table = calloc(1, sizeof(*table));
        if (!table || !map_put(&r->table, frame + 1, table))
            fail("no memory", frame, 0, 0);
        table->frame = frame;
    }
    table->links += links;
    return table;
}

static void unlink_table(struct rebuilt *r, u64 frame, u64 links)
{
    struct table *table = map_get(&r->table, frame + 1);

    if (!table || table->links < links)
        fail("a link is lost that was not told of", frame, 0, 0);
    table->links -= links;
    if (table->links)
        return;
    map_remove(&r->table, frame + 1);
    for (unsigned i = 0; i < ENTRIES; i++)
        if (is_pointer(table->entry[i]))
            unlink_table(r, frame_of(table->entry[i]), 1);
    free(table);
}

/* An entry of a table at a level other than 0 links what it points to. */
static void set_entry(struct rebuilt *r, u64 pa, u64 old, u64 new, u64 level)
{
    struct table *table = map_get(&r->table, pa / PAGE + 1);
    u64 *entry;

    if (!table)
        fail("an entry of no table", pa, old, new);
    entry = &table->entry[pa % PAGE / 8];
    if (*entry != old)
        fail("an entry was not what it is said to have been", pa, *entry, old);
    old = *entry;
    *entry = new;
    if (level && is_pointer(new))
        link_table(r, frame_of(new), 1);
    if (level && is_pointer(old))
        unlink_table(r, frame_of(old), 1);
}

static void set_root(struct rebuilt *r, u64 frame)
{
    if (map_get(&r->root, frame + 1))
        return;
    r->roots++;
    if (!map_put(&r->root, frame + 1, link_table(r, frame, ROOT_LINKS)))
        fail("no memory", frame, 0, 0);
}

static void take(void *self, const struct rvemu_event *event)
{
    struct rebuilt *r = self;

    switch (event->kind) {
    case RVEMU_EVENT_satp:
        if (event->satp.new >> 60)
            set_root(r, bits(event->satp.new, 43, 0));
        break;
    case RVEMU_EVENT_root_lost:
        if (!map_remove(&r->root, event->root_lost.root + 1))
            fail("a root was lost that was none", event->root_lost.root, 0, 0);
        unlink_table(r, event->root_lost.root, ROOT_LINKS);
        break;
    case RVEMU_EVENT_pte_found:
        set_entry(r, event->pte_found.pte_pa, 0, event->pte_found.pte,
                  event->pte_found.level);
        break;
    case RVEMU_EVENT_pte_write:
        set_entry(r, event->pte_write.pte_pa, event->pte_write.old,
                  event->pte_write.new, event->pte_write.level);
        break;
    case RVEMU_EVENT_ad_update:
        set_entry(r, event->ad_update.pte_pa, event->ad_update.old,
                  event->ad_update.new, 0);
        break;
    default: break;
    }
}

/* Compares a table, and what memory has it lead to. */
static void compare(struct rebuilt *r, u64 frame, unsigned level)
{
    struct table *table = map_get(&r->table, frame + 1);
    u8 memory[PAGE];

    if (!table)
        fail("memory has a table that was not told of", frame, level, 0);
    if (table->seen == r->comparison)
        return;
    table->seen = r->comparison;
    r->tables++;
    if (rvemu_read_ram(r->machine, frame * PAGE, memory, PAGE) < 0)
        fail("a table lies outside RAM", frame, level, 0);
    for (unsigned i = 0; i < ENTRIES; i++) {
        u64 pte = load_le64(memory + 8 * i);

        r->entries++;
        if (pte != table->entry[i])
            fail("memory has another entry (where, there, told)",
                 frame * PAGE + 8 * i, pte, table->entry[i]);
        if (level && is_pointer(pte))
            compare(r, frame_of(pte), level - 1);
    }
}

static void compare_all(struct rebuilt *r)
{
    struct table *root;
    size_t at = 0;
    u64 satp = 0;

    r->points++;
    r->comparison++;
    for (unsigned hart = 0; hart < rvemu_harts(r->machine); hart++) {
        u64 value;

        if (rvemu_csr(r->machine, hart, SATP, &value) == 0 && value >> 60) {
            satp = value;
            if (!map_get(&r->root, bits(satp, 43, 0) + 1))
                fail("satp has a root that was not told of", satp, hart, 0);
        }
    }
    while (satp && (root = map_next(&r->root, &at)))
        compare(r, root->frame, (unsigned)(satp >> 60) - 6);
}

static u64 draw(u64 *state)
{
    *state += 0x9e3779b97f4a7c15;
    return stir(*state);
}

static void run(struct rebuilt *r, u64 points, u64 steps, u64 seed)
{
    struct rvemu_stop stop = {.reason = RVEMU_STOP_STEPS};

    if (rvemu_subscribe(r->machine,
                        RVEMU_EVENT_BIT(satp) | RVEMU_EVENT_BIT(root_lost) |
                            RVEMU_EVENT_BIT(pte_found) |
                            RVEMU_EVENT_BIT(pte_write) |
                            RVEMU_EVENT_BIT(ad_update),
                        take, r) < 0)
        fail("too many subscribers", 0, 0, 0);
    for (u64 i = 0; i < points && stop.reason == RVEMU_STOP_STEPS; i++) {
        rvemu_run(r->machine, 1 + draw(&seed) % (2 * steps / points), &stop);
        compare_all(r);
    }
}

int main(int argc, char **argv)
{
    struct rebuilt r = {.machine = NULL};
    struct rvemu_config config = {.ram_bytes = 512u << 20};
    struct rvemu_error error;

    if (argc != 9)
        return 2;
    config.harts = (unsigned)strtoul(argv[1], NULL, 0);
    if (rvemu_create(&config, &r.machine, &error) < 0 ||
        rvemu_load(r.machine,
                   &(struct rvemu_guest){.as = RVEMU_AS_AUTO,
                                         .firmware.path = argv[5],
                                         .image.path = argv[6],
                                         .initrd.path = argv[7],
                                         .bootargs = argv[8]},
                   &error) < 0) {
        printf("%s\n", error.text);
        return 2;
    }
    run(&r, strtoull(argv[2], NULL, 0), strtoull(argv[3], NULL, 0),
        strtoull(argv[4], NULL, 0));
    printf("%" PRIu64 " points, %" PRIu64 " tables, %" PRIu64
           " entries, %" PRIu64 " roots\n",
           r.points, r.tables, r.entries, r.roots);
    return 0;
}
