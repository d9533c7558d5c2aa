/*
 * A range of steps as one page of HTML: a picture (svg.h), its sentence and its
 * line of source for each, links and keys between them. The page takes nothing
 * from a network, and without its script it is all steps one below the other.
 */
#ifndef VIEW_HTML_H
#define VIEW_HTML_H

#include "view/window.h"

/* Steps in a page. */
#define HTML_COUNT 12
#define HTML_MOST 500

/* Writes a page of so many steps, or fewer where the run ends before. Where the
 * viewer stands at its home, they are the story of that fault: the fork that
 * took W, what came last before the fault, and what comes of it; else they go
 * on from there as KEY_next does. Returns 0, or -1 with error. */
int html_write(struct screen *screen, struct viewer *viewer, const char *path,
               unsigned count, struct rvemu_error *error);

#endif
