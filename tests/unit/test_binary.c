/*
 * Unit tests of rvemu/binary.h: the lines of this very program, as a file and
 * as memory; a libdw that is not there; a debug file found by build-id; kinds.
 * (How names and lines compare with what others say: tests/symbols.)
 */
#include "debug/binary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/types.h"
#include "debug/libdw.h"
#include "debug/separate.h"

#define SELF "/proc/self/exe"

struct binary_test_object {
    int number;
    struct {
        short left, right;
    } pair[3];
};

struct binary_test_object binary_test_object[2] = {{.number = 1}};
int binary_test_function(int x);

enum { FUNCTION_LINE = __LINE__ + 1 };
__attribute__((noinline)) int binary_test_function(int x)
{
    return binary_test_object[x & 1].number + 3 * x;
}

/* Where something is in the file, which the loader has put elsewhere. */
static u64 linked(const volatile void *address)
{
    extern const char __executable_start[];

    return (u64)(uintptr_t)address - (u64)(uintptr_t)__executable_start;
}

static u64 function(void)
{
    return linked((const void *)(uintptr_t)binary_test_function);
}

static void expect_self(struct rvemu_binary *binary)
{
    struct rvemu_error error;
    struct rvemu_place place;
    char name[64];

    assert_int_equal(rvemu_binary_load(binary, &error), 0);
    assert_true(rvemu_binary_place(binary, function(), &place));
    assert_string_equal(place.symbol, "binary_test_function");
    assert_int_equal(place.offset, 0);
    assert_string_equal(place.file, "test_binary.c");
    assert_in_range(place.line, FUNCTION_LINE, FUNCTION_LINE + 2);
    assert_int_equal(place.path[0], '/');
    assert_int_equal(access(place.path, R_OK), 0);
    assert_true(rvemu_binary_data(
        binary, linked(&binary_test_object[1].pair[2].right), name, 64));
    assert_string_equal(name, "binary_test_object[1].pair[2].right");
    assert_true(rvemu_binary_is_own(binary, linked(binary_test_object)));
    assert_true(rvemu_binary_is_own(binary, function()));
    assert_true(rvemu_binary_tells_own(binary));
}

/* A range meets a variable by its last byte, its first, or one between. */
static void variables_near(void **state)
{
    const struct rvemu_image image = {.path = SELF};
    struct rvemu_binary *binary = rvemu_binary_new(&image);
    u64 first = linked(binary_test_object);
    u64 last = first + sizeof(binary_test_object) - 1;
    char name[64];

    for (unsigned i = 0; i < 4; i++) {
        static const struct {
            bool from_last, to_last;
        } ranges[] = {
            {false, false}, {false, true}, {true, true}, {true, true}};

        assert_true(rvemu_binary_own_near(
            binary, ranges[i].from_last ? last : first,
            (ranges[i].to_last ? last : first) + (i == 3 ? 9000 : 0), name,
            64));
        assert_string_equal(name, "binary_test_object");
    }
    assert_true(rvemu_binary_own_near(binary, first - 1, first, name, 64));
    assert_false(rvemu_binary_own_near(binary, 0, 7, name, 64));
    assert_string_equal(name, "");
    rvemu_binary_free(binary);
}

static void lines_of_a_file(void **state)
{
    const struct rvemu_image image = {.path = SELF};
    struct rvemu_binary *binary = rvemu_binary_new(&image);

    assert_string_equal(rvemu_binary_name(binary), "exe");
    expect_self(binary);
    rvemu_binary_free(binary);
}

static void lines_of_memory(void **state)
{
    struct rvemu_image image;
    struct rvemu_error error;
    struct rvemu_binary *binary;

    assert_int_equal(rvemu_image_read(&image, SELF, 0, &error), 0);
    binary = rvemu_binary_new(&image);
    expect_self(binary);
    rvemu_binary_free(binary);
    rvemu_image_free(&image);
}

static void names_are_cut_off(void **state)
{
    const struct rvemu_image image = {.path = SELF};
    struct rvemu_binary *binary = rvemu_binary_new(&image);
    const u64 at = linked(&binary_test_object[1].pair[2].right);
    char name[64];

    for (size_t size = 1; size < sizeof(name); size++) {
        memset(name, '?', sizeof(name));
        assert_true(rvemu_binary_data(binary, at, name, size));
        assert_in_range(strlen(name), 0, size - 1);
        assert_memory_equal(name, "binary_test_object[1].pair[2].right",
                            strlen(name));
    }
    rvemu_binary_free(binary);
}

static void without_libdw_there_are_names(void **state)
{
    const struct rvemu_image image = {.path = SELF};
    struct rvemu_binary *binary =
        binary_new(&image, "libdw-that-is-not-here.so.1", SEPARATE_ROOT);
    struct rvemu_error error;
    struct rvemu_place place;
    char name[64];

    for (unsigned times = 0; times < 2; times++) {
        error.text[0] = '\0';
        assert_int_equal(rvemu_binary_load(binary, &error), -1);
        assert_non_null(strstr(error.text, "libdw-that-is-not-here.so.1"));
        assert_non_null(strstr(error.text, "install the package libdw1"));
        assert_null(strchr(error.text, '\n'));
    }
    assert_true(rvemu_binary_place(binary, function() + 1, &place));
    assert_string_equal(place.symbol, "binary_test_function");
    assert_int_equal(place.offset, 1);
    assert_null(place.path);
    assert_int_equal(place.line, 0);
    assert_true(rvemu_binary_data(binary, linked(&binary_test_object[1]), name,
                                  sizeof(name)));
    assert_string_equal(name, "binary_test_object+0x10");
    assert_false(rvemu_binary_is_own(binary, function()));
    rvemu_binary_free(binary);
}

