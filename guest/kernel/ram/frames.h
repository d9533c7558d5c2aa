/*
 * Physical frames: a buddy allocator and one struct frame for each frame of
 * RAM.
 *
 * A frame that user space can map (ANON, CACHE) is counted: its count is
 * the number of leaf page-table slots that name it, plus one when the page
 * cache holds it, plus the pins the kernel took. The count is 32 bits wide.
 */
#ifndef RAM_FRAMES_H
#define RAM_FRAMES_H

#include "lib/layout.h"
#include "lib/types.h"

enum frame_type {
    FRAME_RESERVED, /* image, firmware, device tree, initrd: never given out */
    FRAME_FREE,     /* in a free list, alone or as part of a larger block */
    FRAME_KERNEL,   /* stacks, slabs, buffers */
    FRAME_TABLE,    /* page table */
    FRAME_ANON,     /* user memory without a file behind it */
    FRAME_CACHE,    /* a page of a file; the same frame in all processes */
    FRAME_TYPES
};

#define FRAME_MAX_ORDER 10 /* largest block: 4 MiB */

struct frame {
    u32 ref;  /* see above; 1 for KERNEL and TABLE frames, 0 when free */
    u32 next; /* free list links, as indexes; NONE ends the list */
    u32 prev;
    u16 used; /* TABLE: valid entries of its user part */
    u8 type;  /* enum frame_type */
    u8 order; /* FREE: 1 + order, in the first frame of a block, else 0;
               * KERNEL: the slab allocator's */
};

/* Takes over the RAM from `start` to `end`; `table` is a place for its frame
 * table (frames_table_size bytes). Nothing of it is free below an address that
 * is returned, at least `taken`; all is above. */
u64 frames_table_size(u64 start, u64 end);
u64 frames_init(u64 start, u64 taken, u64 end, struct frame *table);

/* Hands the whole frames within a range to the allocator. */
void frames_release_range(u64 start, u64 end);

/* 2^order contiguous frames, contents undefined; NULL when there are none. */
void *frames_alloc(unsigned order, enum frame_type type);
void frames_free(void *p, unsigned order);

/* One zeroed frame for a page table or for user memory. */
void *frame_alloc_zeroed(enum frame_type type);

struct frame *frame_of(u64 pa);

static inline u64 frame_count(u64 pa)
{
    return frame_of(pa)->ref;
}

/* Makes a reserved frame one of `type`, with a count of 1. */
void frame_adopt(u64 pa, enum frame_type type);

/* Takes and drops a reference of a counted frame; the last drop frees it. */
void frame_get(u64 pa);
void frame_put(u64 pa);

/* Frames in all, free ones, and those of one type. */
u64 frames_total(void);
u64 frames_free_count(void);
u64 frames_of_type(enum frame_type type);

/* Frame numbers: the first; the end of those in the frame table by now, for
 * walks (all above are free); the end of those that it has room for. */
u64 frames_first_pfn(void);
u64 frames_known_pfn(void);
u64 frames_end_pfn(void);

#endif
