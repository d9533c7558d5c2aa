/*
 * A live machine as a source; see source.h. The survey has a machine of its
 * own; the one that is shown keeps history from its reset on.
 */
#include "view/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rvemu/history.h>

#include "view/writes.h"

static void console_put(void *self, uint8_t byte)
{
    struct source *live = self;

    if (live->surveying)
        survey_console(&live->survey, live->machine, byte);
}

/* Nobody types: the guest's input is empty, and ends when it is asked for. */
static bool poll(void *self, uint64_t time, enum rvemu_ask ask, uint64_t *next)
{
    struct source *live = self;

    if (ask == RVEMU_ASK_NOW && !live->input_ended) {
        live->input_ended = true;
        rvemu_input(live->machine,
                    &(struct rvemu_input){.kind = RVEMU_INPUT_END});
    }
    return true;
}

static int make_machine(struct source *live, struct rvemu_error *error)
{
    const struct options *o = &live->options;
    struct rvemu_config config = o->machine;
    char cpu[OPTIONS_CPU_MAX + 64];

    snprintf(cpu, sizeof(cpu), "%s%s", o->cpu ? o->cpu : "rv64",
             o->svade ? ",svade=on,svadu=off" : "");
    config.cpu = cpu;
    config.host = (struct rvemu_host){
        .self = live, .console_put = console_put, .poll = poll};
    if (disks_open(&live->disks, o, error) < 0)
        return -1;
    disks_lend(&live->disks, o, &config.virtio);
    if (rvemu_create(&config, &live->machine, error) < 0 ||
        rvemu_load(live->machine, &live->choice.guest, error) < 0)
        return -1;
    live->input_ended = false;
    live->step = 0;
    live->stopped = false;
    rvemu_input(live->machine, &(struct rvemu_input){.kind = RVEMU_INPUT_FILE});
    return 0;
}

static void drop_machine(struct source *live)
{
    rvemu_destroy(live->machine);
    live->machine = NULL;
    disks_close(&live->disks);
    live->disks = (struct disks){0};
}

/* A line about a file whose lines cannot be read: of no use on the screen. */
static void say_nothing(void *self, const char *line)
{
}

static int survey(struct source *live, struct rvemu_error *error)
{
    const struct names_config names = {
        .options = &live->options,
        .guest = &live->choice.guest,
        .program = &live->choice.program,
        .say = say_nothing,
    };
    struct survey_config config = {
        .limit =
            live->options.max_insns ? live->options.max_insns : SOURCE_LIMIT,
        .lang = live->options.explained.lang,
        .watch = live->watch,
    };
    int failed;

    if (make_machine(live, error) < 0 ||
        names_open(&live->own_names, &names, error) < 0)
        return -1;
    names_attach(live->own_names, live->machine);
    live->survey.step_shift = live->options.machine.step_shift;
    config.machine = live->machine;
    config.names = names_answers(live->own_names);
    live->surveying = true;
    failed = survey_make(&live->survey, &config, error);
    live->surveying = false;
    drop_machine(live);
    if (!failed && writes_wanted(&live->survey)) {
        failed = make_machine(live, error);
        if (!failed)
            failed = writes_add(&live->survey, live->machine, live->own_names,
                                error);
        drop_machine(live);
    }
    return failed;
}

/* Options that ask for something else than a run. */
static int check(struct source *live, struct rvemu_error *error)
{
    live->options.snapshot = true;
    if (live->options.action != OPTIONS_RUN)
        return rvemu_error_set(error, "that option of emu's runs no guest");
    return 0;
}

int live_open(struct source *live, int argc, char **argv,
              struct rvemu_error *error)
{
    if (options_parse(&live->options, argc, argv, error) < 0 ||
        check(live, error) < 0 ||
        choose(&live->options, &live->choice, error) < 0 ||
        survey(live, error) < 0)
        return -1;
    live->names = names_answers(live->own_names);
    return 0;
}

void live_close(struct source *live)
{
    drop_machine(live);
    names_close(live->own_names);
    choice_close(&live->choice);
}

/* A machine in reset that keeps what it takes to come back. */
static int begin_again(struct source *live, struct rvemu_error *error)
{
    drop_machine(live);
    if (make_machine(live, error) < 0)
        return -1;
    names_attach(live->own_names, live->machine);
    return rvemu_history_begin(live->machine, &(struct rvemu_history_config){0},
                               error);
}

int live_goto(struct source *live, uint64_t step, struct rvemu_error *error)
{
    struct rvemu_stop stop;
    uint64_t first, last;

    if (!live->machine && begin_again(live, error) < 0)
        return -1;
    if (!rvemu_history_range(live->machine, &first, &last))
        return rvemu_error_set(error, "the machine keeps no history");
    if (step < first && begin_again(live, error) < 0)
        return -1;
    if (step >= first && (step < live->step || live->step < last) &&
        step <= last && step != live->step) {
        if (rvemu_history_goto(live->machine, step, error) < 0)
            return -1;
        live->step = rvemu_position(live->machine);
        live->stopped = false;
    }
    while (live->step < step && !live->stopped) {
        rvemu_run(live->machine, step - live->step, &stop);
        live->step = rvemu_position(live->machine);
        live->stopped = stop.reason != RVEMU_STOP_STEPS;
    }
    return 0;
}
