/* gdb at a machine; see gdb.h. */
#include "cli/gdb.h"

#include <stdlib.h>

#include "cli/gdb_server.h"
#include "host/gdb_link.h"

_Static_assert(GDB_TEXT == GDB_LINK_TEXT, "the line has room for a packet");

#define LOOK_NS 50000000u /* how often the host is looked at, when stopped */

struct gdb {
    struct gdb_config config;
    struct gdb_link link;
    struct gdb_server server;
    struct rvemu_debugger *debugger;
    bool is_own; /* the debugger is */
    bool is_connected;
    bool is_held;     /* since reset, by -S */
    bool end_is_told; /* of a machine that cannot get on */
};

static void send(void *self, const char *text)
{
    struct gdb *g = self;

    gdb_link_send(&g->link, text);
}

static void stop_acks(void *self)
{
    struct gdb *g = self;

    gdb_link_stop_acks(&g->link);
}

static void monitor(void *self, const char *text, gdb_say_fn *say, void *arg)
{
    struct gdb *g = self;

    g->config.monitor(g->config.self, text, say, arg);
}

/* Something long goes on as long as the line is silent. */
static bool is_quiet(void *self)
{
    struct gdb *g = self;

    loop_wait(g->config.loop, 0);
    return !gdb_link_has(&g->link) && !g->config.loop->signal;
}

/* Who goes without a word leaves the machine as if it had never come. */
static void part(struct gdb *g)
{
    g->is_connected = false;
    gdb_server_detach(&g->server);
    g->server.is_stopped = g->is_held;
}

static void serve(struct gdb *g)
{
    while (!g->server.is_ended && gdb_link_has(&g->link)) {
        switch (gdb_link_take(&g->link)) {
        case GDB_LINK_OPENED:
            g->is_connected = true;
            gdb_server_greet(&g->server);
            break;
        case GDB_LINK_CLOSED: part(g); break;
        case GDB_LINK_PACKET:
            gdb_server_packet(&g->server, g->link.text);
            g->is_held &= g->server.is_stopped;
            break;
        case GDB_LINK_INTERRUPT: gdb_server_interrupt(&g->server); break;
        default: return;
        }
    }
}

static int open_link(struct gdb *g, struct rvemu_error *error)
{
    const struct options_gdb *o = g->config.options;
    struct loop *loop = g->config.loop;

    g->link.listener = -1;
    if (!o->is_given)
        return 0;
    return *o->path ? gdb_link_open_path(&g->link, loop, o->path, error)
                    : gdb_link_open(&g->link, loop, o->host, o->port, error);
}

int gdb_open(struct gdb **gdb, const struct gdb_config *config, rvemu *machine,
             struct rvemu_error *error)
{
    struct gdb *g = calloc(1, sizeof(*g));
    const struct gdb_outside outside = {g, send, stop_acks,
                                        config->monitor ? monitor : NULL};

    *gdb = NULL;
    if (!g)
        return rvemu_error_set(error, "no memory for -gdb");
    g->config = *config;
    g->is_own = !config->debugger;
    g->debugger = g->is_own ? rvemu_debugger_new(machine) : config->debugger;
    if (!g->debugger) {
        free(g);
        return rvemu_error_set(error, "no memory for -gdb");
    }
    gdb_server_begin(&g->server, &outside, g->debugger);
    g->server.is_stopped = g->is_held = config->options->waits;
    *gdb = g;
    if (open_link(g, error) == 0) {
        rvemu_debug_set_patience(g->debugger, is_quiet, g);
        return 0;
    }
    gdb_close(g);
    *gdb = NULL;
    return -1;
}

void gdb_close(struct gdb *g)
{
    if (!g)
        return;
    if (g->is_connected)
        gdb_link_send(&g->link, "W00");
    gdb_link_close(&g->link);
    gdb_server_end(&g->server);
    rvemu_debug_set_patience(g->debugger, NULL, NULL);
    if (g->is_own)
        rvemu_debugger_free(g->debugger);
    free(g);
}

void gdb_attach(struct gdb *g, rvemu *machine)
{
    if (g->is_own)
        rvemu_debugger_attach(g->debugger, machine);
    gdb_server_attach(&g->server);
    g->end_is_told = false;
}

bool gdb_wants(const struct gdb *g)
{
    return gdb_link_has(&g->link);
}

bool gdb_has_ended(const struct gdb *g)
{
    return g->server.is_ended;
}

/* Whether the machine has come to an end that somebody may want to look at. */
static bool is_stuck(const struct rvemu_stop *stop)
{
    return stop->reason == RVEMU_STOP_LOST ||
           stop->reason == RVEMU_STOP_DEADLOCK;
}

/* Runs as gdb has ordered; *stop is for who called. */
static void run(struct gdb *g, uint64_t steps, struct rvemu_stop *stop)
{
    struct rvemu_debug_stop why;

    if (rvemu_history_is_past(rvemu_debugger_machine(g->debugger)))
        g->end_is_told = false;
    rvemu_debug_run(g->debugger, steps, &why);
    switch (why.why) {
    case RVEMU_WHY_STEPS: stop->reason = RVEMU_STOP_STEPS; return;
    case RVEMU_WHY_HOST:
        if (gdb_wants(g))
            stop->reason = RVEMU_STOP_STEPS;
        return;
    case RVEMU_WHY_END:
        *stop = why.machine;
        if (!is_stuck(stop) || !g->is_connected || g->end_is_told)
            return;
        g->end_is_told = true;
        break;
    default: break;
    }
    if (g->is_connected) /* else nobody could have it go on */
        gdb_server_stopped(&g->server, &why);
    stop->reason = RVEMU_STOP_STEPS;
}

void gdb_run(struct gdb *g, uint64_t steps, struct rvemu_stop *stop)
{
    *stop = (struct rvemu_stop){.reason = RVEMU_STOP_HOST};
    serve(g);
    while (g->server.is_stopped && !g->server.is_ended) {
        if (!g->config.look(g->config.self))
            return;
        loop_wait(g->config.loop, LOOK_NS);
        serve(g);
    }
    if (!g->server.is_ended)
        run(g, steps, stop);
}
