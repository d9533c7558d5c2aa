/*
 * Unit tests of machine/loader.c and image.c: what an image is taken for,
 * where things go, and the one line for everything that can be wrong with a
 * file. ELF files are made here, byte by byte, so that they can be broken.
 */
#include "machine/loader.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libfdt.h>

#include "base/bits.h"
#include "isa/ext.h"

#define RAM 0x80000000ull
#define MIB (1ull << 20)

/* One file under construction: a header, program headers, then data. */
struct file {
    u8 bytes[8192];
    size_t size;
};

struct part {
    u64 pa;
    u64 filled;
    u64 size;
};

static Elf64_Ehdr *header(struct file *file)
{
    return (Elf64_Ehdr *)file->bytes;
}

static Elf64_Phdr *segment(struct file *file, unsigned i)
{
    return (Elf64_Phdr *)(file->bytes + sizeof(Elf64_Ehdr)) + i;
}

static void make_elf(struct file *file, const struct part parts[],
                     unsigned count)
{
    size_t at = sizeof(Elf64_Ehdr) + count * sizeof(Elf64_Phdr);

    memset(file, 0, sizeof(*file));
    *header(file) = (Elf64_Ehdr){
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_RISCV,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = (Elf64_Half)count,
    };
    for (unsigned i = 0; i < count; i++) {
        *segment(file, i) = (Elf64_Phdr){.p_type = PT_LOAD,
                                         .p_offset = at,
                                         .p_vaddr = parts[i].pa,
                                         .p_paddr = parts[i].pa,
                                         .p_filesz = parts[i].filled,
                                         .p_memsz = parts[i].size};
        memset(file->bytes + at, 'A' + (int)i, parts[i].filled);
        at += parts[i].filled;
    }
    file->size = at;
}

static struct rvemu_image image_of(const struct file *file)
{
    return (struct rvemu_image){.data = file->bytes, .size = file->size};
}

struct rig {
    struct bus bus;
    struct rom rom;
    struct loader_machine machine;
    struct loader_result result;
    struct rvemu_guest guest;
    struct rvemu_error error;
    struct file kernel, firmware;
};

static struct rig *make_rig(u64 ram)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct part firmware = {RAM, 16, 0x20000};

    assert_int_equal(bus_init(&rig->bus, RAM, ram, &rig->error), 0);
    rig->machine =
        (struct loader_machine){.bus = &rig->bus, .rom = &rig->rom, .harts = 1};
    make_elf(&rig->firmware, &firmware, 1);
    rig->guest.firmware = image_of(&rig->firmware);
    return rig;
}

static int make(void **state)
{
    *state = make_rig(128 * MIB);
    return 0;
}

static int drop(void **state)
{
    struct rig *rig = *state;

    free(rig->result.device_tree);
    bus_fini(&rig->bus);
    free(rig);
    return 0;
}

static int load(struct rig *rig)
{
    free(rig->result.device_tree);
    return loader_load(&rig->machine, &rig->guest, &rig->result, &rig->error);
}

static void loads(struct rig *rig)
{
    if (load(rig) < 0)
        fail_msg("refused: %s", rig->error.text);
}

static void refused(struct rig *rig, const char *why)
{
    if (load(rig) == 0)
        fail_msg("accepted; wanted '%s'", why);
    if (!strstr(rig->error.text, why))
        fail_msg("said '%s', wanted '%s'", rig->error.text, why);
    assert_null(strchr(rig->error.text, '\n'));
    assert_null(rig->result.device_tree);
}

/* The guest is an ELF of these parts. */
static void use_parts(struct rig *rig, const struct part parts[],
                      unsigned count)
{
    make_elf(&rig->kernel, parts, count);
    rig->guest.image = image_of(&rig->kernel);
}

static void use_part(struct rig *rig, u64 pa, u64 filled, u64 size)
{
    use_parts(rig, &(struct part){pa, filled, size}, 1);
}

static u64 rom_word(const struct rig *rig, unsigned offset)
{
    return load_le32(rig->rom.s.bytes + offset) |
           (u64)load_le32(rig->rom.s.bytes + offset + 4) << 32;
}

static u8 *ram(struct rig *rig, u64 pa)
{
    return ram_host(&rig->bus.ram, pa);
}

