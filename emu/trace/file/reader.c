/*
 * Reading a trace: rvemu/emt.h.
 *
 * One chunk of events is unpacked at a time. Names are read along with them
 * once somebody has asked for names, and from the beginning again when the
 * reader goes back.
 */
#include <rvemu/emt.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "trace/file/book.h"
#include "trace/file/contents.h"
#include "trace/file/roots.h"

struct rvemu_emt {
    int fd;
    struct rvemu_emt_about about;
    char *title, *reason, *text;
    struct widths widths;
    struct contents contents;
    struct rvemu_emt_filter filter;
    struct rvemu_emt_losses losses;
    struct bytes stored, raw;
    struct bytes extra; /* the last that was read */

    size_t next;   /* chunk of events to be opened */
    bool is_open;  /* the one before it is being read */
    u64 number;    /* of the next event in it */
    unsigned boot; /* from here, and at this time, events are given */
    u64 time, from_number;
    struct columns_in *columns;
    struct roots roots;

    bool wants_names;
    struct book *book;
    struct bytes names; /* the chunk of names that is being read */
    struct cursor names_at;
    size_t names_next;
    u64 named; /* the event that names were last read up to */
    u64 told;  /* number of the event that was given last */
    bool has_told;
};

/* ---- opening ---- */

static int refuse(struct rvemu_error *error, const char *path, const char *why)
{
    return error_set(error, "%s: %s", path, why);
}

static int open_file(struct rvemu_emt *t, const char *path,
                     struct rvemu_error *error)
{
    struct stat status;

    t->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (t->fd < 0 || fstat(t->fd, &status) < 0)
        return error_set(error, "cannot read the trace %s: %s", path,
                         strerror(errno));
    if (!S_ISREG(status.st_mode))
        return refuse(error, path,
                      "a trace is read from a plain file, which this is not");
    t->about.bytes = (u64)status.st_size;
    return 0;
}

static int check_header(struct rvemu_emt *t, const char *path,
                        struct rvemu_error *error)
{
    u8 header[FILE_HEADER];
    struct cursor from = {.at = header + 8, .end = header + FILE_HEADER};

    if (pread(t->fd, header, sizeof(header), 0) != sizeof(header) ||
        memcmp(header, FILE_MAGIC, 8) != 0)
        return refuse(error, path, "this is no trace of emu's");
    t->about.version = (unsigned)cursor_le(&from, 4);
    if (t->about.version > RVEMU_EMT_VERSION)
        return error_set(error,
                         "%s: the trace has version %u of its format; this "
                         "emu reads up to %u: take the emu that wrote it",
                         path, t->about.version, RVEMU_EMT_VERSION);
    if (cursor_le(&from, 4) != CHUNK_HEADER || !t->about.version)
        return refuse(error, path, "the beginning of the trace is damaged");
    return 0;
}

/* Reads the chunk at *offset, which is of this kind, and goes behind it. */
static bool read_chunk(struct rvemu_emt *t, u64 *offset, unsigned kind)
{
    struct place place = {.offset = *offset};

    if (!contents_header(t->fd, t->about.bytes, *offset, &place.chunk) ||
        place.chunk.kind != kind ||
        !contents_read(t->fd, &place, &t->stored, &t->raw))
        return false;
    *offset += CHUNK_HEADER + (u64)place.chunk.stored;
    return true;
}

static int read_head(struct rvemu_emt *t, const char *path,
                     struct rvemu_error *error)
{
    struct cursor from;
    u64 offset = FILE_HEADER;

    if (!read_chunk(t, &offset, CHUNK_SCHEMA))
        return refuse(error, path, "the beginning of the trace is damaged");
    from = cursor_of(&t->raw);
    if (!schema_take(&from, &t->widths))
        return refuse(error, path, "the trace's schema is damaged");
    if (!read_chunk(t, &offset, CHUNK_ABOUT))
        return refuse(error, path, "the beginning of the trace is damaged");
    from = cursor_of(&t->raw);
    if (!about_take(&from, &t->title, &t->about.kinds,
                    &t->about.has_begun_late))
        return refuse(error, path, "the beginning of the trace is damaged");
    t->about.title = t->title;
    return 0;
}

