/*
 * A machine as sections; see shot.h.
 *
 *   SECTION_CONFIG   facts.c
 *   SECTION_SCHEMA   the layout of plain structs   u64
 *                    parts                         number
 *                    of each: its name             text
 *                             its index, its size  numbers
 *   SECTION_PARTS    their bytes
 *   SECTION_LOADED   what the guest was taken for, what the host was told,
 *                    symbols, and of each whether it is there, and where
 *                                                  numbers
 *   SECTION_TREE     the device tree
 *   SECTION_RUNS, SECTION_RAM                      ram_runs.c
 *   SECTION_DISK, SECTION_CLUSTERS                 shot_disks.c
 */
#include "machine/shot.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "machine/machine.h"
#include "machine/parts.h"
#include "machine/parts_check.h"
#include "machine/ram_runs.h"
#include "machine/shot_disks.h"

#define TREE_MAX (2u << 20)

/* Who puts sections into the hands of whom. */
struct taker {
    section_fn *put;
    void *self;
};

static void put_part(void *arg, const struct part *part)
{
    struct bytes *bytes = arg;

    bytes_put_text(bytes, part->name);
    bytes_put_number(bytes, part->index);
    bytes_put_number(bytes, part->size);
}

static void count_part(void *arg, const struct part *part)
{
    ++*(u64 *)arg;
}

static void put_schema(struct bytes *bytes, struct rvemu *m)
{
    u64 count = 0;

    parts_each(m, count_part, &count);
    bytes_put_le(bytes, parts_layout, 8);
    bytes_put_number(bytes, count);
    parts_each(m, put_part, bytes);
}

static void put_parts(struct bytes *bytes, struct rvemu *m)
{
    size_t size = parts_size(m);

    if (!bytes_reserve(bytes, size))
        return;
    parts_save(m, bytes->at);
    bytes->size += size;
}

static void put_loaded(struct bytes *bytes, struct rvemu *m)
{
    bytes_put_number(bytes, m->as);
    bytes_put_number(bytes, m->told);
    bytes_put_number(bytes, SYMBOLS);
    for (unsigned i = 0; i < SYMBOLS; i++) {
        bytes_put_number(bytes, m->symbols.has[i]);
        bytes_put_number(bytes, m->symbols.has[i] ? m->symbols.pa[i] : 0);
    }
}

static void put_config(struct bytes *bytes, struct rvemu *m)
{
    struct facts facts;

    facts_of_machine(&facts, m);
    facts_put(bytes, &facts);
}

static void put_tree(struct bytes *bytes, struct rvemu *m)
{
    bytes_put(bytes, m->device_tree, m->device_tree_size);
}

/* The sections that are made in one go. */
static const struct {
    u32 kind;
    void (*make)(struct bytes *bytes, struct rvemu *m);
} small[] = {
    {SECTION_CONFIG, put_config}, {SECTION_SCHEMA, put_schema},
    {SECTION_PARTS, put_parts},   {SECTION_LOADED, put_loaded},
    {SECTION_TREE, put_tree},
};

static bool take_small(struct rvemu *m, const struct taker *taker)
{
    struct bytes bytes = {0};
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof(small) / sizeof(small[0]); i++) {
        bytes.size = 0;
        small[i].make(&bytes, m);
        ok = !bytes.failed &&
             taker->put(taker->self, small[i].kind, 0, bytes.at, bytes.size);
    }
    bytes_free(&bytes);
    return ok;
}

static bool take_ram(const struct rvemu *m, const struct taker *taker)
{
    struct bytes bytes = {0};
    struct ram_runs runs;
    bool ok = ram_runs_find(&runs, &m->bus.ram);

    if (!ok)
        return false;
    ram_runs_put(&bytes, &runs);
    ok = !bytes.failed &&
         taker->put(taker->self, SECTION_RUNS, 0, bytes.at, bytes.size) &&
         ram_runs_save(&runs, &m->bus.ram, taker->put, taker->self);
    bytes_free(&bytes);
    ram_runs_free(&runs);
    return ok;
}

