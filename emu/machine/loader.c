/*
 * Loading, laid out as on QEMU's virt:
 *
 *   0x8000_0000                 firmware, or the M-mode guest
 *   where its segments say      kernel; a flat Image goes to the first 2 MiB
 *                               boundary above the firmware, a uImage where
 *                               its header says
 *   kernel + min(RAM/2, 128 MiB)  initrd
 *   min(RAM end, 3 GiB) − size, rounded down to 2 MiB   device tree
 *
 * Firmware and M-mode guests are entered where their ELF files say, as on QEMU
 * 10 with -bios; a kernel at its lowest address, as on every QEMU: its own
 * entry may be meant for another loader, but for a uImage's. Nothing may
 * overlap anything else: each piece claims its range before it is copied. RAM
 * is zero before loading, so the rest of a segment needs no clearing.
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
#include "machine/place.h"
#include "machine/uimage.h"
#include "machine/unpack.h"

#define MIB (1ull << 20)
#define KERNEL_ALIGN (2 * MIB)
#define TREE_ALIGN (2 * MIB)
#define INITRD_DISTANCE (128 * MIB)

/* One load under way. */
struct loader {
    const struct loader_machine *machine;
    const struct rvemu_guest *guest;
    struct rvemu_error *error;
    struct image firmware, kernel, initrd, tree, extra;
    struct layout firmware_layout, kernel_layout, extra_layout;
    bool has_firmware, has_kernel;
    struct places places;
    u64 low;  /* of the kernel or, without one, the first extra; 0: neither */
    u64 next; /* where that is to be entered by a firmware */
    const char *next_name;
};

static bool given(const struct rvemu_image *image)
{
    return image->path || image->data;
}

static u64 ram_end(const struct ram *ram)
{
    return ram->base + ram->size;
}

static int out_of_memory(struct rvemu_error *error)
{
    return error_set(error, "out of host memory");
}

static int place(struct loader *l, const char *name, const struct segment *s)
{
    return places_fill(&l->places, name, s, l->error);
}

static int place_layout(struct loader *l, const char *name,
                        const struct layout *layout)
{
    return places_fill_layout(&l->places, name, layout, l->error);
}

