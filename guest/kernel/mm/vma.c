/*
 * Areas: a list sorted by address, disjoint, page aligned, and its index.
 *
 * Changing a range first splits the areas at its two ends; whatever then
 * lies in the range lies in it wholly. The splits take all the memory the
 * change needs, and an area split in two means the same as before, so a
 * change that runs out of memory there has changed nothing.
 */
#include "mm/mm.h"

#include "dev/printk.h"
#include "fs/inode.h"
#include "lib/errno.h"
#include "mm/pgtable.h"
#include "mm/vma_tree.h"
#include "ram/frames.h"
#include "ram/slab.h"

static struct vma *vma_at(struct list *link)
{
    return list_entry(link, struct vma, link);
}

u64 vm_flags_to_pte(u32 flags)
{
    u64 pte = PTE_V | PTE_U | PTE_A;

    if (flags & VM_READ)
        pte |= PTE_R;
    if (flags & VM_WRITE)
        pte |= PTE_R | PTE_W | PTE_D; /* W without R is reserved */
    if (flags & VM_EXEC)
        pte |= PTE_X;
    if (flags & VM_SHARED)
        pte |= PTE_SHARED;
    return pte;
}

void vma_check_page(const struct vma *vma, u64 pte)
{
    const struct frame *f = frame_of(pte_pa(pte));

    if ((pte & PTE_LEAF) & ~vm_flags_to_pte(vma->flags))
        PANIC("selfcheck 4: entry 0x%lx allows more than its area", pte);
    if (f->type != FRAME_ANON && f->type != FRAME_CACHE)
        PANIC("selfcheck 4: a user page on a frame of type %d", f->type);
    if ((pte & (PTE_W | PTE_SHARED)) == PTE_W && f->ref != 1)
        PANIC("selfcheck 3: writable frame 0x%lx has count %u", pte_pa(pte),
              f->ref);
}

struct vma *find_vma(struct mm *mm, u64 va)
{
    struct vma *vma;

    if (mm->last && va >= mm->last->start && va < mm->last->end)
        return mm->last;
    vma = vma_from(mm, va);
    if (!vma || va < vma->start)
        return NULL;
    return mm->last = vma;
}

struct vma *vma_from(const struct mm *mm, u64 va)
{
    return vma_tree_find(mm->tree, va);
}

bool vma_range_free(struct mm *mm, u64 start, u64 end)
{
    const struct vma *vma = vma_from(mm, start);

    return !vma || vma->start >= end;
}

/* From the top down; what was given out in a row is not looked at again. */
u64 vma_find_gap(struct mm *mm, u64 len)
{
    u64 top = MMAP_TOP - mm->full;
    const struct vma *above = vma_from(mm, top);
    struct list *at = above ? above->link.prev : mm->vmas.prev;

    if (above)
        top = min_u64(top, above->start);
    len = ALIGN_UP(len, PAGE_SIZE);
    for (; at != &mm->vmas; at = at->prev) {
        struct vma *vma = vma_at(at);

        if (vma->end <= top && top - vma->end >= len)
            break;
        top = vma->start;
    }
    return top < len + PAGE_SIZE ? 0 : top - len;
}

/* `start` to `end` is taken, or free again. */
static void note_taken(struct mm *mm, u64 start, u64 end)
{
    if (end == MMAP_TOP - mm->full)
        mm->full += end - start;
}

static void note_free(struct mm *mm, u64 end)
{
    if (end > MMAP_TOP - mm->full)
        mm->full = MMAP_TOP - min_u64(end, MMAP_TOP);
}

/* A file knows how many areas have it, and they keep it alive. */
static struct inode *map_file(struct inode *file)
{
    if (file)
        file->areas++;
    return inode_get(file);
}

static void unmap_file(struct inode *file)
{
    if (file)
        file->areas--;
    inode_put(file);
}

/* An anonymous area that only grows its neighbour needs no record. */
static bool extend(struct mm *mm, u64 start, u64 end, u32 flags)
{
    struct vma *vma = find_vma(mm, start - 1);

    if (!vma || vma->file || vma->flags != flags)
        return false;
    vma->end = end;
    note_taken(mm, start, end);
    return true;
}

/* Into the list, in front of the first area above it, and into the index. */
static void add_vma(struct mm *mm, struct vma *vma)
{
    struct vma *next = vma_from(mm, vma->start);

    list_add_before(&vma->link, next ? &next->link : &mm->vmas);
    vma_tree_add(&mm->tree, vma);
    note_taken(mm, vma->start, vma->end);
}

int do_mmap(struct mm *mm, u64 start, u64 len, u32 flags, struct inode *file,
            u64 offset, u64 filesz)
{
    u64 end = start + ALIGN_UP(len, PAGE_SIZE);
    bool is_free = vma_range_free(mm, start, end);
    struct vma *vma;

    if (is_free && !file && extend(mm, start, end, flags))
        return 0;
    vma = kmalloc(sizeof(*vma));
    if (!vma)
        return -ENOMEM;
    if (!is_free && do_munmap(mm, start, len)) {
        kfree(vma);
        return -ENOMEM;
    }
    *vma = (struct vma){
        .start = start,
        .end = end,
        .flags = flags,
        .file = map_file(file),
        .offset = offset,
        .filesz = filesz,
    };
    add_vma(mm, vma);
    return 0;
}

