/*
 * Rings: circular lists, linked both ways, of numbers in 0 … n − 1.
 *
 * One array of n links holds any number of rings. Each number is in exactly one
 * of them, perhaps alone; one that stands for the ring's owner makes its head.
 * Leaving takes no search and asks for no head.
 */
#ifndef BASE_RING_H
#define BASE_RING_H

#include "base/types.h"

struct ring_link {
    u32 next, prev;
};

/* Makes a ring of its own of a number, whatever it was in. */
static inline void ring_init(struct ring_link *link, u32 number)
{
    link[number].next = number;
    link[number].prev = number;
}

/* Takes a number out of its ring, into one of its own. */
static inline void ring_leave(struct ring_link *link, u32 number)
{
    u32 next = link[number].next, prev = link[number].prev;

    link[next].prev = prev;
    link[prev].next = next;
    ring_init(link, number);
}

/* Puts a number that is alone in the ring of head, right behind it. */
static inline void ring_join(struct ring_link *link, u32 head, u32 number)
{
    u32 next = link[head].next;

    link[number].next = next;
    link[number].prev = head;
    link[next].prev = number;
    link[head].next = number;
}

#endif
