/*
 * Loading, laid out as on QEMU's virt:
 *
 *   0x8000_0000                 firmware, or the M-mode guest
 *   where its segments say      kernel; a flat Image goes to the first 2 MiB
 *                               boundary above the firmware
 *   kernel + min(RAM/2, 128 MiB)  initrd
 *   min(RAM end, 3 GiB) − size, rounded down to 2 MiB   device tree
 *
 * Firmware and M-mode guests are entered where their ELF files say, as on QEMU
 * 10 with -bios; a kernel at its lowest address, as on every QEMU: its own
 * entry may be meant for another loader. Nothing may overlap anything else:
 * each piece claims its range before it is copied. RAM is zero before loading,
 * so the rest of a segment needs no clearing.
 */
#include "machine/loader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "isa/ext.h"
#include "machine/bootrom.h"
#include "machine/devtree.h"
#include "machine/image.h"
#include "machine/memmap.h"

#define MIB (1ull << 20)
#define KERNEL_ALIGN (2 * MIB)
#define TREE_ALIGN (2 * MIB)
#define INITRD_DISTANCE (128 * MIB)
#define CLAIMS_MAX (2 * IMAGE_SEGMENTS_MAX + 2)

/* A range of RAM that is taken. */
struct claim {
    u64 start, end;
    const char *name;
};

/* One load under way. */
struct loader {
    const struct loader_machine *machine;
    const struct rvemu_guest *guest;
    struct rvemu_error *error;
    struct image firmware, kernel, initrd, tree;
    struct layout firmware_layout, kernel_layout;
    bool has_firmware;
    unsigned claims;
    struct claim claim[CLAIMS_MAX];
};

static bool given(const struct rvemu_image *image)
{
    return image->path || image->data;
}

static u64 ram_end(const struct ram *ram)
{
    return ram->base + ram->size;
}

/* Says why [pa, pa + size) is not all in RAM, if it is not. */
static int check_in_ram(const char *name, u64 pa, u64 size, u64 ram_size,
                        struct rvemu_error *error)
{
    u64 offset = pa - MEMMAP_RAM_BASE, end;

    if (offset <= ram_size && size <= ram_size - offset)
        return 0;
    if (__builtin_add_overflow(pa, size, &end))
        end = UINT64_MAX;
    return error_set(error,
                     "%s: 0x%" PRIx64 "-0x%" PRIx64
                     " lies outside RAM (0x%llx-0x%llx); %s",
                     name, pa, end, MEMMAP_RAM_BASE, MEMMAP_RAM_BASE + ram_size,
                     pa < MEMMAP_RAM_BASE ? "link it there" : "see -m");
}

/* Takes [pa, pa + size) of RAM for name, or says why not. */
static int claim(struct loader *l, const char *name, u64 pa, u64 size)
{
    if (check_in_ram(name, pa, size, l->machine->bus->ram.size, l->error) < 0)
        return -1;
    for (unsigned i = 0; i < l->claims; i++) {
        const struct claim *other = &l->claim[i];

        if (pa < other->end && other->start < pa + size)
            return error_set(l->error,
                             "%s: 0x%" PRIx64 "-0x%" PRIx64
                             " overlaps %s at 0x%" PRIx64 "-0x%" PRIx64,
                             name, pa, pa + size, other->name, other->start,
                             other->end);
    }
    l->claim[l->claims++] =
        (struct claim){.start = pa, .end = pa + size, .name = name};
    return 0;
}

static int place(struct loader *l, const char *name, const struct segment *s)
{
    if (claim(l, name, s->pa, s->size) < 0)
        return -1;
    memcpy(ram_host(&l->machine->bus->ram, s->pa), s->bytes, s->filled);
    return 0;
}

static int place_layout(struct loader *l, const char *name,
                        const struct layout *layout)
{
    for (unsigned i = 0; i < layout->segments; i++)
        if (place(l, name, &layout->segment[i]) < 0)
            return -1;
    return 0;
}

/* Reads how an image wants to lie in RAM. The headers that linkers map below a
 * file's first section may lie below RAM: they are left out. */
static int read_layout(const struct image *image, struct layout *layout,
                       struct rvemu_error *error)
{
    if (image_parse(image, layout, error) < 0)
        return -1;
    if (layout_end(layout) > MEMMAP_RAM_BASE)
        layout_trim(layout, MEMMAP_RAM_BASE);
    return 0;
}

