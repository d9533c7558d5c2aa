/*
 * The host's end of the guest's serial line.
 *
 * Output goes to a file descriptor through a buffer; input comes from a
 * terminal, or from a pipe or file, and is handed to the guest by machine
 * time, one byte a UART character time, whenever the guest's receiver takes
 * it. Input that was ready when it was due arrives at the same machine time
 * in every run.
 */
#ifndef HOST_CONSOLE_H
#define HOST_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/error.h>
#include "host/terminal.h"
#include "host/patterns.h"

/* What a guest gets at the end of piped input: ^D, which is what its tty
 * takes for an end of file; a serial line knows no other. Behind a line that
 * is not ended it comes twice: a tty takes the first for the line's end. */
#define CONSOLE_END_OF_INPUT 0x04

#define CONSOLE_INPUT 4096
#define CONSOLE_OUTPUT 4096 /* a pipe that polls writable takes this much */

/* The guest's receiver. */
struct console_guest {
    bool (*ready)(void *self); /* a byte sent now would be taken */
    bool (*send)(void *self, uint8_t byte);
    void *self;
};

struct console_config {
    int in; /* -1: no input */
    int out;
    bool escapes; /* Ctrl-A commands, on a terminal */
    const char *stop_on;
    const char *fail_on;
    uint64_t host_limit_ns; /* of real time from console_open() on; 0: none */
};

/* Why the run is to stop. */
enum console_verdict {
    CONSOLE_GO_ON,
    CONSOLE_QUIT,    /* Ctrl-A x */
    CONSOLE_SIGNAL,  /* see console.signal */
    CONSOLE_STOP_ON, /* output matched the pattern */
    CONSOLE_FAIL_ON,
    CONSOLE_TIMEOUT, /* the host limit has passed */
    CONSOLE_BROKEN   /* output cannot be written: see console.broken */
};

struct console {
    struct console_config config;
    struct console_guest guest;
    struct terminal terminal;
    struct patterns patterns;
    uint64_t host_end; /* CLOCK_MONOTONIC ns */

    bool live;    /* input is typed, or might as well be: never wait for it */
    bool ended;   /* input has ended; nothing will be read any more */
    bool end_due; /* CONSOLE_END_OF_INPUT is still to be sent */
    bool in_line; /* the last byte sent ended no line */
    bool escape;  /* Ctrl-A was the last byte typed */
    bool quit;
    int signal;    /* the signal that asked to end, or 0 */
    int broken;    /* errno of a failed write, or 0 */
    bool lost;     /* some output was given up */
    uint64_t next; /* machine time at which the wire is free again */
    unsigned in_head, in_count;
    uint8_t in[CONSOLE_INPUT];

    bool out_terminal;
    bool line_open; /* the last byte printed was no newline */
    size_t out_count;
    uint8_t out[CONSOLE_OUTPUT];
};

/* Takes over terminal and signals. SIGPIPE should be ignored: an output whose
 * reader has gone is then an error of write(). Returns 0, or -1 with error. A
 * guest has to be attached before any function below is called. */
int console_open(struct console *console, const struct console_config *config,
                 struct rvemu_error *error);

/* Puts this guest on the line, whose machine time begins anew; input that was
 * read and not yet sent is for it. */
void console_attach(struct console *console, const struct console_guest *guest);

/* The guest has ended by itself: writes what is still to be written. A verdict
 * that came with the last of it is returned: a pattern's, or CONSOLE_SIGNAL or
 * _TIMEOUT if that left output unwritten; else CONSOLE_GO_ON, with
 * console.broken set if there is nobody to take it. */
enum console_verdict console_finish(struct console *console);

/* The same, whatever comes of it, and restores the terminal. */
void console_close(struct console *console);

/* The guest sends a byte. (self is the console.) */
void console_put(void *self, uint8_t byte);

/* Writes out what is buffered, before something else is written beside it. */
void console_flush(struct console *console);

/* Between slices: serves signals, keys and output, and hands over input that
 * is due at machine time now. */
enum console_verdict console_poll(struct console *console, uint64_t now);

/* Machine time, after now, at which console_poll() has something to do next,
 * beyond serving the host: UINT64_MAX when nothing but the guest can tell. */
uint64_t console_next(const struct console *console, uint64_t now);

/* The guest idles until machine time due. Sleeps for real if somebody may
 * type meanwhile. Returns the machine time that is the present now. */
uint64_t console_idle(struct console *console, uint64_t now, uint64_t due);

#endif
