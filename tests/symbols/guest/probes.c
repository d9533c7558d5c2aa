/*
 * Places in the variables of shapes.c under the names that they are to get:
 * the compiler says where each is. They lie in a section of their own.
 */
#include "shapes.h"

struct probe {
    const volatile char *address;
    char name[24];
};

#define PROBE(place) {(const volatile char *)&place, #place},
/* The byte of the bit-fields, in front of `either`, has two names: none. */
#define BITS_AT 0x24
_Static_assert(__builtin_offsetof(struct process, either) == BITS_AT + 4 &&
                   __builtin_offsetof(struct process, high) == BITS_AT - 2,
               "struct process is laid out like that");

#define INSIDE(place, bytes) \
    {(const volatile char *)&place + bytes, #place "+" #bytes},

__attribute__((used, section(".probes"))) const struct probe probes[] = {
    /* clang-format off */
    PROBE(counter)
    PROBE(table[0])
    PROBE(table[3])
    PROBE(table[7])
    INSIDE(table[3], 0x2)
    PROBE(matrix[0][0])
    PROBE(matrix[1][2])
    PROBE(rows[0][0])
    PROBE(rows[2][1])
    PROBE(proc[0].pid)
    PROBE(proc[2].pid)
    INSIDE(proc[2].pid, 0x3)
    PROBE(proc[3].name[11])
    PROBE(proc[1].at[1].y)
    PROBE(proc[1].high)
    INSIDE(proc[1].either, 0x2)
    {(const volatile char *)&proc[1] + BITS_AT, "proc[1]+0x24"},
    PROBE(origin.x)
    PROBE(origin.y)
    PROBE(answer)
    PROBE(text)
    PROBE(zeroed[4])
    /* clang-format on */
};
