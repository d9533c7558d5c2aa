/*
 * Address spaces: creation, user page tables, fork's copy, destruction.
 *
 * `used` in the struct frame of a user table counts its valid entries, so
 * that a walk over a sparse table can stop after the last one.
 */
#include "mm/mm.h"

#include "fs/inode.h"
#include "lib/string.h"
#include "mm/frames.h"
#include "mm/slab.h"
#include "uapi/fork.h"

void page_copy(void *dst, const void *src);

struct vmstat vmstat;

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
    list_init(&mm->vmas);
    mm->refs = 1;
    return mm;
}

void mm_get(struct mm *mm)
{
    mm->refs++;
}

void mm_destroy(struct mm *mm)
{
    pt_free(mm);
    free_vma(mm);
    inode_put(mm->exe);
    frames_free(mm->root, 0);
    kfree(mm);
}

static struct frame *frame_of_slot(const u64 *slot)
{
    return frame_of(virt_to_phys(slot));
}

void pt_set(u64 *slot, u64 pte)
{
    *slot = pte;
    frame_of_slot(slot)->used++;
}

u64 *pt_find(u64 *root, u64 va)
{
    u64 *table = root;

    for (unsigned level = 2; level > 0; level--) {
        u64 pte = table[pt_index(va, level)];

        if (!(pte & PTE_V))
            return NULL;
        table = pte_table(pte);
    }
    return &table[pt_index(va, 0)];
}

u64 *pt_make(u64 *root, u64 va)
{
    u64 *table = root;

    for (unsigned level = 2; level > 0; level--) {
        u64 *slot = &table[pt_index(va, level)];

        if (!(*slot & PTE_V)) {
            void *next = frame_alloc_zeroed(FRAME_TABLE);

            if (!next)
                return NULL;
            pt_set(slot, pte_make(virt_to_phys(next), PTE_V));
        }
        table = pte_table(*slot);
    }
    return &table[pt_index(va, 0)];
}

/* Clears up to a leaf table's worth of entries, then drops their frames. */
static void unmap_leaf(struct mm *mm, u64 *slot, unsigned n)
{
    u64 gone[32];
    unsigned count = 0;

    for (unsigned i = 0; i < n || count;) {
        if (i < n && count < ARRAY_LEN(gone)) {
            if (slot[i] & PTE_V) {
                gone[count++] = pte_pa(slot[i]);
                slot[i] = 0;
                frame_of_slot(slot)->used--;
                mm->resident--;
            }
            i++;
            continue;
        }
        mm_fence(mm);
        while (count)
            frame_put(gone[--count]);
    }
}

void pt_unmap(struct mm *mm, u64 start, u64 end)
{
    while (start < end) {
        u64 next = ALIGN_DOWN(start, LEAF_SPAN) + LEAF_SPAN;
        u64 *slot = pt_find(mm->root, start);

        next = min_u64(next, end);
        if (slot)
            unmap_leaf(mm, slot, (unsigned)((next - start) / PAGE_SIZE));
        start = next;
    }
}

static void free_leaf_table(u64 *table)
{
    unsigned used = frame_of_slot(table)->used;

    for (u64 *slot = table; used; slot++) {
        if (*slot & PTE_V) {
            frame_put(pte_pa(*slot));
            used--;
        }
    }
    frames_free(table, 0);
}

static void free_middle_table(u64 *table)
{
    unsigned used = frame_of_slot(table)->used;

    for (u64 *slot = table; used; slot++) {
        if (*slot & PTE_V) {
            free_leaf_table(pte_table(*slot));
            used--;
        }
    }
    frames_free(table, 0);
}

void pt_free(struct mm *mm)
{
    unsigned used = frame_of_slot(mm->root)->used;

    for (u64 *slot = mm->root; used; slot++) {
        if (*slot & PTE_V) {
            free_middle_table(pte_table(*slot));
            *slot = 0;
            used--;
        }
    }
    frame_of_slot(mm->root)->used = 0;
    mm->resident = 0;
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
    unsigned used = frame_of_slot(from)->used;

    frame_of_slot(to)->used = (u16)used;
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
    unsigned used = frame_of_slot(from)->used;

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
#ifndef FORGET_FENCE
    if (fork_mode == FORK_COW)
        mm_fence(parent);
#endif
    child->brk_start = parent->brk_start;
    child->brk = parent->brk;
    child->resident = parent->resident;
    child->arg_start = parent->arg_start;
    child->arg_end = parent->arg_end;
    child->exe = inode_get(parent->exe);
    vmstat.forks++;
    return child;
}

int mm_write(struct mm *mm, u64 va, const void *src, size_t n)
{
    while (n) {
        size_t part = min_u64(n, PAGE_SIZE - va % PAGE_SIZE);
        u64 *slot = pt_find(mm->root, va);
        int err;

        if (!slot || !(*slot & PTE_W)) {
            err = do_page_fault(mm, va, 15);
            if (err)
                return err;
            continue;
        }
        memcpy((u8 *)phys_to_virt(pte_pa(*slot)) + va % PAGE_SIZE, src, part);
        src = (const u8 *)src + part;
        va += part;
        n -= part;
    }
    return 0;
}

size_t mm_read(struct mm *mm, u64 va, void *dst, size_t n)
{
    size_t done = 0;

    while (done < n) {
        u64 at = va + done;
        size_t part = min_u64(n - done, PAGE_SIZE - at % PAGE_SIZE);
        u64 *slot = pt_find(mm->root, at);

        if (!slot || !(*slot & PTE_V))
            break;
        memcpy((u8 *)dst + done,
               (u8 *)phys_to_virt(pte_pa(*slot)) + at % PAGE_SIZE, part);
        done += part;
    }
    return done;
}
