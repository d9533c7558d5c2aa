/*
 * What has happened of late; see recent.h.
 *
 * The traps of a hart are a stack: a trap from U-mode begins it, a return to
 * U-mode empties it, any other return takes one off. A kernel that leaves a
 * handler another way (it switches to another process within it) returns
 * sooner or later to U-mode, and the stack begins anew. When it is full the
 * first half stays, since that is where a story begins.
 *
 * Changes are in slots by a hash of the entry's address; a newer entry takes
 * the slot of an older one. The looks halve their number when they are full,
 * and are taken half as often from then on, so that they span all of a run.
 */
#include "cli/recent.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 4096
#define CSR_SATP 0x180
#define SATP_MODE 60
#define SATP_PPN ((UINT64_C(1) << 44) - 1)
#define LOOK_EVERY 100000 /* ns, at first */
#define PTE_AD UINT64_C(0xc0)
#define PRIV_U 0
#define PRIV_M 3
#define BOTTOM (RECENT_TRAPS / 2)

struct slot {
    uint64_t pte_pa; /* 0: none */
    uint64_t count;
    bool shared; /* another entry had the slot before */
    struct recent_change change[RECENT_CHANGES];
};

struct hart {
    uint64_t satp;
    bool has_fault;
    struct rvemu_ev_page_fault fault; /* since the last trap */
    struct recent_traps traps;
    uint64_t look[RECENT_LOOKS]; /* pc */
};

struct recent {
    rvemu *machine;
    struct hart hart[RVEMU_HARTS_MAX];
    unsigned looks;
    uint64_t look_every, next_look;
    uint64_t look_time[RECENT_LOOKS];
    unsigned roots;
    struct recent_root root[RECENT_ROOTS];
    struct slot slot[SLOTS];
};

struct recent *recent_new(void)
{
    return calloc(1, sizeof(struct recent));
}

void recent_free(struct recent *r)
{
    free(r);
}

static struct recent_root *find_root(struct recent *r, uint64_t ppn)
{
    for (unsigned i = 0; i < r->roots; i++)
        if (r->root[i].ppn == ppn)
            return &r->root[i];
    return NULL;
}

static void note_satp(struct recent *r, struct hart *hart, uint64_t satp)
{
    uint64_t ppn = satp & SATP_PPN;

    hart->satp = satp;
    if (satp >> SATP_MODE && !find_root(r, ppn) && r->roots < RECENT_ROOTS)
        r->root[r->roots++] = (struct recent_root){ppn, 0};
}

static void note_lost_root(struct recent *r, uint64_t ppn)
{
    struct recent_root *root = find_root(r, ppn);

    if (root)
        *root = r->root[--r->roots];
}

static bool is_again(const struct recent_trap *last,
                     const struct recent_trap *now)
{
    return last->pc == now->pc && last->cause == now->cause &&
           last->tval == now->tval && last->priv == now->priv;
}

static void push_trap(struct recent_traps *traps, const struct recent_trap *now)
{
    struct recent_trap *trap = traps->trap;

    if (now->priv == PRIV_U) {
        traps->count = 0;
        traps->dropped = 0;
    }
    if (traps->count && is_again(&trap[traps->count - 1], now)) {
        trap[traps->count - 1].repeats++;
        return;
    }
    if (traps->count == RECENT_TRAPS) {
        memmove(&trap[BOTTOM], &trap[BOTTOM + 1],
                (RECENT_TRAPS - BOTTOM - 1) * sizeof(*trap));
        traps->count--;
        traps->dropped++;
    }
    trap[traps->count++] = *now;
}

/* The rest of a fault and its trap are told one right after the other. */
static void note_trap(struct recent *r, struct hart *hart,
                      const struct rvemu_event *event)
{
    struct recent_trap now = {
        .time = event->time,
        .pc = event->trap.epc,
        .cause = event->trap.cause,
        .tval = event->trap.tval,
        .satp = event->priv == PRIV_M ? 0 : hart->satp,
        .priv = event->priv,
    };
    struct recent_root *root;

    if (hart->has_fault && hart->fault.va == now.tval) {
        now.has_fault = true;
        now.fault = hart->fault;
    }
    hart->has_fault = false;
    push_trap(&hart->traps, &now);
    root = now.priv == PRIV_U ? find_root(r, hart->satp & SATP_PPN) : NULL;
    if (root)
        root->user_pc = now.pc;
}

static void note_return(struct hart *hart, uint64_t to)
{
    struct recent_traps *traps = &hart->traps;

    if (to == PRIV_U)
        traps->count = 0;
    else if (traps->count)
        traps->count--;
    if (traps->count <= BOTTOM)
        traps->dropped = 0;
}

