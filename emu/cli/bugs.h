/* -append bug=NAME: mistakes that the bundled kernel can be asked for. It has
 * none of them: another image has. */
#ifndef CLI_BUGS_H
#define CLI_BUGS_H

#include <stdbool.h>

#include <rvemu/rvemu.h>

/* Looks for bug=NAME among the words of a command line, NULL for none; *any
 * says whether there is one. Returns 0, or -1 with the line that says which
 * name there is not. */
int bugs_look(const char *append, bool *any, struct rvemu_error *error);

#endif
