/*
 * Which events pass what a subscription says of hart, privilege, addresses and
 * root (rvemu/subscription.h).
 */
#ifndef TRACE_SIEVE_H
#define TRACE_SIEVE_H

#include <rvemu/subscription.h>

#include "base/types.h"

/* Of an event of no hart. */
#define SIEVE_NO_SATP UINT64_MAX

/* Whether it says anything but kinds. */
bool sieve_is_fine(const struct rvemu_subscription *of);

/* Whether an event passes that was made under this satp. Kinds are not looked
 * at. */
bool sieve_passes(const struct rvemu_subscription *of,
                  const struct rvemu_event *event, u64 satp);

#endif
