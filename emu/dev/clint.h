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

/* Machine time in ns at which mtime will reach `time`: the present if it has,
 * CLOCK_NEVER if that is too far off to count. */
u64 clint_due(const struct clint *clint, u64 time);

#endif
