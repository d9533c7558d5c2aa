/* A reader of flattened device trees, as far as the firmware needs one. */
#ifndef FDT_H
#define FDT_H

#include "base/types.h"

/* A property that is a list of cells; count is 0 where there is none. */
struct fdt_cells {
    const u8 *bytes;
    u32 count;
};

/* One node, seen when all its properties are known. */
struct fdt_node {
    unsigned depth;         /* the root is 1 */
    const char *compatible; /* list of strings, or NULL */
    u32 compatible_size;
    const char *device_type; /* or NULL */
    const u8 *reg;           /* or NULL */
    u32 reg_size;
    u32 address_cells, size_cells; /* the parent's: they shape reg */
    /* Of a node for performance counters (perf/riscv,pmu.yaml). */
    struct fdt_cells event_select, event_counters, raw_counters;
};

/* A cell, or two as one number; the property has to be that long. */
u64 fdt_cell(const struct fdt_cells *cells, unsigned index);
u64 fdt_two_cells(const struct fdt_cells *cells, unsigned index);

typedef void fdt_visit(void *context, const struct fdt_node *node);

/* Shows every node of the tree at fdt in document order. False if there is no
 * tree there or it does not hold together. */
bool fdt_walk(const void *fdt, fdt_visit *visit, void *context);

bool fdt_is_compatible(const struct fdt_node *node, const char *name);

/* Entry index of reg. False if there is none, or its cells are unusual. */
bool fdt_reg(const struct fdt_node *node, unsigned index, u64 *base, u64 *size);

bool string_equal(const char *a, const char *b);

#endif