static void remove_vma(struct mm *mm, struct vma *vma)
{
    if (mm->last == vma)
        mm->last = NULL;
    list_del(&vma->link);
    vma_tree_remove(&mm->tree, vma);
    unmap_file(vma->file);
    kfree(vma);
}

void free_vma(struct mm *mm)
{
    list_for_each_safe (at, &mm->vmas)
        remove_vma(mm, vma_at(at));
}

int copy_vma(struct mm *child, const struct mm *parent)
{
    list_for_each (at, &parent->vmas) {
        struct vma *copy = kmalloc(sizeof(*copy));

        if (!copy)
            return -ENOMEM;
        *copy = *vma_at(at);
        map_file(copy->file);
        list_add_tail(&copy->link, &child->vmas);
        vma_tree_add(&child->tree, copy);
    }
    return 0;
}

/* Makes `va` a boundary between areas. */
static int split_at(struct mm *mm, u64 va)
{
    struct vma *low = find_vma(mm, va);
    struct vma *high;
    u64 part;

    if (!low || low->start == va)
        return 0;
    high = kmalloc(sizeof(*high));
    if (!high)
        return -ENOMEM;
    *high = *low;
    map_file(high->file);
    part = va - low->start;
    high->start = va;
    high->offset += part;
    high->filesz = low->filesz > part ? low->filesz - part : 0;
    low->end = va;
    list_add_head(&high->link, &low->link);
    vma_tree_add(&mm->tree, high);
    return 0;
}

static int split_range(struct mm *mm, u64 start, u64 end)
{
    int err = split_at(mm, start);

    return err ? err : split_at(mm, end);
}

int do_munmap(struct mm *mm, u64 start, u64 len)
{
    u64 end = start + ALIGN_UP(len, PAGE_SIZE);
    int err = split_range(mm, start, end);
    struct vma *vma;

    if (err)
        return err;
    for (vma = vma_from(mm, start); vma && vma->start < end;
         vma = vma_from(mm, start))
        remove_vma(mm, vma);
    note_free(mm, end);
    pt_unmap(mm, start, end);
    return 0;
}

int vma_check_range(struct mm *mm, u64 start, u64 end, u32 access)
{
    while (start < end) {
        struct vma *vma = find_vma(mm, start);

        if (!vma)
            return -ENOMEM;
        if ((access & VM_WRITE) && (vma->flags & VM_READ_ONLY))
            return -EACCES;
        start = vma->end;
    }
    return 0;
}

/*
 * What an entry becomes when its area now has `flags`. W is never given
 * here but found out by a fault, since the page may be shared. With no
 * access at all the page stays, out of everybody's reach: X without U lets
 * neither mode load, store or fetch, and keeps the entry a leaf.
 */
static u64 protected_pte(u64 pte, u32 flags)
{
    u64 want = vm_flags_to_pte(flags);
    u64 rest = pte & ~(PTE_LEAF | PTE_U);

    if (!(flags & VM_ACCESS))
        return rest | PTE_X;
    return rest | (want & (PTE_R | PTE_X | PTE_U)) | (want & pte & PTE_W);
}

static void protect_entries(struct mm *mm, const struct vma *vma)
{
    for (u64 va = vma->start; va < vma->end; va += PAGE_SIZE) {
        u64 *slot = pt_find(mm->root, va);

        if (!slot)
            va = ALIGN_DOWN(va, LEAF_SPAN) + LEAF_SPAN - PAGE_SIZE;
        else if (*slot & PTE_V)
            *slot = protected_pte(*slot, vma->flags);
    }
}

int do_mprotect(struct mm *mm, u64 start, u64 len, u32 access)
{
    u64 end = start + ALIGN_UP(len, PAGE_SIZE);
    int err = vma_check_range(mm, start, end, access);
    struct vma *vma;

    if (!err)
        err = split_range(mm, start, end);
    if (err)
        return err;
    for (; start < end; start = vma->end) {
        vma = find_vma(mm, start);
        vma->flags = (vma->flags & ~VM_ACCESS) | access;
        protect_entries(mm, vma);
    }
    mm_fence(mm);
    if (access & VM_EXEC)
        mm_fence_code();
    return 0;
}

u64 do_brk(struct mm *mm, u64 brk)
{
    u64 old_end = ALIGN_UP(mm->brk, PAGE_SIZE);
    u64 new_end = ALIGN_UP(brk, PAGE_SIZE);

    if (brk < mm->brk_start || brk >= MMAP_TOP)
        return mm->brk;
    if (new_end > old_end &&
        (!vma_range_free(mm, old_end, new_end) ||
         do_mmap(mm, old_end, new_end - old_end, VM_READ | VM_WRITE | VM_HEAP,
                 NULL, 0, 0)))
        return mm->brk;
    if (new_end < old_end && do_munmap(mm, new_end, old_end - new_end))
        return mm->brk;
    mm->brk = brk;
    return brk;
}