static void a_machine_guest_runs_bare(void **state)
{
    struct rig *rig = *state;
    const struct part parts[] = {{RAM + 0x1000, 4, 8}, {RAM, 4, 4}};

    use_parts(rig, parts, 2);
    loads(rig);
    assert_int_equal(rig->result.as, RVEMU_AS_MACHINE);
    assert_int_equal(rig->result.start, RAM);
    assert_memory_equal(ram(rig, RAM + 0x1000), "AAAA\0\0\0\0", 8);
    assert_memory_equal(ram(rig, RAM), "BBBB", 4);
    assert_int_equal(rom_word(rig, 0x18), RAM);
    assert_int_equal(rom_word(rig, 0x38), 0); /* nothing to go on to */
}

static void a_kernel_goes_on_the_firmware(void **state)
{
    struct rig *rig = *state;
    static const u32 code[] = {0x00000297, 0x02828613, 0xf1402573,
                               0x0202b583, 0x0182b283, 0x00028067};
    const u64 tree = RAM + 126 * MIB;

    use_part(rig, RAM + 2 * MIB, 16, 16);
    loads(rig);
    assert_int_equal(rig->result.as, RVEMU_AS_KERNEL);
    assert_memory_equal(ram(rig, RAM), "AAAA", 4);
    assert_memory_equal(rig->rom.s.bytes, code, sizeof(code));
    assert_int_equal(rom_word(rig, 0x18), RAM);
    assert_int_equal(rom_word(rig, 0x20), tree);
    assert_int_equal(rom_word(rig, 0x28), 0x4942534f);
    assert_int_equal(rom_word(rig, 0x30), 2);
    assert_int_equal(rom_word(rig, 0x38), RAM + 2 * MIB);
    assert_int_equal(rom_word(rig, 0x40), 1);
    assert_int_equal(fdt_check_full(ram(rig, tree), 2 * MIB), 0);
    assert_memory_equal(ram(rig, tree), rig->result.device_tree,
                        rig->result.device_tree_size);
}

static void a_kernel_is_entered_at_its_lowest_address(void **state)
{
    struct rig *rig = *state;

    use_part(rig, RAM + 2 * MIB, 16, 16);
    header(&rig->kernel)->e_entry = RAM + 3 * MIB;
    loads(rig);
    assert_int_equal(rom_word(rig, 0x38), RAM + 2 * MIB);
}

static void a_machine_guest_is_entered_where_it_says(void **state)
{
    struct rig *rig = *state;

    use_part(rig, RAM, 16, 64);
    header(&rig->kernel)->e_entry = RAM + 60;
    loads(rig);
    assert_int_equal(rom_word(rig, 0x18), RAM + 60);
    assert_int_equal(rig->result.start, RAM + 60);

    segment(&rig->kernel, 0)->p_vaddr = 0xffffffff80000000;
    header(&rig->kernel)->e_entry = 0xffffffff80000008;
    loads(rig);
    assert_int_equal(rom_word(rig, 0x18), RAM + 8);

    header(&rig->kernel)->e_entry = 0; /* "no associated entry point" */
    loads(rig);
    assert_int_equal(rom_word(rig, 0x18), RAM);
}

static void firmware_is_entered_where_it_says(void **state)
{
    struct rig *rig = *state;

    header(&rig->firmware)->e_entry = RAM + 0x100;
    use_part(rig, RAM + 2 * MIB, 16, 16);
    loads(rig);
    assert_int_equal(rom_word(rig, 0x18), RAM + 0x100);
    header(&rig->firmware)->e_entry = RAM + 0x20000;
    refused(rig, "the bundled firmware: its entry 0x80020000");
}

static void entries_that_lead_nowhere(void **state)
{
    struct rig *rig = *state;

    use_part(rig, RAM, 16, 64);
    header(&rig->kernel)->e_entry = 0xf;
    refused(rig, "its entry 0xf lies in none of its segments "
                 "(0x80000000-0x80000040)");
    header(&rig->kernel)->e_entry = RAM + 64;
    refused(rig, "its entry 0x80000040 lies in none");
    header(&rig->kernel)->e_entry = RAM + 2;
    refused(rig, "its entry 0x80000002 is not a multiple of 4");
    rig->machine.isa = EXT_SET(C) | EXT_SET(ZCA);
    loads(rig);
    header(&rig->kernel)->e_entry = RAM + 3;
    refused(rig, "its entry 0x80000003 is not a multiple of 2");
}

