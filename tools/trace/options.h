/* The command line of emu-trace. The table of options is in options.c. */
#ifndef TRACE_OPTIONS_H
#define TRACE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rvemu/explain.h>

enum options_action {
    OPTIONS_RUN,
    OPTIONS_HELP,
    OPTIONS_VERSION,
    OPTIONS_EVENTS /* --event help */
};

#define OPTIONS_FILES_MAX 2
#define OPTIONS_HARTS 256 /* as many as an event can name */

/* A place in a trace: a boot, counted from 0, and machine time in it. */
struct options_moment {
    unsigned boot;
    uint64_t time; /* ns */
};

/* A place in a machine's run: a boot, and steps in it or machine time. */
struct options_place {
    unsigned boot;
    bool is_time; /* ns, not steps */
    uint64_t value;
};

#define OPTIONS_RANGES_MAX 16

/* Addresses, inclusive. */
struct options_range {
    uint64_t first, last;
};

enum options_color { OPTIONS_COLOR_AUTO, OPTIONS_COLOR_ON, OPTIONS_COLOR_OFF };

struct command;

/* What the command line says. Strings point into argv; NULL: not given. */
struct options {
    enum options_action action;
    const struct command *command;
    unsigned files;
    const char *file[OPTIONS_FILES_MAX];

    struct options_moment from;
    bool has_to;
    struct options_moment to; /* inclusive */
    rvemu_event_set kinds;    /* 0: all */
    bool has_hart;
    bool hart[OPTIONS_HARTS];
    unsigned pids;
    uint64_t pid[RVEMU_EXPLAIN_FILTERS];
    /* Form, language and filter: what explain is given, the filter also what
     * the others go by. */
    struct rvemu_explain_options explained;
    bool has_form; /* one that only explain has */
    enum options_color color;

    bool disassemble;
    bool insns;
    bool has_at;
    struct options_place at; /* of state */
    unsigned ranges;         /* --pa */
    struct options_range range[OPTIONS_RANGES_MAX];
    const char *out;
};

/* Fills options from the arguments. Returns 0, or -1 with the line that says
 * what is wrong with them. */
int options_parse(struct options *options, int argc, char **argv,
                  struct rvemu_error *error);

void options_print_help(FILE *out);
void options_print_version(FILE *out);
void options_print_events(FILE *out);

#endif
