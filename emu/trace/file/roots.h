/*
 * Which spaces events belong to: those that a field of them names, and the one
 * that is in force on their hart, as far as events have told.
 *
 * A chunk carries the set of roots that it has anything of, as bits at places
 * drawn from the root's frame number: a root whose bits are not all there is
 * not in it.
 */
#ifndef TRACE_FILE_ROOTS_H
#define TRACE_FILE_ROOTS_H

#include "trace/file/chunk.h"

#define ROOTS_HARTS 256

struct roots {
    u64 in_force[ROOTS_HARTS]; /* frame of the root; 0: none, or not known */
    u64 added[ROOTS_HARTS];    /* what the set had last from a hart */
    struct {
        signed char root; /* number of the field, or -1 */
        signed char satp;
        signed char old_satp; /* of a write of satp */
        bool is_any;          /* there is one of them */
    } field[RVEMU_EVENT_KINDS_MAX];
};

void roots_init(struct roots *roots);

/* Learns from an event, and adds what it belongs to to a chunk's set: nothing
 * new, as a rule. */
void roots_add_new(struct roots *roots, const struct rvemu_event *event,
                   u64 set[CHUNK_ROOTS]);

static inline void roots_add(struct roots *roots,
                             const struct rvemu_event *event,
                             u64 set[CHUNK_ROOTS])
{
    if (roots->field[event->kind].is_any ||
        roots->in_force[event->hart] != roots->added[event->hart])
        roots_add_new(roots, event, set);
}

/* A machine begins: nothing is in force. */
void roots_boot(struct roots *roots);

/* The set is empty again, but for what is in force. */
void roots_begin(struct roots *roots, u64 set[CHUNK_ROOTS]);

/* Learns from an event. Returns the root that it is about: the one that a field
 * of it names (then names is true), or the one in force on its hart; 0: none.
 */
u64 roots_learn(struct roots *roots, const struct rvemu_event *event,
                bool *names);

/* Whether the event that was learnt from last belongs to the root. */
bool roots_match(const struct roots *roots, const struct rvemu_event *event,
                 u64 root);

/* Whether the set may have the root. */
bool roots_may_have(const u64 set[CHUNK_ROOTS], u64 root);

/* What is in force, as a chunk of events begins with it: so that one can read
 * it alone. */
void roots_put(const struct roots *roots, struct bytes *to);
bool roots_take(struct roots *roots, struct cursor *from);

#endif
