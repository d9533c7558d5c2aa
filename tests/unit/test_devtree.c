/*
 * Unit tests of machine/devtree.c: that the tree is well formed for any
 * number of harts, that its phandles lead where they should, and what a boot
 * adds to it. That it says the same as QEMU's is tested beside QEMU.
 */
#include "machine/devtree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "hart/system/counters.h"
#include "isa/ext.h"
#include "machine/memmap.h"

static struct devtree_config config_of(unsigned harts)
{
    return (struct devtree_config){.harts = harts,
                                   .ram_size = 1ull << 32,
                                   .isa = EXT_SET(I) | EXT_SET(F) |
                                          EXT_SET(ZICBOZ) | EXT_SET(SV39)};
}

static u8 *build(const struct devtree_config *config)
{
    struct rvemu_error error = {""};
    size_t size;
    u8 *tree;

    if (devtree_build(config, &tree, &size, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(fdt_check_full(tree, size), 0);
    assert_int_equal(fdt_totalsize(tree), size);
    return tree;
}

/* Cell i of a property, which must have that many. */
static u32 cell(const u8 *tree, const char *path, const char *name, int i)
{
    int size;
    const fdt32_t *cells =
        fdt_getprop(tree, fdt_path_offset(tree, path), name, &size);

    assert_non_null(cells);
    assert_true(size >= 4 * (i + 1));
    return fdt32_to_cpu(cells[i]);
}

static const char *string(const u8 *tree, const char *path, const char *name)
{
    const char *text =
        fdt_getprop(tree, fdt_path_offset(tree, path), name, NULL);

    assert_non_null(text);
    return text;
}

static void every_hart_has_its_wires(void **state)
{
    for (unsigned harts = 1; harts <= MEMMAP_HARTS_MAX; harts++) {
        struct devtree_config config = config_of(harts);
        u8 *tree = build(&config);

        for (unsigned h = 0; h < harts; h++) {
            char path[64];
            int at = (int)(4 * h);
            u32 intc;

            snprintf(path, sizeof(path), "/cpus/cpu@%u", h);
            assert_int_equal(cell(tree, path, "reg", 0), h);
            strcat(path, "/interrupt-controller");
            intc = cell(tree, path, "phandle", 0);
            assert_int_equal(
                cell(tree, "/soc/plic@c000000", "interrupts-extended", at),
                intc);
            assert_int_equal(
                cell(tree, "/soc/plic@c000000", "interrupts-extended", at + 3),
                9);
            assert_int_equal(
                cell(tree, "/soc/clint@2000000", "interrupts-extended", at + 2),
                intc);
            snprintf(path, sizeof(path), "/cpus/cpu-map/cluster0/core%u", h);
            assert_int_equal(
                fdt_node_offset_by_phandle(tree, cell(tree, path, "cpu", 0)),
                fdt_parent_offset(tree,
                                  fdt_node_offset_by_phandle(tree, intc)));
        }
        free(tree);
    }
}

static void devices_point_at_their_controllers(void **state)
{
    struct devtree_config config = config_of(2);
    u8 *tree = build(&config);
    u32 plic = cell(tree, "/soc/plic@c000000", "phandle", 0);
    u32 test = cell(tree, "/soc/test@100000", "phandle", 0);

    assert_int_equal(cell(tree, "/soc/serial@10000000", "interrupt-parent", 0),
                     plic);
    assert_int_equal(cell(tree, "/soc/serial@10000000", "interrupts", 0), 10);
    assert_int_equal(cell(tree, "/soc/rtc@101000", "interrupts", 0), 11);
    assert_int_equal(cell(tree, "/poweroff", "regmap", 0), test);
    assert_int_equal(cell(tree, "/reboot", "regmap", 0), test);
    assert_int_not_equal(
        fdt_path_offset(tree, string(tree, "/chosen", "stdout-path")), -1);
    assert_string_equal(string(tree, "/cpus/cpu@1", "riscv,isa"),
                        "rv64if_zicboz");
    assert_string_equal(string(tree, "/cpus/cpu@1", "mmu-type"), "riscv,sv39");
    assert_int_equal(cell(tree, "/cpus/cpu@1", "riscv,cboz-block-size", 0), 64);
    assert_null(fdt_getprop(tree, fdt_path_offset(tree, "/cpus/cpu@1"),
                            "riscv,cbom-block-size", NULL));
    free(tree);
}

/* The widest translation there is; each needs the narrower ones. */
static void mmu_type_is_the_widest(void **state)
{
    static const struct {
        u64 set;
        const char *type;
    } modes[] = {
        {0, "riscv,none"},
        {EXT_SET(SV39), "riscv,sv39"},
        {EXT_SET(SV39) | EXT_SET(SV48), "riscv,sv48"},
        {EXT_SET(SV39) | EXT_SET(SV48) | EXT_SET(SV57), "riscv,sv57"},
    };

    for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct devtree_config config = config_of(2);
        u8 *tree;

        config.isa = EXT_SET(I) | modes[i].set;
        tree = build(&config);
        assert_string_equal(string(tree, "/cpus/cpu@0", "mmu-type"),
                            modes[i].type);
        assert_string_equal(string(tree, "/cpus/cpu@1", "mmu-type"),
                            modes[i].type);
        free(tree);
    }
}

/* A selector leads to the counters, and every raw one fits the one row. */
static void counters_come_with_zihpm(void **state)
{
    struct devtree_config config = config_of(1);
    const char *raw = "riscv,raw-event-to-mhpmcounters";
    u8 *tree = build(&config);

    assert_int_equal(fdt_path_offset(tree, "/pmu"), -FDT_ERR_NOTFOUND);
    free(tree);
    config.isa |= EXT_SET(ZIHPM);
    tree = build(&config);
    for (int row = 0; row < 5; row++) {
        u32 number = cell(tree, "/pmu", "riscv,event-to-mhpmevent", 3 * row);

        assert_int_equal(
            cell(tree, "/pmu", "riscv,event-to-mhpmcounters", 3 * row), number);
        assert_int_equal(
            cell(tree, "/pmu", "riscv,event-to-mhpmevent", 3 * row + 2),
            number);
    }
    for (unsigned kind = COUNTED_WALKS; kind < COUNTED_KINDS; kind++)
        assert_int_equal(counters_selector(kind) & cell(tree, "/pmu", raw, 3),
                         cell(tree, "/pmu", raw, 1));
    assert_int_equal(cell(tree, "/pmu", raw, 4), COUNTERS_HPM);
    free(tree);
}

static void ram_size_takes_two_cells(void **state)
{
    struct devtree_config config = config_of(1);
    u8 *tree = build(&config);

    assert_int_equal(cell(tree, "/memory@80000000", "reg", 1), 0x80000000);
    assert_int_equal(cell(tree, "/memory@80000000", "reg", 2), 1);
    assert_int_equal(cell(tree, "/memory@80000000", "reg", 3), 0);
    free(tree);
}

static void a_boot_adds_what_it_has(void **state)
{
    struct devtree_config config = config_of(1);
    char bootargs[5000];
    u8 *tree;

    tree = build(&config);
    assert_true(fdt_path_offset(tree, "/reserved-memory") < 0);
    assert_null(
        fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "bootargs", NULL));
    assert_null(fdt_getprop(tree, fdt_path_offset(tree, "/chosen"),
                            "linux,initrd-start", NULL));
    free(tree);

    memset(bootargs, 'x', sizeof(bootargs) - 1);
    bootargs[sizeof(bootargs) - 1] = '\0';
    config.bootargs = bootargs;
    config.initrd = 0x1ffffffff;
    config.initrd_size = 1;
    config.reserved = 0x80000000;
    config.reserved_size = 0x3000;
    tree = build(&config);
    assert_string_equal(string(tree, "/chosen", "bootargs"), bootargs);
    assert_int_equal(cell(tree, "/chosen", "linux,initrd-start", 0), 1);
    assert_int_equal(cell(tree, "/chosen", "linux,initrd-end", 0), 2);
    assert_int_equal(cell(tree, "/reserved-memory/firmware@80000000", "reg", 3),
                     0x3000);
    assert_non_null(fdt_getprop(
        tree, fdt_path_offset(tree, "/reserved-memory/firmware@80000000"),
        "no-map", NULL));
    /* Boot loaders add to the tree where it is. */
    assert_int_equal(fdt_setprop(tree, fdt_path_offset(tree, "/chosen"), "more",
                                 bootargs, 2048),
                     0);
    free(tree);
}

