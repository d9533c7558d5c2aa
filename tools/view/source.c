/* A run to look at; see source.h. */
#include "view/source.h"

#include <stdlib.h>
#include <string.h>

#define CSR_SATP 0x180

/* What is called one, or is one. */
static bool is_trace(const char *path)
{
    size_t length = strlen(path);
    struct rvemu_error ignored;

    return (length > 4 && !strcmp(path + length - 4, ".emt")) ||
           replay_is(path, &ignored);
}

int source_open(struct source **out, int argc, char **argv,
                const struct survey_watch *watch, struct rvemu_error *error)
{
    struct source *s = calloc(1, sizeof(*s));
    int failed;

    if (!s)
        return rvemu_error_set(error, "no memory for a run");
    s->watch = watch;
    if (argc == 2 && is_trace(argv[1]))
        failed = replay_open(s, argv[1], error);
    else
        failed = live_open(s, argc, argv, error);
    if (!failed)
        failed = source_goto(s, 0, error);
    if (failed) {
        source_close(s);
        return -1;
    }
    *out = s;
    return 0;
}

void source_close(struct source *s)
{
    if (!s)
        return;
    replay_close(s);
    live_close(s);
    survey_free(&s->survey);
    free(s);
}

int source_goto(struct source *s, uint64_t step, struct rvemu_error *error)
{
    return s->replay ? replay_goto(s, step, error) : live_goto(s, step, error);
}

uint64_t source_time(const struct source *s)
{
    return s->replay ? s->step : rvemu_time(s->machine);
}

unsigned source_harts(const struct source *s)
{
    return s->replay ? replay_harts(s->replay) : rvemu_harts(s->machine);
}

void source_hart(struct source *s, unsigned hart, struct source_hart *at)
{
    *at = (struct source_hart){0};
    if (s->replay) {
        replay_hart(s->replay, hart, at);
        return;
    }
    at->pc = rvemu_pc(s->machine, hart);
    at->priv = rvemu_priv(s->machine, hart);
    at->waits = rvemu_waits(s->machine, hart);
    rvemu_csr(s->machine, hart, CSR_SATP, &at->satp);
}

bool source_x(const struct source *s, unsigned hart, unsigned number,
              uint64_t *value)
{
    if (s->replay)
        return false;
    *value = rvemu_x(s->machine, hart, number);
    return true;
}

void source_leaves(struct source *s, uint64_t satp, leaf_fn *call, void *arg)
{
    if (s->replay)
        replay_leaves(s->replay, satp, call, arg);
    else
        leaves_each(s->machine, satp, call, arg);
}

void source_walk(struct source *s, uint64_t satp, uint64_t va,
                 struct rvemu_walk *walk)
{
    if (s->replay)
        replay_walk(s->replay, satp, va, walk);
    else
        rvemu_walk(s->machine, satp, va, walk);
}

bool source_tlb(struct source *s, unsigned hart, uint64_t satp, uint64_t va,
                struct rvemu_tlb_entry *entry)
{
    return s->replay ? replay_tlb(s->replay, hart, satp, va, entry)
                     : rvemu_tlb_find(s->machine, hart, satp, va, entry);
}

int source_read(const struct source *s, uint64_t pa, void *bytes, size_t count)
{
    return s->replay ? -1 : rvemu_read_ram(s->machine, pa, bytes, count);
}

bool source_insn(struct source *s, uint64_t satp, uint64_t pc, uint32_t *insn)
{
    uint64_t pa;

    *insn = 0;
    if (s->replay || rvemu_translate(s->machine, satp, pc, &pa) < 0 ||
        rvemu_read_ram(s->machine, pa, insn, sizeof(*insn)) < 0)
        return false;
    if ((*insn & 3) != 3)
        *insn &= 0xffff;
    return true;
}

uint64_t source_knows_from(const struct process *process)
{
    return process->satps ? process->satp[0].step : UINT64_MAX;
}
