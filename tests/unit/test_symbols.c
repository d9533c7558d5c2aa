/*
 * Unit tests of rvemu/symbols.h: the symbols of this very program, as a file
 * and as memory, and files that are none.
 */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rvemu/symbols.h>

#include "base/types.h"

int symbols_test_object[8] = {1};
int symbols_test_function(int x);

__attribute__((noinline)) int symbols_test_function(int x)
{
    return symbols_test_object[x & 7] + 3 * x;
}

static const struct rvemu_image self = {.path = "/proc/self/exe"};

/* What the loader added to this program's link addresses: its symbols are
 * found where they run when that is the bias. */
static u64 load_bias(void)
{
    extern const char __executable_start[];

    return (u64)(uintptr_t)__executable_start;
}

static u64 address_of_function(void)
{
    return (u64)(uintptr_t)symbols_test_function;
}

static void expect_names(struct rvemu_symbols *symbols)
{
    u64 offset = 99;
    const char *name;

    name = rvemu_symbols_find(symbols, address_of_function(), &offset);
    assert_non_null(name);
    assert_string_equal(name, "symbols_test_function");
    assert_int_equal(offset, 0);
    name = rvemu_symbols_find(symbols, address_of_function() + 2, &offset);
    assert_string_equal(name, "symbols_test_function");
    assert_int_equal(offset, 2);
    name = rvemu_symbols_find(symbols, (u64)(uintptr_t)&symbols_test_object[7],
                              &offset);
    assert_string_equal(name, "symbols_test_object");
    assert_int_equal(offset, 28);
}

static void names_from_a_file(void **state)
{
    struct rvemu_symbols *symbols = rvemu_symbols_new();
    struct rvemu_error error;
    u64 offset;

    assert_null(rvemu_symbols_find(symbols, address_of_function(), &offset));
    assert_int_equal(rvemu_symbols_add(symbols, &self, load_bias(), &error), 0);
    expect_names(symbols);
    assert_null(rvemu_symbols_find(symbols, 0, &offset));
    assert_null(rvemu_symbols_find(symbols, ~0ull, &offset));
    rvemu_symbols_free(symbols);
}

static void names_from_memory_that_goes(void **state)
{
    struct rvemu_symbols *symbols = rvemu_symbols_new();
    FILE *file = fopen(self.path, "rb");
    struct rvemu_image copy = {0};
    struct rvemu_error error;
    void *bytes;

    fseek(file, 0, SEEK_END);
    copy.size = (size_t)ftell(file);
    rewind(file);
    copy.data = bytes = malloc(copy.size);
    assert_int_equal(fread(bytes, 1, copy.size, file), copy.size);
    fclose(file);
    assert_int_equal(rvemu_symbols_add(symbols, &copy, load_bias(), &error), 0);
    memset(bytes, 0, copy.size);
    free(bytes);
    expect_names(symbols);
    rvemu_symbols_free(symbols);
}

static void addresses_of_names(void **state)
{
    struct rvemu_symbols *symbols = rvemu_symbols_new();
    struct rvemu_error error;
    u64 address = 5;

    assert_int_equal(rvemu_symbols_add(symbols, &self, load_bias(), &error), 0);
    assert_int_equal(
        rvemu_symbols_address(symbols, "symbols_test_function", &address), 0);
    assert_int_equal(address, address_of_function());
    assert_int_equal(
        rvemu_symbols_address(symbols, "symbols_test_functio", &address), 1);
    assert_int_equal(rvemu_symbols_add(symbols, &self, load_bias(), &error), 0);
    assert_int_equal(
        rvemu_symbols_address(symbols, "symbols_test_function", &address), 0);
    assert_int_equal(rvemu_symbols_add(symbols, &self, 4096, &error), 0);
    assert_int_equal(
        rvemu_symbols_address(symbols, "symbols_test_function", &address), 2);
    rvemu_symbols_free(symbols);
}

static void two_images_keep_apart(void **state)
{
    const u64 far = 0xffffffc000000000;
    struct rvemu_symbols *symbols = rvemu_symbols_new();
    struct rvemu_error error;
    u64 offset;

    assert_int_equal(rvemu_symbols_add(symbols, &self, load_bias(), &error), 0);
    assert_int_equal(rvemu_symbols_add(symbols, &self, far, &error), 0);
    expect_names(symbols);
    assert_string_equal(
        rvemu_symbols_find(
            symbols, address_of_function() - load_bias() + far + 1, &offset),
        "symbols_test_function");
    assert_int_equal(offset, 1);
    rvemu_symbols_free(symbols);
}

