/* Members of a JSON object; see jsonline.h. */
#include "view/jsonline.h"

#include <stdlib.h>
#include <string.h>

/* Behind the string that begins at a quote; the end of the line at worst. */
static const char *skip_string(const char *at)
{
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1])
            at++;
    return *at ? at + 1 : at;
}

/* Behind a value. */
static const char *skip_value(const char *at)
{
    unsigned depth = 0;

    do {
        if (*at == '"') {
            at = skip_string(at);
            continue;
        }
        if (*at == '{' || *at == '[')
            depth++;
        else if (*at == '}' || *at == ']')
            depth--;
        at++;
    } while (*at && (depth || (*at != ',' && *at != '}')));
    return at;
}

bool json_member(const char *object, const char *name, struct json_span *value)
{
    size_t length = strlen(name);

    while (*object == '{' || *object == ',') {
        const char *key = ++object, *end;

        if (*key != '"')
            return false;
        end = skip_string(key);
        if (*end != ':')
            return false;
        object = skip_value(end + 1);
        if ((size_t)(end - key) == length + 2 &&
            !memcmp(key + 1, name, length)) {
            *value = (struct json_span){end + 1, (size_t)(object - end - 1)};
            return true;
        }
    }
    return false;
}

/* What an escape stands for, where it is one byte. */
static char unescape(char c)
{
    switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'u': return '?';
    default: return c;
    }
}

bool json_string(const char *object, const char *name, char *out, size_t size)
{
    struct json_span value;
    size_t to = 0;

    out[0] = '\0';
    if (!json_member(object, name, &value) || *value.at != '"')
        return false;
    for (size_t i = 1; i + 1 < value.length && to + 1 < size; i++) {
        char c = value.at[i];

        if (c == '\\') {
            c = unescape(value.at[++i]);
            if (value.at[i] == 'u')
                i += 4;
        }
        out[to++] = c;
    }
    out[to] = '\0';
    return true;
}

uint64_t json_number(const char *object, const char *name, uint64_t otherwise)
{
    struct json_span value;

    if (!json_member(object, name, &value))
        return otherwise;
    return strtoull(value.at + (*value.at == '"'), NULL, 0);
}
