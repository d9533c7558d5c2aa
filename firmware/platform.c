/*
 * From device tree to struct platform: UART, CLINT, finisher, memory, harts.
 * The first device of a kind counts; harts beyond HARTS_MAX are not used.
 */
#include "platform.h"

#include "fdt.h"
#include "layout.h"

struct platform platform;

static void see_cpu(const struct fdt_node *node)
{
    u64 id, size;

    if (fdt_reg(node, 0, &id, &size) && id < HARTS_MAX)
        platform.harts |= 1ull << id;
}

static void see_memory(const struct fdt_node *node)
{
    u64 base, size;

    for (unsigned i = 0; fdt_reg(node, i, &base, &size); i++) {
        if (platform.memories == MEMORIES_MAX)
            return;
        platform.memory[platform.memories++] =
            (struct memory_range){base, size};
    }
}

static void see_device(const struct fdt_node *node)
{
    u64 base, size;

    if (!fdt_reg(node, 0, &base, &size))
        return;
    if (!platform.uart && fdt_is_compatible(node, "ns16550a"))
        platform.uart = base;
    else if (!platform.finisher && fdt_is_compatible(node, "sifive,test0"))
        platform.finisher = base;
    else if (!platform.clint.base && (fdt_is_compatible(node, "riscv,clint0") ||
                                      fdt_is_compatible(node, "sifive,clint0")))
        platform.clint = (struct memory_range){base, size};
}

static void see_counters(const struct fdt_node *node)
{
    struct platform_pmu *pmu = &platform.pmu;
    const struct fdt_cells *cells = &node->event_counters;

    for (unsigned at = 0; at + 3 <= cells->count && pmu->events < EVENTS_MAX;
         at += 3)
        pmu->event[pmu->events++] = (struct platform_event){
            (u32)fdt_cell(cells, at), (u32)fdt_cell(cells, at + 1),
            (u32)fdt_cell(cells, at + 2)};
    cells = &node->event_select;
    for (unsigned at = 0; at + 3 <= cells->count && pmu->selects < EVENTS_MAX;
         at += 3)
        pmu->select[pmu->selects++] = (struct platform_select){
            (u32)fdt_cell(cells, at), fdt_two_cells(cells, at + 1)};
    cells = &node->raw_counters;
    for (unsigned at = 0; at + 5 <= cells->count && pmu->raws < RAWS_MAX;
         at += 5)
        pmu->raw[pmu->raws++] = (struct platform_raw_event){
            fdt_two_cells(cells, at), fdt_two_cells(cells, at + 2),
            (u32)fdt_cell(cells, at + 4)};
}

static void see_node(void *context, const struct fdt_node *node)
{
    const char *type = node->device_type;

    (void)context;
    if (type && string_equal(type, "cpu"))
        see_cpu(node);
    else if (type && string_equal(type, "memory"))
        see_memory(node);
    else if (node->compatible && fdt_is_compatible(node, "riscv,pmu"))
        see_counters(node);
    else if (node->compatible)
        see_device(node);
}

bool platform_read(const void *fdt)
{
    return fdt_walk(fdt, see_node, NULL) && platform.clint.base;
}

bool platform_is_supervisors(u64 pa, u64 size)
{
    if (pa < FIRMWARE_BASE + FIRMWARE_SIZE && pa + size > FIRMWARE_BASE)
        return false;
    for (unsigned i = 0; i < platform.memories; i++) {
        const struct memory_range *m = &platform.memory[i];

        if (pa >= m->base && size <= m->size && pa - m->base <= m->size - size)
            return true;
    }
    return false;
}

unsigned platform_hart_count(void)
{
    unsigned count = 0;

    for (u64 harts = platform.harts; harts; harts &= harts - 1)
        count++;
    return count;
}
