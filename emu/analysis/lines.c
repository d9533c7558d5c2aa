/* Lines on their way out; see lines.h. */
#include "analysis/lines.h"

#include <string.h>

/* Takes out the line at `at`. */
static void take_out(struct lines *lines, unsigned at)
{
    arena_give(lines->arena, lines->line[at].facts);
    lines->count--;
    memmove(&lines->line[at], &lines->line[at + 1],
            (lines->count - at) * sizeof(*lines->line));
}

static bool make_room(struct lines *lines)
{
    unsigned room = lines->room ? 2 * lines->room : 64;
    struct line *grown;

    if (lines->count < lines->room)
        return true;
    grown = arena_grow(lines->arena, lines->line, room * sizeof(*grown));
    if (!grown) {
        lines->failed = true;
        return false;
    }
    lines->line = grown;
    lines->room = room;
    return true;
}

/* Puts a line behind all that tell of its time or before. NULL when memory is
 * lacking. */
static struct line *insert(struct lines *lines, u64 time)
{
    unsigned at = lines->count;

    if (!make_room(lines))
        return NULL;
    while (at && lines->line[at - 1].place > time)
        at--;
    memmove(&lines->line[at + 1], &lines->line[at],
            (lines->count - at) * sizeof(*lines->line));
    lines->count++;
    lines->line[at] = (struct line){.place = time};
    return &lines->line[at];
}

/* Says, from the oldest on, what does not wait. */
static void say_ready(struct lines *lines, u64 now)
{
    unsigned done = 0;

    while (done < lines->count) {
        struct line *line = &lines->line[done];

        if (!line->facts && now - line->place < LINES_HOLD &&
            lines->count - done < LINES_MAX)
            break;
        if (line->facts)
            lines->say(lines->arg, line->time, line->sentence, line->facts);
        arena_give(lines->arena, line->facts);
        done++;
    }
    lines->count -= done;
    if (done)
        memmove(lines->line, lines->line + done,
                lines->count * sizeof(*lines->line));
}

u64 lines_hold(struct lines *lines, u64 time)
{
    struct line *line = insert(lines, time);

    if (!line)
        return 0;
    line->ticket = ++lines->tickets;
    return line->ticket;
}

u64 lines_hold_before(struct lines *lines, u64 time)
{
    return lines_hold(lines, time ? time - 1 : 0);
}

static struct line *find(struct lines *lines, u64 ticket)
{
    for (unsigned i = 0; ticket && i < lines->count; i++)
        if (lines->line[i].ticket == ticket)
            return &lines->line[i];
    return NULL;
}

void lines_put(struct lines *lines, u64 ticket, u64 time,
               enum sentence sentence, const struct facts *facts)
{
    struct line *line = find(lines, ticket);

    if (!line)
        line = insert(lines, time);
    if (!line)
        return;
    line->ticket = 0;
    line->time = time;
    line->sentence = sentence;
    line->facts = arena_take(lines->arena, sizeof(*facts));
    if (line->facts)
        *line->facts = *facts;
    else
        lines->failed = true;
}

void lines_drop(struct lines *lines, u64 ticket)
{
    struct line *line = find(lines, ticket);

    if (line)
        take_out(lines, (unsigned)(line - lines->line));
}

void lines_advance(struct lines *lines, u64 now)
{
    if (lines->count)
        say_ready(lines, now);
}

void lines_tell(struct lines *lines)
{
    for (unsigned i = 0; i < lines->count;) {
        struct line *line = &lines->line[i];

        if (!line->facts) {
            i++;
            continue;
        }
        lines->say(lines->arg, line->time, line->sentence, line->facts);
        take_out(lines, i);
    }
}

void lines_finish(struct lines *lines)
{
    say_ready(lines, UINT64_MAX);
}
