/*
 * Going back, and forward again: history (rvemu/history.h) and the debugger's
 * ways through it. History begins when somebody first stops the machine, or
 * with it where a script or -S says from the start that somebody will.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/monitor_priv.h"

void monitor_begin_history(struct monitor *m)
{
    const struct rvemu_history_config usual = {0};
    struct rvemu_error ignored;
    uint64_t first, last;

    if (!m->config.debugger && !rvemu_history_range(m->machine, &first, &last))
        rvemu_history_begin(m->machine, &usual, &ignored);
}

/* Whether to go on with something long: self is the monitor. */
static bool is_patient(void *self)
{
    struct monitor *m = self;
    struct console *console = m->config.console;

    loop_wait(console->loop, 0);
    return !console->terminal.is_interrupted && !console->loop->signal;
}

/* The same as monitor_need_debugger(), for who goes back. */
static int need_history(struct monitor *m, struct rvemu_error *error)
{
    if (monitor_need_debugger(m, error) < 0 || monitor_is_alone(m, error) < 0)
        return -1;
    if (!rvemu_debug_can_reverse(m->debugger))
        return rvemu_error_set(error, "no history is kept: memory is lacking");
    rvemu_debug_set_patience(m->debugger, is_patient, m);
    return 0;
}

void monitor_note_position(struct monitor *m)
{
    unsigned most = sizeof(m->undo) / sizeof(m->undo[0]);

    if (m->undos == most)
        memmove(m->undo, m->undo + 1, --m->undos * sizeof(m->undo[0]));
    m->undo[m->undos++] = rvemu_position(m->machine);
}

/* The machine is elsewhere: its end may lie before it again. */
static void arrive(struct monitor *m)
{
    m->has_end = m->has_end && !rvemu_history_is_past(m->machine);
}

static void say_arrival(struct monitor *m, const struct rvemu_debug_stop *stop)
{
    arrive(m);
    if (stop->why == RVEMU_WHY_HOST)
        monitor_say(m, "interrupted\n");
    monitor_say_stop(m, stop);
}

int monitor_do_when(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    uint64_t at = rvemu_position(m->machine), first, last;

    if (monitor_nothing(text, error) < 0)
        return -1;
    monitor_say(m, "position %" PRIu64 ", %" PRIu64 " ns of machine time\n", at,
                rvemu_time(m->machine));
    if (rvemu_history_range(m->machine, &first, &last))
        monitor_say(
            m, "one can go to %" PRIu64 " to %" PRIu64 "%s\n", first, last,
            rvemu_history_is_past(m->machine) ? "; this is the past" : "");
    return 0;
}

static int go_to(struct monitor *m, uint64_t position,
                 struct rvemu_error *error)
{
    if (rvemu_debug_goto(m->debugger, position, error) < 0)
        return -1;
    arrive(m);
    m->event = NULL;
    m->next.file = NULL;
    monitor_say_hart(m, m->hart);
    return 0;
}

int monitor_do_goto(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    uint64_t position, first, last;

    if (need_history(m, error) < 0)
        return -1;
    rvemu_history_range(m->machine, &first, &last);
    if (!strcmp(text, "start"))
        position = first;
    else if (!strcmp(text, "end"))
        position = last;
    else if (monitor_value_only(m, text, &position, error) < 0)
        return -1;
    if (position < first || position > last)
        return rvemu_error_set(error, "one can go to %" PRIu64 " to %" PRIu64,
                               first, last);
    monitor_note_position(m);
    return go_to(m, position, error);
}

int monitor_do_back(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    struct rvemu_debug_stop stop;
    uint64_t count = 1;

    if ((*text && monitor_value_only(m, text, &count, error) < 0) ||
        need_history(m, error) < 0)
        return -1;
    monitor_note_position(m);
    rvemu_debug_reverse_step(m->debugger, m->hart, count, &stop);
    say_arrival(m, &stop);
    return 0;
}

