/* Addresses whose accesses are told of; see watches.h. */
#include "hart/code/watches.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define PAGE_BITS 12
#define ROOM_FIRST 16

void watches_free(struct watches *watches)
{
    free(watches->watch);
    free(watches->hit);
    *watches = (struct watches){0};
}

static u64 page_bit(u64 address)
{
    return 1ull << (address >> PAGE_BITS & 63);
}

/* The pages of a range, as bits. */
static u64 pages_of(const struct watch *watch)
{
    u64 pages = 0, n = (watch->last >> PAGE_BITS) - (watch->first >> PAGE_BITS);

    if (n >= 63)
        return ~0ull;
    for (u64 i = 0; i <= n; i++)
        pages |= page_bit(watch->first + (i << PAGE_BITS));
    return pages;
}

static void rewire(struct watches *watches)
{
    watches->pages = 0;
    for (unsigned i = 0; i < watches->count; i++)
        watches->pages |= pages_of(&watches->watch[i]);
    watches->is_armed = watches->count && !watches->is_silent;
}

/* An array with room for one more, or NULL. */
static void *with_room(void *array, unsigned count, unsigned *room, size_t size)
{
    unsigned wanted = *room ? 2 * *room : ROOM_FIRST;
    void *grown;

    if (count < *room)
        return array;
    grown = realloc(array, wanted * size);
    if (grown)
        *room = wanted;
    return grown;
}

bool watches_add(struct watches *watches, const struct watch *watch)
{
    struct watch *grown = with_room(watches->watch, watches->count,
                                    &watches->room, sizeof(*watch));

    if (!grown)
        return false;
    watches->watch = grown;
    grown[watches->count++] = *watch;
    rewire(watches);
    return true;
}

bool watches_remove(struct watches *watches, int id)
{
    unsigned kept = 0, before = watches->count;

    for (unsigned i = 0; i < before; i++)
        if (watches->watch[i].id != id)
            watches->watch[kept++] = watches->watch[i];
    watches->count = kept;
    rewire(watches);
    return kept < before;
}

void watches_arm(struct watches *watches, bool on)
{
    watches->is_silent = !on;
    watches->hits = 0;
    rewire(watches);
}

/* Whether a range has a byte in the page of an address. */
static bool has_page(const struct watch *watch, u64 address)
{
    u64 page = align_down(address, 1u << PAGE_BITS);

    return watch->first <= page + ((1u << PAGE_BITS) - 1) &&
           watch->last >= page;
}

unsigned watches_bar(const struct watches *watches, u64 va, u64 pa)
{
    unsigned barred = 0;

    if (!(watches->pages & (page_bit(va) | page_bit(pa))))
        return 0;
    for (unsigned i = 0; i < watches->count; i++) {
        const struct watch *watch = &watches->watch[i];

        if (has_page(watch, watch->is_physical ? pa : va))
            barred |= (watch->reads ? WATCH_READS : 0) |
                      (watch->writes ? WATCH_WRITES : 0);
    }
    return barred;
}

bool watch_meets(const struct watch *watch, bool has_va, u64 va, u64 pa,
                 u64 size)
{
    u64 first = watch->is_physical ? pa : va;

    return (watch->is_physical || has_va) && first <= watch->last &&
           first + (size - 1) >= watch->first;
}

void watch_window(const struct watch *watch, u64 va, u64 pa, u64 size,
                  u64 *window_pa, unsigned *window_size)
{
    u64 at = watch->is_physical ? pa : va, page = at >> PAGE_BITS;
    u64 first = most(watch->first, at);
    u64 last = least(watch->last, at + (size - 1));

    if (watch->last - watch->first < 8 && watch->first >> PAGE_BITS == page &&
        watch->last >> PAGE_BITS == page) {
        first = watch->first;
        last = watch->last;
    }
    *window_pa = pa + (first - at);
    *window_size = (unsigned)least(last - first + 1, 8);
}

struct watch_hit *watches_hit(struct watches *watches)
{
    struct watch_hit *grown = with_room(watches->hit, watches->hits,
                                        &watches->hit_room, sizeof(*grown));

    if (!grown)
        return NULL;
    watches->hit = grown;
    grown[watches->hits] = (struct watch_hit){0};
    return &grown[watches->hits++];
}
