/*
 * What a machine is made from; see facts.h.
 *
 *   number of rows    of each: its name, a number
 *   number of texts   of each: its name, a text
 *
 * "isa" has the names of all extensions, separated by commas: as texts, they
 * mean the same to a build that has more of them. serial0 to serial7 are those
 * of disks.
 */
#include "machine/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "isa/cpu_model.h"
#include "machine/machine.h"

#define ISA "isa"
#define SERIAL "serial"
#define CPU_DEFAULT "rv64"
#define NAMES_MAX 64 /* rows, or texts, of a file */

static const struct row {
    const char *name;
    size_t offset, size;
    const char *option;
} rows[] = {
#define ROW(name, member, option)                 \
    {name, offsetof(struct rvemu_config, member), \
     sizeof(((struct rvemu_config *)0)->member), option},
#include "machine/config.def"
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static u64 value_of(const struct rvemu_config *config, const struct row *row)
{
    const u8 *at = (const u8 *)config + row->offset;

    return row->size == 1   ? *at
           : row->size == 4 ? load_le32(at)
                            : load_le64(at);
}

/* False: there is no room for such a value. */
static bool set_value(struct rvemu_config *config, const struct row *row,
                      u64 value)
{
    u8 *at = (u8 *)config + row->offset;
    u64 most = row->size == 1 ? 1 : row->size == 4 ? INT32_MAX : UINT64_MAX;

    if (value > most)
        return false;
    for (size_t i = 0; i < row->size; i++)
        at[i] = (u8)(value >> 8 * i);
    return true;
}

/* The shortest text for -cpu with these extensions. */
static void write_cpu(char cpu[FACTS_CPU_MAX], u64 isa)
{
    size_t used = (size_t)snprintf(cpu, FACTS_CPU_MAX, CPU_DEFAULT);

    for (unsigned e = 0; e < EXT_COUNT; e++) {
        bool is_on = isa >> e & 1;

        if (ext_info[e].how != EXT_FOLLOWS && ext_info[e].name &&
            is_on != (EXT_DEFAULT >> e & 1) && used < FACTS_CPU_MAX)
            used += (size_t)snprintf(cpu + used, FACTS_CPU_MAX - used, ",%s=%s",
                                     ext_info[e].name, is_on ? "on" : "off");
    }
}

static void write_isa(char text[FACTS_CPU_MAX], u64 isa)
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned e = 0; e < EXT_COUNT; e++)
        if (isa >> e & 1 && ext_info[e].name && used < FACTS_CPU_MAX)
            used += (size_t)snprintf(text + used, FACTS_CPU_MAX - used, "%s%s",
                                     used ? "," : "", ext_info[e].name);
}

/* Says what is left out, and drops what is not the facts'. */
static void settle(struct facts *f)
{
    struct rvemu_config *c = &f->config;

    if (!c->ram_bytes)
        c->ram_bytes = RVEMU_RAM_DEFAULT;
    if (!c->harts)
        c->harts = 1;
    if (!c->epoch)
        c->epoch = RVEMU_EPOCH_DEFAULT;
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++) {
        struct rvemu_virtio_slot *slot = &c->virtio.slot[i];

        if (slot->serial != f->serial[i])
            snprintf(f->serial[i], sizeof(f->serial[i]), "%s",
                     slot->serial ? slot->serial : "");
        slot->serial = f->serial[i];
        slot->disk = NULL;
    }
    c->test_move = 0;
    c->host = (struct rvemu_host){0};
    write_cpu(f->cpu, f->isa);
    c->cpu = f->cpu;
}

void facts_of_machine(struct facts *f, const struct rvemu *m)
{
    f->config = m->config;
    f->isa = m->isa;
    settle(f);
}

int facts_of_config(struct facts *f, const struct rvemu_config *config,
                    struct rvemu_error *error)
{
    u64 off = config->hart.cache_invalid ? EXT_SET(SVVPTC) : 0;

    f->config = *config;
    if (cpu_model_parse(config->cpu, off, &f->isa, error) < 0)
        return -1;
    settle(f);
    return 0;
}

static unsigned count_serials(const struct facts *f)
{
    unsigned count = 0;

    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++)
        count += f->serial[i][0] != '\0';
    return count;
}

void facts_put(struct bytes *bytes, const struct facts *f)
{
    char text[FACTS_CPU_MAX];

    bytes_put_number(bytes, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        bytes_put_text(bytes, rows[i].name);
        bytes_put_number(bytes, value_of(&f->config, &rows[i]));
    }
    write_isa(text, f->isa);
    bytes_put_number(bytes, 1 + count_serials(f));
    bytes_put_text(bytes, ISA);
    bytes_put_text(bytes, text);
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++) {
        if (!f->serial[i][0])
            continue;
        snprintf(text, sizeof(text), SERIAL "%u", i);
        bytes_put_text(bytes, text);
        bytes_put_text(bytes, f->serial[i]);
    }
}

