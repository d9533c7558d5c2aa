/*
 * What keys and clicks do: each takes the viewer to another step or changes
 * what it shows. They know no window, so that a test can press them.
 */
#ifndef VIEW_KEYS_H
#define VIEW_KEYS_H

#include "view/view.h"

enum key {
    KEY_NONE,
#define KEY(name, shown, what) KEY_##name,
#include "view/keys.def"
#undef KEY
    KEY_zoom_out,
    KEYS
};

struct key_help {
    const char *key, *what;
};

/* How many keys are told of, and each. */
unsigned keys_count(void);
const struct key_help *keys_help(unsigned index);

/* The viewer as it stands. */
struct viewer {
    struct source *source; /* owned */
    struct sources *sources;
    struct picture picture;
    struct view view;
    size_t home; /* the moment that it begins with */
    int argc;    /* emu's command line, for KEY_again */
    char **argv;
    bool quits;
};

/* Opens a live machine and goes to the moment to begin with. Returns 0, or -1
 * with error and nothing to close. */
int viewer_open(struct viewer *viewer, int argc, char **argv,
                struct rvemu_error *error);
void viewer_close(struct viewer *viewer);

/* Goes to a step. Returns 0, or -1 with error. */
int viewer_goto(struct viewer *viewer, uint64_t step,
                struct rvemu_error *error);

/* Does what a key does. Returns 0, or -1 with error. */
int viewer_press(struct viewer *viewer, enum key key,
                 struct rvemu_error *error);

/* Selects what was clicked, or goes to a moment. */
int viewer_click(struct viewer *viewer, const struct hit *hit,
                 struct rvemu_error *error);

#endif
