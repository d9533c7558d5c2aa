/*
 * What the generator's programs make emu do, counted from its events.
 *
 *     counts FIRST END -cpu CPU -bios none -kernel IMAGE
 *
 * runs an M-mode image as emu runs it with these options, writes its console to
 * standard output and then lines of a kind, what was counted, and how often:
 *
 *     row NAME N                retired by a row of rv64.def
 *     taken NAME N              of these, branches that were taken
 *     csr NAME N                retired accesses to a CSR
 *     refused NAME PRIV N       illegal there, though it is a row's encoding
 *     trap CAUSE PRIV N         traps, by the privilege that they leave
 *     fault REASON LEVEL N      translations refused
 *     fill ACCESS LEVEL N       walks that found a leaf
 *     napot ACCESS N            of these, leaves of NAPOT ranges
 *
 * Instructions count between FIRST and END only (physical addresses, which
 * code has at one of its aliases, too: layout.py); the rest counts wherever it
 * happens.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <rvemu/rvemu.h>
#include <rvemu/trace.h>

#include "hart/mmu/mmu.h"
#include "isa/csr.h"
#include "isa/rows.h"

#define LEVELS 5
#define CAUSES 64
#define ALIAS_BITS 30 /* of an address, that are the same at any alias */
#define RAM 2         /* the bits above them, at the code's own address */
#define U_ALIAS 6     /* and at U-mode's */

struct coverage {
    struct decoder *decoder;
    u64 first, end;
    u16 rvc_row[1 << 16]; /* by encoding; rvc_row_count: none */
    u64 *insn;            /* by op */
    u64 *taken;
    u64 *rvc;
    u64 *rvc_taken;
    u64 csr[4096];
    u64 (*refused)[4]; /* by op and privilege */
    u64 trap[2][CAUSES][4];
    u64 fault[RVEMU_REASONS][LEVELS];
    u64 fill[RVEMU_ACCESSES][LEVELS];
    u64 napot[RVEMU_ACCESSES];
    u64 *branch; /* to count if the next one is not at branch_next */
    u64 branch_next;
};

static bool is_program(const struct coverage *c, u64 pc)
{
    u64 pa = (pc & ((1ull << ALIAS_BITS) - 1)) | (u64)RAM << ALIAS_BITS;
    u64 alias = pc >> ALIAS_BITS;

    return (alias == RAM || alias == U_ALIAS) && pa >= c->first && pa < c->end;
}

static void settle_branch(struct coverage *c, u64 pc)
{
    if (c->branch && pc != c->branch_next)
        (*c->branch)++;
    c->branch = NULL;
}

static void count_retired(struct coverage *c, u64 pc, u32 raw)
{
    struct insn in;
    unsigned row;
    bool branch;

    if (!is_program(c, pc))
        return;
    insn_decode(c->decoder, raw, &in);
    row = c->rvc_row[(u16)raw];
    branch = op_info[in.op].format == FORMAT_B;
    if (in.len == 2)
        c->rvc[row]++;
    else
        c->insn[in.op]++;
    if (op_info[in.op].ext == EXT_ZICSR)
        c->csr[in.imm]++;
    if (branch) {
        c->branch = in.len == 2 ? &c->rvc_taken[row] : &c->taken[in.op];
        c->branch_next = pc + in.len;
    }
}

static void count_trap(struct coverage *c, const struct rvemu_event *event)
{
    u64 cause = event->trap.cause;
    struct insn in;

    settle_branch(c, event->trap.epc);
    c->trap[cause >> 63][cause % CAUSES][event->priv]++;
    if (cause != CAUSE_ILLEGAL || !is_program(c, event->trap.epc))
        return;
    insn_decode(c->decoder, (u32)event->trap.tval, &in);
    if (in.len == 4)
        c->refused[in.op][event->priv]++;
}

static void count(void *arg, const struct rvemu_event *event)
{
    struct coverage *c = arg;

    switch (event->kind) {
    case RVEMU_EVENT_retire:
        settle_branch(c, event->pc);
        count_retired(c, event->pc, (u32)event->retire.insn);
        break;
    case RVEMU_EVENT_trap: count_trap(c, event); break;
    case RVEMU_EVENT_page_fault:
        c->fault[event->page_fault.reason][event->page_fault.level]++;
        break;
    case RVEMU_EVENT_tlb_fill:
        c->fill[event->tlb_fill.access][event->tlb_fill.level]++;
        c->napot[event->tlb_fill.access] += (event->tlb_fill.pte & PTE_N) != 0;
        break;
    default: break;
    }
}

static void find_rvc_rows(struct coverage *c)
{
    for (unsigned raw = 0; raw < 1 << 16; raw++) {
        unsigned row = 0;

        while (row < rvc_row_count) {
            struct pattern p = pattern_parse(rvc_rows[row].pattern);

            if ((raw & p.mask) == p.match)
                break;
            row++;
        }
        c->rvc_row[raw] = (u16)row;
    }
}

