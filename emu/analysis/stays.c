/* What each hart may hold; see stays.h. */
#include "analysis/stays.h"

#include "analysis/spaces.h"
#include "base/bits.h"

#define ECALL_LENGTH 4

static struct stays_hart *hart_of(struct stays *stays, unsigned number)
{
    struct stays_hart **hart = &stays->hart[number];

    if (!*hart) {
        *hart = arena_take(stays->arena, sizeof(**hart));
        stays->failed |= !*hart;
        if (*hart)
            (*hart)->by_asid.arena = (*hart)->by_root.arena = stays->arena;
        if (*hart && number >= stays->harts)
            stays->harts = number + 1;
    }
    return *hart;
}

static void drop_stays(struct stays *stays, struct stays_hart *hart)
{
    size_t at = 0;

    for (struct stay *stay; (stay = map_next(&hart->by_asid, &at));)
        for (struct stay *next; stay; stay = next) {
            next = stay->same_asid;
            arena_give(stays->arena, stay);
        }
    map_free(&hart->by_asid);
    map_free(&hart->by_root);
    hart->count = 0;
}

/* The hart's stay of this root with this ASID, or NULL. It is in two lists, of
 * which one may be long. */
static struct stay *find_stay(const struct stays_hart *hart, u64 root, u16 asid)
{
    struct stay *a = map_get(&hart->by_root, root + 1);
    struct stay *b = map_get(&hart->by_asid, asid + 1u);

    for (; a && b; a = a->same_root, b = b->same_asid) {
        if (a->asid == asid)
            return a;
        if (b->root == root)
            return b;
    }
    return NULL;
}

/* The hart's stay of this root with this ASID, made if there is none. */
static struct stay *make_stay(struct stays *stays, struct stays_hart *hart,
                              u64 root, u16 asid)
{
    struct stay *stay = find_stay(hart, root, asid);

    if (stay)
        return stay;
    if (hart->count == STAYS_MAX) {
        stays->lost += hart->count;
        drop_stays(stays, hart);
    }
    stay = arena_take(stays->arena, sizeof(*stay));
    if (!stay) {
        stays->failed = true;
        return NULL;
    }
    *stay = (struct stay){.same_asid = map_get(&hart->by_asid, asid + 1u),
                          .same_root = map_get(&hart->by_root, root + 1),
                          .root = root,
                          .asid = asid};
    if (!map_put(&hart->by_asid, asid + 1u, stay) ||
        !map_put(&hart->by_root, root + 1, stay))
        stays->failed = true;
    hart->count++;
    return stay;
}

static void enter_satp(struct stays *stays, struct stays_hart *hart, u64 satp)
{
    bool on = satp_mode(satp) != SATP_MODE_BARE;

    hart->now =
        on ? make_stay(stays, hart, satp_frame(satp), satp_asid(satp)) : NULL;
    if (hart->now) {
        hart->now->until = STAY_NOW;
        hart->translated = STAY_NOW;
    }
}

static void take_satp(struct stays *stays, struct stays_hart *hart,
                      const struct rvemu_event *event, u64 seq)
{
    u64 old = event->satp.old, new = event->satp.new;

    if (hart->now) {
        hart->now->until = seq;
        hart->translated = seq;
    }
    enter_satp(stays, hart, new);
    if (hart->now && new != old) {
        hart->now->entered = seq;
        hart->now->pc = event->pc;
    }
}

/* What is in satp stays: from now on it may be walked again. */
static void empty(struct stays *stays, struct stays_hart *hart, u64 seq)
{
    struct stay now = {.root = 0};
    bool on = hart->now != NULL;

    if (on)
        now = *hart->now;
    drop_stays(stays, hart);
    hart->now = on ? make_stay(stays, hart, now.root, now.asid) : NULL;
    if (hart->now) {
        *hart->now = (struct stay){.same_asid = NULL,
                                   .root = now.root,
                                   .until = STAY_NOW,
                                   .entered = now.entered,
                                   .pc = now.pc,
                                   .asid = now.asid};
    }
    hart->emptied = seq;
}

/* Takes a stay out of the list of its root. */
static void leave_root(struct stays *stays, struct stays_hart *hart,
                       struct stay *stay)
{
    struct stay *first = map_get(&hart->by_root, stay->root + 1);

    if (first != stay) {
        while (first->same_root != stay)
            first = first->same_root;
        first->same_root = stay->same_root;
    } else if (!stay->same_root) {
        map_remove(&hart->by_root, stay->root + 1);
    } else if (!map_put(&hart->by_root, stay->root + 1, stay->same_root)) {
        stays->failed = true;
    }
}

