/* A hart on the bench; see hart_bench.h. */
#include "hart_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hart/system/csr.h"
#include "hart/mmu/mem.h"

/* 10 MHz, from wherever the test set it. */
static u64 read_time(void *source)
{
    struct bench *b = source;

    return b->time + clock_now(&b->clock) / 100;
}

static bool timer_due(void *source, unsigned id, u64 compare, u64 *changes)
{
    u64 ticks = compare - ((struct bench *)source)->time;

    *changes = CLOCK_NEVER;
    if (read_time(source) >= compare)
        return true;
    if (ticks < CLOCK_NEVER / 100)
        *changes = ticks * 100;
    return false;
}

static void keep_event(void *arg, const struct rvemu_event *event)
{
    struct bench *b = arg;

    if (b->events < BENCH_EVENTS_MAX)
        b->event[b->events++] = *event;
}

void bench_open_pmp(struct bench *b)
{
    pmp_reset(&b->hart.pmp, true);
    pmp_write_addr(&b->hart.pmp, PMP_ENTRIES - 1, ~0ull);
    pmp_write_cfg(&b->hart.pmp, PMP_ENTRIES - 8, 0x1full << 56);
}

struct hart_wiring bench_wiring(struct bench *b, unsigned id)
{
    return (struct hart_wiring){
        .id = id,
        .siblings = &b->siblings,
        .read_time = read_time,
        .timer_due = timer_due,
        .time_source = b,
        .isa = EXT_DEFAULT,
    };
}

int bench_setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    struct hart_wiring wiring;
    struct rvemu_error error;

    if (!b || bus_init(&b->bus, BENCH_RAM, BENCH_RAM_SIZE, &error) < 0)
        return -1;
    clock_init(&b->clock);
    b->decoder = decoder_new(EXT_DEFAULT);
    b->blocks = blocks_new(&b->bus, b->decoder, &b->probes, &b->changes,
                           interp_engine.prepare);
    b->tables = tables_new(&b->siblings);
    b->suspects = suspects_new(&b->siblings);
    b->siblings = (struct siblings){.bus = &b->bus,
                                    .clock = &b->clock,
                                    .trace = &b->trace,
                                    .blocks = b->blocks,
                                    .tables = b->tables,
                                    .suspects = b->suspects,
                                    .probes = &b->probes,
                                    .changes = &b->changes,
                                    .watches = &b->watches,
                                    .engine = &interp_engine};
    wiring = bench_wiring(b, 0);
    if (!b->decoder || !b->blocks || !b->tables || !b->suspects ||
        hart_init(&b->hart, &wiring, &error) < 0)
        return -1;
    trace_subscribe(&b->trace,
                    &(struct rvemu_subscription){.call = keep_event, .arg = b});
    hart_reset(&b->hart, BENCH_RAM);
    bench_open_pmp(b);
    *state = b;
    return 0;
}

int bench_teardown(void **state)
{
    struct bench *b = *state;

    hart_fini(&b->hart);
    tables_free(b->tables);
    suspects_free(b->suspects);
    probes_free(&b->probes);
    changes_free(&b->changes);
    watches_free(&b->watches);
    blocks_free(b->blocks);
    decoder_free(b->decoder);
    bus_fini(&b->bus);
    free(b);
    return 0;
}

void bench_watch(struct bench *b, rvemu_event_set kinds)
{
    bench_forget(b);
    b->trace.subscriber[0].of.kinds = kinds;
    trace_rewire(&b->trace);
}

void bench_collect(struct bench *b)
{
    trace_deliver(&b->trace);
}

void bench_forget(struct bench *b)
{
    trace_deliver(&b->trace);
    b->events = 0;
}

u64 bench_load(struct bench *b, u64 pa)
{
    u64 value;

    memcpy(&value, ram_host(&b->bus.ram, pa), 8);
    return value;
}

void bench_store(struct bench *b, u64 pa, u64 value)
{
    memcpy(ram_host(&b->bus.ram, pa), &value, 8);
}

u64 bench_pte(u64 pa, u64 flags)
{
    return pa >> 12 << 10 | flags;
}

u64 bench_pte_pa(unsigned level)
{
    return BENCH_TABLE(level) + (BENCH_VA >> (12 + 9 * level) & 511) * 8;
}

void bench_build_tables(struct bench *b, unsigned levels, unsigned level)
{
    u64 mode = levels + 5;
    unsigned i;

    memset(ram_host(&b->bus.ram, BENCH_TABLE(0)), 0, 5 * PAGE_SIZE);
    for (i = level + 1; i < levels; i++)
        bench_store(b, bench_pte_pa(i), bench_pte(BENCH_TABLE(i - 1), PTE_V));
    b->hart.s.csr.satp =
        mode << 60 | (u64)BENCH_ASID << 44 | BENCH_TABLE(levels - 1) >> 12;
    hart_update_context(&b->hart);
}

