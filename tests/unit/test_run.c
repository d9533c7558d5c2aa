/*
 * Unit test of three promises. Watching one kind of event changes no event of
 * another, and nothing that a guest can see. It does not matter in what
 * slices a hart is run. And the small arrays are a pure cache of the TLB.
 *
 * A random program, now in S-mode, now in U-mode, maps, unmaps, faults,
 * fences and switches spaces, calls M-mode, reserves, reaches for a device, and
 * a timer interrupts it. It runs with every
 * kind watched, with none, with each kind alone, with kinds that come and go,
 * and in slices down to a single step: the events of a kind are the same
 * wherever it is watched, and so are registers, memory and the TLB in the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hart_bench.h"
#include "hart/mmu/fetched.h"
#include "isa/csr.h"

#define ROOT BENCH_TABLE(3)
#define OTHER BENCH_TABLE(4)
#define MID BENCH_TABLE(2)
#define LOW(n) BENCH_TABLE(n) /* 0 and 1 */
#define CODE (BENCH_RAM + 0x100000)
#define HANDLER (BENCH_RAM + 0x110000)
#define FIRMWARE (BENCH_RAM + 0x120000)
#define DEVICE 0x10000000ull
#define DEVICE_VA 0xd0000000ull
#define HSM 0x48534d
#define LEAF (PTE_V | PTE_R | PTE_W)

#define INSTRUCTIONS 1500
#define RETURN_TO 700 /* the instruction that all functions return to */
#define STEPS 120000
#define PROGRAMS 5
#define NOP 0x00000013u
#define ENOUGH 100 /* events of each kind */

#define TABLE_KINDS                                               \
    (RVEMU_EVENT_BIT(pte_write) | RVEMU_EVENT_BIT(pte_found) |    \
     RVEMU_EVENT_BIT(root_lost) | RVEMU_EVENT_BIT(frame_copied) | \
     RVEMU_EVENT_BIT(alias_store))

/* Registers with a role, beside ra and sp; 5 and 6 are scratch, 30 and 31 the
 * handler's. */
enum {
    CODE_REG = 3, /* two instructions, and in the next register two others */
    LOW0_PTR = 8,
    LOW1_PTR = 9,
    ASID_REG = 7,
    MID_PTR = 11,
    OTHER_PTR = 12,
    NO_PTE = 13,
    SUM_REG = 14,
    WINDOWS = 15,  /* 0x80000000 ^ 0x40000000 */
    FUNCTION = 16, /* of the SBI, and the extension */
    EXTENSION = 17,
    FRAME_PTR = 18,
    DEVICE_PTR = 19,
    SATP_ONE = 28,
    SATP_TWO = 29,
    PTES = 20, /* to 27: entries to store */
};

struct record {
    struct rvemu_hash hash[RVEMU_EVENT_KINDS];
    unsigned interrupts, users; /* traps that were; traps from U-mode */
    u64 x[32], pc, steps, csr_hash, tlb_hash, ram_hash;
    u64 registers[4]; /* the device's */
    bool is_blind;    /* to what page_fault has of the TLB */
};

static u64 roll(u64 *dice)
{
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    return *dice >> 20;
}

static u32 load(unsigned rd, unsigned rs1, unsigned imm)
{
    return imm << 20 | rs1 << 15 | 3 << 12 | rd << 7 | 0x03;
}

static u32 store(unsigned rs2, unsigned rs1, unsigned imm)
{
    return (imm >> 5) << 25 | rs2 << 20 | rs1 << 15 | 3 << 12 |
           (imm & 31) << 7 | 0x23;
}

static u32 csr(unsigned funct3, unsigned number, unsigned rd, unsigned rs1)
{
    return number << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x73;
}

/* lui x5: one of 16 pages that share a set of the TLB, or nothing mapped. */
static u32 choose_page(u64 *dice)
{
    return (u32)(roll(dice) % 18) * 0x80 << 12 | 5 << 7 | 0x37;
}

