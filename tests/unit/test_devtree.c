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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
