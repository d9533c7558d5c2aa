/*
 * The table of harts.
 *
 * A hart's state moves STOPPED → START_PENDING (the hart that starts it) →
 * STARTED (the hart itself, before it fences: whoever still sees it not
 * running may leave it out of a fence, because the one made in boot.c comes
 * later). Stopping is the hart's own act.
 */
#include "hart.h"

#include "platform.h"

struct hart harts[HARTS_MAX] = {
    [0 ... HARTS_MAX - 1] = {.state = HART_STOPPED},
};

bool hart_exists(u64 id)
{
    return id < HARTS_MAX && (platform.harts >> id & 1);
}

bool hart_is_running(u64 id)
{
    enum hart_state state = hart_state(&harts[id]);

    return state == HART_STARTED || state == HART_SUSPENDED;
}