/* The offset of an entry that one of those pages uses. */
static unsigned choose_entry(u64 *dice)
{
    return (unsigned)(roll(dice) & 1) * 1024;
}

static u32 choose_instruction(u64 *dice)
{
    unsigned pte = PTES + (unsigned)(roll(dice) & 7);

    switch (roll(dice) % 29) {
    case 0:
    case 1:
    case 2:
    case 3: return load(6, 5, (unsigned)(roll(dice) & 0x7f8));
    case 4:
    case 5:
    case 6: return store(6, 5, (unsigned)(roll(dice) & 0x7f8));
    case 7: /* amoadd.d x6, x14, (x5) */
        return SUM_REG << 20 | 5 << 15 | 3 << 12 | 6 << 7 | 0x2f;
    case 8:
    case 9: return store(pte, LOW0_PTR, choose_entry(dice));
    case 10: return store(pte, LOW1_PTR, choose_entry(dice));
    case 11: /* mostly pointers */
        if (roll(dice) & 3)
            pte = PTES + 6 + (pte & 1);
        return store(pte, MID_PTR, (unsigned)(roll(dice) & 3) * 8);
    case 12: return store(roll(dice) & 1 ? NO_PTE : 0, OTHER_PTR, 40);
    case 13: { /* sfence.vma, sinval.vma, or what is put round that */
        u64 which = roll(dice);

        if (!(which >> 1 & 15))
            return (0x180u | (which >> 5 & 1)) << 20 | 0x73;
        return (which >> 5 & 3 ? 9u : 11u) << 25 |
               (which & 1 ? ASID_REG : 0) << 20 |
               (roll(dice) & 3 ? 5 : 0) << 15 | 0x73;
    }
    case 14: return csr(1, 0x180, 0, roll(dice) & 1 ? SATP_ONE : SATP_TWO);
    case 15: return csr(roll(dice) & 1 ? 2 : 3, 0x100, 0, SUM_REG);
    case 16: /* the mark */
        return (u32)(roll(dice) & 0x3ff) << 20 | 10 << 15 | 2 << 12 | 0x13;
    case 17: return 0x00000073; /* ecall: to the other privilege */
    case 18: return store(6, FRAME_PTR, 8);
    case 19: /* addi a6, x0, a function of HSM */
        return (u32)(roll(dice) & 3) << 20 | FUNCTION << 7 | 0x13;
    case 20: return load(6, DEVICE_PTR, (unsigned)(roll(dice) & 0x18));
    case 21: return store(6, DEVICE_PTR, (unsigned)(roll(dice) & 0x18));
    case 22: /* lr.d x6, (x18) */
        return 2u << 27 | FRAME_PTR << 15 | 3 << 12 | 6 << 7 | 0x2f;
    case 23: /* sc.d x6, x14, (x18) */
        return 3u << 27 | SUM_REG << 20 | FRAME_PTR << 15 | 3 << 12 | 6 << 7 |
               0x2f;
    case 24: { /* code behind where functions return to, or fence.i */
        u64 which = roll(dice);

        if (which & 8)
            return choose_page(dice);
        return which & 6
                   ? store(CODE_REG + (which & 1), 1, 8 + (which & 0x30) / 2)
                   : 0x0000100f;
    }
    default: return choose_page(dice);
    }
}

