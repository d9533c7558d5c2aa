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
    KEY_enter,
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
    const struct survey_watch *watch; /* of surveys; NULL: nobody */
    bool quits;
};

/* Opens a live machine and goes to the moment to begin with. Returns 0, or -1
 * with error and nothing to close. */
int viewer_open(struct viewer *viewer, int argc, char **argv,
                const struct survey_watch *watch, struct rvemu_error *error);
void viewer_close(struct viewer *viewer);

/* Goes to a step. Returns 0, or -1 with error. */
int viewer_goto(struct viewer *viewer, uint64_t step,
                struct rvemu_error *error);

/* Goes to a step, "506338"; to the so-manieth event of a word, "fault:2"; or to
 * the next event that names something or is told in these words. Returns 0, or
 * -1 with error: there is none. */
int viewer_jump(struct viewer *viewer, const char *where,
                struct rvemu_error *error);

/* What is typed behind KEY_jump: letters, as UTF-8; and its end, which goes
 * there, takes the last letter away (KEY_undo), or gives up (KEY_escape).
 * viewer_press() takes these keys so by itself. */
void viewer_type(struct viewer *viewer, const char *text);

/* Does what a key does. Returns 0, or -1 with error. */
int viewer_press(struct viewer *viewer, enum key key,
                 struct rvemu_error *error);

/* Selects what was clicked, or goes to a moment. */
int viewer_click(struct viewer *viewer, const struct hit *hit,
                 struct rvemu_error *error);

#endif