void bench_set_mode(struct bench *b, unsigned priv, u64 status)
{
    b->hart.s.priv = (u8)priv;
    b->hart.s.csr.mstatus = status;
    hart_update_context(&b->hart);
}

/* One instruction of a block of one. */
static const struct insn *place(struct bench *b, const struct insn *in)
{
    struct block *block = b->hart.c.single;

    block->insn[0] = *in;
    block->count = 1;
    b->hart.c.block = block;
    b->hart.c.raised = false;
    return &block->insn[0];
}

/* A body also returns false when it only wants the block to be left. */
static bool finish(struct bench *b)
{
    b->hart.c.in = NULL;
    return !b->hart.c.raised;
}

bool bench_access_load(struct bench *b, u64 va, unsigned size, u64 *value)
{
    const struct insn in = {.op = OP_ld, .len = 4};
    mem_load_slow(&b->hart, place(b, &in), va, size, value);
    return finish(b);
}

bool bench_access_store(struct bench *b, u64 va, unsigned size, u64 value)
{
    const struct insn in = {.op = OP_sd, .len = 4};
    mem_store_slow(&b->hart, place(b, &in), va, size, value);
    return finish(b);
}

/* va in x7, the operand in x6, the result in x5. */
static const struct insn *place_atomic(struct bench *b, u64 va, u64 value)
{
    const struct insn in = {
        .op = OP_amoadd_d, .rd = 5, .rs1 = 7, .rs2 = 6, .len = 4};

    b->hart.s.x[5] = 0x5555;
    b->hart.s.x[6] = value;
    b->hart.s.x[7] = va;
    return place(b, &in);
}

bool bench_access_lr(struct bench *b, u64 va, unsigned size)
{
    mem_lr(&b->hart, place_atomic(b, va, 0), size);
    return finish(b);
}

bool bench_access_sc(struct bench *b, u64 va, unsigned size, u64 value)
{
    mem_sc(&b->hart, place_atomic(b, va, value), size);
    return finish(b);
}

static u64 add(u64 old, u64 operand)
{
    return old + operand;
}

bool bench_access_amo(struct bench *b, u64 va, unsigned size, u64 value)
{
    mem_amo(&b->hart, place_atomic(b, va, value), size, add);
    return finish(b);
}

bool bench_execute(struct bench *b, bench_body *body, u32 raw)
{
    struct insn in;

    insn_decode(b->decoder, raw, &in);
    body(&b->hart, place(b, &in));
    return finish(b);
}

void bench_code(struct bench *b, u64 pa, const u32 *code, unsigned count)
{
    memcpy(ram_host(&b->bus.ram, pa), code, 4ull * count);
    fetch_drop_code(&b->siblings);
    b->hart.s.pc = pa;
    hart_drop_fetch(&b->hart);
}

static u64 progress(void *hart)
{
    return hart_progress(hart);
}

static void cut(void *hart)
{
    hart_cut(hart);
}

static enum hart_exit run_slice(struct bench *b, u64 steps)
{
    const struct clock_runner runner = {progress, cut, &b->hart};
    u64 before = hart_steps(&b->hart);
    enum hart_exit exit;

    b->clock.runner = &runner;
    exit = hart_run(&b->hart, steps);
    b->clock.runner = NULL;
    clock_advance(&b->clock, b->clock.s.now + (hart_steps(&b->hart) - before));
    return exit;
}

enum hart_exit bench_run(struct bench *b, u64 steps)
{
    u64 end = hart_steps(&b->hart) + steps;
    enum hart_exit exit = HART_SLICE_OVER;

    while (exit == HART_SLICE_OVER && hart_steps(&b->hart) < end) {
        u64 most = clock_next(&b->clock) - b->clock.s.now;

        steps = end - hart_steps(&b->hart);
        exit = run_slice(b, steps < most ? steps : most);
    }
    trace_deliver(&b->trace);
    return exit;
}

/* The body alone, as a block would run it, with its flags put away. */
static bool csr(struct bench *b, unsigned number, enum csr_action action,
                u64 operand, bool writes)
{
    const struct insn in = {
        .op = OP_csrrw, .rd = 5, .len = 4, .imm = (i32)number};
    struct hart *h = &b->hart;
    bool illegal;

    csr_access(h, place(b, &in), action, operand, true, writes);
    illegal = h->c.raised;
    h->c.raised = false;
    h->c.attention = false;
    h->c.in = NULL;
    return !illegal;
}

bool bench_csr_write(struct bench *b, unsigned number, u64 value)
{
    return csr(b, number, CSR_SWAP, value, true);
}

bool bench_csr_read(struct bench *b, unsigned number, u64 *value)
{
    bool done = csr(b, number, CSR_SET, 0, false);

    *value = b->hart.s.x[5];
    return done;
}
