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

/* Descriptors, -1 for none. */
struct serial_line {
    int in, out;
    int other; /* of a pty, the side that somebody opens */
    struct outfile log;
};

struct serial {
    struct serial_line console;
    struct serial_line hosted; /* with OPTIONS_HOSTED_APART */
};

/* Before serial_open(). */
#define SERIAL_LINE_CLOSED               \
    {                                    \
        .in = -1, .out = -1, .other = -1 \
    }
#define SERIAL_CLOSED                                                \
    {                                                                \
        .console = SERIAL_LINE_CLOSED, .hosted = SERIAL_LINE_CLOSED, \
    }

/* Opens what the command line says; nothing where it is standard input and
 * output. Of a pty it tells on stderr which it is. Returns 0, or -1 with error;
 * serial_close() is to be called either way. */
int serial_open(struct serial *serial, const struct options *options,
                struct rvemu_error *error);

/* Writes a byte to the console's log, if there is one. */
void serial_log(struct serial *serial, uint8_t byte);

/* Writes a byte where semihosting leads, standard output if it was opened for
 * that, and to its log. Bytes that nobody takes are lost. */
void serial_put_hosted(struct serial *serial, uint8_t byte);

/* Sees to it that what was written to logs gets there. */
void serial_flush(struct serial *serial);

/* Returns 0, or -1 with error and errno when not all of a log has got there. */
int serial_close(struct serial *serial, struct rvemu_error *error);

#endif
