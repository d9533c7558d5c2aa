/*
 * Unit tests of options_print.c: what is printed instead of a run.
 */
#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *printed(void (*print)(FILE *out))
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    print(out);
    fclose(out);
    return text;
}

static void help_lists_what_exists_only(void **state)
{
    char *help = printed(options_print_help);

    assert_non_null(strstr(help, "-kernel FILE"));
    assert_non_null(strstr(help, "-nographic"));
    assert_null(strstr(help, "-plugin"));
    assert_null(strstr(help, "-netdev"));
    free(help);
}

static void version_is_what_makefiles_parse(void **state)
{
    char *version = printed(options_print_version);

    assert_int_equal(strncmp(version, "QEMU emulator version 10.0.0 (emu ", 34),
                     0);
    free(version);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_lists_what_exists_only),
        cmocka_unit_test(version_is_what_makefiles_parse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
