/*
 * Unit tests of the library (include/rvemu/rvemu.h) as its users see it: a
 * program in memory is loaded, stepped and looked at through public functions
 * only. What it should find is worked out here, from the program.
 */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rvemu/rvemu.h>

#define RAM 0x80000000u
#define RAM_BYTES (4u << 20)
#define FCSR 0x003
#define SATP 0x180
#define MSTATUS 0x300
#define MISA 0x301
#define MSCRATCH 0x340
#define MEPC 0x341
#define PMPCFG0 0x3a0
#define PMPADDR0 0x3b0
#define MHARTID 0xf14
#define NO_CSR 0x5c0
#define LOADED 0x100 /* from the start of RAM, where the program stores */

/* Eight instructions; the ROM's own come before them. */
static const uint32_t program[8] = {
    0x00000297, /* auipc t0, 0 */
    0x07b00313, /* li t1, 123 */
    0x34031073, /* csrw mscratch, t1 */
    0x1062a023, /* sw t1, 256(t0) */
    0x000063b7, /* lui t2, 6 */
    0x3003a073, /* csrs mstatus, t2: FS */
    0xf20300d3, /* fmv.d.x f1, t1 */
    0x0000006f, /* j . */
};

/* The program as an ELF file of one segment, at the start of RAM. */
struct file {
    Elf64_Ehdr head;
    Elf64_Phdr segment;
    uint32_t code[8];
};

static struct file make_file(const uint32_t code[8])
{
    struct file file = {
        .head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
                             ELFDATA2LSB, EV_CURRENT},
                 .e_type = ET_EXEC,
                 .e_machine = EM_RISCV,
                 .e_version = EV_CURRENT,
                 .e_entry = RAM,
                 .e_phoff = offsetof(struct file, segment),
                 .e_ehsize = sizeof(Elf64_Ehdr),
                 .e_phentsize = sizeof(Elf64_Phdr),
                 .e_phnum = 1},
        .segment = {.p_type = PT_LOAD,
                    .p_flags = PF_R | PF_X,
                    .p_offset = offsetof(struct file, code),
                    .p_vaddr = RAM,
                    .p_paddr = RAM,
                    .p_filesz = sizeof(program),
                    .p_memsz = sizeof(program)},
    };

    memcpy(file.code, code, sizeof(file.code));
    return file;
}

struct rig {
    rvemu *machine;
    struct rvemu_error error;
    struct rvemu_stop stop;
    unsigned events;
};

static int make(void **state)
{
    struct rig *rig = test_calloc(1, sizeof(*rig));
    const struct rvemu_config config = {.ram_bytes = RAM_BYTES};

    *state = rig;
    return rvemu_create(&config, &rig->machine, &rig->error);
}

static int drop(void **state)
{
    struct rig *rig = *state;

    rvemu_destroy(rig->machine);
    test_free(rig);
    return 0;
}

static int load_code(struct rig *rig, const uint32_t code[8])
{
    const struct file file = make_file(code);
    const struct rvemu_guest guest = {
        .as = RVEMU_AS_MACHINE,
        .image = {.data = &file, .size = sizeof(file)},
    };

    return rvemu_load(rig->machine, &guest, &rig->error);
}

static int load(struct rig *rig)
{
    return load_code(rig, program);
}

/* One step at a time, through the ROM, to the program's first instruction. */
static void reach_program(struct rig *rig)
{
    for (unsigned i = 0; i < 100; i++) {
        if (rvemu_pc(rig->machine, 0) == RAM)
            return;
        rvemu_run(rig->machine, 1, &rig->stop);
        assert_int_equal(rig->stop.reason, RVEMU_STOP_STEPS);
        assert_int_equal(rvemu_steps(rig->machine, 0), i + 1);
    }
    fail_msg("the program is not reached");
}

static void state_can_be_read_after_each_step(void **state)
{
    struct rig *rig = *state;
    uint64_t value, begin;

    assert_int_equal(load(rig), 0);
    assert_int_equal(rvemu_loaded_as(rig->machine), RVEMU_AS_MACHINE);
    reach_program(rig);
    begin = rvemu_retired(rig->machine, 0);
    for (unsigned i = 1; i <= 7; i++) {
        rvemu_run(rig->machine, 1, &rig->stop);
        assert_int_equal(rvemu_pc(rig->machine, 0), RAM + 4 * i);
        assert_int_equal(rvemu_retired(rig->machine, 0), begin + i);
        assert_int_equal(rvemu_x(rig->machine, 0, 6), i < 2 ? 0 : 123);
        assert_int_equal(rvemu_csr(rig->machine, 0, MSCRATCH, &value), 0);
        assert_int_equal(value, i < 3 ? 0 : 123);
        assert_int_equal(rvemu_f(rig->machine, 0, 1), i < 7 ? 0 : 123);
    }
    assert_int_equal(rvemu_x(rig->machine, 0, 5), RAM);
    assert_int_equal(rvemu_x(rig->machine, 0, 0), 0);
    assert_int_equal(rvemu_priv(rig->machine, 0), 3);
    assert_int_equal(rvemu_time(rig->machine), rvemu_steps(rig->machine, 0));
}

