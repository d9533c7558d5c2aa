/*
 * The members of one JSON object on a line, as --explain=json writes it
 * (docs/explain-json.md).
 */
#ifndef VIEW_JSONLINE_H
#define VIEW_JSONLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a member's value is in its line. */
struct json_span {
    const char *at;
    size_t length;
};

/* Finds a member of the object that `object` begins with, not of one within
 * it. False: it has none of that name, or is no object. */
bool json_member(const char *object, const char *name, struct json_span *value);

/* A member that is a string, without its escapes, cut off at size bytes with
 * the NUL; "" and false where there is none. */
bool json_string(const char *object, const char *name, char *out, size_t size);

/* A member that is a number, or a string that is one as "0x1000" is;
 * `otherwise` where there is none. */
uint64_t json_number(const char *object, const char *name, uint64_t otherwise);

#endif
