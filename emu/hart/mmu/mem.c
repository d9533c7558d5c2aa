/* The slow paths of loads, stores, atomics and fetches; see mem.h. */
#include "hart/mmu/mem.h"

#include <string.h>

#include "base/bits.h"
#include "hart/mmu/arrays.h"
#include "hart/mmu/mmu.h"
#include "hart/mmu/stores.h"
#include "hart/mmu/watching.h"

static const u8 pmp_need[] = {
    [RVEMU_ACCESS_FETCH] = PMP_X,
    [RVEMU_ACCESS_LOAD] = PMP_R,
    [RVEMU_ACCESS_STORE] = PMP_W,
    [RVEMU_ACCESS_CACHE] = PMP_R, /* W without R is reserved */
};

static u64 low_bytes(u64 value, unsigned size)
{
    return size < 8 ? bits(value, 8 * size - 1, 0) : value;
}

static void report_load(struct hart *h, u64 va, u64 pa, unsigned size,
                        u64 value)
{
    if (trace_wants(h->w.trace, RVEMU_EVENT_load))
        hart_event(h, RVEMU_EVENT_load)->load =
            (struct rvemu_ev_load){va, pa, size, low_bytes(value, size)};
}

static void report_store(struct hart *h, u64 va, u64 pa, unsigned size,
                         u64 value)
{
    if (trace_wants(h->w.trace, RVEMU_EVENT_store))
        hart_event(h, RVEMU_EVENT_store)->store =
            (struct rvemu_ev_store){va, pa, size, low_bytes(value, size)};
}

/* A name of eight letters or less as a word. */
static u64 name_word(const char *name)
{
    u64 word = 0;

    for (unsigned i = 0; i < 8 && name && name[i]; i++)
        word |= (u64)(u8)name[i] << 8 * i;
    return word;
}

/* An access to a device, which has been made. */
static void report_mmio(struct hart *h, u64 pa, unsigned size, u64 value,
                        bool is_write)
{
    if (trace_wants(h->w.trace, RVEMU_EVENT_mmio))
        hart_event(h, RVEMU_EVENT_mmio)->mmio =
            (struct rvemu_ev_mmio){pa, size, low_bytes(value, size), is_write,
                                   name_word(bus_find(h->w.bus, pa)->name)};
}

static bool read_device(struct hart *h, u64 va, u64 pa, unsigned size,
                        u64 *value)
{
    if (!bus_read(h->w.bus, pa, size, value))
        return false;
    if (watching(h->w.siblings))
        watching_loaded(h, va, pa, size, *value);
    report_mmio(h, pa, size, *value, false);
    return true;
}

static bool write_device(struct hart *h, u64 va, u64 pa, unsigned size,
                         u64 value)
{
    if (!bus_write(h->w.bus, pa, size, value))
        return false;
    if (watching(h->w.siblings))
        watching_store(h, va, pa, &value, size);
    report_mmio(h, pa, size, value, true);
    return true;
}

static void report_reservation(struct hart *h, enum rvemu_reservation action,
                               u64 pa)
{
    if (trace_wants(h->w.trace, RVEMU_EVENT_reservation))
        hart_event(h, RVEMU_EVENT_reservation)->reservation =
            (struct rvemu_ev_reservation){action, pa};
}

/* Whether a translation is by a user's entry. */
static bool is_users(const struct translation *at)
{
    return at->entry && at->entry->pte & PTE_U;
}

/* Of a store within one page, by an entry that is a user's or is not. */
static void report_alias(struct hart *h, u64 va, u64 pa, unsigned size,
                         bool users)
{
    if (users || !trace_wants(h->w.trace, RVEMU_EVENT_alias_store) ||
        !(*ram_frame_flags(&h->w.bus->ram, pa) & FRAME_PROTECTED))
        return;
    hart_event(h, RVEMU_EVENT_alias_store)->alias_store =
        (struct rvemu_ev_alias_store){va, pa, size};
    hart_tell(h);
}

/* Translates and asks PMP for [va, va + size), which lies in one page. */
static bool reach(struct hart *h, u64 va, unsigned size, unsigned access,
                  struct translation *at)
{
    unsigned priv =
        access == RVEMU_ACCESS_FETCH ? h->s.priv : hart_data_priv(h);

