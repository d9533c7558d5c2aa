/* The platform-level interrupt controller. Registers in plic.c. */
#ifndef DEV_PLIC_H
#define DEV_PLIC_H

#include "base/plain.h"
#include "bus/bus.h"
#include "bus/irq.h"

#define PLIC_SOURCES 96 /* numbers 0 to 95; 0 means "none" */
#define PLIC_WORDS (PLIC_SOURCES / 32)
#define PLIC_HARTS_MAX 8
#define PLIC_CONTEXTS_MAX (2 * PLIC_HARTS_MAX)

PLAIN_BEGIN
struct plic_state {
    u32 pending[PLIC_WORDS]; /* requests that passed a gateway */
    u32 claimed[PLIC_WORDS]; /* gateways that wait for a completion */
    u8 priority[PLIC_SOURCES];
    u8 threshold[PLIC_CONTEXTS_MAX];
    u32 enable[PLIC_CONTEXTS_MAX][PLIC_WORDS];
};
PLAIN_END

struct plic {
    struct plic_state s;
    unsigned contexts;
    struct irq_line out[PLIC_CONTEXTS_MAX];
};

extern const struct mmio_ops plic_ops;

/* out[2 * h] enters hart h as its M-level external interrupt, out[2 * h + 1]
 * as its S-level one. Leaves the PLIC reset. */
void plic_init(struct plic *plic, unsigned harts, const struct irq_line out[]);
void plic_reset(struct plic *plic);

/* The sink of the sources' wires, an irq_line's set function: sink is the
 * PLIC, source 1 to 95. */
void plic_set_source(void *sink, unsigned source, bool level);

#endif
