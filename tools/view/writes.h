/*
 * Stores of programs to variables of their own, as moments: those on the pages
 * that copy-on-write has to do with. The survey knows these pages only when it
 * is done, so this takes a second run; every instruction of it is looked at.
 */
#ifndef VIEW_WRITES_H
#define VIEW_WRITES_H

#include "cli/names.h"
#include "view/survey.h"

/* Whether there are such pages, and the run is short enough. */
bool writes_wanted(const struct survey *survey);

/* Runs a machine in reset as the survey was, and adds moments. Returns 0, or -1
 * with error. */
int writes_add(struct survey *survey, rvemu *machine, struct names *names,
               struct rvemu_error *error);

#endif
