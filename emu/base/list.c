/*
 * The one reader of lists of options within an option (rvemu/list.h): of a
 * CPU's extensions, of kinds of events, and of what the program's own options
 * hold. QEMU doubles a comma in a value to keep it from ending the value; in a
 * name there is none. No state.
 */
#include <rvemu/list.h>

#include <string.h>

/* Up to the comma that ends a value: one that is not doubled. */
static size_t measure_value(const char *value)
{
    size_t length = strcspn(value, ",");

    while (value[length] && value[length + 1] == ',') {
        length += 2;
        length += strcspn(value + length, ",");
    }
    return length;
}

bool rvemu_list_next(const char **list, struct rvemu_list_item *item)
{
    const char *end = *list;

    if (!end)
        return false;
    *item = (struct rvemu_list_item){.name = end, .length = strcspn(end, "=,")};
    end += item->length;
    if (*end == '=') {
        item->value = end + 1;
        item->value_length = measure_value(item->value);
        end = item->value + item->value_length;
    }
    *list = *end ? end + 1 : NULL;
    return true;
}

bool rvemu_list_is(const struct rvemu_list_item *item, const char *name)
{
    return strlen(name) == item->length &&
           !memcmp(item->name, name, item->length);
}

/* The byte of a value at *at, which moves on: over both of two commas. */
static char next_byte(const struct rvemu_list_item *item, size_t *at)
{
    char byte = item->value[*at];

    *at += byte == ',' ? 2 : 1;
    return byte;
}

bool rvemu_list_has(const struct rvemu_list_item *item, const char *value)
{
    size_t at = 0;

    if (!item->value)
        return false;
    while (at < item->value_length)
        if (next_byte(item, &at) != *value++)
            return false;
    return !*value;
}

size_t rvemu_list_value(const struct rvemu_list_item *item, char *text,
                        size_t size)
{
    size_t at = 0, length = 0;

    while (at < item->value_length) {
        char byte = next_byte(item, &at);

        if (length < size - 1)
            text[length] = byte;
        length++;
    }
    text[length < size ? length : size - 1] = '\0';
    return length;
}
