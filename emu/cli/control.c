/* Who stops a machine and has it go on; see control.h. */
#include "cli/control.h"

#include <stdlib.h>

#include "cli/gdb.h"
#include "cli/monitor.h"

/* "monitor TEXT" in gdb: self is the control. */
static void ask_monitor(void *self, const char *text,
                        void (*say)(void *arg, const char *text), void *arg)
{
    struct control *c = self;
    char *said = monitor_obey(c->monitor, text);

    if (said)
        say(arg, said);
    free(said);
}

/* Looks at the host while gdb has the machine stopped: self is the control. A
 * monitor that is called for meanwhile comes first. */
static bool look(void *self)
{
    struct control *c = self;

    return c->look(c->self) && !(c->monitor && monitor_wants(c->monitor));
}

static int open_gdb(struct control *c, const struct control_config *config,
                    rvemu *machine, struct rvemu_error *error)
{
    const struct options_gdb *o = &config->options->gdb;
    struct gdb_config gdb = {
        .options = o,
        .loop = config->console->loop,
        .look = look,
        .monitor = ask_monitor,
        .self = c,
    };

    c->look = config->look;
    c->self = config->self;
    if (!o->is_given)
        return 0;
    c->debugger = gdb.debugger = rvemu_debugger_new(machine);
    if (!c->debugger)
        return rvemu_error_set(error, "no memory for -gdb");
    return gdb_open(&c->gdb, &gdb, machine, error);
}

/* A debugger can ask the monitor, too. */
static int open_monitor(struct control *c, const struct control_config *config,
                        rvemu *machine, struct rvemu_error *error)
{
    const struct options *o = config->options;
    const struct monitor_config monitor = {
        .options = o,
        .begins = o->gdb.waits && !o->gdb.is_given,
        .debugger = c->debugger,
        .console = config->console,
        .look = config->look,
        .names = config->names,
        .symbols = config->symbols,
        .save = config->save,
        .program = config->program,
        .self = config->self,
    };

    if (o->monitor_at == OPTIONS_MONITOR_NONE && !o->script && !c->gdb &&
        !monitor.begins)
        return 0;
    return monitor_open(&c->monitor, &monitor, machine, error);
}

int control_open(struct control *c, const struct control_config *config,
                 rvemu *machine, struct rvemu_error *error)
{
    if (open_gdb(c, config, machine, error) < 0)
        return -1;
    return open_monitor(c, config, machine, error);
}

void control_close(struct control *c)
{
    monitor_close(c->monitor);
    gdb_close(c->gdb);
    rvemu_debugger_free(c->debugger);
    c->debugger = NULL;
}

void control_free(struct control *c)
{
    monitor_free(c->monitor);
}

void control_attach(struct control *c, rvemu *machine)
{
    if (c->debugger)
        rvemu_debugger_attach(c->debugger, machine);
    if (c->monitor)
        monitor_attach(c->monitor, machine);
    if (c->gdb)
        gdb_attach(c->gdb, machine);
}

bool control_wants(const struct control *c)
{
    return (c->monitor && monitor_wants(c->monitor)) ||
           (c->gdb && gdb_wants(c->gdb));
}

bool control_has_ended(const struct control *c)
{
    return (c->monitor && monitor_has_ended(c->monitor)) ||
           (c->gdb && gdb_has_ended(c->gdb));
}

static void run_for_gdb(void *gdb, uint64_t steps, struct rvemu_stop *stop)
{
    gdb_run(gdb, steps, stop);
}

static void run_alone(void *machine, uint64_t steps, struct rvemu_stop *stop)
{
    rvemu_run(machine, steps, stop);
}

void control_run(struct control *c, rvemu *machine, uint64_t steps,
                 struct rvemu_stop *stop)
{
    if (c->monitor && c->gdb)
        monitor_run(c->monitor, steps, run_for_gdb, c->gdb, stop);
    else if (c->monitor)
        monitor_run(c->monitor, steps, run_alone, machine, stop);
    else if (c->gdb)
        gdb_run(c->gdb, steps, stop);
    else
        rvemu_run(machine, steps, stop);
}