static void ram_is_read_within_its_bounds(void **state)
{
    struct rig *rig = *state;
    uint32_t word = 0;
    uint8_t byte;

    assert_int_equal(load(rig), 0);
    reach_program(rig);
    rvemu_run(rig->machine, 4, &rig->stop);
    assert_int_equal(rvemu_read_ram(rig->machine, RAM + LOADED, &word, 4), 0);
    assert_int_equal(word, 123);
    assert_int_equal(rvemu_read_ram(rig->machine, RAM, &word, 4), 0);
    assert_int_equal(word, program[0]);
    assert_int_equal(
        rvemu_read_ram(rig->machine, RAM + RAM_BYTES - 1, &byte, 1), 0);
    assert_int_equal(
        rvemu_read_ram(rig->machine, RAM + RAM_BYTES - 1, &word, 2), -1);
    assert_int_equal(rvemu_read_ram(rig->machine, RAM - 1, &byte, 1), -1);
    assert_int_equal(rvemu_read_ram(rig->machine, UINT64_MAX, &word, 4), -1);
}

static void what_is_not_there_is_refused(void **state)
{
    struct rig *rig = *state;
    uint64_t value;

    assert_int_equal(rvemu_csr(rig->machine, 0, NO_CSR, &value), -1);
    assert_int_equal(rvemu_csr(rig->machine, 0, 0x1000, &value), -1);
    assert_int_equal(load(rig), 0);
    assert_true(load(rig) < 0);
    assert_true(strlen(rig->error.text) > 0);
    assert_null(strchr(rig->error.text, '\n'));
}

static void count(void *self, const struct rvemu_event *event)
{
    struct rig *rig = self;

    rig->events++;
}

static void there_is_an_end_to_subscribers(void **state)
{
    struct rig *rig = *state;
    unsigned many = 0;

    while (many < 1000 &&
           !rvemu_subscribe(rig->machine, RVEMU_EVENT_BIT(trap), count, rig))
        many++;
    assert_in_range(many, 1, 999);
    assert_int_equal(load(rig), 0);
    rvemu_run(rig->machine, 1000, &rig->stop);
    assert_int_equal(rig->events, 0); /* the program takes no trap */
}

static void a_subscriber_can_leave(void **state)
{
    struct rig *rig = *state, other = {0};
    const rvemu_event_set kinds = RVEMU_EVENT_BIT(retire);

    assert_int_equal(load(rig), 0);
    assert_int_equal(rvemu_subscribe(rig->machine, kinds, count, rig), 0);
    assert_int_equal(rvemu_subscribe(rig->machine, kinds, count, &other), 0);
    rvemu_run(rig->machine, 10, &rig->stop);
    assert_int_equal(rvemu_unsubscribe(rig->machine, count, rig), 0);
    assert_int_equal(rvemu_unsubscribe(rig->machine, count, rig), -1);
    rvemu_run(rig->machine, 10, &rig->stop);
    assert_int_equal(rig->events, 10);
    assert_int_equal(other.events, 20);
    assert_int_equal(rvemu_unsubscribe(rig->machine, count, &other), 0);
    rvemu_run(rig->machine, 10, &rig->stop);
    assert_int_equal(other.events, 20);
}

/* The program is sent back to store another number. */
static void registers_can_be_written_between_runs(void **state)
{
    struct rig *rig = *state;
    uint32_t word = 0;

    assert_int_equal(load(rig), 0);
    reach_program(rig);
    rvemu_run(rig->machine, 7, &rig->stop);
    rvemu_set_x(rig->machine, 0, 6, 77);
    rvemu_set_x(rig->machine, 0, 0, 77);
    rvemu_set_f(rig->machine, 0, 31, 5);
    assert_int_equal(rvemu_f(rig->machine, 0, 31), 5);
    assert_int_equal(rvemu_x(rig->machine, 0, 0), 0);
    assert_int_equal(rvemu_set_pc(rig->machine, 0, RAM + 13), -1);
    assert_int_equal(rvemu_set_pc(rig->machine, 0, RAM + 12), 0);
    rvemu_run(rig->machine, 1, &rig->stop);
    assert_int_equal(rvemu_pc(rig->machine, 0), RAM + 16);
    assert_int_equal(rvemu_read_ram(rig->machine, RAM + LOADED, &word, 4), 0);
    assert_int_equal(word, 77);
}

