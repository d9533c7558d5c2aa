/* An event as a line, as emu -d prints it; see lines.h. */
#include "trace/lines.h"

#include <string.h>

void lines_format(char *line, const struct source *s)
{
    rvemu_event_text(line, LINES_MAX, &s->event, rvemu_emt_symbol, s->trace);
}

void lines_put(FILE *out, const struct source *s)
{
    char line[LINES_MAX + 1];
    size_t length = rvemu_event_text(line, LINES_MAX, &s->event,
                                     rvemu_emt_symbol, s->trace);

    line[length++] = '\n';
    fwrite(line, 1, length, out);
}
