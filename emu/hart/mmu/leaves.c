/* What page tables map for users, by frame; see leaves.h. */
#include "hart/mmu/leaves.h"

#include <stdlib.h>
#include <string.h>

#include "base/sparse.h"
#include "hart/lookup/tlb.h"
#include "hart/mmu/arrays.h"
#include "isa/pte.h"

#define LARGEST 1       /* level: 2 MiB */
#define LOST (1u << 31) /* it is protected */
#define LEFT (1u << 30) /* it was until no known leaf mapped it */
#define COUNT (LEFT - 1)

void leaves_begin(struct leaves *leaves, const struct siblings *all)
{
    leaves->all = all;
    leaves->frames = all->bus->ram.size >> PAGE_SHIFT;
    leaves->frame = calloc(leaves->frames, sizeof(*leaves->frame));
    if (!leaves->frame)
        leaves->frames = 0;
}

static void unprotect(struct leaves *leaves, u64 frame)
{
    leaves->frame[frame] &= ~LOST;
    leaves->all->bus->ram.frame_flags[frame] &= (u8)~FRAME_PROTECTED;
}

static void protect(struct leaves *leaves, u64 frame)
{
    const struct ram *ram = &leaves->all->bus->ram;

    leaves->frame[frame] |= LOST;
    ram->frame_flags[frame] |= FRAME_PROTECTED;
    arrays_protect(leaves->all, ram->base + (frame << PAGE_SHIFT));
}

void leaves_end(struct leaves *leaves)
{
    for (u64 i = 0; i < leaves->frames; i++)
        if (leaves->frame[i] & LOST)
            unprotect(leaves, i);
    free(leaves->frame);
    *leaves = (struct leaves){.frame = NULL};
}

void leaves_restored(struct leaves *leaves)
{
    for (u64 i = 0; i < leaves->frames; i++)
        if (leaves->frame[i] & LOST)
            leaves->all->bus->ram.frame_flags[i] |= FRAME_PROTECTED;
}

static size_t frame_size(const struct leaves *leaves)
{
    return leaves->frames * sizeof(*leaves->frame);
}

struct sparse *leaves_save(const struct leaves *leaves)
{
    return leaves->frame ? sparse_new(leaves->frame, frame_size(leaves)) : NULL;
}

void leaves_load(struct leaves *leaves, const struct sparse *saved)
{
    for (u64 i = 0; i < leaves->frames; i++)
        leaves->all->bus->ram.frame_flags[i] &= (u8)~FRAME_PROTECTED;
    if (leaves->frame && saved)
        sparse_load(saved, leaves->frame);
    else if (leaves->frame)
        memset(leaves->frame, 0, frame_size(leaves));
}

/* How many frames from *first on a user leaf maps; 0: it is none, or is not
 * counted. */
static u64 frames_of(const struct leaves *leaves, struct leaf leaf, u64 *first)
{
    u64 pa, size;

    if (!pte_maps(leaf.pte) || !(leaf.pte & PTE_U) || leaf.level > LARGEST ||
        !leaves->frames)
        return 0;
    pa = pte_page(leaf.pte, leaf.pte_pa);
    size = tlb_page_size(leaf.level);
    if (!ram_has(&leaves->all->bus->ram, pa, size))
        return 0;
    *first = (pa - leaves->all->bus->ram.base) >> PAGE_SHIFT;
    return size >> PAGE_SHIFT;
}

/* One more leaf maps the frame. */
static void add(struct leaves *leaves, u64 frame, bool writable, bool found)
{
    u32 before = leaves->frame[frame]++;

    leaves->frame[frame] &= ~LEFT;
    if (writable && before & LOST)
        unprotect(leaves, frame);
    else if (!writable && found && before & LEFT)
        protect(leaves, frame);
}

void leaves_add(struct leaves *leaves, struct leaf leaf, bool found)
{
    u64 frame = 0;

    for (u64 n = frames_of(leaves, leaf, &frame); n--; frame++)
        add(leaves, frame, (leaf.pte & PTE_W) != 0, found);
}

void leaves_remove(struct leaves *leaves, struct leaf leaf)
{
    u64 frame = 0;

    for (u64 n = frames_of(leaves, leaf, &frame); n--; frame++) {
        if (!(leaves->frame[frame] & COUNT) || --leaves->frame[frame] != LOST)
            continue;
        unprotect(leaves, frame);
        leaves->frame[frame] |= LEFT;
    }
}

void leaves_replaced(struct leaves *leaves, u64 before, struct leaf leaf)
{
    u64 frame = 0;

    if (!(before & PTE_W) || !(before & PTE_U) || leaf.pte & PTE_W ||
        pte_page(before, leaf.pte_pa) != pte_page(leaf.pte, leaf.pte_pa))
        return;
    for (u64 n = frames_of(leaves, leaf, &frame); n--; frame++)
        protect(leaves, frame);
}
