/* The platform-level interrupt controller. Registers in plic.c. */
#ifndef DEV_PLIC_H
#define DEV_PLIC_H

#include "base/plain.h"
#include "dev/device.h"

#define PLIC_SOURCES 96 /* numbers 0 to 95; 0 means "none" */
#define PLIC_WORDS (PLIC_SOURCES / 32)
#define PLIC_CONTEXTS_MAX (2 * DEVICE_HARTS_MAX)

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
    struct event_port events;
    /* Into hart h: out[2 * h] as its M-level external interrupt, and
     * out[2 * h + 1] as its S-level one. */
    struct irq_line out[PLIC_CONTEXTS_MAX];
};

extern const struct device_kind plic_device;

#endif