    if (!mmu_translate(h, va, access, priv, at))
        return false;
    if (!pmp_allows(&h->pmp, at->pa, size, pmp_need[access], priv))
        return mmu_access_fault(h, va, access);
    return true;
}

/* Whether a page that could be loaded from may be stored to as well. */
static bool is_writable(const struct hart *h, const struct translation *at)
{
    const u64 needed = PTE_W | PTE_D;

    return (!at->entry || (at->entry->pte & needed) == needed) &&
           pmp_allows(&h->pmp, at->pa, 1, PMP_W, hart_data_priv(h));
}

#define IN_READ (1u << ARRAY_READ)
#define IN_WRITE (1u << ARRAY_WRITE)
#define IN_NOTED (1u << ARRAY_NOTED)

/* The small arrays that a page may be in, unless accesses to it have to be
 * looked at one by one. What is loaded is mostly stored to as well, and the
 * reverse, which W without R being reserved always permits: the page goes into
 * both arrays, but drives no other out of the one that was not asked for. */
static unsigned choose_arrays(struct hart *h, enum context_array array, u64 va,
                              const struct translation *at, u8 flags)
{
    unsigned arrays = 1u << array;

    if (array == ARRAY_WRITE)
        arrays |= context_has_room(h->c.data, ARRAY_READ, va) ? IN_READ : 0;
    else if (context_has_room(h->c.data, ARRAY_WRITE, va) && is_writable(h, at))
        arrays |= IN_WRITE;
    if (trace_wants(h->w.trace, RVEMU_EVENT_store))
        arrays &= ~IN_WRITE;
    else if (flags & FRAME_STORES)
        arrays =
            (arrays & IN_READ) |
            (array == ARRAY_WRITE && !(flags & FRAME_PROTECTED) ? IN_NOTED : 0);
    if (trace_wants(h->w.trace, RVEMU_EVENT_load))
        arrays &= ~IN_READ;
    arrays &= ~watching_bar(h, va, at->pa);
    if (!arrays_take(h, at->entry))
        return 0;
    return arrays && pmp_page_is_uniform(&h->pmp, at->pa) ? arrays : 0;
}

/* Puts a RAM page that was loaded from or stored to into small arrays. */
static void remember_data(struct hart *h, enum context_array array, u64 va,
                          const struct translation *at)
{
    const struct ram *ram = &h->w.bus->ram;
    u8 *flags = ram_frame_flags(ram, at->pa);
    const u8 *host = ram_host(ram, align_down(at->pa, PAGE_SIZE));
    unsigned arrays;

    if (array == ARRAY_WRITE)
        ram_about_to_store(ram, at->pa);
    arrays = choose_arrays(h, array, va, at, *flags);
    if (!arrays)
        return;
    if (arrays & IN_WRITE)
        *flags |= FRAME_WRITABLE;
    contexts_fill(&h->c.contexts, h->c.data, arrays, va,
                  (u64)(uintptr_t)host - align_down(va, PAGE_SIZE),
                  arrays_owner(h, at->entry));
}

/* How many of size bytes at va are in its page. */
static unsigned first_part(u64 va, unsigned size)
{
    u64 room = PAGE_SIZE - (va & (PAGE_SIZE - 1));

    return room < size ? (unsigned)room : size;
}

/* A part of an access that lies within one page, in RAM. */
struct part {
    u64 pa;
    bool users; /* by a user's entry */
};

static bool reach_ram(struct hart *h, u64 va, unsigned size, unsigned access,
                      struct part *part)
{
    struct translation at;

    if (!reach(h, va, size, access, &at))
        return false;
    *part = (struct part){at.pa, is_users(&at)};
    return ram_has(&h->w.bus->ram, at.pa, size) ||
           mmu_access_fault(h, va, access);
}

/* Whether reach_ram() would succeed. */
static bool can_reach_ram(struct hart *h, u64 va, unsigned size,
                          unsigned access)
{
    unsigned priv = hart_data_priv(h);
    u64 pa;

    return mmu_probe(h, va, access, priv, &pa) &&
           pmp_allows(&h->pmp, pa, size, pmp_need[access], priv) &&
           ram_has(&h->w.bus->ram, pa, size);
}

