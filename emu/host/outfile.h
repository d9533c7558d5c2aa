/*
 * Files that a run leaves, opened before it begins, so that one that cannot be
 * written is told of before the guest runs. See outfile.c.
 */
#ifndef HOST_OUTFILE_H
#define HOST_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include <rvemu/error.h>

/* When a file has its name. */
enum outfile_mode {
    OUTFILE_AT_ONCE,
    OUTFILE_BEHIND,    /* at once, and what is in it stays */
    OUTFILE_WHEN_WHOLE /* behind outfile_close(); what had the name before
                        * keeps it until then */
};

struct outfile {
    const char *path; /* the caller's */
    FILE *file;       /* to be written to; NULL: there is none */
    char *beside;     /* the name that it has until it is whole, or NULL */
    bool is_new;      /* it was not there before */
};

/* Opens the file for writing, empty but for _BEHIND. One that is stdout or
 * stderr under another name is written to where that is by now. A FIFO is
 * waited for, as open() does. Returns 0, or -1 with error and nothing left
 * behind. */
int outfile_open(struct outfile *out, const char *path, enum outfile_mode mode,
                 struct rvemu_error *error);

/* Ends what has been written; without a file it does nothing. Returns 0, or -1
 * with error and errno when not all of it has got there. */
int outfile_close(struct outfile *out, struct rvemu_error *error);

/* Gives the file up: one that was not there before is not left behind. */
void outfile_drop(struct outfile *out);

#endif
