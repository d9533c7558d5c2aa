/* Console input that the machine has no room for yet. See backlog.c. */
#ifndef HOST_BACKLOG_H
#define HOST_BACKLOG_H

#include <stddef.h>
#include <stdint.h>

#define BACKLOG_MAX (1u << 20) /* bytes */

/* All zero: empty. */
struct backlog {
    uint8_t *bytes;
    size_t first, end; /* the bytes are those from first up to end */
    size_t capacity;
};

/* How many bytes there are; and whether so many more find room. Where memory
 * is lacking they do not. */
size_t backlog_count(const struct backlog *backlog);
int backlog_reserve(struct backlog *backlog, size_t count);

/* Adds a byte, for which room has been reserved. */
void backlog_put(struct backlog *backlog, uint8_t byte);

/* The first of the bytes; and takes so many of them away. */
const uint8_t *backlog_bytes(const struct backlog *backlog);
void backlog_take(struct backlog *backlog, size_t count);

void backlog_free(struct backlog *backlog);

#endif
