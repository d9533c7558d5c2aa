/* The index of areas; see vma_tree.h. */
#include "mm/vma_tree.h"

#include "mm/mm.h"

/* Its number comes from its start, which no area ever changes. */
static u64 rank(const struct vma *vma)
{
    return vma->start * 0x9e3779b97f4a7c15; /* the golden ratio */
}

struct vma *vma_tree_find(struct vma *root, u64 va)
{
    struct vma *found = NULL;

    while (root) {
        if (va < root->end) {
            found = root; /* unless one further below begins before it */
            root = root->low;
        } else {
            root = root->high;
        }
    }
    return found;
}

/* Parts a tree into what begins below `va` and the rest. */
static void split(struct vma *tree, u64 va, struct vma **low, struct vma **high)
{
    while (tree) {
        if (tree->start < va) {
            *low = tree;
            low = &tree->high;
            tree = tree->high;
        } else {
            *high = tree;
            high = &tree->low;
            tree = tree->low;
        }
    }
    *low = *high = NULL;
}

/* It goes where those above it rank higher; what was there goes below it. */
void vma_tree_add(struct vma **root, struct vma *vma)
{
    struct vma **at = root;

    while (*at && rank(*at) >= rank(vma))
        at = vma->start < (*at)->start ? &(*at)->low : &(*at)->high;
    split(*at, vma->start, &vma->low, &vma->high);
    *at = vma;
}

/* What was below it takes its place, the higher rank first. */
void vma_tree_remove(struct vma **root, const struct vma *vma)
{
    struct vma **at = root, *low = vma->low, *high = vma->high;

    while (*at != vma)
        at = vma->start < (*at)->start ? &(*at)->low : &(*at)->high;
    while (low && high) {
        if (rank(low) > rank(high)) {
            *at = low;
            at = &low->high;
            low = low->high;
        } else {
            *at = high;
            at = &high->low;
            high = high->low;
        }
    }
    *at = low ? low : high;
}
