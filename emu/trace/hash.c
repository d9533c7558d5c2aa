/*
 * The hash of a run.
 *
 * An event is taken apart into 64-bit words in a fixed order: time, pc,
 * (kind, hart, priv), then as many payload words as its kind has fields.
 * Each word w turns the state s into
 *
 *     s = (s ^ w) * M,  s ^= s >> 32        M odd
 *
 * Both steps are one-to-one, so two runs that differ in a single word differ
 * in the state after it. It is no defence against someone who wants two runs
 * to collide. Only values enter, never host memory: the byte order of the
 * host and padding cannot show. Changing anything here invalidates every hash
 * that was ever written down.
 */
#include <rvemu/trace.h>

#include "base/types.h"

#define MULTIPLIER 0x9e3779b97f4a7c15ull /* 2^64 / golden ratio, odd */

static u64 mix(u64 state, u64 word)
{
    state = (state ^ word) * MULTIPLIER;
    return state ^ state >> 32;
}

void rvemu_hash_event(struct rvemu_hash *hash, const struct rvemu_event *event)
{
    const struct rvemu_event_info *info = rvemu_event_info(event->kind);
    unsigned fields = info ? info->fields : RVEMU_EVENT_WORDS;
    u64 state = hash->state;

    state = mix(state, event->time);
    state = mix(state, event->pc);
    state = mix(state, (u64)event->kind << 16 | event->hart << 8 | event->priv);
    for (unsigned i = 0; i < fields; i++)
        state = mix(state, event->word[i]);
    hash->state = state;
    hash->events++;
}

/* The count goes in last: a state that zero words left at zero then differs
 * from an empty run. */
uint64_t rvemu_hash_value(const struct rvemu_hash *hash)
{
    return mix(mix(hash->state, hash->events), MULTIPLIER);
}