/* Both parts of a misaligned access, both in RAM, before either is done. A
 * store whose second part will fault does not get as far as its first page's D,
 * which says that something was stored. */
static bool reach_parts(struct hart *h, u64 va, unsigned size, unsigned access,
                        struct part part[2])
{
    unsigned head = first_part(va, size);

    if (head == size)
        return reach_ram(h, va, size, access, &part[0]);
    if (access == RVEMU_ACCESS_STORE && can_reach_ram(h, va, head, access) &&
        !can_reach_ram(h, va + head, size - head, access))
        return reach_ram(h, va + head, size - head, access, &part[1]);
    return reach_ram(h, va, head, access, &part[0]) &&
           reach_ram(h, va + head, size - head, access, &part[1]);
}

/* A load from RAM, within one page. */
static void note_load(struct hart *h, u64 va, u64 pa, unsigned size, u64 value)
{
    if (watching(h->w.siblings))
        watching_loaded(h, va, pa, size, value);
}

static bool load_misaligned(struct hart *h, u64 va, unsigned size, u64 *value)
{
    unsigned head = first_part(va, size);
    struct part part[2];

    if (!reach_parts(h, va, size, RVEMU_ACCESS_LOAD, part))
        return false;
    memcpy(value, ram_host(&h->w.bus->ram, part[0].pa), head);
    note_load(h, va, part[0].pa, head, *value);
    if (head < size) {
        memcpy((u8 *)value + head, ram_host(&h->w.bus->ram, part[1].pa),
               size - head);
        note_load(h, va + head, part[1].pa, size - head, *value >> 8 * head);
    }
    report_load(h, va, part[0].pa, size, *value);
    return !h->c.attention;
}

static void store_part(struct hart *h, u64 va, const struct part *part,
                       unsigned size, u64 value)
{
    report_alias(h, va, part->pa, size, part->users);
    if (watching(h->w.siblings))
        watching_store(h, va, part->pa, &value, size);
    store_value(h, part->pa, size, value);
}

/* A store within one page, in RAM. */
static void store_at(struct hart *h, u64 va, const struct translation *at,
                     unsigned size, u64 value)
{
    const struct part part = {at->pa, is_users(at)};

    store_part(h, va, &part, size, value);
}

static bool store_misaligned(struct hart *h, u64 va, unsigned size, u64 value)
{
    unsigned head = first_part(va, size);
    struct part part[2];

    if (!reach_parts(h, va, size, RVEMU_ACCESS_STORE, part))
        return false;
    store_part(h, va, &part[0], head, value);
    if (head < size)
        store_part(h, va + head, &part[1], size - head, value >> 8 * head);
    report_store(h, va, part[0].pa, size, value);
    return !h->c.attention;
}

bool mem_load_slow(struct hart *h, const struct insn *in, u64 va, unsigned size,
                   u64 *value)
{
    struct translation at;

    h->c.in = in;
    *value = 0;
    if (va & (size - 1))
        return load_misaligned(h, va, size, value);
    if (!reach(h, va, size, RVEMU_ACCESS_LOAD, &at))
        return false;
    if (ram_has_page(&h->w.bus->ram, at.pa)) {
        *value = ram_load(&h->w.bus->ram, at.pa, size);
        note_load(h, va, at.pa, size, *value);
        remember_data(h, ARRAY_READ, va, &at);
    } else if (!read_device(h, va, at.pa, size, value)) {
        return mmu_access_fault(h, va, RVEMU_ACCESS_LOAD);
    }
    report_load(h, va, at.pa, size, *value);
    return !h->c.attention;
}

/* A store to a page of those to which stores are noticed, whose translation is
 * known. */
static bool store_noted(struct hart *h, u64 va, unsigned size, u64 value)
{
    const struct slot *slot = context_hit(h->c.data, ARRAY_NOTED, va, size);
    const struct ram *ram = &h->w.bus->ram;
    u64 pa;
    u8 flags;

    if (!slot)
        return false;
    pa = ram_pa(ram, (const u8 *)(uintptr_t)(va + slot->value));
    flags = *ram_frame_flags(ram, pa);
    if (!(flags & FRAME_STORES) || flags & FRAME_PROTECTED)
        return false; /* not any more, or by whose entry is to be looked at */
    store_noticed(h, pa, size, value);
    return true;
}