static unsigned slot_of(uint64_t pte_pa)
{
    return (unsigned)((pte_pa >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 52);
}

static void note_change(struct recent *r, const struct rvemu_event *event)
{
    const struct rvemu_ev_pte_write *write = &event->pte_write;
    struct slot *slot = &r->slot[slot_of(write->pte_pa)];

    if (write->origin == RVEMU_ORIGIN_WALKER &&
        !((write->old ^ write->new) & ~PTE_AD))
        return;
    if (slot->pte_pa != write->pte_pa) {
        slot->shared = slot->pte_pa != 0;
        slot->pte_pa = write->pte_pa;
        slot->count = 0;
    }
    slot->change[slot->count++ % RECENT_CHANGES] = (struct recent_change){
        .time = event->time,
        .pc = event->pc,
        .old = write->old,
        .new = write->new,
        .hart = event->hart,
        .priv = event->priv,
        .origin = (uint8_t)write->origin,
    };
}

static void note(void *self, const struct rvemu_event *event)
{
    struct recent *r = self;
    struct hart *hart =
        &r->hart[event->hart < RVEMU_HARTS_MAX ? event->hart : 0];

    switch (event->kind) {
    case RVEMU_EVENT_trap: note_trap(r, hart, event); break;
    case RVEMU_EVENT_xret: note_return(hart, event->xret.target); break;
    case RVEMU_EVENT_satp: note_satp(r, hart, event->satp.new); break;
    case RVEMU_EVENT_pte_write: note_change(r, event); break;
    case RVEMU_EVENT_root_lost: note_lost_root(r, event->root_lost.root); break;
    case RVEMU_EVENT_page_fault:
        hart->has_fault = true;
        hart->fault = event->page_fault;
        break;
    default: break;
    }
}

int recent_attach(struct recent *r, rvemu *machine)
{
    const rvemu_event_set kinds =
        RVEMU_EVENT_BIT(trap) | RVEMU_EVENT_BIT(xret) | RVEMU_EVENT_BIT(satp) |
        RVEMU_EVENT_BIT(page_fault) | RVEMU_EVENT_BIT(pte_write) |
        RVEMU_EVENT_BIT(root_lost);

    memset(r, 0, sizeof(*r));
    r->machine = machine;
    r->look_every = LOOK_EVERY;
    return rvemu_subscribe(machine, kinds, note, r);
}

static void halve_looks(struct recent *r)
{
    for (unsigned i = 0; i < RECENT_LOOKS / 2; i++) {
        r->look_time[i] = r->look_time[2 * i + 1];
        for (unsigned hart = 0; hart < RVEMU_HARTS_MAX; hart++)
            r->hart[hart].look[i] = r->hart[hart].look[2 * i + 1];
    }
    r->looks = RECENT_LOOKS / 2;
    r->look_every *= 2;
}

void recent_look(struct recent *r)
{
    uint64_t now = rvemu_time(r->machine);

    if (now < r->next_look)
        return;
    if (r->looks == RECENT_LOOKS)
        halve_looks(r);
    r->next_look = now + r->look_every;
    r->look_time[r->looks] = now;
    for (unsigned hart = 0; hart < rvemu_harts(r->machine); hart++)
        r->hart[hart].look[r->looks] = rvemu_pc(r->machine, hart);
    r->looks++;
}

const struct recent_traps *recent_traps(const struct recent *r, unsigned hart)
{
    return &r->hart[hart].traps;
}

unsigned recent_looks(const struct recent *r)
{
    return r->looks;
}

void recent_looked(const struct recent *r, unsigned hart, unsigned back,
                   uint64_t *time, uint64_t *pc)
{
    unsigned at = r->looks - 1 - back;

    *time = r->look_time[at];
    *pc = r->hart[hart].look[at];
}

unsigned recent_changes(const struct recent *r, uint64_t pte_pa,
                        struct recent_change out[RECENT_CHANGES], bool *whole)
{
    const struct slot *slot = &r->slot[slot_of(pte_pa)];
    unsigned count;

    *whole = !slot->pte_pa;
    if (slot->pte_pa != pte_pa)
        return 0;
    *whole = !slot->shared && slot->count <= RECENT_CHANGES;
    count =
        slot->count < RECENT_CHANGES ? (unsigned)slot->count : RECENT_CHANGES;
    for (unsigned i = 0; i < count; i++)
        out[i] = slot->change[(slot->count - 1 - i) % RECENT_CHANGES];
    return count;
}

unsigned recent_roots(const struct recent *r, const struct recent_root **roots)
{
    *roots = r->root;
    return r->roots;
}
