/*
 * An interrupt line: one wire from a device to whatever listens.
 *
 * The level is what counts; setting a level that the line already has is
 * allowed and changes nothing. The machine owns both ends and wires them.
 */
#ifndef BUS_IRQ_H
#define BUS_IRQ_H

#include "base/types.h"

/* The wires that enter a hart, by the bits of mip that they drive (privileged
 * spec, "mip and mie"). */
enum irq_of_hart {
    IRQ_SSIP = 1,
    IRQ_MSIP = 3,
    IRQ_MTIP = 7,
    IRQ_SEIP = 9,
    IRQ_MEIP = 11,
};

struct irq_line {
    void (*set)(void *sink, unsigned number, bool level);
    void *sink;
    unsigned number; /* which of the sink's inputs this wire enters */
};

/* Drives the line. A line with no sink hangs in the air and is ignored. */
static inline void irq_set(const struct irq_line *line, bool level)
{
    if (line->set)
        line->set(line->sink, line->number, level);
}

#endif
