/*
 * Slabs: one frame cut into equal objects, a list of slabs with free
 * objects for each size class.
 *
 * The slab's own record is in its struct frame: `used` counts objects in
 * use, `order` holds the class. The first word of a free object links to
 * the next one, the last free object of a slab links to NULL. A slab whose
 * objects are all free returns its frame, so a run that frees everything
 * gets its baseline of free frames back.
 *
 * Larger requests are blocks of frames; `order` then is LARGE | order.
 */
#include "ram/slab.h"

#include "dev/printk.h"
#include "lib/list.h"
#include "lib/string.h"
#include "ram/frames.h"

#define CLASS_MIN_SHIFT 5
#define CLASSES 7 /* 32 64 128 256 512 1024 2048 */
#define LARGE 0x80

struct slab {
    struct list link; /* in partial[cls] while it has free objects */
    void *free;
    u64 pad;
};

static struct list partial[CLASSES];

static_assert(sizeof(struct slab) <= 1 << CLASS_MIN_SHIFT,
              "the header takes the place of whole objects");

void slab_init(void)
{
    for (unsigned i = 0; i < CLASSES; i++)
        list_init(&partial[i]);
}

static struct slab *slab_of(const void *p)
{
    return (struct slab *)ALIGN_DOWN((u64)p, PAGE_SIZE);
}

static struct frame *frame_of_slab(const struct slab *s)
{
    return frame_of(virt_to_phys(s));
}

static struct slab *new_slab(unsigned cls)
{
    u64 size = 1ul << (cls + CLASS_MIN_SHIFT);
    struct slab *s = frames_alloc(0, FRAME_KERNEL);
    u8 *page = (u8 *)s;

    if (!s)
        return NULL;
    frame_of_slab(s)->order = (u8)cls;
    s->free = NULL;
    for (u64 at = PAGE_SIZE - size; at >= sizeof(*s); at -= size) {
        *(void **)(page + at) = s->free;
        s->free = page + at;
    }
    list_add_head(&s->link, &partial[cls]);
    return s;
}

static void *alloc_large(size_t size)
{
    unsigned order = 0;
    void *p;

    while (((size_t)PAGE_SIZE << order) < size)
        order++;
    if (order > FRAME_MAX_ORDER)
        return NULL;
    p = frames_alloc(order, FRAME_KERNEL);
    if (p)
        frame_of(virt_to_phys(p))->order = (u8)(LARGE | order);
    return p;
}

void *kmalloc(size_t size)
{
    unsigned cls = 0;
    struct slab *s;
    void *p;

    while (cls < CLASSES && (1ul << (cls + CLASS_MIN_SHIFT)) < size)
        cls++;
    if (cls == CLASSES)
        return alloc_large(size);
    if (list_empty(&partial[cls]))
        s = new_slab(cls);
    else
        s = list_entry(partial[cls].next, struct slab, link);
    if (!s)
        return NULL;
    p = s->free;
    s->free = *(void **)p;
    frame_of_slab(s)->used++;
    if (!s->free)
        list_del(&s->link);
    return p;
}

void *kzalloc(size_t size)
{
    void *p = kmalloc(size);

    if (p)
        memset(p, 0, size);
    return p;
}

void kfree(void *p)
{
    struct slab *s = slab_of(p);
    struct frame *f;

    if (!p)
        return;
    f = frame_of_slab(s);
    if (f->type != FRAME_KERNEL)
        PANIC("kfree of %p, which kmalloc never gave", p);
    if (f->order & LARGE) {
        frames_free(p, f->order & ~LARGE);
        return;
    }
    if (!s->free)
        list_add_head(&s->link, &partial[f->order]);
    *(void **)p = s->free;
    s->free = p;
    if (--f->used == 0) {
        list_del(&s->link);
        frames_free(s, 0);
    }
}

size_t kmalloc_size(const void *p)
{
    u8 order = frame_of_slab(slab_of(p))->order;

    return order & LARGE ? (size_t)PAGE_SIZE << (order & ~LARGE)
                         : 1ul << (order + CLASS_MIN_SHIFT);
}