static void write_code(struct bench *b, u64 dice)
{
    static const u32 handler[] = {
        0x14202ff3, /* csrr x31, scause */
        0x020fc863, /* bltz x31, timer */
        0x14102f73, /* csrr x30, sepc */
        0x004f0f13, /* addi x30, x30, 4 */
        0xff8f8f93, /* addi x31, x31, -8: ecall is 0 or 1 now */
        0x002fbf93, /* sltiu x31, x31, 2 */
        0x000f8a63, /* beqz x31, back */
        0x00ff4f33, /* xor x30, x30, x15: to the other window */
        0x10002ff3, /* csrr x31, sstatus */
        0x100fcf93, /* xori x31, x31, SPP */
        0x100f9073, /* csrw sstatus, x31 */
        0x141f1073, /* back: csrw sepc, x30 */
        0x10200073, /* sret */
        0x10500073, /* timer: wfi, which ends at once */
        0xc0102ff3, /* csrr x31, time */
        0x007f8f93, /* addi x31, x31, 7 */
        0x14df9073, /* csrw stimecmp, x31 */
        0x10200073, /* sret */
    };
    static const u32 firmware[] = {
        0x34102f73, /* csrr x30, mepc */
        0x004f0f13, /* addi x30, x30, 4 */
        0x008f7f93, /* andi x31, x30, 8 */
        0x000f8a63, /* beqz x31, back */
        0x00ff4f33, /* xor x30, x30, x15: to the other window, as a user */
        0x00002fb7, /* lui x31, 2 */
        0x800f8f93, /* addi x31, x31, -2048: MPP */
        0x300fb073, /* csrc mstatus, x31 */
        0x341f1073, /* back: csrw mepc, x30 */
        0x30200073, /* mret */
    };
    u32 *code = (u32 *)ram_host(&b->bus.ram, CODE);
    u32 back = 0u - INSTRUCTIONS * 4;

    for (unsigned i = 0; i < INSTRUCTIONS; i++)
        code[i] = choose_instruction(&dice);
    for (unsigned i = 2; i < 10; i++)
        code[RETURN_TO + i] = NOP;
    code[INSTRUCTIONS] = (back >> 20 & 1) << 31 | (back >> 1 & 0x3ff) << 21 |
                         (back >> 11 & 1) << 20 | (back >> 12 & 0xff) << 12 |
                         0x6f;
    memcpy(ram_host(&b->bus.ram, HANDLER), handler, sizeof(handler));
    memcpy(ram_host(&b->bus.ram, FIRMWARE), firmware, sizeof(firmware));
}

/* A device that keeps what is written to it, but for its last register, which
 * it refuses. */
static bool device_read(void *device, u64 offset, unsigned size, u64 *value)
{
    *value = ((u64 *)device)[offset / 8];
    return offset < 24;
}

static bool device_write(void *device, u64 offset, unsigned size, u64 value)
{
    ((u64 *)device)[offset / 8] = value;
    return offset < 24;
}

static void add_device(struct bench *b, u64 registers[4])
{
    static const struct mmio_ops ops = {device_read, device_write};

    memset(registers, 0, 4 * sizeof(registers[0]));
    bus_add(&b->bus, &(struct bus_range){.base = DEVICE,
                                         .size = PAGE_SIZE,
                                         .ops = &ops,
                                         .device = registers,
                                         .name = "device"});
}

/* Two roots. Both have the same gigapage for code and tables, and at half its
 * address one where a user may run the same code; and the same pages below,
 * but for what OTHER loses in between. */
static void write_tables(struct bench *b)
{
    u64 giga = bench_pte(BENCH_RAM, LEAF | PTE_X | PTE_A | PTE_D | PTE_G);

    bench_store(b, ROOT + 16, giga);
    bench_store(b, OTHER + 16, giga);
    bench_store(b, ROOT + 8, giga | PTE_U);
    bench_store(b, OTHER + 8, giga | PTE_U);
    bench_store(b, ROOT + 24, bench_pte(0, LEAF | PTE_A | PTE_D));
    bench_store(b, OTHER + 24, bench_pte(0, LEAF | PTE_A | PTE_D));
    bench_store(b, ROOT, bench_pte(MID, PTE_V));
    bench_store(b, OTHER, bench_pte(MID, PTE_V));
    for (unsigned i = 0; i < 4; i++) {
        bench_store(b, MID + 8 * i, bench_pte(LOW(i & 1), PTE_V));
        bench_store(b, LOW(0) + 1024 * i, bench_pte(BENCH_FRAME(i), LEAF));
        bench_store(b, LOW(1) + 1024 * i, bench_pte(BENCH_FRAME(i + 4), LEAF));
    }
}

