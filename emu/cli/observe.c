/* Events, sentences and the run's hash for the command line; see observe.h. */
#include "cli/observe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rvemu/commits.h>

#include "host/outfile.h"
#include "host/wrap.h"

#define LINE_MAX_BYTES 768
#define QUEUE_MAX (1 << 20) /* bytes that wait for the end of a line */

/* A file that lines go to. What comes after a failed write is dropped. */
struct output {
    FILE *file; /* NULL: there is none */
    struct outfile opened;
    const char *path;
    int broken; /* errno of the failed write, or 0 */
};

struct observer {
    struct observe_options options;
    struct output err;         /* stderr */
    struct output log;         /* of -D; none: stderr */
    struct output commits_log; /* of --log-commits=FILE; none: as -d */
    struct rvemu_commits commits;
    struct rvemu_explain *explain; /* NULL: not asked for */
    bool paused;                   /* sentences are turned off */
    uint64_t mistakes;             /* told by --frames, of machines that went */
    struct rvemu_stale_totals stale; /* the same of --check tlb … */
    struct rvemu_check_totals checks[RVEMU_CHECKS]; /* … and of the others */
    struct rvemu_hash hash;
    bool in_line;  /* the console is in the middle of a line */
    bool shares;   /* stderr is where the console's lines are, too */
    char *waiting; /* text for stderr that waits for its end */
    size_t waiting_size;
    FILE *queue; /* a memory stream over waiting */
};

static void put(struct output *out, const char *text, size_t length)
{
    if (!out->broken && fwrite(text, 1, length, out->file) != length)
        out->broken = errno;
}

static void flush_queue(struct observer *o)
{
    fflush(o->queue);
    put(&o->err, o->waiting, (size_t)ftell(o->queue));
    rewind(o->queue);
}

/* Ends the console's line for the eye: without the newline nothing is lost. */
static void end_console_line(struct observer *o)
{
    if (o->in_line && o->shares)
        fputc('\n', stderr);
    o->in_line = false;
}

static void queue_line(struct observer *o, const char *line, size_t length)
{
    fwrite(line, 1, length, o->queue);
    if (o->in_line && ftell(o->queue) > QUEUE_MAX)
        end_console_line(o);
    if (!o->in_line)
        flush_queue(o);
}

void observe_say(struct observer *o, const char *line)
{
    fprintf(o->queue, "%s", line);
    queue_line(o, "\n", 1);
}

/* Writes a line into this output's file or, if it has none, to stderr. */
static void write_line(struct observer *o, struct output *out, const char *line,
                       size_t length)
{
    if (out->file)
        put(out, line, length);
    else
        queue_line(o, line, length);
}

static void say_sentence(void *self, const char *line)
{
    struct observer *o = self;
    unsigned columns = wrap_columns(STDERR_FILENO);

    if (!columns || o->options.explained.json) {
        observe_say(o, line);
        return;
    }
    wrap_line(o->queue, line, columns);
    queue_line(o, "\n", 1);
}

static void write_event(void *self, const struct rvemu_event *event)
{
    struct observer *o = self;
    char line[LINE_MAX_BYTES + 1];

    rvemu_event_text(line, LINE_MAX_BYTES, event, o->options.resolve,
                     o->options.symbols);
    strcat(line, "\n");
    write_line(o, &o->log, line, strlen(line));
}

static void write_commit(void *self, const struct rvemu_event *event)
{
    struct observer *o = self;
    struct output *out = o->commits_log.file ? &o->commits_log : &o->log;
    char line[RVEMU_COMMITS_LINE];
    size_t length = rvemu_commits_feed(&o->commits, event, line);

    if (length)
        write_line(o, out, line, length);
}

static void hash_event(void *self, const struct rvemu_event *event)
{
    struct observer *o = self;

    rvemu_hash_event(&o->hash, event);
}

void observe_before_console(struct observer *o)
{
    if (o->explain && !o->in_line)
        rvemu_explain_flush(o->explain);
}

void observe_console(struct observer *o, uint8_t byte)
{
    if (byte == '\r')
        return;
    o->in_line = byte != '\n';
    if (!o->in_line)
        flush_queue(o);
}

static int fail(struct rvemu_error *error, const char *what, const char *path)
{
    return rvemu_error_set(error, "cannot %s %s: %s", what, path,
                           strerror(errno));
}

static int open_output(struct output *out, const char *path,
                       struct rvemu_error *error)
{
    if (!path)
        return 0;
    out->path = path;
    if (outfile_open(&out->opened, path, OUTFILE_AT_ONCE, error) < 0)
        return -1;
    out->file = out->opened.file;
    return 0;
}

static void close_output(struct output *out)
{
    struct rvemu_error ignored;

    if (outfile_close(&out->opened, &ignored) < 0 && !out->broken)
        out->broken = errno;
    out->file = NULL;
}

static int check_output(const struct output *out, struct rvemu_error *error)
{
    errno = out->broken;
    return errno ? fail(error, "write", out->path) : 0;
}

static int open_outputs(struct observer *o, struct rvemu_error *error)
{
    o->queue = open_memstream(&o->waiting, &o->waiting_size);
    if (!o->queue)
        return fail(error, "make", "a buffer");
    if (open_output(&o->log, o->options.path, error) < 0)
        return -1;
    return open_output(&o->commits_log, o->options.commits_path, error);
}

