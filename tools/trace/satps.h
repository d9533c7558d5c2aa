/*
 * Which address space an event is about: the one that a field of it names, or
 * the one in force on its hart.
 */
#ifndef TRACE_SATPS_H
#define TRACE_SATPS_H

#include "trace/options.h"

/* What each hart's satp names. All zero is a valid start. */
struct satps {
    uint64_t root[OPTIONS_HARTS];
};

/* Whether a field of the event names a root. */
bool satps_are_named(const struct rvemu_event *event);

/* Takes the next event. Returns the root (a physical page number) that it is
 * about, 0 for none; of a write to satp, the new one. */
uint64_t satps_take(struct satps *roots, const struct rvemu_event *event);

/* The root in a value of satp, 0 when translation is off. */
uint64_t satps_of_satp(uint64_t satp);

#endif
