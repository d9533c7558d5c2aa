/* The host-target interface: a doubleword of RAM. See htif.c. */
#ifndef DEV_HTIF_H
#define DEV_HTIF_H

#include "base/plain.h"
#include "base/types.h"
#include "bus/bus.h"
#include "bus/clock.h"
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

PLAIN_BEGIN
struct htif_state {
    u64 halves; /* of tohost that are stored while the rest is awaited: HALF_*
                 */
};
PLAIN_END

struct htif {
    struct htif_state s;
    struct clock *clock;
    unsigned timer;
    const struct ram *ram;
    u64 tohost, fromhost; /* aligned doublewords of RAM */
    struct htif_host host;
};

/* Takes stores to tohost from now on. Bus and clock outlive the device, which
 * must not move. */
void htif_init(struct htif *htif, struct bus *bus, struct clock *clock,
               u64 tohost, u64 fromhost, const struct htif_host *host);

/* Whether something stored to tohost has yet to be acted on. */
bool htif_is_waiting(const struct htif *htif);

#endif
