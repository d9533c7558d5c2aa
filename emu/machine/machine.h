/*
 * The machine: harts, bus, board and clock in one piece. It is what the
 * public header calls an rvemu; machine.c makes and loads it, run.c runs it,
 * api.c looks at it and changes it.
 */
#ifndef MACHINE_MACHINE_H
#define MACHINE_MACHINE_H

#include <rvemu/rvemu.h>

#include "base/plain.h"
#include "base/types.h"
#include "bus/bus.h"
#include "bus/clock.h"
#include "hart/run.h"
#include "machine/board.h"
#include "machine/guest_symbols.h"
#include "machine/halt.h"
#include "machine/input.h"
#include "machine/input_log.h"
#include "machine/memmap.h"
#include "machine/turn.h"
#include "trace/trace.h"

_Static_assert(RVEMU_HARTS_MAX == MEMMAP_HARTS_MAX &&
                   RVEMU_QUANTUM_MIN == QUANTUM_LEAST &&
                   RVEMU_QUANTUM_MAX == QUANTUM_MOST,
               "the public limits are those of the parts");
_Static_assert(MEMMAP_HARTS_MAX <= HART_SIBLINGS_MAX &&
                   MEMMAP_HARTS_MAX <= DEVICE_HARTS_MAX,
               "every hart has its place in all of these");

/* Guest state of the machine itself. */
PLAIN_BEGIN
struct machine_state {
    u64 steps;     /* made by all harts */
    u64 looks;     /* at the host, and idlings, that are over */
    u64 stopped;   /* 1: for good, stop says why */
    u64 idle;      /* 1: all harts wait, and have done so from */
    u64 idle_from; /* this time on, in ns */
    struct rvemu_stop stop;
};
PLAIN_END

struct rvemu {
    struct machine_state s;
    struct rvemu_config config;
    u64 isa; /* what config.cpu says: the extensions of each hart */
    struct bus bus;
    struct clock clock;
    struct trace trace;
    struct decoder *decoder;
    struct blocks *blocks;
    struct tables *tables;
    struct suspects *suspects;
    struct probes *probes;
    struct changes *changes;
    struct watches *watches;
    struct halt halt;
    struct board board;
    struct siblings harts;
    struct hart hart[MEMMAP_HARTS_MAX]; /* harts.count of them */
    struct turn turn;
    struct input input;
    struct input_log log;
    bool idling;             /* the host is being asked to */
    struct history *history; /* NULL: none is kept */
    u64 time_end;            /* of a run, in ns; 0: it goes by steps alone */
    bool again; /* what is run has been run before: the host hears nothing */
    struct ahead_changes ahead; /* of harts that walk ahead */

    u64 told; /* bits of what the host has been told of: notices.c */
    bool loaded;
    struct guest_symbols symbols;
    enum rvemu_as as;
    u8 *device_tree;
    size_t device_tree_size;
};

/* Makes all that is inside a machine, in reset, from its config, isa, bus with
 * RAM, trace, tables, suspects, probes and watches. Returns 0, or -1 with error
 * and what there is so far left to machine_unbuild(), which leaves only those.
 */
int machine_build(struct rvemu *machine, struct rvemu_error *error);
void machine_unbuild(struct rvemu *machine);

/* A new event of now, or NULL when nobody asks for its kind; self is the
 * machine. */
struct rvemu_event *machine_event(void *self, unsigned kind);

/* The guest's console sends a byte: by semihosting and, with self the machine,
 * from the UART, virtio and HTIF. */
void machine_console_put(struct rvemu *machine, enum rvemu_outlet outlet,
                         u8 byte);
void machine_uart_put(void *self, u8 byte);
void machine_virtio_put(void *self, u8 byte);
void machine_htif_put(void *self, u8 byte);

/* The guest's run ends: from within a step, with self the machine. */
void machine_finish(void *self, enum syscon_stop how, unsigned code);

/* A hart's access has found nothing at pa (struct bus_missed): if something is
 * there on QEMU, the host is told, once. */
void machine_missed(void *self, u64 pa, bool is_write);

/* The host is told that there is no such semihosting call, once. */
void machine_no_semihosting(struct rvemu *machine, u64 number);

/* A hart's semihosting call (hart/run.h). */
void machine_semihost(void *self, struct hart *hart);

/* HTIF, if the symbols of the guest's file name it. Returns 0, or -1 with
 * error. */
int machine_attach_htif(struct rvemu *machine, struct rvemu_error *error);

/* Runs up to a number of steps of all harts together, through breakpoints. */
void machine_run_to(struct rvemu *machine, u64 steps);

/* Describes the first hart that does nothing but trap into stop->text: where
 * and why, how that began, and the walk of the address. Empty if none does. */
void machine_report_loop(struct rvemu *machine);

/* Describes where every hart waits into stop->text. */
void machine_report_deadlock(struct rvemu *machine);

#endif