/* As a linker does without a script: the first section at `pa`, and below it
 * the start of the file. */
static void map_headers(struct rig *rig, u64 pa)
{
    struct file *file = &rig->kernel;
    const struct part part = {pa - 4096, 4, 4100};

    make_elf(file, &part, 1);
    memset(file->bytes + file->size - 4, 0, 4);
    segment(file, 0)->p_offset = 0;
    segment(file, 0)->p_filesz = 4100;
    memcpy(file->bytes + 4096, "AAAA", 4);
    file->size = 4100;
    header(file)->e_entry = pa;
    rig->guest.image = image_of(file);
}

static void headers_need_not_be_in_ram(void **state)
{
    struct rig *rig = *state;

    map_headers(rig, RAM);
    loads(rig);
    assert_int_equal(rig->result.as, RVEMU_AS_MACHINE);
    assert_int_equal(rig->result.start, RAM);
    assert_memory_equal(ram(rig, RAM), "AAAA", 4);
    header(&rig->kernel)->e_entry = 0;
    loads(rig);
    assert_int_equal(rig->result.start, RAM);

    rig->kernel.bytes[4095] = 1;
    refused(rig, "0x7ffff000-0x80000004 lies outside RAM "
                 "(0x80000000-0x88000000); link it there");
    rig->kernel.bytes[4095] = 0;
    segment(&rig->kernel, 0)->p_paddr = RAM - 8192;
    segment(&rig->kernel, 0)->p_memsz = 8196; /* .bss that begins outside */
    refused(rig, "0x7fffe000-0x80000004 lies outside RAM");
}

/* The linkers' other ways: a segment of its own, which has the notes too. */
static void headers_and_notes_need_not_be_in_ram(void **state)
{
    struct rig *rig = *state;
    const struct part parts[] = {{RAM, 4, 4}, {0x10000, 4, 4}, {0, 4, 4}};
    Elf64_Phdr *headers, *note;

    use_parts(rig, parts, 3);
    headers = segment(&rig->kernel, 1);
    note = segment(&rig->kernel, 2);
    note->p_type = PT_NOTE;
    headers->p_offset = 0;
    headers->p_filesz = headers->p_memsz =
        sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr);
    loads(rig);
    assert_int_equal(rig->result.start, RAM);
    assert_memory_equal(ram(rig, RAM), "AAAA", 4);

    headers->p_filesz = headers->p_memsz = note->p_offset + 4;
    refused(rig, "0x10000-0x100"); /* the bytes of the other two parts */
    memset(rig->kernel.bytes + segment(&rig->kernel, 0)->p_offset, 0, 8);
    loads(rig);
    note->p_type = PT_NULL;
    refused(rig, "0x10000-0x100");
    headers->p_filesz = 0;
    refused(rig, "0x10000-0x100");
}

static void a_kernel_is_not_entered_at_its_header(void **state)
{
    struct rig *rig = *state;

    map_headers(rig, RAM + 2 * MIB);
    loads(rig);
    assert_int_equal(rig->result.as, RVEMU_AS_KERNEL);
    assert_memory_equal(ram(rig, RAM + 2 * MIB - 4096),
                        "\x7f"
                        "ELF",
                        4);
    assert_int_equal(rom_word(rig, 0x38), RAM + 2 * MIB);
    header(&rig->kernel)->e_entry = 8;
    refused(rig, "its entry 0x8 lies in none");
}

static void the_choice_can_be_overridden(void **state)
{
    struct rig *rig = *state;

    use_part(rig, RAM + 2 * MIB, 16, 16);
    rig->guest.as = RVEMU_AS_MACHINE;
    loads(rig);
    assert_int_equal(rig->result.start, RAM + 2 * MIB);
    use_part(rig, RAM, 16, 16);
    rig->guest.as = RVEMU_AS_KERNEL;
    refused(rig, "overlaps the bundled firmware");
}

