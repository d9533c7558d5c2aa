/*
 * The variables of a file that have a fixed address, global or static, those
 * inside functions too: found by any address inside them.
 *
 * They are listed in one pass over the DWARF, when one is first asked for. A
 * file with very much DWARF, as a whole Linux kernel has, is not: its
 * variables go by the names of its symbols.
 */
#ifndef DEBUG_VARIABLES_H
#define DEBUG_VARIABLES_H

#include "debug/lines.h"

struct variable {
    u64 start;
    u64 end; /* first address behind it */
    Dwarf_Die die;
};

struct variables {
    bool listed;
    struct variable *variable; /* by start */
    size_t count;
    size_t room;
};

void variables_free(struct variables *variables);

/* The lowest address from `first` to `last` that lies in a variable; false:
 * none does. */
bool variables_meet(struct variables *variables, const struct lines *lines,
                    u64 first, u64 last, u64 *address);

/* Whether an address lies in a variable. */
bool variables_cover(struct variables *variables, const struct lines *lines,
                     u64 address);

/* Writes the name of what lies at an address, "table[3]" or "proc[2].pid", cut
 * off where it does not fit. False: it lies in no variable. */
bool variables_name(struct variables *variables, const struct lines *lines,
                    u64 address, char *out, size_t size);

#endif
