/* How a guest ends the run. Register in syscon.c. */
#ifndef DEV_SYSCON_H
#define DEV_SYSCON_H

#include "bus/bus.h"

enum syscon_stop {
    SYSCON_PASS,
    SYSCON_FAIL, /* with the guest's own code */
    SYSCON_RESET
};

struct syscon {
    /* Called within the store that asked. The machine is to stop after that
     * instruction. code is 0 except for SYSCON_FAIL. */
    void (*stop)(void *host, enum syscon_stop how, unsigned code);
    void *host;
};

extern const struct mmio_ops syscon_ops;

#endif
