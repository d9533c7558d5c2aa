/* Timer and software interrupts of all harts. Registers in clint.c. */
#ifndef DEV_CLINT_H
#define DEV_CLINT_H

#include "base/plain.h"
#include "dev/device.h"

#define CLINT_HZ 10000000u
#define CLINT_TICK_NS (1000000000u / CLINT_HZ)

PLAIN_BEGIN
struct clint_state {
    u64 offset; /* mtime − ticks of machine time; moved by writes to mtime */
    u64 mtimecmp[DEVICE_HARTS_MAX];
    u8 msip[DEVICE_HARTS_MAX]; /* 0 or 1 */
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
    u64 lot;        /* by which places in the tick are drawn */
};

struct clint {
    struct clint_state s;
    struct clock *clock;
    unsigned harts;
    struct clint_hart hart[DEVICE_HARTS_MAX];
    struct time_port listener;
};

extern const struct device_kind clint_device;

/* mtime, which is also what the time CSR reads. */
u64 clint_time(const struct clint *clint);

/* Whether a timer of hart h that compares mtime with `compare` is due: MTIP or,
 * of Sstc, STIP. Stores the machine time in ns at which that will change, or
 * CLOCK_NEVER if it is too far off to count. */
bool clint_is_due(const struct clint *clint, unsigned h, u64 compare,
                  u64 *changes);

#endif