static void csrs_keep_what_is_legal(void **state)
{
    struct rig *rig = *state;
    uint64_t value;

    assert_int_equal(rvemu_set_csr(rig->machine, 0, MSCRATCH, 9), 0);
    assert_int_equal(rvemu_csr(rig->machine, 0, MSCRATCH, &value), 0);
    assert_int_equal(value, 9);
    assert_int_equal(rvemu_set_csr(rig->machine, 0, MEPC, 7), 0);
    assert_int_equal(rvemu_csr(rig->machine, 0, MEPC, &value), 0);
    assert_int_equal(value, 6);
    assert_int_equal(rvemu_set_csr(rig->machine, 0, MHARTID, 1), -1);
    assert_int_equal(rvemu_set_csr(rig->machine, 0, NO_CSR, 1), -1);
    assert_int_equal(rvemu_set_csr(rig->machine, 0, 0x1000, 1), -1);
}

/* An instruction that was executed, and so decoded, is written over in the
 * middle of a doubleword. */
static void ram_can_be_written_between_runs(void **state)
{
    static const uint32_t li_t1_45 = 0x02d00313, nop = 0x00000013;
    struct rig *rig = *state;
    uint32_t word;

    assert_int_equal(load(rig), 0);
    reach_program(rig);
    rvemu_run(rig->machine, 8, &rig->stop);
    assert_int_equal(
        rvemu_write_ram(rig->machine, RAM + 4, &li_t1_45, sizeof(li_t1_45)), 0);
    assert_int_equal(rvemu_write_ram(rig->machine, RAM + 8, &nop, 4), 0);
    assert_int_equal(rvemu_read_ram(rig->machine, RAM, &word, 4), 0);
    assert_int_equal(word, program[0]);
    rvemu_set_pc(rig->machine, 0, RAM);
    rvemu_run(rig->machine, 4, &rig->stop);
    assert_int_equal(rvemu_x(rig->machine, 0, 6), 45);
    assert_int_equal(rvemu_read_ram(rig->machine, RAM + LOADED, &word, 4), 0);
    assert_int_equal(word, 45);
    assert_int_equal(
        rvemu_write_ram(rig->machine, RAM + RAM_BYTES - 2, &nop, 4), -1);
    assert_int_equal(rvemu_write_ram(rig->machine, RAM - 4, &nop, 8), -1);
}

static bool has_extension(const char *name)
{
    for (unsigned i = 0; rvemu_cpu_extension(i); i++)
        if (!strcmp(rvemu_cpu_extension(i), name))
            return true;
    return false;
}

static void names_of_what_there_is(void **state)
{
    struct rvemu_error error;

    assert_string_equal(rvemu_cpu_model(0), "rv64");
    assert_null(rvemu_cpu_model(1000));
    assert_true(has_extension("zba"));
    assert_false(has_extension("zca "));
    assert_string_equal(rvemu_csr_name(MSCRATCH), "mscratch");
    assert_null(rvemu_csr_name(NO_CSR));
    assert_int_equal(rvemu_cpu_check("rv64,zba=off", &error), 0);
    assert_int_equal(rvemu_cpu_check("rv64,v=on", &error), -1);
    assert_string_equal(error.text, "-cpu rv64,v=on: v is not supported");
}

/* The sum over all harts is what was asked for, and is machine time. */
static void steps_are_those_of_all_harts(void **state)
{
    const struct rvemu_config config = {
        .ram_bytes = RAM_BYTES, .harts = 3, .quantum = 64};
    struct rig rig = {0};
    uint64_t asked = 0;

    assert_int_equal(rvemu_create(&config, &rig.machine, &rig.error), 0);
    assert_int_equal(rvemu_harts(rig.machine), 3);
    assert_int_equal(load(&rig), 0);
    for (unsigned i = 1; i < 200; i++) {
        rvemu_run(rig.machine, i, &rig.stop);
        assert_int_equal(rig.stop.reason, RVEMU_STOP_STEPS);
        asked += i;
        assert_int_equal(rvemu_steps(rig.machine, 0) +
                             rvemu_steps(rig.machine, 1) +
                             rvemu_steps(rig.machine, 2),
                         asked);
        assert_int_equal(rvemu_time(rig.machine), asked);
    }
    for (unsigned hart = 0; hart < 3; hart++) {
        uint64_t id;

        assert_in_range(rvemu_steps(rig.machine, hart), asked / 3 - 64,
                        asked / 3 + 64);
        assert_int_equal(rvemu_pc(rig.machine, hart), RAM + 28);
        assert_int_equal(rvemu_x(rig.machine, hart, 10), hart);
        assert_int_equal(rvemu_csr(rig.machine, hart, MHARTID, &id), 0);
        assert_int_equal(id, hart);
    }
    rvemu_destroy(rig.machine);
}

