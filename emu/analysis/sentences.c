/* How a sentence is put together; see sentences.h. */
#include "analysis/sentences.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NONE NULL
#define CYAN "\33[36m"
#define YELLOW "\33[33m"
#define GREEN "\33[32m"
#define RED "\33[31m"
#define PLAIN "\33[0m"

static const struct {
    const char *kind;
    const char *color;
    bool total;
} rows[SENTENCES] = {
#define LINE(name, kind, color) [SAY_##name] = {kind, color, false},
#define TOTAL(name, kind, color) [SAY_##name] = {kind, color, true},
#define CLAUSE(name, word, color) [SAY_##name] = {word, color, false},
#define PLURAL(name, color) [SAY_##name##_RUN] = {"", color, false},
#include "analysis/sentences.def"
};

/* clang-format off */
#define ROW(name, form, key) \
    {#name, FACT_##form, offsetof(struct facts, name), key},
#define CLAUSE_ROW(name, key) \
    {#name, FACT_CLAUSE, offsetof(struct facts, say_##name), key},

static const struct fact_row fact_rows[] = {
    ROW(who, SPACE, "space")
    ROW(other, SPACE, "other")
    ROW(permissions, TEXT, "permissions")
    ROW(old_permissions, TEXT, "old_permissions")
    ROW(va, HEX, "va")
    ROW(pc, HEX, "pc")
    ROW(frame, FRAME, "frame")
    ROW(old, FRAME, "old_frame")
    ROW(bytes, COUNT, "kib")
    ROW(since, COUNT, "since_ns")
    ROW(others, COUNT, "others")
    ROW(users, COUNT, "users")
    ROW(user, SPACE, "user")
    ROW(pages, COUNT, "pages")
    ROW(shared, COUNT, "shared")
    ROW(protected, COUNT, "protected")
    ROW(lost, COUNT, "lost")
    ROW(before, COUNT, "before")
    ROW(own, COUNT, "own")
    ROW(open_parent, COUNT, "open_parent")
    ROW(open_child, COUNT, "open_child")
    ROW(open_both, COUNT, "open_both")
    ROW(copies, COUNT, "copies")
    ROW(reuses, COUNT, "reuses")
    ROW(needless, COUNT, "needless")
    ROW(forks, COUNT, "forks")
    ROW(together, COUNT, "together")
    ROW(apart, COUNT, "apart")
    ROW(roots, COUNT, "spaces")
    ROW(mappings, COUNT, "mappings")
    ROW(frames, COUNT, "frames")
    ROW(alone, COUNT, "alone")
    CLAUSE_ROW(act, "by")
    CLAUSE_ROW(does, "access")
    CLAUSE_ROW(at, NULL)
    CLAUSE_ROW(kind, "area")
    CLAUSE_ROW(shared_with, NULL)
    CLAUSE_ROW(keeps, NULL)
    CLAUSE_ROW(sharers, NULL)
    CLAUSE_ROW(sees, NULL)
    CLAUSE_ROW(used_by, NULL)
    CLAUSE_ROW(gives, "by")
    CLAUSE_ROW(since_when, "since")
    CLAUSE_ROW(tail, "outcome")
    CLAUSE_ROW(reason, "reason")
    CLAUSE_ROW(copied, NULL)
    CLAUSE_ROW(protection, NULL)
    CLAUSE_ROW(open, NULL)
    CLAUSE_ROW(given_up, NULL)
    CLAUSE_ROW(run, NULL)
    ROW(end, HEX, NULL)
    ROW(span, COUNT, NULL)
    ROW(lines, COUNT, NULL)
    ROW(ended, COUNT, NULL)
    ROW(execs, COUNT, NULL)
    CLAUSE_ROW(ending, NULL)
    CLAUSE_ROW(begin, NULL)
    CLAUSE_ROW(stored, NULL)
    CLAUSE_ROW(of_these, NULL)
    CLAUSE_ROW(hint, "cost")
    ROW(taken_in, TEXT, "taken_in")
    ROW(freed_in, TEXT, "freed_in")
    ROW(done_in, TEXT, "done_in")
    ROW(caller, TEXT, "called_by")
    ROW(taken, COUNT, "taken")
    ROW(freed, COUNT, "freed")
    ROW(unseen, COUNT, "unseen")
    ROW(mistakes, COUNT, "mistakes")
    ROW(untold, COUNT, "untold")
    ROW(certain, COUNT, "certain")
    ROW(may, COUNT, "may")
    ROW(windows, COUNT, "windows")
    ROW(harmless, COUNT, "harmless")
    ROW(possible, COUNT, "possible")
    ROW(unjudged, COUNT, "unjudged")
    ROW(asid, COUNT, "asid")
    ROW(fence_line, TEXT, "fenced_by")
    ROW(fence_function, TEXT, "fenced_in")
    CLAUSE_ROW(fence, NULL)
    CLAUSE_ROW(missing, "missing")
    CLAUSE_ROW(changed, "origin")
    CLAUSE_ROW(check, "check")
    ROW(faults, COUNT, "faults")
    ROW(next, HEX, "next_va")
    ROW(number, COUNT, "number")
    ROW(pid, COUNT, "pid")
    ROW(program, TEXT, "program")
    {"name", FACT_TEXT, offsetof(struct facts, place.name), "symbol"},
    {"function", FACT_TEXT, offsetof(struct facts, place.function), "function"},
    {"line", FACT_TEXT, offsetof(struct facts, place.line), "line"},
    {"neighbour", FACT_TEXT, offsetof(struct facts, place.beside), "beside"},
    ROW(target, TEXT, "target")
    ROW(writer, TEXT, "changed_by")
    ROW(writer_function, TEXT, "changed_in")
    CLAUSE_ROW(its, NULL)
    CLAUSE_ROW(where, NULL)
    CLAUSE_ROW(by, NULL)
    CLAUSE_ROW(beside, NULL)
    CLAUSE_ROW(area, NULL)
    CLAUSE_ROW(source, NULL)
    CLAUSE_ROW(written, NULL)
};
/* clang-format on */

#define FACT_ROWS (sizeof(fact_rows) / sizeof(fact_rows[0]))

static const struct {
    const char *code;
    const char *const *table;
} languages[RVEMU_LANGS] = {
    [RVEMU_LANG_EN] = {"en", sentences_en},
    [RVEMU_LANG_ZH] = {"zh", sentences_zh},
};

const char *rvemu_lang_code(unsigned lang)
{
    return lang < RVEMU_LANGS ? languages[lang].code : NULL;
}

const char *const *sentences_in(enum rvemu_lang lang)
{
    return (unsigned)lang < RVEMU_LANGS ? languages[lang].table : sentences_en;
}

const char *sentence_kind(enum sentence sentence)
{
    return rows[sentence].kind;
}

bool sentence_is_finding(enum sentence sentence, const struct facts *facts)
{
    switch (sentence) {
    case SAY_REFUSED:
    case SAY_REFUSED_NULL:
    case SAY_REFUSED_NO_COW:
    case SAY_REFUSED_RUN:
    case SAY_REFUSED_NO_COW_RUN: /* a program's mistake, and answered */
    case SAY_OPEN:
    case SAY_FAILED:
    case SAY_WOVEN: return false;
    case SAY_FORK:
    case SAY_FORK_ORPHAN:
    case SAY_MOVED: return facts->say_open && facts->say_open != SAY_OPEN_BOTH;
    default: break;
    }
    return (rows[sentence].color && !strcmp(rows[sentence].color, RED)) ||
           facts->say_tail == SAY_USED_INSIDE;
}

bool sentence_is_total(enum sentence sentence)
{
    return rows[sentence].total;
}

/* The row of a fact, or NULL. */
static const struct fact_row *find_row(const char *name, size_t length)
{
    for (unsigned i = 0; i < FACT_ROWS; i++)
        if (strlen(fact_rows[i].name) == length &&
            !memcmp(fact_rows[i].name, name, length))
            return &fact_rows[i];
    return NULL;
}

struct writer {
    char *out;
    size_t size;
    size_t used;
    const struct facts *facts;
    const char *const *table;
    bool color;
    bool accent;
};

static void put(struct writer *w, const char *text, size_t length)
{
    size_t room = w->size - 1 - w->used;

    if (length > room)
        length = room;
    memcpy(w->out + w->used, text, length);
    w->used += length;
}

static void put_sentence(struct writer *w, enum sentence sentence);

/* "3 pages" for a count and "|page|pages". */
static void put_count(struct writer *w, u64 count, const char *words,
                      size_t length)
{
    char number[32];
    const char *one = words + 1, *many = memchr(one, '|', length - 1);

    snprintf(number, sizeof(number), "%" PRIu64 " ", count);
    put(w, number, strlen(number));
    if (!many)
        return;
    if (count == 1)
        put(w, one, (size_t)(many - one));
    else
        put(w, many + 1, (size_t)(words + length - many - 1));
}

static enum sentence row_of_space(const struct space_name *name)
{
    bool has_program = name->program[0] != '\0';

    if (name->has_pid)
        return has_program ? SAY_SPACE_PROGRAM : SAY_SPACE_PID;
    if (name->alike)
        return SAY_SPACE_ALIKE;
    if (!name->number)
        return SAY_SPACE_UNKNOWN;
    return has_program ? SAY_SPACE_NAMED : SAY_SPACE;
}

static void put_space(struct writer *w, const struct space_name *name)
{
    static const char begin = NAME_BEGIN, end = NAME_END;
    const struct facts *facts = w->facts;
    struct facts own = {
        .number = name->number, .pid = name->pid, .others = name->alike};

    memcpy(own.program, name->program, PROGRAM_TEXT);
    put(w, &begin, 1);
    w->facts = &own;
    put_sentence(w, row_of_space(name));
    w->facts = facts;
    put(w, &end, 1);
}

/* {who}, or {shared|page|pages}; a row that does not exist stands as it is. */
static void put_fact(struct writer *w, const char *name, size_t whole)
{
    const char *words = memchr(name, '|', whole);
    size_t length = words ? (size_t)(words - name) : whole;
    const struct fact_row *row = find_row(name, length);
    const void *fact = (const char *)w->facts + (row ? row->offset : 0);
    char number[32];
    const char *text = number;

    if (!row) {
        put(w, name - 1, whole + 2);
        return;
    }
    switch (row->form) {
    case FACT_TEXT: text = fact; break;
    case FACT_SPACE: put_space(w, fact); return;
    case FACT_HEX:
        snprintf(number, sizeof(number), "0x%" PRIx64, *(const u64 *)fact);
        break;
    case FACT_FRAME:
        snprintf(number, sizeof(number), "#%" PRIx64, *(const u64 *)fact);
        break;
    case FACT_COUNT:
        if (words) {
            put_count(w, *(const u64 *)fact, words,
                      (size_t)(name + whole - words));
            return;
        }
        snprintf(number, sizeof(number), "%" PRIu64, *(const u64 *)fact);
        break;
    case FACT_CLAUSE: put_sentence(w, *(const enum sentence *)fact); return;
    }
    put(w, text, strlen(text));
}

static void put_accent(struct writer *w, const char *color)
{
    const char *code = w->accent ? PLAIN : color;

    if (w->color)
        put(w, code, strlen(code));
    w->accent = !w->accent;
}

static void put_sentence(struct writer *w, enum sentence sentence)
{
    const char *at = w->table[sentence];

    while (*at) {
        size_t plain = strcspn(at, "{*");

        put(w, at, plain);
        at += plain;
        if (*at == '{') {
            size_t length = strcspn(++at, "}");

            put_fact(w, at, length);
            at += length + 1;
        } else if (*at == '*') {
            put_accent(w, rows[sentence].color);
            at++;
        }
    }
}

void sentence_write(char *out, size_t size, enum sentence sentence,
                    const struct facts *facts, struct wording wording)
{
    struct writer w = {.out = out,
                       .size = size,
                       .facts = facts,
                       .table = sentences_in(wording.lang),
                       .color = wording.color};

    put_sentence(&w, sentence);
    out[w.used] = '\0';
}

/* Takes out what is put round names. */
static void take_marks_out(char *text)
{
    char *out = text;

    for (; *text; text++)
        if (*text != NAME_BEGIN && *text != NAME_END)
            *out++ = *text;
    *out = '\0';
}

void sentence_write_plain(char *out, size_t size, enum sentence sentence,
                          const struct facts *facts, enum rvemu_lang lang)
{
    sentence_write(out, size, sentence, facts, (struct wording){lang, false});
    take_marks_out(out);
}

bool sentence_same_space(const struct space_name *a, const struct space_name *b)
{
    if (a->has_pid != b->has_pid || strcmp(a->program, b->program))
        return false;
    return a->has_pid ? a->pid == b->pid
                      : a->number == b->number && a->alike == b->alike;
}

/* The address that a clause tells by a name, or NULL. */
static const struct fact_row *hidden_row(enum sentence clause)
{
    if (clause == SAY_AT_NAME)
        return find_row("va", 2);
    return clause == SAY_GOES_ON_IN ? find_row("pc", 2) : NULL;
}

void sentence_each_fact(enum sentence sentence, const struct facts *facts,
                        fact_fn *fn, void *arg)
{
    const char *at = sentences_en[sentence];
    const struct fact_row *hidden = hidden_row(sentence);

    if (hidden)
        fn(arg, hidden, (const char *)facts + hidden->offset);
    while ((at = strchr(at, '{'))) {
        const struct fact_row *row = find_row(at + 1, strcspn(at + 1, "|}"));
        const void *fact = (const char *)facts + (row ? row->offset : 0);

        at++;
        if (!row)
            continue;
        fn(arg, row, fact);
        if (row->form == FACT_CLAUSE)
            sentence_each_fact(*(const enum sentence *)fact, facts, fn, arg);
    }
}
