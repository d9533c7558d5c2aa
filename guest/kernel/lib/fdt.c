/*
 * Flattened device tree reader.
 *
 *   header | memory reservations | structure block | strings block
 *
 * The structure block is a stream of 32-bit tokens: BEGIN_NODE name, PROP
 * len nameoff value, END_NODE, NOP, END. Nothing is cached: the tree is read
 * a dozen times at boot and never again.
 */
#include "lib/fdt.h"

#include "lib/string.h"

#define FDT_MAGIC 0xd00dfeed
#define TOKEN_BEGIN_NODE 1
#define TOKEN_END_NODE 2
#define TOKEN_PROP 3
#define TOKEN_NOP 4
#define TOKEN_END 9

/* Header fields, as byte offsets. */
#define HEADER_TOTALSIZE 4
#define HEADER_OFF_STRUCT 8
#define HEADER_OFF_STRINGS 12
#define HEADER_OFF_RSVMAP 16
#define HEADER_LAST_COMP 24

static const u8 *base;
static const u8 *structs;
static const char *strings;

u32 fdt_cell(const void *p)
{
    const u8 *b = p;

    return (u32)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

static u64 cells2(const void *p)
{
    return (u64)fdt_cell(p) << 32 | fdt_cell((const u8 *)p + 4);
}

bool fdt_init(const void *blob)
{
    base = blob;
    if (fdt_cell(base) != FDT_MAGIC || fdt_cell(base + HEADER_LAST_COMP) > 17)
        return false;
    structs = base + fdt_cell(base + HEADER_OFF_STRUCT);
    strings = (const char *)base + fdt_cell(base + HEADER_OFF_STRINGS);
    return true;
}

u32 fdt_size(void)
{
    return fdt_cell(base + HEADER_TOTALSIZE);
}

bool fdt_reservation(int i, u64 *pa, u64 *size)
{
    const u8 *entry = base + fdt_cell(base + HEADER_OFF_RSVMAP) + 16 * i;

    *pa = cells2(entry);
    *size = cells2(entry + 8);
    return *size != 0;
}

/* Offset of the token after the one at `at`. */
static int skip_token(int at)
{
    const u8 *p = structs + at;

    switch (fdt_cell(p)) {
    case TOKEN_BEGIN_NODE:
        return at + 4 + (int)ALIGN_UP(strlen((const char *)p + 4) + 1, 4);
    case TOKEN_PROP: return at + 12 + (int)ALIGN_UP(fdt_cell(p + 4), 4);
    default: return at + 4;
    }
}

int fdt_next(int node, int *depth)
{
    int at = skip_token(node);

    for (;; at = skip_token(at)) {
        switch (fdt_cell(structs + at)) {
        case TOKEN_BEGIN_NODE: ++*depth; return at;
        case TOKEN_END_NODE: --*depth; break;
        case TOKEN_END: return -1;
        default: break;
        }
    }
}

const char *fdt_name(int node)
{
    return (const char *)structs + node + 4;
}

const void *fdt_prop(int node, const char *name, u32 *len)
{
    int at = skip_token(node);

    for (;; at = skip_token(at)) {
        const u8 *p = structs + at;
        u32 token = fdt_cell(p);

        if (token == TOKEN_NOP)
            continue;
        if (token != TOKEN_PROP)
            return NULL;
        if (strcmp(strings + fdt_cell(p + 8), name) == 0) {
            *len = fdt_cell(p + 4);
            return p + 12;
        }
    }
}

int fdt_find_name(const char *name)
{
    int depth = 0;

    for (int node = 0; node >= 0; node = fdt_next(node, &depth)) {
        if (strcmp(fdt_name(node), name) == 0)
            return node;
    }
    return -1;
}

static bool is_compatible(int node, const char *want)
{
    u32 len;
    const char *list = fdt_prop(node, "compatible", &len);

    for (u32 at = 0; list && at < len; at += strlen(list + at) + 1) {
        if (strcmp(list + at, want) == 0)
            return true;
    }
    return false;
}

int fdt_find_compatible(const char *compatible)
{
    int depth = 0;

    for (int node = 0; node >= 0; node = fdt_next(node, &depth)) {
        if (is_compatible(node, compatible))
            return node;
    }
    return -1;
}

bool fdt_reg(int node, int i, u64 *pa, u64 *size)
{
    u32 len;
    const u8 *reg = fdt_prop(node, "reg", &len);

    if (!reg || len < 16u * (i + 1))
        return false;
    *pa = cells2(reg + 16 * i);
    *size = cells2(reg + 16 * i + 8);
    return true;
}

u32 fdt_u32(int node, const char *name, u32 otherwise)
{
    u32 len;
    const u8 *value = node < 0 ? NULL : fdt_prop(node, name, &len);

    return value && len == 4 ? fdt_cell(value) : otherwise;
}

u64 fdt_number(int node, const char *name, u64 otherwise)
{
    u32 len;
    const u8 *value = node < 0 ? NULL : fdt_prop(node, name, &len);

    if (value && len == 8)
        return cells2(value);
    return value && len == 4 ? fdt_cell(value) : otherwise;
}
