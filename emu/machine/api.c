/*
 * Looking at a machine and changing it between runs: the functions of
 * rvemu/machine.h that neither make a machine nor run it.
 *
 * Nothing is kept here. What changes guest state does it the way a guest's own
 * instruction or a device would, so that all that was made from the old state
 * (decoded code, small arrays, watched tables, suspects) is told.
 */
#include <assert.h>
#include <string.h>

#include "hart/mmu/stores.h"
#include "hart/system/csr.h"
#include "hart/system/trap.h"
#include "isa/ext.h"
#include "isa/pte.h"
#include "machine/machine.h"

/* Registers are there to be read while the machine stands, and where events are
 * told promptly: it is ahead of others. */
static bool has_registers(const struct rvemu *m)
{
    return !m->trace.telling || m->trace.telling_promptly;
}

/* It is a mistake of whoever calls if it has not, and the answer would be a
 * wrong one. */
static void expect_registers(const struct rvemu *m)
{
    assert(has_registers(m));
}

/* A subscriber that changes something would change what it was told. */
static void expect_nobody_told(const struct rvemu *m)
{
    assert(!m->trace.telling);
}

int rvemu_signature(const rvemu *m, uint64_t *pa, uint64_t *size)
{
    const struct guest_symbols *s = &m->symbols;

    if (!s->has[SYMBOL_BEGIN_SIGNATURE] || !s->has[SYMBOL_END_SIGNATURE])
        return -1;
    *pa = s->pa[SYMBOL_BEGIN_SIGNATURE];
    *size = s->pa[SYMBOL_END_SIGNATURE] - *pa;
    return ram_has(&m->bus.ram, *pa, *size) ? 0 : -1;
}

const void *rvemu_device_tree(const rvemu *m, size_t *size)
{
    *size = m->device_tree_size;
    return m->device_tree;
}

enum rvemu_as rvemu_loaded_as(const rvemu *m)
{
    return m->as;
}

unsigned rvemu_harts(const rvemu *m)
{
    return m->harts.count;
}

uint64_t rvemu_time(const rvemu *m)
{
    return clock_now(&m->clock);
}

uint64_t rvemu_steps(const rvemu *m, unsigned hart)
{
    expect_registers(m);
    return hart_steps(&m->hart[hart]);
}

uint64_t rvemu_retired(const rvemu *m, unsigned hart)
{
    expect_registers(m);
    return hart_retired(&m->hart[hart]);
}

uint64_t rvemu_x(const rvemu *m, unsigned hart, unsigned number)
{
    expect_registers(m);
    return m->hart[hart].s.x[number];
}

uint64_t rvemu_f(const rvemu *m, unsigned hart, unsigned number)
{
    expect_registers(m);
    return m->hart[hart].s.f[number];
}

uint64_t rvemu_pc(const rvemu *m, unsigned hart)
{
    expect_registers(m);
    return m->hart[hart].s.pc;
}

unsigned rvemu_priv(const rvemu *m, unsigned hart)
{
    expect_registers(m);
    return m->hart[hart].s.priv;
}

bool rvemu_waits(const rvemu *m, unsigned hart)
{
    expect_registers(m);
    return m->hart[hart].s.waiting;
}

unsigned rvemu_turn(const rvemu *m)
{
    expect_registers(m);
    return (unsigned)m->turn.s.hart;
}

static struct rvemu_trap public_trap(const struct trap *trap)
{
    return (struct rvemu_trap){trap->cause, trap->tval, trap->pc};
}

bool rvemu_is_looping(const rvemu *m, unsigned hart, struct rvemu_trap *last,
                      struct rvemu_trap *first)
{
    const struct hart *h = &m->hart[hart];

    expect_registers(m);
    *last = public_trap(&h->s.history.last);
    *first = public_trap(&h->s.history.first);
    return trap_is_looping(h);
}

int rvemu_csr(rvemu *m, unsigned hart, unsigned number, uint64_t *value)
{
    if (!has_registers(m) || number > 0xfff ||
        !csr_peek(&m->hart[hart], number, value))
        return -1;
    return 0;
}

void rvemu_set_x(rvemu *m, unsigned hart, unsigned number, uint64_t value)
{
    expect_nobody_told(m);
    if (number)
        m->hart[hart].s.x[number] = value;
}

void rvemu_set_f(rvemu *m, unsigned hart, unsigned number, uint64_t value)
{
    struct hart *h = &m->hart[hart];

    expect_nobody_told(m);
    h->s.f[number] = value;
    if (h->s.csr.mstatus & MSTATUS_FS)
        hart_fp_dirty(h);
}

int rvemu_set_pc(rvemu *m, unsigned hart, uint64_t pc)
{
    struct hart *h = &m->hart[hart];
    unsigned alignment = h->w.isa & EXT_SET(ZCA) ? 2 : 4;

    if (m->trace.telling || pc % alignment)
        return -1;
    h->s.pc = pc;
    h->s.waiting = false;
    return 0;
}

int rvemu_set_csr(rvemu *m, unsigned hart, unsigned number, uint64_t value)
{
    if (m->trace.telling || number > 0xfff ||
        !csr_poke(&m->hart[hart], number, value))
        return -1;
    return 0;
}

int rvemu_read_ram(const rvemu *m, uint64_t pa, void *bytes, size_t count)
{
    if (!ram_has(&m->bus.ram, pa, count))
        return -1;
    memcpy(bytes, ram_host(&m->bus.ram, pa), count);
    return 0;
}

bool rvemu_tlb_find(rvemu *m, unsigned hart, uint64_t satp, uint64_t va,
                    struct rvemu_tlb_entry *entry)
{
    const struct tlb_entry *found =
        tlb_find(&m->hart[hart].tlb, va, satp_asid(satp));

    expect_registers(m);
    if (!found)
        return false;
    *entry = (struct rvemu_tlb_entry){
        .va = found->va,
        .size = tlb_entry_size(found),
        .pte = found->pte,
        .pte_pa = found->pte_pa,
        .level = found->level,
        .asid = found->global ? 0 : found->asid,
        .global = found->global,
    };
    return true;
}

void rvemu_tlb_counts(const rvemu *m, unsigned hart,
                      struct rvemu_tlb_counts *counts)
{
    expect_registers(m);
    *counts = *m->hart[hart].tlb.counts;
}

int rvemu_write_ram(rvemu *m, uint64_t pa, const void *bytes, size_t count)
{
    if (m->trace.telling || !ram_has(&m->bus.ram, pa, count))
        return -1;
    if (count)
        store_to_ram(&m->harts, NULL, pa, bytes, count, RVEMU_ORIGIN_HOST);
    trace_deliver(&m->trace);
    return 0;
}

void rvemu_input(rvemu *m, const struct rvemu_input *what)
{
    const struct input_record record = {.time = clock_now(&m->clock),
                                        .what = *what};

    expect_nobody_told(m);
    input_take(&m->input, &record);
}

size_t rvemu_input_room(const rvemu *m)
{
    return input_room(&m->input);
}

unsigned rvemu_input_left(const rvemu *m,
                          struct rvemu_input left[RVEMU_INPUT_LEFT_MAX])
{
    return input_left(&m->input, left);
}
