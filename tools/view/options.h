/*
 * The viewer's own options, which come first; what follows them is a command
 * line of emu's.
 */
#ifndef VIEW_OPTIONS_H
#define VIEW_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include <rvemu/error.h>

#include "view/theme.h"

struct view_options {
    bool help;
    const char *shot;  /* a PNG file to be written; NULL: none */
    const char *state; /* a JSON file of what is on the screen; NULL: none */
    const char *html;  /* a page of steps to be written; NULL: none */
    unsigned count;    /* steps in it at most */
    const char *at;    /* a step or an event; NULL: where it begins */
    const char *press; /* keys, by name, before the picture; NULL: none */
    int width, height; /* of window or picture, in pixels */
    enum theme theme;
    double scale; /* pixels for one of --size; in width and height already */
    int first;    /* the place in argv of the first that is not the viewer's */
};

/* Reads the options that argv begins with. Returns 0, or -1 with error. */
int view_options_read(struct view_options *options, int argc, char **argv,
                      struct rvemu_error *error);

/* One of the viewer's options among these arguments, or NULL. */
const char *view_options_late(int argc, char **argv);

void view_options_help(FILE *out);

#endif
