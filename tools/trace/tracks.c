/* What Perfetto reads; see tracks.h. */
#include "trace/tracks.h"

#include <inttypes.h>

#include "trace/json.h"

static void begin_event(struct tracks *t, char phase, unsigned process,
                        unsigned thread)
{
    fprintf(t->out, "%s{\"ph\":\"%c\",\"pid\":%u,\"tid\":%u",
            t->has_any ? ",\n" : "", phase, process, thread);
    t->has_any = true;
}

static void put_us(struct tracks *t, const char *key, uint64_t ns)
{
    fprintf(t->out, ",\"%s\":%" PRIu64 ".%03u", key, ns / 1000,
            (unsigned)(ns % 1000));
}

static void put_place(struct tracks *t, char phase, struct tracks_place place,
                      const char *name)
{
    begin_event(t, phase, place.process, place.thread);
    put_us(t, "ts", t->base + place.time);
    json_member(t->out, "name", name);
}

void tracks_begin(struct tracks *t, FILE *out, const char *title)
{
    *t = (struct tracks){.out = out};
    fputs("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"title\":", out);
    json_text(out, title);
    fputs("},\"traceEvents\":[\n", out);
}

void tracks_end(struct tracks *t)
{
    fputs("\n]}\n", t->out);
    dict_free(&t->named);
}

/* Whether it has no name yet; it has one then. */
static bool is_new(struct tracks *t, unsigned process, unsigned thread)
{
    uint64_t key = (uint64_t)process << 32 | thread;

    return !dict_get(&t->named, key) && dict_put(&t->named, key, t);
}

static void put_name(struct tracks *t, unsigned process, unsigned thread,
                     const char *what, const char *name)
{
    begin_event(t, 'M', process, thread);
    fprintf(t->out, ",\"name\":\"%s\",\"args\":{\"name\":", what);
    json_text(t->out, name);
    fputs("}}", t->out);
}

static void put_order(struct tracks *t, unsigned process, unsigned thread,
                      const char *what, unsigned order)
{
    begin_event(t, 'M', process, thread);
    fprintf(t->out, ",\"name\":\"%s\",\"args\":{\"sort_index\":%u}}", what,
            order);
}

void tracks_name_process(struct tracks *t, unsigned process, const char *name)
{
    if (!is_new(t, process, 0))
        return;
    put_name(t, process, 0, "process_name", name);
    put_order(t, process, 0, "process_sort_index", process);
}

void tracks_name_thread(struct tracks *t, unsigned process, unsigned thread,
                        const char *name)
{
    if (!is_new(t, process, thread))
        return;
    put_name(t, process, thread, "thread_name", name);
    put_order(t, process, thread, "thread_sort_index", thread);
}

void tracks_slice(struct tracks *t, struct tracks_place place, uint64_t end,
                  const char *name)
{
    put_place(t, 'X', place, name);
    put_us(t, "dur", end - place.time);
    fputs(",\"args\":{\"ends_ns\":", t->out);
    fprintf(t->out, "%" PRIu64, end);
}

void tracks_instant(struct tracks *t, struct tracks_place place,
                    const char *name)
{
    put_place(t, 'i', place, name);
    fprintf(t->out, ",\"s\":\"t\",\"args\":{\"time_ns\":%" PRIu64, place.time);
}

void tracks_counter(struct tracks *t, uint64_t time, const char *name,
                    uint64_t value)
{
    const struct tracks_place place = {TRACKS_MACHINE, 0, time};

    put_place(t, 'C', place, name);
    fprintf(t->out, ",\"args\":{\"value\":%" PRIu64, value);
    tracks_end_event(t);
}

void tracks_flow(struct tracks *t, struct tracks_place place, char phase,
                 uint64_t number)
{
    put_place(t, phase, place, "copy-on-write");
    fprintf(t->out, ",\"cat\":\"cow\",\"id\":%" PRIu64 "%s}", number,
            phase == 'f' ? ",\"bp\":\"e\"" : "");
}

void tracks_end_event(struct tracks *t)
{
    fputs("}}", t->out);
}
