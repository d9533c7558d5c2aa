/*
 * What of the host the guest's serial line, or its semihosting, goes to, where
 * that is not standard input and output: a file, nowhere, or a terminal of its
 * own; and the file that is written beside it (logfile=).
 */
#ifndef CLI_SERIAL_H
#define CLI_SERIAL_H

#include <rvemu/error.h>

#include "cli/options.h"
#include "host/outfile.h"

/* Descriptors, -1 for none; those that are open are closed by serial_close().
 */
struct serial {
    int in, out;
    int other; /* of a pty, the side that somebody opens */
    struct outfile log;
};

#define SERIAL_CLOSED                    \
    {                                    \
        .in = -1, .out = -1, .other = -1 \
    }

/* Opens what the stream says; nothing where it is standard input and output. Of
 * a pty it tells on stderr which it is. Returns 0, or -1 with error. */
int serial_open(struct serial *serial, const struct options_stream *stream,
                struct rvemu_error *error);

/* Writes a byte to the log, if there is one; serial_flush() sees to it that it
 * gets there. */
void serial_log(struct serial *serial, uint8_t byte);
void serial_flush(struct serial *serial);

/* Writes a byte where the stream leads, standard output if it was opened for
 * that, and to the log. Bytes that nobody takes are lost. */
void serial_put(struct serial *serial, uint8_t byte);

/* Returns 0, or -1 with error and errno when not all of the log has got
 * there. */
int serial_close(struct serial *serial, struct rvemu_error *error);

#endif