static void set_registers(struct hart *h)
{
    const u64 pte[8] = {
        0,
        bench_pte(BENCH_FRAME(8), LEAF),
        bench_pte(BENCH_FRAME(9), LEAF | PTE_A | PTE_U),
        bench_pte(BENCH_FRAME(10), LEAF | PTE_A | PTE_D),
        bench_pte(BENCH_FRAME(9), PTE_V | PTE_R | PTE_U),
        bench_pte(BENCH_FRAME(11), LEAF | PTE_U | PTE_A | PTE_D),
        bench_pte(LOW(0), PTE_V), /* in a leaf's place: no leaf */
        bench_pte(LOW(1), PTE_V),
    };

    memcpy(&h->s.x[PTES], pte, sizeof(pte));
    h->s.x[LOW0_PTR] = LOW(0);
    h->s.x[LOW1_PTR] = LOW(1);
    h->s.x[MID_PTR] = MID;
    h->s.x[OTHER_PTR] = OTHER;
    h->s.x[FRAME_PTR] = BENCH_FRAME(9);
    h->s.x[NO_PTE] = 0x6162636465666768;
    h->s.x[SUM_REG] = MSTATUS_SUM;
    h->s.x[ASID_REG] = 2;
    h->s.x[SATP_ONE] = 8ull << 60 | 1ull << 44 | ROOT >> 12;
    h->s.x[SATP_TWO] = 8ull << 60 | 2ull << 44 | OTHER >> 12;
    h->s.x[WINDOWS] = 0xc0000000;
    h->s.x[DEVICE_PTR] = DEVICE_VA;
    h->s.x[EXTENSION] = HSM;
    h->s.x[10] = 1u << 31; /* a suspension that keeps nothing */
    h->s.x[6] = 1;
    h->s.x[1] = CODE + 4 * RETURN_TO;
    h->s.x[2] = 0x1234560;
    h->s.x[CODE_REG] = (u64)NOP << 32 | NOP;
    h->s.x[CODE_REG + 1] = (u64)NOP << 32 | NOP | 1u << 20;
}

/* Instructions here and there are probed, as functions that all return to one
 * place: a probe, too. */
static void set_probes(struct bench *b)
{
    for (unsigned i = 3; i < INSTRUCTIONS; i += 17)
        assert_true(probes_add(&b->probes, CODE + 4 * i, i % 2));
    assert_true(probes_add(&b->probes, CODE + 4 * RETURN_TO, false));
}

static void set_up(struct bench *b, u64 dice)
{
    struct hart *h = &b->hart;

    write_tables(b);
    write_code(b, dice);
    hart_reset(h, CODE);
    bench_open_pmp(b);
    set_registers(h);
    set_probes(b);
    h->s.csr.medeleg = 0xb1ff; /* all but the ecall from S-mode */
    h->s.csr.mtvec = FIRMWARE;
    h->s.csr.stvec = HANDLER;
    h->s.csr.satp = h->s.x[SATP_ONE];
    h->s.csr.mcounteren = 2;
    h->s.csr.mideleg = h->s.csr.mie = 1 << INT_STI;
    h->s.csr.menvcfg |= MENVCFG_STCE;
    assert_true(bench_csr_write(b, CSR_stimecmp, 3));
    bench_set_mode(b, PRIV_S, h->s.csr.mstatus | MSTATUS_SIE);
}

static u64 hash_bytes(const void *data, size_t size)
{
    const u8 *p = data;
    u64 hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ p[i]) * 0x100000001b3;
    return hash;
}

static u64 hash_tlb(const struct tlb *tlb)
{
    size_t size;
    const void *state = tlb_state(tlb, &size);

    return hash_bytes(state, size);
}

