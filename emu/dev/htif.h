/* The host-target interface: a doubleword of RAM. See htif.c. */
#ifndef DEV_HTIF_H
#define DEV_HTIF_H

#include "base/types.h"
#include "bus/bus.h"
#include "dev/device.h"

/* The calls that the device makes to its machine. */
struct htif_host {
    /* Both end the run after the store under way: exit with the guest's own
     * code, 0 for a pass; refuse because the guest asked for something that is
     * not served, which the text names in a line. */
    void (*exit)(void *host, u64 code);
    void (*refuse)(void *host, const char *text);
    /* Stores an aligned doubleword of RAM. */
    void (*store)(void *host, u64 pa, u64 value);
    void *host;
    struct char_port console;
};

struct htif {
    const struct ram *ram;
    u64 tohost, fromhost; /* aligned doublewords of RAM */
    struct htif_host host;
};

/* Takes stores to tohost from now on. The bus outlives the device, which must
 * not move. */
void htif_init(struct htif *htif, struct bus *bus, u64 tohost, u64 fromhost,
               const struct htif_host *host);

#endif
