/*
 * Names of programs, variables and source lines, asked for (rvemu/names.h) as
 * events are told and kept until they are said.
 *
 * Like marks they are hearsay: they are printed, and nothing is ever decided by
 * one. A space whose program is not recognised is asked about again where it
 * next executes, NAMING_TRIES times at most.
 */
#ifndef ANALYSIS_NAMING_H
#define ANALYSIS_NAMING_H

#include <rvemu/names.h>

#include "analysis/sentences.h"
#include "base/map.h"

#define NAMING_TRIES 64

/* Zero but for `names` is a valid start. */
struct naming {
    const struct rvemu_names *names; /* NULL: nobody is asked */
    struct map program;              /* of a space, by root frame */
    u64 settled; /* root of a space of which nobody is to be asked, or 0 */
};

/* Asks whose program executes at pc in the space of this root. */
void naming_ask(struct naming *naming, u64 root, u64 pc);

/* A program executes at pc in the space of this root. */
static inline void naming_run(struct naming *naming, u64 root, u64 pc)
{
    if (root != naming->settled)
        naming_ask(naming, root, pc);
}

/* Some of the space's code was mapped anew: it may be another program's. */
void naming_doubt(struct naming *naming, u64 root);

/* The space is gone. */
void naming_forget(struct naming *naming, u64 root);

/* Names are asked for anew: time has gone elsewhere. */
void naming_forget_all(struct naming *naming);

/* The program of a space, "" when it is not known. */
const char *naming_program(const struct naming *naming, u64 root);

/* An access that an event tells of. */
struct access {
    u64 root; /* frame of the space's */
    u64 va;
    u64 pc;
    u64 leaf; /* that va has or had, 0 for none */
    u8 priv;
    u8 hart;
    bool is_fetch;
};

/* Names what an access reaches, a function or a variable of the program's own,
 * or, if the kernel makes it, the kernel's; and the source that makes it. */
void naming_access(const struct naming *naming, const struct access *access,
                   struct place *place);

/* Names the source of the instruction at pc: of a program the line of its own
 * code, the function of a library's; with root 0 both, of the kernel's. */
void naming_source(const struct naming *naming, u64 root, u64 pc,
                   struct place *place);

/* Names where code is, of a program or, with root 0, of the kernel: "copy
 * (vm.c:12)", or as much of that as there are names for, or its address. */
void naming_code(const struct naming *naming, u64 root, u64 pc,
                 char out[CODE_TEXT]);

/* Names where the function of the kernel's that a hart executes at pc was
 * called, as naming_code() does; "" when it is not known. */
void naming_caller(const struct naming *naming, unsigned hart, u64 pc,
                   char out[CODE_TEXT]);

/* Names the function at pc, "" when it is not known. */
void naming_function(const struct naming *naming, u64 root, u64 pc,
                     char out[PLACE_TEXT]);

#endif
