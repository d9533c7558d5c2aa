/* User page tables: walks, counted entries, unmapping; see pgtable.h. */
#include "mm/pgtable.h"

#include "mm/mm.h"
#include "ram/frames.h"

void pt_set(u64 *slot, u64 pte)
{
    *slot = pte;
    (*pt_used(slot))++;
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
                (*pt_used(slot))--;
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
    unsigned used = *pt_used(table);

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
    unsigned used = *pt_used(table);

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
    unsigned used = *pt_used(mm->root);

    for (u64 *slot = mm->root; used; slot++) {
        if (*slot & PTE_V) {
            free_middle_table(pte_table(*slot));
            *slot = 0;
            used--;
        }
    }
    *pt_used(mm->root) = 0;
    mm->resident = 0;
}
