/*
 * The table of options as C sees it, shared by those that parse by it
 * (options.c), read values (options_run.c, options_machine.c) and print it
 * (options_print.c). Strings read stay in use: they are argv's.
 */
#ifndef CLI_OPTIONS_PRIV_H
#define CLI_OPTIONS_PRIV_H

#include "cli/options.h"

/* Says that this value will not do, and what to say instead. Always -1. */
int options_refuse(struct rvemu_error *error, const char *option,
                   const char *value, const char *instead);

/* A whole number in decimal, in hex after 0x, or in octal after 0, as QEMU
 * reads most of its numbers. False: it is none. */
bool options_read_number(const char *text, uint64_t *value);

/* on, true, yes or nothing; off, false or no. False: it is none of them. */
bool options_read_switch(const struct rvemu_list_item *item, bool *value);

/* The value of an item as text of less than size bytes. False: it is longer,
 * or empty. */
bool options_read_text(const struct rvemu_list_item *item, char *text,
                       size_t size);

/* The readers of -device, by kind: of the properties behind the kind, NULL
 * where there are none. Each returns 0, or -1 with the line that says what is
 * wrong with them. */
int options_take_virtio_serial(struct options *options, const char *properties,
                               struct rvemu_error *error);
int options_take_virtconsole(struct options *options, const char *properties,
                             struct rvemu_error *error);
int options_take_virtio_rng(struct options *options, const char *properties,
                            struct rvemu_error *error);
int options_take_virtio_blk(struct options *options, const char *properties,
                            struct rvemu_error *error);
int options_take_loader(struct options *options, const char *properties,
                        struct rvemu_error *error);

/* Settles what -serial, -monitor and the rest say of -chardev. Returns 0, or -1
 * with the line that says which there is not. */
int options_connect(struct options *options, struct rvemu_error *error);

/* Settles which device is in which virtio slot. Returns 0, or -1 with the line
 * that says what does not fit. */
int options_plug_in(struct options *options, struct rvemu_error *error);

/* The rows of options.def, sections among them; the last one's name is NULL. */
enum options_kind {
    OPTIONS_SECTION, /* name is its title */
    OPTIONS_FLAG,
    OPTIONS_TEXT,
    OPTIONS_CALL,
    OPTIONS_MAYBE,
    OPTIONS_SWITCH,
    OPTIONS_TAKES_FLAG,
    OPTIONS_TAKES_VALUE,
    OPTIONS_NONE,
    OPTIONS_UNBUILT
};

/* Reads a value, NULL where it was left out. Returns 0, or -1 with the line
 * that says what is wrong with it. */
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
    const char *hint;     /* UNBUILT: what to do instead */
};

extern const struct options_row options_rows[];

/* options_set_NAME() for every row that has one. */
#define DECLARE_FLAG(where)
#define DECLARE_TEXT(where)
#define DECLARE_CALL(where) options_set_fn options_set_##where;
#define DECLARE_MAYBE(where) options_set_fn options_set_##where;
#define DECLARE_SWITCH(where) options_set_fn options_set_##where;
#define SECTION(title)
#define OPTION(name, kind, where, argument, preset, help, more) \
    DECLARE_##kind(where)
#define ALIAS(name, of, kind, where)
#define TAKES(name, kind)
#define NONE(name)
#define UNBUILT(name, hint)
#include "cli/options.def"

#endif
