/*
 * Unit tests of rvemu/programs.h: which program a space runs, by pages that
 * are like a program's, shared by two, changed, moved, or say nothing. The
 * programs are made here, byte by byte.
 */
#include <rvemu/programs.h>

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/types.h"

#define PAGES 4
#define AT 0x10000u /* where programs are linked */
#define CODE 0x1000 /* where in the file their code is */

/* A program of PAGES pages of code; of its headers the first page has room for
 * more than there are. */
struct file {
    u8 bytes[CODE + PAGES * RVEMU_PAGE];
};

static Elf64_Ehdr *header(struct file *file)
{
    return (Elf64_Ehdr *)file->bytes;
}

static Elf64_Phdr *segment(struct file *file)
{
    return (Elf64_Phdr *)(file->bytes + sizeof(Elf64_Ehdr));
}

static u8 *page_of(struct file *file, unsigned page)
{
    return file->bytes + CODE + page * RVEMU_PAGE;
}

/* Fills a page with bytes that depend on the seed. */
static void fill(struct file *file, unsigned page, u64 seed)
{
    for (unsigned i = 0; i < RVEMU_PAGE; i++) {
        seed = seed * 6364136223846793005 + 1442695040888963407;
        page_of(file, page)[i] = (u8)(seed >> 56);
    }
}

static void make(struct file *file, unsigned type, u64 va, u64 seed)
{
    memset(file, 0, sizeof(*file));
    *header(file) = (Elf64_Ehdr){
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = (Elf64_Half)type,
        .e_machine = EM_RISCV,
        .e_version = EV_CURRENT,
        .e_entry = va,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 1,
    };
    *segment(file) = (Elf64_Phdr){
        .p_type = PT_LOAD,
        .p_flags = PF_R | PF_X,
        .p_offset = CODE,
        .p_vaddr = va,
        .p_paddr = va,
        .p_filesz = PAGES * RVEMU_PAGE,
        .p_memsz = PAGES * RVEMU_PAGE,
    };
    for (unsigned page = 0; page < PAGES; page++)
        fill(file, page, seed + page);
}

/* A set of two programs, and the space that is looked at. */
struct rig {
    struct rvemu_programs *programs;
    struct rvemu_error error;
    struct file one, other;
    struct file space; /* its pages, mapped at va */
    u64 va;
    bool mapped[PAGES];
    struct rvemu_program found;
};

static void add(struct rig *rig, const char *name, const struct file *file)
{
    const struct rvemu_image image = {
        .path = name, .data = file->bytes, .size = sizeof(file->bytes)};

    assert_int_equal(rvemu_programs_add(rig->programs, &image,
                                        RVEMU_LOAD_AS_LINKED, 0, &rig->error),
                     0);
}

static void load(struct rig *rig, const struct file *file, u64 va)
{
    rig->space = *file;
    rig->va = va;
    for (unsigned page = 0; page < PAGES; page++)
        rig->mapped[page] = true;
}

static bool read_page(void *arg, u64 va, u8 page[RVEMU_PAGE])
{
    struct rig *rig = arg;
    u64 number = (va - rig->va) / RVEMU_PAGE;

    assert_int_equal(va % RVEMU_PAGE, 0);
    if (va < rig->va || number >= PAGES || !rig->mapped[number])
        return false;
    memcpy(page, page_of(&rig->space, (unsigned)number), RVEMU_PAGE);
    return true;
}

static bool recognise(struct rig *rig, unsigned page)
{
    return rvemu_programs_recognise(rig->programs, read_page, rig,
                                    rig->va + page * RVEMU_PAGE + 0x123,
                                    &rig->found);
}

static void expect(struct rig *rig, unsigned page, const char *name, u64 bias)
{
    assert_true(recognise(rig, page));
    assert_string_equal(rig->found.name, name);
    assert_int_equal(rig->found.bias, bias);
    assert_non_null(rig->found.binary);
}

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    rig->programs = rvemu_programs_new();
    make(&rig->one, ET_EXEC, AT, 1000);
    make(&rig->other, ET_EXEC, AT, 2000);
    *state = rig;
    return 0;
}

static int drop(void **state)
{
    struct rig *rig = *state;

    rvemu_programs_free(rig->programs);
    free(rig);
    return 0;
}