/* Waits for a byte from the UART and notes when it came. */
static const uint32_t receiver[8] = {
    0x100002b7, /* lui t0, 0x10000 */
    0x00100313, /* li t1, 1 */
    0x006280a3, /* sb t1, 1(t0): IER */
    0x0052c383, /* lbu t2, 5(t0): LSR */
    0x0013f393, /* andi t2, t2, 1 */
    0xfe038ce3, /* beqz t2, .-8 */
    0xb02025f3, /* csrr a1, minstret */
    0x0000006f, /* j . */
};

static bool give_when_asked(void *self, uint64_t time, enum rvemu_ask ask,
                            uint64_t *next)
{
    const struct rvemu_input what = {
        .kind = RVEMU_INPUT_BYTES, .bytes = (const uint8_t *)"x", .count = 1};
    struct rig *rig = self;

    if (ask == RVEMU_ASK_NOW)
        rvemu_input(rig->machine, &what);
    return true;
}

/* When the byte comes to a machine that is run so many steps at a time. */
static uint64_t arrival(uint64_t piece)
{
    struct rig rig = {0};
    const struct rvemu_config config = {
        .ram_bytes = RAM_BYTES,
        .host = {.self = &rig, .poll = give_when_asked}};
    uint64_t at;

    assert_int_equal(rvemu_create(&config, &rig.machine, &rig.error), 0);
    assert_int_equal(load_code(&rig, receiver), 0);
    rvemu_input(rig.machine, &(struct rvemu_input){.kind = RVEMU_INPUT_FILE});
    for (uint64_t steps = 0; steps < 3000000; steps += piece)
        rvemu_run(rig.machine, piece, &rig.stop);
    assert_int_equal(rvemu_pc(rig.machine, 0), RAM + 28);
    at = rvemu_x(rig.machine, 0, 11);
    rvemu_destroy(rig.machine);
    return at;
}

static void pieces_do_not_change_when_input_comes(void **state)
{
    uint64_t whole = arrival(3000000);

    assert_int_equal(arrival(1000), whole);
    assert_int_equal(arrival(77777), whole);
}

static void a_machine_has_limits(void **state)
{
    static const struct rvemu_config wrong[] = {
        {.harts = 9},
        {.harts = 2, .quantum = 63},
        {.harts = 2, .quantum = 1000001},
        {.ram_bytes = RAM_BYTES + 1},
        {.hart.tlb.sets = 3},
        {.hart.tlb.sets = 2 * RVEMU_TLB_SETS_MAX},
        {.hart.tlb.ways = RVEMU_TLB_WAYS_MAX + 1},
        {.hart.tlb.walk_cache = RVEMU_TLB_WALK_CACHE_MAX + 1},
        {.hart.tlb.asid_bits_off = RVEMU_ASID_BITS_MAX + 1},
        {.hart.tlb.replace = RVEMU_TLB_REPLACES},
    };
    struct rvemu_error error;
    rvemu *machine;

    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_true(rvemu_create(&wrong[i], &machine, &error) < 0);
        assert_null(machine);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

/* Machines of one process need not be alike, and what cannot be is refused. */
static void a_cpu_is_chosen_for_each_machine(void **state)
{
    static const struct {
        const char *cpu;
        uint64_t misa;
    } table[] = {
        {NULL, 0x14112f}, {"rv64,f=off", 0x141107}, {"rv64i", 0x140100}};
    struct rvemu_config config = {.ram_bytes = RAM_BYTES};
    struct rvemu_error error;
    rvemu *machine[3];
    uint64_t misa;

    for (unsigned i = 0; i < 3; i++) {
        config.cpu = table[i].cpu;
        assert_int_equal(rvemu_create(&config, &machine[i], &error), 0);
    }
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(rvemu_csr(machine[i], 0, MISA, &misa), 0);
        assert_int_equal(misa, 2ull << 62 | table[i].misa);
        assert_int_equal(rvemu_csr(machine[i], 0, FCSR, &misa), i ? -1 : 0);
        rvemu_destroy(machine[i]);
    }
    config.cpu = "rv64,v=on";
    assert_int_equal(rvemu_create(&config, &machine[0], &error), -1);
    assert_string_equal(error.text, "-cpu rv64,v=on: v is not supported");
}