bool mem_store_slow(struct hart *h, const struct insn *in, u64 va,
                    unsigned size, u64 value)
{
    struct translation at;

    h->c.in = in;
    if (va & (size - 1))
        return store_misaligned(h, va, size, value);
    if (store_noted(h, va, size, value))
        return !h->c.attention;
    if (!reach(h, va, size, RVEMU_ACCESS_STORE, &at))
        return false;
    if (ram_has_page(&h->w.bus->ram, at.pa)) {
        remember_data(h, ARRAY_WRITE, va, &at);
        store_at(h, va, &at, size, value);
    } else if (!write_device(h, va, at.pa, size, value)) {
        return mmu_access_fault(h, va, RVEMU_ACCESS_STORE);
    }
    report_store(h, va, at.pa, size, value);
    return !h->c.attention;
}

static u64 extend(u64 value, unsigned size)
{
    return size == 4 ? sext32(value) : value;
}

/* The AMO whose page is in the small write array: RAM, where a plain store
 * would do; what may be written may be read. */
static bool amo_hit(struct hart *h, const struct insn *in, unsigned size,
                    amo_fn *combine)
{
    u64 va = h->s.x[in->rs1];
    const struct slot *slot = context_hit(h->c.data, ARRAY_WRITE, va, size);
    u64 old = 0, new;
    u8 *host;

    if (!slot || trace_wants(h->w.trace, RVEMU_EVENT_load))
        return false;
    host = (u8 *)(uintptr_t)(va + slot->value);
    memcpy(&old, host, size);
    old = extend(old, size);
    new = combine(old, extend(h->s.x[in->rs2], size));
    memcpy(host, &new, size);
    h->s.x[in->rd] = old;
    return true;
}

bool mem_amo(struct hart *h, const struct insn *in, unsigned size,
             amo_fn *combine)
{
    u64 va = h->s.x[in->rs1];
    u64 operand = extend(h->s.x[in->rs2], size);
    struct translation at;
    u64 old = 0, new;

    if (amo_hit(h, in, size, combine))
        return true;
    h->c.in = in;
    if (va & (size - 1))
        return hart_raise(h, CAUSE_STORE_MISALIGNED, va);
    if (!reach(h, va, size, RVEMU_ACCESS_STORE, &at))
        return false;
    if (!pmp_allows(&h->pmp, at.pa, size, PMP_R, hart_data_priv(h)))
        return mmu_access_fault(h, va, RVEMU_ACCESS_STORE);
    if (ram_has(&h->w.bus->ram, at.pa, size)) {
        memcpy(&old, ram_host(&h->w.bus->ram, at.pa), size);
        remember_data(h, ARRAY_WRITE, va, &at);
        note_load(h, va, at.pa, size, old);
        old = extend(old, size);
        new = combine(old, operand);
        store_at(h, va, &at, size, new);
    } else {
        if (h->w.config.strict_pma || !read_device(h, va, at.pa, size, &old))
            return mmu_access_fault(h, va, RVEMU_ACCESS_STORE);
        old = extend(old, size);
        new = combine(old, operand);
        if (!write_device(h, va, at.pa, size, new))
            return mmu_access_fault(h, va, RVEMU_ACCESS_STORE);
    }
    report_load(h, va, at.pa, size, old);
    report_store(h, va, at.pa, size, new);
    h->s.x[in->rd] = old;
    return !h->c.attention;
}

bool mem_lr(struct hart *h, const struct insn *in, unsigned size)
{
    u64 va = h->s.x[in->rs1];
    struct translation at;
    u64 value = 0;

    h->c.in = in;
    if (va & (size - 1))
        return hart_raise(h, CAUSE_LOAD_MISALIGNED, va);
    if (!reach(h, va, size, RVEMU_ACCESS_LOAD, &at))
        return false;
    if (!ram_has(&h->w.bus->ram, at.pa, size))
        return mmu_access_fault(h, va, RVEMU_ACCESS_LOAD);
    memcpy(&value, ram_host(&h->w.bus->ram, at.pa), size);
    note_load(h, va, at.pa, size, value);
    h->s.reserved = true;
    h->s.reserved_pa = at.pa;
    report_load(h, va, at.pa, size, value);
    report_reservation(h, RVEMU_RESERVATION_SET, at.pa);
    h->s.x[in->rd] = extend(value, size);
    return !h->c.attention;
}