static void keep_event(void *arg, const struct rvemu_event *event)
{
    struct record *record = arg;
    struct rvemu_event seen = *event;

    if (record->is_blind && event->kind == RVEMU_EVENT_page_fault) {
        seen.page_fault.from_tlb = 0;
        seen.page_fault.pte_pa = 0;
        seen.page_fault.pte &= ~(u64)(PTE_A | PTE_D);
    }
    rvemu_hash_event(&record->hash[event->kind], &seen);
    if (event->kind == RVEMU_EVENT_trap)
        record->interrupts += event->trap.cause >> 63;
    if (event->kind == RVEMU_EVENT_trap)
        record->users += event->priv == PRIV_U;
}

static void watch(struct bench *b, rvemu_event_set kinds)
{
    trace_deliver(&b->trace);
    b->trace.subscriber[0].of.kinds = kinds;
    trace_rewire(&b->trace);
    tables_watch(b->tables, (kinds & TABLE_KINDS) != 0);
    suspects_watch(b->suspects, (kinds & RVEMU_EVENT_BIT(stale_use)) != 0);
    fetched_watch(&b->siblings, (kinds & RVEMU_EVENT_BIT(stale_fetch)) != 0);
    fetch_drop_code(&b->siblings);
}

static void keep_end(struct record *record, struct bench *b)
{
    memcpy(record->x, b->hart.s.x, sizeof(record->x));
    record->pc = b->hart.s.pc;
    record->steps = hart_steps(&b->hart);
    record->csr_hash = hash_bytes(&b->hart.s.csr, sizeof(b->hart.s.csr));
    record->tlb_hash = hash_tlb(&b->hart.tlb);
    record->ram_hash =
        hash_bytes(ram_host(&b->bus.ram, BENCH_TABLE(0)), 5 * PAGE_SIZE) ^
        hash_bytes(ram_host(&b->bus.ram, BENCH_FRAME(0)), 12 * PAGE_SIZE);
}

static struct bench *begin(struct record *record, u64 dice)
{
    struct bench *b;
    void *state;

    assert_int_equal(bench_setup(&state), 0);
    b = state;
    memset(record, 0, sizeof(*record));
    b->trace.subscriber[0].of.call = keep_event;
    b->trace.subscriber[0].of.arg = record;
    add_device(b, record->registers);
    set_up(b, dice);
    return b;
}

/* Runs the program; kinds[i] are watched in the i-th quarter. */
static void run(struct record *record, u64 dice, const rvemu_event_set kinds[4])
{
    struct bench *b = begin(record, dice);
    void *state = b;

    for (unsigned i = 0; i < 4; i++) {
        watch(b, kinds[i]);
        assert_int_equal(bench_run(b, STEPS / 4), HART_SLICE_OVER);
    }
    keep_end(record, b);
    bench_teardown(&state);
}

/* The same, all watched, in slices of 1 to `longest` steps. */
static void run_in_slices(struct record *record, u64 dice, unsigned longest)
{
    struct bench *b = begin(record, dice);
    void *state = b;
    u64 left = STEPS, steps;

    watch(b, ~0ull);
    for (; left; left -= steps) {
        steps = 1 + roll(&dice) % longest;
        steps = steps < left ? steps : left;
        assert_int_equal(bench_run(b, steps), HART_SLICE_OVER);
    }
    keep_end(record, b);
    bench_teardown(&state);
}

static void expect_same_end(const struct record *a, const struct record *b)
{
    assert_memory_equal(a->x, b->x, sizeof(a->x));
    assert_int_equal(a->pc, b->pc);
    assert_int_equal(a->steps, b->steps);
    assert_int_equal(a->csr_hash, b->csr_hash);
    assert_int_equal(a->tlb_hash, b->tlb_hash);
    assert_int_equal(a->ram_hash, b->ram_hash);
    assert_memory_equal(a->registers, b->registers, sizeof(a->registers));
}

