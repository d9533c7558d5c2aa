/*
 * Rules from text; docs/expect.md has the grammar.
 *
 * A line is read from left to right by phrases: words with blanks between
 * them. What is wrong is told with line and column, and what would be right.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/expect.h"
#include "base/error.h"

struct reader {
    const char *name; /* of the file */
    unsigned line;
    const char *begin; /* of the line, which a NUL ends */
    const char *at;
    struct rvemu_error *error;
};

const struct quantity_row expect_quantities[QUANTITIES] = {
#define QUANTITY(name, one, many, traits) {one, many, traits},
#include "analysis/quantities.def"
};

enum sentence expect_finding_of(const char *kind)
{
    const struct facts facts = {.say_open = SAY_OPEN_PARENT};

    for (enum sentence s = SAY_FORK; s <= SAY_TOTAL_UNTOLD; s++)
        if (!strcmp(sentence_kind(s), kind) &&
            (sentence_is_finding(s, &facts) ||
             (s >= SAY_COPY && s <= SAY_COPY_SILENT)))
            return s;
    return SENTENCES;
}

static int refuse(struct reader *r, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int refuse(struct reader *r, const char *at, const char *format, ...)
{
    char text[sizeof(r->error->text) / 2];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return error_set(r->error, "%s:%u:%u: %s", r->name, r->line,
                     (unsigned)(at - r->begin) + 1, text);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static void skip(struct reader *r)
{
    while (is_blank(*r->at))
        r->at++;
}

/* Takes a phrase, if it comes next. */
static bool take(struct reader *r, const char *phrase)
{
    const char *at;

    skip(r);
    at = r->at;
    for (const char *p = phrase; *p; p++) {
        if (*p == ' ' ? !is_blank(*at) : *at != *p)
            return false;
        at++;
        while (*p == ' ' && is_blank(*at))
            at++;
    }
    if (is_word(phrase[strlen(phrase) - 1]) && is_word(*at))
        return false;
    r->at = at;
    return true;
}

/* How long what comes next is, to be shown: a word, or another character. */
static int next_length(const struct reader *r)
{
    int length = 0;

    while (is_word(r->at[length]))
        length++;
    if (!length && *r->at)
        length++;
    while (length && ((unsigned char)r->at[length] & 0xc0) == 0x80)
        length++; /* the rest of a character */
    return length;
}

/* Says that something else is expected where the reader is. */
static int expected(struct reader *r, const char *what)
{
    skip(r);
    if (!*r->at || *r->at == '#')
        return refuse(r, r->at, "the rule ends where it needs %s", what);
    return refuse(r, r->at, "'%.*s' is not %s", next_length(r), r->at, what);
}

/* A text in quotes, in which nothing has a special meaning. */
static int read_text(struct reader *r, char *out, size_t size)
{
    const char *end;
    size_t length;

    skip(r);
    if (*r->at != '"')
        return expected(r, "a text in \"quotes\"");
    end = strchr(r->at + 1, '"');
    if (!end)
        return refuse(r, r->at, "the text has no '\"' at its end");
    length = (size_t)(end - r->at) - 1;
    if (!length)
        return refuse(r, r->at, "the text is empty");
    if (length >= size)
        return refuse(r, r->at, "the text has more than %zu bytes", size - 1);
    memcpy(out, r->at + 1, length);
    out[length] = '\0';
    r->at = end + 1;
    return 0;
}

/* A name, which may have dots and dashes in it if it is a program's. */
static int read_name(struct reader *r, const char *more, const char *what,
                     char out[EXPECT_WORD])
{
    size_t length = 0;

    skip(r);
    while (is_word(r->at[length]) ||
           (r->at[length] && strchr(more, r->at[length])))
        length++;
    if (!length)
        return expected(r, what);
    if (length >= EXPECT_WORD)
        return refuse(r, r->at, "the name has more than %d bytes",
                      EXPECT_WORD - 1);
    memcpy(out, r->at, length);
    out[length] = '\0';
    r->at += length;
    return 0;
}

static int read_number(struct reader *r, u64 *number)
{
    static const char *const words[] = {"no", "one", "two", "three"};
    const char *start;

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (take(r, words[i])) {
            *number = i;
            return 0;
        }
    skip(r);
    start = r->at;
    if (!isdigit((unsigned char)*start))
        return expected(r, "a number");
    *number = 0;
    while (isdigit((unsigned char)*r->at)) {
        u64 digit = (u64)(*r->at++ - '0');

        if (*number > (UINT64_MAX - digit) / 10)
            return refuse(r, start, "the number is too large");
        *number = *number * 10 + digit;
    }
    return 0;
}

/* Of a time, which is in ns without one. */
static int read_unit(struct reader *r, u64 *number)
{
    static const struct {
        const char *name;
        u64 ns;
    } units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    const char *start = r->at;

    for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (take(r, units[i].name)) {
            if (*number > UINT64_MAX / units[i].ns)
                return refuse(r, start, "the time is too long");
            *number *= units[i].ns;
            return 0;
        }
    return 0;
}

/* The longest quantity that comes next. */
static bool take_quantity(struct reader *r, enum quantity *quantity)
{
    struct reader best = *r;

    for (unsigned i = 0; i < QUANTITIES; i++) {
        struct reader one = *r, many = *r;

        if (!take(&one, expect_quantities[i].one))
            one.at = r->at;
        if (!take(&many, expect_quantities[i].many))
            many.at = r->at;
        if (many.at > one.at)
            one.at = many.at;
        if (one.at > best.at) {
            best.at = one.at;
            *quantity = (enum quantity)i;
        }
    }
    if (best.at == r->at)
        return false;
    r->at = best.at;
    return true;
}

static int no_quantity(struct reader *r)
{
    char list[320] = "a quantity:";

    for (unsigned i = 0; i < QUANTITIES; i++) {
        size_t used = strlen(list);

        snprintf(list + used, sizeof(list) - used, "%s %s", i ? "," : "",
                 expect_quantities[i].many);
    }
    return expected(r, list);
}

static int read_kind(struct reader *r, struct rule *rule)
{
    skip(r);
    rule->kind_column = (unsigned)(r->at - r->begin) + 1;
    if (read_name(r, "", "a kind of finding", rule->kind) < 0)
        return -1;
    if (expect_finding_of(rule->kind) == SENTENCES)
        return refuse(r, r->begin + rule->kind_column - 1,
                      "'%s' is no kind of finding: docs/explain-json.md lists "
                      "the kinds",
                      rule->kind);
    return 0;
}

/* What goes with a quantity, and whether it may stand here. */
static int read_quantity(struct reader *r, struct rule *rule)
{
    const struct quantity_row *row;
    const char *start;

    skip(r);
    start = r->at;
    rule->quantity_column = (unsigned)(start - r->begin) + 1;
    if (!take_quantity(r, &rule->quantity))
        return no_quantity(r);
    row = &expect_quantities[rule->quantity];
    if (rule->event == AFTER_FORK && !(row->traits & PER_FORK))
        return refuse(r, start,
                      "after a fork there are copies, shared pages, protected "
                      "pages and open pages");
    if (rule->event == STORE_TO_SHARED && !(row->traits & PER_STORE))
        return refuse(r, start, "of a store there are copies alone");
    if (row->traits & TAKES_KIND && take(r, "of"))
        return read_kind(r, rule);
    if (row->traits & TAKES_TEXT)
        return read_text(r, rule->wanted, sizeof(rule->wanted));
    return 0;
}

static int read_function(struct reader *r, struct rule *rule, const char *start)
{
    const struct quantity_row *row = &expect_quantities[rule->quantity];

    skip(r);
    rule->function_column = (unsigned)(r->at - r->begin) + 1;
    if (read_name(r, "", "a function, as in lazy(), or program NAME",
                  rule->function) < 0)
        return -1;
    if (!take(r, "()") && !take(r, "( )"))
        return expected(r, "(): a function is named as in lazy()");
    if (rule->event != ALWAYS || !(row->traits & IN_CODE))
        return refuse(r, start,
                      "in FUNCTION() goes with what a page fault leads to, and "
                      "with no scope: page faults, copies, reuses, first "
                      "touches, refusals");
    return 0;
}

/* Where it is counted: in FUNCTION(), in program NAME, or both. Of a rule with
 * an event it may stand behind that. */
static int read_places(struct reader *r, struct rule *rule, bool behind_event)
{
    unsigned traits =
        behind_event ? IN_PROGRAM : expect_quantities[rule->quantity].traits;
    const char *start;

    for (;;) {
        skip(r);
        start = r->at;
        if (!take(r, "in"))
            return 0;
        if (!take(r, "program")) {
            if (behind_event)
                return expected(r, "program NAME");
            if (rule->function[0])
                return refuse(r, start, "one function is enough");
            if (read_function(r, rule, start) < 0)
                return -1;
            continue;
        }
        if (!(traits & IN_PROGRAM))
            return refuse(r, start, "it is of the whole run: leave out 'in'");
        if (rule->program[0])
            return refuse(r, start, "one program is enough");
        if (read_name(r, ".-+", "the name of a program", rule->program) < 0)
            return -1;
    }
}

static int read_comparison(struct reader *r, struct rule *rule)
{
    /* Those of two characters come first. */
    static const struct {
        const char *sign;
        enum comparison comparison;
    } signs[] = {{"==", IS},       {"!=", IS_NOT}, {"<=", AT_MOST},
                 {">=", AT_LEAST}, {"<", LESS},    {">", MORE}};

    for (unsigned i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (take(r, signs[i].sign)) {
            rule->comparison = signs[i].comparison;
            return 0;
        }
    return expected(r, "==, !=, <=, >=, < or >");
}

/* What it is compared with. */
static int read_other(struct reader *r, struct rule *rule)
{
    const char *start;

    skip(r);
    start = r->at;
    if (!isdigit((unsigned char)*start) && take_quantity(r, &rule->other)) {
        if (!(expect_quantities[rule->quantity].traits & NEEDS_FRAMES) ||
            !(expect_quantities[rule->other].traits & NEEDS_FRAMES))
            return refuse(r, start,
                          "frames are compared with frames; anything else with "
                          "a number");
        rule->has_other = true;
        return take(r, "+") ? read_number(r, &rule->number) : 0;
    }
    if (read_number(r, &rule->number) < 0)
        return -1;
    return rule->quantity == QUANTITY_TIME ? read_unit(r, &rule->number) : 0;
}

/* no …, exactly N …, at most N …, at least N …: true if it is one of those. */
static bool take_amount(struct reader *r, struct rule *rule, int *failed)
{
    static const struct {
        const char *phrase;
        enum comparison comparison;
    } amounts[] = {
        {"exactly", IS}, {"at most", AT_MOST}, {"at least", AT_LEAST}};

    *failed = 0;
    rule->comparison = IS;
    if (take(r, "no"))
        return true;
    for (unsigned i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++)
        if (take(r, amounts[i].phrase)) {
            rule->comparison = amounts[i].comparison;
            *failed = read_number(r, &rule->number);
            return true;
        }
    return false;
}

static int read_condition(struct reader *r, struct rule *rule)
{
    bool has = take(r, "console has");
    int failed;

    if (has || take(r, "console lacks")) {
        if (rule->event != ALWAYS)
            return refuse(r, r->begin,
                          "the console has no scope: leave out "
                          "what stands before the ':'");
        rule->quantity = QUANTITY_CONSOLE;
        rule->comparison = IS;
        rule->number = has;
        return read_text(r, rule->wanted, sizeof(rule->wanted));
    }
    if (take_amount(r, rule, &failed)) {
        if (failed < 0 || read_quantity(r, rule) < 0)
            return -1;
        return read_places(r, rule, false);
    }
    if (read_quantity(r, rule) < 0 || read_places(r, rule, false) < 0 ||
        read_comparison(r, rule) < 0)
        return -1;
    return read_other(r, rule);
}

static int read_event(struct reader *r, struct rule *rule)
{
    if (take(r, "after fork"))
        rule->event = AFTER_FORK;
    else if (take(r, "store to shared page"))
        rule->event = STORE_TO_SHARED;
    else
        return 0;
    if (read_places(r, rule, true) < 0)
        return -1;
    return take(r, ":") ? 0 : expected(r, "':', which ends a scope");
}

static int read_points(struct reader *r, struct rule *rule)
{
    const char *start;
    u64 points;

    rule->points = 1;
    skip(r);
    start = r->at;
    if (!isdigit((unsigned char)*start))
        return 0;
    if (read_number(r, &points) < 0)
        return -1;
    if (points > RVEMU_EXPECT_POINTS)
        return refuse(r, start, "more than %d points", RVEMU_EXPECT_POINTS);
    if (*r->at && !is_blank(*r->at))
        return refuse(r, start, "points are a whole number, and a blank");
    rule->points = (unsigned)points;
    return 0;
}

/* A line that is no comment. */
static int read_rule(struct reader *r, struct rule *rule)
{
    const char *start, *end;

    rule->line = r->line;
    if (read_points(r, rule) < 0)
        return -1;
    skip(r);
    start = r->at;
    if (read_event(r, rule) < 0 || read_condition(r, rule) < 0)
        return -1;
    for (end = r->at; is_blank(end[-1]);)
        end--;
    memcpy(rule->text, start, (size_t)(end - start));
    rule->text[end - start] = '\0';
    memcpy(rule->message, rule->text, sizeof(rule->message));
    skip(r);
    if (*r->at == '"' && read_text(r, rule->message, sizeof(rule->message)) < 0)
        return -1;
    skip(r);
    if (*r->at && *r->at != '#')
        return refuse(r, r->at,
                      "'%.*s' is too much: a message in \"quotes\" "
                      "may end a rule",
                      next_length(r), r->at);
    return 0;
}

static int add_rule(struct rvemu_expect *e, struct reader *r)
{
    struct rule *grown;

    if (e->rules == RVEMU_EXPECT_RULES)
        return refuse(r, r->begin, "more than %d rules", RVEMU_EXPECT_RULES);
    grown = realloc(e->rule, (e->rules + 1) * sizeof(*grown));
    if (!grown)
        return error_set(r->error, "no memory for rules");
    e->rule = grown;
    e->rule[e->rules] = (struct rule){.time = UINT64_MAX};
    return read_rule(r, &e->rule[e->rules++]);
}

/* A line of the file, with a NUL behind it. */
static int read_line(struct rvemu_expect *e, struct reader *r)
{
    r->at = r->begin;
    skip(r);
    return !*r->at || *r->at == '#' ? 0 : add_rule(e, r);
}

static int read_lines(struct rvemu_expect *e, struct reader *r,
                      const char *text, size_t size)
{
    char line[RVEMU_EXPECT_LINE];

    while (size) {
        const char *end = memchr(text, '\n', size);
        size_t length = end ? (size_t)(end - text) : size;

        r->line++;
        r->begin = line;
        line[0] = '\0';
        if (length >= sizeof(line))
            return refuse(r, line, "the line has more than %zu bytes",
                          sizeof(line) - 1);
        memcpy(line, text, length);
        line[length] = '\0';
        if (memchr(line, '\0', length))
            return refuse(r, line + strlen(line), "a NUL: this is no text");
        if (read_line(e, r) < 0)
            return -1;
        text += length + (end != NULL);
        size -= length + (end != NULL);
    }
    return 0;
}

int rvemu_expect_read(struct rvemu_expect **out, const char *name,
                      const char *text, size_t size, struct rvemu_error *error)
{
    struct rvemu_expect *e = calloc(1, sizeof(*e));
    struct reader r = {.name = name, .error = error};

    *out = NULL;
    if (!e)
        return error_set(error, "no memory for rules");
    snprintf(e->name, sizeof(e->name), "%s", name);
    if (read_lines(e, &r, text, size) < 0) {
        rvemu_expect_free(e);
        return -1;
    }
    if (!e->rules) {
        rvemu_expect_free(e);
        return error_set(error, "%s: there is no rule in it", name);
    }
    *out = e;
    return 0;
}

void rvemu_expect_free(struct rvemu_expect *e)
{
    if (!e)
        return;
    for (unsigned i = 0; i < e->rules; i++)
        free(e->rule[i].sentence);
    free(e->rule);
    free(e);
}
