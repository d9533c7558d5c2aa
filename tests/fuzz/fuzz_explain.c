/*
 * Events that no machine makes: the explainer and its checks end, in memory
 * that is bounded, whatever they are told; and what they write are lines.
 *
 * An event has its kind, few different frames, addresses and spaces, so that
 * they have to do with each other, and now and then a word of any bytes.
 */
#include <string.h>

#include <rvemu/explain.h>

#include "base/types.h"
#include "input.h"

#define EVENTS_MAX 2000
#define SV39 (8ull << 60)

/* What a run may be told in; no line is longer. */
struct paper {
    u64 lines;
};

static void take_line(void *arg, const char *line)
{
    struct paper *paper = arg;

    paper->lines++;
    expect(line[0] && strlen(line) < 8192);
}

/* One of a few frames, tables mostly. */
static u64 frame(u64 byte)
{
    return 0x80000 + (byte & 7);
}

/* An entry: of any flags, that points to one of them. */
static u64 entry(struct input *in)
{
    u64 byte = take(in, 1);

    return (frame(byte) << 10) | take(in, 1) | (byte & 0x80 ? 1ull << 63 : 0);
}

static u64 root(struct input *in)
{
    u64 byte = take(in, 1);

    return SV39 | (byte >> 6) << 44 | frame(byte);
}

/* A word of an event, by what its unit says. */
static u64 word(struct input *in, unsigned unit)
{
    u64 how = take(in, 1);

    if (how == 0xff)
        return take(in, 8);
    switch (unit) {
    case RVEMU_UNIT_PTE: return entry(in);
    case RVEMU_UNIT_SATP: return root(in);
    case RVEMU_UNIT_PPN: return frame(how);
    case RVEMU_UNIT_PA: return frame(how) << 12 | (take(in, 1) & 63) << 3;
    case RVEMU_UNIT_VA: return (how & 7) << 12 | (how & 8 ? 1ull << 30 : 0);
    case RVEMU_UNIT_LEVEL: return how % 3;
    default: return how & 7;
    }
}

static void make_event(struct rvemu_event *event, struct input *in, u64 *time)
{
    const struct rvemu_event_info *info;
    unsigned head = (unsigned)take(in, 1);

    *event = (struct rvemu_event){0};
    do
        event->kind = (u16)(1 + take(in, 1) % (RVEMU_EVENT_KINDS - 1));
    while (!rvemu_event_info(event->kind) && in->at < in->end);
    info = rvemu_event_info(event->kind);
    *time += take(in, 1) * 1000 + 1;
    event->time = *time;
    event->hart = head & 0x40 ? (u8)take(in, 1) : head & 1;
    event->priv = head >> 1 & 3;
    event->pc = 0x10000 + (head & 0x30);
    for (unsigned i = 0; info && i < info->fields; i++)
        event->word[i] = word(in, info->field[i].unit);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct input in = {data, data + size};
    u64 flags = take(&in, 1), time = 0;
    struct paper paper = {0};
    const u8 level = flags & 16 ? RVEMU_CHECK_OFF : RVEMU_CHECK_POSSIBLE;
    const struct rvemu_explain_options options = {
        .line = take_line,
        .arg = &paper,
        .full = flags & 1,
        .json = flags & 2,
        .color = flags & 4,
        .only_checks = flags & 8,
        .check = {level, level, level, level, level}};
    struct rvemu_explain *explain = rvemu_explain_new(&options);
    struct rvemu_stale_totals totals = {0};
    struct rvemu_event event;

    expect(explain != NULL);
    for (unsigned n = 0; n < EVENTS_MAX && in.at < in.end; n++) {
        make_event(&event, &in, &time);
        if (rvemu_event_info(event.kind))
            rvemu_explain_feed(explain, &event);
    }
    rvemu_explain_finish(explain);
    rvemu_explain_add_stale(explain, &totals);
    expect(totals.certain + totals.may <= EVENTS_MAX);
    rvemu_explain_free(explain);
    return 0;
}