/* A chunk is lost once, however often it is come across. */
static void lose_chunk(struct rvemu_emt *t, struct place *place)
{
    if (!place->is_lost && !t->losses.damaged++)
        t->losses.at = place->offset;
    place->is_lost = true;
}

static void read_end(struct rvemu_emt *t)
{
    struct cursor from;

    if (!t->contents.has_end)
        return;
    if (t->about.boots <= t->contents.end.chunk.boot)
        t->about.boots = t->contents.end.chunk.boot + 1;
    if (!contents_read(t->fd, &t->contents.end, &t->stored, &t->raw)) {
        lose_chunk(t, &t->contents.end);
        return;
    }
    from = cursor_of(&t->raw);
    if (!end_take(&from, &t->reason, &t->text, &t->about.end.status)) {
        lose_chunk(t, &t->contents.end);
        return;
    }
    t->about.is_whole = !t->contents.cut && !t->contents.damaged;
    t->about.end.reason = t->reason[0] ? t->reason : NULL;
    t->about.end.text = t->text;
}

static void tell_about(struct rvemu_emt *t)
{
    const struct contents *contents = &t->contents;
    const struct chunk *last =
        contents->events_count
            ? &contents->events[contents->events_count - 1].chunk
            : NULL;

    t->about.chunks = contents->events_count;
    t->about.cut = contents->cut;
    t->about.boots = last ? last->boot + 1 : 0;
    for (size_t i = 0; i < contents->events_count; i++)
        t->about.events += contents->events[i].chunk.events;
    t->losses.damaged = contents->damaged;
    t->losses.at = contents->damaged_at;
    read_end(t);
}

static int open_all(struct rvemu_emt *t, const char *path,
                    struct rvemu_error *error)
{
    if (open_file(t, path, error) < 0 || check_header(t, path, error) < 0 ||
        read_head(t, path, error) < 0)
        return -1;
    t->columns = columns_in_new(&t->widths);
    t->book = book_new(NULL, NULL, NULL);
    if (!t->columns || !t->book ||
        !contents_find(&t->contents, t->fd, t->about.bytes))
        return error_set(error, "no memory to read the trace %s", path);
    tell_about(t);
    return 0;
}

int rvemu_emt_open(const char *path, struct rvemu_emt **trace,
                   struct rvemu_error *error)
{
    struct rvemu_emt *t = calloc(1, sizeof(*t));

    *trace = NULL;
    if (!t)
        return error_set(error, "no memory to read the trace %s", path);
    t->fd = -1;
    roots_init(&t->roots);
    if (open_all(t, path, error) < 0) {
        rvemu_emt_free(t);
        return -1;
    }
    *trace = t;
    return 0;
}

void rvemu_emt_free(struct rvemu_emt *t)
{
    if (!t)
        return;
    if (t->fd >= 0)
        close(t->fd);
    contents_free(&t->contents);
    columns_in_free(t->columns);
    book_free(t->book);
    bytes_free(&t->stored);
    bytes_free(&t->raw);
    bytes_free(&t->extra);
    bytes_free(&t->names);
    free(t->title);
    free(t->reason);
    free(t->text);
    free(t);
}

const struct rvemu_emt_about *rvemu_emt_about(const struct rvemu_emt *t)
{
    return &t->about;
}

/* Whether a chunk's last event is before a place. */
static bool is_before(const struct chunk *chunk, unsigned boot, u64 time)
{
    return chunk->boot < boot ||
           (chunk->boot == boot && chunk->last_time < time);
}

