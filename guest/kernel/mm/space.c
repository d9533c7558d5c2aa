/*
 * Address spaces: creation, user page tables, fork's copy, destruction.
 *
 * `used` in the struct frame of a leaf table counts its valid entries, so
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
            *slot = pte_make(virt_to_phys(next), PTE_V);
        }
        table = pte_table(*slot);
    }
    return &table[pt_index(va, 0)];
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
        u64 next = ALIGN_DOWN(start, 512 * PAGE_SIZE) + 512 * PAGE_SIZE;
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
    for (unsigned i = 0; i < PT_ENTRIES; i++) {
        if (table[i] & PTE_V)
            free_leaf_table(pte_table(table[i]));
    }
    frames_free(table, 0);
}

void pt_free(struct mm *mm)
{
    for (unsigned i = 0; i < PT_USER_ENTRIES; i++) {
        if (mm->root[i] & PTE_V)
            free_middle_table(pte_table(mm->root[i]));
        mm->root[i] = 0;
    }
    mm->resident = 0;
}

/* Gives the child the same upper levels, with empty leaf tables where the
 * parent has any. This is all the memory a COW fork takes for its tables,
 * and it is taken before the parent is touched. */
static bool reserve_tables(u64 *to, const u64 *from)
{
    for (unsigned i = 0; i < PT_USER_ENTRIES; i++) {
        const u64 *middle;

        if (!(from[i] & PTE_V))
            continue;
        middle = pte_table(from[i]);
        for (unsigned j = 0; j < PT_ENTRIES; j++) {
            u64 va = ((u64)i << 30) + ((u64)j << 21);

            if ((middle[j] & PTE_V) && !pt_make(to, va))
                return false;
        }
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

static bool copy_tables(u64 *to, u64 *from, unsigned fork_mode)
{
    for (unsigned i = 0; i < PT_USER_ENTRIES; i++) {
        u64 *from_middle, *to_middle;

        if (!(from[i] & PTE_V))
            continue;
        from_middle = pte_table(from[i]);
        to_middle = pte_table(to[i]);
        for (unsigned j = 0; j < PT_ENTRIES; j++) {
            if (!(from_middle[j] & PTE_V))
                continue;
            if (fork_mode == FORK_COW)
                share_leaf(pte_table(to_middle[j]), pte_table(from_middle[j]));
            else if (!copy_leaf(pte_table(to_middle[j]),
                                pte_table(from_middle[j])))
                return false;
        }
    }
    return true;
}

struct mm *mm_copy(struct mm *parent, unsigned fork_mode)
{
    struct mm *child = mm_create();

    if (!child)
        return NULL;
    if (copy_vma(child, parent) || !reserve_tables(child->root, parent->root) ||
        !copy_tables(child->root, parent->root, fork_mode)) {
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
