/*
 * Writing a trace: rvemu/emt.h.
 *
 * The machine's thread copies events into one of two buffers, which lie in the
 * host's cache; the writer's thread makes columns of the other's. A buffer may
 * end a chunk, and then has with it the names that were asked for meanwhile.
 * Whatever else is written is written by the machine's thread, while the other
 * has nothing to do.
 *
 * A run may be killed at any time, or have no events for long: so no event
 * waits for more than FLUSH_NS of the host's time. Then the writer's thread
 * ends the chunk by itself, with what the buffer has that is being filled.
 */
#include <rvemu/emt.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "trace/file/book.h"
#include "trace/file/roots.h"
#include "trace/file/sink.h"

#define BUFFER_EVENTS 2048
#define EVENTS_IN_CHUNK (32 * BUFFER_EVENTS)
#define NAMES_BYTES (4u << 20) /* of a chunk */
#define TITLE_MAX 4096
#define FLUSH_NS 1000000000

struct buffer {
    struct rvemu_event event[BUFFER_EVENTS];
    atomic_size_t count; /* told to the writer's thread as it grows */
    size_t packed;       /* of these, by that */
    bool ends_chunk;
    struct bytes names;
};

struct rvemu_emt_writer {
    struct rvemu_emt_options options;
    bool wants[RVEMU_EVENT_KINDS_MAX]; /* its kinds; none once it is broken */
    char *path, *title;
    struct rvemu_emt_end end;
    char *reason, *text; /* of end */

    /* The machine's thread. */
    u64 fed;             /* events */
    size_t chunk_events; /* in the buffers since the last chunk's end */
    struct book *book;

    /* Both, under the mutex. */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct buffer *mine;   /* being filled; another one only if the thread is
                            * idle */
    struct buffer *theirs; /* to be packed, or NULL */
    bool is_busy;          /* the thread is at work */
    bool is_over;
    atomic_bool broken;

    /* Who packs. */
    struct buffer buffer[2];
    struct columns_out *columns;
    struct roots roots;
    struct chunk now; /* that is being made */
    u64 ended_ns;     /* when the last one was, by the host's clock */
    struct bytes raw, late_names;
    struct sink sink;
};

/* ---- packing ---- */

static u64 host_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
}

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
    w->ended_ns = host_ns();
    put_names(w, names);
    if (w->now.events) {
        w->now.kinds = columns_kinds(w->columns);
        columns_take(w->columns, &w->raw);
        sink_put(&w->sink, &w->now, &w->raw);
    }
    begin_chunk(w);
}

/* Packs what a buffer has by now. */
static void pack_events(struct rvemu_emt_writer *w, struct buffer *buffer)
{
    size_t count = atomic_load_explicit(&buffer->count, memory_order_acquire);

    if (buffer->packed == count)
        return;
    if (!w->now.events)
        w->now.first_time = buffer->event[buffer->packed].time;
    w->now.events += (u32)(count - buffer->packed);
    w->now.last_time = buffer->event[count - 1].time;
    for (size_t i = buffer->packed; i < count; i++)
        roots_add(&w->roots, &buffer->event[i], w->now.roots);
    columns_put(w->columns, &buffer->event[buffer->packed],
                count - buffer->packed);
    buffer->packed = count;
}

static void pack(struct rvemu_emt_writer *w, struct buffer *buffer)
{
    pack_events(w, buffer);
    buffer->packed = 0;
    if (buffer->ends_chunk)
        end_chunk(w, &buffer->names);
}

/* Ends the chunk if its events have waited for long. Names that were asked for
 * so far are those of the events, and may be of the next ones. */
static void flush(struct rvemu_emt_writer *w)
{
    u64 now = host_ns();

    if (w->options.keep || now < w->ended_ns + FLUSH_NS)
        return;
    w->ended_ns = now;
    pack_events(w, w->mine);
    if (!w->now.events)
        return;
    book_take(w->book, &w->late_names);
    end_chunk(w, &w->late_names);
}

/* Waits until there is something to do, or it is time to flush. */
static void wait_for_work(struct rvemu_emt_writer *w)
{
    u64 until = w->ended_ns + FLUSH_NS;
    struct timespec time = {.tv_sec = (time_t)(until / 1000000000),
                            .tv_nsec = (long)(until % 1000000000)};
    int result = 0;

    while (!w->theirs && !w->is_over && !result)
        result = w->options.keep
                     ? pthread_cond_wait(&w->changed, &w->mutex)
                     : pthread_cond_timedwait(&w->changed, &w->mutex, &time);
}

