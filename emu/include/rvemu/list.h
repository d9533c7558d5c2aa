/*
 * Lists of options within an option: "a=b,c=d", as QEMU writes them. An item
 * is a name, and a value if there is an equals sign; two commas in a value
 * stand for one that is a part of it. Nothing is copied: items point into the
 * list. The library reads its own lists by this (cpu.h, trace.h), and a front
 * end whose options have such values can do the same.
 */
#ifndef RVEMU_LIST_H
#define RVEMU_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct rvemu_list_item {
    const char *name;
    size_t length;     /* bytes of the name */
    const char *value; /* commas doubled as in the list; NULL: no equals sign */
    size_t value_length; /* bytes of that */
};

/* Takes the first item off the list, which becomes the rest, NULL behind the
 * last. A comma at the end has an empty item behind it; the list "" is one
 * empty item. False: the list was NULL. */
bool rvemu_list_next(const char **list, struct rvemu_list_item *item);

/* Whether the item's name, or its value, is this word. */
bool rvemu_list_is(const struct rvemu_list_item *item, const char *name);
bool rvemu_list_has(const struct rvemu_list_item *item, const char *value);

/* Copies the item's value, "" if it has none, to size bytes at text: at least
 * one, the last of which ends it. Returns how many bytes it has; it was cut off
 * if that is not less than size. */
size_t rvemu_list_value(const struct rvemu_list_item *item, char *text,
                        size_t size);

#endif