/* The first chunk of which that is not so. */
static size_t find_chunk(const struct rvemu_emt *t, unsigned boot, u64 time)
{
    size_t low = 0, high = t->contents.events_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (is_before(&t->contents.events[middle].chunk, boot, time))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int rvemu_emt_span(const struct rvemu_emt *t, unsigned boot, uint64_t *first,
                   uint64_t *last)
{
    size_t begin = find_chunk(t, boot, 0);
    size_t end = boot == UINT_MAX ? t->contents.events_count
                                  : find_chunk(t, boot + 1, 0);

    if (begin >= end)
        return -1;
    *first = t->contents.events[begin].chunk.first_time;
    *last = t->contents.events[end - 1].chunk.last_time;
    return 0;
}

/* ---- where to read ---- */

void rvemu_emt_want(struct rvemu_emt *t, const struct rvemu_emt_filter *filter)
{
    t->filter = filter ? *filter : (struct rvemu_emt_filter){.kinds = 0};
}

void rvemu_emt_seek(struct rvemu_emt *t, unsigned boot, uint64_t time)
{
    t->next = find_chunk(t, boot, time);
    t->is_open = false;
    t->boot = boot;
    t->time = time;
    t->from_number = 0;
}

void rvemu_emt_seek_event(struct rvemu_emt *t, uint64_t number)
{
    size_t low = 0, high = t->contents.events_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct chunk *chunk = &t->contents.events[middle].chunk;

        if (chunk->first + chunk->events <= number)
            low = middle + 1;
        else
            high = middle;
    }
    t->next = low;
    t->is_open = false;
    t->boot = 0;
    t->time = 0;
    t->from_number = number;
}

/* ---- events ---- */

static bool is_wanted_chunk(const struct rvemu_emt *t,
                            const struct chunk *chunk)
{
    const struct rvemu_emt_filter *filter = &t->filter;

    return (!filter->kinds || filter->kinds & chunk->kinds) &&
           (!filter->root_ppn ||
            roots_may_have(chunk->roots, filter->root_ppn));
}

static bool open_chunk(struct rvemu_emt *t, const struct place *place)
{
    struct cursor from;

    if (!contents_read(t->fd, place, &t->stored, &t->raw))
        return false;
    from = cursor_of(&t->raw);
    if (!roots_take(&t->roots, &from) ||
        !columns_open(t->columns, from.at, (size_t)(from.end - from.at),
                      place->chunk.events))
        return false;
    t->number = place->chunk.first;
    return true;
}

/* Opens the next chunk that may have something. False: there is none. */
static bool next_chunk(struct rvemu_emt *t)
{
    while (t->next < t->contents.events_count) {
        struct place *place = &t->contents.events[t->next++];

        if (!is_wanted_chunk(t, &place->chunk))
            continue;
        if (open_chunk(t, place)) {
            t->is_open = true;
            return true;
        }
        lose_chunk(t, place);
    }
    return false;
}

static bool is_wanted(struct rvemu_emt *t, const struct rvemu_event *event,
                      const struct chunk *chunk)
{
    const struct rvemu_emt_filter *filter = &t->filter;

    if (!rvemu_event_info(event->kind)) {
        t->losses.unknown++;
        return false;
    }
    if ((chunk->boot == t->boot && event->time < t->time) ||
        t->number <= t->from_number)
        return false;
    return (!filter->root_ppn ||
            roots_match(&t->roots, event, filter->root_ppn)) &&
           (!filter->kinds || filter->kinds >> event->kind & 1);
}

static void read_names(struct rvemu_emt *t, u64 event);

