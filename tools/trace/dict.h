/*
 * A dictionary from 64-bit keys to pointers, and one from texts to counts. All
 * zero is an empty one.
 */
#ifndef TRACE_DICT_H
#define TRACE_DICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dict {
    struct dict_slot *slot;
    size_t room;  /* a power of two, or 0 */
    size_t taken; /* slots that were ever used */
    size_t count;
};

/* The value of a key, NULL for none. */
void *dict_get(const struct dict *dict, uint64_t key);

/* Sets it; NULL removes it. False: memory is lacking. */
bool dict_put(struct dict *dict, uint64_t key, void *value);

/* Goes through all values in no order that means anything: *at is 0 to begin
 * with. NULL: there are no more. */
void *dict_next(const struct dict *dict, size_t *at);

/* Frees the dict, and not what it points to. */
void dict_free(struct dict *dict);

struct counts {
    struct count *list;
    size_t used, room;
    struct dict by_hash; /* the place of a list's item, from 1 on */
};

struct count {
    char *text;
    uint64_t number;
    size_t next; /* of the same hash: its place from 1 on, or 0 */
};

/* Adds to the count of a text. False: memory is lacking. */
bool counts_add(struct counts *counts, const char *text, uint64_t number);

/* Puts the largest first, those that are equal in the order of their texts.
 * Nothing can be added from then on. */
void counts_sort(struct counts *counts);

void counts_free(struct counts *counts);

#endif
