/* Rings of events that subscribers empty themselves (rvemu/subscription.h):
 * they fill up, and count what they have no room for. */
#ifndef TRACE_EVENT_RING_H
#define TRACE_EVENT_RING_H

#include <rvemu/subscription.h>

/* Puts a copy of the event into the struct rvemu_event_ring `ring`, or counts
 * it as lost. */
void event_ring_put(void *ring, const struct rvemu_event *event);

#endif
