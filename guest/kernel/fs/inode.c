/*
 * Inodes and their pages.
 *
 * Invariant: a frame in the cache is of type CACHE and counts 1 for being
 * there. Files in use by an area keep their inode, and so their pages.
 */
#include "fs/inode.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "ram/frames.h"
#include "ram/slab.h"

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

void inode_put(struct inode *i)
{
    if (!i || --i->refs)
        return;
    pages_free(&i->pages);
    kfree(i);
}

/* Whether page `offset` lies whole and aligned in the initrd. The programs
 * in the kernel's image do not count: that memory can never be freed. */
static bool is_adoptable(const struct inode *i, u64 offset)
{
    return i->image > (const u8 *)image_end && (u64)i->image % PAGE_SIZE == 0 &&
           offset + PAGE_SIZE <= i->image_size;
}

/* How many bytes of a page the initrd has. */
static u64 image_bytes(const struct inode *i, u64 offset)
{
    return offset < i->image_size ? min_u64(i->image_size - offset, PAGE_SIZE)
                                  : 0;
}

static u64 fill_page(struct inode *i, u64 index)
{
    u64 offset = index * PAGE_SIZE;
    u64 n = image_bytes(i, offset);
    u8 *page;

    if (is_adoptable(i, offset)) {
        u64 pa = virt_to_phys(i->image + offset);

        frame_adopt(pa, FRAME_CACHE);
        return pa;
    }
    page = frames_alloc(0, FRAME_CACHE);
    if (!page)
        return 0;
    if (n)
        memcpy(page, i->image + offset, n);
    memset(page + n, 0, PAGE_SIZE - n);
    return virt_to_phys(page);
}

static int get_page(struct inode *i, u64 index, u64 *pa)
{
    u64 *slot = pages_make(&i->pages, index);

    if (!slot)
        return -ENOMEM;
    if (!*slot)
        *slot = fill_page(i, index);
    *pa = *slot;
    return *pa ? 0 : -ENOMEM;
}

int inode_page(struct inode *i, u64 index, u64 *pa)
{
    if (index >= ALIGN_UP(i->size, PAGE_SIZE) / PAGE_SIZE)
        return -EFAULT;
    return get_page(i, index, pa);
}

const void *inode_peek(struct inode *i, u64 at, size_t *n)
{
    static const u8 zeros[PAGE_SIZE];
    u64 in_page = at % PAGE_SIZE, pa = pages_get(&i->pages, at / PAGE_SIZE);
    u64 have = image_bytes(i, at - in_page);

    *n = min_u64(*n, PAGE_SIZE - in_page);
    if (pa)
        return (u8 *)phys_to_virt(pa) + in_page;
    if (have <= in_page)
        return zeros;
    *n = min_u64(*n, have - in_page);
    return i->image + at;
}

i64 inode_read(struct inode *i, u64 offset, void *buf, size_t n)
{
    size_t part;

    if (offset >= i->size)
        return 0;
    n = min_u64(n, i->size - offset);
    for (size_t done = 0; done < n; done += part) {
        const void *from;

        part = n - done;
        from = inode_peek(i, offset + done, &part);
        memcpy((u8 *)buf + done, from, part);
    }
    return (i64)n;
}

/* What a mapping stored behind the end does not become the file's when it
 * grows. */
static void clean_tail(struct inode *i)
{
    u64 in_page = i->size % PAGE_SIZE;
    u64 pa = i->tail_dirty ? pages_get(&i->pages, i->size / PAGE_SIZE) : 0;

    if (pa)
        memset((u8 *)phys_to_virt(pa) + in_page, 0, PAGE_SIZE - in_page);
}

int inode_poke(struct inode *i, u64 at, size_t *n, void **to)
{
    u64 in_page = at % PAGE_SIZE, pa;
    int err;

    if (at >= FILE_MAX_SIZE)
        return -EFBIG;
    *n = min_u64(*n, PAGE_SIZE - in_page);
    err = get_page(i, at / PAGE_SIZE, &pa);
    if (err)
        return err;
    if (at > i->size)
        clean_tail(i);
    *to = (u8 *)phys_to_virt(pa) + in_page;
    return 0;
}

void inode_extend(struct inode *i, u64 end)
{
    i->size = max_u64(i->size, end);
}

i64 inode_write(struct inode *i, u64 offset, const void *buf, size_t n)
{
    size_t part;

    for (size_t done = 0; done < n; done += part) {
        void *to;
        int err;

        part = n - done;
        err = inode_poke(i, offset + done, &part, &to);
        if (err)
            return done ? (i64)done : err;
        memcpy(to, (const u8 *)buf + done, part);
        inode_extend(i, offset + done + part);
    }
    return (i64)n;
}

int inode_truncate(struct inode *i, u64 size)
{
    u64 in_page = size % PAGE_SIZE, pa;

    if (size > FILE_MAX_SIZE)
        return -EFBIG;
    if (size > i->size)
        clean_tail(i);
    if (size < i->size) {
        if (in_page && get_page(i, size / PAGE_SIZE, &pa))
            return -ENOMEM;
        if (in_page)
            memset((u8 *)phys_to_virt(pa) + in_page, 0, PAGE_SIZE - in_page);
        pages_drop(&i->pages, ALIGN_UP(size, PAGE_SIZE) / PAGE_SIZE);
    }
    i->image_size = min_u64(i->image_size, size);
    i->size = size;
    return 0;
}