static void expect_same_events(const struct record *a, const struct record *b,
                               unsigned kind)
{
    if (rvemu_hash_value(&a->hash[kind]) != rvemu_hash_value(&b->hash[kind]))
        fail_msg("%s: %lu events, or %lu when run otherwise",
                 rvemu_event_info(kind)->name, a->hash[kind].events,
                 b->hash[kind].events);
}

#define ALL_KINDS (~(rvemu_event_set)0)

static const rvemu_event_set everything[4] = {ALL_KINDS, ALL_KINDS, ALL_KINDS,
                                              ALL_KINDS};

/* What is made outside of harts: test_events.c has whole machines for it. */
#define MACHINE_KINDS \
    (RVEMU_EVENT_BIT(plic) | RVEMU_EVENT_BIT(console) | RVEMU_EVENT_BIT(idle))

/* Programs that show nothing prove nothing. */
static void the_programs_do_everything(void **state)
{
    u64 events[RVEMU_EVENT_KINDS] = {0};
    struct record record;

    for (u64 dice = 1; dice <= PROGRAMS; dice++) {
        run(&record, dice * 0x9e3779b97f4a7c15, everything);
        assert_in_range(record.interrupts, 50, STEPS / 500);
        assert_in_range(record.users, 1000, STEPS);
        for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++)
            events[kind] += record.hash[kind].events;
    }
    for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++)
        if (!(MACHINE_KINDS >> kind & 1) && events[kind] < ENOUGH)
            fail_msg("%s: %lu events", rvemu_event_info(kind)->name,
                     events[kind]);
}

static void each_kind_alone_is_as_among_all(void **state)
{
    static const rvemu_event_set nothing[4];
    struct record all, one;

    for (u64 dice = 1; dice <= PROGRAMS; dice++) {
        run(&all, dice * 0x9e3779b97f4a7c15, everything);
        run(&one, dice * 0x9e3779b97f4a7c15, nothing);
        expect_same_end(&all, &one);
        for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++) {
            rvemu_event_set bit = RVEMU_EVENT_SET(kind);

            run(&one, dice * 0x9e3779b97f4a7c15,
                (const rvemu_event_set[]){bit, bit, bit, bit});
            expect_same_end(&all, &one);
            expect_same_events(&all, &one, kind);
        }
    }
}

/* Traps are watched throughout; the rest is not there, there, gone, there. */
static void kinds_may_come_and_go(void **state)
{
    static const rvemu_event_set traps =
        RVEMU_EVENT_BIT(trap) | RVEMU_EVENT_BIT(tlb_fill);
    const rvemu_event_set changing[4] = {traps, ALL_KINDS, traps, ALL_KINDS};
    struct record all, some;

    for (u64 dice = 1; dice <= PROGRAMS; dice++) {
        run(&all, dice * 0x9e3779b97f4a7c15, everything);
        run(&some, dice * 0x9e3779b97f4a7c15, changing);
        expect_same_end(&all, &some);
        expect_same_events(&all, &some, RVEMU_EVENT_trap);
        expect_same_events(&all, &some, RVEMU_EVENT_tlb_fill);
    }
}

static void slices_may_have_any_length(void **state)
{
    static const unsigned longest[] = {1, 2, 7, 64, 1000};
    struct record all, sliced;

    for (u64 dice = 1; dice <= PROGRAMS; dice++) {
        run(&all, dice * 0x9e3779b97f4a7c15, everything);
        for (unsigned i = 0; i < sizeof(longest) / sizeof(*longest); i++) {
            run_in_slices(&sliced, dice * 0x9e3779b97f4a7c15, longest[i]);
            expect_same_end(&all, &sliced);
            for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++)
                expect_same_events(&all, &sliced, kind);
        }
    }
}

/* Before every step the small arrays are emptied: each access and new page
 * then asks the TLB, and finds what the arrays would have said. */
