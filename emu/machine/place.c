/* Ranges of RAM and what is put there; see place.h. */
#include "machine/place.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "machine/memmap.h"

int place_check(const char *name, u64 pa, u64 size, u64 ram_size,
                struct rvemu_error *error)
{
    u64 offset = pa - MEMMAP_RAM_BASE, end;

    if (offset <= ram_size && size <= ram_size - offset)
        return 0;
    if (__builtin_add_overflow(pa, size, &end))
        end = UINT64_MAX;
    return error_set(error,
                     "%s: 0x%" PRIx64 "-0x%" PRIx64
                     " lies outside RAM (0x%llx-0x%llx); %s",
                     name, pa, end, MEMMAP_RAM_BASE, MEMMAP_RAM_BASE + ram_size,
                     pa < MEMMAP_RAM_BASE ? "link it there" : "see -m");
}

static int make_room(struct places *p, struct rvemu_error *error)
{
    unsigned room = p->room ? 2 * p->room : 16;
    struct place *grown;

    if (p->count < p->room)
        return 0;
    grown = realloc(p->place, room * sizeof(*grown));
    if (!grown)
        return error_set(error, "out of host memory");
    p->place = grown;
    p->room = room;
    return 0;
}

/* Takes [pa, pa + size) of RAM for name, or says why not. */
static int take(struct places *p, const char *name, u64 pa, u64 size,
                struct rvemu_error *error)
{
    if (place_check(name, pa, size, p->ram->size, error) < 0)
        return -1;
    for (unsigned i = 0; i < p->count; i++) {
        const struct place *other = &p->place[i];

        if (pa < other->end && other->start < pa + size)
            return error_set(error,
                             "%s: 0x%" PRIx64 "-0x%" PRIx64
                             " overlaps %s at 0x%" PRIx64 "-0x%" PRIx64,
                             name, pa, pa + size, other->name, other->start,
                             other->end);
    }
    if (make_room(p, error) < 0)
        return -1;
    p->place[p->count++] =
        (struct place){.start = pa, .end = pa + size, .name = name};
    return 0;
}

int places_fill(struct places *p, const char *name, const struct segment *s,
                struct rvemu_error *error)
{
    if (take(p, name, s->pa, s->size, error) < 0)
        return -1;
    memcpy(ram_host(p->ram, s->pa), s->bytes, s->filled);
    return 0;
}

int places_fill_layout(struct places *p, const char *name,
                       const struct layout *layout, struct rvemu_error *error)
{
    for (unsigned i = 0; i < layout->segments; i++)
        if (places_fill(p, name, &layout->segment[i], error) < 0)
            return -1;
    return 0;
}

int places_patch(struct places *p, const char *name, const struct segment *s,
                 struct rvemu_error *error)
{
    if (place_check(name, s->pa, s->size, p->ram->size, error) < 0)
        return -1;
    memcpy(ram_host(p->ram, s->pa), s->bytes, s->filled);
    return 0;
}

void places_free(struct places *p)
{
    free(p->place);
    *p = (struct places){0};
}
