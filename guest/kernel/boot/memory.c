/*
 * Memory at boot.
 *
 * RAM is the bank of the /memory node that the kernel lies in. Not free are
 * everything up to the end of the image (the firmware lies below it), the
 * device tree, the initrd, and what the tree reserves. The frame table goes
 * into the first gap that takes it. What no linear address reaches is left
 * alone.
 */
#include "boot/memory.h"

#include "dev/printk.h"
#include "lib/fdt.h"
#include "lib/string.h"
#include "ram/frames.h"
#include "ram/kmap.h"
#include "ram/slab.h"

#define TAKEN_MAX 32

extern char image_start[], image_end[];

struct range {
    u64 start;
    u64 end;
};

static struct range taken[TAKEN_MAX]; /* sorted, may overlap */
static unsigned taken_count;

static void take(u64 start, u64 end)
{
    unsigned at = taken_count++;

    if (at == TAKEN_MAX)
        PANIC("too many reserved ranges");
    for (; at && taken[at - 1].start > start; at--)
        taken[at] = taken[at - 1];
    taken[at] =
        (struct range){ALIGN_DOWN(start, PAGE_SIZE), ALIGN_UP(end, PAGE_SIZE)};
}

static void find_ram(struct boot_memory *mem)
{
    u64 image = virt_to_phys(image_start), pa, size;
    int depth = 0;

    for (int node = 0; node >= 0; node = fdt_next(node, &depth)) {
        if (strncmp(fdt_name(node), "memory@", 7) != 0)
            continue;
        for (int i = 0; fdt_reg(node, i, &pa, &size); i++) {
            if (pa <= image && image < pa + size) {
                mem->ram_start = pa;
                mem->ram_end =
                    min_u64(ALIGN_DOWN(pa + size, PAGE_SIZE), LINEAR_SIZE);
                mem->ram_above =
                    pa + size > LINEAR_SIZE ? pa + size - LINEAR_SIZE : 0;
                return;
            }
        }
    }
    PANIC("the device tree has no memory at 0x%lx", image);
}

static void take_reserved(void)
{
    int root = fdt_find_name("reserved-memory"), depth = 0;
    u64 pa, size;

    for (int i = 0; fdt_reservation(i, &pa, &size); i++)
        take(pa, pa + size);
    if (root < 0)
        return;
    for (int node = fdt_next(root, &depth); node >= 0 && depth > 0;
         node = fdt_next(node, &depth)) {
        for (int i = 0; fdt_reg(node, i, &pa, &size); i++)
            take(pa, pa + size);
    }
}

static void take_initrd(struct boot_memory *mem)
{
    int chosen = fdt_find_name("chosen");
    u64 end = fdt_number(chosen, "linux,initrd-end", 0);

    mem->initrd = fdt_number(chosen, "linux,initrd-start", 0);
    mem->initrd_size = end > mem->initrd ? end - mem->initrd : 0;
    if (mem->initrd_size)
        take(mem->initrd, end);
}

/* The next range from *at up that is not taken; *at moves behind it. */
static bool next_gap(u64 *at, u64 end, struct range *gap)
{
    for (unsigned i = 0; i < taken_count && *at < end; i++) {
        if (taken[i].end <= *at)
            continue;
        if (taken[i].start > *at) {
            *gap = (struct range){*at, min_u64(taken[i].start, end)};
            *at = gap->end;
            return true;
        }
        *at = taken[i].end;
    }
    *gap = (struct range){*at, end};
    *at = end;
    return gap->start < gap->end;
}

/* The end of the last taken range below `end`; `start` when there is none. */
static u64 taken_end(u64 start, u64 end)
{
    for (unsigned i = 0; i < taken_count; i++)
        start = max_u64(start, min_u64(taken[i].end, end));
    return start;
}

static u64 place_frame_table(const struct boot_memory *mem, u64 size)
{
    u64 at = mem->ram_start;
    struct range gap;

    while (next_gap(&at, mem->ram_end, &gap)) {
        if (gap.end - gap.start >= size)
            return gap.start;
    }
    PANIC("no room for the frame table");
}

void memory_init(u64 dtb_pa, struct boot_memory *mem)
{
    u64 table, size, at, known;
    struct range gap;

    find_ram(mem);
    take(mem->ram_start, virt_to_phys(image_end));
    take(dtb_pa, dtb_pa + fdt_size());
    take_reserved();
    take_initrd(mem);

    size = frames_table_size(mem->ram_start, mem->ram_end);
    table = place_frame_table(mem, size);
    take(table, table + size);
    known = frames_init(mem->ram_start, taken_end(mem->ram_start, mem->ram_end),
                        mem->ram_end, phys_to_virt(table));
    at = mem->ram_start;
    while (next_gap(&at, known, &gap))
        frames_release_range(gap.start, gap.end);
    slab_init();
    kmap_init(mem->ram_start, mem->ram_end);
}
