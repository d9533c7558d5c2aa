/*
 * What lies in memory: as words in QEMU's columns, as text, as instructions, as
 * the source that they come from, and as frames of a stack; and the values of
 * expressions.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/monitor_priv.h"

#define COUNT_MOST 65536
#define TEXT_MOST 4096 /* bytes of an x/s */
#define LIST_LINES 10
#define DIS_COUNT 8

struct format {
    uint64_t count;
    char letter;
    unsigned size; /* bytes */
};

/* "/16xw" at *text, which moves behind it. What it does not say is as it was.
 */
static int read_format(struct monitor *m, const char **text,
                       struct format *format, struct rvemu_error *error)
{
    static const char sizes[] = "bhwg";
    const char *at = *text + (**text == '/');

    format->count = 0;
    for (; isdigit((unsigned char)*at); at++)
        if (format->count <= COUNT_MOST)
            format->count = format->count * 10 + (uint64_t)(*at - '0');
    format->letter = m->next.format;
    format->size = m->next.size;
    for (; *at && *at != ' ' && *at != '\t'; at++) {
        const char *size = strchr(sizes, *at);

        if (size)
            format->size = 1u << (size - sizes);
        else if (strchr("xduocist", *at))
            format->letter = *at;
        else
            return rvemu_error_set(error, "no format: /%.20s", *text + 1);
    }
    if (format->count > COUNT_MOST)
        return rvemu_error_set(error, "a count of %u is enough", COUNT_MOST);
    if (!format->count)
        format->count = 1;
    *text = at + strspn(at, " \t");
    return 0;
}

static int64_t extend(uint64_t value, unsigned size)
{
    unsigned unused = 64 - 8 * size;

    return (int64_t)(value << unused) >> unused;
}

static void say_binary(struct monitor *m, uint64_t value)
{
    char digits[65];
    unsigned count = 64;

    digits[64] = '\0';
    do
        digits[--count] = (char)('0' + (value & 1));
    while (value >>= 1);
    monitor_say(m, "0b%s", digits + count);
}

/* A value in QEMU's width for its size. */
static void say_value(struct monitor *m, char letter, unsigned size,
                      uint64_t value, bool padded)
{
    int bits = (int)(8 * size);
    int decimal = padded ? (bits * 10 + 32) / 33 : 0;

    switch (letter) {
    case 'd': monitor_say(m, "%*" PRId64, decimal, extend(value, size)); break;
    case 'u': monitor_say(m, "%*" PRIu64, decimal, value); break;
    case 'o':
        monitor_say(m, "%#*" PRIo64, padded ? (bits + 2) / 3 : 0, value);
        break;
    case 't': say_binary(m, value); break;
    case 'c':
        if (value >= 32 && value < 127)
            monitor_say(m, value == '\'' || value == '\\' ? "'\\%c'" : "'%c'",
                        (int)value);
        else
            monitor_say(m, "'\\x%02x'", (unsigned)value & 0xff);
        break;
    default:
        monitor_say(m, "0x%0*" PRIx64, padded ? bits / 4 : 0, value);
        break;
    }
}

static size_t read_some(const struct monitor *m, bool physical, uint64_t at,
                        uint8_t *bytes, size_t count)
{
    size_t done = 0;

    if (!physical)
        return monitor_read(m, at, bytes, count);
    while (done < count &&
           rvemu_read_ram(m->machine, at + done, bytes + done, 1) == 0)
        done++;
    return done;
}

/* Says so many values from *at on, which moves behind them. */
static void dump(struct monitor *m, const struct format *format, bool physical,
                 uint64_t *at)
{
    unsigned size = format->letter == 'c' ? 1 : format->size;
    unsigned in_line = (size == 1 ? 8 : 16) / size;

    for (uint64_t i = 0; i < format->count; i++) {
        uint8_t bytes[8] = {0};

        if (i % in_line == 0)
            monitor_say(m, "%s%016" PRIx64 ":", i ? "\n" : "", *at);
        if (read_some(m, physical, *at, bytes, size) < size) {
            monitor_say(m, " Cannot access memory");
            break;
        }
        monitor_say(m, " ");
        say_value(m, format->letter, size, scene_word(bytes), true);
        *at += size;
    }
    monitor_say(m, "\n");
}

/* Bytes up to a 0, with those that are no letters as C writes them. */
static void dump_text(struct monitor *m, bool physical, uint64_t *at)
{
    uint8_t byte;

    monitor_say(m, "%016" PRIx64 ": \"", *at);
    for (unsigned i = 0; i < TEXT_MOST; i++) {
        if (!read_some(m, physical, *at, &byte, 1)) {
            monitor_say(m, "\" Cannot access memory\n");
            return;
        }
        ++*at;
        if (!byte)
            break;
        if (byte == '\n')
            monitor_say(m, "\\n");
        else if (byte < 32 || byte >= 127)
            monitor_say(m, "\\x%02x", byte);
        else
            monitor_say(m, byte == '"' || byte == '\\' ? "\\%c" : "%c", byte);
    }
    monitor_say(m, "\"\n");
}

/* Instructions from *at on, which moves behind them; the place where it
 * changes. */
