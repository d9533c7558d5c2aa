/* The files that the command line has emu write. See outputs.c. */
#ifndef CLI_OUTPUTS_H
#define CLI_OUTPUTS_H

#include "cli/options.h"

/* Refuses a file to be written that looks like a slip of the keyboard: one
 * that is read as well, or written for two options, or that holds what no such
 * option writes. Nothing is created or changed. Returns 0, or -1 with error. */
int outputs_check(const struct options *options, struct rvemu_error *error);

#endif