/* Where an SC is to store, in RAM. */
static bool reach_sc(struct hart *h, u64 va, unsigned size,
                     struct translation *at)
{
    if (va & (size - 1))
        return hart_raise(h, CAUSE_STORE_MISALIGNED, va);
    if (!reach(h, va, size, RVEMU_ACCESS_STORE, at))
        return false;
    return ram_has(&h->w.bus->ram, at->pa, size) ||
           mmu_access_fault(h, va, RVEMU_ACCESS_STORE);
}

/* An SC that fails is checked as a store all the same: alignment, translation,
 * PMP, PMA. One that traps ends the reservation, too. */
bool mem_sc(struct hart *h, const struct insn *in, unsigned size)
{
    u64 va = h->s.x[in->rs1];
    bool reserved = h->s.reserved;
    struct translation at;

    h->c.in = in;
    h->s.reserved = false;
    if (!reach_sc(h, va, size, &at)) {
        if (reserved)
            report_reservation(h, RVEMU_RESERVATION_LOST, h->s.reserved_pa);
        return false;
    }
    reserved = reserved && at.pa == h->s.reserved_pa;
    if (reserved) {
        store_at(h, va, &at, size, h->s.x[in->rs2]);
        report_store(h, va, at.pa, size, h->s.x[in->rs2]);
    }
    report_reservation(
        h, reserved ? RVEMU_RESERVATION_STORED : RVEMU_RESERVATION_FAILED,
        at.pa);
    h->s.x[in->rd] = !reserved;
    return !h->c.attention;
}

/* Translates and asks PMP for the cache block that va lies in. */
static bool reach_cache_block(struct hart *h, u64 va, unsigned access,
                              struct translation *at)
{
    unsigned priv = hart_data_priv(h);

    if (!mmu_translate(h, va, access, priv, at))
        return false;
    at->pa = align_down(at->pa, CBO_BLOCK);
    if (!pmp_allows(&h->pmp, at->pa, CBO_BLOCK, pmp_need[access], priv))
        return mmu_access_fault(h, va, access);
    return true;
}

bool mem_manage_cache_block(struct hart *h, const struct insn *in, u64 va)
{
    struct translation at;

    h->c.in = in;
    if (!reach_cache_block(h, va, RVEMU_ACCESS_CACHE, &at))
        return false;
    if (!ram_has(&h->w.bus->ram, at.pa, CBO_BLOCK) &&
        !bus_find(h->w.bus, at.pa))
        return mmu_access_fault(h, va, RVEMU_ACCESS_CACHE);
    return !h->c.attention;
}

/* Only RAM has cache blocks to zero: a device may lack that attribute. */
bool mem_zero_cache_block(struct hart *h, const struct insn *in, u64 va)
{
    static const u8 zeros[CBO_BLOCK];
    struct translation at;

    h->c.in = in;
    if (!reach_cache_block(h, va, RVEMU_ACCESS_STORE, &at))
        return false;
    if (!ram_has(&h->w.bus->ram, at.pa, CBO_BLOCK))
        return mmu_access_fault(h, va, RVEMU_ACCESS_STORE);
    remember_data(h, ARRAY_WRITE, va, &at);
    report_alias(h, align_down(va, CBO_BLOCK), at.pa, CBO_BLOCK, is_users(&at));
    if (watching(h->w.siblings))
        watching_store(h, align_down(va, CBO_BLOCK), at.pa, zeros, CBO_BLOCK);
    store_to_ram(h->w.siblings, h, at.pa, zeros, CBO_BLOCK, RVEMU_ORIGIN_HART);
    report_store(h, align_down(va, CBO_BLOCK), at.pa, CBO_BLOCK, 0);
    return !h->c.attention;
}
