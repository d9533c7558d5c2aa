/* Dictionaries; see dict.h. Open addressing, one slot after the other. */
#include "trace/dict.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 64

struct dict_slot {
    uint64_t key;
    void *value;
    bool used; /* it has, or had, a value */
};

static uint64_t mix(uint64_t key)
{
    key ^= key >> 31;
    key *= UINT64_C(0x9e3779b97f4a7c15);
    return key ^ key >> 29;
}

/* The slot of a key, or the one that it would get. */
static struct dict_slot *find(const struct dict *dict, uint64_t key)
{
    size_t at = mix(key) & (dict->room - 1);

    while (dict->slot[at].used && dict->slot[at].key != key)
        at = (at + 1) & (dict->room - 1);
    return &dict->slot[at];
}

void *dict_get(const struct dict *dict, uint64_t key)
{
    return dict->room ? find(dict, key)->value : NULL;
}

static bool grow(struct dict *dict)
{
    struct dict larger = {.room = ROOM_MIN};

    while (larger.room < 4 * dict->count)
        larger.room *= 2;
    larger.slot = calloc(larger.room, sizeof(*larger.slot));
    if (!larger.slot)
        return false;
    for (size_t i = 0; i < dict->room; i++) {
        struct dict_slot *to;

        if (!dict->slot[i].value)
            continue;
        to = find(&larger, dict->slot[i].key);
        *to = dict->slot[i];
        larger.taken = ++larger.count;
    }
    free(dict->slot);
    *dict = larger;
    return true;
}

bool dict_put(struct dict *dict, uint64_t key, void *value)
{
    struct dict_slot *slot;

    if (!value && !dict_get(dict, key))
        return true;
    if (2 * dict->taken >= dict->room && !grow(dict))
        return false;
    slot = find(dict, key);
    dict->taken += !slot->used;
    dict->count += (value != NULL) - (size_t)(slot->value != NULL);
    *slot = (struct dict_slot){key, value, true};
    return true;
}

void *dict_next(const struct dict *dict, size_t *at)
{
    while (*at < dict->room) {
        void *value = dict->slot[(*at)++].value;

        if (value)
            return value;
    }
    return NULL;
}

void dict_free(struct dict *dict)
{
    free(dict->slot);
    *dict = (struct dict){0};
}

/* FNV-1a. */
static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

static bool add_new(struct counts *counts, const char *text, uint64_t number,
                    uint64_t hash, size_t next)
{
    char *copy = strdup(text);

    if (copy && counts->used == counts->room) {
        size_t room = counts->room ? 2 * counts->room : ROOM_MIN;
        struct count *list = realloc(counts->list, room * sizeof(*list));

        if (list) {
            counts->list = list;
            counts->room = room;
        }
    }
    if (!copy || counts->used == counts->room ||
        !dict_put(&counts->by_hash, hash, (void *)(counts->used + 1))) {
        free(copy);
        return false;
    }
    counts->list[counts->used++] = (struct count){copy, number, next};
    return true;
}

bool counts_add(struct counts *counts, const char *text, uint64_t number)
{
    uint64_t hash = hash_text(text);
    size_t first = (size_t)dict_get(&counts->by_hash, hash);

    for (size_t at = first; at; at = counts->list[at - 1].next) {
        if (!strcmp(counts->list[at - 1].text, text)) {
            counts->list[at - 1].number += number;
            return true;
        }
    }
    return add_new(counts, text, number, hash, first);
}

static int compare(const void *one, const void *other)
{
    const struct count *a = one, *b = other;

    if (a->number != b->number)
        return a->number > b->number ? -1 : 1;
    return strcmp(a->text, b->text);
}

void counts_sort(struct counts *counts)
{
    if (counts->used)
        qsort(counts->list, counts->used, sizeof(*counts->list), compare);
}

void counts_free(struct counts *counts)
{
    for (size_t i = 0; i < counts->used; i++)
        free(counts->list[i].text);
    free(counts->list);
    dict_free(&counts->by_hash);
    *counts = (struct counts){0};
}
