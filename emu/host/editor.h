/*
 * Lines edited on a terminal, with what was typed before and completion: GNU
 * readline's work. It is a module, opened when a monitor is first at a
 * terminal: emu starts without it and is not linked with it. A process that has
 * opened it is, as a whole, under readline's licence (GPL-3); what is built
 * with -Dreadline=disabled has editor_none.c in the place of editor_readline.c,
 * and never does.
 *
 * Readline is one for a process; so is the editor.
 */
#ifndef HOST_EDITOR_H
#define HOST_EDITOR_H

#include <rvemu/error.h>

#define EDITOR_MODULE "libreadline.so.8"

/* Who gets the lines. */
struct editor_client {
    void *self;
    /* A line was typed, which is the client's to free; NULL: the end (^D). The
     * editor has stopped. */
    void (*line)(void *self, char *line);
    /* What may stand in the place of text[start] up to text[end], the n-th of
     * it from 0 on, in memory that is the editor's to free; NULL: no more. */
    char *(*complete)(void *self, const char *text, unsigned start,
                      unsigned end, unsigned n);
};

/* Opens the module of that name for this client, which stays in place. Returns
 * 0, or -1 with the line that says what to install. */
int editor_open(const struct editor_client *client, const char *module,
                struct rvemu_error *error);

/* Shows the prompt and begins a line. */
void editor_begin(const char *prompt);

/* Ends a line that has not been ended, and gives the terminal back its modes.
 */
void editor_end(void);

/* Takes what was typed. */
void editor_read(void);

/* Forgets what was typed of the line, and begins another. */
void editor_cancel(void);

/* Sets the terminal's modes and shows the line, which somebody else has
 * overwritten. */
void editor_resume(const char *prompt);

/* Reads, adds to, and writes what can be called back, `most` lines of it. A
 * file that cannot be read or written is none. */
void editor_read_history(const char *path, int most);
void editor_add_history(const char *line);
void editor_write_history(const char *path);

#endif
