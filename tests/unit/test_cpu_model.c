/*
 * Unit tests of what -cpu says (emu/isa/cpu_model.c) and of the texts made
 * from the result (emu/isa/ext.c): what one request brings or takes with it,
 * which cannot be, and that the table is what it promises to be.
 */
#include "isa/cpu_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static u64 good(const char *text)
{
    struct rvemu_error error = {""};
    u64 set = 0;

    if (cpu_model_parse(text, 0, &set, &error) < 0)
        fail_msg("%s", error.text);
    return set;
}

static void bad(const char *text, const char *why)
{
    struct rvemu_error error;
    char line[600];
    u64 set;

    assert_int_equal(cpu_model_parse(text, 0, &set, &error), -1);
    snprintf(line, sizeof(line), "-cpu %s: %s", *text ? text : "''", why);
    assert_string_equal(error.text, line);
}

/* What of the default is missing, and what is more. */
static void expect_change(const char *text, u64 without, u64 with)
{
    u64 set = good(text);
    u64 lost = EXT_DEFAULT & ~set, more = set & ~EXT_DEFAULT;

    if (set != ((EXT_DEFAULT & ~without) | with))
        fail_msg("%s: lacks %#lx, has more %#lx", text, lost, more);
}

#define OF_A                                                             \
    (EXT_SET(A) | EXT_SET(ZAAMO) | EXT_SET(ZALRSC) | EXT_SET(ZICCAMOA) | \
     EXT_SET(ZICCRSE) | EXT_SET(ZA64RS))
#define OF_ZIHPM (EXT_SET(ZIHPM) | EXT_SET(SSCOFPMF))
#define OF_D (EXT_SET(D) | EXT_SET(ZCD) | EXT_SET(ZFHMIN_D))

static void models_are_sets(void **state)
{
    assert_int_equal(good(NULL), EXT_DEFAULT);
    assert_int_equal(good("rv64"), EXT_DEFAULT);
    assert_int_equal(good("max"), EXT_DEFAULT);
    assert_int_equal(good("rv64i") & (OF_A | OF_D | EXT_SET(SV39)), 0);
    assert_int_equal(good("rva22s64") & (EXT_SET(SVADE) | EXT_SET(SVADU)),
                     EXT_SET(SVADE));
    bad("rv32", "rv32 is no CPU that emu has; say rv64, rv64i or rva22s64");
    bad("", "'' is no CPU that emu has; say rv64, rv64i or rva22s64");
    bad("rv64=on", "rv64=on is no CPU that emu has; say rv64, rv64i or "
                   "rva22s64");
}

/* Off, that is, unless it is asked for. */
static void some_may_be_off_by_default(void **state)
{
    struct rvemu_error error;
    u64 off = EXT_SET(SVVPTC), set;

    assert_int_equal(cpu_model_parse(NULL, off, &set, &error), 0);
    assert_int_equal(set, EXT_DEFAULT & ~off);
    assert_int_equal(cpu_model_parse("max,svvptc=on", off, &set, &error), 0);
    assert_int_equal(set, EXT_DEFAULT);
}

static void what_needs_it_goes_with_it(void **state)
{
    expect_change("rv64,zbc=off", EXT_SET(ZBC), 0);
    expect_change("rv64,zba=false", EXT_SET(ZBA) | EXT_SET(B), 0);
    expect_change("rv64,b=no", EXT_SET(B), 0);
    expect_change("rv64,m=n", EXT_SET(M) | EXT_SET(ZMMUL), 0);
    expect_change("rv64,zmmul=off", EXT_SET(M) | EXT_SET(ZMMUL), 0);
    expect_change("rv64,m=off,zmmul=on", EXT_SET(M), 0);
    expect_change("rv64,a=off", OF_A, 0);
    expect_change(
        "rv64,a=off,zalrsc=on",
        OF_A & ~(EXT_SET(ZALRSC) | EXT_SET(ZICCRSE) | EXT_SET(ZA64RS)), 0);
    expect_change("rv64,d=off", OF_D, 0);
    expect_change("rv64,f=off", OF_D | EXT_SET(F) | EXT_SET(ZFHMIN), 0);
    expect_change("rv64,c=off", EXT_SET(C) | EXT_SET(ZCA) | EXT_SET(ZCD), 0);
    expect_change("rv64,c=off,zca=on", EXT_SET(C) | EXT_SET(ZCD), 0);
    expect_change("rv64,zcd=off,d=off", OF_D, 0);
    expect_change("rv64,zihpm=off", OF_ZIHPM, 0);
    expect_change("rv64,zicntr=off", EXT_SET(ZICNTR) | OF_ZIHPM, 0);
}

static void what_was_asked_for_brings_what_it_needs(void **state)
{
    u64 base = good("rv64i");

    assert_int_equal(good("rv64i,d=on"), base | EXT_SET(F) | EXT_SET(D));
    assert_int_equal(good("rv64i,a=on"), base | OF_A);
    assert_int_equal(good("rv64i,zcd=on"), base | EXT_SET(F) | EXT_SET(D) |
                                               EXT_SET(C) | EXT_SET(ZCA) |
                                               EXT_SET(ZCD));
    assert_int_equal(good("rv64i,g=on") & (EXT_SET(M) | EXT_SET(D)),
                     EXT_SET(M) | EXT_SET(D));
    bad("rv64,f=off,d=on", "d needs f");
    bad("rv64,zfhmin=on,f=off", "zfhmin needs f");
    bad("rv64,b=on,zbs=off", "b needs zbs");
    bad("rv64,zcd=on,d=off", "zcd needs d");
    bad("rv64,sv48=on,sv39=off", "sv48 needs sv39");
    bad("rv64i,zcd=on,f=off", "d needs f");
}

