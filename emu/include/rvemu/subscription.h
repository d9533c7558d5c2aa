/*
 * Subscriptions: who is told of which events, and how (trace.h has the events,
 * machine.h the machine that makes them).
 *
 * A subscriber is told by a call or into a ring of its own that it empties
 * between runs. It is a sink (text, a file, a terminal), which is not told of
 * anything twice, or an observer, which concludes something from what it is
 * told: of a machine that goes back in time it is told of all that happens
 * again, and its state goes back, too.
 */
#ifndef RVEMU_SUBSCRIPTION_H
#define RVEMU_SUBSCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rvemu/trace.h>

/* A stretch of addresses, both ends included. */
struct rvemu_span {
    uint64_t first, last;
};

/* Where events wait to be looked at. The memory is the subscriber's, and so is
 * the ring: a subscription holds its address until it ends. Start with room and
 * event set and the rest 0. */
struct rvemu_event_ring {
    struct rvemu_event *event; /* room of them */
    size_t room;               /* 1 or more */
    size_t first, count; /* those that wait: see rvemu_event_ring_take() */
    uint64_t lost; /* how many came when it was full, since it was made: they
                    * are not in it, and followed those that are */
};

/* Takes the oldest events out of a ring, `most` of them at most, into events[].
 * Returns how many. Not while its machine runs. */
size_t rvemu_event_ring_take(struct rvemu_event_ring *ring,
                             struct rvemu_event *events, size_t most);

enum rvemu_subscriber { RVEMU_SINK, RVEMU_OBSERVER };

/* How far a sink has been told: of so many events of this time, and of all that
 * came before. All zero: of nothing. */
struct rvemu_mark {
    uint64_t time; /* machine time in ns */
    uint64_t count;
};

/* What a subscriber wants. An event has to pass all of it; what is left 0 lets
 * every event pass, except for kinds. */
struct rvemu_subscription {
    rvemu_event_set kinds;
    uint32_t harts; /* bit h: events of hart h; 0: of each, and of none */
    uint8_t privs;  /* bit p: events in privilege p (0 U, 1 S, 3 M); 0: in any,
                     * and those of no hart */
    bool has_pc;    /* pc is in this stretch */
    bool has_va;    /* the event has a field `va`, and what lies there and it is
                     * about (an access's bytes, the addresses that an entry
                     * maps or governs) meets this stretch */
    bool has_root;  /* satp is not Bare and has this root, as it is in the
                     * event's hart behind the change that the event reports,
                     * whatever the privilege; those of no hart do not pass */
    struct rvemu_span pc, va;
    uint64_t root; /* PPN */

    enum rvemu_subscriber as;
    rvemu_event_fn *call; /* is told; NULL: the ring is */
    void *arg;
    struct rvemu_event_ring *ring;

    /* Of a sink: it has been told this far by a machine that did the same, and
     * is silent until that is past. */
    struct rvemu_mark told;

    /* Of an observer, with its arg: makes a copy of its state (NULL when
     * memory is lacking), takes such a state for its own, and drops a copy.
     * All three, or all NULL: then nothing of it goes back. They are called
     * between runs, when the observer has been told of all that has happened;
     * drop() also behind the subscription's end, as long as somebody keeps a
     * state (rvemu_observers_drop(), rvemu_history_end()): so long arg lives.
     */
    void *(*save)(void *arg);
    void (*restore)(void *arg, const void *saved);
    void (*drop)(void *arg, void *saved);
};

/* The states of a machine's observers, at a time. */
struct rvemu_observed;

#endif