static void empty_asid(struct stays *stays, struct stays_hart *hart, u16 asid)
{
    struct stay *stay = map_remove(&hart->by_asid, asid + 1u);
    struct stay *kept = NULL;

    for (struct stay *next; stay; stay = next) {
        next = stay->same_asid;
        if (stay == hart->now) {
            kept = stay;
            kept->same_asid = NULL;
            kept->told = false;
            continue;
        }
        leave_root(stays, hart, stay);
        arena_give(stays->arena, stay);
        hart->count--;
    }
    if (kept && !map_put(&hart->by_asid, asid + 1u, kept))
        stays->failed = true;
}

/* It covers from now on. */
static void take_effect(struct stays *stays, struct stays_hart *hart,
                        struct fence *fence, u64 seq)
{
    fence->effect = seq;
    if (fence->by_va)
        return;
    if (fence->by_asid)
        empty_asid(stays, hart, fence->asid);
    else
        empty(stays, hart, seq);
}

static void take_fence(struct stays *stays, struct stays_hart *hart,
                       const struct rvemu_event *event, u64 seq)
{
    const struct rvemu_ev_tlb_flush *flush = &event->tlb_flush;
    struct fence *fence = &hart->fence[hart->next_fence++ % STAY_FENCES];
    u64 scope = flush->scope;

    *fence = (struct fence){
        .seq = seq,
        .cut = hart->sinval ? hart->w_inval : seq,
        .pc = event->pc,
        .va = flush->va,
        .asid = (u16)flush->asid,
        .hart = event->hart,
        .by_va = scope == RVEMU_SCOPE_VA || scope == RVEMU_SCOPE_VA_ASID,
        .by_asid = scope == RVEMU_SCOPE_ASID || scope == RVEMU_SCOPE_VA_ASID,
    };
    if (!hart->sinval) {
        hart->ended_before = seq;
        take_effect(stays, hart, fence, seq);
    }
    hart->sinval = false;
}

/* From sfence.inval.ir on, the sinval.vma before it have been done. */
static void take_svinval(struct stays *stays, struct stays_hart *hart, u64 insn,
                         u64 seq)
{
    if (insn == RVEMU_SFENCE_W_INVAL)
        hart->w_inval = seq;
    hart->sinval = insn == RVEMU_SINVAL_VMA;
    if (insn != RVEMU_SFENCE_INVAL_IR)
        return;
    for (unsigned i = 0; i < STAY_FENCES; i++) {
        struct fence *fence = &hart->fence[i];

        if (fence->seq > hart->ended && !fence->effect)
            take_effect(stays, hart, fence, seq);
    }
    hart->ended_before = hart->ended;
    hart->ended = seq;
}

const struct fence *stays_took_effect(const struct stays *stays, unsigned hart,
                                      u64 seq, unsigned *at)
{
    const struct stays_hart *h = stays->hart[hart];

    while (h && *at < STAY_FENCES) {
        const struct fence *fence =
            &h->fence[(h->next_fence - ++*at) % STAY_FENCES];

        if (fence->effect == seq)
            return fence;
        if (fence->seq <= h->ended_before)
            break;
    }
    return NULL;
}

static void take_trap(struct stays_hart *hart, const struct rvemu_event *event,
                      u64 seq)
{
    if (event->priv != 0 && hart->trap_seq)
        return;
    hart->trap_seq = event->priv == 0 ? seq : 0;
    hart->trap_pc = event->trap.epc;
    hart->wrote = false;
}

static void take_xret(struct stays_hart *hart, const struct rvemu_event *event,
                      u64 seq)
{
    u64 to = event->xret.to;

    if (event->xret.target != 0)
        return;
    if (hart->trap_seq)
        hart->past[hart->next_past++ % STAY_TRAPS] =
            (struct stay_trap){hart->trap_seq, seq};
    if (hart->trap_seq && hart->wrote &&
        (to == hart->trap_pc || to == hart->trap_pc + ECALL_LENGTH)) {
        hart->back[hart->next_back++ % STAY_TRAPS] =
            (struct stay_trap){hart->trap_seq, seq};
    }
    hart->trap_seq = 0;
}

void stays_event(struct stays *stays, const struct rvemu_event *event, u64 seq)
{
    struct stays_hart *hart;

    if (event->hart == RVEMU_NO_HART)
        return;
    hart = hart_of(stays, event->hart);
    if (!hart)
        return;
    switch (event->kind) {
    case RVEMU_EVENT_satp: take_satp(stays, hart, event, seq); break;
    case RVEMU_EVENT_tlb_flush: take_fence(stays, hart, event, seq); break;
    case RVEMU_EVENT_svinval:
        take_svinval(stays, hart, event->svinval.insn, seq);
        break;
    case RVEMU_EVENT_trap: take_trap(hart, event, seq); break;
    case RVEMU_EVENT_xret: take_xret(hart, event, seq); break;
    case RVEMU_EVENT_pte_write:
        hart->wrote |= event->pte_write.origin == RVEMU_ORIGIN_HART;
        break;
    default: break;
    }
}

