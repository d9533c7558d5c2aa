/*
 * The two functions that the compiler calls by itself, for structures that
 * are copied or cleared.
 */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);

void *memcpy(void *to, const void *from, size_t size)
{
    const char *source = from;
    char *at = to;

    while (size--)
        *at++ = *source++;
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    char *at = to;

    while (size--)
        *at++ = (char)byte;
    return to;
}
