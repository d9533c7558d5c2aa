/*
 * An input log in bytes; see log_bytes.h.
 *
 *   entries                                    number
 *   of each: steps, looks and time             numbers, less those before it
 *            kind, input, hart, in_idle        a byte each
 *            number, value, bytes              numbers
 *            the bytes
 *
 * Of a mark: steps, looks, time, parts as numbers, and 8 bytes for each part.
 */
#include "machine/log_bytes.h"

#include "base/digest.h"
#include "machine/answers.h"
#include "machine/parts.h"

void log_put(struct bytes *bytes, const struct input_log *log)
{
    struct log_entry before = {.time = 0};

    bytes_put_number(bytes, log->count);
    for (size_t i = 0; i < log->count; i++) {
        const struct log_entry *e = &log->entry[i];

        bytes_put_number(bytes, e->at.steps - before.at.steps);
        bytes_put_number(bytes, e->at.looks - before.at.looks);
        bytes_put_number(bytes, e->time - before.time);
        bytes_put_le(bytes, e->kind, 1);
        bytes_put_le(bytes, e->input, 1);
        bytes_put_le(bytes, e->hart, 1);
        bytes_put_le(bytes, e->in_idle, 1);
        bytes_put_number(bytes, e->number);
        bytes_put_number(bytes, e->value);
        bytes_put_number(bytes, e->count);
        bytes_put(bytes, e->bytes, e->count);
        before = *e;
    }
}

static bool get_entry(struct log_entry *e, struct cursor *cursor)
{
    const struct log_entry before = *e;

    e->at.steps += cursor_number(cursor);
    e->at.looks += cursor_number(cursor);
    e->time += cursor_number(cursor);
    e->kind = (u8)cursor_le(cursor, 1);
    e->input = (u8)cursor_le(cursor, 1);
    e->hart = (u8)cursor_le(cursor, 1);
    e->in_idle = cursor_le(cursor, 1) != 0;
    e->number = (u32)cursor_number(cursor);
    e->value = cursor_number(cursor);
    e->count = cursor_number(cursor);
    e->bytes = cursor_take(cursor, e->count);
    return !cursor->failed && !moment_is_before(e->at, before.at);
}

static bool can_be(const struct log_entry *e, unsigned harts)
{
    if (e->kind >= LOG_KINDS || e->input > RVEMU_INPUT_UNTIL ||
        e->hart >= harts)
        return false;
    return e->number < (e->kind == LOG_CSR ? 0x1000u : 32u);
}

bool log_get(struct input_log *log, struct cursor *cursor, unsigned harts)
{
    struct log_entry entry = {.time = 0};
    u64 count = cursor_number(cursor);

    for (u64 i = 0; i < count; i++)
        if (!get_entry(&entry, cursor) || !can_be(&entry, harts) ||
            !input_log_append(log, &entry))
            return false;
    return !cursor->failed;
}

/* Where a run was left, and why, is nothing to a machine that goes on. */
static u64 sum_of(const struct rvemu *m, const struct part *part)
{
    struct machine_state s = m->s;

    if (part->bytes != &m->s || s.stopped)
        return digest_of(part->bytes, part->size);
    memset(&s.stop, 0, sizeof(s.stop));
    return digest_of(&s, sizeof(s));
}

struct putting {
    const struct rvemu *machine;
    struct bytes *bytes;
};

static void put_sum(void *arg, const struct part *part)
{
    const struct putting *putting = arg;

    bytes_put_le(putting->bytes, sum_of(putting->machine, part), 8);
}

static void count_part(void *arg, const struct part *part)
{
    ++*(u64 *)arg;
}

void mark_put(struct bytes *bytes, struct rvemu *m)
{
    struct putting putting = {m, bytes};
    u64 count = 0;

    parts_each(m, count_part, &count);
    bytes_put_number(bytes, m->s.steps);
    bytes_put_number(bytes, m->s.looks);
    bytes_put_number(bytes, clock_now(&m->clock));
    bytes_put_number(bytes, count);
    parts_each(m, put_sum, &putting);
}

bool mark_get(struct mark *mark, struct cursor *cursor)
{
    if (cursor->at == cursor->end)
        return false;
    mark->at.steps = cursor_number(cursor);
    mark->at.looks = cursor_number(cursor);
    mark->time = cursor_number(cursor);
    mark->count = cursor_number(cursor);
    mark->sums =
        mark->count < 4096 ? cursor_take(cursor, 8 * mark->count) : NULL;
    return !cursor->failed && mark->sums;
}

struct comparison {
    const struct rvemu *machine;
    const struct mark *mark;
    u64 next;
    const char *name;
    unsigned index;
};

static void compare(void *arg, const struct part *part)
{
    struct comparison *c = arg;
    u64 at = c->next++;

    if (c->name)
        return;
    if (at < c->mark->count &&
        load_le64(c->mark->sums + 8 * at) == sum_of(c->machine, part))
        return;
    c->name = part->name;
    c->index = part->index;
}

const char *mark_differs(const struct mark *mark, struct rvemu *m,
                         unsigned *index)
{
    struct comparison c = {.machine = m, .mark = mark};

    *index = 0;
    if (m->s.steps != mark->at.steps)
        return "step";
    parts_each(m, compare, &c);
    *index = c.index;
    return c.name;
}
