/*
 * Machines for tests of debuggers: guests of the build folder, and
 * random points that a run of theirs is known to meet,
 * with who else can say where.
 */
#ifndef DEBUG_RIG_H
#define DEBUG_RIG_H

#include <rvemu/rvemu.h>

#include "base/types.h"

#define RIG_POINTS 24
#define RIG_STEPS 60000000

struct rig_guest {
    const char *file;     /* seen from the build folder */
    const char *bootargs; /* of the kernel; NULL: it is bare */
    unsigned harts;
    const char *typed;
};

extern const struct rig_guest rig_guests[];
extern const unsigned rig_guest_count;

/* A machine with a guest loaded and its input typed; fails the test if not. */
rvemu *rig_machine(const struct rig_guest *guest);

/* A random number that is not 0. */
u64 rig_roll(u64 *dice);

/* Points of all kinds for addresses that the guest uses, drawn from a run. */
unsigned rig_points(const struct rig_guest *guest, u64 seed,
                    struct rvemu_point point[RIG_POINTS]);

/* Where a point was met. */
struct rig_hit {
    unsigned point; /* its place in the array */
    unsigned hart;
    u64 time; /* ns, behind the step; of a breakpoint before it */
    u64 pc;
    bool has_value; /* a WATCH's whole range was stored to: */
    u64 value;      /* what it has then */
};

struct rig_hits {
    struct rig_hit *hit;
    unsigned count, room;
};

void rig_hits_add(struct rig_hits *hits, const struct rig_hit *hit);
void rig_hits_free(struct rig_hits *hits);

/* Where the events of a run say that points are met: of PTE points not all,
 * since they tell of tables that are known to be live. */
void rig_foretell(const struct rig_guest *guest,
                  const struct rvemu_point *point, unsigned points,
                  struct rig_hits *hits);

#endif
