/* Events, sentences and the run's hash for the command line; see observe.h. */
#include "observe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rvemu/explain.h>

#include "commits.h"

#define LINE_MAX_BYTES 768
#define QUEUE_MAX (1 << 20) /* bytes that wait for the end of a line */

struct observer {
    struct observe_options options;
    FILE *out;         /* of -d; NULL: stderr */
    FILE *commits_out; /* of --log-commits; NULL: as out */
    struct commits commits;
    struct rvemu_explain *explain;
    struct rvemu_hash hash;
    bool in_line;  /* the console is in the middle of a line */
    char *waiting; /* text for stderr that waits for its end */
    size_t waiting_size;
    FILE *queue; /* a memory stream over waiting */
};

static void flush_queue(struct observer *o)
{
    fflush(o->queue);
    fwrite(o->waiting, 1, (size_t)ftell(o->queue), stderr);
    rewind(o->queue);
}

static void end_console_line(struct observer *o)
{
    if (o->in_line)
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

static void say_sentence(void *self, const char *line)
{
    observe_say(self, line);
}

static void write_event(void *self, const struct rvemu_event *event)
{
    struct observer *o = self;
    char line[LINE_MAX_BYTES];

    rvemu_event_text(line, sizeof(line), event, o->options.resolve,
                     o->options.symbols);
    if (o->out)
        fprintf(o->out, "%s\n", line);
    else
        observe_say(o, line);
}

static void write_commit(void *self, const struct rvemu_event *event)
{
    struct observer *o = self;
    FILE *out = o->commits_out ? o->commits_out : o->out;
    char line[COMMITS_LINE];
    size_t length = commits_feed(&o->commits, event, line);

    if (length && out)
        fwrite(line, 1, length, out);
    else if (length)
        queue_line(o, line, length);
}

static void hash_event(void *self, const struct rvemu_event *event)
{
    struct observer *o = self;

    rvemu_hash_event(&o->hash, event);
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
    snprintf(error->text, sizeof(error->text), "cannot %s %s: %s", what, path,
             strerror(errno));
    return -1;
}

static int open_output(FILE **out, const char *path, struct rvemu_error *error)
{
    if (!path)
        return 0;
    *out = fopen(path, "w");
    return *out ? 0 : fail(error, "write", path);
}

static int open_outputs(struct observer *o, struct rvemu_error *error)
{
    o->queue = open_memstream(&o->waiting, &o->waiting_size);
    if (!o->queue)
        return fail(error, "make", "a buffer");
    if (open_output(&o->out, o->options.path, error) < 0)
        return -1;
    return open_output(&o->commits_out, o->options.commits_path, error);
}

static int open_explain(struct observer *o, struct rvemu_error *error)
{
    const struct rvemu_explain_options options = {
        .line = say_sentence,
        .arg = o,
        .full = o->options.explain_full,
        .color = o->options.color,
    };

    if (!o->options.explain)
        return 0;
    o->explain = rvemu_explain_new(&options);
    return o->explain ? 0 : fail(error, "make", "the explainer");
}

/* A machine has room for more subscribers than these. */
static void subscribe(struct observer *o, rvemu *machine)
{
    if (o->options.kinds)
        rvemu_subscribe(machine, o->options.kinds, write_event, o);
    if (o->options.commits)
        rvemu_subscribe(machine, RVEMU_EVENTS_COMMIT, write_commit, o);
    if (o->options.hashed)
        rvemu_subscribe(machine, o->options.hashed, hash_event, o);
    if (o->explain)
        rvemu_subscribe(machine, rvemu_explain_kinds(), rvemu_explain_feed,
                        o->explain);
}

static void close_all(struct observer *o)
{
    rvemu_explain_free(o->explain);
    if (o->queue)
        fclose(o->queue);
    if (o->out)
        fclose(o->out);
    if (o->commits_out)
        fclose(o->commits_out);
    free(o->waiting);
    free(o);
}

int observe_start(rvemu *machine, const struct observe_options *options,
                  struct observer **out, struct rvemu_error *error)
{
    struct observer *o = calloc(1, sizeof(*o));

    *out = NULL;
    if (!o)
        return fail(error, "make", "the observer");
    o->options = *options;
    if (open_outputs(o, error) < 0 || open_explain(o, error) < 0) {
        close_all(o);
        return -1;
    }
    subscribe(o, machine);
    *out = o;
    return 0;
}

static void finish_explain(struct observer *o)
{
    if (o->explain)
        rvemu_explain_finish(o->explain);
    rvemu_explain_free(o->explain);
    o->explain = NULL;
}

int observe_attach(struct observer *o, rvemu *machine,
                   struct rvemu_error *error)
{
    finish_explain(o);
    if (open_explain(o, error) < 0)
        return -1;
    subscribe(o, machine);
    return 0;
}

static int finish_file(FILE **file, const char *path, struct rvemu_error *error)
{
    FILE *out = *file;
    bool broken = out && ferror(out);

    if (!out)
        return 0;
    *file = NULL;
    return fclose(out) == 0 && !broken ? 0 : fail(error, "write", path);
}

int observe_finish(struct observer *o, struct rvemu_error *error)
{
    int result;

    end_console_line(o);
    flush_queue(o);
    finish_explain(o);
    if (o->options.hashed)
        fprintf(stderr, "trace hash %016llx of %llu events\n",
                (unsigned long long)rvemu_hash_value(&o->hash),
                (unsigned long long)o->hash.events);
    result = finish_file(&o->out, o->options.path, error);
    if (finish_file(&o->commits_out, o->options.commits_path, error) < 0)
        result = -1;
    close_all(o);
    return result;
}
