/* All that is on the screen, with its values, as JSON: for tests, and for
 * whoever cannot see it. */
#ifndef VIEW_STATE_H
#define VIEW_STATE_H

#include "view/keys.h"

/* Writes it to a file, whole or not at all. Returns 0, or -1 with error. */
int state_write(const struct viewer *viewer, const struct sheet *sheet,
                const char *path, struct rvemu_error *error);

#endif
