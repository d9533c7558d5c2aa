/*
 * Inodes and their pages.
 *
 * Invariant: a frame in pages[] is of type CACHE and counts 1 for being
 * there. Files in use by an area keep their inode, and so their pages.
 */
#include "fs/inode.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "ram/frames.h"
#include "ram/slab.h"

#define FILE_MAX_SIZE (1ul << 31)

extern char image_end[];

static u64 last_ino;

struct inode *inode_new(u32 mode)
{
    struct inode *i = kzalloc(sizeof(*i));

    if (!i)
        return NULL;
    i->refs = 1;
    i->mode = mode;
    i->nlink = inode_is(i, S_IFDIR) ? 2 : 1;
    i->ino = ++last_ino;
    list_init(&i->entries);
    return i;
}

struct inode *inode_get(struct inode *i)
{
    if (i)
        i->refs++;
    return i;
}

static void drop_pages(struct inode *i, u64 from)
{
    for (u64 at = from; at < i->page_slots; at++) {
        if (i->pages[at])
            frame_put(i->pages[at]);
        i->pages[at] = 0;
    }
}

void inode_put(struct inode *i)
{
    if (!i || --i->refs)
        return;
    drop_pages(i, 0);
    kfree(i->pages);
    kfree(i);
}

static bool grow_slots(struct inode *i, u64 wanted)
{
    u64 bytes = wanted * sizeof(u64);
    u64 *pages;

    if (wanted <= i->page_slots)
        return true;
    if (i->page_slots)
        bytes = max_u64(bytes, 2 * i->page_slots * sizeof(u64));
    pages = kmalloc(bytes);
    if (!pages)
        return false;
    memset(pages, 0, bytes);
    memcpy(pages, i->pages, i->page_slots * sizeof(u64));
    kfree(i->pages);
    i->pages = pages;
    i->page_slots = bytes / sizeof(u64);
    return true;
}

/* Whether page `offset` lies whole and aligned in the initrd. The programs
 * in the kernel's image do not count: that memory can never be freed. */
static bool is_adoptable(const struct inode *i, u64 offset)
{
    return i->image > (const u8 *)image_end && (u64)i->image % PAGE_SIZE == 0 &&
           i->size - offset >= PAGE_SIZE;
}

static u64 fill_page(struct inode *i, u64 index)
{
    u64 offset = index * PAGE_SIZE;
    u64 n = min_u64(i->size - offset, PAGE_SIZE);
    u8 *page;

    if (is_adoptable(i, offset)) {
        u64 pa = virt_to_phys(i->image + offset);

        frame_adopt(pa, FRAME_CACHE);
        return pa;
    }
    page = frames_alloc(0, FRAME_CACHE);
    if (!page)
        return 0;
    if (!i->image)
        n = 0;
    memcpy(page, i->image + offset, n);
    memset(page + n, 0, PAGE_SIZE - n);
    return virt_to_phys(page);
}

static int get_page(struct inode *i, u64 index, u64 *pa)
{
    if (!grow_slots(i, index + 1))
        return -ENOMEM;
    if (!i->pages[index])
        i->pages[index] = fill_page(i, index);
    *pa = i->pages[index];
    return *pa ? 0 : -ENOMEM;
}

int inode_page(struct inode *i, u64 index, u64 *pa)
{
    u64 count = ALIGN_UP(i->size, PAGE_SIZE) / PAGE_SIZE;

    if (index >= count)
        return -EFAULT;
    if (!grow_slots(i, count))
        return -ENOMEM;
    return get_page(i, index, pa);
}

/* Bytes that only the initrd has are read from there; the cache holds what
 * is mapped or written. */
static const u8 *page_contents(struct inode *i, u64 index)
{
    if (index < i->page_slots && i->pages[index])
        return phys_to_virt(i->pages[index]);
    return i->image ? i->image + index * PAGE_SIZE : NULL;
}

i64 inode_read(struct inode *i, u64 offset, void *buf, size_t n)
{
    u8 *to = buf;

    if (offset >= i->size)
        return 0;
    n = min_u64(n, i->size - offset);
    for (size_t done = 0; done < n;) {
        u64 in_page = (offset + done) % PAGE_SIZE;
        size_t part = min_u64(n - done, PAGE_SIZE - in_page);
        const u8 *from = page_contents(i, (offset + done) / PAGE_SIZE);

        if (from)
            memcpy(to + done, from + in_page, part);
        else
            memset(to + done, 0, part);
        done += part;
    }
    return (i64)n;
}

i64 inode_write(struct inode *i, u64 offset, const void *buf, size_t n)
{
    const u8 *from = buf;
    size_t done = 0;

    if (offset + n > FILE_MAX_SIZE)
        return -EFBIG;
    while (done < n) {
        u64 at = offset + done;
        size_t part = min_u64(n - done, PAGE_SIZE - at % PAGE_SIZE);
        u64 old_size = i->size, pa;
        int err;

        i->size = max_u64(i->size, at + part);
        err = get_page(i, at / PAGE_SIZE, &pa);
        if (err) {
            i->size = old_size;
            return done ? (i64)done : err;
        }
        memcpy((u8 *)phys_to_virt(pa) + at % PAGE_SIZE, from + done, part);
        done += part;
    }
    return (i64)done;
}

int inode_truncate(struct inode *i, u64 size)
{
    u64 pa;

    if (size > FILE_MAX_SIZE)
        return -EFBIG;
    if (size < i->size) {
        drop_pages(i, ALIGN_UP(size, PAGE_SIZE) / PAGE_SIZE);
        if (size % PAGE_SIZE) {
            if (get_page(i, size / PAGE_SIZE, &pa))
                return -ENOMEM;
            memset((u8 *)phys_to_virt(pa) + size % PAGE_SIZE, 0,
                   PAGE_SIZE - size % PAGE_SIZE);
        } else if (size == 0) {
            i->image = NULL;
        }
    }
    i->size = size;
    return 0;
}
