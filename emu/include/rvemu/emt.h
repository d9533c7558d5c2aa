/*
 * Traces in files: written while a machine runs, read by whoever wants to know
 * what happened, on any host, without the machine (docs/trace-format.md).
 *
 * A file holds events, exactly as subscribers were told of them, and beside
 * them what names were known (names.h), how the run was made and how it ended.
 * It is a row of chunks, each whole in itself: one that breaks off, or has a
 * damaged chunk, is read as far as it goes, and says so.
 *
 * A run may have several boots, after resets, and machine time begins anew with
 * each: a place in a trace is a boot and a time. Events are numbered from 0
 * through all boots.
 *
 * Writers and readers are used by one thread at a time. Functions that can fail
 * return 0, or a negative number after filling the struct rvemu_error.
 */
#ifndef RVEMU_EMT_H
#define RVEMU_EMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rvemu/error.h>
#include <rvemu/names.h>
#include <rvemu/trace.h>

#define RVEMU_EMT_VERSION 1

/* ---- writing ---- */

struct rvemu_emt_writer;

struct rvemu_emt_options {
    rvemu_event_set kinds; /* what is to be in it: others that come are not */
    uint64_t from, to;     /* machine time in ns, of each boot, inclusive */
    uint64_t keep;     /* bytes; only the last of them are kept, in memory, with
                        * the names that were asked for meanwhile, and written
                        * by rvemu_emt_save(). 0: all go to the file */
    const char *title; /* what is run, and how; up to 4096 bytes; copied */
    /* Who is asked for names; NULL: nobody. Must outlive the writer. */
    const struct rvemu_names *names;
    rvemu_symbol_fn *resolve; /* names the code at each event's pc; or NULL */
    void *symbols;            /* its argument */
};

/* Opens the file, which it empties, and begins. With `keep` nothing is opened
 * before rvemu_emt_save(), but that it could be is checked. A thread of the
 * writer's own packs and writes: without `keep` no event waits in memory for
 * more than a second of the host's time, so that whatever happens to the
 * process no more than that is lost. */
int rvemu_emt_create(const char *path, const struct rvemu_emt_options *options,
                     struct rvemu_emt_writer **writer,
                     struct rvemu_error *error);

/* Takes the next event. Its type is that of a subscriber. When the thread is
 * behind, it is waited for: nothing is lost. After an error it does nothing. */
void rvemu_emt_feed(void *writer, const struct rvemu_event *event);

/* Answers like the options' names, and keeps what it answers in the trace, with
 * the event that is being told: to be asked in their place. It must subscribe
 * before the writer. The writer's own. */
const struct rvemu_names *rvemu_emt_recorder(struct rvemu_emt_writer *writer);

/* The machine of another boot takes over: its time begins anew. */
void rvemu_emt_boot(struct rvemu_emt_writer *writer);

/* Whether something could not be written, so that going on is of no use. */
bool rvemu_emt_broken(const struct rvemu_emt_writer *writer);

/* How a run ended. */
struct rvemu_emt_end {
    const char *reason; /* a word, as in --exit-json */
    const char *text;   /* a sentence, or "" */
    int status;         /* of the process */
};

/* Says how the run ended; before closing. Copied. */
void rvemu_emt_ended(struct rvemu_emt_writer *writer,
                     const struct rvemu_emt_end *end);

/* What a trace may carry beside events and names, by the number of its chunks:
 * what a machine is made from that does what the trace tells of
 * (emt_machine.h). */
enum rvemu_emt_extra { RVEMU_EMT_SNAPSHOT = 7, RVEMU_EMT_INPUT = 8 };
#define RVEMU_EMT_EXTRA_MAX (15u << 20) /* bytes of one */

/* Adds one, behind what was fed so far; copied. Not with `keep`. Returns how
 * many bytes it takes in the file, or -1: it is too large, or something could
 * not be written (rvemu_emt_broken()). */
int64_t rvemu_emt_put_extra(struct rvemu_emt_writer *writer,
                            enum rvemu_emt_extra kind, const void *bytes,
                            size_t size);

/* Writes what was kept (`keep`) to the file. */
int rvemu_emt_save(struct rvemu_emt_writer *writer, struct rvemu_error *error);

/* Writes what waits, ends the file and frees the writer, in any case. -1: not
 * all of it has got there. NULL is none. */
int rvemu_emt_close(struct rvemu_emt_writer *writer, struct rvemu_error *error);

