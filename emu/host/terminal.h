/* The host's terminal and the signals that come from it. See terminal.c. */
#ifndef HOST_TERMINAL_H
#define HOST_TERMINAL_H

#include <signal.h>
#include <stdbool.h>
#include <termios.h>

#include <rvemu/error.h>

#include "host/loop.h"

struct terminal {
    int fd; /* the terminal, or -1 when input is something else */
    struct loop *loop;
    struct loop_client signals; /* a signalfd */
    bool keyboard_signals;      /* ^C and its like stay signals */
    bool is_lent;        /* somebody else reads it, in modes of his own … */
    bool is_interrupted; /* … and ^C came meanwhile: for him to take back */
    bool is_resumed;     /* … or the program goes on behind a ^Z */
    struct termios saved;
    sigset_t old_mask;
};

/* Blocks the signals that end or stop a program and serves them as a client of
 * the loop: it stops and goes on for SIGTSTP and SIGCONT; one that asks to end
 * the program is loop.signal from then on. If fd is a terminal, also puts it
 * into raw mode. Returns 0, or -1 with error. At most one terminal is open at a
 * time. */
int terminal_open(struct terminal *terminal, int fd, bool keyboard_signals,
                  struct loop *loop, struct rvemu_error *error);

/* Somebody else reads the terminal from now on: it is as it was found, and ^C
 * ends nothing. Also where fd is none: ^C comes from some terminal. */
void terminal_lend(struct terminal *terminal);

/* The end of that. */
void terminal_reclaim(struct terminal *terminal);

/* Puts everything back as it was found. */
void terminal_close(struct terminal *terminal);

#endif