struct stay *stays_with_asid(const struct stays *stays, unsigned hart, u16 asid)
{
    const struct stays_hart *h = stays->hart[hart];

    return h ? map_get(&h->by_asid, asid + 1u) : NULL;
}

struct stay *stays_of_root(const struct stays *stays, unsigned hart, u64 root)
{
    const struct stays_hart *h = stays->hart[hart];

    return h ? map_get(&h->by_root, root + 1) : NULL;
}

const struct stay *stays_now(const struct stays *stays, unsigned hart)
{
    return stays->hart[hart] ? stays->hart[hart]->now : NULL;
}

bool stays_translated(const struct stays *stays, unsigned hart, u64 seq)
{
    const struct stays_hart *h = stays->hart[hart];

    return h && h->translated > h->emptied && h->translated > seq;
}

enum fence_gap fence_gap(const struct fence *fence, const struct fenced *fenced)
{
    if (fence->hart != fenced->hart)
        return GAP_HART;
    if (fence->by_va && ((fence->va ^ fenced->va) & -level_size(fenced->level)))
        return GAP_VA;
    if (fence->by_va && fenced->below)
        return GAP_LEVEL;
    if (fence->by_asid && fenced->global)
        return GAP_GLOBAL;
    if (fence->by_asid && fence->asid != fenced->asid)
        return GAP_ASID;
    return !fence->effect || fenced->seq > fence->cut ? GAP_BRACKETS : COVERS;
}

bool stays_fenced(const struct stays *stays, const struct fenced *fenced,
                  u64 seq)
{
    const struct stays_hart *h = stays->hart[fenced->hart];

    for (unsigned i = 0; h && i < STAY_FENCES; i++)
        if (h->fence[i].effect > seq &&
            fence_gap(&h->fence[i], fenced) == COVERS)
            return true;
    return false;
}

/* That of these traps in which something was at `seq`, or NULL. */
static const struct stay_trap *find_trap(const struct stay_trap *traps, u64 seq)
{
    for (unsigned i = 0; i < STAY_TRAPS; i++)
        if (seq > traps[i].from && seq < traps[i].to)
            return &traps[i];
    return NULL;
}

bool stays_is_back(const struct stays *stays, unsigned hart, u64 seq)
{
    const struct stays_hart *h = stays->hart[hart];

    return h && find_trap(h->back, seq);
}

/* Whether a fence was in the same trap from a program as a store at `seq` of
 * its hart, as far as is known; or neither in any. */
static bool is_same_trap(const struct stays *stays, const struct fence *fence,
                         u64 seq)
{
    const struct stays_hart *h = stays->hart[fence->hart];
    const struct stay_trap *trap = find_trap(h->back, seq);

    if (!trap)
        trap = find_trap(h->past, seq);
    if (trap)
        return fence->seq > trap->from && fence->seq < trap->to;
    return h->trap_seq < seq && fence->seq > h->trap_seq &&
           (h->trap_seq || !h->next_past);
}

/* The latest fence before the store that would have covered. */
static const struct fence *find_early(const struct stays *stays,
                                      unsigned writer, struct fenced here,
                                      u64 seq)
{
    const struct stays_hart *h = stays->hart[writer];
    const struct fence *found = NULL;

    here.hart = (u8)writer;
    here.seq = 0;
    for (unsigned i = 0; i < STAY_FENCES; i++) {
        const struct fence *fence = &h->fence[i];

        if (fence->seq && fence->seq < seq &&
            (!found || fence->seq > found->seq) &&
            fence_gap(fence, &here) == COVERS &&
            is_same_trap(stays, fence, seq))
            found = fence;
    }
    return found;
}

const struct fence *stays_nearest(const struct stays *stays, unsigned writer,
                                  const struct fenced *fenced, u64 seq,
                                  enum fence_gap *gap)
{
    const struct stays_hart *h = stays->hart[writer];
    const struct fence *found = NULL;

    *gap = COVERS;
    for (unsigned i = 0; h && i < STAY_FENCES; i++) {
        const struct fence *fence = &h->fence[i];
        enum fence_gap its = fence_gap(fence, fenced);

        if (fence->seq <= seq || its == COVERS ||
            !is_same_trap(stays, fence, seq) || (found && its >= *gap))
            continue;
        found = fence;
        *gap = its;
    }
    return found || !h ? found : find_early(stays, writer, *fenced, seq);
}
