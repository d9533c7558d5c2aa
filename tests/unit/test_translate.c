/*
 * Unit tests of machine/translate.c: random page tables of each mode, walked
 * as memory has them, against what a hart's own walk finds where every right
 * is given.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hart/mmu/mmu.h"
#include "machine/machine.h"

#define RAM 0x80000000ull
#define TABLES 8
#define TRIES 20000
#define LEAF (PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D)
#define CSR_SATP 0x180
#define CSR_PMPCFG0 0x3a0
#define CSR_PMPADDR0 0x3b0

static u64 random_word(void)
{
    return (u64)rand() << 42 ^ (u64)rand() << 21 ^ (u64)rand();
}

static u64 table_pa(u64 number)
{
    return RAM + 4096 * (number % TABLES);
}

/* An entry of any table: nothing, a pointer, or a leaf that is aligned at each
 * of the levels at which it may be met. */
static u64 random_entry(void)
{
    u64 pa = RAM;

    switch (rand() % 8) {
    case 0: return random_word() << 1;
    case 1:
    case 2: return (RAM | (u64)(rand() % 1024) << 12) >> 2 | LEAF;
    case 3: pa |= (u64)(rand() % 2) << 21; return pa >> 2 | LEAF;
    case 4:
        return (RAM | (u64)(rand() % 64) << 16 | 0x8000) >> 2 | LEAF | PTE_N;
    default: return table_pa((u64)rand()) >> 2 | PTE_V;
    }
}

static rvemu *make_machine(void)
{
    const struct rvemu_config config = {.ram_bytes = 4u << 20};
    struct rvemu_error error;
    rvemu *machine;

    assert_int_equal(rvemu_create(&config, &machine, &error), 0);
    assert_int_equal(rvemu_set_csr(machine, 0, CSR_PMPADDR0, (u64)-1 >> 10), 0);
    assert_int_equal(rvemu_set_csr(machine, 0, CSR_PMPCFG0, 0x1f), 0);
    for (unsigned i = 0; i < TABLES * 512; i++) {
        u64 entry = random_entry();

        assert_int_equal(rvemu_write_ram(machine, RAM + 8 * i, &entry, 8), 0);
    }
    return machine;
}

/* An address whose upper bits are those of the mode, most of the time. */
static u64 random_va(unsigned levels)
{
    unsigned unused = 64 - (12 + 9 * levels);
    u64 va = random_word();

    return rand() % 16 ? (u64)((i64)(va << unused) >> unused) : va;
}

/* Compares both walks, and returns how many of the addresses are mapped. */
static unsigned compare(rvemu *machine, unsigned levels)
{
    const u64 satp = (u64)(levels + 5) << 60 | table_pa((u64)rand()) >> 12;
    struct hart *hart = &machine->hart[0];
    unsigned mapped = 0;

    assert_int_equal(rvemu_set_csr(machine, 0, CSR_SATP, satp), 0);
    hart->s.priv = PRIV_S;
    for (unsigned i = 0; i < TRIES; i++) {
        u64 va = random_va(levels), pa, wanted;
        bool is_mapped =
            mmu_probe(hart, va, RVEMU_ACCESS_LOAD, PRIV_S, &wanted);

        if (!is_mapped) { /* it may be malformed, and reach somewhere */
            struct rvemu_walk walk;

            rvemu_walk(machine, satp, va, &walk);
            if (walk.is_mapped)
                continue;
        }
        assert_int_equal(rvemu_translate(machine, satp, va, &pa) == 0,
                         is_mapped);
        if (is_mapped)
            assert_int_equal(pa, wanted);
        mapped += is_mapped;
        hart->c.raised = false;
    }
    return mapped;
}

static void as_a_hart_walks(void **state)
{
    srand(1);
    for (unsigned levels = 3; levels <= SATP_LEVELS_MAX; levels++) {
        rvemu *machine = make_machine();

        assert_in_range(compare(machine, levels), TRIES / 100, TRIES);
        rvemu_destroy(machine);
    }
}

static void bare_is_the_address_itself(void **state)
{
    rvemu *machine = make_machine();
    u64 pa;

    assert_int_equal(rvemu_translate(machine, 0, 0x123456789abcdef0, &pa), 0);
    assert_int_equal(pa, 0x123456789abcdef0);
    assert_int_equal(rvemu_translate(machine, 1ull << 60, 0, &pa), -1);
    assert_int_equal(rvemu_translate(machine, 15ull << 60, 0, &pa), -1);
    rvemu_destroy(machine);
}

static void tables_outside_ram_map_nothing(void **state)
{
    rvemu *machine = make_machine();
    const u64 pointer = 0x10000000 >> 2 | PTE_V;
    u64 pa;

    assert_int_equal(rvemu_translate(machine, 8ull << 60 | 0x10000, 0, &pa),
                     -1);
    assert_int_equal(rvemu_write_ram(machine, RAM, &pointer, 8), 0);
    assert_int_equal(rvemu_translate(machine, 8ull << 60 | RAM >> 12, 0, &pa),
                     -1);
    rvemu_destroy(machine);
}

/* What a report shows: each entry on the way, and the one that ends it. */
static void a_walk_names_its_entries(void **state)
{
    rvemu *machine = make_machine();
    const u64 satp = 9ull << 60 | table_pa(0) >> 12;
    const u64 va = 0x8040201000; /* entry 1 of each level */
    struct rvemu_walk walk;
    u64 entry;

    for (unsigned i = 0; i < 4; i++) {
        entry = table_pa(i + 1) >> 2 | (i == 3 ? LEAF : PTE_V);
        assert_int_equal(rvemu_write_ram(machine, table_pa(i) + 8, &entry, 8),
                         0);
    }
    rvemu_walk(machine, satp, va, &walk);
    assert_true(walk.is_mapped && !walk.is_off && !walk.is_outside);
    assert_int_equal(walk.count, 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(walk.entry[i].level, 3 - i);
        assert_int_equal(walk.entry[i].pa, table_pa(i) + 8);
        assert_int_equal(pte_target(walk.entry[i].pte), table_pa(i + 1));
    }
    entry = 0x1000 >> 2 | PTE_V; /* a table that is not in RAM */
    assert_int_equal(rvemu_write_ram(machine, table_pa(1) + 8, &entry, 8), 0);
    rvemu_walk(machine, satp, va, &walk);
    assert_true(!walk.is_mapped && walk.is_outside);
    assert_int_equal(walk.count, 3);
    assert_int_equal(walk.entry[2].pa, 0x1008);
    rvemu_walk(machine, satp, 1ull << 60, &walk);
    assert_true(!walk.is_mapped && !walk.is_off && !walk.count);
    rvemu_walk(machine, 0, va, &walk);
    assert_true(walk.is_off && !walk.count);
    rvemu_destroy(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_a_hart_walks),
        cmocka_unit_test(a_walk_names_its_entries),
        cmocka_unit_test(bare_is_the_address_itself),
        cmocka_unit_test(tables_outside_ram_map_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
