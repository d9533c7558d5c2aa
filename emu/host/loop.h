/*
 * Waiting on the host: descriptors, a deadline and signals in one place.
 *
 * Whoever waits for something on the host is a client: a descriptor, what it
 * wants of it, and a function that is called when it is there. Waiting for one
 * client serves the others too, so that nothing that blocks (silent input, a
 * full output) keeps a signal or another client waiting. A signal that asks to
 * end the program, and the deadline, end all patience.
 */
#ifndef HOST_LOOP_H
#define HOST_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#define LOOP_CLIENTS_MAX 8
#define LOOP_NEVER UINT64_MAX

struct loop_client {
    int fd;
    short events; /* POLLIN, POLLOUT; 0: nothing now */
    void (*ready)(void *self);
    void *self;
};

struct loop {
    uint64_t end; /* the deadline, in ns of loop_now(); LOOP_NEVER: none */
    int signal;   /* the signal that asked to end, or 0 */
    unsigned clients;
    struct loop_client *client[LOOP_CLIENTS_MAX];
};

/* The deadline that is so many ns from now, 0: none. */
uint64_t loop_deadline(uint64_t limit_ns);

/* Starts without clients. */
void loop_init(struct loop *loop, uint64_t end);

/* A client stays the caller's, and in place until it is removed; removing one
 * that is not there does nothing. At most LOOP_CLIENTS_MAX. */
void loop_add(struct loop *loop, struct loop_client *client);
void loop_remove(struct loop *loop, struct loop_client *client);

/* Waits until a client has what it wants, or ns have passed (LOOP_NEVER: no
 * limit), and serves all that have. Returns whether any had. */
bool loop_wait(struct loop *loop, uint64_t ns);

/* Waits for this client to have `events`; the same otherwise. */
bool loop_wait_for(struct loop *loop, struct loop_client *client, short events,
                   uint64_t ns);

/* The host's clock, in ns (CLOCK_MONOTONIC). */
uint64_t loop_now(void);

/* How many ns are left before the deadline; and how long one may still wait for
 * anything: not at all, once a signal has asked to end. */
uint64_t loop_left(const struct loop *loop);
uint64_t loop_patience(const struct loop *loop);

#endif
