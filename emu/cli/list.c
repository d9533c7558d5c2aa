/* Lists of options within an option; see list.h. */
#include "cli/list.h"

#include <string.h>

bool list_next(const char **list, struct list_item *item)
{
    const char *at = *list;
    size_t length;

    if (!at)
        return false;
    length = strcspn(at, ",");
    *list = at[length] ? at + length + 1 : NULL;
    *item = (struct list_item){.name = at, .length = strcspn(at, "=,")};
    if (item->length < length) {
        item->value = at + item->length + 1;
        item->value_length = length - item->length - 1;
    }
    return true;
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && !memcmp(text, word, length);
}

bool list_is(const struct list_item *item, const char *name)
{
    return is_word(item->name, item->length, name);
}

bool list_has(const struct list_item *item, const char *value)
{
    return item->value && is_word(item->value, item->value_length, value);
}
