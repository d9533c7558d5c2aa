/*
 * The host's end of the guest's serial line.
 *
 * Output goes to a file descriptor through a buffer; input is read from a
 * terminal, or from a pipe or file, when the machine asks for it, and given to
 * the machine, which hands it to the guest (rvemu_input()). Input that was
 * ready when it was due arrives at the same machine time in every run. None is
 * lost: what the machine has no room for waits, at last in the terminal or
 * pipe.
 */
#ifndef HOST_CONSOLE_H
#define HOST_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/error.h>
#include <rvemu/machine.h>

#include "host/backlog.h"
#include "host/loop.h"
#include "host/patterns.h"
#include "host/script.h"
#include "host/terminal.h"

#define CONSOLE_INPUT 4096  /* bytes read at a time */
#define CONSOLE_OUTPUT 4096 /* a pipe that polls writable takes this much */

struct console_config {
    int in;                /* -1: no input */
    struct script *script; /* input comes from there; NULL: from in */
    int out;
    bool escapes;                /* Ctrl-A commands, on a terminal */
    bool piped_escapes;          /* and from anywhere else */
    void (*explain)(void *self); /* Ctrl-A e; NULL: there is nothing to turn */
    /* Ctrl-A c: a monitor is wanted, or no more; NULL: there is none. Of a
     * pipe, what follows is the monitor's until the next Ctrl-A c: it is told
     * of each byte, and of the end as -1, behind which comes no more. */
    void (*monitor)(void *self, bool on);
    void (*monitor_byte)(void *self, int byte);
    void *self;
    struct patterns_config patterns;
};

/* Why the run is to stop. */
enum console_verdict {
    CONSOLE_GO_ON,
    CONSOLE_QUIT,    /* Ctrl-A x */
    CONSOLE_SIGNAL,  /* see loop.signal */
    CONSOLE_STOP_ON, /* output matched the pattern */
    CONSOLE_FAIL_ON,
    CONSOLE_TIMEOUT, /* the loop's deadline has passed */
    CONSOLE_BROKEN   /* output cannot be written: see console.broken */
};

struct console {
    struct console_config config;
    struct loop *loop;
    struct loop_client input, output;
    rvemu *machine;
    struct terminal terminal;
    struct patterns patterns;

    struct backlog backlog;
    bool told_end; /* the machine, that there is no more */
    bool gone;     /* the terminal; told to the machine behind the backlog */

    bool piped; /* bytes come from elsewhere, and Ctrl-A commands with them */
    bool live;  /* the machine asks for what there is, not for a byte */
    bool come;  /* some byte has come that was the guest's */
    uint64_t last; /* up to when nothing can be said to be missing: bytes
                    * came, or were not looked for */
    size_t held, held_end; /* piped bytes from a command on that is not due */
    uint8_t hold[CONSOLE_INPUT];
    bool answered; /* input, or its end, has come since it was asked for */
    bool escape;   /* Ctrl-A was the last byte typed */
    bool quit;
    bool is_monitors;  /* what is typed is for the monitor */
    uint64_t fail_end; /* machine time up to which the line that matches
                        * --fail-on may go on; 0: none does */
    uint64_t owed;     /* ns idled and not slept for yet */
    int broken;        /* errno of a failed write, or 0 */
    bool lost;         /* some output was given up */

    bool out_terminal;
    size_t out_count;
    size_t out_done; /* bytes of it that are written */
    uint8_t out[CONSOLE_OUTPUT];
};

/* Takes over terminal and signals, as a client of the loop, which outlives the
 * console. SIGPIPE should be ignored: an output whose reader has gone is then
 * an error of write(). Returns 0, or -1 with error. A machine has to be
 * attached before any function below is called. */
int console_open(struct console *console, const struct console_config *config,
                 struct loop *loop, struct rvemu_error *error);

/* Puts this machine on the line and tells it where input comes from; gives it
 * the input that the one before it, if there was one, has not passed on. */
void console_attach(struct console *console, rvemu *machine);

/* The same of a machine that goes on from where it was: what it was told of its
 * input holds, as far as it is true. An input that had ended begins anew only
 * if there is more now. */
void console_resume(struct console *console, rvemu *machine);

/* The guest has ended by itself: writes what is still to be written. A verdict
 * that came with the last of it is returned: a pattern's, or CONSOLE_SIGNAL or
 * _TIMEOUT if that left output unwritten; else CONSOLE_GO_ON, with
 * console.broken set if there is nobody to take it. */
enum console_verdict console_finish(struct console *console);

/* The same, whatever comes of it, and restores the terminal. */
void console_close(struct console *console);

/* The guest sends a byte. (self is the console.) */
void console_put(void *self, uint8_t byte);

/* What is typed is for the monitor from now on, or the guest's again. A
 * terminal is then as it was found and read by the monitor itself. */
void console_give_monitor(struct console *console, bool on);

/* Whether ^C was typed while the monitor had the terminal; it is forgotten. */
bool console_take_interrupt(struct console *console);

/* Writes out what is buffered, before something else is written beside it. */
void console_flush(struct console *console);

/* The machine polls: serves signals, keys and output, and gives it the input
 * that it asks for. */
enum console_verdict console_poll(struct console *console, enum rvemu_ask ask);

/* The machine idles from machine time now until due: sleeps for real if
 * somebody may type meanwhile, and tells the machine for how long. What is
 * idled in moments, as disks let one, is slept for together. */
void console_idle(struct console *console, uint64_t now, uint64_t due,
                  enum rvemu_ask ask);

#endif
