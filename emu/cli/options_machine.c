/*
 * The options that say what the machine is: -M, -accel, -m, -cpu, -smp and
 * --quantum. Their values have parts and limits of their own.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_priv.h"

#define MIB (1ull << 20)
#define RAM_MIN MIB
#define RAM_MAX (1ull << 40)

static unsigned suffix_shift(char suffix)
{
    static const char suffixes[] = "kmgtpe";
    const char *at = strchr(suffixes, tolower((unsigned char)suffix));

    return suffix && at ? 10 * (unsigned)(at - suffixes + 1) : 0;
}

/* A size as QEMU reads it: whole MiB, or a number, in decimal even behind a
 * leading 0, or in hex after 0x, with B, K, M, G, T, P or E behind it, and
 * before one of these a fraction. Too many bytes are UINT64_MAX. False: it is
 * no size. */
static bool read_size(const char *text, uint64_t *bytes)
{
    bool is_hex = text[0] == '0' && tolower((unsigned char)text[1]) == 'x';
    double fraction = 0;
    unsigned shift = 20;
    uint64_t number;
    char *end;

    errno = 0;
    number = strtoull(text, &end, is_hex ? 16 : 10);
    if (!isdigit((unsigned char)*text) || errno)
        return false;
    if (*end == '.' && !is_hex) {
        const char *digits = end;

        while (isdigit((unsigned char)*++end))
            continue;
        if (end > digits + 1)
            fraction = strtod(digits, NULL);
        if (!*end)
            return false;
    }
    if (*end) {
        shift = suffix_shift(*end);
        if ((!shift && tolower((unsigned char)*end) != 'b') || end[1])
            return false;
    }
    if (!shift && fraction > 0)
        return false;
    *bytes = UINT64_MAX;
    if (number < UINT64_MAX >> shift)
        *bytes = (number << shift) + (uint64_t)(fraction * (1ull << shift));
    return true;
}

/* Rounded up to a whole MiB, as the machine wants it. */
int options_set_memory(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    const char *text = value;
    uint64_t bytes;

    if (!strncmp(text, "size=", 5))
        text += 5;
    if (!read_size(text, &bytes))
        return options_refuse(error, "-m", value, "not a size; say 256M or 1G");
    if (bytes > RAM_MAX || bytes < RAM_MIN)
        return options_refuse(error, "-m", value, "RAM can be 1M to 1T");
    o->machine.ram_bytes = (bytes + MIB - 1) & ~(MIB - 1);
    return 0;
}

static bool is_path_length(size_t length)
{
    return length && length < OPTIONS_PATH_MAX;
}

int options_set_dump_dtb(struct options *o, const char *value,
                         struct rvemu_error *error)
{
    size_t length = strlen(value);

    if (!is_path_length(length))
        return options_refuse(error, "--dump-dtb", value, "no name of a file");
    memcpy(o->dump_dtb, value, length + 1);
    return 0;
}

static bool is_virt(const struct rvemu_list_item *item, bool first)
{
    if (first && !item->value)
        return rvemu_list_is(item, "virt");
    return rvemu_list_is(item, "type") && rvemu_list_has(item, "virt");
}

/* Properties of QEMU's machine that can be said, and the only value that each
 * may have; NULL: any, since it changes nothing. */
static const struct {
    const char *name, *value;
} machine_properties[] = {

    {"aia", "none"},           {"acpi", "off"},
    {"iommu-sys", "off"},      {"usb", "off"},
    {"graphics", NULL},        {"mem-merge", NULL},
    {"dump-guest-core", NULL}, {"suppress-vmdesc", NULL},
};

#define MACHINE_PROPERTIES \
    (sizeof(machine_properties) / sizeof(machine_properties[0]))

static int take_machine_property(const char *all,
                                 const struct rvemu_list_item *item,
                                 struct rvemu_error *error)
{
    const char *only;
    unsigned i = 0;
    bool is_on;

    while (i < MACHINE_PROPERTIES &&
           !rvemu_list_is(item, machine_properties[i].name))
        i++;
    if (i == MACHINE_PROPERTIES || !item->value)
        return rvemu_error_set(error,
                               "-M %s: the machine is always virt, and has no "
                               "%.*s",
                               all, (int)item->length, item->name);
    only = machine_properties[i].value;
    if (!only || rvemu_list_has(item, only) ||
        (!strcmp(only, "off") && options_read_switch(item, &is_on) && !is_on))
        return 0;
    return rvemu_error_set(error,
                           "-M %s: is not supported yet: say %s=%s, or leave "
                           "it out",
                           all, machine_properties[i].name, only);
}

static int take_machine_item(struct options *o, const char *all,
                             const struct rvemu_list_item *item,
                             struct rvemu_error *error)
{
    if (rvemu_list_is(item, "aclint"))
        return options_read_switch(item, &o->machine.aclint)
                   ? 0
                   : options_refuse(error, "-M", all, "aclint is on or off");
    if (rvemu_list_is(item, "accel") && item->value)
        return options_set_accel(o, item->value, error);
    if (!rvemu_list_is(item, "dumpdtb"))
        return take_machine_property(all, item, error);
    if (!is_path_length(
            rvemu_list_value(item, o->dump_dtb, sizeof(o->dump_dtb))))
        return options_refuse(error, "-M", all, "dumpdtb is no name of a file");
    return 0;
}

