/*
 * Lines that fit a terminal; see wrap.h.
 *
 * A line is a sequence of segments: spaces and then what may not be torn apart,
 * a Latin word or a Chinese character with its punctuation. An SGR sequence is
 * part of the segment before it, or of the word that it stands in.
 */
#include "host/wrap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <rvemu/explain.h>

#define ESCAPE '\33'
#define PLAIN "\33[0m"
#define INDENT "  "
#define GUTTER_COLUMNS 2
#define SGR_MAX 16
#define COLUMNS_UNKNOWN 80

struct wrap {
    FILE *out;
    unsigned columns;
    unsigned column;    /* where the next character goes */
    const char *gutter; /* "" for a line without */
    char sgr[SGR_MAX];  /* that is in force, or "" */
};

/* The character at text, and how many bytes it has; a byte that is no UTF-8
 * stands for itself. */
static uint32_t decode(const char *text, unsigned *length)
{
    const unsigned char *at = (const unsigned char *)text;
    uint32_t code = at[0];

    *length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : at[0] >= 0xc0 ? 2 : 1;
    if (*length == 1)
        return code;
    code &= 0x7fu >> *length;
    for (unsigned i = 1; i < *length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            *length = 1;
            return at[0];
        }
        code = code << 6 | (at[i] & 0x3f);
    }
    return code;
}

/* East Asian characters that take two columns. */
static bool is_wide(uint32_t code)
{
    static const uint32_t ranges[][2] = {
        {0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf},
        {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f},
        {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x20000, 0x3fffd},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    return false;
}

static bool is_one_of(uint32_t code, const char *characters)
{
    unsigned length;

    for (; *characters; characters += length)
        if (decode(characters, &length) == code)
            return true;
    return false;
}

static bool may_break(uint32_t before, uint32_t after)
{
    return (is_wide(before) || is_wide(after)) &&
           !is_one_of(after, "，。、；：！？）》」』.,;:!?)") &&
           !is_one_of(before, "（《「『(");
}

/* Bytes of the SGR sequence at text, or 0. */
static size_t sgr_length(const char *text)
{
    size_t length;

    if (text[0] != ESCAPE || text[1] != '[')
        return 0;
    length = 2 + strcspn(text + 2, "m");
    return text[length] ? length + 1 : length;
}

/* Bytes of the segment at text, and its columns. */
static size_t measure(const char *text, unsigned *columns)
{
    size_t used = strspn(text, " ");
    uint32_t before = 0;

    *columns = (unsigned)used;
    for (;;) {
        unsigned length;
        size_t escape = sgr_length(text + used);
        uint32_t code = decode(text + used, &length);

        if (escape) {
            used += escape;
            continue;
        }
        if (!code || code == ' ' || (before && may_break(before, code)))
            return used;
        *columns += is_wide(code) ? 2 : 1;
        used += length;
        before = code;
    }
}

/* Remembers the last SGR sequence of a segment. */
static void note_sgr(struct wrap *w, const char *text, size_t length)
{
    for (size_t at = 0; at < length; at++) {
        size_t escape = sgr_length(text + at);

        if (!escape || escape >= SGR_MAX)
            continue;
        memcpy(w->sgr, text + at, escape);
        w->sgr[escape] = '\0';
        if (!strcmp(w->sgr, PLAIN))
            w->sgr[0] = '\0';
    }
}

static void new_line(struct wrap *w)
{
    fprintf(w->out, "%s\n%s" INDENT "%s", w->sgr[0] ? PLAIN : "", w->gutter,
            w->sgr);
    w->column = (w->gutter[0] ? GUTTER_COLUMNS : 0) + strlen(INDENT);
}

void wrap_line(FILE *out, const char *line, unsigned columns)
{
    struct wrap w = {.out = out, .columns = columns, .gutter = ""};
    bool first = true;

    if (!strncmp(line, RVEMU_EXPLAIN_GUTTER, strlen(RVEMU_EXPLAIN_GUTTER))) {
        w.gutter = RVEMU_EXPLAIN_GUTTER;
        w.column = GUTTER_COLUMNS;
        line += fwrite(w.gutter, 1, strlen(w.gutter), out);
    }
    while (*line) {
        unsigned width;
        size_t length = measure(line, &width);
        size_t spaces = strspn(line, " ");

        if (length == spaces)
            break;
        if (!first && w.column + width > w.columns) {
            new_line(&w);
            line += spaces;
            length -= spaces;
            width -= (unsigned)spaces;
        }
        fwrite(line, 1, length, out);
        note_sgr(&w, line, length);
        w.column += width;
        line += length;
        first = false;
    }
}

unsigned wrap_columns(int fd)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) < 0)
        return 0;
    if (!size.ws_col)
        return COLUMNS_UNKNOWN;
    return size.ws_col < WRAP_COLUMNS_MAX ? size.ws_col : WRAP_COLUMNS_MAX;
}

bool wrap_color(int fd)
{
    return isatty(fd) && !getenv("NO_COLOR");
}
