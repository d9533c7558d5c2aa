/*
 * Writing a trace: rvemu/emt.h.
 *
 * The machine's thread copies events into one of two buffers, which lie in the
 * host's cache; the writer's thread makes columns of the other's. A buffer may
 * end a chunk, and then has with it the names that were asked for meanwhile.
 * Whatever else is written is written by the machine's thread, while the other
 * has nothing to do.
 */
#include <rvemu/emt.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/error.h"
#include "trace/file/book.h"
#include "trace/file/roots.h"
#include "trace/file/sink.h"

#define BUFFER_EVENTS 2048
#define EVENTS_IN_CHUNK 65536
#define NAMES_BYTES (4u << 20) /* of a chunk */
#define TITLE_MAX 4096

struct buffer {
    struct rvemu_event event[BUFFER_EVENTS];
    size_t count;
    bool ends_chunk;
    struct bytes names;
};

struct rvemu_emt_writer {
    struct rvemu_emt_options options;
    char *path, *title;
    struct rvemu_emt_end end;
    char *reason, *text; /* of end */

    /* The machine's thread. */
    u64 fed;             /* events */
    size_t chunk_events; /* since the last chunk's end */
    struct book *book;
    struct buffer *mine; /* being filled */

    /* Both, under the mutex. */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct buffer *theirs; /* being packed; NULL: the thread is idle */
    bool is_over;
    atomic_bool broken;

    /* Who packs. */
    struct buffer buffer[2];
    struct columns_out *columns;
    struct roots roots;
    struct chunk now; /* that is being made */
    struct bytes raw;
    struct sink sink;
};

/* ---- packing ---- */

static void begin_chunk(struct rvemu_emt_writer *w)
{
    w->now = (struct chunk){.kind = CHUNK_EVENTS,
                            .boot = w->now.boot,
                            .first = w->now.first + w->now.events};
    w->raw.size = 0;
    roots_put(&w->roots, &w->raw);
    roots_begin(&w->roots, w->now.roots);
}

static void put_names(struct rvemu_emt_writer *w, const struct bytes *names)
{
    struct chunk chunk = w->now;

    if (!names->size && !names->failed)
        return;
    chunk.kind = CHUNK_NAMES;
    chunk.events = 0;
    sink_put(&w->sink, &chunk, names);
}

static void end_chunk(struct rvemu_emt_writer *w, const struct bytes *names)
{
    put_names(w, names);
    if (w->now.events) {
        columns_take(w->columns, &w->raw);
        sink_put(&w->sink, &w->now, &w->raw);
    }
    begin_chunk(w);
}

static void pack(struct rvemu_emt_writer *w, struct buffer *buffer)
{
    if (buffer->count && !w->now.events)
        w->now.first_time = buffer->event[0].time;
    for (size_t i = 0; i < buffer->count; i++) {
        const struct rvemu_event *event = &buffer->event[i];

        w->now.kinds |= RVEMU_EVENT_SET(event->kind);
        roots_add(&w->roots, event, w->now.roots);
        columns_put(w->columns, event);
    }
    w->now.events += (u32)buffer->count;
    if (buffer->count)
        w->now.last_time = buffer->event[buffer->count - 1].time;
    if (buffer->ends_chunk)
        end_chunk(w, &buffer->names);
    if (w->sink.error)
        atomic_store(&w->broken, true);
}

static void *pack_all(void *self)
{
    struct rvemu_emt_writer *w = self;

    pthread_mutex_lock(&w->mutex);
    for (;;) {
        while (!w->theirs && !w->is_over)
            pthread_cond_wait(&w->changed, &w->mutex);
        if (!w->theirs)
            break;
        pthread_mutex_unlock(&w->mutex);
        pack(w, w->theirs);
        pthread_mutex_lock(&w->mutex);
        w->theirs = NULL;
        pthread_cond_signal(&w->changed);
    }
    pthread_mutex_unlock(&w->mutex);
    return NULL;
}