static void a_module_without_the_functions_is_refused(void **state)
{
    struct rvemu_error error;
    struct libdw dw;

    assert_int_equal(libdw_open(&dw, "libelf.so.1", &error), -1);
    assert_non_null(strstr(error.text, "too old"));
    assert_null(dw.module);
}

static void run(const char *format, const char *first, const char *second)
{
    char command[512];

    snprintf(command, sizeof(command), format, first, second);
    assert_int_equal(system(command), 0);
}

/* ROOT/.build-id/ab/cdef.debug, for a copy of this program without it. */
static void a_debug_file_by_its_build_id(void **state)
{
    char root[] = "/tmp/emu-binary-XXXXXX", stripped[64];
    struct rvemu_image image = {.path = stripped};
    struct rvemu_binary *binary;
    struct rvemu_place place;

    assert_non_null(mkdtemp(root));
    snprintf(stripped, sizeof(stripped), "%s/stripped", root);
    run("cp -L /proc/%s/exe %s/whole", (char[]){"$PPID"}, root);
    run("cd %s && objcopy --only-keep-debug whole debug && "
        "strip -o %s whole && rm whole",
        root, stripped);
    run("cd %s && id=$(readelf -n stripped | "
        "sed -n 's/.*Build ID: //p') && %s"
        "mkdir -p .build-id/${id%%${id#??}} && "
        "mv debug .build-id/${id%%${id#??}}/${id#??}.debug",
        root, "");
    binary = binary_new(&image, LIBDW_MODULE, root);
    expect_self(binary);
    rvemu_binary_free(binary);
    binary = binary_new(&image, LIBDW_MODULE, "/nowhere");
    assert_false(rvemu_binary_place(binary, function(), &place));
    rvemu_binary_free(binary);
    run("rm -r %s%s", root, "");
}

static void what_is_no_file(void **state)
{
    static const struct rvemu_image none[] = {
        {.path = "/nowhere/prog"},
        {.path = "/"},
        {.path = "/dev/null"},
        {.data = "\177ELF", .size = 4},
    };

    for (unsigned i = 0; i < sizeof(none) / sizeof(*none); i++) {
        struct rvemu_binary *binary = rvemu_binary_new(&none[i]);
        struct rvemu_error error;
        struct rvemu_place place;
        char name[8];

        assert_int_equal(rvemu_binary_load(binary, &error), -1);
        assert_non_null(
            strstr(error.text, none[i].path ? none[i].path : "image"));
        assert_false(rvemu_binary_place(binary, 0, &place));
        assert_false(rvemu_binary_data(binary, 0, name, sizeof(name)));
        assert_string_equal(name, "");
        assert_false(rvemu_binary_is_own(binary, 0));
        rvemu_binary_free(binary);
    }
    rvemu_binary_free(NULL);
}

/* An ELF header and a segment; each a kind, by address and base. */
static void kinds_go_by_address(void **state)
{
    static const struct {
        u64 va, base;
        enum rvemu_binary_kind kind;
    } cases[] = {
        {0, 0, RVEMU_BINARY_PROGRAM},
        {0x7ffff000, 0, RVEMU_BINARY_PROGRAM},
        {0x80000000, 0, RVEMU_BINARY_KERNEL},
        {0xffffffff80000000, 0, RVEMU_BINARY_KERNEL},
        {0, 0x80200000, RVEMU_BINARY_KERNEL},
        {0xffffffff80000000, 0x80010000, RVEMU_BINARY_PROGRAM},
    };
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr segment;
    } file = {
        .header =
            {
                .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
                            EV_CURRENT},
                .e_type = ET_EXEC,
                .e_machine = EM_RISCV,
                .e_version = EV_CURRENT,
                .e_phoff = sizeof(Elf64_Ehdr),
                .e_ehsize = sizeof(Elf64_Ehdr),
                .e_phentsize = sizeof(Elf64_Phdr),
                .e_phnum = 1,
            },
        .segment = {.p_type = PT_LOAD, .p_memsz = 64},
    };
    const struct rvemu_image image = {.data = &file, .size = sizeof(file)};
    const struct rvemu_image self = {.path = SELF};
    enum rvemu_binary_kind kind;
    struct rvemu_error error;

    for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        file.segment.p_vaddr = cases[i].va;
        assert_int_equal(
            rvemu_binary_kind(&image, cases[i].base, &kind, &error), 0);
        assert_int_equal(kind, cases[i].kind);
    }
    assert_int_equal(rvemu_binary_kind(&self, 0, &kind, &error), -1);
    assert_non_null(strstr(error.text, "is no ELF file for 64-bit RISC-V"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_a_file),
        cmocka_unit_test(variables_near),
        cmocka_unit_test(lines_of_memory),
        cmocka_unit_test(names_are_cut_off),
        cmocka_unit_test(without_libdw_there_are_names),
        cmocka_unit_test(a_module_without_the_functions_is_refused),
        cmocka_unit_test(a_debug_file_by_its_build_id),
        cmocka_unit_test(what_is_no_file),
        cmocka_unit_test(kinds_go_by_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
