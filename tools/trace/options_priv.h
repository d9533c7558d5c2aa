/*
 * The table of options as C sees it, shared by those that parse by it
 * (options.c), read values (options_read.c) and print it (options_print.c).
 */
#ifndef TRACE_OPTIONS_PRIV_H
#define TRACE_OPTIONS_PRIV_H

#include <stddef.h>

#include "trace/options.h"

enum options_kind {
    OPTIONS_SECTION, /* name is its title */
    OPTIONS_FLAG,
    OPTIONS_TEXT,
    OPTIONS_CALL,
    OPTIONS_SWITCH
};

/* Reads a value. Returns 0, or -1 with the line that says what is wrong with
 * it. */
typedef int options_set_fn(struct options *options, const char *value,
                           struct rvemu_error *error);

struct options_row {
    const char *name;
    enum options_kind kind;
    size_t member; /* FLAG, TEXT: where in struct options */
    options_set_fn *call;
    const char *argument; /* how its value is named */
    const char *preset;   /* what holds without it */
    const char *help;     /* NULL: not for -help */
};

/* The rows, sections among them; the last one's name is NULL. */
extern const struct options_row options_rows[];

/* options_set_NAME() for every row that has one. */
#define DECLARE_FLAG(where)
#define DECLARE_TEXT(where)
#define DECLARE_CALL(where) options_set_fn options_set_##where;
#define DECLARE_SWITCH(where) options_set_fn options_set_##where;
#define COMMAND(name, files, help, more)
#define SECTION(title)
#define OPTION(name, kind, where, argument, preset, help, more) \
    DECLARE_##kind(where)
#define ALIAS(name, of, kind, where)
#include "trace/options.def"
#undef COMMAND
#undef SECTION
#undef OPTION
#undef ALIAS

#endif
