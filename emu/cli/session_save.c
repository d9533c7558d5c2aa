/*
 * A session in a snapshot (--snapshot), and one that goes on (--restore): what
 * it knows beside its machine, in the snapshot's note. That is text, and behind
 * it the line that the guest has begun on its console.
 *
 *     emu session 1
 *     guest WHAT
 *     boot N steps N retired N time N
 *     script AT LINE WAITS MATCHED
 *     line LENGTH FRESH VERDICT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/session_priv.h"

#define NOTE                                                              \
    "emu session 1\nguest %u\nboot %u steps %" PRIu64 " retired %" PRIu64 \
    " time %" PRIu64 "\nscript %" PRIu64 " %" PRIu64 " %u %" PRIu64       \
    "\nline %zu %u %u\n"
#define NOTE_READ                                                       \
    "emu session 1 guest %u boot %u steps %" SCNu64 " retired %" SCNu64 \
    " time %" SCNu64 " script %" SCNu64 " %" SCNu64 " %u %" SCNu64      \
    " line %zu %u %u%n"

/* The note, to be freed, and its size; NULL: memory is lacking. What ended the
 * run does not end the one that goes on from its end. */
static char *write_note(const struct session *s, size_t *size, bool is_end)
{
    struct script_place at = {0};
    struct patterns_place printed = patterns_place(&s->console.patterns);
    char *note = NULL;
    FILE *out = open_memstream(&note, size);

    if (!out)
        return NULL;
    if (s->input)
        at = script_place(s->input);
    if (is_end && printed.verdict != PATTERNS_NOTHING)
        printed = (struct patterns_place){.line = ""};
    fprintf(out, NOTE, s->what, s->boot, s->before.steps, s->before.retired,
            s->before.time, at.at, at.line, at.waits, at.matched,
            printed.length, printed.fresh, printed.verdict);
    fwrite(printed.line, 1, printed.length, out);
    if (fclose(out) == 0)
        return note;
    free(note);
    return NULL;
}

static int save_as(struct session *s, const char *path, bool is_end,
                   struct rvemu_error *error)
{
    const struct options_snapshot *o = &s->options->save;
    struct rvemu_snapshot_options options = {
        .packing = o->is_plain ? RVEMU_SNAPSHOT_PLAIN : RVEMU_SNAPSHOT_ZSTD};
    char *note = write_note(s, &options.note_size, is_end);
    int failed;

    options.note = note;
    failed = note ? rvemu_snapshot_write(s->machine, path, &options, error)
                  : rvemu_error_set(error, "no memory for %s", path);
    free(note);
    return failed;
}

static int save(struct session *s, bool is_end, struct rvemu_error *error)
{
    return save_as(s, s->options->save.path, is_end, error);
}

int session_save(void *self, const char *path, struct rvemu_error *error)
{
    return save_as(self, path, false, error);
}

static bool is_due(const struct session *s)
{
    const struct options_snapshot *o = &s->options->save;

    return o->path[0] && o->has_at && !s->saving.is_done;
}

/* Steps to where a snapshot is to be taken. */
static uint64_t steps_to_save(const struct session *s)
{
    uint64_t made = session_spent(s).steps, at = s->options->save.at;

    return is_due(s) && at > made ? at - made : UINT64_MAX;
}

uint64_t session_steps(const struct session *s, uint64_t steps)
{
    const uint64_t rooms[] = {
        steps_to_save(s),
        s->saving.recorder ? rvemu_recorder_room(s->saving.recorder)
                           : UINT64_MAX,
        s->options->replayed ? rvemu_replay_room(s->options->replayed)
                             : UINT64_MAX,
        tracing_room(&s->tracing),
    };

    for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
        if (rooms[i] < steps)
            steps = rooms[i];
    return steps;
}

bool session_is_over(const struct session *s)
{
    return s->options->replayed && rvemu_replay_is_over(s->options->replayed);
}

static bool has_reached_limit(const struct session *s)
{
    uint64_t limit = s->options->max_insns;

    return limit && session_spent(s).retired >= limit;
}

/* Compares with what was recorded. False: the run ends here. */
static bool look_back(struct session *s, struct rvemu_stop *stop)
{
    struct session_saving *saving = &s->saving;

    saving->diverged = rvemu_replay_look(s->options->replayed, &saving->error);
    if (!saving->diverged && !session_is_over(s))
        return true;
    if (saving->diverged ||
        (stop->reason == RVEMU_STOP_STEPS && !has_reached_limit(s))) {
        stop->reason = RVEMU_STOP_HOST;
        s->verdict = console_finish(&s->console);
        if (s->verdict == CONSOLE_GO_ON)
            s->verdict = CONSOLE_QUIT;
    }
    return false;
}