static void each_is_recognised_by_any_page(void **state)
{
    struct rig *rig = *state;

    add(rig, "bin/one", &rig->one);
    add(rig, "bin/other", &rig->other);
    for (unsigned page = 0; page < PAGES; page++) {
        load(rig, &rig->one, AT);
        expect(rig, page, "one", 0);
        load(rig, &rig->other, AT);
        expect(rig, page, "other", 0);
    }
    load(rig, &rig->one, AT + RVEMU_PAGE);
    assert_false(recognise(rig, 0)); /* it is not linked there */
}

static void a_changed_byte_is_another_program(void **state)
{
    struct rig *rig = *state;

    add(rig, "one", &rig->one);
    load(rig, &rig->one, AT);
    page_of(&rig->space, 2)[RVEMU_PAGE - 1] ^= 1;
    assert_false(recognise(rig, 2));
    expect(rig, 1, "one", 0);
    rig->mapped[1] = false;
    assert_false(recognise(rig, 1));
}

static void a_shared_page_is_decided_by_the_others(void **state)
{
    struct rig *rig = *state;

    fill(&rig->other, 0, 1000);
    add(rig, "one", &rig->one);
    add(rig, "other", &rig->other);
    load(rig, &rig->other, AT);
    expect(rig, 0, "other", 0);
    load(rig, &rig->one, AT);
    expect(rig, 0, "one", 0);
    /* Nothing else is there yet: either might be meant. */
    for (unsigned page = 1; page < PAGES; page++)
        rig->mapped[page] = false;
    assert_false(recognise(rig, 0));
    rig->mapped[3] = true;
    expect(rig, 0, "one", 0);
}

static void a_longer_program_needs_its_end(void **state)
{
    struct rig *rig = *state;

    rig->other = rig->one;
    segment(&rig->other)->p_filesz = 2 * RVEMU_PAGE;
    add(rig, "long", &rig->one);
    add(rig, "short", &rig->other);
    load(rig, &rig->one, AT);
    expect(rig, 0, "long", 0);
    rig->mapped[2] = rig->mapped[3] = false;
    assert_false(recognise(rig, 0));
}

static void what_surrounds_the_code_does_not_count(void **state)
{
    struct rig *rig = *state;

    segment(&rig->one)->p_filesz = RVEMU_PAGE + 100;
    add(rig, "one", &rig->one);
    load(rig, &rig->other, AT);
    memcpy(page_of(&rig->space, 1), page_of(&rig->one, 1), 100);
    expect(rig, 1, "one", 0);
    page_of(&rig->space, 1)[99] ^= 1;
    assert_false(recognise(rig, 1));
}

static void zeros_prove_nothing(void **state)
{
    struct rig *rig = *state;

    memset(page_of(&rig->one, 1), 0, RVEMU_PAGE);
    memset(page_of(&rig->one, 1), 1, 15);
    add(rig, "one", &rig->one);
    load(rig, &rig->one, AT);
    assert_false(recognise(rig, 1));
    expect(rig, 0, "one", 0);
}

static void pie_is_found_at_any_page(void **state)
{
    struct rig *rig = *state;
    const u64 biases[] = {0, 0x3f00000000, 0x2aaaaab000, -(u64)RVEMU_PAGE};

    make(&rig->one, ET_DYN, 2 * RVEMU_PAGE, 1000);
    add(rig, "pie", &rig->one);
    add(rig, "other", &rig->other);
    for (unsigned i = 0; i < sizeof(biases) / sizeof(*biases); i++) {
        load(rig, &rig->one, 2 * RVEMU_PAGE + biases[i]);
        for (unsigned page = 0; page < PAGES; page++)
            expect(rig, page, "pie", biases[i]);
    }
}

static void a_page_that_pie_repeats_is_decided_by_the_others(void **state)
{
    struct rig *rig = *state;

    make(&rig->one, ET_DYN, 0, 1000);
    fill(&rig->one, 2, 1000); /* like page 0 */
    add(rig, "pie", &rig->one);
    load(rig, &rig->one, 0x5000);
    expect(rig, 0, "pie", 0x5000);
    expect(rig, 2, "pie", 0x5000);
    for (unsigned page = 1; page < PAGES; page++)
        rig->mapped[page] = false;
    assert_false(recognise(rig, 0));
}