/* Signals are for the thread that runs the machine. */
static int start_thread(struct rvemu_emt_writer *w)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&w->thread, NULL, pack_all, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    w->has_thread = !failed;
    return failed;
}

/* ---- the machine's thread ---- */

static void wait_for_thread(struct rvemu_emt_writer *w)
{
    pthread_mutex_lock(&w->mutex);
    while (w->theirs)
        pthread_cond_wait(&w->changed, &w->mutex);
    pthread_mutex_unlock(&w->mutex);
}

static void hand_over(struct rvemu_emt_writer *w, bool ends_chunk)
{
    struct buffer *full = w->mine;

    full->ends_chunk = ends_chunk;
    if (ends_chunk) {
        book_take(w->book, &full->names);
        w->chunk_events = 0;
    }
    wait_for_thread(w);
    w->mine = full == &w->buffer[0] ? &w->buffer[1] : &w->buffer[0];
    w->mine->count = 0;
    pthread_mutex_lock(&w->mutex);
    w->theirs = full;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->mutex);
}

static void hand_over_names(void *writer)
{
    hand_over(writer, true);
}

/* Everything fed so far is in chunks, and the thread idle. */
static void settle(struct rvemu_emt_writer *w)
{
    if (!w->has_thread)
        return;
    if (w->chunk_events || book_has_records(w->book))
        hand_over(w, true);
    wait_for_thread(w);
}

void rvemu_emt_feed(void *writer, const struct rvemu_event *event)
{
    struct rvemu_emt_writer *w = writer;

    if (!(w->options.kinds >> event->kind & 1) ||
        event->time < w->options.from || event->time > w->options.to ||
        atomic_load_explicit(&w->broken, memory_order_relaxed))
        return;
    if (w->options.resolve)
        book_symbol(w->book, event->pc);
    w->mine->event[w->mine->count++] = *event;
    w->chunk_events++;
    book_at(w->book, ++w->fed);
    if (w->chunk_events == EVENTS_IN_CHUNK)
        hand_over(w, true);
    else if (w->mine->count == BUFFER_EVENTS)
        hand_over(w, false);
}

const struct rvemu_names *rvemu_emt_recorder(struct rvemu_emt_writer *w)
{
    return book_recorder(w->book);
}

void rvemu_emt_boot(struct rvemu_emt_writer *w)
{
    settle(w);
    w->now.boot++;
    roots_boot(&w->roots);
    begin_chunk(w);
}

bool rvemu_emt_broken(const struct rvemu_emt_writer *w)
{
    return atomic_load(&w->broken);
}

void rvemu_emt_ended(struct rvemu_emt_writer *w,
                     const struct rvemu_emt_end *end)
{
    free(w->reason);
    free(w->text);
    w->reason = strdup(end->reason);
    w->text = strdup(end->text);
    w->end = (struct rvemu_emt_end){w->reason, w->text, end->status};
}

/* ---- beginning and end ---- */

static int cannot(struct rvemu_error *error, const char *what,
                  const struct rvemu_emt_writer *w, int reason)
{
    return error_set(error, "cannot %s the trace %s: %s", what, w->path,
                     strerror(reason));
}

/* Whether a file could be written that is not wanted yet: a run that has failed
 * is too late to learn that its trace has no place. */
static int check_path(const struct rvemu_emt_writer *w,
                      struct rvemu_error *error)
{
    bool is_there = access(w->path, F_OK) == 0;
    int fd;

