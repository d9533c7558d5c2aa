/*
 * --restore: the command line of a run that goes on from a snapshot. What the
 * snapshot says of its machine holds, and an option that says otherwise is
 * refused.
 */
#ifndef CLI_RESTORE_H
#define CLI_RESTORE_H

#include "cli/options.h"

/* Opens the snapshot of options->restore, if there is one, and reads the
 * command line anew over it. Returns 0, or -1 with error. options->restored is
 * the caller's to close, in either case. */
int restore_options(struct options *options, int argc, char **argv,
                    struct rvemu_error *error);

#endif
