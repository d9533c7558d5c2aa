/* Boot options, from /chosen/bootargs. */
#ifndef BOOT_OPTIONS_H
#define BOOT_OPTIONS_H

#include "lib/types.h"
#include "task/mark.h"

struct options {
    const char *cmdline; /* as given */
    const char *init;    /* "/bin/sh" when neither is named */
    const char *argv;    /* or NULL */
    char *args;          /* words after init=, to be split; or NULL */
    u8 fork_mode;        /* FORK_ constants */
    u8 marks;            /* enum mark_mode */
    /* Yes or no: boot=uapp, sched=child-first, and of the terminal echo=0,
     * onlcr=0 and edit=0. */
    u8 uapp, selfcheck, child_first, quiet, no_echo, no_onlcr, no_edit;
};

/* Reads
 *
 *   fork=eager|cow boot=initrd|uapp init=PATH argv=PATH selfcheck=0|1
 *   marks=0|1|lie sched=rr|child-first quiet=0|1 echo=0|1 onlcr=0|1 edit=0|1
 *
 * argv= names a file with init's path and its arguments, each ended by a zero
 * byte. What follows init=PATH and is no option is an argument of init. At a
 * word that means nothing, before it, or an option with another value the
 * machine powers off and fails; so it does with more than BOOT_CMDLINE_MAX
 * bytes: half of them might mean something else. */
void options_read(struct options *out);

/* Splits off the next word of a text, NULL at its end. */
char *options_next_word(char **rest);

#endif
