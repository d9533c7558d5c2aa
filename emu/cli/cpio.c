/* Reading cpio archives, which may be broken; see cpio.h. */
#include "cli/cpio.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC "070701"
#define FIELD_FILESIZE 6
#define FIELD_NAMESIZE 11

static size_t field(const char *header, unsigned number)
{
    char digits[9] = "";

    memcpy(digits, header + strlen(MAGIC) + 8 * number, 8);
    return strtoul(digits, NULL, 16) & 0xffffffff;
}

static size_t padded(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

bool cpio_next(const struct rvemu_image *archive, size_t *at,
               struct cpio_entry *entry)
{
    const char *header = (const char *)archive->data + *at;
    size_t left = archive->size - *at, data;

    if (left < CPIO_HEADER || memcmp(header, MAGIC, strlen(MAGIC)))
        return false;
    *entry = (struct cpio_entry){.name = header + CPIO_HEADER,
                                 .size = field(header, FIELD_FILESIZE)};
    data = padded(CPIO_HEADER + field(header, FIELD_NAMESIZE));
    if (data > left || padded(entry->size) > left - data ||
        !memchr(entry->name, 0, data - CPIO_HEADER) ||
        !strcmp(entry->name, CPIO_TRAILER))
        return false;
    entry->data = header + data;
    *at += data + padded(entry->size);
    return true;
}
