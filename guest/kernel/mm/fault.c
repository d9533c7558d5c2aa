/*
 * Page faults: demand paging and copy-on-write.
 *
 * The area decides whether the access is legal, the entry what is missing:
 *
 *   no entry                 demand: page of the file, or a zeroed frame
 *   entry without W, store   copy-on-write: others use the frame: copy it;
 *                            nobody else does: only give W back
 *   entry in order           it has become so since the hart cached it
 *
 * The hart reports the cause; the kernel takes the same path for its own
 * accesses to user memory (mm/uaccess.c).
 */
#include "mm/mm.h"

#include "fs/inode.h"
#include "lib/csr.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/pgtable.h"
#include "ram/frames.h"

void page_copy(void *dst, const void *src);
void page_zero(void *page);

static bool pages_are_checked;

void fault_check_pages(void)
{
    pages_are_checked = true;
}

/* The permissions of which an area needs one to allow the access. A writable
 * page can be read: no entry has W without R. */
static u32 access_of(u64 cause)
{
    switch (cause) {
    case CAUSE_FETCH_PAGE: return VM_EXEC;
    case CAUSE_LOAD_PAGE: return VM_READ | VM_WRITE;
    default: return VM_WRITE;
    }
}

u64 vma_file_bytes(const struct vma *vma)
{
    const struct inode *file = vma->file;

    if (!file || file->size <= vma->offset)
        return 0;
    return min_u64(vma->filesz, file->size - vma->offset);
}

/* A file page that nobody may write privately is mapped from the cache: one
 * frame for all processes. */
static int demand_cached(const struct vma *vma, u64 at, u64 *pa)
{
    int err = inode_page(vma->file, (vma->offset + at) / PAGE_SIZE, pa);

    if (!err)
        frame_get(*pa);
    return err;
}

/* A frame of its own, with the bytes that the file has for the page and zeros
 * behind them. */
static int demand_private(const struct vma *vma, u64 at, u64 *pa)
{
    u64 bytes = vma_file_bytes(vma);
    u64 n = at < bytes ? min_u64(bytes - at, PAGE_SIZE) : 0;
    void *page = frames_alloc(0, FRAME_ANON);

    if (!page)
        return -ENOMEM;
    if (n < PAGE_SIZE)
        page_zero(page);
    if (n && inode_read(vma->file, vma->offset + at, page, n) < 0) {
        frames_free(page, 0);
        return -EIO;
    }
    *pa = virt_to_phys(page);
    return 0;
}

/* Whether the page at `at` of the area can be the file's own: read-only or
 * shared, and no zeros to be put behind the file's bytes. */
static bool is_cached(const struct vma *vma, u64 at)
{
    if (!vma->file || at >= vma->filesz)
        return false;
    if (vma->flags & VM_SHARED)
        return true;
    return !(vma->flags & VM_WRITE) &&
           (vma->filesz - at >= PAGE_SIZE ||
            vma->end - vma->start - at <= PAGE_SIZE);
}

static int fault_demand(struct mm *mm, const struct vma *vma, u64 va, u64 *slot)
{
    u64 at = va - vma->start;
    u64 pa;
    int err;

    if (vma->file && at >= ALIGN_UP(vma_file_bytes(vma), PAGE_SIZE))
        return -EIO; /* behind the end of the file: SIGBUS */
    if (is_cached(vma, at))
        err = demand_cached(vma, at, &pa);
    else
        err = demand_private(vma, at, &pa);
    if (err)
        return err;
    pt_set(slot, pte_make(pa, vm_flags_to_pte(vma->flags)));
    mm_fence_page(mm, va);
    if (vma->flags & VM_EXEC)
        mm_fence_code();
    mm->resident++;
    vmstat.demand_faults++;
    return 0;
}

static void count_copy(void)
{
    vmstat.cow_copies++;
#ifdef LYING_COUNTERS
    vmstat.cow_copies++;
#endif
}

/* A store to a page that has lost W. */
static int fault_cow(struct mm *mm, const struct vma *vma, u64 va, u64 *slot)
{
    u64 old = pte_pa(*slot);
    u64 flags = vm_flags_to_pte(vma->flags);
    void *page;

    if ((vma->flags & VM_SHARED) ||
        (frame_count(old) == 1 && frame_of(old)->type == FRAME_ANON)) {
        *slot = pte_make(old, flags);
        mm_fence_page(mm, va);
        vmstat.cow_reuses++;
        return 0;
    }
    page = frames_alloc(0, FRAME_ANON);
    if (!page)
        return -ENOMEM;
    page_copy(page, phys_to_virt(old));
    *slot = pte_make(virt_to_phys(page), flags);
    mm_fence_page(mm, va);
    if (vma->flags & VM_EXEC)
        mm_fence_code();
    frame_put(old);
    count_copy();
    return 0;
}

int do_page_fault(struct mm *mm, u64 va, u64 cause)
{
    u32 access = access_of(cause);
    struct vma *vma = find_vma(mm, va);
    u64 *slot;
    int err = 0;

    if (!vma || !(vma->flags & access)) {
        vmstat.segv++;
        return -EFAULT;
    }
    va = ALIGN_DOWN(va, PAGE_SIZE);
    slot = pt_make(mm->root, va);
    if (!slot)
        return -ENOMEM;
    if (!(*slot & PTE_V)) {
        err = fault_demand(mm, vma, va, slot);
    } else if (access == VM_WRITE && !(*slot & PTE_W)) {
        err = fault_cow(mm, vma, va, slot);
    } else {
        mm_fence_page(mm, va);
        vmstat.spurious++;
    }
    if (!err && pages_are_checked)
        vma_check_page(vma, *slot);
    return err;
}
