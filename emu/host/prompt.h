/*
 * Where somebody types commands: at a terminal, edited (editor.h) or, without
 * that, as the terminal gives lines; or through a pipe; or fed by whoever reads
 * the descriptor. A client of the loop; lines wait here until they are taken.
 */
#ifndef HOST_PROMPT_H
#define HOST_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include <rvemu/error.h>

#include "host/editor.h"
#include "host/loop.h"

#define PROMPT_LINE_MAX 4096 /* bytes of a line and its 0; more are cut off */

struct prompt_config {
    struct loop *loop;
    int fd;            /* -1: it is fed */
    const char *text;  /* "(emu) " */
    const char *state; /* a file of that name keeps lines between sessions, in
                        * $XDG_STATE_HOME/emu */
    char *(*complete)(void *self, const char *text, unsigned start,
                      unsigned end, unsigned n); /* as editor.h has it */
    void *self;
};

struct prompt {
    struct prompt_config config;
    struct loop_client client;
    bool is_terminal;
    bool is_edited; /* by the editor */
    bool is_shown;  /* it waits for a line */
    bool is_over;   /* no more comes */
    bool has_lines; /* some were typed that are to be kept */
    char *typed;    /* by the editor; NULL: nothing */
    char *ahead;    /* what was read and not taken */
    size_t count, room;
};

/* Opens it, and shows nothing yet. Where lines cannot be edited, why is written
 * to stderr, once. Stays in place until it is closed. */
void prompt_open(struct prompt *prompt, const struct prompt_config *config);
void prompt_close(struct prompt *prompt);

/* Shows the prompt, unless it is shown, so that a line can be typed. */
void prompt_show(struct prompt *prompt);

/* Takes it away: nobody reads for now. */
void prompt_hide(struct prompt *prompt);

/* Whether a line, or the end, waits; and takes it: a line of the caller's, to
 * be freed, or NULL at the end. The prompt is not shown then. */
bool prompt_has(const struct prompt *prompt);
char *prompt_take(struct prompt *prompt);

/* A byte was read by somebody else; -1: the end. */
void prompt_feed(struct prompt *prompt, int byte);

/* ^C was typed: the line is forgotten. */
void prompt_cancel(struct prompt *prompt);

/* The terminal was somebody else's meanwhile (^Z). */
void prompt_resume(struct prompt *prompt);

#endif
