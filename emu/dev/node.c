/* Nodes and properties of a device tree; see node.h. */
#include "dev/node.h"

#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "dev/device.h"

void node_open(struct node_writer *w, const char *name)
{
    if (!w->status)
        w->status = fdt_begin_node(w->fdt, name);
}

void node_open_at(struct node_writer *w, const char *name, u64 address)
{
    char full[64];

    snprintf(full, sizeof(full), "%s@%" PRIx64, name, address);
    node_open(w, full);
}

void node_open_device(struct node_writer *w, const char *name,
                      const struct device_place *place)
{
    node_open_at(w, name, place->base);
    node_put_reg(w, place->base, place->size);
    if (w->phandle)
        node_put_cell(w, "phandle", w->phandle);
    if (place->irq) {
        node_put_cell(w, "interrupts", place->irq);
        node_put_cell(w, "interrupt-parent", w->interrupt_parent);
    }
}

void node_close(struct node_writer *w)
{
    if (!w->status)
        w->status = fdt_end_node(w->fdt);
}

void node_put_bytes(struct node_writer *w, const char *name, const void *bytes,
                    size_t size)
{
    if (!w->status)
        w->status = fdt_property(w->fdt, name, bytes, (int)size);
}

void node_put_flag(struct node_writer *w, const char *name)
{
    node_put_bytes(w, name, NULL, 0);
}

void node_put_string(struct node_writer *w, const char *name, const char *value)
{
    node_put_bytes(w, name, value, strlen(value) + 1);
}

/* Opens a property of so many cells. NULL: there is no room for it. */
static fdt32_t *make_cells(struct node_writer *w, const char *name,
                           unsigned count)
{
    void *raw;

    if (!w->status)
        w->status = fdt_property_placeholder(
            w->fdt, name, (int)(count * sizeof(fdt32_t)), &raw);
    return w->status ? NULL : raw;
}

void node_put_cells(struct node_writer *w, const char *name, const u32 cells[],
                    unsigned count)
{
    fdt32_t *raw = make_cells(w, name, count);

    for (unsigned i = 0; raw && i < count; i++)
        fdt32_st(&raw[i], cells[i]);
}

void node_put_cell(struct node_writer *w, const char *name, u32 value)
{
    node_put_cells(w, name, &value, 1);
}

void node_put_address_cells(struct node_writer *w, u32 address, u32 size)
{
    node_put_cell(w, "#address-cells", address);
    node_put_cell(w, "#size-cells", size);
}

void node_put_reg(struct node_writer *w, u64 base, u64 size)
{
    const u32 cells[] = {(u32)(base >> 32), (u32)base, (u32)(size >> 32),
                         (u32)size};

    node_put_cells(w, "reg", cells, 4);
}

void node_put_hart_wire(struct node_writer *w, enum irq_of_hart number)
{
    fdt32_t *raw = make_cells(w, "interrupts-extended", 2 * w->harts);

    for (unsigned h = 0; raw && h < w->harts; h++) {
        fdt32_st(&raw[2 * h], node_intc_phandle(w, h));
        fdt32_st(&raw[2 * h + 1], number);
    }
}

void node_put_hart_wires(struct node_writer *w, enum irq_of_hart first,
                         enum irq_of_hart second)
{
    fdt32_t *raw = make_cells(w, "interrupts-extended", 4 * w->harts);

    for (unsigned h = 0; raw && h < w->harts; h++) {
        const u32 intc = node_intc_phandle(w, h);
        const u32 cells[] = {intc, first, intc, second};

        for (unsigned i = 0; i < 4; i++)
            fdt32_st(&raw[4 * h + i], cells[i]);
    }
}

u32 node_cpu_phandle(const struct node_writer *w, unsigned hart)
{
    return 2 * (w->harts - 1 - hart) + 1;
}

u32 node_intc_phandle(const struct node_writer *w, unsigned hart)
{
    return node_cpu_phandle(w, hart) + 1;
}

u32 node_first_phandle(const struct node_writer *w)
{
    return 2 * w->harts + 1;
}
