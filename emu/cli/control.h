/*
 * Who stops a machine and has it go on: a debugger (gdb.h), the monitor
 * (monitor.h), both, or nobody.
 */
#ifndef CLI_CONTROL_H
#define CLI_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/rvemu.h>

#include "cli/names.h"
#include "cli/options.h"
#include "host/console.h"

struct control_config {
    const struct options *options;
    struct console *console;
    /* Looks at the host while the machine is stopped; false: the run is to
     * end. */
    bool (*look)(void *self);
    /* Opened when they are first asked for; NULL: they cannot be. */
    struct names *(*names)(void *self);
    struct rvemu_symbols *(*symbols)(void *self);
    /* Writes a snapshot to a file. Returns 0, or -1 with error. */
    int (*save)(void *self, const char *path, struct rvemu_error *error);
    const struct rvemu_image *program; /* of the user's; all zero: none */
    void *self;
};

/* All zero is closed. */
struct control {
    struct gdb *gdb;                 /* NULL: no debugger may come */
    struct rvemu_debugger *debugger; /* of both, where gdb may come */
    struct monitor *monitor;         /* NULL: nobody can ask for it */
    bool (*look)(void *self);
    void *self;
};

/* Opens what the options ask for. The console, which is open, outlives it.
 * Returns 0, or -1 with error; control_close() is to be called either way,
 * before the console is closed, and control_free() behind the machine's end. */
int control_open(struct control *control, const struct control_config *config,
                 rvemu *machine, struct rvemu_error *error);
void control_close(struct control *control);
void control_free(struct control *control);

/* Goes on with another machine, in the place of the first. */
void control_attach(struct control *control, rvemu *machine);

/* Whether somebody wants the machine to stop. */
bool control_wants(const struct control *control);

/* Whether the run has been ended. */
bool control_has_ended(const struct control *control);

/* rvemu_run(), as far as is allowed; see gdb_run() and monitor_run(). */
void control_run(struct control *control, rvemu *machine, uint64_t steps,
                 struct rvemu_stop *stop);

#endif
