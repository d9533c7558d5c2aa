/*
 * Device trees: one of the user's (-dtb), right or not, to which a boot's part
 * is added, and our own for any machine. What must hold:
 *
 * - what comes out is a tree, whatever went in, or one line says why not
 * - what the user's tree says, it says afterwards, but for what a boot replaces
 * - a kernel finds in it the bootargs, the initrd and what is reserved, and
 *   takes /reserved-memory: its cells are the root's (Linux,
 *   drivers/of/fdt.c, __reserved_mem_check_root())
 * - a tree that is right is not refused
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "image_maker.h"
#include "isa/ext.h"
#include "machine/devtree.h"
#include "machine/memmap.h"

#define ROOM 8192
#define DEPTH_MAX 5
#define BOOTARGS_MAX 256

/* What a boot adds, and what it is to be found as. */
struct boot {
    struct devtree_config config;
    char bootargs[BOOTARGS_MAX];
    char reserved[64]; /* the name of its node */
};

static const char *const names[] = {
    "chosen",  "reserved-memory",   "memory@80000000", "cpus", "soc",
    "uart@10", "firmware@80000000", "chosen@1",        "a",    "",
};

static const char *const properties[] = {
    "#address-cells",   "#size-cells",
    "ranges",           "reg",
    "bootargs",         "linux,initrd-start",
    "linux,initrd-end", "rng-seed",
    "compatible",       "no-map",
    "phandle",          "",
};

#define PICK(list, number) (list)[(number) % (sizeof(list) / sizeof((list)[0]))]

static void put_property(void *fdt, struct input *in)
{
    u64 how = take(in, 1);
    const char *name = PICK(properties, how >> 2);
    u8 bytes[16] = {0};

    switch (how % 4) {
    case 0: fdt_property(fdt, name, NULL, 0); break;
    case 1: fdt_property_u32(fdt, name, (u32)take(in, 1) % 4); break;
    case 2: fdt_property_u64(fdt, name, take(in, 4)); break;
    default:
        for (unsigned i = 0; i < sizeof(bytes); i++)
            bytes[i] = (u8)take(in, 1);
        fdt_property(fdt, name, bytes, (int)(take(in, 1) % sizeof(bytes)));
        break;
    }
}

/* A tree that is right, but for the values in it; NULL when it has no room. */
static u8 *make_tree(struct input *in, size_t *size)
{
    u8 *fdt = calloc(1, ROOM);
    u64 actions = take(in, 1) % 64, depth = 0;

    expect(fdt != NULL);
    fdt_create(fdt, ROOM);
    for (u64 n = take(in, 1) % 3; n; n--)
        fdt_add_reservemap_entry(fdt, take(in, 4), take(in, 2));
    fdt_finish_reservemap(fdt);
    fdt_begin_node(fdt, "");
    for (; actions && in->at < in->end; actions--) {
        u64 action = take(in, 1);

        if (action < 96 && depth < DEPTH_MAX) {
            fdt_begin_node(fdt, PICK(names, action));
            depth++;
        } else if (action < 128 && depth) {
            fdt_end_node(fdt);
            depth--;
        } else {
            put_property(fdt, in);
        }
    }
    for (; depth; depth--)
        fdt_end_node(fdt);
    fdt_end_node(fdt);
    expect(fdt_finish(fdt) == 0);
    *size = fdt_totalsize(fdt);
    return fdt;
}

static void make_boot(struct boot *boot, struct input *in)
{
    u64 how = take(in, 1), length = take(in, 1);

    *boot = (struct boot){
        .config = {.harts = 1 + take(in, 1) % MEMMAP_HARTS_MAX,
                   .aclint = how & 1,
                   .ram_size = (1 + take(in, 2)) << 20,
                   .isa = how & 2 ? take(in, 8) & EXT_ALL : EXT_DEFAULT,
                   .seed = take(in, 1)}};
    if (how & 4)
        memset(boot->bootargs, 'b', length % BOOTARGS_MAX);
    boot->config.bootargs = how & 8 ? NULL : boot->bootargs;
    if (how & 16) {
        boot->config.initrd = image_maker_address(in);
        boot->config.initrd_size = take(in, 2);
    }
    if (how & 32) {
        boot->config.reserved = image_maker_address(in) & ~0xfffull;
        boot->config.reserved_size = 0x1000 * (1 + take(in, 2));
    }
    snprintf(boot->reserved, sizeof(boot->reserved), "firmware@%llx",
             (unsigned long long)boot->config.reserved);
}

/* A number of one cell or two, most significant first. */
static u64 cells(const fdt32_t *at, int count)
{
    u64 value = 0;

    for (int i = 0; i < count; i++)
        value = value << 32 | fdt32_to_cpu(at[i]);
    return value;
}

static int cells_of(const void *fdt, int node, const char *name, int without)
{
    int size;
    const fdt32_t *value = fdt_getprop(fdt, node, name, &size);

    return value && size == 4 ? (int)fdt32_to_cpu(*value) : without;
}

static u64 number_of(const void *fdt, int node, const char *name)
{
    int size;
    const fdt32_t *value = fdt_getprop(fdt, node, name, &size);

    expect(value && (size == 4 || size == 8));
    return cells(value, size / 4);
}

