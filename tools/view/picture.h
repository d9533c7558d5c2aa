/*
 * The picture: all that is on the screen at a step, with its values, before
 * anything has a place. A source fills it in; layout.h gives it places.
 */
#ifndef VIEW_PICTURE_H
#define VIEW_PICTURE_H

#include "view/snap.h"

#define PICTURE_TEXT 400

struct picture {
    struct board board;
    uint64_t pinned; /* a process that is to be large, with its parent; 0: those
                      * that the moment is about */
    size_t moment;   /* the story's place: the last at or before the step */
    bool at_moment;  /* the step is the moment's own */
    struct snap now;
    struct snap before; /* at the moment before, or one step of the grain */
    bool has_before;
    char sentence[PICTURE_TEXT];
    char source[PICTURE_TEXT]; /* "lab.c:13    counter = 42;" */
    char stored[32]; /* at a fault: what was to be stored; "": not known */
};

/* Where the source code of programs is found. */
struct sources;

/* Fills in the picture at a moment, or at another step behind it. The board is
 * kept if it is the moment's pair's. Returns 0, or -1 with error. */
int picture_make(struct picture *picture, struct source *source,
                 struct sources *sources, uint64_t step, uint64_t before,
                 struct rvemu_error *error);

/* Sentences and names. */
void picture_process(const struct survey *survey, uint64_t number, char *out,
                     size_t size);

/* Opens what there is to say lines of source by; NULL: memory is lacking. */
struct sources *sources_open(const struct source *source);
void sources_close(struct sources *sources);

/* Writes the source line that a hart is at, "lab.c:13    counter = 42;", or an
 * address's function; false: nothing is known, and out is empty. */
bool sources_line(struct sources *sources, const struct source *source,
                  uint64_t root, uint64_t pc, char *out, size_t size);

#endif