static void dump_code(struct monitor *m, uint64_t count, uint64_t *at)
{
    char before[PLACE_MAX] = "", place[PLACE_MAX];
    char insn[RVEMU_DISASM_TEXT + 16];

    while (count--) {
        unsigned length = monitor_insn(m, *at, insn);

        if (!length) {
            monitor_say(m, "0x%016" PRIx64 ":  Cannot access memory\n", *at);
            return;
        }
        monitor_place(m, *at, place);
        if (strcmp(place, before) != 0)
            monitor_say(m, "%s:\n", place);
        memcpy(before, place, sizeof(before));
        monitor_say(m, "0x%016" PRIx64 ":  %s\n", *at, insn);
        *at += length;
    }
}

static int examine(struct monitor *m, const char *text, bool physical,
                   uint64_t *at, struct rvemu_error *error)
{
    struct format format;

    if (read_format(m, &text, &format, error) < 0 ||
        (*text && monitor_value_only(m, text, at, error) < 0))
        return -1;
    m->next.format = format.letter;
    m->next.size = format.size;
    if (format.letter == 'i' && physical)
        return rvemu_error_set(error, "xp shows no instructions: x does");
    if (format.letter == 'i')
        dump_code(m, format.count, at);
    else if (format.letter == 's')
        while (format.count--)
            dump_text(m, physical, at);
    else
        dump(m, &format, physical, at);
    return 0;
}

int monitor_do_x(struct monitor *m, const char *text, struct rvemu_error *error)
{
    return examine(m, text, false, &m->next.address, error);
}

int monitor_do_xp(struct monitor *m, const char *text,
                  struct rvemu_error *error)
{
    return examine(m, text, true, &m->next.physical, error);
}

int monitor_do_dis(struct monitor *m, const char *text,
                   struct rvemu_error *error)
{
    uint64_t count = DIS_COUNT;

    if (!*text && !m->is_again)
        m->next.code = rvemu_pc(m->machine, m->hart);
    if (*text && monitor_value(m, &text, &m->next.code, error) < 0)
        return -1;
    if (*text && monitor_value_only(m, text, &count, error) < 0)
        return -1;
    dump_code(m, count > COUNT_MOST ? COUNT_MOST : count, &m->next.code);
    return 0;
}

int monitor_do_print(struct monitor *m, const char *text,
                     struct rvemu_error *error)
{
    struct format format = {.letter = 'x', .size = 8};
    char kept = m->next.format, place[PLACE_MAX] = "";
    uint64_t value;

    m->next.format = 'x';
    if (*text == '/' && read_format(m, &text, &format, error) < 0) {
        m->next.format = kept;
        return -1;
    }
    m->next.format = kept;
    if (monitor_value_only(m, text, &value, error) < 0)
        return -1;
    say_value(m, format.letter, 8, value, false);
    if (value >= PAGE)
        monitor_place(m, value, place);
    monitor_say(m, "%s%s\n", place[0] ? "  " : "", place);
    return 0;
}

/* ---- source and stack ---- */

/* Says lines of the file from this one on. */
static int say_source(struct monitor *m, const char *path, unsigned first,
                      unsigned marked, struct rvemu_error *error)
{
    FILE *in = fopen(path, "r");
    char text[512];
    unsigned line = 1, said = 0;
    bool is_begin = true;

    if (!in)
        return rvemu_error_set(error, "cannot read %.300s: %s", path,
                               strerror(errno));
    while (said < LIST_LINES && fgets(text, sizeof(text), in)) {
        size_t length = strcspn(text, "\n");
        bool is_end = text[length] == '\n';

        text[length] = '\0';
        if (line >= first && is_begin) {
            monitor_say(m, "%c%5u%s%s\n", line == marked ? '>' : ' ', line,
                        *text ? "  " : "", text);
            said++;
        }
        is_begin = is_end;
        line += is_end;
    }
    fclose(in);
    m->next.line = line;
    return said ? 0 : rvemu_error_set(error, "%.300s has no more lines", path);
}

int monitor_do_list(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    uint64_t va = rvemu_pc(m->machine, m->hart), root;
    unsigned priv = rvemu_priv(m->machine, m->hart);
    struct rvemu_place place;
    struct names *names;

    if (!*text && m->next.file)
        return say_source(m, m->next.file, m->next.line, 0, error);
    if (*text && monitor_value_only(m, text, &va, error) < 0)
        return -1;
    names = m->config.names(m->config.self);
    root = place_root(priv, monitor_satp(m));
    if (!names || !names_place(names, root, va, &place) || !place.path)
        return rvemu_error_set(error,
                               "no line of source is known for 0x%" PRIx64, va);
    m->next.file = place.path;
    return say_source(m, place.path, place.line > 5 ? place.line - 5 : 1,
                      place.line, error);
}

int monitor_do_bt(struct monitor *m, const char *text,
                  struct rvemu_error *error)
{
    static const struct recent_traps none;
    struct scene scene = monitor_scene(m);
    struct backtrace trace;
    char place[PLACE_MAX];

    if (monitor_nothing(text, error) < 0)
        return -1;
    if (!scene.names->arg)
        return rvemu_error_set(error, "no memory for names");
    backtrace_take(&trace, &scene, m->hart, &none);
    for (unsigned i = 0; i < trace.count; i++) {
        const struct backtrace_frame *frame = &trace.frame[i];

        place_text(&scene, frame->root, frame->pc, place);
        monitor_say(m, "#%-3u 0x%016" PRIx64 " in %s%s\n", i, frame->pc, place,
                    frame->is_guess ? ", perhaps" : "");
    }
    if (trace.more)
        monitor_say(m, "and %" PRIu64 " more\n", trace.more);
    if (trace.is_cut)
        monitor_say(m, "no frame pointer leads on: compile with "
                       "-fno-omit-frame-pointer\n");
    return 0;
}
