/* How a guest ends the run. Register in syscon.c. */
#ifndef DEV_SYSCON_H
#define DEV_SYSCON_H

#include "dev/device.h"

struct syscon {
    struct stop_port port;
};

extern const struct device_kind syscon_device;

#endif
