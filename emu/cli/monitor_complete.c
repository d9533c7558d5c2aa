/*
 * What may stand where somebody presses Tab: commands, what is behind info,
 * registers behind a $, kinds of events, symbols.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/monitor_priv.h"

/* What a word is, by those in front of it. */
enum place { PLACE_COMMAND, PLACE_INFO, PLACE_EVENT, PLACE_VALUE };

static enum place place_of(const char *text, unsigned start)
{
    struct rvemu_error ignored;
    const struct monitor_row *row;
    char before[128];
    const char *at = before, *word;
    size_t length;

    snprintf(before, sizeof(before), "%.*s", (int)start, text);
    at += strspn(at, " \t");
    if (!*at)
        return PLACE_COMMAND;
    length = monitor_word(&at, &word);
    row = monitor_find(false, word, length, &ignored);
    if (row && row->obey == monitor_do_help) {
        if (!*at)
            return PLACE_COMMAND;
        length = monitor_word(&at, &word);
        row = monitor_find(false, word, length, &ignored);
    }
    if (!row || row->obey != monitor_do_info)
        return row && !strcmp(row->name, "catch") ? PLACE_EVENT : PLACE_VALUE;
    if (!*at)
        return PLACE_INFO;
    length = monitor_word(&at, &word);
    row = monitor_find(true, word, length, &ignored);
    return row && row->obey == monitor_info_events ? PLACE_EVENT : PLACE_VALUE;
}

static const char *row_name(size_t at, bool is_info)
{
    const struct monitor_row *row = &monitor_rows[at];

    return row->name && !row->means && row->is_info == is_info ? row->name : "";
}

static const char *event_name(size_t at)
{
    const struct rvemu_event_info *info = rvemu_event_info((unsigned)at);

    return info ? info->name : "";
}

/* The candidate of this number, "" where there is none; NULL: no more. */
static const char *candidate(enum place place, bool is_register, size_t at)
{
    size_t rows = 0;

    if (is_register) {
        if (at < 32)
            return monitor_x_name((unsigned)at);
        if (at < 64)
            return monitor_f_name((unsigned)at - 32);
        if (at < 66)
            return at == 64 ? "pc" : "priv";
        at -= 66;
        if (at >= 0x1000)
            return NULL;
        return rvemu_csr_name((unsigned)at) ? rvemu_csr_name((unsigned)at) : "";
    }
    if (place == PLACE_EVENT)
        return at < RVEMU_EVENT_KINDS ? event_name(at) : NULL;
    while (monitor_rows[rows].name || monitor_rows[rows].help)
        rows++;
    return at < rows ? row_name(at, place == PLACE_INFO) : NULL;
}

/* The symbols of kernel and firmware, then those of the program. */
static char *symbol(struct monitor *m, const char *word, unsigned n)
{
    const struct rvemu_symbols *sets[] = {m->config.symbols(m->config.self),
                                          monitor_program(m)};
    const char *found = NULL;

    if (!n)
        m->complete_set = 0;
    while (!found && m->complete_set < 2) {
        const struct rvemu_symbols *set = sets[m->complete_set];

        found = set ? rvemu_symbols_next(set, word, &m->complete_at) : NULL;
        if (found)
            break;
        m->complete_at = 0;
        m->complete_set++;
    }
    return found ? strdup(found) : NULL;
}

char *monitor_complete(void *self, const char *text, unsigned start,
                       unsigned end, unsigned n)
{
    struct monitor *m = self;
    enum place place = place_of(text, start);
    bool is_register = text[start] == '$' && end > start;
    const char *found;
    char word[128], *result;

    if (!n)
        m->complete_at = 0;
    start += is_register;
    snprintf(word, sizeof(word), "%.*s", (int)(end - start), text + start);
    if (place == PLACE_VALUE && !is_register)
        return symbol(m, word, n);
    do
        found = candidate(place, is_register, m->complete_at++);
    while (found && (!*found || strncmp(found, word, strlen(word)) != 0));
    if (!found || !is_register)
        return found ? strdup(found) : NULL;
    result = malloc(strlen(found) + 2);
    if (result)
        sprintf(result, "$%s", found);
    return result;
}