    if (!is_there && errno != ENOENT)
        return cannot(error, "write", w, errno);
    fd = open(w->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    if (fd < 0 && errno != ENXIO) /* a pipe that nobody reads yet */
        return cannot(error, "write", w, errno);
    if (fd >= 0)
        close(fd);
    if (!is_there)
        unlink(w->path);
    return 0;
}

static int open_file(struct rvemu_emt_writer *w, struct rvemu_error *error)
{
    int fd = open(w->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0)
        return cannot(error, "write", w, errno);
    w->sink.fd = fd;
    sink_begin(&w->sink, w->title, w->options.kinds);
    return w->sink.error ? cannot(error, "write", w, w->sink.error) : 0;
}

static void free_writer(struct rvemu_emt_writer *w)
{
    if (w->sink.fd >= 0)
        close(w->sink.fd);
    sink_free(&w->sink);
    columns_out_free(w->columns);
    book_free(w->book);
    bytes_free(&w->raw);
    bytes_free(&w->buffer[0].names);
    bytes_free(&w->buffer[1].names);
    pthread_mutex_destroy(&w->mutex);
    pthread_cond_destroy(&w->changed);
    free(w->reason);
    free(w->text);
    free(w->title);
    free(w->path);
    free(w);
}

/* Those that a file says something of. */
static rvemu_event_set known_kinds(const struct widths *widths)
{
    rvemu_event_set kinds = 0;

    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++)
        if (widths->fields[kind])
            kinds |= RVEMU_EVENT_SET(kind);
    return kinds;
}

static struct rvemu_emt_writer *
make_writer(const char *path, const struct rvemu_emt_options *options)
{
    struct rvemu_emt_writer *w = calloc(1, sizeof(*w));
    struct widths widths;

    if (!w)
        return NULL;
    widths_known(&widths);
    w->options = *options;
    w->options.kinds &= known_kinds(&widths);
    w->mine = &w->buffer[0];
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->changed, NULL);
    sink_init(&w->sink, -1, options->keep);
    roots_init(&w->roots);
    w->path = strdup(path);
    w->title = strndup(options->title ? options->title : "", TITLE_MAX);
    w->columns = columns_out_new(&widths);
    w->book = book_new(options->names, options->resolve, options->symbols);
    if (!w->path || !w->title || !w->columns || !w->book) {
        free_writer(w);
        return NULL;
    }
    book_when_full(w->book, NAMES_BYTES, hand_over_names, w);
    return w;
}

int rvemu_emt_create(const char *path, const struct rvemu_emt_options *options,
                     struct rvemu_emt_writer **writer,
                     struct rvemu_error *error)
{
    struct rvemu_emt_writer *w = make_writer(path, options);
    int failed;

    *writer = NULL;
    if (!w)
        return error_set(error, "no memory for the trace %s", path);
    if ((options->keep ? check_path(w, error) : open_file(w, error)) < 0) {
        free_writer(w);
        return -1;
    }
    begin_chunk(w);
    failed = start_thread(w);
    if (failed) {
        cannot(error, "start a thread for", w, failed);
        free_writer(w);
        return -1;
    }
    *writer = w;
    return 0;
}

int rvemu_emt_save(struct rvemu_emt_writer *w, struct rvemu_error *error)
{
    settle(w);
    if (w->sink.error)
        return cannot(error, "keep", w, w->sink.error);
    if (open_file(w, error) < 0)
        return -1;
    sink_put_kept(&w->sink);
    return w->sink.error ? cannot(error, "write", w, w->sink.error) : 0;
}

static void stop_thread(struct rvemu_emt_writer *w)
{
    pthread_mutex_lock(&w->mutex);
    w->is_over = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->mutex);
    pthread_join(w->thread, NULL);
}

int rvemu_emt_close(struct rvemu_emt_writer *w, struct rvemu_error *error)
{
    int failed = 0;

    if (!w)
        return 0;
    settle(w);
    stop_thread(w);
    if (w->sink.fd >= 0) {
        sink_end(&w->sink, &w->now, &w->end);
        if (close(w->sink.fd) < 0 && !w->sink.error)
            w->sink.error = errno;
        w->sink.fd = -1;
        if (w->sink.error)
            failed = cannot(error, "write", w, w->sink.error);
    }
    free_writer(w);
    return failed;
}