/* Opens an image that may be packed. */
static int open_packed(struct image *image, const struct rvemu_image *source,
                       const char *name, u64 most, struct rvemu_error *error)
{
    if (image_open(image, source, name, error) < 0)
        return -1;
    if (image_unpack(image, most, error) == 0)
        return 0;
    image_close(image);
    return -1;
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

/* Of a raw binary nothing tells what it is, but for what it is not. */
static int guess_flat(const struct image *image, enum rvemu_as *as,
                      struct rvemu_error *error)
{
    const char *what = image_stranger(image);

    *as = RVEMU_AS_AUTO;
    return what ? error_set(error, "%s: %s", image->name, what) : 0;
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
        return guess_flat(image, as, error);
    if (layout_end(layout) <= MEMMAP_RAM_BASE) {
        *as = RVEMU_AS_USER;
        if (layout->dynamic)
            return error_set(error,
                             "%s: dynamically linked: build with -static",
                             image->name);
        return 0;
    }
    for (unsigned i = 0; i < layout->segments; i++)
        if (place_check(image->name, layout->segment[i].pa,
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
        return out_of_memory(error);
    if (open_packed(&image, source, "the guest", ram_bytes, error) == 0) {
        status = read_layout(&image, layout, error);
        if (status == 0)
            status = guess(&image, layout, ram_bytes, as, error);
        image_close(&image);
    }
    free(layout);
    return status;
}

/* Settles whether the guest runs bare or on the firmware. Without an image,
 * what else is loaded runs: on the firmware, if there is one. */
static int choose(struct loader *l, enum rvemu_as *as)
{
    const struct image *kernel = &l->kernel;
    enum rvemu_as guessed;

    *as = l->guest->as;
    if (*as == RVEMU_AS_AUTO && !l->has_kernel)
        *as = given(&l->guest->firmware) ? RVEMU_AS_KERNEL : RVEMU_AS_MACHINE;
    if (!l->has_kernel)
        return 0;
    if (*as == RVEMU_AS_AUTO || l->kernel_layout.format == IMAGE_FLAT) {
        if (guess(kernel, &l->kernel_layout, l->machine->bus->ram.size,
                  &guessed, l->error) < 0)
            return -1;
        *as = *as == RVEMU_AS_AUTO ? guessed : *as;
    }
    if (*as == RVEMU_AS_AUTO)
        return error_set(l->error,
                         "%s: not an ELF file, nor a Linux Image; of a raw "
                         "binary one has to say what it is",
                         kernel->name);
    if (*as == RVEMU_AS_USER)
        return error_set(l->error,
                         "%s: a user program, which needs a kernel to run it",
                         kernel->name);
    return 0;
}

/* A hart starts at no odd address, nor between two words where no instruction
 * is shorter. */
static int check_entry(struct loader *l, const char *name, u64 pa)
{
    u64 align = l->machine->isa & EXT_SET(ZCA) ? 2 : 4;

    if (pa % align == 0)
        return 0;
    return error_set(
        l->error, "%s: its entry 0x%" PRIx64 " is not a multiple of %" PRIu64,
        name, pa, align);
}

/* Where an image whose file may name an entry starts. */
static int find_entry(struct loader *l, const char *name,
                      const struct layout *layout, u64 *pa)
{
    *pa = layout->entry ? layout->entry : layout_low(layout);
    if (!layout_covers(layout, *pa))
        return error_set(l->error,
                         "%s: its entry 0x%" PRIx64
                         " lies in none of its segments (0x%" PRIx64
                         "-0x%" PRIx64 "); link it with -e SYMBOL",
                         name, *pa, layout_low(layout), layout_end(layout));
    return check_entry(l, name, *pa);
}

static int load_firmware(struct loader *l)
{
    const struct rvemu_image *source = &l->guest->firmware;

    if (!given(source))
        return error_set(l->error,
                         "%s: a kernel needs a firmware to run on; see -bios",
                         l->has_kernel ? l->kernel.name : "--as kernel");
    if (open_packed(&l->firmware, source, "the bundled firmware",
                    l->machine->bus->ram.size, l->error) < 0 ||
        read_layout(&l->firmware, &l->firmware_layout, l->error) < 0)
        return -1;
    if (l->firmware_layout.format != IMAGE_ELF) {
        const char *what = image_stranger(&l->firmware);

        if (what)
            return error_set(l->error, "%s: %s", l->firmware.name, what);
        l->firmware_layout.segment[0].pa = MEMMAP_RAM_BASE;
    }
    l->has_firmware = true;
    return place_layout(l, l->firmware.name, &l->firmware_layout);
}

/* Whether an image says where it goes. */
static bool is_placed(const struct layout *layout)
{
    return layout->format == IMAGE_ELF || layout->format == IMAGE_UIMAGE;
}

/* Where a firmware enters a kernel: at its lowest address, unless that only
 * describes the file, and a uImage where that says. */
static int find_next(struct loader *l, const char *name,
                     const struct layout *layout)
{
    l->low = l->next = layout_low(layout);
    l->next_name = name;
    if (layout_low_describes(layout) || layout->format == IMAGE_UIMAGE)
        return find_entry(l, name, layout, &l->next);
    return 0;
}

static int load_kernel(struct loader *l)
{
    struct layout *layout = &l->kernel_layout;

    if (!is_placed(layout)) {
        u64 above =
            l->has_firmware ? layout_end(&l->firmware_layout) : MEMMAP_RAM_BASE;

        layout->segment[0].pa = align_up(above, KERNEL_ALIGN);
    }
    if (place_layout(l, l->kernel.name, layout) < 0)
        return -1;
    return find_next(l, l->kernel.name, layout);
}

/* Sets where a hart starts, at pa, behind no ROM. */
static int start_hart(struct loader *l, const struct rvemu_extra *extra, u64 pa,
                      struct loader_result *result)
{
    if (extra->hart >= l->machine->harts)
        return error_set(l->error,
                         "-device loader: there is no hart %u; see -smp",
                         extra->hart);
    result->has_start |= 1u << extra->hart;
    result->hart_start[extra->hart] = pa;
    return 0;
}

/* Places what an image of an extra holds, and returns its entry in *pa. */
static int place_extra(struct loader *l, const struct rvemu_extra *extra,
                       u64 *pa)
{
    struct layout *layout = &l->extra_layout;
    const char *name = l->extra.name;

    if (extra->is_raw)
        image_parse_flat(&l->extra, layout);
    else if ((uimage_is(&l->extra) &&
              image_unpack(&l->extra, l->machine->bus->ram.size, l->error) <
                  0) ||
             read_layout(&l->extra, layout, l->error) < 0)
        return -1;
    if (!is_placed(layout))
        layout->segment[0].pa = extra->pa;
    if (place_layout(l, name, layout) < 0 ||
        (extra->has_hart && find_entry(l, name, layout, pa) < 0))
        return -1;
    return l->low ? 0 : find_next(l, name, layout);
}

/* What lies in memory besides, and where harts start; patches come last. */
static int load_extras(struct loader *l, struct loader_result *result)
{
    for (unsigned i = 0; i < l->guest->extras; i++) {
        const struct rvemu_extra *extra = &l->guest->extra[i];
        u64 pa = extra->pa;
        int status = 0;

        if (given(&extra->image) && !extra->is_patch) {
            if (image_open(&l->extra, &extra->image, "-device loader",
                           l->error) < 0)
                return -1;
            status = place_extra(l, extra, &pa);
            image_close(&l->extra);
        }
        if (status < 0 ||
            (extra->has_hart && start_hart(l, extra, pa, result) < 0))
            return -1;
    }
    return 0;
}

static int patch(struct loader *l)
{
    for (unsigned i = 0; i < l->guest->extras; i++) {
        const struct rvemu_extra *extra = &l->guest->extra[i];
        const struct segment segment = {.pa = extra->pa,
                                        .size = extra->image.size,
                                        .bytes = extra->image.data,
                                        .filled = extra->image.size};

        if (extra->is_patch &&
            places_patch(&l->places, "-device loader", &segment, l->error) < 0)
            return -1;
    }
    return 0;
}

/* Opens the initrd, without the header that U-Boot's tools put before one. */
static int open_initrd(struct loader *l)
{
    struct image payload;

    if (image_open(&l->initrd, &l->guest->initrd, "the bundled initrd",
                   l->error) < 0)
        return -1;
    if (!uimage_is(&l->initrd))
        return 0;
    if (uimage_check(&l->initrd, UIMAGE_RAMDISK, l->error) < 0)
        return -1;
    payload = uimage_payload(&l->initrd);
    l->initrd.bytes = payload.bytes;
    l->initrd.size = payload.size;
    return 0;
}

/* Returns where the initrd was put in *pa. */
static int load_initrd(struct loader *l, u64 *pa)
{
    u64 half = l->machine->bus->ram.size / 2;
    struct segment segment;

    if (open_initrd(l) < 0)
        return -1;
    if (!l->low)
        return error_set(l->error, "%s: an initrd needs a kernel",
                         l->initrd.name);
    *pa = l->low + (half < INITRD_DISTANCE ? half : INITRD_DISTANCE);
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
        .aclint = m->aclint,
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

/* Where the ROM, and then the firmware, is to jump. */
static int find_starts(struct loader *l, struct bootrom *boot)
{
    if (l->has_firmware) {
        boot->next = l->next;
        if (l->next && check_entry(l, l->next_name, l->next) < 0)
            return -1;
        return find_entry(l, l->firmware.name, &l->firmware_layout,
                          &boot->start);
    }
    boot->start = MEMMAP_RAM_BASE;
    if (!l->has_kernel)
        return 0;
    return find_entry(l, l->kernel.name, &l->kernel_layout, &boot->start);
}

static int open_kernel(struct loader *l)
{
    if (!l->has_kernel)
        return 0;
    if (open_packed(&l->kernel, &l->guest->image, "the guest",
                    l->machine->bus->ram.size, l->error) < 0)
        return -1;
    return read_layout(&l->kernel, &l->kernel_layout, l->error);
}

/* The programs, and what their loading settles. */
static int load_programs(struct loader *l, struct loader_result *result)
{
    if (open_kernel(l) < 0 || choose(l, &result->as) < 0)
        return -1;
    if (result->as == RVEMU_AS_KERNEL && load_firmware(l) < 0)
        return -1;
    if (l->has_kernel && load_kernel(l) < 0)
        return -1;
    return load_extras(l, result);
}

static int load_all(struct loader *l, struct loader_result *result)
{
    struct bootrom boot = {0};
    u64 initrd = 0;

    if (load_programs(l, result) < 0)
        return -1;
    if (given(&l->guest->initrd) && load_initrd(l, &initrd) < 0)
        return -1;
    if (make_tree(l, initrd, result) < 0 ||
        load_tree(l, result, &boot.device_tree) < 0)
        return -1;

    if (find_starts(l, &boot) < 0 || patch(l) < 0)
        return -1;
    boot.quiet = l->guest->quiet;
    bootrom_fill(l->machine->rom, &boot);
    if (l->has_kernel)
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
        return out_of_memory(error);
    l->machine = machine;
    l->guest = guest;
    l->error = error;
    l->has_kernel = given(&guest->image);
    l->places.ram = &machine->bus->ram;
    status = load_all(l, result);
    if (status < 0) {
        free(result->device_tree);
        *result = (struct loader_result){0};
    }
    places_free(&l->places);
    image_close(&l->tree);
    image_close(&l->initrd);
    image_close(&l->kernel);
    image_close(&l->firmware);
    free(l);
    return status;
}
