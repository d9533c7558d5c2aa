/*
 * What a command line has to be run: the files it names, read, what each is
 * taken for, and the images of emu's own that go with them.
 */
#ifndef CLI_CHOICE_H
#define CLI_CHOICE_H

#include <rvemu/rvemu.h>

#include "cli/options.h"
#include "cli/user_program.h"

/* What the command line names. Each is read once, since a pipe can be read
 * only once: what it holds is wanted again to tell what it is, for its symbols,
 * and at every boot. */
struct choice_files {
    struct rvemu_image guest, firmware, initrd, dtb;
    struct rvemu_extra extra[OPTIONS_LOADS_MAX];
    struct user_program program; /* made of the guest */
    char *bootargs;              /* of the bundled kernel */
};

/* All zero: nothing is chosen yet. */
struct choice {
    struct rvemu_guest guest; /* to be loaded; points into files and options */
    struct rvemu_image program; /* the user program in guest's initrd, if any */
    enum rvemu_title what;      /* for the first line of --explain */
    struct choice_files files;  /* to be closed */
};

/* Reads what the options name and settles what is to run; with --restore and no
 * guest, `what` says already what the snapshot is of. Returns 0, or -1 with
 * error; what was read is to be closed in either case, after the last use of
 * guest. */
int choose(const struct options *o, struct choice *choice,
           struct rvemu_error *error);
void choice_close(struct choice *choice);

#endif
