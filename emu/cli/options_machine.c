/*
 * The options that say what the machine is: -M, -m, -cpu, --tlb, -smp and
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

/* Megabytes, or bytes with one of K, M, G, T, P, E; rounded up to a whole
 * MiB, as the machine wants it. */
int options_set_memory(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    const char *text = value;
    unsigned shift = 20;
    char *end;
    uint64_t number;

    if (!strncmp(text, "size=", 5))
        text += 5;
    errno = 0;
    number = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || errno)
        return options_refuse(error, "-m", value, "not a size; say 256M or 1G");
    if (*end) {
        shift = suffix_shift(*end);
        if (!shift || end[1])
            return options_refuse(error, "-m", value,
                                  "not a size; say 256M or 1G");
    }
    if (number > RAM_MAX >> shift || number << shift < RAM_MIN)
        return options_refuse(error, "-m", value, "RAM can be 1M to 1T");
    o->machine.ram_bytes = ((number << shift) + MIB - 1) & ~(MIB - 1);
    return 0;
}

int options_set_machine(struct options *o, const char *value,
                        struct rvemu_error *error)
{
    if (!strncmp(value, "type=", 5))
        value += 5;
    if (!strncmp(value, "virt,dumpdtb=", 13)) {
        o->dump_dtb = value + 13;
        return 0;
    }
    if (strcmp(value, "virt") != 0)
        return options_refuse(error, "-M", value, "the machine is always virt");
    return 0;
}

/* A later -cpu starts anew; one that cannot be is refused here, by name. */
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

/* What --tlb may say: words without a value, and words with one that are not
 * built yet. */
static const struct {
    const char *name;
    size_t member; /* where in struct options a bool is set; 0: not built */
} tlb_words[] = {
    {"cache-invalid", offsetof(struct options, machine.hart.cache_invalid)},
    {"sets", 0},
    {"ways", 0},
    {"replace", 0},
    {"asid-bits", 0},
    {"walk-cache", 0},
};

#define TLB_WORDS (sizeof(tlb_words) / sizeof(tlb_words[0]))

static int take_tlb_word(struct options *o, const char *word, size_t length,
                         struct rvemu_error *error)
{
    size_t name = strcspn(word, "=,");
    unsigned i = 0;

    while (i < TLB_WORDS && (strlen(tlb_words[i].name) != name ||
                             memcmp(tlb_words[i].name, word, name)))
        i++;
    if (i == TLB_WORDS)
        return rvemu_error_set(error,
                               "--tlb: there is no '%.*s'; say cache-invalid",
                               (int)length, word);
    if (!tlb_words[i].member)
        return rvemu_error_set(error, "--tlb %s is not supported yet",
                               tlb_words[i].name);
    if (name != length)
        return rvemu_error_set(error, "--tlb %s takes no value",
                               tlb_words[i].name);
    *(bool *)((char *)o + tlb_words[i].member) = true;
    return 0;
}

/* A later --tlb adds to an earlier one. */
int options_set_tlb(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    for (;;) {
        size_t length = strcspn(value, ",");

        if (take_tlb_word(o, value, length, error) < 0)
            return -1;
        if (!value[length])
            return 0;
        value += length + 1;
    }
}

/* -smp: what may be said of the harts, and must agree. */
struct topology {
    uint64_t cpus, cores, maxcpus;
    uint64_t sockets, dies, clusters, threads;
};

/* The member that a name of this length stands for, or NULL. */
static uint64_t *topology_member(struct topology *t, const char *name,
                                 size_t length)
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
        if (strlen(members[i].name) == length &&
            !memcmp(members[i].name, name, length))
            return members[i].member;
    return NULL;
}

/* Reads "[cpus=]N[,NAME=N]...". */
static bool read_topology(struct topology *t, const char *list)
{
    *t =
        (struct topology){.sockets = 1, .dies = 1, .clusters = 1, .threads = 1};
    if (isdigit((unsigned char)*list)) {
        t->cpus = strtoull(list, (char **)&list, 10);
        if (t->cpus == 0 || (*list && *list++ != ','))
            return false;
    }
    while (*list) {
        size_t length = strcspn(list, "=,");
        uint64_t *member = topology_member(t, list, length);

        list += length;
        if (!member || *list++ != '=' || !isdigit((unsigned char)*list))
            return false;
        *member = strtoull(list, (char **)&list, 10);
        if (*member == 0 || (*list && *list++ != ','))
            return false;
    }
    return true;
}

int options_set_smp(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    struct topology t;
    uint64_t harts;

    if (!read_topology(&t, value))
        return options_refuse(error, "-smp", value, "say 4 or cpus=4");
    if (t.sockets != 1 || t.dies != 1 || t.clusters != 1 || t.threads != 1)
        return options_refuse(
            error, "-smp", value,
            "the harts are the cores of one socket, a thread each: "
            "say sockets=1 and threads=1, or neither");
    harts = t.cpus ? t.cpus : t.cores ? t.cores : t.maxcpus;
    if (harts == 0)
        return options_refuse(error, "-smp", value,
                              "does not say how many harts: say 4 or cpus=4");
    if ((t.cores && t.cores != harts) || (t.maxcpus && t.maxcpus != harts))
        return options_refuse(error, "-smp", value,
                              "cpus, cores and maxcpus differ");
    if (harts > RVEMU_HARTS_MAX)
        return options_refuse(error, "-smp", value,
                              "there can be 1 to 8 harts");
    o->machine.harts = (unsigned)harts;
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
