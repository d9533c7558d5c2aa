/*
 * Device tree reader (Devicetree Specification, "Flattened Devicetree").
 *
 * The structure block is a sequence of big-endian words:
 *
 *   1 BEGIN_NODE  name, 0, padding to 4
 *   2 END_NODE
 *   3 PROP        size, offset of the name, value, padding to 4
 *   4 NOP
 *   9 END
 *
 * Properties stand before child nodes, so a node is complete, and shown, at
 * the first BEGIN_NODE or END_NODE after its own BEGIN_NODE. Nothing is read
 * behind the block: a tree that leads there is refused.
 */
#include "fdt.h"

#define FDT_MAGIC 0xd00dfeed
#define FDT_BEGIN_NODE 1
#define FDT_END_NODE 2
#define FDT_PROP 3
#define FDT_NOP 4
#define FDT_END 9

#define DEPTH_MAX 16

/* Words of the header. */
enum {
    HEADER_MAGIC,
    HEADER_TOTAL_SIZE,
    HEADER_STRUCT,
    HEADER_STRINGS,
    HEADER_STRUCT_SIZE = 9
};

struct walk {
    const u8 *at, *end;
    const char *strings;
    fdt_visit *visit;
    void *context;
    bool open; /* node has not been shown yet */
    struct fdt_node node;
    /* The shape of the children's reg, by the depth of their parent. */
    u32 address_cells[DEPTH_MAX], size_cells[DEPTH_MAX];
};

static u32 word_at(const void *place)
{
    const u8 *byte = place;

    return (u32)byte[0] << 24 | byte[1] << 16 | byte[2] << 8 | byte[3];
}

bool string_equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

bool fdt_is_compatible(const struct fdt_node *node, const char *name)
{
    const char *end = node->compatible + node->compatible_size;

    for (const char *at = node->compatible; at < end; at++) {
        if (string_equal(at, name))
            return true;
        while (at < end && *at)
            at++;
    }
    return false;
}

static u64 cells_at(const u8 *place, u32 cells)
{
    u64 value = 0;

    for (u32 i = 0; i < cells; i++)
        value = value << 32 | word_at(place + 4 * i);
    return value;
}

bool fdt_reg(const struct fdt_node *node, unsigned index, u64 *base, u64 *size)
{
    u32 stride = 4 * (node->address_cells + node->size_cells);

    if (!node->reg || node->address_cells > 2 || node->size_cells > 2 ||
        (u64)stride * (index + 1) > node->reg_size)
        return false;
    *base = cells_at(node->reg + index * stride, node->address_cells);
    *size = cells_at(node->reg + index * stride + 4 * node->address_cells,
                     node->size_cells);
    return true;
}

u64 fdt_cell(const struct fdt_cells *cells, unsigned index)
{
    return cells_at(cells->bytes + 4 * index, 1);
}

u64 fdt_two_cells(const struct fdt_cells *cells, unsigned index)
{
    return cells_at(cells->bytes + 4 * index, 2);
}

static void show(struct walk *w)
{
    if (w->open)
        w->visit(w->context, &w->node);
    w->open = false;
}

static bool begin_node(struct walk *w)
{
    unsigned depth;

    show(w);
    depth = w->node.depth + 1;
    if (depth >= DEPTH_MAX)
        return false;
    w->node = (struct fdt_node){.depth = depth,
                                .address_cells = w->address_cells[depth - 1],
                                .size_cells = w->size_cells[depth - 1]};
    w->address_cells[depth] = 2;
    w->size_cells[depth] = 1;
    w->open = true;
    while (w->at < w->end && *w->at)
        w->at++;
    w->at++;
    return true;
}

static bool end_node(struct walk *w)
{
    show(w);
    if (!w->node.depth)
        return false;
    w->node.depth--;
    return true;
}

/* A property of a node for performance counters. */
static void counter_property(struct fdt_node *node, const char *name,
                             struct fdt_cells cells)
{
    if (string_equal(name, "riscv,event-to-mhpmevent"))
        node->event_select = cells;
    else if (string_equal(name, "riscv,event-to-mhpmcounters"))
        node->event_counters = cells;
    else if (string_equal(name, "riscv,raw-event-to-mhpmcounters"))
        node->raw_counters = cells;
}

static bool property(struct walk *w)
{
    struct fdt_node *node = &w->node;
    const u8 *value = w->at + 8;
    const char *name;
    u32 size;

    if (w->end - w->at < 8)
        return false;
    size = word_at(w->at);
    name = w->strings + word_at(w->at + 4);
    if (size > (u64)(w->end - value))
        return false;
    w->at = value + size;
    if (string_equal(name, "compatible")) {
        node->compatible = (const char *)value;
        node->compatible_size = size;
    } else if (string_equal(name, "reg")) {
        node->reg = value;
        node->reg_size = size;
    } else if (string_equal(name, "device_type")) {
        node->device_type = (const char *)value;
    } else if (size == 4 && string_equal(name, "#address-cells")) {
        w->address_cells[node->depth] = word_at(value);
    } else if (size == 4 && string_equal(name, "#size-cells")) {
        w->size_cells[node->depth] = word_at(value);
    } else {
        counter_property(node, name, (struct fdt_cells){value, size / 4});
    }
    return true;
}

static bool token(struct walk *w, u32 kind)
{
    switch (kind) {
    case FDT_BEGIN_NODE: return begin_node(w);
    case FDT_END_NODE: return end_node(w);
    case FDT_PROP: return property(w);
    default: return kind == FDT_NOP;
    }
}

bool fdt_walk(const void *fdt, fdt_visit *visit, void *context)
{
    const u32 *header = fdt;
    const u8 *start = fdt;
    struct walk w;

    if (!fdt || word_at(&header[HEADER_MAGIC]) != FDT_MAGIC)
        return false;
    w.at = start + word_at(&header[HEADER_STRUCT]);
    w.end = w.at + word_at(&header[HEADER_STRUCT_SIZE]);
    w.strings = (const char *)start + word_at(&header[HEADER_STRINGS]);
    w.visit = visit;
    w.context = context;
    w.open = false;
    w.node.depth = 0;
    w.address_cells[0] = 2;
    w.size_cells[0] = 1;
    while (w.end - w.at >= 4) {
        u32 kind = word_at(w.at);

        w.at += 4;
        if (kind == FDT_END)
            return w.node.depth == 0;
        if (!token(&w, kind))
            return false;
        w.at = (const u8 *)(((u64)w.at + 3) & ~3ull);
    }
    return false;
}
