/*
 * Lists of options within an option: "a=b,c=d", as QEMU writes them. An item
 * is a name, and a value if there is an equals sign. Nothing is copied: items
 * point into the list.
 */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_item {
    const char *name;
    size_t length;
    const char *value; /* NULL: no equals sign */
    size_t value_length;
};

/* Takes the first item off the list, which becomes the rest, NULL behind the
 * last. A comma at the end has an empty item behind it; the list "" is one
 * empty item. False: the list was NULL. */
bool list_next(const char **list, struct list_item *item);

/* Whether the item's name, or its value, is this word. */
bool list_is(const struct list_item *item, const char *name);
bool list_has(const struct list_item *item, const char *value);

#endif
