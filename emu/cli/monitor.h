/*
 * The monitor: commands by which somebody looks at a machine, stops it and has
 * it go on. They are typed on the console behind Ctrl-A c, or at standard input
 * (-monitor stdio), come from a file (--script), or from a debugger ("monitor
 * …" in gdb). monitor.def has them, a row each.
 *
 * Commands are obeyed between runs. Those that look change nothing that a
 * guest sees. A command that has the machine run is over when that has stopped;
 * the lines behind it wait until then.
 */
#ifndef CLI_MONITOR_H
#define CLI_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/rvemu.h>

#include "cli/names.h"
#include "cli/options.h"
#include "host/console.h"

struct monitor;

struct monitor_config {
    const struct options *options;
    bool begins; /* nothing runs before the monitor says so (-S) */
    struct rvemu_debugger *debugger; /* whose gdb has the machine; NULL: none
                                      * has, and the monitor makes its own */
    struct console *console;
    /* Looks at the host while the machine is stopped; false: the run is to
     * end. */
    bool (*look)(void *self);
    /* Opened when they are first asked for; NULL: they cannot be. */
    struct names *(*names)(void *self);
    struct rvemu_symbols *(*symbols)(void *self);
    /* Writes a snapshot to a file. Returns 0, or -1 with error. */
    int (*save)(void *self, const char *path, struct rvemu_error *error);
    const struct rvemu_image *program; /* whose symbols count, too; all zero:
                                        * none */
    void *self;
};

/* Makes a monitor of this machine and reads the file of --script. Returns 0, or
 * -1 with error and *monitor NULL. The caller gives it to monitor_close()
 * before it closes the console, and to monitor_free() behind its machine's end;
 * both take NULL, too. */
int monitor_open(struct monitor **monitor, const struct monitor_config *config,
                 rvemu *machine, struct rvemu_error *error);
void monitor_close(struct monitor *monitor);
void monitor_free(struct monitor *monitor);

/* Another machine is looked at from now on, in the place of the first. */
void monitor_attach(struct monitor *monitor, rvemu *machine);

/* Ctrl-A c on the console, and what follows it in a pipe (console.h). */
void monitor_call(struct monitor *monitor, bool on);
void monitor_feed(struct monitor *monitor, int byte);

/* Whether somebody wants something: the machine is to stop for it. */
bool monitor_wants(const struct monitor *monitor);

/* Whether the run has been ended by it. */
bool monitor_has_ended(const struct monitor *monitor);

/* Runs the machine for so many steps at most. */
typedef void monitor_run_fn(void *arg, uint64_t steps, struct rvemu_stop *stop);

/* Obeys what there is to be obeyed, then runs the machine by this call; where
 * it is stopped, waits for commands. RVEMU_STOP_STEPS may come early;
 * RVEMU_STOP_HOST comes from a command, or from look, where the host's poll had
 * no part in it; RVEMU_STOP_BROKEN, with its text, from a script that failed.
 */
void monitor_run(struct monitor *monitor, uint64_t steps, monitor_run_fn *run,
                 void *arg, struct rvemu_stop *stop);

/* Obeys one line of somebody else's, who has the machine stopped and keeps it:
 * commands that would have it run are refused. Returns what there is to say,
 * which the caller frees; NULL: memory is lacking. */
char *monitor_obey(struct monitor *monitor, const char *line);

#endif
