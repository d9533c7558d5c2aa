/*
 * Unit tests of machine/elf_arch.c: the attributes of ELF files, whole, cut
 * off anywhere and with a byte that is wrong. They are written here by hand.
 */
#include "machine/elf_arch.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "isa/ext.h"

#define TEXT_MAX 200

/* A file of one section besides the empty one. */
struct file {
    Elf64_Ehdr header;
    Elf64_Shdr section[2];
    u8 attributes[TEXT_MAX];
};

static size_t put_u32(u8 *at, size_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (u8)(value >> 8 * i);
    return 4;
}

/* 'A', a vendor that is none of ours, then riscv's: the stack's alignment (4),
 * a string (65), the ISA string (5), unaligned access (6). */
static size_t make_attributes(u8 *out, const char *arch)
{
    static const u8 other[] = "A\x0c\0\0\0gnu\0\5rv\0";
    static const u8 before[] = {4, 0x90, 1, 65, 'x', 0, 5};
    size_t size = strlen(arch) + 1;
    size_t file = 1 + 4 + sizeof(before) + size + 2;
    u8 *at = out;

    memcpy(at, other, 13);
    at += 13;
    at += put_u32(at, 4 + 6 + file);
    memcpy(at, "riscv", 6);
    at += 6;
    *at++ = 1;
    at += put_u32(at, file);
    memcpy(at, before, sizeof(before));
    at += sizeof(before);
    memcpy(at, arch, size);
    at += size;
    *at++ = 6;
    *at++ = 1;
    return (size_t)(at - out);
}

static void make_file(struct file *file, const char *arch)
{
    *file = (struct file){
        .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
                               EV_CURRENT},
                   .e_type = ET_EXEC,
                   .e_machine = EM_RISCV,
                   .e_version = EV_CURRENT,
                   .e_shoff = offsetof(struct file, section),
                   .e_ehsize = sizeof(Elf64_Ehdr),
                   .e_shentsize = sizeof(Elf64_Shdr),
                   .e_shnum = 2},
    };
    file->section[1] = (Elf64_Shdr){
        .sh_type = 0x70000003,
        .sh_offset = offsetof(struct file, attributes),
        .sh_size = make_attributes(file->attributes, arch),
        .sh_addralign = 1,
    };
}

static int check(const void *data, size_t size, u64 isa,
                 struct rvemu_error *error)
{
    const struct rvemu_image image = {.data = data, .size = size};

    return elf_arch_check(&image, "it", isa, error);
}

static void accepts(const char *arch, u64 isa)
{
    struct file file;
    struct rvemu_error error;

    make_file(&file, arch);
    if (check(&file, sizeof(file), isa, &error) < 0)
        fail_msg("%s: %s", arch, error.text);
}

static void refuses(const char *arch, u64 isa, const char *name)
{
    struct file file;
    struct rvemu_error error;
    char wanted[TEXT_MAX];

    make_file(&file, arch);
    if (check(&file, sizeof(file), isa, &error) == 0)
        fail_msg("%s: accepted", arch);
    snprintf(wanted, sizeof(wanted),
             "it is compiled for extension %s, which this -cpu does not have; "
             "turn it on, or bring images of your own",
             name);
    assert_string_equal(error.text, wanted);
}

static void every_extension_is_asked_for(void **state)
{
    const u64 imac =
        EXT_SET(I) | EXT_SET(M) | EXT_SET(A) | EXT_SET(C) | EXT_SET(ZICSR);

    accepts("rv64i2p1_m2p0_a2p1_c2p0_zicsr2p0", imac);
    accepts("rv64i2p1", imac);
    accepts("rv64imac", imac);
    accepts("rv64i2p1_xours1p0_c2p0", imac);
    accepts("rv32e1p9_f2p2", imac);
    accepts("", 0);
    refuses("rv64i2p1_m2p0_a2p1_c2p0_zicsr2p0", imac & ~EXT_SET(A), "a");
    refuses("rv64i2p1_m2p0_zicsr2p0", imac & ~EXT_SET(ZICSR), "zicsr");
    refuses("rv64i2p1_m2p0_zifencei2p0", imac, "zifencei");
    refuses("rv64i2p1_zic64b1p0", imac, "zic64b");
    refuses("rv64i2p1_zic64b", imac, "zic64b");
    refuses("rv64i2p1_xours1p0_c12p34", imac & ~EXT_SET(C), "c");
    refuses("rv64i2p1", 0, "i");
}

static void what_says_nothing_is_content(void **state)
{
    struct rvemu_error error;
    struct file file;

    assert_int_equal(check(NULL, 0, 0, &error), 0);
    assert_int_equal(check("#!/bin/sh\n", 10, 0, &error), 0);
    make_file(&file, "rv64i2p1");
    file.section[1].sh_type = SHT_NOTE;
    assert_int_equal(check(&file, sizeof(file), 0, &error), 0);
}

static void broken_attributes_do_no_harm(void **state)
{
    struct rvemu_error error;
    struct file file;
    size_t whole;

    make_file(&file, "rv64i2p1_m2p0");
    whole = file.section[1].sh_size;
    for (size_t size = 0; size < whole; size++) {
        /* A copy of exactly that size, so that ASan sees a read beyond. */
        size_t all = offsetof(struct file, attributes) + size;
        u8 *cut = malloc(all);

        file.section[1].sh_size = size;
        memcpy(cut, &file, all);
        assert_int_equal(check(cut, all, 0, &error), 0);
        free(cut);
    }
    file.section[1].sh_size = whole;
    for (size_t i = 0; i < whole; i++) {
        u8 right = file.attributes[i];

        for (unsigned wrong = 0; wrong < 256; wrong++) {
            file.attributes[i] = (u8)wrong;
            if (check(&file, offsetof(struct file, attributes) + whole, 0,
                      &error) < 0)
                assert_non_null(strstr(error.text, "it is compiled for"));
        }
        file.attributes[i] = right;
    }
    refuses("rv64i2p1_m2p0", EXT_SET(I), "m");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_extension_is_asked_for),
        cmocka_unit_test(what_says_nothing_is_content),
        cmocka_unit_test(broken_attributes_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
