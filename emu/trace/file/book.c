/*
 * The book of names; see book.h.
 *
 * A record: the event's number less that of the record before it in the chunk
 * (of the first: itself), the question, the root or hart, the address, 1 or 0
 * for yes or no, a number, a text. Number and text are there for the questions
 * that have one.
 */
#include "trace/file/book.h"

#include <pthread.h>
#include <stdio.h>

#include "base/bits.h"

struct answer {
    struct answer *next;          /* of the same key */
    struct answer *older, *newer; /* by their records, if the book repeats */
    u64 place, address;
    u64 number;
    u64 recorded; /* at this event, the last time, */
    u64 take;     /* before this number of takes */
    char *text;   /* NULL: none */
    u8 question;
    bool yes;
};

#define LOOKED_UP 4096 /* pcs, of which one is forgotten for another */

struct book {
    const struct rvemu_names *names;
    rvemu_symbol_fn *resolve;
    void *symbols;
    struct rvemu_names recorder, answers;
    struct map answer;        /* struct answer by key_of() */
    u64 looked_up[LOOKED_UP]; /* pcs whose symbol has been asked for */
    const u64 *event;         /* the number of the one that is being told */
    bool repeats;
    u64 takes; /* of records */
    struct answer *oldest, *newest;
    pthread_mutex_t mutex; /* of what is recorded: */
    u64 before;            /* event of the last record in the bytes */
    struct bytes records;
    size_t full_size; /* of records; 0: none is too much */
    void (*full)(void *arg);
    void *full_arg;
    bool has_next; /* the event of the next record has been read: before */
};

/* ---- answers that are known ---- */

static u64 key_of(unsigned question, u64 place, u64 address)
{
    return stir(stir(stir(question) + place) + address);
}

static struct answer *find(const struct book *book, unsigned question,
                           u64 place, u64 address)
{
    struct answer *at =
        map_get(&book->answer, key_of(question, place, address));

    while (at && (at->question != question || at->place != place ||
                  at->address != address))
        at = at->next;
    return at;
}

/* The record of a question, made when there is none; NULL: no room. */
static struct answer *find_or_make(struct book *book, unsigned question,
                                   u64 place, u64 address)
{
    u64 key = key_of(question, place, address);
    struct answer *at = find(book, question, place, address);

    if (at || book->answer.count >= BOOK_ANSWERS_MAX)
        return at;
    at = calloc(1, sizeof(*at));
    if (!at)
        return NULL;
    at->question = (u8)question;
    at->place = place;
    at->address = address;
    at->next = map_get(&book->answer, key);
    if (map_put(&book->answer, key, at))
        return at;
    free(at);
    return NULL;
}

void book_clear(struct book *book)
{
    struct answer *answer;
    size_t at = 0;

    while ((answer = map_next(&book->answer, &at)))
        while (answer) {
            struct answer *next = answer->next;

            free(answer->text);
            free(answer);
            answer = next;
        }
    map_free(&book->answer);
    book->answer = (struct map){.slot = NULL};
    book->oldest = book->newest = NULL;
    book_begin(book);
}

/* Takes an answer out of the order of records. */
static void unlink_answer(struct book *book, struct answer *answer)
{
    struct answer *older = answer->older, *newer = answer->newer;

    if (older)
        older->newer = newer;
    else if (book->oldest == answer)
        book->oldest = newer;
    if (newer)
        newer->older = older;
    else if (book->newest == answer)
        book->newest = older;
    answer->older = answer->newer = NULL;
}

static void link_newest(struct book *book, struct answer *answer)
{
    unlink_answer(book, answer);
    answer->older = book->newest;
    if (book->newest)
        book->newest->newer = answer;
    else
        book->oldest = answer;
    book->newest = answer;
}

static void drop_answer(struct book *book, struct answer *answer)
{
    u64 key = key_of(answer->question, answer->place, answer->address);
    struct answer *before = map_get(&book->answer, key);

    unlink_answer(book, answer);
    if (before != answer) {
        while (before->next != answer)
            before = before->next;
        before->next = answer->next;
    } else if (answer->next) {
        map_put(&book->answer, key, answer->next);
    } else {
        map_remove(&book->answer, key);
    }
    free(answer->text);
    free(answer);
}

