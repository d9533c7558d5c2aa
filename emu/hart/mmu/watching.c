/* Accesses that a debugger watches; see watching.h. */
#include "hart/mmu/watching.h"

#include <string.h>

#include "base/bits.h"

unsigned watching_bar(const struct hart *h, u64 va, u64 pa)
{
    const struct watches *watches = h->w.siblings->watches;
    unsigned barred = watches->count ? watches_bar(watches, va, pa) : 0;
    unsigned arrays = 0;

    /* What may be written may be read: an AMO does so by ARRAY_WRITE. */
    if (barred & WATCH_READS)
        arrays |= 1u << ARRAY_READ | 1u << ARRAY_WRITE;
    if (barred & WATCH_WRITES)
        arrays |= 1u << ARRAY_WRITE | 1u << ARRAY_NOTED;
    return arrays;
}

/* What is at pa, in RAM, of at most eight bytes. */
static u64 bytes_at(const struct ram *ram, u64 pa, unsigned size)
{
    u64 value = 0;

    memcpy(&value, ram_host(ram, pa), size);
    return value;
}

/* What the window has in RAM, and what it will have when [pa, pa + size) has
 * got these bytes. */
static void look(const struct siblings *all, struct watch_hit *hit,
                 const struct watch *watch, const u8 *bytes)
{
    const struct ram *ram = &all->bus->ram;
    u64 pa, from, to;
    unsigned size;

    watch_window(watch, hit->va, hit->pa, hit->size, &pa, &size);
    if (!ram_has(ram, pa, size)) { /* a device: nobody knows what was there */
        memcpy(&hit->now, bytes, least(hit->size, 8));
        return;
    }
    hit->old = hit->now = bytes_at(ram, pa, size);
    from = most(pa, hit->pa);
    to = least(pa + size, hit->pa + hit->size);
    if (from < to)
        memcpy((u8 *)&hit->now + (from - pa), bytes + (from - hit->pa),
               to - from);
}

/* Whether the access changes a byte of the range. */
static bool changes(const struct siblings *all, const struct watch *watch,
                    const struct watch_hit *hit, const u8 *bytes)
{
    u64 at = watch->is_physical ? hit->pa : hit->va;
    u64 first = most(watch->first, at) - at;
    u64 last = least(watch->last, at + (hit->size - 1)) - at;

    if (!ram_has(&all->bus->ram, hit->pa, hit->size))
        return true;
    return memcmp(ram_host(&all->bus->ram, hit->pa + first), bytes + first,
                  last - first + 1) != 0;
}

/* A hit for each watch that meets the access. Whether there was one. */
static bool note(const struct siblings *all, const struct watch_hit *access,
                 const u8 *bytes)
{
    struct watches *watches = all->watches;
    bool any = false;

    for (unsigned i = 0; i < watches->count; i++) {
        const struct watch *watch = &watches->watch[i];
        struct watch_hit *hit;

        if (!(access->is_write ? watch->writes : watch->reads) ||
            !watch_meets(watch, access->has_va, access->va, access->pa,
                         access->size))
            continue;
        hit = watches_hit(watches);
        if (!hit)
            continue;
        *hit = *access;
        hit->id = watch->id;
        look(all, hit, watch, bytes);
        if (access->is_write)
            hit->changes = changes(all, watch, hit, bytes);
        else
            hit->old = hit->now;
        any = true;
    }
    return any;
}

/* What is the same in each access of a hart. */
static struct watch_hit access_of(const struct hart *h)
{
    return (struct watch_hit){
        .hart = (u8)h->w.id,
        .priv = h->s.priv,
        .pc = h->c.in ? h->s.page_va + h->c.in->off : h->s.pc,
        .satp = h->s.csr.satp,
    };
}

void watching_loaded(struct hart *h, u64 va, u64 pa, unsigned size, u64 value)
{
    struct watch_hit access = access_of(h);

    access.has_va = true;
    access.va = va;
    access.pa = pa;
    access.size = size;
    if (note(h->w.siblings, &access, (const u8 *)&value))
        hart_halt(h);
}

void watching_store(struct hart *h, u64 va, u64 pa, const void *bytes, u64 size)
{
    struct watch_hit access = access_of(h);

    access.has_va = access.is_write = true;
    access.va = va;
    access.pa = pa;
    access.size = size;
    if (note(h->w.siblings, &access, bytes))
        hart_halt(h);
}

void watching_store_of(const struct siblings *all, struct hart *by, u64 pa,
                       const void *bytes, u64 size, unsigned origin)
{
    struct watch_hit access = {.hart = RVEMU_NO_HART, .priv = RVEMU_NO_PRIV};

    if (by)
        access = access_of(by);
    access.is_write = true;
    access.origin = (u8)origin;
    access.pa = pa;
    access.size = size;
    if (note(all, &access, bytes) && by)
        hart_halt(by);
}
