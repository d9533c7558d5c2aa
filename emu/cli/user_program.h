/*
 * Running a user program: as the first process of the bundled kernel.
 *
 * The program is added to the bundled initrd (a cpio archive in the "newc"
 * format, see cpio(5)) as /app/NAME, where no program of the bundle's can have
 * its name. /argv has its path and the arguments that follow it on emu's
 * command line, of any bytes, and the kernel is told to start that.
 */
#ifndef CLI_USER_PROGRAM_H
#define CLI_USER_PROGRAM_H

#include <rvemu/rvemu.h>

struct user_program {
    struct rvemu_image initrd; /* owned */
    char *bootargs;            /* owned */
};

/* Puts file, a program in memory with the path it was read from, into a copy of
 * initrd, with its arguments, and argv=/argv behind bootargs (NULL: none).
 * Returns 0, or -1 with error and nothing to release. */
int user_program_open(struct user_program *program,
                      const struct rvemu_image *initrd,
                      const struct rvemu_image *file, char **arguments,
                      int count, const char *bootargs,
                      struct rvemu_error *error);
void user_program_close(struct user_program *program);

#endif
