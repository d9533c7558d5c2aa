/*
 * dump: the events, a line each, as emu -d prints them, or a JSON object each
 * with every field by its name (docs/emu-trace.md).
 */
#include "trace/commands.h"
#include "trace/json.h"
#include "trace/event_line.h"

int command_dump(const struct options *o, FILE *out, struct rvemu_error *error)
{
    struct source s;

    if (source_open(&s, o, o->file[0], out, SOURCE_WANTED, 0, false, error) < 0)
        return -1;
    while (source_next(&s)) {
        if (o->explained.json) {
            json_event(out, &s);
            fputc('\n', out);
        } else {
            event_line_put(out, &s);
        }
    }
    source_tell_losses(&s);
    source_close(&s);
    return STATUS_OK;
}