/* A load by MPRV, as S-mode: through a table of one gigapage. */
static void the_tlb_can_be_looked_at(void **state)
{
    const uint32_t code[8] = {0x0002b303 /* ld t1, 0(t0) */, 0x0000006f};
    const uint64_t satp = 8ull << 60 | 5ull << 44 | (RAM + 0x1000) >> 12;
    const uint64_t va = 0x40000108, pte = (uint64_t)RAM >> 2 | 0xcf;
    struct rvemu_tlb_entry entry;
    struct rig *rig = *state;

    assert_int_equal(load_code(rig, code), 0);
    reach_program(rig);
    assert_int_equal(rvemu_write_ram(rig->machine, RAM + 0x1008, &pte, 8), 0);
    assert_int_equal(rvemu_set_csr(rig->machine, 0, PMPADDR0, UINT64_MAX), 0);
    assert_int_equal(rvemu_set_csr(rig->machine, 0, PMPCFG0, 0x1f), 0);
    assert_int_equal(rvemu_set_csr(rig->machine, 0, SATP, satp), 0);
    assert_int_equal(
        rvemu_set_csr(rig->machine, 0, MSTATUS, 1u << 17 | 1u << 11), 0);
    rvemu_set_x(rig->machine, 0, 5, va);
    assert_false(rvemu_tlb_find(rig->machine, 0, satp, va, &entry));
    rvemu_run(rig->machine, 1, &rig->stop);
    assert_int_equal(rvemu_pc(rig->machine, 0), RAM + 4);
    assert_true(rvemu_tlb_find(rig->machine, 0, satp, va, &entry));
    assert_int_equal(entry.va, 0x40000000);
    assert_int_equal(entry.size, 1u << 30);
    assert_int_equal(entry.level, 2);
    assert_int_equal(entry.pte, pte);
    assert_int_equal(entry.pte_pa, RAM + 0x1008);
    assert_int_equal(entry.asid, 5);
    assert_false(entry.global);
    assert_false(
        rvemu_tlb_find(rig->machine, 0, satp + (1ull << 44), va, &entry));
    assert_false(rvemu_tlb_find(rig->machine, 0, satp, va << 1, &entry));
}

static void a_hart_that_waits_is_known(void **state)
{
    const uint32_t code[8] = {0x10500073 /* wfi */, 0};
    struct rvemu_trap last, first;
    struct rig *rig = *state;

    assert_int_equal(load_code(rig, code), 0);
    reach_program(rig);
    assert_false(rvemu_waits(rig->machine, 0));
    rvemu_run(rig->machine, 10, &rig->stop);
    assert_int_equal(rig->stop.reason, RVEMU_STOP_DEADLOCK);
    assert_true(rvemu_waits(rig->machine, 0));
    assert_int_equal(rvemu_turn(rig->machine), 0);
    assert_false(rvemu_is_looping(rig->machine, 0, &last, &first));
}

static void a_hart_that_only_traps_is_known(void **state)
{
    const uint32_t code[8] = {0x00000013, 0x00000013, 0};
    struct rvemu_trap last, first;
    struct rig *rig = *state;

    assert_int_equal(load_code(rig, code), 0);
    reach_program(rig);
    rvemu_run(rig->machine, 10, &rig->stop);
    assert_int_equal(rig->stop.reason, RVEMU_STOP_LOST);
    assert_true(rvemu_is_looping(rig->machine, 0, &last, &first));
    assert_int_equal(first.cause, 2);
    assert_int_equal(first.pc, RAM + 8);
    assert_int_equal(last.cause, 1);
    assert_int_equal(last.pc, 0);
    assert_int_equal(last.tval, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(state_can_be_read_after_each_step),
        TEST(ram_is_read_within_its_bounds),
        TEST(what_is_not_there_is_refused),
        TEST(there_is_an_end_to_subscribers),
        TEST(a_subscriber_can_leave),
        TEST(registers_can_be_written_between_runs),
        TEST(csrs_keep_what_is_legal),
        TEST(ram_can_be_written_between_runs),
        TEST(the_tlb_can_be_looked_at),
        TEST(a_hart_that_waits_is_known),
        TEST(a_hart_that_only_traps_is_known),
        cmocka_unit_test(names_of_what_there_is),
        cmocka_unit_test(steps_are_those_of_all_harts),
        cmocka_unit_test(pieces_do_not_change_when_input_comes),
        cmocka_unit_test(a_machine_has_limits),
        cmocka_unit_test(a_cpu_is_chosen_for_each_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
