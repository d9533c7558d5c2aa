/*
 * state: registers and memory of a trace's machine at a step. The machine is
 * made from the last snapshot before, and makes the steps since again.
 */
#include "trace/commands.h"

#include <inttypes.h>
#include <string.h>

#include <rvemu/emt_machine.h>

#define PIECE 16
#define RANGE_MAX 65536 /* bytes of one that are printed */
#define SATP 0x180
#define CSRS 0x1000

static const char *const x_name[32] = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
static const char mode[] = {'U', 'S', '?', 'M'};

static void put_registers(FILE *out, rvemu *m, unsigned hart)
{
    fprintf(out, "hart %u  pc 0x%016" PRIx64 "  %c-mode%s\n", hart,
            rvemu_pc(m, hart), mode[rvemu_priv(m, hart) & 3],
            rvemu_waits(m, hart) ? ", waits (wfi)" : "");
    for (unsigned i = 0; i < 32; i++)
        fprintf(out, "%5s 0x%016" PRIx64 "%s", x_name[i], rvemu_x(m, hart, i),
                i % 4 == 3 ? "\n" : " ");
    for (unsigned i = 0; i < 32; i++)
        fprintf(out, "%s%-2u 0x%016" PRIx64 "%s", i < 10 ? "   f" : "   f", i,
                rvemu_f(m, hart, i), i % 4 == 3 ? "\n" : " ");
}

/* All that the hart has, but for those that are 0. */
static void put_csrs(FILE *out, rvemu *m, unsigned hart)
{
    unsigned count = 0;
    uint64_t value;

    for (unsigned number = 0; number < CSRS; number++) {
        const char *name = rvemu_csr_name(number);

        if (!name || rvemu_csr(m, hart, number, &value) < 0 || !value)
            continue;
        fprintf(out, "%13s 0x%016" PRIx64 "%s", name, value,
                ++count % 3 ? " " : "\n");
    }
    if (count % 3)
        fputc('\n', out);
}

/* Memory by lines; `satp` says how addresses are meant, 0: physical. */
static void put_memory(FILE *out, rvemu *m, uint64_t satp, uint64_t first,
                       uint64_t last)
{
    uint64_t end = last - first < RANGE_MAX ? last : first + RANGE_MAX - 1;

    for (uint64_t at = first; at <= end && at >= first; at += PIECE) {
        uint64_t size = end - at < PIECE ? end - at + 1 : PIECE;

        fprintf(out, "0x%016" PRIx64 ":", at);
        for (uint64_t i = 0; i < size; i++) {
            uint8_t byte;
            uint64_t pa = at + i;

            if ((satp && rvemu_translate(m, satp, at + i, &pa) < 0) ||
                rvemu_read_ram(m, pa, &byte, 1) < 0)
                fputs(" --", out);
            else
                fprintf(out, " %02x", byte);
        }
        fputc('\n', out);
    }
}

static bool is_wanted(const struct options *o, unsigned hart)
{
    return !o->has_hart || o->hart[hart];
}

static void put_state(FILE *out, const struct options *o, rvemu *m)
{
    const struct rvemu_explain_filter *filter = &o->explained.filter;
    uint64_t steps = 0, satp = 0;
    bool has_satp = false;

    for (unsigned hart = 0; hart < rvemu_harts(m); hart++)
        steps += rvemu_steps(m, hart);
    fprintf(out, "step %" PRIu64 "  time %" PRIu64 " ns\n", steps,
            rvemu_time(m));
    for (unsigned hart = 0; hart < rvemu_harts(m); hart++) {
        if (!is_wanted(o, hart))
            continue;
        put_registers(out, m, hart);
        put_csrs(out, m, hart);
        if (!has_satp)
            has_satp = rvemu_csr(m, hart, SATP, &satp) == 0;
    }
    for (unsigned i = 0; i < filter->ranges; i++)
        put_memory(out, m, satp, filter->range[i].first, filter->range[i].last);
    for (unsigned i = 0; i < o->ranges; i++)
        put_memory(out, m, 0, o->range[i].first, o->range[i].last);
}

int command_state(const struct options *o, FILE *out, struct rvemu_error *error)
{
    const struct options_place *at = &o->at;
    struct rvemu_emt *trace;
    rvemu *machine;
    int failed;

    if (rvemu_emt_open(o->file[0], &trace, error) < 0)
        return -1;
    failed = at->is_time ? rvemu_emt_machine_at(trace, at->boot, at->value,
                                                NULL, &machine, error)
                         : rvemu_emt_machine(trace, at->boot, at->value, NULL,
                                             &machine, error);
    rvemu_emt_free(trace);
    if (failed)
        return -1;
    put_state(out, o, machine);
    rvemu_destroy(machine);
    return STATUS_OK;
}
