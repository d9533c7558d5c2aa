/*
 * --tlb: what the TLB is like, word by word. Whatever chooses a geometry has
 * the look-ups counted, too.
 */
#include <string.h>

#include "cli/options_priv.h"

#define ALL_WORDS                                                            \
    "sets=, ways=, replace=, asid-bits=, walk-cache=, cache-invalid, worst " \
    "or "                                                                    \
    "stats"

/* Reads a number from `least` to `most` into *number. */
static int read_number(const struct rvemu_list_item *item, unsigned least,
                       unsigned most, unsigned *number,
                       struct rvemu_error *error)
{
    char text[24];
    uint64_t value;

    if (!options_read_text(item, text, sizeof(text)) ||
        !options_read_number(text, &value) || value < least || value > most)
        return rvemu_error_set(error, "--tlb %.*s=%.*s: say %u to %u",
                               (int)item->length, item->name,
                               (int)item->value_length,
                               item->value ? item->value : "", least, most);
    *number = (unsigned)value;
    return 0;
}

static int take_sets(struct options *o, const struct rvemu_list_item *item,
                     struct rvemu_error *error)
{
    unsigned sets;

    if (read_number(item, 1, RVEMU_TLB_SETS_MAX, &sets, error) < 0)
        return -1;
    if (sets & (sets - 1))
        return rvemu_error_set(error,
                               "--tlb sets=%u: say a power of two from 1 to %d",
                               sets, RVEMU_TLB_SETS_MAX);
    o->machine.hart.tlb.sets = sets;
    o->machine.hart.tlb.counts = true;
    return 0;
}

static int take_ways(struct options *o, const struct rvemu_list_item *item,
                     struct rvemu_error *error)
{
    o->machine.hart.tlb.counts = true;
    return read_number(item, 1, RVEMU_TLB_WAYS_MAX, &o->machine.hart.tlb.ways,
                       error);
}

static int take_replace(struct options *o, const struct rvemu_list_item *item,
                        struct rvemu_error *error)
{
    static const char *const names[RVEMU_TLB_REPLACES] = {
        [RVEMU_TLB_FIFO] = "fifo",
        [RVEMU_TLB_LRU] = "lru",
        [RVEMU_TLB_RANDOM] = "random",
        [RVEMU_TLB_NONE] = "none",
    };

    for (unsigned i = 0; i < RVEMU_TLB_REPLACES; i++)
        if (rvemu_list_has(item, names[i])) {
            o->machine.hart.tlb.replace = (enum rvemu_tlb_replace)i;
            o->machine.hart.tlb.counts = true;
            return 0;
        }
    return rvemu_error_set(error,
                           "--tlb replace=%.*s: say fifo, lru, random or none",
                           (int)item->value_length, item->value);
}

static int take_asid_bits(struct options *o, const struct rvemu_list_item *item,
                          struct rvemu_error *error)
{
    unsigned bits;

    if (read_number(item, 0, RVEMU_ASID_BITS_MAX, &bits, error) < 0)
        return -1;
    o->machine.hart.tlb.asid_bits_off = RVEMU_ASID_BITS_MAX - bits;
    return 0;
}

static int take_walk_cache(struct options *o,
                           const struct rvemu_list_item *item,
                           struct rvemu_error *error)
{
    o->machine.hart.tlb.counts = true;
    return read_number(item, 0, RVEMU_TLB_WALK_CACHE_MAX,
                       &o->machine.hart.tlb.walk_cache, error);
}

static int take_cache_invalid(struct options *o,
                              const struct rvemu_list_item *item,
                              struct rvemu_error *error)
{
    o->machine.hart.cache_invalid = true;
    return 0;
}

static int take_worst(struct options *o, const struct rvemu_list_item *item,
                      struct rvemu_error *error)
{
    o->machine.hart.tlb.walks_ahead = true;
    o->machine.hart.cache_invalid = true;
    if (!o->machine.hart.tlb.walk_cache)
        o->machine.hart.tlb.walk_cache = RVEMU_TLB_WALK_CACHE_MAX;
    return 0;
}

static int take_stats(struct options *o, const struct rvemu_list_item *item,
                      struct rvemu_error *error)
{
    o->machine.hart.tlb.counts = true;
    o->tlb_stats = true;
    return 0;
}

static const struct word {
    const char *name;
    bool takes_value;
    int (*take)(struct options *o, const struct rvemu_list_item *item,
                struct rvemu_error *error);
} words[] = {
    {"sets", true, take_sets},
    {"ways", true, take_ways},
    {"replace", true, take_replace},
    {"asid-bits", true, take_asid_bits},
    {"walk-cache", true, take_walk_cache},
    {"cache-invalid", false, take_cache_invalid},
    {"worst", false, take_worst},
    {"stats", false, take_stats},
};

#define WORDS (sizeof(words) / sizeof(words[0]))

static int take_word(struct options *o, const struct rvemu_list_item *item,
                     struct rvemu_error *error)
{
    unsigned i = 0;

    while (i < WORDS && !rvemu_list_is(item, words[i].name))
        i++;
    if (i == WORDS)
        return rvemu_error_set(error,
                               "--tlb: there is no '%.*s'; say " ALL_WORDS,
                               (int)item->length, item->name);
    if (words[i].takes_value && !item->value)
        return rvemu_error_set(error, "--tlb %s needs a value", words[i].name);
    if (!words[i].takes_value && item->value)
        return rvemu_error_set(error, "--tlb %s takes no value", words[i].name);
    return words[i].take(o, item, error);
}

/* A later --tlb adds to an earlier one. */
int options_set_tlb(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    struct rvemu_list_item item;

    while (rvemu_list_next(&value, &item))
        if (take_word(o, &item, error) < 0)
            return -1;
    return 0;
}
