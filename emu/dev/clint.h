/* Timer and software interrupts of all harts. Registers in clint.c. */
#ifndef DEV_CLINT_H
#define DEV_CLINT_H

#include "base/plain.h"
#include "bus/bus.h"
#include "bus/clock.h"
#include "bus/irq.h"

#define CLINT_HARTS_MAX 8
#define CLINT_HZ 10000000u
#define CLINT_TICK_NS (1000000000u / CLINT_HZ)

PLAIN_BEGIN
struct clint_state {
    u64 offset; /* mtime − ticks of machine time; moved by writes to mtime */
    u64 mtimecmp[CLINT_HARTS_MAX];
    u8 msip[CLINT_HARTS_MAX]; /* 0 or 1 */
};
PLAIN_END

struct clint;

/* The wires of one hart. */
struct clint_hart {
    struct clint *clint;
    unsigned id;
    struct irq_line msip;
    struct irq_line mtip;
    unsigned timer; /* due when MTIP next changes */
};

struct clint {
    struct clint_state s;
    struct clock *clock;
    unsigned harts;
    struct clint_hart hart[CLINT_HARTS_MAX];
    /* Called after a write to mtime, for whoever else waits for a value of
     * it (stimecmp). May be NULL. */
    void (*time_written)(void *listener);
    void *listener;
};

extern const struct mmio_ops clint_ops;

/* msip[h] and mtip[h] enter hart h. Leaves the CLINT reset: mtime 0, no
 * deadline. The clock outlives it. */
void clint_init(struct clint *clint, struct clock *clock, unsigned harts,
                const struct irq_line msip[], const struct irq_line mtip[]);
void clint_reset(struct clint *clint);

/* mtime, which is also what the time CSR reads. */
u64 clint_time(const struct clint *clint);

/* Machine time in ns at which mtime will reach `time`: the present if it has,
 * CLOCK_NEVER if that is too far off to count. */
u64 clint_due(const struct clint *clint, u64 time);

#endif
