/* All that came from outside; see input_log.h. */
#include "machine/input_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

#define ROOM_LEAST 64

static void drop(struct log_entry *entry)
{
    free((void *)entry->bytes);
}

void input_log_cut(struct input_log *log, size_t first)
{
    while (log->count > first)
        drop(&log->entry[--log->count]);
    if (log->next > log->count)
        log->next = log->count;
}

void input_log_free(struct input_log *log)
{
    input_log_cut(log, 0);
    free(log->entry);
    *log = (struct input_log){0};
}

static bool make_room(struct input_log *log)
{
    size_t room = log->room ? 2 * log->room : ROOM_LEAST;
    struct log_entry *entry;

    if (log->count < log->room)
        return true;
    entry = realloc(log->entry, room * sizeof(*entry));
    if (!entry)
        return false;
    log->entry = entry;
    log->room = room;
    return true;
}

bool input_log_append(struct input_log *log, const struct log_entry *entry)
{
    u8 *bytes = NULL;

    if (!make_room(log))
        return false;
    if (entry->count) {
        bytes = malloc(entry->count);
        if (!bytes)
            return false;
        memcpy(bytes, entry->bytes, entry->count);
    }
    log->entry[log->count] = *entry;
    log->entry[log->count++].bytes = bytes;
    return true;
}

void input_log_note(struct input_log *log, const struct log_entry *entry)
{
    if (!log->keepers)
        return;
    if (input_log_append(log, entry))
        log->next = log->count;
    else
        log->lost = true;
}

const struct log_entry *input_log_next(const struct input_log *log)
{
    return log->next < log->count ? &log->entry[log->next] : NULL;
}

u64 input_log_room(const struct input_log *log, struct moment now)
{
    const struct log_entry *entry = input_log_next(log);
    u64 room = UINT64_MAX;

    if (log->end.steps > now.steps)
        room = log->end.steps - now.steps;
    if (entry && entry->at.steps > now.steps)
        room = least(room, entry->at.steps - now.steps);
    return room;
}
