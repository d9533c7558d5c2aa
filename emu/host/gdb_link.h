/*
 * The line to a debugger: one connection at a time, and on it packets
 * of gdb's remote serial protocol ("Overview" of its appendix in gdb's manual):
 *
 *     $ text # two hex digits, the sum of the text's bytes
 *     + and -  got it; once more, please
 *     0x03     stop the program
 *
 * A reply is kept until the next one, for a "-". Clients that send no "+", as
 * those of course graders, are not waited for. What comes is read while its
 * loop waits, and taken from here when somebody has time for it; more than
 * there is room for waits at the sender.
 */
#ifndef HOST_GDB_LINK_H
#define HOST_GDB_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include <rvemu/error.h>

#include "host/loop.h"

#define GDB_LINK_TEXT 0x4000 /* bytes of a packet's text, each way */

enum gdb_link_kind {
    GDB_LINK_NOTHING,
    GDB_LINK_OPENED,    /* somebody has connected */
    GDB_LINK_PACKET,    /* its text is in link.text */
    GDB_LINK_INTERRUPT, /* the program is to stop */
    GDB_LINK_CLOSED     /* the connection has gone */
};

struct gdb_link {
    struct loop *loop;
    struct loop_client client;
    int listener, connection; /* -1: none */
    char path[108];           /* of the socket; "": it has none */
    bool is_new, is_gone;     /* to be told by gdb_link_take() */
    bool no_acks;
    size_t received, sent;
    char in[GDB_LINK_TEXT + 4];
    char out[GDB_LINK_TEXT + 4];  /* the last reply, as it was sent */
    char text[GDB_LINK_TEXT + 1]; /* the packet that was taken, and a 0 */
};

/* Listens at a port of the host's address (a name or number; "": this host
 * alone can connect), as a client of the loop. Returns 0, or -1 with error.
 * The link stays in place until it is closed, after which nothing is open. */
int gdb_link_open(struct gdb_link *link, struct loop *loop, const char *host,
                  const char *port, struct rvemu_error *error);
void gdb_link_close(struct gdb_link *link);

/* The same at a socket of the file system, made there, in the place of one at
 * which nobody listens any more; it is gone once the link is closed. */
int gdb_link_open_path(struct gdb_link *link, struct loop *loop,
                       const char *path, struct rvemu_error *error);

/* Whether there is something to be taken. */
bool gdb_link_has(const struct gdb_link *link);

/* Takes what came next; acknowledges a packet. */
enum gdb_link_kind gdb_link_take(struct gdb_link *link);

/* Sends a packet with this text, at most GDB_LINK_TEXT bytes of it. */
void gdb_link_send(struct gdb_link *link, const char *text);

/* No more "+" from here on this connection. */
void gdb_link_stop_acks(struct gdb_link *link);

#endif
