/*
 * Console input from a file that also says when.
 *
 *   expect=>text   when `expect` has been printed, types `text` and the line's
 *                  end; without `expect`, at once
 *   anything else  is typed as it is, byte for byte, the line's end with it
 *
 * The first `=>` of a line counts, so that `=>a=>b` types a=>b. What a line
 * waits for is looked for in what is printed after all that stands before it
 * has been typed. What follows depends on the guest's output alone, so that the
 * same file gives the same run.
 */
#define _GNU_SOURCE /* memmem */
#include "host/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARROW "=>"
#define ARROW_LENGTH 2
#define ROOM 65536

struct script {
    uint8_t *text;
    size_t size;
    size_t at, end;        /* of it, what is to be typed */
    size_t line_end;       /* where the next line begins */
    unsigned line;         /* the number of this one */
    const uint8_t *expect; /* what this line waits for */
    size_t expected;       /* its length; 0: for nothing any more */
    size_t matched;        /* of it, what has been printed last */
};

static int read_all(struct script *s, FILE *in)
{
    size_t capacity = 0, n;

    do {
        if (s->size == capacity) {
            uint8_t *grown = realloc(s->text, capacity += capacity + ROOM);

            if (!grown)
                return -1;
            s->text = grown;
        }
        n = fread(s->text + s->size, 1, capacity - s->size, in);
        s->size += n;
    } while (n);
    return ferror(in) ? -1 : 0;
}

/* Goes on to the next line. At the end there is nothing more to be typed. */
static void begin_line(struct script *s)
{
    const uint8_t *line = s->text + s->line_end, *newline, *arrow;
    size_t left = s->size - s->line_end;

    s->at = s->end = s->line_end;
    s->expected = s->matched = 0;
    if (!left)
        return;
    newline = memchr(line, '\n', left);
    left = newline ? (size_t)(newline - line) + 1 : left;
    s->line++;
    s->line_end += left;
    s->end = s->line_end;
    arrow = memmem(line, left, ARROW, ARROW_LENGTH);
    if (!arrow)
        return;
    s->expect = line;
    s->expected = (size_t)(arrow - line);
    s->at += s->expected + ARROW_LENGTH;
}

int script_open(struct script **out, const char *path,
                struct rvemu_error *error)
{
    struct script *s = calloc(1, sizeof(*s));
    FILE *in = s ? fopen(path, "re") : NULL;
    int why = 0;

    if (!in || read_all(s, in) < 0)
        why = errno;
    if (in)
        fclose(in);
    if (why) {
        script_close(s);
        return rvemu_error_set(error, "--input %s: %s", path, strerror(why));
    }
    begin_line(s);
    *out = s;
    return 0;
}

void script_close(struct script *s)
{
    if (!s)
        return;
    free(s->text);
    free(s);
}

/* How much of the expected text ends with this byte, behind as much as had
 * matched before it. */
static size_t match(const struct script *s, uint8_t byte)
{
    for (size_t n = s->matched + 1; n > 0; n--)
        if (s->expect[n - 1] == byte &&
            !memcmp(s->expect, s->expect + s->matched - (n - 1), n - 1))
            return n;
    return 0;
}

void script_put(struct script *s, uint8_t byte)
{
    if (!s->expected)
        return;
    s->matched = match(s, byte);
    if (s->matched == s->expected)
        s->expected = 0;
}

size_t script_next(const struct script *s, const uint8_t **bytes)
{
    *bytes = s->text + s->at;
    return s->expected ? 0 : s->end - s->at;
}

void script_take(struct script *s, size_t count)
{
    s->at += count;
    if (s->at == s->end)
        begin_line(s);
}

bool script_is_done(const struct script *s)
{
    return !s->expected && s->at == s->size;
}

bool script_waits(const struct script *s, unsigned *line, char *expected,
                  size_t size)
{
    *line = s->line;
    snprintf(expected, size, "%.*s", (int)s->expected,
             s->expected ? (const char *)s->expect : "");
    return s->expected != 0;
}

struct script_place script_place(const struct script *s)
{
    return (struct script_place){
        .at = s->at,
        .line = s->line,
        .waits = s->expected != 0,
        .matched = s->matched,
    };
}

bool script_go(struct script *s, const struct script_place *place)
{
    while (s->line < place->line && s->line_end < s->size)
        begin_line(s);
    if (s->line_end == s->size && place->at == s->size)
        s->at = s->end = s->size;
    if (!place->waits)
        s->expected = 0;
    if (s->line != place->line || place->at < s->at || place->at > s->end ||
        (place->waits && place->matched >= s->expected)) {
        s->at = s->end = s->line_end = s->size;
        s->expected = 0;
        return false;
    }
    s->at = place->at;
    s->matched = place->waits ? place->matched : 0;
    return true;
}
