/*
 * The buddy allocator.
 *
 * Invariants: a free block of order n starts at a multiple of 2^n frames
 * (counted from the start of RAM rounded down to the largest block); its
 * first frame is FREE, carries the order and hangs in that order's list;
 * no two free buddies exist side by side. A free frame has count 0.
 *
 * A table of much memory is large itself. So it says nothing yet of the frames
 * from known_pfn on, a multiple of the largest block unless all are known:
 * they are free and in no list until the lists run short.
 */
#include "ram/frames.h"

#include "dev/printk.h"
#include "lib/string.h"

#define NONE (~0u)
/* As many frames become known at a time. */
#define STEP (32ul << FRAME_MAX_ORDER)

void page_zero(void *page);

static struct frame *frames; /* indexed by frame number - first_pfn */
static u64 first_pfn, known_pfn, end_pfn;
static u32 free_head[FRAME_MAX_ORDER + 1];
static u64 type_count[FRAME_TYPES];

u64 frames_table_size(u64 start, u64 end)
{
    start = ALIGN_DOWN(start, PAGE_SIZE << FRAME_MAX_ORDER);
    return ALIGN_UP(((end - start) >> PAGE_SHIFT) * sizeof(struct frame),
                    PAGE_SIZE);
}

/* The frames up to pfn are known, and reserved: all zero. The table is made of
 * whole pages, and so is its part for a number of blocks. */
static void make_known(u64 pfn)
{
    u8 *at = (u8 *)&frames[known_pfn - first_pfn];

    for (; at < (u8 *)&frames[pfn - first_pfn]; at += PAGE_SIZE)
        page_zero(at);
    type_count[FRAME_FREE] -= pfn - known_pfn;
    type_count[FRAME_RESERVED] += pfn - known_pfn;
    known_pfn = pfn;
}

u64 frames_init(u64 start, u64 taken, u64 end, struct frame *table)
{
    const u64 block = PAGE_SIZE << FRAME_MAX_ORDER;

    frames = table;
    first_pfn = known_pfn = ALIGN_DOWN(start, block) >> PAGE_SHIFT;
    end_pfn = end >> PAGE_SHIFT;
    for (unsigned i = 0; i <= FRAME_MAX_ORDER; i++)
        free_head[i] = NONE;
    type_count[FRAME_RESERVED] = 0;
    type_count[FRAME_FREE] = end_pfn - first_pfn;
    make_known(min_u64(ALIGN_UP(taken, block) >> PAGE_SHIFT, end_pfn));
    return known_pfn << PAGE_SHIFT;
}

static u32 index_of(const void *p)
{
    return (u32)((virt_to_phys(p) >> PAGE_SHIFT) - first_pfn);
}

static void *address_of(u32 index)
{
    return phys_to_virt((first_pfn + index) << PAGE_SHIFT);
}

static void free_list_add(u32 index, unsigned order)
{
    struct frame *f = &frames[index];

    f->order = (u8)(order + 1);
    f->prev = NONE;
    f->next = free_head[order];
    if (f->next != NONE)
        frames[f->next].prev = index;
    free_head[order] = index;
}

static void free_list_del(u32 index)
{
    struct frame *f = &frames[index];

    if (f->prev == NONE)
        free_head[f->order - 1] = f->next;
    else
        frames[f->prev].next = f->next;
    if (f->next != NONE)
        frames[f->next].prev = f->prev;
    f->order = 0;
}

/* All frames of a block have one type. */
static void set_type(u32 index, unsigned order, enum frame_type type)
{
    u64 n = 1ul << order;

    type_count[frames[index].type] -= n;
    type_count[type] += n;
    for (struct frame *f = &frames[index]; n--; f++)
        f->type = (u8)type;
}

/* Puts a block back and joins it with its buddy as long as that is free. */
static void give_back(u32 index, unsigned order)
{
    set_type(index, order, FRAME_FREE);
    for (; order < FRAME_MAX_ORDER; order++) {
        u32 buddy = index ^ (1u << order);

        if (buddy >= known_pfn - first_pfn ||
            frames[buddy].order != order + 1 ||
            frames[buddy].type != FRAME_FREE)
            break;
        free_list_del(buddy);
        index &= ~(1u << order);
    }
    free_list_add(index, order);
}

void frames_release_range(u64 start, u64 end)
{
    u64 at = ALIGN_UP(start, PAGE_SIZE);

    while (at + PAGE_SIZE <= end) {
        u32 index = index_of(phys_to_virt(at));
        unsigned order = 0;

        while (order < FRAME_MAX_ORDER && index % (2u << order) == 0 &&
               at + (PAGE_SIZE << (order + 1)) <= end)
            order++;
        give_back(index, order);
        at += (u64)PAGE_SIZE << order;
    }
}

/* Puts more frames into the lists, while there are any. */
static bool add_known(void)
{
    u64 start = known_pfn;

    if (start == end_pfn)
        return false;
    make_known(min_u64(start + STEP, end_pfn));
    frames_release_range(start << PAGE_SHIFT, known_pfn << PAGE_SHIFT);
    return true;
}

/* The order of the smallest free block that holds one of `order`. */
static unsigned smallest_free(unsigned order)
{
    while (order <= FRAME_MAX_ORDER && free_head[order] == NONE)
        order++;
    return order;
}

void *frames_alloc(unsigned order, enum frame_type type)
{
    unsigned have;
    u32 index;

    while ((have = smallest_free(order)) > FRAME_MAX_ORDER) {
        if (!add_known())
            return NULL;
    }
    index = free_head[have];
    free_list_del(index);
    while (have > order) {
        have--;
        free_list_add(index + (1u << have), have);
    }
    set_type(index, order, type);
    frames[index].ref = 1;
    frames[index].used = 0;
    frames[index].order = 0;
    return address_of(index);
}

void *frame_alloc_zeroed(enum frame_type type)
{
    void *page = frames_alloc(0, type);

    if (page)
        page_zero(page);
    return page;
}

/* Never inline: who watches the allocator from outside sees every call. */
__attribute__((noinline)) void frames_free(void *p, unsigned order)
{
    u32 index = index_of(p);

    if (frames[index].type < FRAME_KERNEL)
        PANIC("frame %p freed twice", p);
    frames[index].ref = 0;
    frames[index].order = 0;
    give_back(index, order);
}

struct frame *frame_of(u64 pa)
{
    return &frames[(pa >> PAGE_SHIFT) - first_pfn];
}

void frame_adopt(u64 pa, enum frame_type type)
{
    u32 index = index_of(phys_to_virt(pa));

    if (frames[index].type != FRAME_RESERVED)
        PANIC("frame 0x%lx is not reserved", pa);
    set_type(index, 0, type);
    frames[index].ref = 1;
}

void frame_get(u64 pa)
{
    frame_of(pa)->ref++;
}

void frame_put(u64 pa)
{
    struct frame *f = frame_of(pa);

    if (f->ref == 0)
        PANIC("frame 0x%lx: count below zero", pa);
    if (f->ref == 1)
        frames_free(phys_to_virt(pa), 0);
    else
        f->ref--;
}

u64 frames_total(void)
{
    return end_pfn - first_pfn - type_count[FRAME_RESERVED];
}

u64 frames_free_count(void)
{
    return type_count[FRAME_FREE];
}

u64 frames_of_type(enum frame_type type)
{
    return type_count[type];
}

u64 frames_first_pfn(void)
{
    return first_pfn;
}

u64 frames_known_pfn(void)
{
    return known_pfn;
}

u64 frames_end_pfn(void)
{
    return end_pfn;
}