static void *pack_all(void *self)
{
    struct rvemu_emt_writer *w = self;

    pthread_mutex_lock(&w->mutex);
    while (w->theirs || !w->is_over) {
        struct buffer *full;

        wait_for_work(w);
        full = w->theirs;
        w->theirs = NULL;
        w->is_busy = true;
        pthread_mutex_unlock(&w->mutex);
        if (full)
            pack(w, full);
        flush(w);
        if (w->sink.error)
            atomic_store(&w->broken, true);
        pthread_mutex_lock(&w->mutex);
        w->is_busy = false;
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
    return failed;
}

/* ---- the machine's thread ---- */

/* With the mutex held. */
static void wait_for_thread(struct rvemu_emt_writer *w)
{
    while (w->theirs || w->is_busy)
        pthread_cond_wait(&w->changed, &w->mutex);
}

static void hand_over(struct rvemu_emt_writer *w, bool ends_chunk)
{
    struct buffer *full = w->mine;

    pthread_mutex_lock(&w->mutex);
    wait_for_thread(w);
    full->ends_chunk = ends_chunk;
    w->chunk_events += full->count;
    if (ends_chunk) {
        book_take(w->book, &full->names);
        book_forget(w->book, sink_oldest(&w->sink));
        w->chunk_events = 0;
    }
    w->mine = full == &w->buffer[0] ? &w->buffer[1] : &w->buffer[0];
    atomic_store_explicit(&w->mine->count, 0, memory_order_relaxed);
    w->theirs = full;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->mutex);
    if (atomic_load(&w->broken))
        memset(w->wants, 0, sizeof(w->wants));
}

static void hand_over_names(void *writer)
{
    hand_over(writer, true);
}

/* Everything fed so far is in chunks, and the thread idle: it has nothing to do
 * before there are other events. */
static void settle(struct rvemu_emt_writer *w)
{
    if (w->chunk_events || w->mine->count || book_has_records(w->book))
        hand_over(w, true);
    pthread_mutex_lock(&w->mutex);
    wait_for_thread(w);
    pthread_mutex_unlock(&w->mutex);
}

void rvemu_emt_feed(void *writer, const struct rvemu_event *event)
{
    struct rvemu_emt_writer *w = writer;
    struct buffer *mine;
    size_t count;

    if (!w->wants[event->kind % RVEMU_EVENT_KINDS_MAX] ||
        event->time < w->options.from || event->time > w->options.to)
        return;
    if (w->options.resolve)
        book_symbol(w->book, event->pc);
    mine = w->mine;
    count = atomic_load_explicit(&mine->count, memory_order_relaxed);
    mine->event[count++] = *event;
    atomic_store_explicit(&mine->count, count, memory_order_release);
    w->fed++;
    if (count == BUFFER_EVENTS)
        hand_over(w, w->chunk_events + count == EVENTS_IN_CHUNK);
}

const struct rvemu_names *rvemu_emt_recorder(struct rvemu_emt_writer *w)
{
    return book_recorder(w->book);
}

void rvemu_emt_boot(struct rvemu_emt_writer *w)
{
    settle(w);
    pthread_mutex_lock(&w->mutex);
    wait_for_thread(w);
    w->now.boot++;
    roots_boot(&w->roots);
    begin_chunk(w);
    pthread_mutex_unlock(&w->mutex);
}

int64_t rvemu_emt_put_extra(struct rvemu_emt_writer *w,
                            enum rvemu_emt_extra kind, const void *bytes,
                            size_t size)
{
    struct bytes raw = {.at = (u8 *)(uintptr_t)bytes, .size = size};
    u64 before;
    int64_t taken;

    if (w->options.keep || size > RVEMU_EMT_EXTRA_MAX)
        return -1;
    settle(w);
    pthread_mutex_lock(&w->mutex);
    wait_for_thread(w);
    before = w->sink.offset;
    sink_put(&w->sink,
             &(struct chunk){.kind = kind,
                             .boot = w->now.boot,
                             .first = w->now.first + w->now.events},
             &raw);
    taken = w->sink.error ? -1 : (int64_t)(w->sink.offset - before);
    if (w->sink.error)
        atomic_store(&w->broken, true);
    pthread_mutex_unlock(&w->mutex);
    return taken;
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
    bytes_free(&w->late_names);
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
    pthread_condattr_t clock;
    struct widths widths;

    if (!w)
        return NULL;
    widths_known(&widths);
    w->options = *options;
    w->options.kinds &= known_kinds(&widths);
    for (unsigned kind = 0; kind < RVEMU_EVENT_KINDS_MAX; kind++)
        w->wants[kind] = w->options.kinds >> kind & 1;
    w->mine = &w->buffer[0];
    pthread_mutex_init(&w->mutex, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&w->changed, &clock);
    pthread_condattr_destroy(&clock);
    w->ended_ns = host_ns();
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
    book_follow(w->book, &w->fed);
    book_when_full(w->book, NAMES_BYTES, hand_over_names, w);
    if (options->keep)
        book_repeat(w->book);
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
