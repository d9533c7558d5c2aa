/* An event as a line, as emu -d prints it; see event_line.h. */
#include "trace/event_line.h"

#include <string.h>

void event_line_format(char *line, const struct source *s)
{
    rvemu_event_text(line, EVENT_LINE_MAX, &s->event, rvemu_emt_symbol,
                     s->trace);
}

void event_line_put(FILE *out, const struct source *s)
{
    char line[EVENT_LINE_MAX + 1];
    size_t length = rvemu_event_text(line, EVENT_LINE_MAX, &s->event,
                                     rvemu_emt_symbol, s->trace);

    line[length++] = '\n';
    fwrite(line, 1, length, out);
}