/* Tells the kind of an image by its place in the memory map. */
static int guess(const struct image *image, const struct layout *layout,
                 u64 ram_size, enum rvemu_as *as, struct rvemu_error *error)
{
    if (layout->format == IMAGE_LINUX) {
        *as = RVEMU_AS_KERNEL;
        return 0;
    }
    if (layout->format == IMAGE_FLAT)
        return error_set(error, "%s: not an ELF file", image->name);
    if (layout_end(layout) <= MEMMAP_RAM_BASE) {
        *as = RVEMU_AS_USER;
        if (layout->dynamic)
            return error_set(error,
                             "%s: dynamically linked: build with -static",
                             image->name);
        return 0;
    }
    for (unsigned i = 0; i < layout->segments; i++)
        if (check_in_ram(image->name, layout->segment[i].pa,
                         layout->segment[i].size, ram_size, error) < 0)
            return -1;
    *as = layout_low(layout) == MEMMAP_RAM_BASE ? RVEMU_AS_MACHINE
                                                : RVEMU_AS_KERNEL;
    return 0;
}

int rvemu_guess(const struct rvemu_image *source, uint64_t ram_bytes,
                enum rvemu_as *as, struct rvemu_error *error)
{
    struct image image;
    struct layout *layout = malloc(sizeof(*layout));
    int status = -1;

    if (!layout)
        return error_set(error, "out of host memory");
    if (image_open(&image, source, "the guest", error) == 0) {
        status = read_layout(&image, layout, error);
        if (status == 0)
            status = guess(&image, layout, ram_bytes, as, error);
        image_close(&image);
    }
    free(layout);
    return status;
}

/* Settles whether the guest runs bare or on the firmware. */
static int choose(struct loader *l, enum rvemu_as *as)
{
    *as = l->guest->as;
    if (*as == RVEMU_AS_AUTO) {
        if (guess(&l->kernel, &l->kernel_layout, l->machine->bus->ram.size, as,
                  l->error) < 0)
            return -1;
    } else if (l->kernel_layout.format == IMAGE_FLAT) {
        return error_set(l->error, "%s: not an ELF file", l->kernel.name);
    }
    if (*as == RVEMU_AS_USER)
        return error_set(l->error,
                         "%s: a user program, which needs a kernel to run it",
                         l->kernel.name);
    return 0;
}

static int load_firmware(struct loader *l)
{
    const struct rvemu_image *source = &l->guest->firmware;

    if (!given(source))
        return error_set(l->error,
                         "%s: a kernel needs a firmware to run on; see -bios",
                         l->kernel.name);
    if (image_open(&l->firmware, source, "the bundled firmware", l->error) <
            0 ||
        read_layout(&l->firmware, &l->firmware_layout, l->error) < 0)
        return -1;
    if (l->firmware_layout.format != IMAGE_ELF)
        l->firmware_layout.segment[0].pa = MEMMAP_RAM_BASE;
    l->has_firmware = true;
    return place_layout(l, l->firmware.name, &l->firmware_layout);
}

static int load_kernel(struct loader *l)
{
    struct layout *layout = &l->kernel_layout;

    if (layout->format == IMAGE_LINUX) {
        u64 above =
            l->has_firmware ? layout_end(&l->firmware_layout) : MEMMAP_RAM_BASE;

        layout->segment[0].pa = align_up(above, KERNEL_ALIGN);
    }
    return place_layout(l, l->kernel.name, layout);
}

/* Returns where the initrd was put in *pa. */
static int load_initrd(struct loader *l, u64 *pa)
{
    u64 half = l->machine->bus->ram.size / 2;
    struct segment segment;

    if (image_open(&l->initrd, &l->guest->initrd, "the bundled initrd",
                   l->error) < 0)
        return -1;
    *pa = layout_low(&l->kernel_layout) +
          (half < INITRD_DISTANCE ? half : INITRD_DISTANCE);
    segment = (struct segment){.pa = *pa,
                               .size = l->initrd.size,
                               .bytes = l->initrd.bytes,
                               .filled = l->initrd.size};
    return place(l, l->initrd.name, &segment);
}