static void write_refused(const struct coverage *c, const struct row *row)
{
    for (unsigned priv = 0; priv < 4; priv++)
        if (c->refused[row->op][priv])
            printf("refused %s %s %" PRIu64 "\n", row->mnemonic,
                   rvemu_priv_name(priv), c->refused[row->op][priv]);
}

static void write_row(const struct row *row, u64 retired, u64 taken)
{
    printf("row %s %" PRIu64 "\n", row->mnemonic, retired);
    if (op_info[row->op].format == FORMAT_B)
        printf("taken %s %" PRIu64 "\n", row->mnemonic, taken);
}

static void write_rows(const struct coverage *c)
{
    for (unsigned i = 0; i < insn_row_count; i++) {
        write_row(&insn_rows[i], c->insn[insn_rows[i].op],
                  c->taken[insn_rows[i].op]);
        write_refused(c, &insn_rows[i]);
    }
    for (unsigned i = 0; i < rvc_row_count; i++)
        if (rvc_rows[i].mnemonic)
            write_row(&rvc_rows[i], c->rvc[i], c->rvc_taken[i]);
}

static void write_memory(const struct coverage *c)
{
    for (unsigned level = 0; level < LEVELS; level++) {
        for (unsigned reason = 0; reason < RVEMU_REASONS; reason++)
            printf("fault %s %u %" PRIu64 "\n", rvemu_reason_name(reason),
                   level, c->fault[reason][level]);
        for (unsigned access = 0; access < RVEMU_ACCESSES; access++)
            printf("fill %s %u %" PRIu64 "\n", rvemu_access_name(access), level,
                   c->fill[access][level]);
    }
    for (unsigned access = 0; access < RVEMU_ACCESSES; access++)
        printf("napot %s %" PRIu64 "\n", rvemu_access_name(access),
               c->napot[access]);
}

static void write_all(const struct coverage *c)
{
    write_rows(c);
    write_memory(c);
    for (unsigned number = 0; number < 4096; number++)
        if (csr_name(number))
            printf("csr %s %" PRIu64 "\n", csr_name(number), c->csr[number]);
    for (u64 cause = 0; cause < CAUSES; cause++) {
        for (unsigned priv = 0; priv < 4; priv++) {
            for (u64 interrupt = 0; interrupt < 2; interrupt++) {
                if (c->trap[interrupt][cause][priv])
                    printf("trap %s %s %" PRIu64 "\n",
                           rvemu_cause_name(interrupt << 63 | cause),
                           rvemu_priv_name(priv),
                           c->trap[interrupt][cause][priv]);
            }
        }
    }
}

static void put(void *self, uint8_t byte)
{
    putchar(byte);
}

static enum rvemu_stop_reason run(struct coverage *c, const char *cpu,
                                  const char *path)
{
    const struct rvemu_config config = {.cpu = cpu, .host.console_put = put};
    const struct rvemu_guest guest = {.as = RVEMU_AS_MACHINE,
                                      .image.path = path};
    struct rvemu_stop stop = {.reason = RVEMU_STOP_LOST};
    struct rvemu_error error;
    rvemu *machine;

    if (rvemu_create(&config, &machine, &error) < 0) {
        fprintf(stderr, "counts: %s\n", error.text);
        return stop.reason;
    }
    if (rvemu_load(machine, &guest, &error) < 0)
        fprintf(stderr, "counts: %s\n", error.text);
    else if (rvemu_subscribe(machine,
                             RVEMU_EVENT_BIT(retire) | RVEMU_EVENT_BIT(trap) |
                                 RVEMU_EVENT_BIT(page_fault) |
                                 RVEMU_EVENT_BIT(tlb_fill),
                             count, c) == 0)
        rvemu_run(machine, UINT64_MAX, &stop);
    rvemu_destroy(machine);
    return stop.reason;
}

int main(int argc, char **argv)
{
    static struct coverage c;

    if (argc != 9)
        return 125;
    c.first = strtoull(argv[1], NULL, 0);
    c.end = strtoull(argv[2], NULL, 0);
    c.decoder = decoder_new(EXT_ALL);
    c.insn = calloc(2 * OP_COUNT, sizeof(u64));
    c.rvc = calloc(2 * (rvc_row_count + 1), sizeof(u64));
    c.refused = calloc(OP_COUNT, sizeof(*c.refused));
    if (!c.decoder || !c.insn || !c.rvc || !c.refused)
        return 125;
    c.taken = c.insn + OP_COUNT;
    c.rvc_taken = c.rvc + rvc_row_count + 1;
    find_rvc_rows(&c);
    if (run(&c, argv[4], argv[8]) != RVEMU_STOP_PASS)
        return 1;
    write_all(&c);
    return 0;
}