static void what_is_no_elf_is_refused(void **state)
{
    static const struct rvemu_image none[] = {
        {.path = "/nowhere"},
        {.path = "/"},
        {.path = "/dev/null"},
        {.data = "\177ELF", .size = 4},
        {.data = "no ELF file, but longer than its header would have to be, "
                 "which is 64 bytes",
         .size = 64},
    };
    struct rvemu_symbols *symbols = rvemu_symbols_new();
    struct rvemu_error error;

    for (unsigned i = 0; i < sizeof(none) / sizeof(*none); i++) {
        assert_int_equal(rvemu_symbols_add(symbols, &none[i], 0, &error), -1);
        assert_non_null(
            strstr(error.text, none[i].path ? none[i].path : "image"));
    }
    rvemu_symbols_free(symbols);
}

/* Files in which much is said of few bytes: so many symbols, which all have the
 * one name, of that length, in so many tables, which are all the same. */
static struct rvemu_image repetitive(u64 symbols, u64 name, u64 tables)
{
    const u64 table_at = sizeof(Elf64_Ehdr);
    const u64 table_size = symbols * sizeof(Elf64_Sym);
    const u64 name_at = table_at + table_size;
    const u64 sections_at = name_at + (name + 9) / 8 * 8;
    struct rvemu_image image = {.size = sections_at +
                                        (2 + tables) * sizeof(Elf64_Shdr)};
    u8 *bytes = calloc(1, image.size);
    Elf64_Shdr *section = (Elf64_Shdr *)(bytes + sections_at);

    *(Elf64_Ehdr *)bytes = (Elf64_Ehdr){
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_RISCV,
        .e_version = EV_CURRENT,
        .e_shoff = sections_at,
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = (Elf64_Half)(2 + tables)};
    for (u64 i = 0; i < symbols; i++)
        ((Elf64_Sym *)(bytes + table_at))[i] = (Elf64_Sym){
            .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = 1};
    memset(bytes + name_at, 'a', name);
    section[1] = (Elf64_Shdr){.sh_type = SHT_STRTAB,
                              .sh_flags = SHF_ALLOC,
                              .sh_offset = name_at,
                              .sh_size = name + 1};
    for (u64 i = 2; i < 2 + tables; i++)
        section[i] = (Elf64_Shdr){.sh_type = SHT_SYMTAB,
                                  .sh_link = 1,
                                  .sh_offset = table_at,
                                  .sh_size = table_size,
                                  .sh_entsize = sizeof(Elf64_Sym)};
    image.data = bytes;
    return image;
}

static int add(const struct rvemu_image *image, struct rvemu_error *error)
{
    struct rvemu_symbols *symbols = rvemu_symbols_new();
    int status = rvemu_symbols_add(symbols, image, 0, error);

    rvemu_symbols_free(symbols);
    rvemu_image_free((struct rvemu_image *)(uintptr_t)image);
    return status;
}

static void names_take_no_more_than_their_file(void **state)
{
    struct rvemu_error error = {""};
    struct rvemu_image image = repetitive(2000, 1500, 1);

    assert_int_equal(add(&image, &error), 0);
    image = repetitive(5, 200000, 1);
    assert_int_equal(add(&image, &error), 0);
    image = repetitive(2000, 200000, 1);
    assert_int_equal(add(&image, &error), -1);
    assert_string_equal(error.text, "image: broken ELF: the names of its "
                                    "symbols have no end");
}

static void a_second_table_says_nothing(void **state)
{
    struct rvemu_error error = {""};
    struct rvemu_image image = repetitive(50000, 8, 5000);

    alarm(30);
    assert_int_equal(add(&image, &error), 0);
    alarm(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_from_a_file),
        cmocka_unit_test(names_from_memory_that_goes),
        cmocka_unit_test(addresses_of_names),
        cmocka_unit_test(two_images_keep_apart),
        cmocka_unit_test(what_is_no_elf_is_refused),
        cmocka_unit_test(names_take_no_more_than_their_file),
        cmocka_unit_test(a_second_table_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
