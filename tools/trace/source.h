/*
 * A trace that a command reads: opened, asked for what the options want of it,
 * and, on a terminal, told how far it is.
 */
#ifndef TRACE_SOURCE_H
#define TRACE_SOURCE_H

#include <rvemu/emt.h>

#include "trace/lives.h"
#include "trace/progress.h"

/* Which events source_next() gives. */
enum source_mode {
    SOURCE_WANTED, /* those that the options ask for */
    SOURCE_ALL     /* all up to --to: the command needs to know what was before;
                    * source_is_wanted() tells them apart */
};

struct source {
    const char *path;
    const struct options *options;
    FILE *out; /* of the command: nothing more comes once it is broken */
    struct rvemu_emt *trace;
    const struct rvemu_emt_about *about;
    enum source_mode mode;
    struct lives lives; /* if has_lives */
    bool has_lives;

    /* The last event, and where it was. */
    struct rvemu_event event;
    struct rvemu_emt_place place;

    struct progress progress;
};

/* Opens the trace at `path`. Of kinds that are neither asked for nor in `kinds`
 * (0: all) nothing may be given. `names` asks for the lives of spaces. Returns
 * 0, or -1 with error. */
int source_open(struct source *source, const struct options *options,
                const char *path, FILE *out, enum source_mode mode,
                rvemu_event_set kinds, bool names, struct rvemu_error *error);

/* Takes the next event. False: there are no more. */
bool source_next(struct source *source);

/* Whether the options ask for the event that was taken last. */
bool source_is_wanted(const struct source *source);

/* Whether it is from --from on. */
bool source_has_begun(const struct source *source);

/* The life of the space that the last event is about, or NULL. */
const struct life *source_life(struct source *source);

/* Tells on stderr what of the trace could not be read. */
void source_tell_losses(struct source *source);

/* NULL or one that could not be opened is none. */
void source_close(struct source *source);

#endif
