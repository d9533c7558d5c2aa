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

#include "hart/system/csr.h"
#include "hart/system/trap.h"
#include "isa/pte.h"
#include "machine/answers.h"

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

/* Makes a change from outside, and notes it. Returns 0, or -1: it cannot be, or
 * the log answers in the place of the outside. */
static int change(struct rvemu *m, const struct log_entry *entry)
{
    if (m->trace.telling || m->again || machine_is_answered(m) ||
        answers_change(m, entry) < 0)
        return -1;
    input_log_note(&m->log, entry);
    return 0;
}

static int set_register(struct rvemu *m, enum log_kind kind, unsigned hart,
                        unsigned number, u64 value)
{
    struct log_entry entry = answers_entry(m, kind);

    entry.hart = (u8)hart;
    entry.number = number;
    entry.value = value;
    return change(m, &entry);
}

void rvemu_set_x(rvemu *m, unsigned hart, unsigned number, uint64_t value)
{
    expect_nobody_told(m);
    set_register(m, LOG_X, hart, number, value);
}

void rvemu_set_f(rvemu *m, unsigned hart, unsigned number, uint64_t value)
{
    expect_nobody_told(m);
    set_register(m, LOG_F, hart, number, value);
}

int rvemu_set_pc(rvemu *m, unsigned hart, uint64_t pc)
{
    return set_register(m, LOG_PC, hart, 0, pc);
}

int rvemu_set_csr(rvemu *m, unsigned hart, unsigned number, uint64_t value)
{
    return number > 0xfff ? -1 : set_register(m, LOG_CSR, hart, number, value);
}

int rvemu_read_ram(const rvemu *m, uint64_t pa, void *bytes, size_t count)
{
    if (!ram_has(&m->bus.ram, pa, count))
        return -1;
    memcpy(bytes, ram_host(&m->bus.ram, pa), count);
    return 0;
}

static struct rvemu_tlb_entry public_entry(const struct tlb_entry *entry)
{
    return (struct rvemu_tlb_entry){
        .va = entry->va,
        .size = tlb_entry_size(entry),
        .pte = entry->pte,
        .pte_pa = entry->pte_pa,
        .level = entry->level,
        .asid = entry->global ? 0 : entry->asid,
        .global = entry->global,
    };
}

bool rvemu_tlb_find(rvemu *m, unsigned hart, uint64_t satp, uint64_t va,
                    struct rvemu_tlb_entry *entry)
{
    const struct tlb_entry *found =
        tlb_find(&m->hart[hart].tlb, va, satp_asid(satp));

    expect_registers(m);
    if (found)
        *entry = public_entry(found);
    return found;
}

bool rvemu_tlb_next(rvemu *m, unsigned hart, uint32_t *at,
                    struct rvemu_tlb_entry *entry)
{
    const struct tlb *tlb = &m->hart[hart].tlb;
    u32 end = tlb_index(tlb, tlb->bank[TLB_POINTERS].entry);

    expect_registers(m);
    *at = tlb_next_live(tlb, *at, end);
    if (*at == end)
        return false;
    *entry = public_entry(&tlb->entry[(*at)++]);
    return true;
}

bool rvemu_range(const rvemu *m, unsigned number, struct rvemu_range *range)
{
    const struct ram *ram = &m->bus.ram;
    const struct bus_range *device;
    unsigned below = 0;

    while (below < m->bus.range_count && m->bus.range[below].base < ram->base)
        below++;
    if (number > m->bus.range_count)
        return false;
    if (number == below) {
        *range = (struct rvemu_range){"ram", ram->base, ram->size, true, false};
        return true;
    }
    device = &m->bus.range[number - (number > below)];
    *range = (struct rvemu_range){device->name, device->base, device->size,
                                  false, device->rom};
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
    struct log_entry entry = answers_entry(m, LOG_RAM);

    entry.value = pa;
    entry.bytes = bytes;
    entry.count = count;
    return change(m, &entry);
}

void rvemu_input(rvemu *m, const struct rvemu_input *what)
{
    const struct input_record record = {.time = clock_now(&m->clock),
                                        .what = *what};
    struct log_entry entry = answers_entry(m, LOG_INPUT);

    expect_nobody_told(m);
    if (m->again || machine_is_answered(m))
        return;
    entry.input = (u8)what->kind;
    entry.value = what->kind == RVEMU_INPUT_UNTIL ? what->until : 0;
    entry.bytes = what->bytes;
    entry.count = what->kind == RVEMU_INPUT_BYTES ? what->count : 0;
    input_take(&m->input, &record);
    input_log_note(&m->log, &entry);
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
