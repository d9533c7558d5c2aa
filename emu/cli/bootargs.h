/* The command line of the bundled kernel. See bootargs.c. */
#ifndef CLI_BOOTARGS_H
#define CLI_BOOTARGS_H

#include <stdbool.h>

#include "cli/options.h"

/* Makes the text that the kernel is given, but for what starts a program:
 * what the options say of the console, and then -append. It is the caller's,
 * to be freed. Returns 0, or -1 with error. */
int bootargs_make(char **text, const struct options *options, bool is_program,
                  struct rvemu_error *error);

/* Whether the kernel takes this text, all of it; `what` names it in messages.
 * Returns 0, or -1 with error. */
int bootargs_check(const char *text, const char *what,
                   struct rvemu_error *error);

#endif
