/*
 * The book of names: what was asked of a struct rvemu_names, and answered.
 *
 * One side writes: a recorder answers by asking on, and keeps each answer that
 * differs from the last to the same question, with the number of the event that
 * is being told. The other side reads: it takes those records in, up to an
 * event, and then answers as it was answered then.
 *
 * Records can be taken by another thread than the one that asks. For whoever
 * gives up old records, a book repeats itself: it records an answer again that
 * it gives after its record was taken.
 */
#ifndef TRACE_FILE_BOOK_H
#define TRACE_FILE_BOOK_H

#include <rvemu/names.h>
#include <rvemu/trace.h>

#include "base/map.h"
#include "trace/file/bytes.h"

/* Questions; the numbers are in files. */
enum book_question {
    BOOK_PROGRAM = 1,
    BOOK_LINE,
    BOOK_FUNCTION,
    BOOK_DATA,
    BOOK_OWN,
    BOOK_BESIDE,
    BOOK_LIBRARY,
    BOOK_STACK,
    BOOK_CALL,
    BOOK_CALLER,
    BOOK_SYMBOL, /* of rvemu_symbol_fn */
    BOOK_QUESTIONS
};

/* So many answers are remembered. Further questions are answered, but not
 * recorded: no guest can take all of the host's memory. */
#define BOOK_ANSWERS_MAX (4u << 20)

struct book;

/* A book that records what `names` and `resolve` say; either may be NULL. NULL
 * when memory is lacking. */
struct book *book_new(const struct rvemu_names *names, rvemu_symbol_fn *resolve,
                      void *symbols);
void book_free(struct book *book);

/* Answers, and records. The book's own. */
const struct rvemu_names *book_recorder(struct book *book);
void book_symbol(struct book *book, u64 pc);

/* Where the number of the event is that answers are given at; it must stay. */
void book_follow(struct book *book, const u64 *event);

/* Calls `full` whenever there are so many bytes of records, to have it take
 * them. */
void book_when_full(struct book *book, size_t bytes, void (*full)(void *arg),
                    void *arg);

/* Has the book repeat itself, from the beginning on. */
void book_repeat(struct book *book);

/* Forgets the answers that were not given since an event: the records of them
 * are given up. */
void book_forget(struct book *book, u64 event);

/* Whether there are records that book_take() has not taken, or failed to be. */
bool book_has_records(struct book *book);

/* The records since the last call, as a chunk of their own. What `to` had is
 * gone, and its room is the book's. Of a book that does not repeat itself, any
 * thread may call it. */
void book_take(struct book *book, struct bytes *to);

/* Forgets all answers: from here on, or for reading from the beginning. */
void book_clear(struct book *book);

/* A chunk of records begins, to be read by book_read(). */
void book_begin(struct book *book);

/* Reads records on, up to those of an event. False: they make no sense. */
bool book_read(struct book *book, struct cursor *from, u64 event);

/* Answers from what has been read, and knows nothing else. */
const struct rvemu_names *book_answers(struct book *book);
const char *book_symbol_at(const struct book *book, u64 pc, u64 *offset);

#endif
