/*
 * The index of a space's areas: a search tree beside the list.
 *
 * The list says which areas there are and in what order; the tree finds one in
 * as many steps as their number has bits. It is a treap: by address a search
 * tree, by a number drawn for each area a heap. A tree that is both has one
 * shape only, that of areas added in the order of their numbers, and those are
 * as good as drawn at random: so nobody has to balance it.
 *
 *              4 (rank 9)
 *            /            \
 *       1 (rank 7)     6 (rank 5)        addresses grow to the right,
 *            \          /                ranks to the top
 *       2 (rank 3)  5 (rank 1)
 */
#ifndef MM_VMA_TREE_H
#define MM_VMA_TREE_H

#include "lib/types.h"

struct vma;

/* The area that contains `va`, or else the first above it; NULL: none. */
struct vma *vma_tree_find(struct vma *root, u64 va);

void vma_tree_add(struct vma **root, struct vma *vma);
void vma_tree_remove(struct vma **root, const struct vma *vma);

#endif