/* "[type=]virt[,PROPERTY=VALUE]...", in any order. */
int options_set_machine(struct options *o, const char *value,
                        struct rvemu_error *error)
{
    const char *rest = value;
    struct rvemu_list_item item;
    bool first = true;

    if (!strcmp(value, "help") || !strcmp(value, "?")) {
        o->action = OPTIONS_MACHINES;
        return 0;
    }
    for (; rvemu_list_next(&rest, &item); first = false)
        if (!is_virt(&item, first) &&
            take_machine_item(o, value, &item, error) < 0)
            return -1;
    return 0;
}

/* "tcg[,PROPERTY=VALUE]...", or several, by colons or by -accel again, of which
 * one has to be tcg. */
int options_set_accel(struct options *o, const char *value,
                      struct rvemu_error *error)
{
    size_t length = strcspn(value, ",");

    for (const char *at = value; at < value + length;) {
        size_t name = strcspn(at, ":,");

        if (name == 3 && !memcmp(at, "tcg", name))
            o->has_accel = true;
        at += name + 1;
    }
    o->accel = value;
    return 0;
}

/* A later -cpu starts anew; a CPU that cannot be is refused here, by name. */
int options_set_cpu(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    if (!strcmp(value, "help")) {
        o->action = OPTIONS_CPUS;
        return 0;
    }
    if (strlen(value) > OPTIONS_CPU_MAX)
        return rvemu_error_set(error, "-cpu: that is too long");
    o->cpu = value;
    return rvemu_cpu_check(value, error);
}

/* -smp: what may be said of the harts, and must agree. */
struct topology {
    uint64_t cpus, cores, maxcpus;
    uint64_t sockets, dies, clusters, threads;
};

/* The member that an item names, or NULL. */
static uint64_t *topology_member(struct topology *t,
                                 const struct rvemu_list_item *item)
{
    const struct {
        const char *name;
        uint64_t *member;
    } members[] = {
        {"cpus", &t->cpus},       {"cores", &t->cores},
        {"maxcpus", &t->maxcpus}, {"sockets", &t->sockets},
        {"dies", &t->dies},       {"clusters", &t->clusters},
        {"threads", &t->threads},
    };

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (rvemu_list_is(item, members[i].name))
            return members[i].member;
    return NULL;
}

#define COUNT_MOST 100000

/* A number above 0, as C writes it, of this length: QEMU reads this one by
 * strtoull() with base 0. */
static bool read_count(const char *text, size_t length, uint64_t *count)
{
    char *end;

    if (!isdigit((unsigned char)*text))
        return false;
    *count = strtoull(text, &end, 0);
    return *count && *count <= COUNT_MOST && end == text + length;
}

/* Reads "[cpus=]N[,NAME=N]...". */
static bool read_topology(struct topology *t, const char *list)
{
    struct rvemu_list_item item;
    bool first = true;

    *t = (struct topology){0};
    for (; list && rvemu_list_next(&list, &item); first = false) {
        uint64_t *member = topology_member(t, &item);

        if (!item.value && first) {
            if (!read_count(item.name, item.length, &t->cpus))
                return false;
        } else if (!item.value || !member ||
                   !read_count(item.value, item.value_length, member)) {
            return false;
        }
    }
    return true;
}

/* Works out what was not said, as QEMU does: cores before sockets before
 * threads. False: it does not work out. */
static bool complete(struct topology *t)
{
    uint64_t all;

    if (!t->maxcpus)
        t->maxcpus = t->cpus;
    if (t->maxcpus && !t->cores) {
        t->sockets = t->sockets ? t->sockets : 1;
        t->threads = t->threads ? t->threads : 1;
        t->cores = t->maxcpus / (t->sockets * t->threads);
    } else if (t->maxcpus && !t->sockets) {
        t->threads = t->threads ? t->threads : 1;
        t->sockets = t->maxcpus / (t->cores * t->threads);
    } else if (t->maxcpus && !t->threads) {
        t->threads = t->maxcpus / (t->cores * t->sockets);
    }
    all = (t->sockets ? t->sockets : 1) * (t->cores ? t->cores : 1) *
          (t->threads ? t->threads : 1);
    t->maxcpus = t->maxcpus ? t->maxcpus : all;
    t->cpus = t->cpus ? t->cpus : t->maxcpus;
    return all == t->maxcpus && t->cpus <= t->maxcpus;
}

int options_set_smp(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    struct topology t;

    if (!read_topology(&t, value))
        return options_refuse(error, "-smp", value, "say 4 or cpus=4");
    if (t.dies > 1 || t.clusters > 1)
        return options_refuse(error, "-smp", value,
                              "the machine has no dies and no clusters");
    if (!complete(&t))
        return options_refuse(error, "-smp", value,
                              "sockets, cores and threads do not make that "
                              "many harts");
    if (t.cpus > RVEMU_HARTS_MAX)
        return options_refuse(error, "-smp", value,
                              "there can be 1 to 8 harts");
    o->machine.harts = (unsigned)t.cpus;
    return 0;
}

int options_set_quantum(struct options *o, const char *value,
                        struct rvemu_error *error)
{
    uint64_t steps;

    if (!options_read_number(value, &steps) || steps < RVEMU_QUANTUM_MIN ||
        steps > RVEMU_QUANTUM_MAX)
        return options_refuse(error, "--quantum", value,
                              "say 64 to 1000000 steps");
    o->machine.quantum = (unsigned)steps;
    return 0;
}