static int open_explain(struct observer *o, struct rvemu_error *error)
{
    struct rvemu_explain_options options = o->options.explained;

    if (!o->options.explain && !o->options.explained.frames &&
        !o->options.explained.expect &&
        !rvemu_explain_checks_any(&o->options.explained))
        return 0;
    options.line = say_sentence;
    options.arg = o;
    o->explain = rvemu_explain_new(&options);
    if (!o->explain)
        return fail(error, "make", "the explainer");
    rvemu_explain_pause(o->explain, o->paused);
    return 0;
}

/* Cannot fail: a machine has room for more subscribers than these. */
static void subscribe(struct observer *o, rvemu *machine)
{
    if (o->options.kinds)
        rvemu_subscribe(machine, o->options.kinds, write_event, o);
    if (o->options.commits)
        rvemu_subscribe(machine, RVEMU_EVENTS_COMMIT, write_commit, o);
    if (o->options.hashed)
        rvemu_subscribe(machine, o->options.hashed, hash_event, o);
    if (o->explain)
        rvemu_subscribe(machine, rvemu_explain_kinds(&o->options.explained),
                        rvemu_explain_feed, o->explain);
}

static void close_all(struct observer *o)
{
    rvemu_explain_free(o->explain);
    if (o->queue)
        fclose(o->queue);
    close_output(&o->log);
    close_output(&o->commits_log);
    free(o->waiting);
    free(o);
}

/* Whether what goes to stderr is seen beside what goes to stdout. */
static bool shares_stdout(void)
{
    struct stat out, err;

    return fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0 &&
           out.st_dev == err.st_dev && out.st_ino == err.st_ino;
}

int observe_kinds(const char *option, const char *list, rvemu_event_set *kinds,
                  struct rvemu_error *error)
{
    const char *bad;

    if (!list || rvemu_event_kinds(list, kinds, &bad) == 0)
        return 0;
    return rvemu_error_set(
        error, "%s: no kind of event is called '%.*s'; emu -help lists them",
        option, (int)strcspn(bad, ","), bad);
}

int observe_start(rvemu *machine, const struct observe_options *options,
                  struct observer **out, struct rvemu_error *error)
{
    struct observer *o = calloc(1, sizeof(*o));

    *out = NULL;
    if (!o)
        return fail(error, "make", "the observer");
    o->options = *options;
    o->err = (struct output){.file = stderr, .path = "stderr"};
    o->shares = shares_stdout();
    if (open_outputs(o, error) < 0 || open_explain(o, error) < 0) {
        close_all(o);
        return -1;
    }
    subscribe(o, machine);
    *out = o;
    return 0;
}

void observe_detach(struct observer *o)
{
    struct rvemu_frames_totals totals;

    if (!o->explain)
        return;
    rvemu_explain_finish(o->explain);
    rvemu_explain_frames_totals(o->explain, &totals);
    o->mistakes += totals.mistakes;
    rvemu_explain_add_stale(o->explain, &o->stale);
    rvemu_explain_add_checks(o->explain, o->checks);
    rvemu_explain_free(o->explain);
    o->explain = NULL;
}

int observe_attach(struct observer *o, rvemu *machine,
                   struct rvemu_error *error)
{
    if (open_explain(o, error) < 0)
        return -1;
    if (o->options.explained.json)
        observe_begin(o);
    subscribe(o, machine);
    return 0;
}

void observe_begin(struct observer *o)
{
    if (o->options.explain)
        rvemu_explain_begin(o->explain, o->options.title);
}

const char *observe_finding(const struct observer *o)
{
    return o->explain ? rvemu_explain_finding(o->explain) : "";
}

void observe_toggle(struct observer *o)
{
    o->paused = !o->paused;
    end_console_line(o);
    flush_queue(o);
    if (o->explain)
        rvemu_explain_pause(o->explain, o->paused);
    observe_say(o, o->paused
                       ? "emu: --explain is off; Ctrl-A e turns it on again"
                       : "emu: --explain is on again");
}

bool observe_broken(const struct observer *o)
{
    return o->err.broken || o->log.broken || o->commits_log.broken;
}

static void say_hash(struct observer *o)
{
    char line[80];

    snprintf(line, sizeof(line), "trace hash %016llx of %llu events",
             (unsigned long long)rvemu_hash_value(&o->hash),
             (unsigned long long)o->hash.events);
    observe_say(o, line);
}

/* Whether anything is still to be said, so that it needs a line of its own. */
static bool has_more(const struct observer *o)
{
    return ftell(o->queue) > 0 || o->explain || o->options.hashed;
}

int observe_finish(struct observer *o, struct observe_end *end,
                   struct rvemu_error *error)
{
    bool failed;

    if (has_more(o))
        end_console_line(o);
    end->in_line = o->in_line && o->shares;
    o->in_line = false;
    flush_queue(o);
    observe_detach(o);
    end->mistakes = o->mistakes;
    end->stale = o->stale;
    memcpy(end->checks, o->checks, sizeof(end->checks));
    if (o->options.hashed)
        say_hash(o);
    close_output(&o->log);
    close_output(&o->commits_log);
    failed = check_output(&o->err, error) < 0 ||
             check_output(&o->log, error) < 0 ||
             check_output(&o->commits_log, error) < 0;
    close_all(o);
    return failed ? -1 : 0;
}
