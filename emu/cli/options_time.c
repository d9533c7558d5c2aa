/*
 * The options about time: -rtc, what the clock shows at reset, and -icount, how
 * long a step is.
 *
 * A run takes no time from its host unless it is told to: then the host's time
 * is an input like any other, and who asked for it is told what it was.
 */
#define _GNU_SOURCE /* timegm, tm_gmtoff */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/options_priv.h"

#define YEAR_MIN 1971
#define YEAR_MAX 2200 /* the RTC counts ns in 64 bits */

/* YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS. False: it is neither, or no date. */
static bool read_date(const char *text, uint64_t *seconds)
{
    struct tm tm = {0}, given;
    int day = 0, all = 0;
    time_t t;

    if (sscanf(text, "%4d-%2d-%2d%nT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon,
               &tm.tm_mday, &day, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
               &all) < 3 ||
        (text[day] && !(all && !text[all])) || tm.tm_year < YEAR_MIN ||
        tm.tm_year > YEAR_MAX)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    given = tm;
    t = timegm(&tm);
    *seconds = (uint64_t)t;
    return tm.tm_mon == given.tm_mon && tm.tm_mday == given.tm_mday &&
           tm.tm_hour == given.tm_hour && tm.tm_min == given.tm_min &&
           tm.tm_sec == given.tm_sec;
}

static bool read_base(struct options *o, const struct rvemu_list_item *item)
{
    time_t now = time(NULL);
    struct tm local;
    char text[32];

    o->host_clock = true;
    o->machine.epoch = (uint64_t)now;
    if (rvemu_list_has(item, "utc"))
        return true;
    if (rvemu_list_has(item, "localtime")) {
        localtime_r(&now, &local);
        o->machine.epoch += (uint64_t)local.tm_gmtoff;
        return true;
    }
    o->host_clock = false;
    return options_read_text(item, text, sizeof(text)) &&
           read_date(text, &o->machine.epoch);
}

/* "[base=utc|localtime|DATE][,clock=vm][,driftfix=none]". */
int options_set_rtc(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    const char *rest = value;
    struct rvemu_list_item item;

    while (rvemu_list_next(&rest, &item)) {
        if (rvemu_list_is(&item, "base")) {
            if (!read_base(o, &item))
                return options_refuse(error, "-rtc", value,
                                      "base is utc, localtime or a date from "
                                      "1971 on, as 2026-11-29T15:20:00");
        } else if (!(rvemu_list_is(&item, "clock") &&
                     rvemu_list_has(&item, "vm")) &&
                   !(rvemu_list_is(&item, "driftfix") &&
                     rvemu_list_has(&item, "none"))) {
            return options_refuse(error, "-rtc", value,
                                  "the clock goes by machine time: say "
                                  "base=utc|localtime|DATE and no more");
        }
    }
    return 0;
}

/* "[shift=]N[,align=off][,sleep=on|off]". */
int options_set_icount(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    const char *rest = value;
    struct rvemu_list_item item;
    uint64_t shift;
    char text[16];
    bool is_on;

    for (bool first = true; rvemu_list_next(&rest, &item); first = false) {
        bool plain = first && !item.value && item.length < sizeof(text);

        if (plain)
            snprintf(text, sizeof(text), "%.*s", (int)item.length, item.name);
        if (plain || (rvemu_list_is(&item, "shift") &&
                      options_read_text(&item, text, sizeof(text)))) {
            if (!strcmp(text, "auto"))
                return options_refuse(error, "-icount", value,
                                      "time never follows the host's: say "
                                      "shift=0 to shift=10");
            if (!options_read_number(text, &shift) ||
                shift > RVEMU_STEP_SHIFT_MAX)
                return options_refuse(error, "-icount", value,
                                      "say shift=0 to shift=10");
            o->machine.step_shift = (unsigned)shift;
        } else if (!(rvemu_list_is(&item, "sleep") ||
                     rvemu_list_is(&item, "align")) ||
                   !options_read_switch(&item, &is_on) ||
                   (is_on && rvemu_list_is(&item, "align"))) {
            return options_refuse(
                error, "-icount", value,
                "say shift=0 to shift=10, align=off, sleep=on "
                "or off, and no more");
        }
    }
    return 0;
}