static void the_initrd_lies_above_the_kernel(void **state)
{
    struct rig *rig = *state;
    int node, size;
    const fdt32_t *cell;

    use_part(rig, RAM + 2 * MIB, 16, 16);
    rig->guest.initrd = (struct rvemu_image){.data = "initrd", .size = 6};
    loads(rig);
    assert_memory_equal(ram(rig, RAM + 66 * MIB), "initrd", 6);
    node = fdt_path_offset(rig->result.device_tree, "/chosen");
    cell =
        fdt_getprop(rig->result.device_tree, node, "linux,initrd-start", &size);
    assert_int_equal(fdt32_to_cpu(*cell), RAM + 66 * MIB);
    cell =
        fdt_getprop(rig->result.device_tree, node, "linux,initrd-end", &size);
    assert_int_equal(fdt32_to_cpu(*cell), RAM + 66 * MIB + 6);
}

static void only_the_bundled_firmware_is_reserved(void **state)
{
    struct rig *rig = *state;
    char path[] = "/tmp/test_loader.XXXXXX";
    int fd = mkstemp(path), size;
    const fdt64_t *reg;

    use_part(rig, RAM + 2 * MIB, 16, 16);
    loads(rig);
    reg = fdt_getprop(rig->result.device_tree,
                      fdt_path_offset(rig->result.device_tree,
                                      "/reserved-memory/firmware@80000000"),
                      "reg", &size);
    assert_int_equal(size, 16);
    assert_int_equal(fdt64_ld(&reg[0]), RAM);
    assert_int_equal(fdt64_ld(&reg[1]), 0x20000);

    assert_int_equal(write(fd, rig->firmware.bytes, rig->firmware.size),
                     rig->firmware.size);
    close(fd);
    rig->guest.firmware = (struct rvemu_image){.path = path};
    loads(rig);
    unlink(path);
    assert_true(fdt_path_offset(rig->result.device_tree, "/reserved-memory") <
                0);
}

static void a_linux_image_goes_above_the_firmware(void **state)
{
    struct rig *rig = *state;
    static u8 image[256];

    memcpy(image, "MZ", 2);
    image[0x12] = 0x10; /* needs 1 MiB */
    memcpy(image + 0x38, "RSC\x05", 4);
    rig->guest.image = (struct rvemu_image){.data = image, .size = 256};
    loads(rig);
    assert_int_equal(rig->result.as, RVEMU_AS_KERNEL);
    assert_int_equal(rom_word(rig, 0x38), RAM + 2 * MIB);
    assert_memory_equal(ram(rig, RAM + 2 * MIB), image, 256);
    image[0x13] = 0x10; /* and 256 MiB more */
    refused(rig, "lies outside RAM");
}

static void the_tree_stays_below_three_gigabytes(void **state)
{
    struct rig *rig = make_rig(2048 * MIB);
    void *box = rig;

    use_part(rig, RAM + 2 * MIB, 16, 16);
    loads(rig);
    assert_int_equal(rom_word(rig, 0x20), 0xbfe00000);
    drop(&box);
}

static void a_tree_of_the_users_is_completed(void **state)
{
    struct rig *rig = *state;
    u8 tree[512];
    int size;

    use_part(rig, RAM, 16, 16);
    assert_int_equal(fdt_create_empty_tree(tree, sizeof(tree)), 0);
    rig->guest.dtb = (struct rvemu_image){.data = tree, .size = sizeof(tree)};
    rig->guest.bootargs = "quiet";
    loads(rig);
    assert_string_equal(
        fdt_getprop(rig->result.device_tree,
                    fdt_path_offset(rig->result.device_tree, "/chosen"),
                    "bootargs", &size),
        "quiet");
    memset(tree, 0, 4);
    refused(rig, "the device tree: not a device tree blob");
}

static void files_that_cannot_be_read(void **state)
{
    struct rig *rig = *state;

    rig->guest.image = (struct rvemu_image){.path = "/nonexistent/k"};
    refused(rig, "/nonexistent/k: No such file or directory");
    rig->guest.image = (struct rvemu_image){.path = "/tmp"};
    refused(rig, "/tmp: is a directory");
    rig->guest.image = (struct rvemu_image){.path = "/dev/null"};
    refused(rig, "/dev/null: the file is empty");
    rig->guest.image = (struct rvemu_image){.path = "/dev/zero"};
    refused(rig, "/dev/zero: has no end within 256 MiB");
    rig->guest.image = (struct rvemu_image){
        .path = "some/file", .data = rig->kernel.bytes, .size = 0};
    refused(rig, "some/file: the file is empty");
}