static void a_base_is_the_only_place(void **state)
{
    struct rig *rig = *state;
    struct rvemu_image image = {
        .path = "pie", .data = rig->one.bytes, .size = sizeof(rig->one.bytes)};

    make(&rig->one, ET_DYN, 0, 1000);
    assert_int_equal(rvemu_programs_add(rig->programs, &image,
                                        RVEMU_LOAD_AT_BASE, 0x40000,
                                        &rig->error),
                     0);
    load(rig, &rig->one, 0x40000);
    expect(rig, 3, "pie", 0x40000);
    load(rig, &rig->one, 0x50000);
    assert_false(recognise(rig, 3));
}

/* Another file of the same program: a stripped one has other headers. */
static void the_same_program_twice_is_one(void **state)
{
    struct rig *rig = *state;

    rig->other = rig->one;
    header(&rig->other)->e_shoff = 77;
    segment(&rig->one)->p_offset = segment(&rig->other)->p_offset = 0;
    segment(&rig->one)->p_vaddr -= CODE;
    segment(&rig->other)->p_vaddr -= CODE;
    add(rig, "first", &rig->one);
    add(rig, "second", &rig->other);
    assert_int_equal(rvemu_programs_count(rig->programs), 1);
    load(rig, &rig->other, AT);
    expect(rig, 0, "first", 0);
}

static void a_search_needs_no_pc(void **state)
{
    struct rig *rig = *state;

    add(rig, "one", &rig->one);
    add(rig, "other", &rig->other);
    load(rig, &rig->other, AT);
    assert_true(
        rvemu_programs_search(rig->programs, read_page, rig, &rig->found));
    assert_string_equal(rig->found.name, "other");
    rig->mapped[0] = false;
    assert_false(
        rvemu_programs_search(rig->programs, read_page, rig, &rig->found));
}

static void refuse(struct rig *rig, const struct rvemu_image *image,
                   const char *why)
{
    assert_int_equal(rvemu_programs_add(rig->programs, image,
                                        RVEMU_LOAD_AS_LINKED, 0, &rig->error),
                     -1);
    if (!strstr(rig->error.text, why))
        fail_msg("said '%s', wanted '%s'", rig->error.text, why);
    assert_int_equal(rvemu_programs_count(rig->programs), 0);
}

static void what_cannot_be_added(void **state)
{
    struct rig *rig = *state;
    const struct rvemu_image missing = {.path = "/nowhere/prog"};
    const struct rvemu_image image = {
        .path = "prog", .data = rig->one.bytes, .size = sizeof(rig->one.bytes)};

    refuse(rig, &missing, "/nowhere/prog: No such file");
    segment(&rig->one)->p_flags = PF_R;
    refuse(rig, &image, "prog: has no code");
    segment(&rig->one)->p_flags = PF_R | PF_X;
    segment(&rig->one)->p_filesz = sizeof(rig->one.bytes);
    refuse(rig, &image, "prog: has no code"); /* it is cut off */
    segment(&rig->one)->p_filesz = RVEMU_PAGE;
    segment(&rig->one)->p_vaddr = -(u64)RVEMU_PAGE;
    refuse(rig, &image, "prog: has no code"); /* it would wrap around */
    segment(&rig->one)->p_type = PT_NOTE;
    refuse(rig, &image, "prog: has no loadable segment");
    header(&rig->one)->e_type = ET_REL;
    refuse(rig, &image, "prog: is not linked");
    header(&rig->one)->e_machine = EM_X86_64;
    refuse(rig, &image, "prog: is no ELF file for 64-bit RISC-V");
    rig->one.bytes[0] = 0;
    refuse(rig, &image, "prog: is no ELF file");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_is_recognised_by_any_page),
        TEST(a_changed_byte_is_another_program),
        TEST(a_shared_page_is_decided_by_the_others),
        TEST(a_longer_program_needs_its_end),
        TEST(what_surrounds_the_code_does_not_count),
        TEST(zeros_prove_nothing),
        TEST(pie_is_found_at_any_page),
        TEST(a_page_that_pie_repeats_is_decided_by_the_others),
        TEST(a_base_is_the_only_place),
        TEST(the_same_program_twice_is_one),
        TEST(a_search_needs_no_pc),
        TEST(what_cannot_be_added),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
