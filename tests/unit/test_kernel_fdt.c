/*
 * Unit tests of the guest kernel's guest/kernel/lib/fdt.c, compiled for the
 * host: it reads trees that libfdt has written.
 */
#include "lib/fdt.h"

#include <libfdt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SIZE 4096

static u8 blob[SIZE] __attribute__((aligned(8)));

static void add_reg(int node, const char *name, const u64 *pairs, int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(fdt_appendprop_u64(blob, node, name, pairs[i]), 0);
}

/*
 * / { compatible = "test,board"; nothing; chosen {…};
 *     memory@80000000 {…}; soc { uart@10000000 {…}; test@100000 {…}; }; };
 */
static int build(void **state)
{
    static const u64 memory[] = {0x80000000, 0x8000000, 0x1000000000, 0x1000};
    static const u64 uart[] = {0x10000000, 0x100};
    static const char both[] = "other,uart\0ns16550a";
    int node, soc;

    assert_int_equal(fdt_create_empty_tree(blob, SIZE), 0);
    assert_int_equal(fdt_add_mem_rsv(blob, 0x80000000, 0x40000), 0);
    soc = fdt_add_subnode(blob, 0, "soc");
    node = fdt_add_subnode(blob, soc, "test@100000");
    assert_int_equal(fdt_setprop_string(blob, node, "compatible", "test"), 0);
    node = fdt_add_subnode(blob, soc, "uart@10000000");
    assert_int_equal(fdt_setprop(blob, node, "compatible", both, sizeof(both)),
                     0);
    add_reg(node, "reg", uart, 2);
    assert_int_equal(fdt_setprop_u32(blob, node, "interrupts", 10), 0);
    node = fdt_add_subnode(blob, 0, "memory@80000000");
    add_reg(node, "reg", memory, 4);
    node = fdt_add_subnode(blob, 0, "chosen");
    assert_int_equal(fdt_setprop_string(blob, node, "bootargs", "a b=c"), 0);
    assert_int_equal(fdt_setprop_u32(blob, node, "start", 0x84000000), 0);
    assert_int_equal(fdt_setprop_u64(blob, node, "end", 0x184000000), 0);
    assert_int_equal(fdt_setprop_empty(blob, 0, "nothing"), 0);
    assert_int_equal(fdt_setprop_string(blob, 0, "compatible", "test,board"),
                     0);
    assert_true(fdt_init(blob));
    return 0;
}

static void nodes_are_found_by_name_and_by_kind(void **state)
{
    assert_int_equal(fdt_find_name("absent"), -1);
    assert_int_equal(fdt_find_compatible("absent"), -1);
    assert_int_equal(fdt_find_compatible("test,board"), 0);
    assert_string_equal(fdt_name(fdt_find_name("chosen")), "chosen");
    assert_string_equal(fdt_name(fdt_find_compatible("ns16550a")),
                        "uart@10000000");
    assert_int_equal(fdt_find_compatible("other,uart"),
                     fdt_find_compatible("ns16550a"));
    /* A part of a name is not the name. */
    assert_int_equal(fdt_find_compatible("ns16550"), -1);
    assert_int_equal(fdt_find_name("memory"), -1);
}

static void the_walk_meets_every_node_at_its_depth(void **state)
{
    static const struct {
        const char *name;
        int depth;
    } wanted[] = {
        {"", 0},    {"chosen", 1},        {"memory@80000000", 1},
        {"soc", 1}, {"uart@10000000", 2}, {"test@100000", 2},
    };
    int depth = 0, node = 0;

    for (unsigned i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
        assert_string_equal(fdt_name(node), wanted[i].name);
        assert_int_equal(depth, wanted[i].depth);
        node = fdt_next(node, &depth);
    }
    assert_int_equal(node, -1);
}

static void properties_have_their_values(void **state)
{
    int chosen = fdt_find_name("chosen");
    u32 len;

    assert_string_equal(fdt_prop(chosen, "bootargs", &len), "a b=c");
    assert_int_equal(len, 6);
    assert_null(fdt_prop(chosen, "bootarg", &len));
    assert_non_null(fdt_prop(0, "nothing", &len));
    assert_int_equal(len, 0);
    assert_int_equal(fdt_number(chosen, "start", 1), 0x84000000);
    assert_int_equal(fdt_number(chosen, "end", 1), 0x184000000);
    assert_int_equal(fdt_number(chosen, "absent", 1), 1);
    assert_int_equal(fdt_u32(chosen, "end", 7), 7);
    assert_int_equal(fdt_u32(-1, "end", 7), 7);
    assert_int_equal(fdt_u32(fdt_find_compatible("ns16550a"), "interrupts", 0),
                     10);
}

static void ranges_come_in_pairs(void **state)
{
    int memory = fdt_find_name("memory@80000000");
    u64 pa, size;

    assert_true(fdt_reg(memory, 0, &pa, &size));
    assert_int_equal(pa, 0x80000000);
    assert_int_equal(size, 0x8000000);
    assert_true(fdt_reg(memory, 1, &pa, &size));
    assert_int_equal(pa, 0x1000000000);
    assert_int_equal(size, 0x1000);
    assert_false(fdt_reg(memory, 2, &pa, &size));
    assert_false(fdt_reg(fdt_find_name("chosen"), 0, &pa, &size));
    assert_true(fdt_reservation(0, &pa, &size));
    assert_int_equal(pa, 0x80000000);
    assert_int_equal(size, 0x40000);
    assert_false(fdt_reservation(1, &pa, &size));
    assert_int_equal(fdt_size(), fdt_totalsize(blob));
}

/* What has been taken out leaves NOP tokens behind. */
static void nops_are_passed_over(void **state)
{
    int soc = fdt_path_offset(blob, "/soc");
    int depth = 0, nodes = 0;
    u32 len;

    assert_int_equal(fdt_nop_property(blob, 0, "nothing"), 0);
    assert_int_equal(
        fdt_nop_node(blob, fdt_subnode_offset(blob, soc, "uart@10000000")), 0);
    assert_string_equal(fdt_prop(0, "compatible", &len), "test,board");
    assert_null(fdt_prop(0, "nothing", &len));
    assert_int_equal(fdt_find_compatible("ns16550a"), -1);
    for (int node = 0; node >= 0; node = fdt_next(node, &depth))
        nodes++;
    assert_int_equal(nodes, 5);
}

static void what_is_no_tree_is_refused(void **state)
{
    blob[0] ^= 1;
    assert_false(fdt_init(blob));
    blob[0] ^= 1;
    /* The oldest version that can read this one: one we do not know. */
    blob[27] = 18;
    assert_false(fdt_init(blob));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nodes_are_found_by_name_and_by_kind, build),
        cmocka_unit_test_setup(the_walk_meets_every_node_at_its_depth, build),
        cmocka_unit_test_setup(properties_have_their_values, build),
        cmocka_unit_test_setup(ranges_come_in_pairs, build),
        cmocka_unit_test_setup(nops_are_passed_over, build),
        cmocka_unit_test_setup(what_is_no_tree_is_refused, build),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
