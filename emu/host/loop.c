/* Waiting on the host: descriptors, a deadline and signals; see loop.h. */
#define _GNU_SOURCE /* ppoll */
#include "host/loop.h"

#include <poll.h>
#include <stddef.h>
#include <time.h>

#define SECOND 1000000000u

uint64_t loop_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

uint64_t loop_deadline(uint64_t limit_ns)
{
    return limit_ns ? loop_now() + limit_ns : LOOP_NEVER;
}

void loop_init(struct loop *loop, uint64_t end)
{
    *loop = (struct loop){.end = end};
}

void loop_add(struct loop *loop, struct loop_client *client)
{
    loop->client[loop->clients++] = client;
}

void loop_remove(struct loop *loop, struct loop_client *client)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < loop->clients; i++)
        if (loop->client[i] != client)
            loop->client[kept++] = loop->client[i];
    loop->clients = kept;
}

/* A client may lose interest while another one is served. */
static void serve(struct loop *loop, const struct pollfd *fds)
{
    for (unsigned i = 0; i < loop->clients; i++) {
        struct loop_client *client = loop->client[i];

        if (fds[i].revents && client->events)
            client->ready(client->self);
    }
}

bool loop_wait(struct loop *loop, uint64_t ns)
{
    struct pollfd fds[LOOP_CLIENTS_MAX];
    struct timespec limit = {.tv_sec = (time_t)(ns / SECOND),
                             .tv_nsec = (long)(ns % SECOND)};
    int ready;

    for (unsigned i = 0; i < loop->clients; i++) {
        const struct loop_client *client = loop->client[i];

        fds[i] = (struct pollfd){.fd = client->events ? client->fd : -1,
                                 .events = client->events};
    }
    ready = ppoll(fds, loop->clients, ns == LOOP_NEVER ? NULL : &limit, NULL);
    if (ready > 0)
        serve(loop, fds);
    return ready > 0;
}

bool loop_wait_for(struct loop *loop, struct loop_client *client, short events,
                   uint64_t ns)
{
    bool any;

    client->events = events;
    any = loop_wait(loop, ns);
    client->events = 0;
    return any;
}

uint64_t loop_left(const struct loop *loop)
{
    uint64_t now;

    if (loop->end == LOOP_NEVER)
        return LOOP_NEVER;
    now = loop_now();
    return now < loop->end ? loop->end - now : 0;
}

uint64_t loop_patience(const struct loop *loop)
{
    return loop->signal ? 0 : loop_left(loop);
}
