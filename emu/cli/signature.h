/* The results that a test leaves in memory, as a file. See signature.c. */
#ifndef CLI_SIGNATURE_H
#define CLI_SIGNATURE_H

#include <rvemu/rvemu.h>

#include "host/outfile.h"

/* Whether the loaded guest has a signature. Returns 0, or -1 with error. */
int signature_check(const rvemu *machine, struct rvemu_error *error);

/* Writes the signature into the file, in lines of so many bytes, and closes
 * it. Returns 0, or -1 with error. */
int signature_write(const rvemu *machine, struct outfile *out, unsigned line,
                    struct rvemu_error *error);

#endif
