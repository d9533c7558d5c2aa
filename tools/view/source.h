/*
 * What the viewer looks at: a run, as a machine that is taken to any step of
 * it, or as a trace. Made once for the story (survey.h); from then on everybody
 * asks here what is at the step where it stands.
 *
 * A live machine is made by the library from a command line of emu's. It keeps
 * history (rvemu/history.h), so that it goes back as fast as on. Disks are as
 * with -snapshot: looking at a run changes none.
 *
 * A trace has page tables and TLBs, of which events tell, and no memory: there
 * are no values, registers nor instructions in it. Its steps are times.
 */
#ifndef VIEW_SOURCE_H
#define VIEW_SOURCE_H

#include <rvemu/rvemu.h>

#include "cli/choice.h"
#include "cli/disks.h"
#include "cli/names.h"
#include "cli/options.h"
#include "view/leaves.h"
#include "view/survey.h"

/* Steps at most, unless --max-insns says so. */
#define SOURCE_LIMIT UINT64_C(2000000000)

struct source_hart {
    uint64_t pc, satp;
    unsigned priv;
    bool waits;
};

struct replay; /* replay.c */

struct source {
    struct survey survey;
    const struct rvemu_names *names;
    const struct survey_watch *watch; /* while it is opened */
    uint64_t step;
    bool stopped; /* it goes no further */

    struct replay *replay; /* a trace; NULL: a machine */

    /* Of a machine (live.c): */
    struct options options;
    struct choice choice;
    struct disks disks;
    rvemu *machine;
    struct names *own_names;
    bool surveying; /* the console is recorded */
    bool input_ended;
};

/* Opens a trace, if argv[1] is all there is and is one or is called so, or
 * makes a machine by a command line (argv[0] is passed over), and makes the
 * survey. `watch` may be NULL. Returns 0, or -1 with error and nothing to
 * close.
 */
int source_open(struct source **source, int argc, char **argv,
                const struct survey_watch *watch, struct rvemu_error *error);
void source_close(struct source *source);

/* Goes to a step, or to the end if that comes first. Returns 0, or -1 with
 * error. */
int source_goto(struct source *source, uint64_t step,
                struct rvemu_error *error);

/* ---- what is there, at that step ---- */

/* Machine time in ns. */
uint64_t source_time(const struct source *source);

unsigned source_harts(const struct source *source);
void source_hart(struct source *source, unsigned hart, struct source_hart *at);

/* A register; false: nothing is known of registers. */
bool source_x(const struct source *source, unsigned hart, unsigned number,
              uint64_t *value);

/* Calls for each user's leaf under the root of a satp value. */
void source_leaves(struct source *source, uint64_t satp, leaf_fn *call,
                   void *arg);

/* As rvemu_walk() and rvemu_tlb_find(). */
void source_walk(struct source *source, uint64_t satp, uint64_t va,
                 struct rvemu_walk *walk);
bool source_tlb(struct source *source, unsigned hart, uint64_t satp,
                uint64_t va, struct rvemu_tlb_entry *entry);

/* As rvemu_read_ram(); -1 also: nothing is known of memory. */
int source_read(const struct source *source, uint64_t pa, void *bytes,
                size_t count);

/* The instruction at an address of a space; its upper half is 0 where it is
 * compressed. False: it is not known. */
bool source_insn(struct source *source, uint64_t satp, uint64_t pc,
                 uint32_t *insn);

/* The step from which on a trace tells of the tables of a process: they have to
 * have been in satp. */
uint64_t source_knows_from(const struct process *process);

/* ---- its two kinds ---- */

int live_open(struct source *source, int argc, char **argv,
              struct rvemu_error *error);
void live_close(struct source *source);
int live_goto(struct source *source, uint64_t step, struct rvemu_error *error);

/* Whether a file is a trace; no: error says what is wrong with it as one. */
bool replay_is(const char *path, struct rvemu_error *error);
int replay_open(struct source *source, const char *path,
                struct rvemu_error *error);
void replay_close(struct source *source);
int replay_goto(struct source *source, uint64_t step,
                struct rvemu_error *error);
bool replay_symbol(const struct replay *replay, uint64_t pc, char *out,
                   size_t size);
unsigned replay_harts(const struct replay *replay);
void replay_hart(const struct replay *replay, unsigned hart,
                 struct source_hart *at);
void replay_leaves(const struct replay *replay, uint64_t satp, leaf_fn *call,
                   void *arg);
void replay_walk(const struct replay *replay, uint64_t satp, uint64_t va,
                 struct rvemu_walk *walk);
bool replay_tlb(const struct replay *replay, unsigned hart, uint64_t satp,
                uint64_t va, struct rvemu_tlb_entry *entry);

#endif