bool rvemu_emt_next(struct rvemu_emt *t, struct rvemu_event *event,
                    struct rvemu_emt_place *place)
{
    for (;;) {
        struct place *chunk;
        bool names_root;
        u64 root;

        if (!t->is_open && !next_chunk(t)) {
            if (t->wants_names)
                read_names(t, UINT64_MAX); /* what was asked at the end, too */
            return false;
        }
        chunk = &t->contents.events[t->next - 1];
        if (!columns_next(t->columns, event)) {
            t->is_open = false;
            if (columns_failed(t->columns))
                lose_chunk(t, chunk);
            continue;
        }
        t->number++;
        root = roots_learn(&t->roots, event, &names_root);
        if (!is_wanted(t, event, &chunk->chunk))
            continue;
        t->told = t->number - 1;
        t->has_told = true;
        if (place)
            *place = (struct rvemu_emt_place){.boot = chunk->chunk.boot,
                                              .number = t->told,
                                              .offset = chunk->offset,
                                              .root_ppn = root,
                                              .names_root = names_root};
        if (t->wants_names)
            read_names(t, t->told);
        return true;
    }
}

void rvemu_emt_losses(const struct rvemu_emt *t,
                      struct rvemu_emt_losses *losses)
{
    *losses = t->losses;
}

size_t rvemu_emt_extras(const struct rvemu_emt *t, enum rvemu_emt_extra kind)
{
    size_t count = 0;

    for (size_t i = 0; i < t->contents.extras_count; i++)
        count += t->contents.extras[i].chunk.kind == (unsigned)kind;
    return count;
}

const uint8_t *rvemu_emt_extra(struct rvemu_emt *t, enum rvemu_emt_extra kind,
                               size_t index, size_t *size, unsigned *boot)
{
    struct place *place = t->contents.extras;
    const struct place *end = place + t->contents.extras_count;

    while (place < end && (place->chunk.kind != (unsigned)kind || index-- > 0))
        place++;
    if (place == end)
        return NULL;
    if (!contents_read(t->fd, place, &t->stored, &t->extra)) {
        lose_chunk(t, place);
        return NULL;
    }
    *size = t->extra.size;
    *boot = place->chunk.boot;
    return t->extra.at ? t->extra.at : (const u8 *)"";
}

/* ---- names ---- */

static void begin_names(struct rvemu_emt *t)
{
    book_clear(t->book);
    t->names_next = 0;
    t->named = 0;
    t->names_at = (struct cursor){.at = NULL};
}

/* Opens the next chunk of names, if it has any up to an event. */
static bool next_names(struct rvemu_emt *t, u64 event)
{
    struct place *place;

    if (t->names_next == t->contents.names_count)
        return false;
    place = &t->contents.names[t->names_next];
    if (place->chunk.first > event)
        return false;
    t->names_next++;
    book_begin(t->book);
    t->names_at = (struct cursor){.at = NULL};
    if (contents_read(t->fd, place, &t->stored, &t->names))
        t->names_at = cursor_of(&t->names);
    else
        lose_chunk(t, place);
    return true;
}

/* Reads the names on to where they are as they were at an event. */
static void read_names(struct rvemu_emt *t, u64 event)
{
    if (event < t->named)
        begin_names(t);
    t->named = event;
    do {
        bool has_more = t->names_next < t->contents.names_count &&
                        t->contents.names[t->names_next].chunk.first <= event;

        if (!book_read(t->book, &t->names_at, has_more ? UINT64_MAX : event)) {
            t->names_at = (struct cursor){.at = NULL};
            lose_chunk(t, &t->contents.names[t->names_next - 1]);
        }
    } while (next_names(t, event));
}

/* From now on they are read, as of the last event that was given. */
static void want_names(struct rvemu_emt *t)
{
    if (t->wants_names)
        return;
    t->wants_names = true;
    if (t->has_told)
        read_names(t, t->told);
}

const struct rvemu_names *rvemu_emt_names(struct rvemu_emt *t)
{
    want_names(t);
    return book_answers(t->book);
}

const char *rvemu_emt_symbol(void *trace, uint64_t address, uint64_t *offset)
{
    struct rvemu_emt *t = trace;

    want_names(t);
    return book_symbol_at(t->book, address, offset);
}