static void small_arrays_change_nothing(void **state)
{
    struct record all, bare;

    for (u64 dice = 1; dice <= PROGRAMS; dice++) {
        struct bench *b = begin(&bare, dice * 0x9e3779b97f4a7c15);
        void *mine = b;

        run(&all, dice * 0x9e3779b97f4a7c15, everything);
        watch(b, ~0ull);
        for (unsigned i = 0; i < STEPS; i++) {
            contexts_clear(&b->hart.c.contexts);
            bench_run(b, 1);
        }
        keep_end(&bare, b);
        bench_teardown(&mine);
        expect_same_end(&all, &bare);
        for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++)
            expect_same_events(&all, &bare, kind);
    }
}

#define TLB_KINDS                                             \
    (RVEMU_EVENT_BIT(tlb_fill) | RVEMU_EVENT_BIT(tlb_evict) | \
     RVEMU_EVENT_BIT(tlb_flush))

/* Fences all behind each store to a table that may follow. */
static void add_fences(struct bench *b)
{
    u32 *code = (u32 *)ram_host(&b->bus.ram, CODE);

    for (unsigned i = 0; i < INSTRUCTIONS - 1; i++) {
        unsigned base = code[i] >> 15 & 31;

        if ((code[i] & 0x707f) == 0x3023 &&
            (base == LOW0_PTR || base == LOW1_PTR || base == MID_PTR ||
             base == OTHER_PTR))
            code[++i] = 0x12000073; /* sfence.vma */
    }
}

/* Runs a program that fences as it should, with such a TLB. Of what refuses an
 * access it is not kept whether the TLB has it, nor what another space has to
 * do with: A and D, which the entry in memory gets without the cached one, and
 * whose entry it is that is global. */
static void run_fenced(struct record *record, u64 dice,
                       const struct tlb_geometry *geometry)
{
    struct bench *b = begin(record, dice);
    void *state = b;

    tlb_fini(&b->hart.tlb);
    contexts_fini(&b->hart.c.contexts);
    assert_int_equal(tlb_init(&b->hart.tlb, geometry), 0);
    assert_int_equal(contexts_init(&b->hart.c.contexts, b->hart.tlb.entries),
                     0);
    hart_update_context(&b->hart);
    add_fences(b);
    record->is_blind = true;
    watch(b, ALL_KINDS);
    assert_int_equal(bench_run(b, STEPS), HART_SLICE_OVER);
    keep_end(record, b);
    bench_teardown(&state);
}

/* For a guest that forgets no fence the TLB is not there. */
static void another_tlb_changes_its_own_events_alone(void **state)
{
    static const struct tlb_geometry small = {
        .of = {{2, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}};
    struct record usual, other;

    for (u64 dice = 1; dice <= PROGRAMS; dice++) {
        run_fenced(&usual, dice * 0x9e3779b97f4a7c15, &tlb_default);
        run_fenced(&other, dice * 0x9e3779b97f4a7c15, &small);
        assert_int_equal(usual.pc, other.pc);
        assert_memory_equal(usual.x, other.x, sizeof(usual.x));
        assert_int_equal(usual.ram_hash, other.ram_hash);
        for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++)
            if (!(TLB_KINDS >> kind & 1))
                expect_same_events(&usual, &other, kind);
        assert_true(other.hash[RVEMU_EVENT_tlb_fill].events >
                    usual.hash[RVEMU_EVENT_tlb_fill].events + ENOUGH);
        assert_int_equal(usual.hash[RVEMU_EVENT_stale_use].events, 0);
        assert_true(usual.hash[RVEMU_EVENT_page_fault].events > ENOUGH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_programs_do_everything),
        cmocka_unit_test(each_kind_alone_is_as_among_all),
        cmocka_unit_test(kinds_may_come_and_go),
        cmocka_unit_test(slices_may_have_any_length),
        cmocka_unit_test(small_arrays_change_nothing),
        cmocka_unit_test(another_tlb_changes_its_own_events_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
