/*
 * How far a command has read, on stderr where that is a terminal: for work that
 * takes longer than one likes to wait. Where the command's own lines go to the
 * same terminal, only as long as there are none: while it is quiet.
 */
#ifndef TRACE_PROGRESS_H
#define TRACE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

struct progress {
    const char *path;
    uint64_t bytes; /* of the file */
    bool is_quiet;  /* the command writes no lines now, or not here */
    bool shows;     /* there is somebody to see it */
    bool shares;    /* with the command's lines */
    bool has_shown;
    unsigned until_look; /* calls until the clock is looked at */
    struct timespec begun, shown;
};

/* Begins, of the file at `path`, whose name stays; the command writes to out.
 */
void progress_begin(struct progress *progress, const char *path, uint64_t bytes,
                    const FILE *out);

/* The command has read so many bytes; to be called for each event. */
void progress_look(struct progress *progress, uint64_t offset);

static inline void progress_at(struct progress *progress, uint64_t offset)
{
    if (progress->shows && !progress->until_look--)
        progress_look(progress, offset);
}

/* The command writes lines from now on, or is quiet. */
void progress_quiet(struct progress *progress, bool is_quiet);

/* Takes back what is shown. */
void progress_end(struct progress *progress);

#endif
