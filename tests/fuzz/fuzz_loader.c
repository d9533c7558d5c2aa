/*
 * Loading of whatever files there are into a machine's RAM. What must hold:
 *
 * - a guest is loaded, or refused with one line that people can read
 * - what an ELF file has for an address of RAM is there afterwards
 * - each place that a machine starts at lies in RAM, and so does its tree
 * - what rvemu_guess() refuses, the loader refuses
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "image_maker.h"
#include "isa/ext.h"
#include "machine/elf_arch.h"
#include "machine/loader.h"
#include "machine/unpack.h"

#define EXTRAS 3

struct scene {
    struct bus bus;
    struct rom rom;
    struct rvemu_guest guest;
    struct rvemu_extra extra[EXTRAS];
    struct loader_result result;
    struct rvemu_error error;
};

static bool is_in_ram(u64 pa, u64 size)
{
    u64 offset = pa - IMAGE_MAKER_RAM;

    return offset <= IMAGE_MAKER_RAM_SIZE &&
           size <= IMAGE_MAKER_RAM_SIZE - offset;
}

/* By the bytes of the file alone, which has been found to be right. */
static void check_segments(const struct scene *scene,
                           const struct rvemu_image *image)
{
    const u8 *bytes = image->data;
    Elf64_Ehdr header;

    memcpy(&header, bytes, sizeof(header));
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr s;
        u64 below;

        memcpy(&s, bytes + header.e_phoff + i * sizeof(s), sizeof(s));
        if (s.p_type != PT_LOAD || !s.p_memsz)
            continue;
        expect(s.p_filesz <= s.p_memsz && s.p_offset <= image->size &&
               s.p_filesz <= image->size - s.p_offset);
        below = s.p_paddr < IMAGE_MAKER_RAM ? IMAGE_MAKER_RAM - s.p_paddr : 0;
        if (below >= s.p_memsz)
            continue;
        expect(is_in_ram(s.p_paddr + below, s.p_memsz - below));
        if (below < s.p_filesz)
            expect(!memcmp(ram_host(&scene->bus.ram, s.p_paddr + below),
                           bytes + s.p_offset + below, s.p_filesz - below));
    }
}

static bool has_patches(const struct scene *scene)
{
    for (unsigned i = 0; i < scene->guest.extras; i++)
        if (scene->extra[i].is_patch)
            return true;
    return false;
}

static void check_loaded(const struct scene *scene)
{
    const struct rvemu_image *image = &scene->guest.image;
    u64 tree = 0;

    memcpy(&tree, scene->rom.s.bytes + 0x20, sizeof(tree));
    expect(is_in_ram(scene->result.start, 2));
    for (unsigned h = 0; h < MEMMAP_HARTS_MAX; h++)
        expect(!(scene->result.has_start >> h & 1) || h < 2);
    expect(fdt_check_full(scene->result.device_tree,
                          scene->result.device_tree_size) == 0);
    expect(is_in_ram(tree, scene->result.device_tree_size));
    if (has_patches(scene))
        return;
    expect(!memcmp(ram_host(&scene->bus.ram, tree), scene->result.device_tree,
                   scene->result.device_tree_size));
    if (image->size >= sizeof(Elf64_Ehdr) &&
        !memcmp(image->data, ELFMAG, SELFMAG))
        check_segments(scene, image);
}

static void make_extra(struct rvemu_extra *extra, struct input *in)
{
    u64 how = take(in, 1);

    extra->pa = image_maker_address(in);
    extra->is_raw = how & 1;
    extra->is_patch = how & 2;
    extra->has_hart = how & 4;
    extra->hart = how >> 3 & 3;
    if (extra->is_patch || !(how & 0x20))
        extra->image = image_maker_make(in);
    if (extra->is_patch && extra->image.size > 8)
        extra->image.size = 8;
}

/* The firmware that most guests have. */
static struct rvemu_image make_firmware(void)
{
    const struct elf_maker recipe = {
        .type = ET_EXEC,
        .entry = IMAGE_MAKER_RAM,
        .segments = 1,
        .segment[0] = {PT_LOAD, PF_R | PF_X, IMAGE_MAKER_RAM, IMAGE_MAKER_RAM,
                       0x100, 0x8000},
    };
    struct buffer file = {0};

    elf_maker_make(&recipe, &file);
    return image_maker_wrap(&file);
}

static void make_guest(struct scene *scene, struct input *in)
{
    u64 how = take(in, 1), more = take(in, 1);
    struct rvemu_guest *guest = &scene->guest;

    guest->as = how % 8 < 4 ? (enum rvemu_as)(how % 4) : RVEMU_AS_AUTO;
    if (!(how & 8))
        guest->image = image_maker_make(in);
    if ((how & 0x30) == 0x30)
        guest->firmware = image_maker_make(in);
    else if (!(how & 0x20))
        guest->firmware = make_firmware();
    if (guest->firmware.data && how & 0x40)
        guest->firmware.path = "firmware";
    if (more & 1)
        guest->initrd = image_maker_make(in);
    if (more & 2)
        guest->bootargs = "console=hvc0";
    guest->quiet = more & 4;
    guest->extra = scene->extra;
    guest->extras = more >> 3 & 3;
    for (unsigned i = 0; i < guest->extras; i++)
        make_extra(&scene->extra[i], in);
}

static void drop(struct scene *scene)
{
    free(scene->result.device_tree);
    rvemu_image_free(&scene->guest.image);
    rvemu_image_free(&scene->guest.firmware);
    rvemu_image_free(&scene->guest.initrd);
    for (unsigned i = 0; i < scene->guest.extras; i++)
        rvemu_image_free(&scene->extra[i].image);
    bus_fini(&scene->bus);
}

/* What the front end does before it loads. */
static bool prepare(struct scene *scene, bool unpacks)
{
    struct rvemu_guest *guest = &scene->guest;
    enum rvemu_as as;
    bool guessed = true;

    if (guest->image.data)
        guessed = rvemu_guess(&guest->image, IMAGE_MAKER_RAM_SIZE, &as,
                              &scene->error) == 0;
    if (!guessed)
        expect_line(&scene->error);
    if (unpacks && rvemu_image_unpack(&guest->image, IMAGE_MAKER_RAM_SIZE,
                                      &scene->error) < 0) {
        expect_line(&scene->error);
        expect(!guessed);
    }
    if (guest->image.data &&
        elf_arch_check(&guest->image, "the guest", EXT_ALL & ~EXT_SET(ZCA),
                       &scene->error) < 0)
        expect_line(&scene->error);
    return guessed || !guest->image.data || guest->as != RVEMU_AS_AUTO;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct input in = {data, data + size};
    struct scene scene = {0};
    struct loader_machine machine = {
        .bus = &scene.bus, .rom = &scene.rom, .harts = 2, .isa = EXT_DEFAULT};
    bool may_load;

    expect(bus_init(&scene.bus, IMAGE_MAKER_RAM, IMAGE_MAKER_RAM_SIZE,
                    &scene.error) == 0);
    make_guest(&scene, &in);
    may_load = prepare(&scene, take(&in, 1) & 1);
    if (loader_load(&machine, &scene.guest, &scene.result, &scene.error) < 0) {
        expect_line(&scene.error);
        expect(!scene.result.device_tree);
    } else {
        expect(may_load);
        check_loaded(&scene);
    }
    drop(&scene);
    return 0;
}
