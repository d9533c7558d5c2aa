/*
 * Looking at a machine and changing it between runs: the functions of
 * rvemu/machine.h that neither make a machine nor run it.
 *
 * Nothing is kept here. What changes guest state does it the way a guest's own
 * instruction or a device would, so that all that was made from the old state
 * (decoded code, small arrays, watched tables, suspects) is told.
 */
#include <string.h>

#include "hart/code/probes.h"
#include "hart/mmu/fetch.h"
#include "hart/mmu/stores.h"
#include "hart/mmu/suspects.h"
#include "hart/mmu/tables.h"
#include "hart/system/csr.h"
#include "hart/system/trap.h"
#include "isa/ext.h"
#include "isa/pte.h"
#include "machine/machine.h"

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
    return hart_steps(&m->hart[hart]);
}

uint64_t rvemu_retired(const rvemu *m, unsigned hart)
{
    return hart_retired(&m->hart[hart]);
}

uint64_t rvemu_x(const rvemu *m, unsigned hart, unsigned number)
{
    return m->hart[hart].s.x[number];
}

uint64_t rvemu_f(const rvemu *m, unsigned hart, unsigned number)
{
    return m->hart[hart].s.f[number];
}

uint64_t rvemu_pc(const rvemu *m, unsigned hart)
{
    return m->hart[hart].s.pc;
}

unsigned rvemu_priv(const rvemu *m, unsigned hart)
{
    return m->hart[hart].s.priv;
}

bool rvemu_waits(const rvemu *m, unsigned hart)
{
    return m->hart[hart].s.waiting;
}

unsigned rvemu_turn(const rvemu *m)
{
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

    *last = public_trap(&h->s.history.last);
    *first = public_trap(&h->s.history.first);
    return trap_is_looping(h);
}

int rvemu_csr(rvemu *m, unsigned hart, unsigned number, uint64_t *value)
{
    if (number > 0xfff || !csr_peek(&m->hart[hart], number, value))
        return -1;
    return 0;
}

void rvemu_set_x(rvemu *m, unsigned hart, unsigned number, uint64_t value)
{
    if (number)
        m->hart[hart].s.x[number] = value;
}

void rvemu_set_f(rvemu *m, unsigned hart, unsigned number, uint64_t value)
{
    struct hart *h = &m->hart[hart];

    h->s.f[number] = value;
    if (h->s.csr.mstatus & MSTATUS_FS)
        hart_fp_dirty(h);
}

int rvemu_set_pc(rvemu *m, unsigned hart, uint64_t pc)
{
    struct hart *h = &m->hart[hart];
    unsigned alignment = h->w.isa & EXT_SET(ZCA) ? 2 : 4;

    if (pc % alignment)
        return -1;
    h->s.pc = pc;
    h->s.waiting = false;
    return 0;
}

int rvemu_set_csr(rvemu *m, unsigned hart, unsigned number, uint64_t value)
{
    if (number > 0xfff || !csr_poke(&m->hart[hart], number, value))
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

int rvemu_write_ram(rvemu *m, uint64_t pa, const void *bytes, size_t count)
{
    if (!ram_has(&m->bus.ram, pa, count))
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

/* The kinds that need page tables to be watched. */
#define TABLE_KINDS                                               \
    (RVEMU_EVENT_BIT(pte_write) | RVEMU_EVENT_BIT(pte_found) |    \
     RVEMU_EVENT_BIT(root_lost) | RVEMU_EVENT_BIT(frame_copied) | \
     RVEMU_EVENT_BIT(alias_store))

/* Who listens has changed: decoded code and small arrays go by that. */
static void listeners_changed(struct rvemu *m)
{
    tables_watch(m->tables, (m->trace.wanted & TABLE_KINDS) != 0);
    suspects_watch(m->suspects, trace_wants(&m->trace, RVEMU_EVENT_stale_use));
    fetch_drop_code(&m->harts);
}

int rvemu_subscribe(rvemu *m, rvemu_event_set kinds, rvemu_event_fn *call,
                    void *arg)
{
    if (trace_subscribe(&m->trace, kinds, call, arg) < 0)
        return -1;
    listeners_changed(m);
    return 0;
}

void rvemu_set_prompt(rvemu *m, bool prompt)
{
    trace_deliver(&m->trace);
    m->trace.prompt = prompt;
}

int rvemu_unsubscribe(rvemu *m, rvemu_event_fn *call, void *arg)
{
    if (trace_unsubscribe(&m->trace, call, arg) < 0)
        return -1;
    listeners_changed(m);
    return 0;
}

int rvemu_probe_add(rvemu *m, uint64_t va, bool returns)
{
    if (!probes_add(m->probes, va, returns))
        return -1;
    fetch_drop_code(&m->harts);
    return 0;
}

int rvemu_probe_remove(rvemu *m, uint64_t va)
{
    if (!probes_remove(m->probes, va))
        return -1;
    fetch_drop_code(&m->harts);
    return 0;
}