static void check_reserved(const void *fdt, const struct boot *boot)
{
    const struct devtree_config *config = &boot->config;
    int parent = fdt_subnode_offset(fdt, 0, "reserved-memory"), size;
    int node = fdt_subnode_offset(fdt, parent, boot->reserved);
    int addresses = cells_of(fdt, 0, "#address-cells", 2);
    int sizes = cells_of(fdt, 0, "#size-cells", 1);
    const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &size);

    expect(node > 0 && fdt_getprop(fdt, parent, "ranges", NULL) &&
           fdt_getprop(fdt, node, "no-map", NULL));
    expect(cells_of(fdt, parent, "#address-cells", 2) == addresses);
    expect(cells_of(fdt, parent, "#size-cells", 1) == sizes);
    expect(reg && size == 4 * (addresses + sizes));
    expect(cells(reg, addresses) == config->reserved);
    expect(cells(reg + addresses, sizes) == config->reserved_size);
}

static void check_boot(const u8 *fdt, size_t size, const struct boot *boot)
{
    const struct devtree_config *config = &boot->config;
    int chosen, length;
    const char *text;

    expect(fdt_check_full(fdt, size) == 0 && fdt_totalsize(fdt) == size);
    chosen = fdt_subnode_offset(fdt, 0, "chosen");
    expect(chosen > 0);
    expect(fdt_getprop(fdt, chosen, "rng-seed", &length) && length == 32);
    if (config->bootargs && *config->bootargs) {
        text = fdt_getprop(fdt, chosen, "bootargs", &length);
        expect(text && (size_t)length == strlen(config->bootargs) + 1 &&
               !strcmp(text, config->bootargs));
    }
    if (config->initrd_size) {
        expect(number_of(fdt, chosen, "linux,initrd-start") == config->initrd);
        expect(number_of(fdt, chosen, "linux,initrd-end") ==
               config->initrd + config->initrd_size);
    }
    if (config->reserved_size)
        check_reserved(fdt, boot);
}

/* Whether a boot may give the property another value. */
static bool is_replaced(const struct boot *boot, const char *parent,
                        const char *node, const char *name)
{
    if (!strncmp(name, "linux,initrd-", 13))
        return boot->config.initrd_size;
    if (!strcmp(name, "rng-seed") || !strcmp(name, "bootargs"))
        return !strncmp(node, "chosen", 6);
    if (!boot->config.reserved_size)
        return false;
    if (!strcmp(name, "ranges"))
        return !strcmp(node, "reserved-memory");
    return !strcmp(parent, "reserved-memory") && !strcmp(node, boot->reserved);
}

/* Whether all that one tree says of a node and those below it, the other
 * does. */
static void check_kept(const void *was, int old, const void *is, int new,
                       const struct boot *boot, const char *parent)
{
    const char *node = fdt_get_name(was, old, NULL);
    int at, child, next = fdt_first_subnode(is, new);

    fdt_for_each_property_offset(at, was, old)
    {
        int size, now;
        const char *name;
        const void *value = fdt_getprop_by_offset(was, at, &name, &size), *kept;

        if (!value || is_replaced(boot, parent, node, name))
            continue;
        value = fdt_getprop(was, old, name, &size); /* of two the first */
        kept = fdt_getprop(is, new, name, &now);
        expect(kept && size == now && !memcmp(value, kept, (size_t)size));
    }
    fdt_for_each_subnode(child, was, old)
    {
        const char *name = fdt_get_name(was, child, NULL);

        while (next >= 0 && strcmp(fdt_get_name(is, next, NULL), name) != 0)
            next = fdt_next_subnode(is, next);
        expect(next >= 0);
        check_kept(was, child, is, next, boot, node);
        next = fdt_next_subnode(is, next);
    }
}

static void adopt(struct boot *boot, struct input *in)
{
    struct buffer file = {0};
    struct rvemu_image image;
    struct rvemu_error error;
    size_t size;
    u8 *fdt = make_tree(in, &size);
    bool is_right = !boot->config.reserved_size;

    buffer_put(&file, fdt, size);
    image_maker_edit(&file, in);
    is_right = is_right && file.size == size && !memcmp(file.bytes, fdt, size);
    free(fdt);
    image = image_maker_wrap(&file);
    if (devtree_adopt(&boot->config, "the tree", image.data, image.size, &fdt,
                      &size, &error) < 0) {
        expect_line(&error);
        expect(!is_right);
    } else {
        check_boot(fdt, size, boot);
        check_kept(image.data, 0, fdt, 0, boot, "");
        free(fdt);
    }
    rvemu_image_free(&image);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct input in = {data, data + size};
    bool is_own = take(&in, 1) >= 224;
    struct rvemu_error error;
    struct boot boot;
    size_t made;
    u8 *fdt;

    make_boot(&boot, &in);
    if (!is_own) {
        adopt(&boot, &in);
        return 0;
    }
    expect(devtree_build(&boot.config, &fdt, &made, &error) == 0);
    check_boot(fdt, made, &boot);
    free(fdt);
    return 0;
}