/* What is 0 need not be known. */
static int get_row(struct facts *f, const char *name, u64 value,
                   struct rvemu_error *error)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        return set_value(&f->config, &rows[i], value)
                   ? 0
                   : error_set(error, "its %s of %llu cannot be", name,
                               (unsigned long long)value);
    }
    return value ? error_set(error,
                             "it is of a machine with '%s', which this "
                             "emu does not know",
                             name)
                 : 0;
}

static int get_extension(struct facts *f, const char *name,
                         struct rvemu_error *error)
{
    for (unsigned e = 0; e < EXT_COUNT; e++)
        if (ext_info[e].name && !strcmp(ext_info[e].name, name)) {
            f->isa |= 1ull << e;
            return 0;
        }
    return error_set(error,
                     "its harts have the extension '%s', which this emu does "
                     "not know",
                     name);
}

/* Reads the names, and takes in what has none of its own. */
static int get_isa(struct facts *f, char *text, struct rvemu_error *error)
{
    u64 named, all;
    char *rest = text, *name;

    f->isa = 0;
    while ((name = strsep(&rest, ",")))
        if (*name && get_extension(f, name, error) < 0)
            return -1;
    named = f->isa;
    write_cpu(f->cpu, named);
    if (cpu_model_parse(f->cpu, 0, &all, error) < 0)
        return -1;
    f->isa = all;
    for (unsigned e = 0; e < EXT_COUNT; e++)
        if (ext_info[e].name && (named ^ all) >> e & 1)
            return error_set(error, "its harts cannot be: %s",
                             ext_info[e].name);
    return 0;
}

static int get_text(struct facts *f, const char *name, char *text,
                    struct rvemu_error *error)
{
    unsigned slot = (unsigned)(name[0] ? name[strlen(name) - 1] - '0' : 0);

    if (!strcmp(name, ISA))
        return get_isa(f, text, error);
    if (strncmp(name, SERIAL, strlen(SERIAL)) != 0 ||
        strlen(name) != strlen(SERIAL) + 1 || slot >= RVEMU_VIRTIO_SLOTS ||
        strlen(text) > RVEMU_VIRTIO_SERIAL_MAX)
        return error_set(error, "its '%s' is not known to this emu", name);
    snprintf(f->serial[slot], sizeof(f->serial[slot]), "%s", text);
    f->config.virtio.slot[slot].serial = f->serial[slot];
    return 0;
}

static int get_rows(struct facts *f, struct cursor *cursor,
                    struct rvemu_error *error)
{
    u64 count = cursor_number(cursor);
    int failed = 0;

    for (u64 i = 0; i < count && i < NAMES_MAX && !failed; i++) {
        char *name = cursor_text(cursor);
        u64 value = cursor_number(cursor);

        failed = name ? get_row(f, name, value, error)
                      : error_set(error, "what it says of its machine is cut");
        free(name);
    }
    return failed;
}

static int get_texts(struct facts *f, struct cursor *cursor,
                     struct rvemu_error *error)
{
    u64 count = cursor_number(cursor);
    int failed = 0;

    for (u64 i = 0; i < count && i < NAMES_MAX && !failed; i++) {
        char *name = cursor_text(cursor), *text = cursor_text(cursor);

        failed = name && text
                     ? get_text(f, name, text, error)
                     : error_set(error, "what it says of its machine is cut");
        free(name);
        free(text);
    }
    return failed;
}

int facts_get(struct facts *f, struct cursor *cursor, struct rvemu_error *error)
{
    *f = (struct facts){.isa = 0};
    if (get_rows(f, cursor, error) < 0 || get_texts(f, cursor, error) < 0)
        return -1;
    if (cursor->failed || !f->cpu[0])
        return error_set(error, "what it says of its machine is cut");
    settle(f);
    return 0;
}

int facts_compare(const struct facts *had, const struct facts *given,
                  const char *what, struct rvemu_error *error)
{
    for (size_t i = 0; i < ROWS; i++) {
        u64 a = value_of(&had->config, &rows[i]);
        u64 b = value_of(&given->config, &rows[i]);

        if (a != b)
            return error_set(error, "%s: %s has %s %llu, not %llu",
                             rows[i].option, what, rows[i].name,
                             (unsigned long long)a, (unsigned long long)b);
    }
    if (had->isa != given->isa)
        return error_set(error, "-cpu: %s has %s, not %s", what, had->cpu,
                         given->cpu);
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++)
        if (strcmp(had->serial[i], given->serial[i]) != 0)
            return error_set(error,
                             "-device: %s has the serial '%s' in virtio slot "
                             "%u, not '%s'",
                             what, had->serial[i], i, given->serial[i]);
    return 0;
}
