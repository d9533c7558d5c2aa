/*
 * --trace and --on-fail: the events of a run in a file (rvemu/emt.h).
 *
 * What is asked for names in the explanation of a trace is asked while it is
 * written: by --explain if that is on, else by an explainer that says nothing.
 */
#ifndef CLI_TRACING_H
#define CLI_TRACING_H

#include <rvemu/emt.h>
#include <rvemu/emt_machine.h>
#include <rvemu/explain.h>
#include <rvemu/rvemu.h>

#include "cli/options.h"

struct tracing {
    const struct options *options;
    struct rvemu_emt_writer *all;    /* of --trace; NULL: none */
    struct rvemu_emt_writer *last;   /* of --on-fail */
    struct rvemu_emt_keeper *keeper; /* of a trace with its machine; or NULL */
    const struct rvemu_names *names;
    bool asks; /* by an explainer of its own */
    struct rvemu_explain *asker;
};

struct tracing_config {
    const struct options *options;
    const char *title;
    const struct rvemu_names *names; /* NULL: nobody has any */
    rvemu_symbol_fn *resolve;        /* NULL likewise */
    void *symbols;
};

/* Whether the options ask for a trace. */
bool tracing_is_wanted(const struct options *options);

/* Opens what is asked for. Returns 0, or -1 with error. */
int tracing_open(struct tracing *tracing, const struct tracing_config *config,
                 struct rvemu_error *error);

/* Who is to be asked for names instead of the config's. */
const struct rvemu_names *tracing_names(const struct tracing *tracing);

/* Subscribes, behind whoever asks for names. Returns 0, or -1 with error. */
int tracing_attach(struct tracing *tracing, rvemu *machine,
                   struct rvemu_error *error);

/* Steps to run before tracing_look(), of the machine itself. */
uint64_t tracing_room(const struct tracing *tracing);
void tracing_look(struct tracing *tracing);

/* The machine is about to go, and another boot to come. */
void tracing_detach(struct tracing *tracing);

/* Whether something could not be written, so that a run is of no more use. */
bool tracing_broken(const struct tracing *tracing);

/* Says how the run ended. */
void tracing_ended(struct tracing *tracing, const struct rvemu_emt_end *end);

/* Nothing is going to run: takes the file of --trace away again. */
void tracing_drop(struct tracing *tracing);

/* Closes the files; that of --on-fail is only written if `failed`. Returns 0,
 * or -1 with error. */
int tracing_close(struct tracing *tracing, bool failed,
                  struct rvemu_error *error);

#endif