/* Which tables such harts watch is theirs to see, and in no part. */
static int check_kind(const struct rvemu *m, const char *what,
                      struct rvemu_error *error)
{
    if (!m->config.hart.tlb.walks_ahead)
        return 0;
    return error_set(error,
                     "--tlb worst and %s do not go together: what such "
                     "harts watch is not kept",
                     what);
}

int shot_take_small(struct rvemu *m, section_fn *put, void *self,
                    struct rvemu_error *error)
{
    const struct taker taker = {put, self};

    if (check_kind(m, "a snapshot", error) < 0)
        return -1;
    if (!m->loaded)
        return error_set(error, "nothing has been loaded into this machine");
    return take_small(m, &taker) ? 0 : error_set(error, "out of host memory");
}

int shot_take(struct rvemu *m, section_fn *put, void *self,
              struct rvemu_error *error)
{
    const struct taker taker = {put, self};

    if (shot_take_small(m, put, self, error) < 0)
        return -1;
    if (!take_ram(m, &taker))
        return error_set(error, "out of host memory");
    return shot_disks_save(&m->config.virtio, put, self, error);
}

static struct cursor cursor_in(const struct section *section)
{
    return (struct cursor){section->bytes, section->bytes + section->size,
                           false};
}

/* A section that is there and at hand, or NULL with error. */
static const struct section *need(const struct sections *s, u32 kind,
                                  const char *what, struct rvemu_error *error)
{
    const struct section *section = sections_find(s, kind, 0);

    if (section && section->bytes)
        return section;
    error_set(error, "%s is missing", what);
    return NULL;
}

int shot_facts(struct facts *facts, const struct sections *s,
               struct rvemu_error *error)
{
    const struct section *section =
        need(s, SECTION_CONFIG, "what its machine is like", error);
    struct cursor cursor;

    if (!section)
        return -1;
    cursor = cursor_in(section);
    return facts_get(facts, &cursor, error);
}

/* How the parts of a snapshot differ from those of this machine. */
struct schema_check {
    struct cursor cursor;
    struct rvemu_error *error;
    int failed;
};

static void check_part(void *arg, const struct part *part)
{
    struct schema_check *check = arg;
    char *name = check->failed ? NULL : cursor_text(&check->cursor);
    u64 index = cursor_number(&check->cursor);
    u64 size = cursor_number(&check->cursor);

    if (!check->failed && (!name || check->cursor.failed))
        check->failed = error_set(check->error, "its list of parts is cut");
    else if (name && (strcmp(name, part->name) != 0 || index != part->index))
        check->failed =
            error_set(check->error,
                      "it has a part %s %llu where this emu has %s %u: it is "
                      "of another version",
                      name, (unsigned long long)index, part->name, part->index);
    else if (name && size != part->size)
        check->failed = error_set(
            check->error,
            "its part %s %u has %llu bytes, and %llu in this emu: it is of "
            "another version",
            name, part->index, (unsigned long long)size,
            (unsigned long long)part->size);
    free(name);
}

static int check_schema(struct rvemu *m, const struct sections *s,
                        struct rvemu_error *error)
{
    const struct section *section =
        need(s, SECTION_SCHEMA, "its list of parts", error);
    struct schema_check check = {.error = error};
    u64 count = 0, layout, listed;

    if (!section)
        return -1;
    check.cursor = cursor_in(section);
    layout = cursor_le(&check.cursor, 8);
    listed = cursor_number(&check.cursor);
    parts_each(m, count_part, &count);
    parts_each(m, check_part, &check);
    if (check.failed)
        return -1;
    if (listed != count)
        return error_set(error,
                         "it has %llu parts, and this emu's machine has %llu: "
                         "it is of another version",
                         (unsigned long long)listed, (unsigned long long)count);
    if (layout != parts_layout)
        return error_set(error, "its parts are laid out otherwise than those "
                                "of this emu: it is of another version");
    return 0;
}

static int load_loaded(struct rvemu *m, const struct sections *s,
                       struct rvemu_error *error)
{
    const struct section *section =
        need(s, SECTION_LOADED, "what its guest is", error);
    struct cursor cursor;
    u64 as, symbols;

