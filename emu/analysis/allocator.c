/* The calls of a kernel's allocator; see allocator.h. */
#include "analysis/allocator.h"

#include <string.h>

#define FRAMES_MOST (1u << 18) /* of one call: a gigabyte */
#define PA_END (1ull << 56)

static const struct rvemu_frames_function *
find_function(const struct rvemu_frames *config, u64 va)
{
    for (unsigned i = 0; i < config->count; i++)
        if (config->function[i].va == va)
            return &config->function[i];
    return NULL;
}

/* How many frames the call is about. */
static u64 count_of(const struct rvemu_frames *config,
                    const struct rvemu_frames_function *function,
                    const struct rvemu_ev_probe *probe)
{
    const u64 argument[] = {probe->a0, probe->a1, probe->a2, probe->a3};
    u64 order = function->order < 4 ? argument[function->order] : 0;
    u64 count = config->size >> 12;

    return order < 19 && count << order <= FRAMES_MOST ? count << order : 0;
}

/* The frame that a pointer means; 0: none. */
static u64 frame_of(const struct rvemu_frames *config, unsigned hart,
                    u64 pointer)
{
    u64 pa = pointer;

    if (!pointer ||
        (config->locate && !config->locate(config->arg, hart, pointer, &pa)))
        return 0;
    return pa < PA_END ? pa >> 12 : 0;
}

/* A hash of what frames hold; 0 where they cannot be read. */
static u64 digest_of(const struct rvemu_frames *config, u64 ppn, u64 count)
{
    u64 word[512], digest = 0xcbf29ce484222325;

    for (; count--; ppn++) {
        if (!config->read ||
            !config->read(config->arg, ppn << 12, word, sizeof(word)))
            return 0;
        for (unsigned i = 0; i < 512; i++)
            digest = (digest ^ word[i]) * 0x100000001b3;
    }
    return digest;
}

static struct frames_call take(struct allocator *a, unsigned at)
{
    struct frames_call call = a->call[at];

    a->calls--;
    memmove(&a->call[at], &a->call[at + 1],
            (a->calls - at) * sizeof(a->call[0]));
    return call;
}

/* Whose the call is. */
static u64 maker_of(const struct allocator *a, const struct rvemu_event *event)
{
    u64 by = event->probe.ra, highest = 0;

    for (unsigned i = 0; i < a->calls; i++) {
        const struct frames_call *outer = &a->call[i];

        if (outer->function->does != RVEMU_FRAMES_VIA ||
            outer->hart != event->hart || outer->sp < event->probe.sp ||
            outer->sp - event->probe.sp >= ALLOCATOR_STACK ||
            outer->sp < highest)
            continue;
        highest = outer->sp;
        by = outer->by;
    }
    return by;
}

static void open_call(struct allocator *a, const struct frames_call *call)
{
    for (unsigned i = a->calls; i-- > 0;)
        if (a->call[i].function == call->function &&
            a->call[i].ra == call->ra && a->call[i].sp == call->sp)
            take(a, i);
    if (a->calls == ALLOCATOR_CALLS)
        take(a, 0);
    a->call[a->calls++] = *call;
}

static void enter(struct allocator *a, const struct rvemu_event *event,
                  const struct rvemu_frames_function *function)
{
    const struct rvemu_frames *config = a->lifetimes->config;
    struct frames_call call = {.function = function,
                               .ra = event->probe.ra,
                               .sp = event->probe.sp,
                               .by = maker_of(a, event),
                               .time = event->time,
                               .hart = event->hart};

    if (function->does != RVEMU_FRAMES_VIA)
        call.count = count_of(config, function, &event->probe);
    if (function->does == RVEMU_FRAMES_FREE ||
        function->does == RVEMU_FRAMES_DROP) {
        call.ppn = frame_of(config, event->hart, event->probe.a0);
        if (!call.ppn)
            return;
    }
    if (function->does == RVEMU_FRAMES_FREE ||
        (call.ppn && lifetimes_is_free(a->lifetimes, call.ppn))) {
        lifetimes_take_back(a->lifetimes, call.ppn, call.count, call.by,
                            call.time);
        return;
    }
    if (function->does == RVEMU_FRAMES_DROP)
        call.digest = digest_of(config, call.ppn, call.count);
    open_call(a, &call);
}

/* The call has returned. What it gave back may be another's by now. */
static void leave(struct allocator *a, const struct rvemu_event *event,
                  const struct frames_call *call)
{
    const struct rvemu_frames *config = a->lifetimes->config;
    const struct lifetime *life;
    u64 ppn;

    switch (call->function->does) {
    case RVEMU_FRAMES_ALLOC:
        ppn = frame_of(config, event->hart, event->probe.a0);
        if (ppn)
            lifetimes_give(a->lifetimes, ppn, call->count, call->by,
                           event->time);
        break;
    case RVEMU_FRAMES_DROP:
        life = lifetimes_find(a->lifetimes, call->ppn);
        if (digest_of(config, call->ppn, call->count) == call->digest ||
            (life && life->time >= call->time))
            break;
        lifetimes_take_back(a->lifetimes, call->ppn, call->count, call->by,
                            event->time);
        break;
    default: break;
    }
}

void allocator_probe(struct allocator *a, const struct rvemu_event *event)
{
    const struct rvemu_frames_function *function;

    if (!a->lifetimes->config || a->lifetimes->failed)
        return;
    function = find_function(a->lifetimes->config, event->probe.function);
    if (!function)
        return;
    if (!event->probe.returned) {
        enter(a, event, function);
        return;
    }
    for (unsigned i = a->calls; i-- > 0;) {
        if (a->call[i].function != function || a->call[i].ra != event->pc ||
            a->call[i].sp != event->probe.sp)
            continue;
        struct frames_call call = take(a, i);

        leave(a, event, &call);
        return;
    }
}