void book_forget(struct book *book, u64 event)
{
    while (book->oldest && book->oldest->recorded < event)
        drop_answer(book, book->oldest);
}

/* ---- recording ---- */

static bool has_text(unsigned question)
{
    return question == BOOK_PROGRAM || question == BOOK_LINE ||
           question == BOOK_FUNCTION || question == BOOK_DATA ||
           question == BOOK_BESIDE || question == BOOK_SYMBOL;
}

static bool has_number(unsigned question)
{
    return question == BOOK_CALL || question == BOOK_CALLER ||
           question == BOOK_SYMBOL;
}

static bool is_same(const struct answer *answer, bool yes, const char *text,
                    u64 number)
{
    return answer->yes == yes &&
           (!yes || (answer->number == number &&
                     !strcmp(answer->text ? answer->text : "", text)));
}

/* Whether an answer's last record may be given up before those from now on. */
static bool is_old(const struct book *book, const struct answer *answer)
{
    return book->repeats && answer->take < book->takes;
}

static void put_record(struct book *book, const struct answer *answer)
{
    struct bytes *to = &book->records;

    bytes_put_number(to, *book->event - book->before);
    book->before = *book->event;
    bytes_put_number(to, answer->question);
    bytes_put_number(to, answer->place);
    bytes_put_number(to, answer->address);
    bytes_put_number(to, answer->yes);
    if (answer->yes && has_number(answer->question))
        bytes_put_number(to, answer->number);
    if (answer->yes && has_text(answer->question))
        bytes_put_text(to, answer->text);
}

/* Records an answer, and has the records taken when they are many. */
static void add_record(struct book *book, struct answer *answer)
{
    bool is_full;

    answer->recorded = *book->event;
    answer->take = book->takes;
    if (book->repeats)
        link_newest(book, answer);
    pthread_mutex_lock(&book->mutex);
    put_record(book, answer);
    is_full = book->full_size && book->records.size >= book->full_size;
    pthread_mutex_unlock(&book->mutex);
    if (is_full)
        book->full(book->full_arg);
}

static void lack_memory(struct book *book)
{
    pthread_mutex_lock(&book->mutex);
    book->records.failed = true;
    pthread_mutex_unlock(&book->mutex);
}

/* Keeps an answer, if it is new. A question that is not in the book is one
 * whose answer was no. */
static void record(struct book *book, unsigned question, u64 place, u64 address,
                   bool yes, const char *text, u64 number)
{
    struct answer *known = find(book, question, place, address);
    char *kept;

    if (!known && !yes)
        return;
    if (known && is_same(known, yes, text, number) &&
        !(yes && is_old(book, known)))
        return;
    if (!known && book->answer.count >= BOOK_ANSWERS_MAX)
        return;
    if (!known)
        known = find_or_make(book, question, place, address);
    kept = strdup(text);
    if (!known || !kept) {
        lack_memory(book);
        free(kept);
        return;
    }
    free(known->text);
    known->text = kept;
    known->yes = yes;
    known->number = number;
    add_record(book, known);
}

#define RECORD_TEXT(name, question)                                          \
    static bool record_##name(void *arg, uint64_t root, uint64_t address,    \
                              char *out, size_t size)                        \
    {                                                                        \
        struct book *book = arg;                                             \
        const struct rvemu_names *names = book->names;                       \
        bool yes = names && names->name_##name &&                            \
                   names->name_##name(names->arg, root, address, out, size); \
                                                                             \
        if (!yes)                                                            \
            *out = '\0';                                                     \
        record(book, question, root, address, yes, out, 0);                  \
        return yes;                                                          \
    }

RECORD_TEXT(program, BOOK_PROGRAM)
RECORD_TEXT(line, BOOK_LINE)
RECORD_TEXT(function, BOOK_FUNCTION)
RECORD_TEXT(data, BOOK_DATA)
RECORD_TEXT(beside, BOOK_BESIDE)

static bool record_own(void *arg, uint64_t root, uint64_t va)
{
    struct book *book = arg;
    const struct rvemu_names *names = book->names;
    bool yes = names && names->is_own && names->is_own(names->arg, root, va);

    record(book, BOOK_OWN, root, va, yes, "", 0);
    return yes;
}

