/*
 * Unit tests of cli/cpio.c: what is in an archive, and archives that are cut
 * off or lie about themselves.
 */
#include "cli/cpio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Archives are built here. */
struct archive {
    char bytes[1024];
    size_t size;
};

static void put(struct archive *archive, const char *name, const char *data)
{
    size_t head = archive->size;

    archive->size += (size_t)sprintf(
        archive->bytes + archive->size,
        "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 0, 0, 0,
        0, 1, 0, strlen(data), 0, 0, 0, 0, strlen(name) + 1, 0);
    memcpy(archive->bytes + archive->size, name, strlen(name) + 1);
    archive->size =
        (archive->size + strlen(name) + 1 - head + 3) / 4 * 4 + head;
    memcpy(archive->bytes + archive->size, data, strlen(data));
    archive->size += (strlen(data) + 3) / 4 * 4;
}

static struct archive make(void)
{
    struct archive archive = {.size = 0};

    put(&archive, "bin", "");
    put(&archive, "bin/one", "first");
    put(&archive, "x", "four");
    put(&archive, CPIO_TRAILER, "");
    put(&archive, "behind", "it");
    return archive;
}

/* The names of an archive, each with its size, up to where it ends. */
static size_t list(const void *bytes, size_t size, char *out)
{
    const struct rvemu_image image = {.data = bytes, .size = size};
    struct cpio_entry entry;
    size_t at = 0;

    *out = '\0';
    while (cpio_next(&image, &at, &entry)) {
        assert_in_range((const char *)entry.data - (const char *)bytes, 0,
                        size);
        assert_in_range(
            entry.size, 0,
            size - (size_t)((const char *)entry.data - (const char *)bytes));
        sprintf(out + strlen(out), "%s:%zu ", entry.name, entry.size);
    }
    assert_in_range(at, 0, size);
    return at;
}

static void entries_up_to_the_trailer(void **state)
{
    struct archive archive = make();
    char out[256];
    size_t end = list(archive.bytes, archive.size, out);

    assert_string_equal(out, "bin:0 bin/one:5 x:4 ");
    assert_string_equal(archive.bytes + end + CPIO_HEADER, CPIO_TRAILER);
}

static void an_archive_that_is_cut_off(void **state)
{
    struct archive archive = make();
    char whole[256], out[256];

    list(archive.bytes, archive.size, whole);
    for (size_t size = 0; size <= archive.size; size++) {
        char *cut = malloc(size + 1); /* so that tools see what is read */

        memcpy(cut, archive.bytes, size);
        list(cut, size, out);
        assert_memory_equal(whole, out, strlen(out));
        free(cut);
    }
}

static void sizes_that_lie(void **state)
{
    static const char *const lies[] = {"ffffffff", "fffffffc", "00000400",
                                       "zzzzzzzz", "-0000001"};
    char out[256];

    for (unsigned field = 6; field <= 11; field += 5) {
        for (unsigned i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
            struct archive archive = make();

            memcpy(archive.bytes + 6 + 8 * field, lies[i], 8);
            list(archive.bytes, archive.size, out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_up_to_the_trailer),
        cmocka_unit_test(an_archive_that_is_cut_off),
        cmocka_unit_test(sizes_that_lie),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
