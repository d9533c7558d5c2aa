/*
 * Address spaces: creation, fork's copy, destruction.
 */
#include "mm/mm.h"

#include "fs/inode.h"
#include "lib/string.h"
#include "mm/pgtable.h"
#include "ram/frames.h"
#include "ram/kmap.h"
#include "ram/slab.h"
#include "uapi/fork.h"

void page_copy(void *dst, const void *src);

static struct list spaces = LIST_INIT(spaces);

struct list *mm_list(void)
{
    return &spaces;
}

struct mm *mm_create(void)
{
    struct mm *mm = kzalloc(sizeof(*mm));

    if (!mm)
        return NULL;
    mm->root = frame_alloc_zeroed(FRAME_TABLE);
    if (!mm->root) {
        kfree(mm);
        return NULL;
    }
    kmap_copy(mm->root);
    list_add_tail(&mm->all, &spaces);
    list_init(&mm->vmas);
    mm->refs = 1;
    return mm;
}

void mm_get(struct mm *mm)
{
    mm->refs++;
}

/* The second half of the last mm_put, when nothing can translate through the
 * space any more. */
static void destroy(struct mm *mm)
{
    pt_free(mm);
    free_vma(mm);
    inode_put(mm->exe);
    list_del(&mm->all);
    frames_free(mm->root, 0);
    kfree(mm);
}

void mm_put(struct mm *mm)
{
    if (--mm->refs)
        return;
    mm_unload(mm);
    destroy(mm);
}

/* A walk over the leaf tables of a space, guided by its areas: what no area
 * covers has no entries. */
struct leaf_walk {
    struct list *at; /* the area the walk has come to */
    u64 next;        /* tables below this address are done */
};

static struct leaf_walk walk_start(const struct mm *mm)
{
    return (struct leaf_walk){mm->vmas.next, 0};
}

/* The next leaf table and the address it begins at; NULL at the end. */
static u64 *walk_next(struct mm *mm, struct leaf_walk *w, u64 *va)
{
    for (; w->at != &mm->vmas; w->at = w->at->next) {
        const struct vma *vma = list_entry(w->at, struct vma, link);

        w->next = max_u64(w->next, ALIGN_DOWN(vma->start, LEAF_SPAN));
        while (w->next < vma->end) {
            u64 top = mm->root[pt_index(w->next, 2)], middle;

            if (!(top & PTE_V)) {
                w->next = ALIGN_DOWN(w->next, MIDDLE_SPAN) + MIDDLE_SPAN;
                continue;
            }
            *va = w->next;
            w->next += LEAF_SPAN;
            middle = pte_table(top)[pt_index(*va, 1)];
            if (middle & PTE_V)
                return pte_table(middle);
        }
    }
    return NULL;
}

/* Gives the child an empty leaf table wherever the parent has one. This is
 * all the memory a COW fork takes for its tables, and it is taken before the
 * parent is touched. */
static bool reserve_tables(struct mm *child, struct mm *parent)
{
    struct leaf_walk w = walk_start(parent);
    u64 va;

    while (walk_next(parent, &w, &va)) {
        if (!pt_make(child->root, va))
            return false;
    }
    return true;
}

/* One leaf table, shared: W goes away on both sides unless the page is
 * MAP_SHARED. Cannot fail. */
static void share_leaf(u64 *to, u64 *from)
{
    unsigned used = *pt_used(from);

    *pt_used(to) = (u16)used;
    vmstat.shared_pages += used;
    for (; used; from++, to++) {
        u64 pte = *from;

        if (!(pte & PTE_V))
            continue;
        if ((pte & (PTE_W | PTE_SHARED)) == PTE_W) {
            pte &= ~PTE_W;
            *from = pte;
        }
        *to = pte;
        frame_of(pte_pa(pte))->ref++;
        used--;
    }
}

/* One leaf table, copied: anonymous pages get a new frame, pages of files
 * are shared. */
static bool copy_leaf(u64 *to, const u64 *from)
{
    unsigned used = *pt_used(from);

    for (; used; from++, to++) {
        u64 pte = *from;
        u64 pa = pte_pa(pte);

        if (!(pte & PTE_V))
            continue;
        used--;
        if (frame_of(pa)->type == FRAME_ANON && !(pte & PTE_SHARED)) {
            void *page = frames_alloc(0, FRAME_ANON);

            if (!page)
                return false;
            page_copy(page, phys_to_virt(pa));
            vmstat.eager_copies++;
            pte = pte_make(virt_to_phys(page), pte & 0x3ff);
        } else {
            frame_get(pa);
        }
        pt_set(to, pte);
    }
    return true;
}

static bool copy_tables(struct mm *child, struct mm *parent, unsigned fork_mode)
{
    struct leaf_walk w = walk_start(parent);
    u64 *from, va;

    while ((from = walk_next(parent, &w, &va)) != NULL) {
        u64 *to = pt_find(child->root, va);

        if (fork_mode == FORK_COW)
            share_leaf(to, from);
        else if (!copy_leaf(to, from))
            return false;
    }
    return true;
}

struct mm *mm_copy(struct mm *parent, unsigned fork_mode)
{
    struct mm *child = mm_create();

    if (!child)
        return NULL;
    if (copy_vma(child, parent) || !reserve_tables(child, parent) ||
        !copy_tables(child, parent, fork_mode)) {
        mm_put(child);
        return NULL;
    }
    if (fork_mode == FORK_COW)
        mm_fence(parent);
    else
        mm_fence_code();
    child->brk_start = parent->brk_start;
    child->brk = parent->brk;
    child->resident = parent->resident;
    child->full = parent->full;
    child->arg_start = parent->arg_start;
    child->arg_end = parent->arg_end;
    child->exe = inode_get(parent->exe);
    vmstat.forks++;
    return child;
}

/* Unmaps what a space has of a file from `end` on, an offset in the file. */
static void unmap_behind(struct mm *mm, const struct inode *file, u64 end)
{
    list_for_each (at, &mm->vmas) {
        const struct vma *vma = list_entry(at, struct vma, link);
        u64 gone = max_u64(end, vma->offset) - vma->offset;

        if (vma->file == file && gone < vma->end - vma->start)
            pt_unmap(mm, vma->start + gone, vma->end);
    }
}

/* The cache lets go of its pages first: that can fail, and those still mapped
 * are counted for it. */
int file_truncate(struct inode *file, u64 size)
{
    bool shrinks = size < file->size;
    int err = inode_truncate(file, size);

    if (err || !shrinks || !file->areas)
        return err;
    list_for_each (at, &spaces)
        unmap_behind(list_entry(at, struct mm, all), file,
                     ALIGN_UP(size, PAGE_SIZE));
    return 0;
}
