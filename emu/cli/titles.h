/*
 * What is run, in words: the first line of --explain, in each language that
 * sentences are in.
 */
#ifndef CLI_TITLES_H
#define CLI_TITLES_H

#include <rvemu/explain.h>

/* …_GIVEN: on a firmware that was given. */
enum title {
    TITLE_BUNDLED,
    TITLE_BUNDLED_GIVEN,
    TITLE_PROGRAM,
    TITLE_PROGRAM_GIVEN,
    TITLE_KERNEL,
    TITLE_KERNEL_GIVEN,
    TITLE_BARE,
    TITLE_LOADED,
    TITLE_LOADED_GIVEN,
    TITLE_LOADED_BARE
};

const char *title_text(enum title title, enum rvemu_lang lang);

#endif