static void the_seed_decides_the_rng_seed(void **state)
{
    struct devtree_config config = config_of(1);
    u8 *first = build(&config), *again = build(&config), *other;
    int size;

    config.seed = 1;
    other = build(&config);
    fdt_getprop(first, fdt_path_offset(first, "/chosen"), "rng-seed", &size);
    assert_int_equal(size, 32);
    assert_memory_equal(string(first, "/chosen", "rng-seed"),
                        string(again, "/chosen", "rng-seed"), 32);
    assert_memory_not_equal(string(first, "/chosen", "rng-seed"),
                            string(other, "/chosen", "rng-seed"), 32);
    free(first);
    free(again);
    free(other);
}

/* A tree of the user's, larger than what a boot adds, whose root has so many
 * cells; with `reserved`, it reserves memory itself, by so many. */
static void make_users(u8 *tree, size_t room, u32 addresses, u32 sizes,
                       u32 reserved)
{
    static const u8 padding[2000];

    assert_int_equal(fdt_create(tree, (int)room), 0);
    fdt_finish_reservemap(tree);
    fdt_begin_node(tree, "");
    fdt_property_u32(tree, "#address-cells", addresses);
    fdt_property_u32(tree, "#size-cells", sizes);
    fdt_begin_node(tree, "chosen");
    fdt_property_string(tree, "bootargs", "theirs");
    fdt_property(tree, "padding", padding, sizeof(padding));
    fdt_end_node(tree);
    if (reserved) {
        fdt_begin_node(tree, "reserved-memory");
        fdt_property_u32(tree, "#address-cells", reserved);
        fdt_property_u32(tree, "#size-cells", reserved);
        fdt_end_node(tree);
    }
    fdt_end_node(tree);
    assert_int_equal(fdt_finish(tree), 0);
}