static void files_that_are_no_guest(void **state)
{
    struct rig *rig = *state;

    rig->guest.image = (struct rvemu_image){.data = "#!/bin/sh", .size = 9};
    refused(rig, "not an ELF file");
    rig->guest.as = RVEMU_AS_MACHINE;
    refused(rig, "not an ELF file");
    rig->guest.image = (struct rvemu_image){.data = "raw", .size = 3};
    loads(rig);
    assert_memory_equal(ram(rig, RAM), "raw", 4);
    rig->guest.as = RVEMU_AS_AUTO;
    refused(rig, "one has to say what it is");
    rig->guest.image = (struct rvemu_image){.data = "\x1f\x8b\x08", .size = 3};
    refused(rig, "truncated gzip");

    use_part(rig, RAM, 4, 4);
    header(&rig->kernel)->e_machine = EM_X86_64;
    refused(rig, "built for x86-64, not for RISC-V");
    header(&rig->kernel)->e_machine = EM_RISCV;
    header(&rig->kernel)->e_ident[EI_CLASS] = ELFCLASS32;
    refused(rig, "32-bit (RV32)");
    header(&rig->kernel)->e_ident[EI_CLASS] = ELFCLASS64;
    header(&rig->kernel)->e_ident[EI_DATA] = ELFDATA2MSB;
    refused(rig, "big-endian");
    header(&rig->kernel)->e_ident[EI_DATA] = ELFDATA2LSB;
    header(&rig->kernel)->e_type = ET_REL;
    refused(rig, "link it first");
    header(&rig->kernel)->e_type = ET_CORE;
    refused(rig, "not an executable");
    header(&rig->kernel)->e_type = ET_EXEC;
    header(&rig->kernel)->e_phentsize = 8;
    refused(rig, "program headers of 8 bytes");
    header(&rig->kernel)->e_phentsize = sizeof(Elf64_Phdr);
    segment(&rig->kernel, 0)->p_type = PT_NOTE;
    refused(rig, "no loadable segment");
}

static void every_truncation_is_noticed(void **state)
{
    struct rig *rig = *state;
    const struct part parts[] = {{RAM, 64, 64}, {RAM + 4096, 64, 64}};

    use_parts(rig, parts, 2);
    for (size_t size = 4; size < rig->kernel.size; size++) {
        /* A copy of exactly that size, so that ASan sees a read beyond. */
        u8 *cut = malloc(size);

        memcpy(cut, rig->kernel.bytes, size);
        rig->guest.image = (struct rvemu_image){.data = cut, .size = size};
        refused(rig, "truncated ELF");
        free(cut);
    }
    rig->guest.image.data = rig->kernel.bytes;
    rig->guest.image.size = rig->kernel.size;
    loads(rig);
}

static void broken_headers_do_no_harm(void **state)
{
    struct rig *rig = *state;

    use_part(rig, RAM, 4, 4);
    header(&rig->kernel)->e_phoff = UINT64_MAX - 8;
    refused(rig, "truncated ELF");
    use_part(rig, RAM, 4, 4);
    header(&rig->kernel)->e_phnum = 0xfffe;
    refused(rig, "truncated ELF");
    use_part(rig, RAM, 4, 4);
    segment(&rig->kernel, 0)->p_offset = UINT64_MAX;
    refused(rig, "truncated ELF");
    use_part(rig, RAM, 4, 4);
    segment(&rig->kernel, 0)->p_filesz = UINT64_MAX;
    segment(&rig->kernel, 0)->p_memsz = UINT64_MAX;
    refused(rig, "truncated ELF");
    use_part(rig, RAM, 8, 4);
    refused(rig, "more bytes than memory");
    use_part(rig, RAM, 4, UINT64_MAX);
    refused(rig, "lies outside RAM");
    use_part(rig, UINT64_MAX - 1, 4, 4);
    refused(rig, "lies outside RAM");
}

static void one_bit_wrong_is_refused_or_loaded(void **state)
{
    struct rig *rig = *state;
    const struct part parts[] = {{RAM, 64, 64}, {RAM + 4096, 64, 64}};
    unsigned bits;

    use_parts(rig, parts, 2);
    bits = (sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr)) * 8;
    for (unsigned i = 0; i < bits; i++) {
        rig->kernel.bytes[i / 8] ^= (u8)(1 << i % 8);
        if (load(rig) < 0)
            assert_int_not_equal(rig->error.text[0], '\0');
        rig->kernel.bytes[i / 8] ^= (u8)(1 << i % 8);
    }
}

