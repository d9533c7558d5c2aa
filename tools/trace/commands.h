/*
 * The commands of emu-trace. Each is in the file of its name.
 *
 * A command writes to out and returns the program's status, or -1 with error,
 * which is the user's or the host's. What cannot be written is no concern of
 * its: output_close() says so.
 */
#ifndef TRACE_COMMANDS_H
#define TRACE_COMMANDS_H

#include "trace/options.h"

#define STATUS_OK 0
#define STATUS_DIFFERS 1 /* diff found a difference */
#define STATUS_USAGE 125 /* the command line or the host is at fault */
#define STATUS_FOUND 126 /* check found a fault */

typedef int command_fn(const struct options *options, FILE *out,
                       struct rvemu_error *error);

struct command {
    const char *name;
    unsigned files;
    command_fn *run;
    const char *help;
};

/* The rows of options.def; the last one's name is NULL. */
extern const struct command commands[];

#define COMMAND(name, files, help, more) command_fn command_##name;
#define SECTION(title)
#define OPTION(name, kind, where, argument, preset, help, more)
#define ALIAS(name, of, kind, where)
#include "trace/options.def"
#undef COMMAND
#undef SECTION
#undef OPTION
#undef ALIAS

#endif
