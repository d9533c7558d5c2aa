/*
 * Names for what a session's guest does: the files that are at hand, the
 * guest's memory, and which program each address space runs, put together
 * into a struct rvemu_names.
 *
 * At hand are the guest and its firmware, a user program, the ELF files in an
 * uncompressed initrd, and what --symbols names.
 */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include <rvemu/rvemu.h>

#include "cli/options.h"

struct names;

struct names_config {
    const struct options *options;
    const struct rvemu_guest *guest;   /* as it is loaded */
    const struct rvemu_image *program; /* the user program; may be all zero */
    struct rvemu_symbols *kernels;     /* gets the symbols of the kernels that
                                        * --symbols names; NULL: none wants them */
    /* Is told, once, a line about each file whose lines cannot be read. */
    void (*say)(void *self, const char *line);
    void *self;
};

/* Opens all files that config names; their memory, and config's options, must
 * stay valid. Returns 0, or -1 with error and nothing to close. */
int names_open(struct names **names, const struct names_config *config,
               struct rvemu_error *error);
void names_close(struct names *names);

/* Takes the machine whose memory is to be read from now on, and has events that
 * the explainer asks at told promptly; what was known of the spaces of another
 * one is forgotten. Before it first runs, or between runs. */
void names_attach(struct names *names, rvemu *machine);

/* Whether there is more to answer from than the firmware. */
bool names_are_any(const struct names *names);

/* Whether a file at hand has a function of this name; program: whether that
 * program's file, or a kernel's, has. */
bool names_have_function(const struct names *names, const char *program,
                         const char *function);

/* Fills in what is known of the instruction at pc, root_ppn as in names.h of
 * the library; false: nothing is. Strings live as long as names. */
bool names_place(struct names *names, uint64_t root_ppn, uint64_t pc,
                 struct rvemu_place *place);

/* What is asked for names; lives as long as names. */
const struct rvemu_names *names_answers(const struct names *names);

#endif
