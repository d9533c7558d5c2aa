/*
 * The command line of the bundled kernel.
 *
 * A program's console is to be what a native program's is: nobody talks but
 * the program, its line ends stay as they are, and what comes through a pipe is
 * neither edited nor written back. On a terminal it is, since emu has taken the
 * terminal's own echo away. What -append says comes behind that, and counts.
 */
#include "cli/bootargs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BOOT_CMDLINE_MAX 16384 /* as the kernel has it, in uapi/boot.h */

static const char *console_words(const struct options *o, bool is_program)
{
    bool is_typed = isatty(STDIN_FILENO) && !o->input;

    if (is_program)
        return is_typed ? "quiet=1 onlcr=0" : "quiet=1 onlcr=0 echo=0 edit=0";
    return o->quiet ? "quiet=1" : "";
}

int bootargs_make(char **text, const struct options *o, bool is_program,
                  struct rvemu_error *error)
{
    const char *words = console_words(o, is_program);
    const char *append = o->append ? o->append : "";
    size_t room = strlen(words) + strlen(append) + 2;

    *text = malloc(room);
    if (!*text)
        return rvemu_error_set(error, "-append: out of host memory");
    snprintf(*text, room, "%s%s%s", words, *words && *append ? " " : "",
             append);
    return bootargs_check(*text, "-append", error);
}

int bootargs_check(const char *text, const char *what,
                   struct rvemu_error *error)
{
    size_t size = strlen(text) + 1;

    if (size <= BOOT_CMDLINE_MAX)
        return 0;
    return rvemu_error_set(error,
                           "%s: makes a command line of %zu bytes; the bundled "
                           "kernel takes %d",
                           what, size, BOOT_CMDLINE_MAX);
}
