/*
 * --restore and --replay: the command line of a run that goes on from a
 * snapshot, or is made again. What the file says of its machine holds, and an
 * option that says otherwise is refused.
 */
#ifndef CLI_RESTORE_H
#define CLI_RESTORE_H

#include "cli/options.h"

/* Opens what options->restore and options->replay name, and reads the command
 * line anew over it. Returns 0, or -1 with error. restore_close() is for the
 * caller in either case. */
int restore_options(struct options *options, int argc, char **argv,
                    struct rvemu_error *error);
void restore_close(const struct options *options);

#endif
