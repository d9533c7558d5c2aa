/*
 * The server's side of gdb's remote serial protocol ("Remote Protocol" in its
 * manual): what a packet asks is done by a debugger of the library
 * (rvemu/debug.h) and answered. It knows no line: who has one gives it the
 * packets, runs the machine as it says, and tells it of stops.
 *
 * Harts are gdb's threads, of which the first has number 1. All of them stop
 * and go together; while one is stepped, the others go on in their turns.
 * Addresses are virtual ones of the hart that is asked about, unless gdb asks
 * for physical ones (Qqemu.PhyMemMode, as on QEMU).
 */
#ifndef CLI_GDB_SERVER_H
#define CLI_GDB_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/rvemu.h>

#define GDB_TEXT 0x4000 /* bytes of a packet's text, each way */
#define GDB_POINTS_MAX 512

/* Takes a part of what a command prints. */
typedef void gdb_say_fn(void *arg, const char *text);

/* Who is outside. */
struct gdb_outside {
    void *self;
    /* A packet for gdb. */
    void (*send)(void *self, const char *text);
    /* No more acknowledgements from here on. */
    void (*stop_acks)(void *self);
    /* Does a command of the monitor (gdb's "monitor TEXT"), and gives what it
     * prints to say; NULL: there is no monitor. */
    void (*monitor)(void *self, const char *text, gdb_say_fn *say, void *arg);
};

/* A breakpoint or watchpoint of gdb's. */
struct gdb_point {
    unsigned type; /* of "Z": 0 and 1 break, 2 writes, 3 reads, 4 both */
    uint64_t address, length;
    int number; /* of the debugger's point */
};

struct gdb_server {
    struct gdb_outside outside;
    struct rvemu_debugger *debugger;
    rvemu *machine;
    bool is_stopped;
    bool is_ended;    /* the run, by gdb */
    bool is_silent;   /* the packet is answered by the next stop */
    bool is_physical; /* addresses of memory */
    bool has_history; /* it is kept for gdb */
    unsigned hart;    /* what is asked is about it */
    unsigned runs;    /* and what is ordered */
    char stop[96];    /* why it stopped, as a packet */
    unsigned points;
    struct gdb_point point[GDB_POINTS_MAX];
    char *description; /* in XML, made when it is first asked for */
    char reply[GDB_TEXT + 1];
};

/* Starts with nobody connected; what was NULL or 0 stays so. The debugger and
 * its machine outlive the server. */
void gdb_server_begin(struct gdb_server *server,
                      const struct gdb_outside *outside,
                      struct rvemu_debugger *debugger);
void gdb_server_end(struct gdb_server *server);

/* The debugger has another machine. */
void gdb_server_attach(struct gdb_server *server);

/* Somebody has connected: the machine is stopped. */
void gdb_server_greet(struct gdb_server *server);

/* Does what a packet asks, and answers. */
void gdb_server_packet(struct gdb_server *server, const char *text);

/* The machine has stopped, of itself or for a ^C; tells gdb. */
void gdb_server_stopped(struct gdb_server *server,
                        const struct rvemu_debug_stop *stop);
void gdb_server_interrupt(struct gdb_server *server);

/* gdb has gone, or goes: the machine goes on without its points. */
void gdb_server_detach(struct gdb_server *server);

/* "Z" and "z", the text behind them: sets or takes away a point. 1: done; 0:
 * there is no such type; -1: it cannot be. */
int gdb_point_set(struct gdb_server *server, const char *text, bool on);
void gdb_points_clear(struct gdb_server *server);

/* gdb's point of a number of the debugger's, or NULL. */
const struct gdb_point *gdb_point_find(const struct gdb_server *server,
                                       int number);

#endif
