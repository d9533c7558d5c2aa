/* Boot options, from /chosen/bootargs. */
#ifndef BOOT_OPTIONS_H
#define BOOT_OPTIONS_H

#include "lib/types.h"
#include "task/mark.h"

struct options {
    const char *cmdline; /* as given */
    const char *init;    /* "/bin/sh" when not named */
    char *args;          /* words after init=, to be split; or NULL */
    u8 fork_mode;        /* FORK_ constants */
    bool uapp;           /* boot=uapp */
    bool selfcheck;
    bool child_first; /* sched=child-first */
    bool quiet;
    bool no_echo, no_onlcr; /* echo=0, onlcr=0: of the terminal */
    enum mark_mode marks;
};

/* Reads
 *
 *   fork=eager|cow boot=initrd|uapp init=PATH selfcheck=0|1
 *   marks=0|1|lie sched=rr|child-first quiet=0|1 echo=0|1 onlcr=0|1
 *
 * What follows init=PATH and is no option is an argument of init. A word
 * that means nothing, before it, is reported on the console. With more than
 * BOOT_CMDLINE_MAX bytes the machine powers off and fails: half of them might
 * mean something else. */
void options_read(struct options *out);

/* Splits off the next word of a text, NULL at its end. */
char *options_next_word(char **rest);

#endif