static int make_tree(struct loader *l, u64 initrd, struct loader_result *result)
{
    const struct loader_machine *m = l->machine;
    struct devtree_config config = {
        .harts = m->harts,
        .ram_size = m->bus->ram.size,
        .isa = m->isa,
        .bootargs = l->guest->bootargs,
        .seed = m->seed,
        .initrd = initrd,
        .initrd_size = l->initrd.size,
    };

    if (l->has_firmware && !l->guest->firmware.path) {
        config.reserved =
            align_down(layout_low(&l->firmware_layout), PAGE_SIZE);
        config.reserved_size =
            align_up(layout_end(&l->firmware_layout), PAGE_SIZE) -
            config.reserved;
    }
    if (!given(&l->guest->dtb))
        return devtree_build(&config, &result->device_tree,
                             &result->device_tree_size, l->error);
    if (image_open(&l->tree, &l->guest->dtb, "the device tree", l->error) < 0)
        return -1;
    return devtree_adopt(&config, l->tree.name, l->tree.bytes, l->tree.size,
                         &result->device_tree, &result->device_tree_size,
                         l->error);
}

/* Returns where the device tree was put in *pa. */
static int load_tree(struct loader *l, const struct loader_result *result,
                     u64 *pa)
{
    const struct ram *ram = &l->machine->bus->ram;
    u64 end = ram_end(ram) < MEMMAP_LOW_END ? ram_end(ram) : MEMMAP_LOW_END;
    struct segment segment = {
        .pa = align_down(end - result->device_tree_size, TREE_ALIGN),
        .size = result->device_tree_size,
        .bytes = result->device_tree,
        .filled = result->device_tree_size,
    };

    if (segment.pa <= ram->base)
        return error_set(l->error,
                         "RAM of %" PRIu64 " KiB is too small for a guest "
                         "and its device tree; see -m",
                         ram->size >> 10);
    *pa = segment.pa;
    return place(l, "the device tree", &segment);
}

/* Where an image whose file may name an entry starts. */
static int find_entry(struct loader *l, const char *name,
                      const struct layout *layout, u64 *pa)
{
    u64 align = l->machine->isa & EXT_SET(ZCA) ? 2 : 4;

    *pa = layout->entry ? layout->entry : layout_low(layout);
    if (!layout_covers(layout, *pa))
        return error_set(l->error,
                         "%s: its entry 0x%" PRIx64
                         " lies in none of its segments (0x%" PRIx64
                         "-0x%" PRIx64 "); link it with -e SYMBOL",
                         name, *pa, layout_low(layout), layout_end(layout));
    if (*pa % align)
        return error_set(l->error,
                         "%s: its entry 0x%" PRIx64
                         " is not a multiple of %" PRIu64,
                         name, *pa, align);
    return 0;
}

/* Where the ROM, and then the firmware, is to jump. */
static int find_starts(struct loader *l, struct bootrom *boot)
{
    const struct layout *kernel = &l->kernel_layout;

    if (!l->has_firmware)
        return find_entry(l, l->kernel.name, kernel, &boot->start);
    if (find_entry(l, l->firmware.name, &l->firmware_layout, &boot->start) < 0)
        return -1;
    boot->next = layout_low(kernel);
    if (layout_low_describes(kernel))
        return find_entry(l, l->kernel.name, kernel, &boot->next);
    return 0;
}

static int load_all(struct loader *l, struct loader_result *result)
{
    struct bootrom boot = {0};
    u64 initrd = 0;

    if (image_open(&l->kernel, &l->guest->image, "the guest", l->error) < 0 ||
        read_layout(&l->kernel, &l->kernel_layout, l->error) < 0 ||
        choose(l, &result->as) < 0)
        return -1;
    if (result->as == RVEMU_AS_KERNEL && load_firmware(l) < 0)
        return -1;
    if (load_kernel(l) < 0)
        return -1;
    if (given(&l->guest->initrd) && load_initrd(l, &initrd) < 0)
        return -1;
    if (make_tree(l, initrd, result) < 0 ||
        load_tree(l, result, &boot.device_tree) < 0)
        return -1;

    if (find_starts(l, &boot) < 0)
        return -1;
    bootrom_fill(l->machine->rom, &boot);
    guest_symbols_find(&l->kernel, &result->symbols);
    result->start = boot.start;
    return 0;
}

int loader_load(const struct loader_machine *machine,
                const struct rvemu_guest *guest, struct loader_result *result,
                struct rvemu_error *error)
{
    struct loader *l = calloc(1, sizeof(*l));
    int status;

    *result = (struct loader_result){0};
    if (!l)
        return error_set(error, "out of host memory");
    l->machine = machine;
    l->guest = guest;
    l->error = error;
    status = load_all(l, result);
    if (status < 0) {
        free(result->device_tree);
        *result = (struct loader_result){0};
    }
    image_close(&l->tree);
    image_close(&l->initrd);
    image_close(&l->kernel);
    image_close(&l->firmware);
    free(l);
    return status;
}