int monitor_do_reverse_continue(struct monitor *m, const char *text,
                                struct rvemu_error *error)
{
    struct rvemu_debug_stop stop;

    if (monitor_nothing(text, error) < 0 || need_history(m, error) < 0)
        return -1;
    monitor_note_position(m);
    rvemu_debug_reverse(m->debugger, &stop);
    say_arrival(m, &stop);
    return 0;
}

int monitor_do_last(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    static const struct {
        const char *word;
        enum monitor_point kind;
    } words[] = {
        {"write", MONITOR_WATCH}, {"read", MONITOR_RWATCH},
        {"exec", MONITOR_BREAK},  {"event", MONITOR_CATCH},
        {"pte", MONITOR_PTE},
    };
    const unsigned count = sizeof(words) / sizeof(words[0]);
    struct rvemu_debug_stop stop;
    struct rvemu_point point;
    const char *word;
    size_t length = monitor_word(&text, &word);
    unsigned i = 0;

    while (i < count && !monitor_is(word, length, words[i].word))
        i++;
    if (i == count)
        return rvemu_error_set(error, "last write, read, exec, event or pte: "
                                      "help last says more");
    if (need_history(m, error) < 0 ||
        monitor_read_point(m, words[i].kind, text, &point, error) < 0)
        return -1;
    monitor_note_position(m);
    rvemu_debug_last(m->debugger, &point, &stop);
    if (stop.why == RVEMU_WHY_FIRST) {
        m->undos--;
        return rvemu_error_set(error,
                               "it has not happened since position "
                               "%" PRIu64,
                               monitor_first_position(m));
    }
    say_arrival(m, &stop);
    return 0;
}

uint64_t monitor_first_position(const struct monitor *m)
{
    uint64_t first = 0, last;

    rvemu_history_range(m->machine, &first, &last);
    return first;
}

int monitor_do_undo(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    if (monitor_nothing(text, error) < 0 || need_history(m, error) < 0)
        return -1;
    if (!m->undos)
        return rvemu_error_set(error, "no command has moved the machine");
    return go_to(m, m->undo[--m->undos], error);
}

int monitor_do_branch(struct monitor *m, const char *text,
                      struct rvemu_error *error)
{
    uint64_t first, last, at = rvemu_position(m->machine);

    if (need_history(m, error) < 0)
        return -1;
    rvemu_history_range(m->machine, &first, &last);
    if (!rvemu_history_is_past(m->machine))
        return rvemu_error_set(error, "this is the end of history already");
    if (strcmp(text, "now") != 0) {
        monitor_say(m, "%" PRIu64 " steps would be forgotten: say branch now\n",
                    last - at);
        return 0;
    }
    if (rvemu_history_branch(m->machine) < 0)
        return rvemu_error_set(error,
                               "the run is recorded, or a disk could not be "
                               "written back");
    m->undos = 0;
    return 0;
}

int monitor_do_snapshot(struct monitor *m, const char *text,
                        struct rvemu_error *error)
{
    if (!*text)
        return rvemu_error_set(error, "say snapshot FILE");
    if (rvemu_history_is_past(m->machine))
        return rvemu_error_set(error, "this is the past: goto end, or branch");
    if (m->config.save(m->config.self, text, error) < 0)
        return -1;
    monitor_say(m, "%s has the machine; emu --restore %s goes on from here\n",
                text, text);
    return 0;
}

int monitor_info_history(struct monitor *m, const char *text,
                         struct rvemu_error *error)
{
    struct rvemu_history_counts counts;

    if (monitor_nothing(text, error) < 0)
        return -1;
    rvemu_history_counts(m->machine, &counts);
    monitor_say(m,
                "%" PRIu64 " snapshots, %" PRIu64 " KiB; gone to %" PRIu64
                " times, for %" PRIu64 " steps made again\n",
                counts.snapshots, counts.bytes >> 10, counts.gone_to,
                counts.steps_again);
    return monitor_do_when(m, text, error);
}
