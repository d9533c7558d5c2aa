/*
 * A debugger at a machine: gdb, by its remote serial protocol ("Remote
 * Protocol" in its manual), as on QEMU's -gdb. Harts are its threads, the first
 * of which has number 1; all stop and go together. Who connects stops the
 * machine, who detaches lets it go.
 *
 * Breakpoints are of virtual addresses, in every address space and privilege.
 * A hart that arrives at one stops before it executes the instruction. While
 * one hart is stepped, the others go on in their turns. What does not change
 * registers or memory changes nothing that the guest sees.
 */
#ifndef CLI_GDB_H
#define CLI_GDB_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/rvemu.h>

#include "host/loop.h"

struct gdb;

struct gdb_config {
    const char *host, *port; /* as gdb_link_open() takes them; NULL: nobody can
                              * connect */
    bool waits;              /* nothing runs before a debugger says so */
    struct loop *loop;
    /* Looks at the host while the machine is stopped; false: the run is to
     * end. */
    bool (*look)(void *self);
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