static void some_follow_and_some_stay(void **state)
{
    bad("rv64,zcd=off", "zcd goes by c");
    bad("rv64,ziccif=off", "ziccif cannot be turned off");
    bad("rv64,zicsr=off", "zicsr cannot be turned off");
    bad("rv64,zaamo=off,ziccamoa=on", "ziccamoa needs zaamo");
    good("rv64,ziccif=on,zcd=on,i=on");
    expect_change("rv64,svvptc=off", EXT_SET(SVVPTC), 0);
}

/* Without Svadu the hart faults; with both, menvcfg begins with Svade. */
static void accessed_and_dirty_are_someone_s(void **state)
{
    expect_change("rv64,svadu=off", EXT_SET(SVADU), EXT_SET(SVADE));
    expect_change("rv64,svade=on", 0, EXT_SET(SVADE));
    expect_change("rv64,svade=on,svadu=off", EXT_SET(SVADU), EXT_SET(SVADE));
    bad("rv64,svade=off,svadu=off", "svade and svadu cannot both be off");
}

static void the_widest_translation_asked_for_is_the_widest(void **state)
{
    expect_change("rv64,sv57=off", EXT_SET(SV57), 0);
    expect_change("rv64,sv48=off", EXT_SET(SV57) | EXT_SET(SV48), 0);
    expect_change("rv64,sv48=on", EXT_SET(SV57), 0);
    expect_change("rv64,sv39=on", EXT_SET(SV57) | EXT_SET(SV48), 0);
    expect_change("rv64,sv39=on,sv57=on", 0, 0);
    assert_string_equal(ext_mmu_type(good("rv64")), "riscv,sv57");
    assert_string_equal(ext_mmu_type(good("rv64,sv48=on")), "riscv,sv48");
    assert_string_equal(ext_mmu_type(good("rva22s64")), "riscv,sv39");
    assert_string_equal(ext_mmu_type(good("rv64,mmu=off")), "riscv,none");
    assert_false(good("rv64,sv39=off") & EXT_SET(SVPBMT));
}

static void names_and_values_are_qemu_s(void **state)
{
    expect_change("rv64,Zfhmin=OFF", EXT_SET(ZFHMIN) | EXT_SET(ZFHMIN_D), 0);
    expect_change("rv64,v=off,h=false,zacas=no,cbom_blocksize=64,g=off", 0, 0);
    expect_change("rv64,zbc=on,zbc=off", EXT_SET(ZBC), 0);
    bad("rv64,v=true", "v is not supported");
    bad("rv64,zkn=on", "zkn is not supported");
    bad("rv64,zyx=off", "zyx is no extension that emu knows");
    bad("rv64,zb=off", "zb is no extension that emu knows");
    bad("rv64,", "a comma wants NAME=on or NAME=off behind it");
    bad("rv64,,zba=on", "a comma wants NAME=on or NAME=off behind it");
    bad("rv64,=on", "a comma wants NAME=on or NAME=off behind it");
    bad("rv64,+zba", "+zba wants a value: say NAME=on or NAME=off");
    bad("rv64,zba=1", "zba is on or off, not 1");
    bad("rv64,zba=", "zba is on or off, not ''");
    bad("rv64,zba=on,,b=off", "zba is on or off, not on,b=off");
    bad("rv64,cboz_blocksize=32", "cboz_blocksize can only be 64");
}

static void texts_name_what_is_there(void **state)
{
    char text[EXT_TEXT_MAX];

    ext_isa_string(good("rv64i"), text);
    assert_string_equal(text, "rv64i_zic64b_ziccif_zicclsm_zicsr_zifencei_"
                              "ssccptr_sscounterenw_sstvala_sstvecd_ssu64xl_"
                              "svade");
    ext_isa_string(EXT_ALL, text);
    assert_true(strlen(text) + 1 < EXT_TEXT_MAX);
    assert_non_null(strstr(text, "rv64imafdcb_zic64b_"));
    assert_int_equal(ext_misa(good("rv64")), 2ull << 62 | 0x14112f);
    assert_int_equal(ext_misa(good("rv64i")), 2ull << 62 | 0x140100);
}

/* Where a name stands among single letters, then by class and alphabet:
 * z by the category of its second letter, ss before sv. */
static int rank(const char *name)
{
    static const char letters[] = "imafdqcbvph";
    const char *at;

    if (!name[1])
        return (int)(strchr("imafdqcbvphsu", name[0]) - "imafdqcbvphsu");
    if (name[0] != 'z')
        return name[1] == 's' ? 100 : 101;
    at = strchr(letters, name[1]);
    return 50 + (at ? (int)(at - letters) : 40);
}

static void the_table_is_in_canonical_order(void **state)
{
    const char *last = "i";

    for (unsigned e = 0; e < EXT_COUNT; e++) {
        const char *name = ext_info[e].name;

        if (!name || !ext_info[e].shown)
            continue;
        if (rank(name) < rank(last) ||
            (rank(name) == rank(last) && strcmp(name, last) < 0))
            fail_msg("%s stands behind %s", name, last);
        last = name;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_are_sets),
        cmocka_unit_test(some_may_be_off_by_default),
        cmocka_unit_test(what_needs_it_goes_with_it),
        cmocka_unit_test(what_was_asked_for_brings_what_it_needs),
        cmocka_unit_test(some_follow_and_some_stay),
        cmocka_unit_test(accessed_and_dirty_are_someone_s),
        cmocka_unit_test(the_widest_translation_asked_for_is_the_widest),
        cmocka_unit_test(names_and_values_are_qemu_s),
        cmocka_unit_test(texts_name_what_is_there),
        cmocka_unit_test(the_table_is_in_canonical_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
