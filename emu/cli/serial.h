/*
 * What of the host the guest's serial line goes to, where that is not standard
 * input and output: a file, nowhere, or a terminal of its own.
 */
#ifndef CLI_SERIAL_H
#define CLI_SERIAL_H

#include <rvemu/error.h>

#include "cli/options.h"

/* Descriptors, -1 for none; those that are open are closed by serial_close().
 */
struct serial {
    int in, out;
    int other; /* of a pty, the side that somebody opens */
};

#define SERIAL_CLOSED                    \
    {                                    \
        .in = -1, .out = -1, .other = -1 \
    }

/* Opens what the stream says; nothing where it is standard input and output. Of
 * a pty it tells on stderr which it is. Returns 0, or -1 with error. */
int serial_open(struct serial *serial, const struct options_stream *stream,
                struct rvemu_error *error);
void serial_close(struct serial *serial);

#endif
