/*
 * The table of commands: which one a line means, obeying it, help, and
 * completion.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/monitor_priv.h"

const struct monitor_row monitor_rows[] = {
#define SECTION(title) {.help = title},
#define COMMAND(text, function, takes, repeats, line, lines) \
    {.name = text,                                           \
     .arguments = takes,                                     \
     .help = line,                                           \
     .more = lines,                                          \
     .obey = monitor_do_##function,                          \
     .repeat = MONITOR_##repeats},
#define RUN(text, function, takes, line, lines) \
    {.name = text,                              \
     .arguments = takes,                        \
     .help = line,                              \
     .more = lines,                             \
     .obey = monitor_do_##function,             \
     .repeat = MONITOR_AGAIN,                   \
     .runs = true},
#define INFO(text, function, takes, line, lines) \
    {.is_info = true,                            \
     .name = text,                               \
     .arguments = takes,                         \
     .help = line,                               \
     .more = lines,                              \
     .obey = monitor_info_##function},
#define ALIAS(text, of) {.name = text, .means = of},
#include "cli/monitor.def"
    {.name = NULL},
};

#define ROWS (sizeof(monitor_rows) / sizeof(monitor_rows[0]) - 1)

void monitor_say(struct monitor *m, const char *format, ...)
{
    struct monitor_text *out = &m->out;
    va_list arguments, again;
    size_t length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = (size_t)vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (out->count + length + 1 > out->room) {
        size_t room = 2 * (out->count + length) + 256;
        char *grown = realloc(out->text, room);

        if (grown) {
            out->text = grown;
            out->room = room;
        }
    }
    if (out->count + length + 1 <= out->room)
        out->count += (size_t)vsnprintf(out->text + out->count,
                                        out->room - out->count, format, again);
    va_end(again);
}

size_t monitor_word(const char **text, const char **word)
{
    size_t length = strcspn(*text, " \t");

    *word = *text;
    *text += length;
    *text += strspn(*text, " \t");
    return length;
}

bool monitor_is(const char *word, size_t length, const char *wanted)
{
    return strlen(wanted) == length && !memcmp(word, wanted, length);
}

int monitor_nothing(const char *text, struct rvemu_error *error)
{
    if (!*text)
        return 0;
    return rvemu_error_set(error, "nothing may follow here: %.60s", text);
}

/* The row whose name is whole; of an alias, whose place among rows tells what
 * it is behind, what it means. */
static const struct monitor_row *find_whole(bool is_info, const char *word,
                                            size_t length)
{
    bool in_info = false;

    for (unsigned i = 0; i < ROWS; i++) {
        const struct monitor_row *row = &monitor_rows[i];

        if (!row->name)
            continue;
        if (!row->means)
            in_info = row->is_info;
        if (in_info != is_info || !monitor_is(word, length, row->name))
            continue;
        return row->means ? find_whole(is_info, row->means, strlen(row->means))
                          : row;
    }
    return NULL;
}

static bool begins(const struct monitor_row *row, bool is_info,
                   const char *word, size_t length)
{
    return row->name && !row->means && row->is_info == is_info &&
           !strncmp(row->name, word, length);
}

const struct monitor_row *monitor_find(bool is_info, const char *word,
                                       size_t length, struct rvemu_error *error)
{
    const struct monitor_row *found = find_whole(is_info, word, length);
    char names[256] = "";
    unsigned count = 0;

    if (found)
        return found;
    for (unsigned i = 0; i < ROWS; i++)
        if (begins(&monitor_rows[i], is_info, word, length)) {
            size_t used = strlen(names);

            found = &monitor_rows[i];
            snprintf(names + used, sizeof(names) - used, "%s%s",
                     count++ ? ", " : "", found->name);
        }
    if (count == 1)
        return found;
    if (count)
        rvemu_error_set(error, "%s%.*s may be %.150s", is_info ? "info " : "",
                        (int)length, word, names);
    else
        rvemu_error_set(error, "unknown command: '%s%.*s'; help lists all",
                        is_info ? "info " : "",
                        (int)(length < 60 ? length : 60), word);
    return NULL;
}

/* The name at the line's beginning: letters and dashes, so that x/4x is x. */
static size_t command_length(const char *line)
{
    size_t length = 0;

    while (isalpha((unsigned char)line[length]) || line[length] == '-' ||
           line[length] == '?')
        length++;
    return length ? length : strcspn(line, " \t");
}

int monitor_obey_line(struct monitor *m, const char *line,
                      const struct monitor_row **found,
                      struct rvemu_error *error)
{
    const struct monitor_row *row;
    size_t length;

    *found = NULL;
    line += strspn(line, " \t");
    if (!*line || *line == '#')
        return 0;
    length = command_length(line);
    row = *found = monitor_find(false, line, length, error);
    if (!row)
        return -1;
    if (row->runs && m->is_guest)
        return rvemu_error_set(error, "%s: the debugger has the machine",
                               row->name);
    if (row->runs && m->has_end && row->obey == monitor_do_cont)
        return rvemu_error_set(error, "the guest has ended");
    line += length;
    return row->obey(m, line + strspn(line, " \t"), error);
}

int monitor_do_info(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    const struct monitor_row *row;
    const char *word;
    size_t length;

    if (!*text)
        return rvemu_error_set(error, "info what? help info lists all");
    length = monitor_word(&text, &word);
    row = monitor_find(true, word, length, error);
    return row ? row->obey(m, text, error) : -1;
}

/* ---- help ---- */

static void say_row(struct monitor *m, const struct monitor_row *row)
{
    char left[80];

    snprintf(left, sizeof(left), "%s%s%s%s", row->is_info ? "info " : "",
             row->name,
             *row->arguments && strncmp(row->arguments, "[/", 2) ? " " : "",
             row->arguments);
    if (strlen(left) > 23)
        monitor_say(m, "  %s\n%25s %s\n", left, "", row->help);
    else
        monitor_say(m, "  %-23s %s\n", left, row->help);
}

static void say_all(struct monitor *m, bool is_info)
{
    for (unsigned i = 0; i < ROWS; i++) {
        const struct monitor_row *row = &monitor_rows[i];
        const struct monitor_row *next = &monitor_rows[i + 1];

        if (!row->name && i + 1 < ROWS && (!is_info || next->is_info))
            monitor_say(m, "%s:\n", row->help);
        else if (row->name && !row->means && (!is_info || row->is_info))
            say_row(m, row);
    }
    monitor_say(m, "A command may be shortened as long as it is clear; help "
                   "COMMAND says more.\n");
}

static void say_more(struct monitor *m, const struct monitor_row *row)
{
    const char *line = row->more;

    say_row(m, row);
    while (*line) {
        size_t length = strcspn(line, "\n");

        monitor_say(m, "    %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    for (unsigned i = 0; i < ROWS; i++)
        if (monitor_rows[i].means && !strcmp(monitor_rows[i].means, row->name))
            monitor_say(m, "    or shorter: %s\n", monitor_rows[i].name);
}

int monitor_do_help(struct monitor *m, const char *text,
                    struct rvemu_error *error)
{
    const struct monitor_row *row;
    const char *word;
    size_t length = monitor_word(&text, &word);
    bool is_info;

    if (!length) {
        say_all(m, false);
        return 0;
    }
    row = monitor_find(false, word, length, error);
    if (!row)
        return -1;
    is_info = row->obey == monitor_do_info;
    if (is_info && !*text) {
        say_all(m, true);
        return 0;
    }
    if (is_info) {
        length = monitor_word(&text, &word);
        row = monitor_find(true, word, length, error);
    }
    if (!row)
        return -1;
    say_more(m, row);
    return 0;
}