bool session_look(struct session *s, struct rvemu_stop *stop)
{
    struct session_saving *saving = &s->saving;

    if (saving->recorder)
        rvemu_recorder_look(saving->recorder);
    tracing_look(&s->tracing);
    if (is_due(s) && session_spent(s).steps == s->options->save.at) {
        saving->is_done = true;
        saving->failed = save(s, false, &saving->error);
    }
    return !s->options->replayed || look_back(s, stop);
}

/* --dump-dtb runs nothing. */
int session_begin(struct session *s, struct rvemu_error *error)
{
    const struct options *o = s->options;

    if (o->dump_dtb[0])
        return 0;
    if (o->record && !s->saving.recorder) {
        s->saving.recorder = rvemu_recorder_new();
        if (!s->saving.recorder)
            return rvemu_error_set(error, "no memory for a recording");
    }
    if (o->record &&
        rvemu_recorder_attach(s->saving.recorder, s->machine, error) < 0)
        return -1;
    return o->replayed ? rvemu_replay_attach(o->replayed, s->machine, error)
                       : 0;
}

static int write_snapshot(struct session *s, struct rvemu_error *error)
{
    const struct options_snapshot *o = &s->options->save;

    if (!o->path[0])
        return 0;
    if (is_due(s))
        return rvemu_error_set(error,
                               "--snapshot %s: the run ended at step %" PRIu64
                               ", not at step %" PRIu64,
                               o->path, session_spent(s).steps, o->at);
    if (!o->has_at)
        return save(s, true, error);
    if (s->saving.failed)
        *error = s->saving.error;
    return s->saving.failed;
}

int session_save_last(struct session *s, struct rvemu_error *error)
{
    struct rvemu_error second;
    int failed = write_snapshot(s, error);

    if (s->saving.recorder &&
        rvemu_recorder_write(s->saving.recorder, s->options->record,
                             failed ? &second : error) < 0)
        failed = -1;
    return failed;
}

/* A note, as far as it is read. */
struct note {
    unsigned what, boot;
    struct session_spent before;
    struct script_place at;
    unsigned waits, fresh, verdict;
    struct patterns_place printed;
};

/* The text of a note is a few lines; what was printed comes behind them. */
static bool read_note(struct note *note, const struct rvemu_snapshot *from)
{
    const struct rvemu_snapshot_about *about = rvemu_snapshot_about(from);
    char text[512];
    size_t size =
        about->note_size < sizeof(text) ? about->note_size : sizeof(text) - 1;
    int used = 0;

    *note = (struct note){.what = 0};
    if (!size)
        return false;
    memcpy(text, about->note, size);
    text[size] = '\0';
    if (sscanf(text, NOTE_READ, &note->what, &note->boot, &note->before.steps,
               &note->before.retired, &note->before.time, &note->at.at,
               &note->at.line, &note->waits, &note->at.matched,
               &note->printed.length, &note->fresh, &note->verdict,
               &used) != 12 ||
        text[used] != '\n' ||
        note->printed.length > about->note_size - (size_t)used - 1)
        return false;
    note->at.waits = note->waits;
    note->printed.line = (const char *)about->note + used + 1;
    note->printed.fresh = note->fresh;
    note->printed.verdict = (enum patterns_verdict)note->verdict;
    return note->what < RVEMU_TITLES && note->verdict <= PATTERNS_FAIL;
}

bool session_restores(const struct rvemu_snapshot *from, enum rvemu_title *what)
{
    struct note note;

    if (!read_note(&note, from))
        return false;
    *what = (enum rvemu_title)note.what;
    return true;
}

int session_resume(struct session *s, struct rvemu_error *error)
{
    const struct options_snapshot *o = &s->options->save;
    struct note note;

    if (read_note(&note, s->options->restored)) {
        s->before = note.before;
        s->boot = note.boot;
        patterns_go_on(&s->console.patterns, &note.printed);
        if (s->input && note.at.line && !script_go(s->input, &note.at))
            return rvemu_error_set(
                error,
                "--input %s: the snapshot was taken at line %" PRIu64
                " of a script, which this one has not",
                s->options->input, note.at.line);
    }
    console_resume(&s->console, s->machine);
    if (o->has_at && o->at < session_spent(s).steps)
        return rvemu_error_set(error,
                               "--snapshot %s: step %" PRIu64
                               " has passed: the snapshot is of step %" PRIu64,
                               o->path, o->at, session_spent(s).steps);
    return 0;
}