    if (!section)
        return -1;
    cursor = cursor_in(section);
    as = cursor_number(&cursor);
    m->told = cursor_number(&cursor);
    symbols = cursor_number(&cursor);
    for (u64 i = 0; i < symbols && i < SYMBOLS; i++) {
        m->symbols.has[i] = cursor_number(&cursor) != 0;
        m->symbols.pa[i] = cursor_number(&cursor);
    }
    if (cursor.failed || symbols > SYMBOLS || as > RVEMU_AS_USER)
        return error_set(error, "what it says of its guest makes no sense");
    m->as = (enum rvemu_as)as;
    return 0;
}

static int load_tree(struct rvemu *m, const struct sections *s,
                     struct rvemu_error *error)
{
    const struct section *section =
        need(s, SECTION_TREE, "its device tree", error);

    if (!section || section->size > TREE_MAX)
        return section ? error_set(error, "its device tree is too large") : -1;
    if (!section->size)
        return 0;
    m->device_tree = malloc(section->size);
    if (!m->device_tree)
        return error_set(error, "out of host memory");
    memcpy(m->device_tree, section->bytes, section->size);
    m->device_tree_size = section->size;
    return 0;
}

static int load_ram(struct rvemu *m, const struct ram_runs *runs,
                    const struct sections *s, struct rvemu_error *error)
{
    if (!ram_runs_match(runs, s))
        return error_set(error, "its RAM is not all there");
    if (!ram_runs_load(runs, &m->bus.ram, s))
        return error_set(error, "its RAM cannot be unpacked");
    return 0;
}

static int load_pages(void *arg, struct rvemu *m, const struct sections *s,
                      struct rvemu_error *error)
{
    const struct section *section =
        need(s, SECTION_RUNS, "its list of pages", error);
    struct ram_runs runs;
    struct cursor cursor;
    int failed;

    if (!section)
        return -1;
    cursor = cursor_in(section);
    if (!ram_runs_get(&runs, &cursor, m->bus.ram.size))
        return error_set(error, "its pages are not those of %llu bytes of RAM",
                         (unsigned long long)m->bus.ram.size);
    failed = load_ram(m, &runs, s, error);
    ram_runs_free(&runs);
    return failed;
}

static int load_parts(struct rvemu *m, const struct sections *s,
                      struct rvemu_error *error)
{
    const struct section *section =
        need(s, SECTION_PARTS, "the state of its machine", error);
    const char *wrong;

    if (!section)
        return -1;
    if (section->size != parts_size(m))
        return error_set(error, "the state of its machine is cut");
    parts_load(m, section->bytes);
    wrong = parts_check(m);
    if (wrong)
        return error_set(error, "the state of its %s is none that can be",
                         wrong);
    return 0;
}

static int check_config(const struct rvemu *m, const struct sections *s,
                        struct rvemu_error *error)
{
    struct facts had, given;

    if (check_kind(m, "a snapshot", error) < 0 ||
        shot_facts(&had, s, error) < 0)
        return -1;
    facts_of_machine(&given, m);
    return facts_compare(&had, &given, "it", error);
}

int shot_load(struct rvemu *m, const struct sections *s,
              struct rvemu_error *error)
{
    return shot_load_over(m, s, load_pages, NULL, error);
}

int shot_load_over(struct rvemu *m, const struct sections *s, shot_ram_fn *ram,
                   void *arg, struct rvemu_error *error)
{
    if (m->loaded)
        return error_set(error, "this machine has been loaded already");
    if (check_config(m, s, error) < 0 || check_schema(m, s, error) < 0 ||
        shot_disks_check(&m->config.virtio, s, error) < 0)
        return -1;
    m->loaded = true;
    if (load_loaded(m, s, error) < 0 || load_tree(m, s, error) < 0 ||
        machine_attach_htif(m, error) < 0 || ram(arg, m, s, error) < 0 ||
        load_parts(m, s, error) < 0 ||
        shot_disks_load(&m->config.virtio, s, error) < 0)
        return -1;
    parts_restored(m);
    return 0;
}
