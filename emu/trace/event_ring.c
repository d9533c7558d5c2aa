/* Rings of events that subscribers empty themselves; see event_ring.h. */
#include "trace/event_ring.h"

void event_ring_put(void *self, const struct rvemu_event *event)
{
    struct rvemu_event_ring *ring = self;

    if (ring->count == ring->room) {
        ring->lost++;
        return;
    }
    ring->event[(ring->first + ring->count) % ring->room] = *event;
    ring->count++;
}

size_t rvemu_event_ring_take(struct rvemu_event_ring *ring,
                             struct rvemu_event *events, size_t most)
{
    size_t taken = ring->count < most ? ring->count : most;

    for (size_t i = 0; i < taken; i++)
        events[i] = ring->event[(ring->first + i) % ring->room];
    if (taken)
        ring->first = (ring->first + taken) % ring->room;
    ring->count -= taken;
    return taken;
}
