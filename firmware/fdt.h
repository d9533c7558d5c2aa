/* A reader of flattened device trees, as far as the firmware needs one. */
#ifndef FDT_H
#define FDT_H

#include "base/types.h"

/* One node, seen when all its properties are known. */
struct fdt_node {
    unsigned depth;         /* the root is 1 */
    const char *compatible; /* list of strings, or NULL */
    u32 compatible_size;
    const char *device_type; /* or NULL */
    const u8 *reg;           /* or NULL */
    u32 reg_size;
    u32 address_cells, size_cells; /* the parent's: they shape reg */
};

typedef void fdt_visit(void *context, const struct fdt_node *node);

/* Shows every node of the tree at fdt in document order. False if there is no
 * tree there or it does not hold together. */
bool fdt_walk(const void *fdt, fdt_visit *visit, void *context);

bool fdt_is_compatible(const struct fdt_node *node, const char *name);

/* Entry index of reg. False if there is none, or its cells are unusual. */
bool fdt_reg(const struct fdt_node *node, unsigned index, u64 *base, u64 *size);

bool string_equal(const char *a, const char *b);

#endif