/* What is made of it; NULL: it is refused, by its name and for `why`. */
static u8 *adopt(const struct devtree_config *config, const u8 *theirs,
                 const char *why)
{
    struct rvemu_error error = {""};
    u8 *tree = NULL;
    size_t size;

    if (devtree_adopt(config, "a.dtb", theirs, fdt_totalsize(theirs), &tree,
                      &size, &error) < 0) {
        if (!why || !strstr(error.text, why))
            fail_msg("said '%s', wanted '%s'", error.text, why ? why : "none");
        assert_memory_equal(error.text, "a.dtb: ", 7);
        return NULL;
    }
    assert_null(why);
    assert_int_equal(fdt_check_full(tree, size), 0);
    return tree;
}

static void a_users_tree_keeps_what_it_says(void **state)
{
    struct devtree_config config = config_of(1);
    u64 theirs[512];
    u8 *tree;

    make_users((u8 *)theirs, sizeof(theirs), 2, 2, 0);
    tree = adopt(&config, (u8 *)theirs, NULL);
    assert_string_equal(string(tree, "/chosen", "bootargs"), "theirs");
    assert_non_null(string(tree, "/chosen", "rng-seed"));
    free(tree);
    config.bootargs = "ours";
    tree = adopt(&config, (u8 *)theirs, NULL);
    assert_string_equal(string(tree, "/chosen", "bootargs"), "ours");
    free(tree);
}

/* Linux takes no /reserved-memory with other cells than the root's. */
static void a_users_tree_reserves_by_the_cells_of_its_root(void **state)
{
    const char *node = "/reserved-memory/firmware@80000000";
    const char *no = "#address-cells and #size-cells";
    struct devtree_config config = config_of(1);
    u64 theirs[512];
    u8 *tree;

    config.reserved = 0x80000000;
    config.reserved_size = 0x3000;
    for (u32 own = 0; own < 2; own++) {
        make_users((u8 *)theirs, sizeof(theirs), 1, 1, own);
        tree = adopt(&config, (u8 *)theirs, NULL);
        assert_int_equal(cell(tree, "/reserved-memory", "#size-cells", 0), 1);
        assert_int_equal(cell(tree, node, "reg", 0), 0x80000000);
        assert_int_equal(cell(tree, node, "reg", 1), 0x3000);
        free(tree);
    }
    make_users((u8 *)theirs, sizeof(theirs), 3, 1, 0);
    tree = adopt(&config, (u8 *)theirs, NULL);
    assert_int_equal(cell(tree, node, "reg", 1), 0);
    assert_int_equal(cell(tree, node, "reg", 2), 0x80000000);
    assert_int_equal(cell(tree, node, "reg", 3), 0x3000);
    free(tree);
    make_users((u8 *)theirs, sizeof(theirs), 2, 2, 1);
    adopt(&config, (u8 *)theirs, no);
    make_users((u8 *)theirs, sizeof(theirs), 2, 0, 0);
    adopt(&config, (u8 *)theirs, no);
    make_users((u8 *)theirs, sizeof(theirs), 1, 1, 0);
    config.reserved = 0x180000000;
    adopt(&config, (u8 *)theirs, no);
    config.reserved_size = 0;
    free(adopt(&config, (u8 *)theirs, NULL));
}

static void a_users_tree_may_have_its_blocks_in_any_order(void **state)
{
    struct devtree_config config = config_of(1);
    u64 theirs[512], turned[512] = {0};
    u32 head, strings, structure, bytes;
    u8 *tree;

    make_users((u8 *)theirs, sizeof(theirs), 2, 2, 0);
    head = fdt_off_dt_struct(theirs); /* bytes of header and reservations */
    strings = fdt_size_dt_strings(theirs);
    structure = fdt_size_dt_struct(theirs);
    bytes = head + (strings + 7) / 8 * 8;
    memcpy(turned, theirs, head);
    memcpy((u8 *)turned + head, (u8 *)theirs + fdt_off_dt_strings(theirs),
           strings);
    memcpy((u8 *)turned + bytes, (u8 *)theirs + fdt_off_dt_struct(theirs),
           structure);
    fdt_set_off_dt_strings(turned, head);
    fdt_set_off_dt_struct(turned, bytes);
    fdt_set_totalsize(turned, bytes + structure);
    tree = adopt(&config, (u8 *)turned, NULL);
    assert_string_equal(string(tree, "/chosen", "bootargs"), "theirs");
    free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hart_has_its_wires),
        cmocka_unit_test(devices_point_at_their_controllers),
        cmocka_unit_test(mmu_type_is_the_widest),
        cmocka_unit_test(counters_come_with_zihpm),
        cmocka_unit_test(ram_size_takes_two_cells),
        cmocka_unit_test(a_boot_adds_what_it_has),
        cmocka_unit_test(the_seed_decides_the_rng_seed),
        cmocka_unit_test(a_users_tree_keeps_what_it_says),
        cmocka_unit_test(a_users_tree_reserves_by_the_cells_of_its_root),
        cmocka_unit_test(a_users_tree_may_have_its_blocks_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
