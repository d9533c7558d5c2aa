/*
 * Page tables, rebuilt from the events that tell of them, and what contradicts
 * them. All zero is a valid start.
 *
 * A table is known from when a root, or an entry of one that is known, leads to
 * it: what it holds then comes as pte_found, and what is not told is not valid.
 * It is known no more when nothing leads to it: then what was told of it holds
 * no longer. (hart/mmu/tables.c is who tells.)
 */
#ifndef TRACE_REBUILT_H
#define TRACE_REBUILT_H

#include <rvemu/trace.h>

#include "trace/dict.h"

#define REBUILT_TEXT 256
#define REBUILT_HARTS 256

struct rebuilt {
    struct dict by_frame; /* struct table */
    /* What the last entry has linked, waiting for what is told behind it. */
    uint64_t unlinked, unlinked_by; /* a table's frame, an entry; or 0 */
    uint64_t relinked, relinked_by; /* the same, of a table that was a root
                                     * when it was linked */
    unsigned relinked_level;
    uint64_t satp[REBUILT_HARTS];
    bool has_satp[REBUILT_HARTS];
    uint64_t found, writes; /* events that were taken */
    bool failed;            /* memory is lacking */
};

/* Takes the next event. False: it contradicts those before it, and why says
 * how, in REBUILT_TEXT bytes. */
bool rebuilt_take(struct rebuilt *tables, const struct rvemu_event *event,
                  char *why);

/* How many tables are known, and how many of their entries are valid. */
void rebuilt_count(const struct rebuilt *tables, uint64_t *known,
                   uint64_t *valid);

void rebuilt_free(struct rebuilt *tables);

#endif
