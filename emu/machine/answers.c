/* What the input log has for a moment; see answers.h. */
#include "machine/answers.h"

#include "hart/mmu/stores.h"
#include "hart/system/csr.h"
#include "isa/ext.h"

struct log_entry answers_entry(const struct rvemu *m, enum log_kind kind)
{
    return (struct log_entry){.at = machine_moment(m),
                              .time = clock_now(&m->clock),
                              .kind = (u8)kind,
                              .in_idle = m->idling};
}

static void set_x(struct hart *h, unsigned number, u64 value)
{
    if (number)
        h->s.x[number] = value;
}

static void set_f(struct hart *h, unsigned number, u64 value)
{
    h->s.f[number] = value;
    if (h->s.csr.mstatus & MSTATUS_FS)
        hart_fp_dirty(h);
}

static int set_pc(struct hart *h, u64 pc)
{
    if (pc % (h->w.isa & EXT_SET(ZCA) ? 2 : 4))
        return -1;
    h->s.pc = pc;
    h->s.waiting = false;
    return 0;
}

static int write_ram(struct rvemu *m, const struct log_entry *e)
{
    if (!ram_has(&m->bus.ram, e->value, e->count))
        return -1;
    if (e->count)
        store_to_ram(&m->harts, NULL, e->value, e->bytes, e->count,
                     RVEMU_ORIGIN_HOST);
    trace_deliver(&m->trace);
    return 0;
}

int answers_change(struct rvemu *m, const struct log_entry *e)
{
    struct hart *h = &m->hart[e->hart];

    switch (e->kind) {
    case LOG_X: set_x(h, e->number, e->value); return 0;
    case LOG_F: set_f(h, e->number, e->value); return 0;
    case LOG_PC: return set_pc(h, e->value);
    case LOG_CSR: return csr_poke(h, e->number, e->value) ? 0 : -1;
    case LOG_RAM: return write_ram(m, e);
    default: return -1;
    }
}

static void take_input(struct rvemu *m, const struct log_entry *e)
{
    const struct input_record record = {
        .time = clock_now(&m->clock),
        .what = {.kind = e->input,
                 .bytes = e->bytes,
                 .count = e->count,
                 .until = e->value},
    };

    input_take(&m->input, &record);
}

/* The next entry, if it is of this moment. Those that were passed are given up:
 * the run is not the one that the log is of. */
static const struct log_entry *due(struct rvemu *m)
{
    const struct moment now = machine_moment(m);
    const struct log_entry *e;

    while ((e = input_log_next(&m->log)) && moment_is_before(e->at, now)) {
        m->log.diverged = true;
        m->log.next++;
    }
    return e && moment_is(e->at, now) ? e : NULL;
}

static void give(struct rvemu *m, const struct log_entry *e)
{
    m->log.next++;
    if (e->kind == LOG_INPUT)
        take_input(m, e);
    else
        answers_change(m, e);
}

bool answers_give(struct rvemu *m)
{
    const struct log_entry *e = due(m);

    if (!e || e->in_idle || e->kind == LOG_NEXT)
        return false;
    give(m, e);
    return true;
}

void answers_look(struct rvemu *m, u64 *next)
{
    const struct log_entry *e;

    while (answers_give(m))
        continue;
    e = due(m);
    if (!e || e->kind != LOG_NEXT)
        return;
    *next = e->value;
    m->log.next++;
}

void answers_idle(struct rvemu *m)
{
    const struct log_entry *e;

    while ((e = due(m)) && e->in_idle)
        give(m, e);
}
