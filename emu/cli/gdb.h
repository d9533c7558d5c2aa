/*
 * gdb at a machine, as on QEMU's -gdb: a line (host/gdb_link.h), what is said
 * on it (gdb_server.h), and a debugger that does it (rvemu/debug.h). Who
 * connects stops the machine, who detaches lets it go. What does not change
 * registers or memory changes nothing that the guest sees.
 */
#ifndef CLI_GDB_H
#define CLI_GDB_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/rvemu.h>

#include "host/loop.h"
#include "cli/options.h"

struct gdb;

struct gdb_config {
    const struct options_gdb *options; /* where one may connect, if anywhere */
    struct rvemu_debugger *debugger; /* of the session's machine, which whoever
                                      * has made it attaches to another one;
                                      * NULL: gdb has one of its own */
    struct loop *loop;
    /* Looks at the host while the machine is stopped; false: the run is to
     * end. */
    bool (*look)(void *self);
    /* Does a command of the monitor and gives what it prints to say; NULL:
     * there is no monitor. */
    void (*monitor)(void *self, const char *text,
                    void (*say)(void *arg, const char *text), void *arg);
    void *self;
};

/* Waits for a debugger of this machine to connect. Returns 0, or -1 with error
 * and *gdb NULL. The caller gives it to gdb_close(), which takes NULL, too. */
int gdb_open(struct gdb **gdb, const struct gdb_config *config, rvemu *machine,
             struct rvemu_error *error);
void gdb_close(struct gdb *gdb);

/* Another machine is debugged from now on, in the place of the first. */
void gdb_attach(struct gdb *gdb, rvemu *machine);

/* Whether a debugger wants something: the machine is to stop for it. */
bool gdb_wants(const struct gdb *gdb);

/* Whether it has ended the run. */
bool gdb_has_ended(const struct gdb *gdb);

/* rvemu_run(), as the debugger says; RVEMU_STOP_STEPS may come early. A machine
 * that cannot get on is told of first, to be looked at. RVEMU_STOP_HOST comes
 * from the debugger, or from look, where the host's poll had no part in it. */
void gdb_run(struct gdb *gdb, uint64_t steps, struct rvemu_stop *stop);

#endif
