/*
 * Unit tests of user_program.c: the archive a user program is packed into,
 * entry by entry, and the boot arguments that go with it.
 */
#include "cli/user_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/types.h"

#define PAGE 4096

struct rig {
    struct user_program program;
    struct rvemu_image base;
    struct rvemu_error error;
    struct rvemu_image file;
    char **arguments;
    int count;
    const char *bootargs;
};

/* An archive of one file, written by hand. */
static const char archive[] =
    "0707010000000000008180000000000000000000000001000000000000000200000000"
    "0000000000000000000000000000000400000000"
    "etc\0\0\0hi\0\0"
    "0707010000000000000000000000000000000000000001000000000000000000000000"
    "0000000000000000000000000000000b00000000"
    "TRAILER!!!\0\0\0";

static int open_program(struct rig *rig)
{
    user_program_close(&rig->program);
    return user_program_open(&rig->program, &rig->base, &rig->file,
                             rig->arguments, rig->count, rig->bootargs,
                             &rig->error);
}

static int make(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    rig->file = (struct rvemu_image){
        .path = "bin/prog",
        .data = "\x7f"
                "ELF and more",
        .size = 13,
    };
    rig->base =
        (struct rvemu_image){.data = archive, .size = sizeof(archive) - 1};
    *state = rig;
    return 0;
}

static int drop(void **state)
{
    struct rig *rig = *state;

    user_program_close(&rig->program);
    free(rig);
    return 0;
}

static void packs(struct rig *rig)
{
    if (open_program(rig) < 0)
        fail_msg("%s", rig->error.text);
}

static void refused(struct rig *rig, const char *why)
{
    assert_int_equal(open_program(rig), -1);
    if (!strstr(rig->error.text, why))
        fail_msg("said '%s', wanted '%s'", rig->error.text, why);
    assert_null(rig->program.initrd.data);
    assert_null(rig->program.bootargs);
}

static size_t field(const u8 *header, unsigned number)
{
    char digits[9] = "";

    memcpy(digits, header + 6 + 8 * number, 8);
    return strtoul(digits, NULL, 16);
}

/* The names of the program's archive, each followed by a space; where the
 * contents of the last one called `wanted` begin is put into *contents. */
static void list(const struct rig *rig, char *names, const char *wanted,
                 size_t *contents)
{
    const u8 *bytes = rig->program.initrd.data;
    size_t at = 0;

    *names = '\0';
    for (;;) {
        const u8 *header = bytes + at;
        const char *name = (const char *)header + 110;

        assert_true(at + 110 < rig->program.initrd.size);
        assert_memory_equal(header, "070701", 6);
        strcat(strcat(names, name), " ");
        if (!strcmp(name, "TRAILER!!!"))
            return;
        at = (at + 110 + field(header, 11) + 3) & ~3ul;
        if (!strcmp(name, wanted))
            *contents = at;
        at = (at + field(header, 6) + 3) & ~3ul;
    }
}

static void a_program_joins_the_archive(void **state)
{
    struct rig *rig = *state;
    char names[256];
    const u8 *bytes;
    size_t at;

    packs(rig);
    list(rig, names, "app/prog", &at);
    assert_string_equal(names, "etc app app/prog argv TRAILER!!! ");
    bytes = rig->program.initrd.data;
    assert_int_equal(at % PAGE, 0);
    assert_memory_equal(bytes + at,
                        "\x7f"
                        "ELF and more",
                        13);
    assert_memory_equal(bytes, archive, 120);
    assert_string_equal(rig->program.bootargs, "argv=/argv");
}

static void archives_can_be_stacked(void **state)
{
    struct rig *rig = *state;
    struct user_program first;
    char names[256];
    size_t at;

    packs(rig);
    first = rig->program;
    rig->program = (struct user_program){0};
    rig->base = first.initrd;
    packs(rig);
    list(rig, names, "app/prog", &at);
    assert_string_equal(names,
                        "etc app app/prog argv app app/prog argv TRAILER!!! ");
    assert_int_equal(at % PAGE, 0);
    user_program_close(&first);
}

/* Compares the file of arguments, of `size` bytes. */
static void hands_over(struct rig *rig, const char *bytes, size_t size)
{
    char names[256];
    size_t at;

    packs(rig);
    list(rig, names, "argv", &at);
    assert_memory_equal((const u8 *)rig->program.initrd.data + at, bytes, size);
    user_program_close(&rig->program);
}

static void arguments_are_any(void **state)
{
    struct rig *rig = *state;
    char *arguments[] = {"one", "t wo", "", "\xff"};

    rig->count = 4;
    rig->arguments = arguments;
    hands_over(rig, "/app/prog\0one\0t wo\0\0\xff", 22);
    rig->file.path = "bin/my prog";
    hands_over(rig, "/app/my prog\0one", 17);
    rig->bootargs = "fork=eager";
    packs(rig);
    assert_string_equal(rig->program.bootargs, "fork=eager argv=/argv");
}

static void arguments_that_are_too_many(void **state)
{
    struct rig *rig = *state;
    char *arguments[1] = {malloc(2000001)};

    memset(arguments[0], 'x', 2000000);
    arguments[0][2000000] = '\0';
    rig->count = 1;
    rig->arguments = arguments;
    refused(rig, "its name and arguments have 2000011 bytes");
    free(arguments[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_program_joins_the_archive),
        TEST(archives_can_be_stacked),
        TEST(arguments_are_any),
        TEST(arguments_that_are_too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