static bool record_library(void *arg, uint64_t root, uint64_t pc)
{
    struct book *book = arg;
    const struct rvemu_names *names = book->names;
    bool yes =
        names && names->is_library && names->is_library(names->arg, root, pc);

    record(book, BOOK_LIBRARY, root, pc, yes, "", 0);
    return yes;
}

static bool record_stack(void *arg, unsigned hart, uint64_t va)
{
    struct book *book = arg;
    const struct rvemu_names *names = book->names;
    bool yes =
        names && names->is_stack && names->is_stack(names->arg, hart, va);

    record(book, BOOK_STACK, hart, va, yes, "", 0);
    return yes;
}

static bool record_call(void *arg, unsigned hart, uint64_t va, uint64_t *pc)
{
    struct book *book = arg;
    const struct rvemu_names *names = book->names;
    bool yes =
        names && names->find_call && names->find_call(names->arg, hart, va, pc);

    record(book, BOOK_CALL, hart, va, yes, "", yes ? *pc : 0);
    return yes;
}

static bool record_caller(void *arg, unsigned hart, uint64_t pc, uint64_t *call)
{
    struct book *book = arg;
    const struct rvemu_names *names = book->names;
    bool yes = names && names->find_caller &&
               names->find_caller(names->arg, hart, pc, call);

    record(book, BOOK_CALLER, hart, pc, yes, "", yes ? *call : 0);
    return yes;
}

static void pass_forget(void *arg, uint64_t root)
{
    struct book *book = arg;

    if (book->names && book->names->forget)
        book->names->forget(book->names->arg, root);
}

void book_symbol(struct book *book, u64 pc)
{
    u64 *looked_up = &book->looked_up[(pc >> 1) % LOOKED_UP];
    const struct answer *known;
    const char *name;
    u64 offset = 0;

    if (!book->resolve || *looked_up == pc)
        return;
    *looked_up = pc;
    known = find(book, BOOK_SYMBOL, 0, pc);
    if (known && !is_old(book, known))
        return;
    name = book->resolve(book->symbols, pc, &offset);
    if (name)
        record(book, BOOK_SYMBOL, 0, pc, true, name, offset);
}

const struct rvemu_names *book_recorder(struct book *book)
{
    return &book->recorder;
}

void book_follow(struct book *book, const u64 *event)
{
    book->event = event;
}

void book_when_full(struct book *book, size_t bytes, void (*full)(void *arg),
                    void *arg)
{
    book->full_size = bytes;
    book->full = full;
    book->full_arg = arg;
}

void book_repeat(struct book *book)
{
    book->repeats = true;
}

bool book_has_records(struct book *book)
{
    bool has;

    pthread_mutex_lock(&book->mutex);
    has = book->records.size || book->records.failed;
    pthread_mutex_unlock(&book->mutex);
    return has;
}

void book_take(struct book *book, struct bytes *to)
{
    struct bytes taken;

    pthread_mutex_lock(&book->mutex);
    taken = book->records;
    to->size = 0;
    to->failed = false;
    book->records = *to;
    *to = taken;
    book->before = 0;
    pthread_mutex_unlock(&book->mutex);
    if (!book->repeats)
        return;
    book->takes++;
    memset(book->looked_up, 0, sizeof(book->looked_up));
}

/* ---- answering from what was read ---- */

#define ANSWER_TEXT(name, question)                                        \
    static bool answer_##name(void *arg, uint64_t root, uint64_t address,  \
                              char *out, size_t size)                      \
    {                                                                      \
        const struct answer *known = find(arg, question, root, address);   \
                                                                           \
        snprintf(out, size, "%s", known && known->yes ? known->text : ""); \
        return known && known->yes;                                        \
    }

ANSWER_TEXT(program, BOOK_PROGRAM)
ANSWER_TEXT(line, BOOK_LINE)
ANSWER_TEXT(function, BOOK_FUNCTION)
ANSWER_TEXT(data, BOOK_DATA)
ANSWER_TEXT(beside, BOOK_BESIDE)