static void nothing_overlaps_or_leaves_ram(void **state)
{
    struct rig *rig = *state;
    const struct part twice[] = {{RAM, 64, 64}, {RAM + 63, 64, 64}};

    use_part(rig, RAM + 127 * MIB, 4, 2 * MIB);
    refused(rig, "lies outside RAM");
    use_part(rig, RAM - 4096, 4, 8192);
    refused(rig, "lies outside RAM");
    use_parts(rig, twice, 2);
    refused(rig, "overlaps");
    use_part(rig, RAM + 2 * MIB, 4, 125 * MIB);
    refused(rig, "the device tree: 0x87e00000");
    use_part(rig, RAM + 2 * MIB, 4, 65 * MIB);
    rig->guest.initrd = (struct rvemu_image){.data = "initrd", .size = 6};
    refused(rig, "the bundled initrd: 0x84200000-0x84200006 overlaps");
    use_part(rig, RAM + 0x1f000, 4, 4);
    refused(rig, "overlaps the bundled firmware at 0x80000000-0x80020000");
}

static void ram_can_be_too_small(void **state)
{
    struct rig *rig = make_rig(MIB);
    void *box = rig;

    use_part(rig, RAM, 4, 4);
    refused(rig, "RAM of 1024 KiB is too small");
    drop(&box);
}

static void a_kernel_needs_a_firmware(void **state)
{
    struct rig *rig = *state;

    use_part(rig, RAM + 2 * MIB, 4, 4);
    rig->guest.firmware = (struct rvemu_image){0};
    refused(rig, "needs a firmware");
}

static enum rvemu_as guessed(struct rig *rig)
{
    enum rvemu_as kind;

    if (rvemu_guess(&rig->guest.image, 128 * MIB, &kind, &rig->error) < 0)
        fail_msg("refused: %s", rig->error.text);
    return kind;
}

static void images_are_told_apart(void **state)
{
    struct rig *rig = *state;
    const struct part dynamic[] = {{0x10000, 64, 64}, {0x10040, 4, 4}};
    enum rvemu_as kind;

    use_part(rig, RAM, 4, 4);
    assert_int_equal(guessed(rig), RVEMU_AS_MACHINE);
    use_part(rig, RAM + 2 * MIB, 4, 4);
    assert_int_equal(guessed(rig), RVEMU_AS_KERNEL);
    use_part(rig, 0x10000, 4, 4);
    assert_int_equal(guessed(rig), RVEMU_AS_USER);
    refused(rig, "a user program");
    use_part(rig, 0, 4, 4); /* static-PIE */
    header(&rig->kernel)->e_type = ET_DYN;
    assert_int_equal(guessed(rig), RVEMU_AS_USER);
    use_parts(rig, dynamic, 2);
    segment(&rig->kernel, 1)->p_type = PT_INTERP;
    assert_int_equal(
        rvemu_guess(&rig->guest.image, 128 * MIB, &kind, &rig->error), -1);
    assert_non_null(strstr(rig->error.text, "build with -static"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_machine_guest_runs_bare),
        TEST(a_kernel_goes_on_the_firmware),
        TEST(a_kernel_is_entered_at_its_lowest_address),
        TEST(a_machine_guest_is_entered_where_it_says),
        TEST(firmware_is_entered_where_it_says),
        TEST(entries_that_lead_nowhere),
        TEST(headers_need_not_be_in_ram),
        TEST(headers_and_notes_need_not_be_in_ram),
        TEST(a_kernel_is_not_entered_at_its_header),
        TEST(the_choice_can_be_overridden),
        TEST(the_initrd_lies_above_the_kernel),
        TEST(only_the_bundled_firmware_is_reserved),
        TEST(a_linux_image_goes_above_the_firmware),
        TEST(the_tree_stays_below_three_gigabytes),
        TEST(a_tree_of_the_users_is_completed),
        TEST(files_that_cannot_be_read),
        TEST(files_that_are_no_guest),
        TEST(every_truncation_is_noticed),
        TEST(broken_headers_do_no_harm),
        TEST(one_bit_wrong_is_refused_or_loaded),
        TEST(nothing_overlaps_or_leaves_ram),
        TEST(ram_can_be_too_small),
        TEST(a_kernel_needs_a_firmware),
        TEST(images_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
