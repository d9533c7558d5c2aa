/*
 * Read-only access to the flattened device tree (Devicetree Specification
 * 0.4, chapter 5).
 *
 * A node is the offset of its FDT_BEGIN_NODE token; -1 means none. All
 * functions take values that fdt_init has accepted.
 */
#ifndef LIB_FDT_H
#define LIB_FDT_H

#include "lib/types.h"

/* Accepts the tree at `blob`, or returns false when it is none. */
bool fdt_init(const void *blob);

/* Physical size of the tree in bytes. */
u32 fdt_size(void);

/* The i-th entry of the memory reservation block; false after the last. */
bool fdt_reservation(int i, u64 *pa, u64 *size);

/* The node after `node` in document order (0 is the root), and how deep it
 * lies relative to the start: pass the depth of `node` in `*depth`. */
int fdt_next(int node, int *depth);

const char *fdt_name(int node);

/* Value of a property of `node`, NULL when it has none; `*len` in bytes. */
const void *fdt_prop(int node, const char *name, u32 *len);

/* First node of that full name or of that `compatible` string. */
int fdt_find_name(const char *name);
int fdt_find_compatible(const char *compatible);

/* The i-th (address, size) of `reg`, with two cells each. */
bool fdt_reg(int node, int i, u64 *pa, u64 *size);

/* A property of one cell, `otherwise` when absent. */
u32 fdt_u32(int node, const char *name, u32 otherwise);

/* A property of one or two cells. */
u64 fdt_number(int node, const char *name, u64 otherwise);

/* A big-endian cell. */
u32 fdt_cell(const void *p);

#endif
