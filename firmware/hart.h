/* The harts: what each is doing and what has been asked of it. */
#ifndef HART_H
#define HART_H

#include "base/types.h"
#include "csr.h"
#include "layout.h"

/* States of the HSM extension, by its numbers. */
enum hart_state {
    HART_STARTED = 0,
    HART_STOPPED = 1,
    HART_START_PENDING = 2,
    HART_STOP_PENDING = 3,
    HART_SUSPENDED = 4,
};

struct hart {
    u32 state;
    u32 pending;  /* IPI_* that others have asked of this hart */
    u64 start_pc; /* valid once IPI_START is pending */
    u64 start_opaque;
    u32 locked_features; /* bits by enum feature */
    bool has_stimecmp;
    bool has_features;  /* what follows is known */
    bool has_ad_choice; /* hardware updates of A and D can be switched */
};

/* Indexed by hart id. */
extern struct hart harts[HARTS_MAX];

static inline u64 hart_id(void)
{
    return csr_read(mhartid);
}

static inline struct hart *hart_self(void)
{
    return &harts[hart_id()];
}

/* Until an interrupt is pending that mie enables. */
static inline void hart_sleep(void)
{
    __asm__ volatile("wfi" ::: "memory");
}

bool hart_exists(u64 id);

static inline enum hart_state hart_state(const struct hart *hart)
{
    return (enum hart_state)__atomic_load_n(&hart->state, __ATOMIC_SEQ_CST);
}

static inline void hart_set_state(struct hart *hart, enum hart_state state)
{
    __atomic_store_n(&hart->state, (u32)state, __ATOMIC_SEQ_CST);
}

/* Whether the hart runs a supervisor, be it asleep. */
bool hart_is_running(u64 id);

#endif
