/*
 * Unit tests of machine/image.c: that reading an ELF file takes a time that its
 * size explains. (What is read of one, and refused: test_loader.c.)
 */
#include "machine/image.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define RAM 0x80000000ull

enum { NOTES = 1000, SIZE = 8 << 20, CODE = 64 };

/* A file whose one segment is all of it, and whose notes are nothing, but for
 * the last one: all bytes up to the code at the end. */
static u8 *make_notes(Elf64_Half headers)
{
    u8 *bytes = malloc(SIZE);
    Elf64_Phdr *header = (Elf64_Phdr *)(bytes + sizeof(Elf64_Ehdr));
    u64 end = sizeof(Elf64_Ehdr) + (NOTES + 1) * sizeof(*header);

    assert_non_null(bytes);
    memset(bytes, 0x13, SIZE);
    *(Elf64_Ehdr *)bytes = (Elf64_Ehdr){
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_RISCV,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = headers,
    };
    header[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                             .p_vaddr = RAM,
                             .p_paddr = RAM,
                             .p_filesz = SIZE,
                             .p_memsz = SIZE};
    for (unsigned i = 1; i <= NOTES; i++)
        header[i] = (Elf64_Phdr){.p_type = PT_NOTE};
    header[NOTES].p_offset = end;
    header[NOTES].p_filesz = SIZE - CODE - end;
    return bytes;
}

static int parse(u8 *bytes, struct layout *layout, struct rvemu_error *error)
{
    const struct image image = {.name = "a", .bytes = bytes, .size = SIZE};
    int status;

    alarm(20); /* each byte of a note was looked for in each header */
    status = image_parse(&image, layout, error);
    alarm(0);
    free(bytes);
    return status;
}

static void many_notes_take_no_time(void **state)
{
    struct layout layout;
    struct rvemu_error error;

    assert_int_equal(parse(make_notes(NOTES + 1), &layout, &error), 0);
    assert_int_equal(layout.segment[0].headers, SIZE - CODE);
}

static void there_are_as_many_headers_as_linux_takes(void **state)
{
    struct layout layout;
    struct rvemu_error error;

    assert_int_equal(parse(make_notes(1170), &layout, &error), 0);
    assert_int_equal(parse(make_notes(1171), &layout, &error), -1);
    assert_string_equal(error.text, "a: more than 1170 program headers");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_notes_take_no_time),
        cmocka_unit_test(there_are_as_many_headers_as_linux_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