/* ---- reading ---- */

struct rvemu_emt;

/* What a trace says of itself. */
struct rvemu_emt_about {
    unsigned version;      /* of the format */
    const char *title;     /* "": not said */
    rvemu_event_set kinds; /* what it was to hold */
    unsigned boots;
    uint64_t events; /* in all boots, of known kinds or not */
    uint64_t bytes;  /* of the file */
    uint64_t chunks; /* that hold events */
    bool is_whole;   /* it was ended, and nothing is missing behind its end */
    uint64_t cut;    /* bytes at its end that are no whole chunk */
    bool has_begun_late;      /* what came first was not kept */
    struct rvemu_emt_end end; /* reason NULL: the run had not ended */
};

/* Opens a trace. However large it is, this reads little of it. -1: it cannot be
 * read, is no trace, or is of a newer version; the error says which. */
int rvemu_emt_open(const char *path, struct rvemu_emt **trace,
                   struct rvemu_error *error);
void rvemu_emt_free(struct rvemu_emt *trace);

/* Lives as long as the trace. */
const struct rvemu_emt_about *rvemu_emt_about(const struct rvemu_emt *trace);

/* The first and last time of a boot; -1: there is no such boot, or it has no
 * events. */
int rvemu_emt_span(const struct rvemu_emt *trace, unsigned boot,
                   uint64_t *first, uint64_t *last);

/* What is wanted of a trace: whole chunks that have none of it are not even
 * read. */
struct rvemu_emt_filter {
    rvemu_event_set kinds; /* 0: all */
    uint64_t root_ppn; /* events of the space with this root alone: a field of
                        * them names it, as satp or root, or it is in force on
                        * their hart, as far as events told; 0: all */
};

/* Sets what rvemu_emt_next() gives from now on; NULL: everything. */
void rvemu_emt_want(struct rvemu_emt *trace,
                    const struct rvemu_emt_filter *filter);

/* Goes to before the first event of `boot` at `time` or later (or of a later
 * boot). From the beginning of the file otherwise. */
void rvemu_emt_seek(struct rvemu_emt *trace, unsigned boot, uint64_t time);

/* Goes to before the event of this number. */
void rvemu_emt_seek_event(struct rvemu_emt *trace, uint64_t number);

/* Where a reader is: what the last event was. */
struct rvemu_emt_place {
    unsigned boot;
    uint64_t number;   /* of the event */
    uint64_t offset;   /* in the file, of the chunk it was in */
    uint64_t root_ppn; /* the root of the space that it is about: the one that a
                        * field of it names (of a write to satp the new one), or
                        * else the one in force on its hart, as far as events
                        * told; 0: none */
    bool names_root;   /* a field of it does */
};

/* Gives the next event that is wanted. False: there are no more. Events of
 * kinds that this library does not know are passed over, and counted. place may
 * be NULL. */
bool rvemu_emt_next(struct rvemu_emt *trace, struct rvemu_event *event,
                    struct rvemu_emt_place *place);

/* What was passed over so far. */
struct rvemu_emt_losses {
    uint64_t unknown; /* events of unknown kinds */
    uint64_t damaged; /* chunks that are not what was written, each once;
                       * several in a row may count as one */
    uint64_t at;      /* offset of the first of these */
};
void rvemu_emt_losses(const struct rvemu_emt *trace,
                      struct rvemu_emt_losses *losses);

/* The names as they were known at the event that was given last: answers that
 * were recorded, and no others. The trace's own. */
const struct rvemu_names *rvemu_emt_names(struct rvemu_emt *trace);

/* The symbol of a pc of an event, as the writer's `resolve` had it. Its type is
 * rvemu_symbol_fn; `trace` is a struct rvemu_emt. */
const char *rvemu_emt_symbol(void *trace, uint64_t address, uint64_t *offset);

/* How many extras of a kind a trace has, in the order in which they were
 * written. */
size_t rvemu_emt_extras(const struct rvemu_emt *trace,
                        enum rvemu_emt_extra kind);

/* Reads one: its bytes, the trace's own until the next call; of which boot it
 * is. NULL: there is none, or it is damaged, which counts as a loss. */
const uint8_t *rvemu_emt_extra(struct rvemu_emt *trace,
                               enum rvemu_emt_extra kind, size_t index,
                               size_t *size, unsigned *boot);

#endif