static bool answer_own(void *arg, uint64_t root, uint64_t va)
{
    const struct answer *known = find(arg, BOOK_OWN, root, va);

    return known && known->yes;
}

static bool answer_library(void *arg, uint64_t root, uint64_t pc)
{
    const struct answer *known = find(arg, BOOK_LIBRARY, root, pc);

    return known && known->yes;
}

static bool answer_stack(void *arg, unsigned hart, uint64_t va)
{
    const struct answer *known = find(arg, BOOK_STACK, hart, va);

    return known && known->yes;
}

static bool answer_number(struct book *book, unsigned question, unsigned hart,
                          u64 address, u64 *number)
{
    const struct answer *known = find(book, question, hart, address);

    if (!known || !known->yes)
        return false;
    *number = known->number;
    return true;
}

static bool answer_call(void *arg, unsigned hart, uint64_t va, uint64_t *pc)
{
    return answer_number(arg, BOOK_CALL, hart, va, pc);
}

static bool answer_caller(void *arg, unsigned hart, uint64_t pc, uint64_t *call)
{
    return answer_number(arg, BOOK_CALLER, hart, pc, call);
}

const char *book_symbol_at(const struct book *book, u64 pc, u64 *offset)
{
    const struct answer *known = find(book, BOOK_SYMBOL, 0, pc);

    if (!known || !known->yes)
        return NULL;
    *offset = known->number;
    return known->text;
}

const struct rvemu_names *book_answers(struct book *book)
{
    return &book->answers;
}

static bool read_answer(struct book *book, struct cursor *from)
{
    u64 question = cursor_number(from), place = cursor_number(from);
    u64 address = cursor_number(from), yes = cursor_number(from), number = 0;
    struct answer *answer;
    char *text = NULL;

    if (from->failed || question == 0 || question >= BOOK_QUESTIONS || yes > 1)
        return false;
    if (yes && has_number((unsigned)question))
        number = cursor_number(from);
    if (yes && has_text((unsigned)question))
        text = cursor_text(from);
    answer = from->failed
                 ? NULL
                 : find_or_make(book, (unsigned)question, place, address);
    if (!answer) {
        free(text);
        return false;
    }
    free(answer->text);
    answer->text = text;
    answer->yes = yes != 0;
    answer->number = number;
    return true;
}

void book_begin(struct book *book)
{
    book->before = 0;
    book->has_next = false;
}

bool book_read(struct book *book, struct cursor *from, u64 event)
{
    while (book->has_next || from->at < from->end) {
        if (!book->has_next)
            book->before += cursor_number(from);
        book->has_next = book->before > event && !from->failed;
        if (book->has_next)
            return true;
        if (from->failed || !read_answer(book, from))
            return false;
    }
    return true;
}

static void fill_tables(struct book *book)
{
    book->recorder = (struct rvemu_names){
        .arg = book,
        .name_program = record_program,
        .name_line = record_line,
        .name_function = record_function,
        .name_data = record_data,
        .is_own = record_own,
        .name_beside = record_beside,
        .is_library = record_library,
        .is_stack = record_stack,
        .find_call = record_call,
        .find_caller = record_caller,
        .forget = pass_forget,
    };
    book->answers = (struct rvemu_names){
        .arg = book,
        .name_program = answer_program,
        .name_line = answer_line,
        .name_function = answer_function,
        .name_data = answer_data,
        .is_own = answer_own,
        .name_beside = answer_beside,
        .is_library = answer_library,
        .is_stack = answer_stack,
        .find_call = answer_call,
        .find_caller = answer_caller,
    };
}

struct book *book_new(const struct rvemu_names *names, rvemu_symbol_fn *resolve,
                      void *symbols)
{
    struct book *book = calloc(1, sizeof(*book));

    if (!book)
        return NULL;
    book->names = names;
    book->resolve = resolve;
    book->symbols = symbols;
    pthread_mutex_init(&book->mutex, NULL);
    fill_tables(book);
    return book;
}

void book_free(struct book *book)
{
    if (!book)
        return;
    book_clear(book);
    bytes_free(&book->records);
    pthread_mutex_destroy(&book->mutex);
    free(book);
}
