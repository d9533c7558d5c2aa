/* Fetches of what has changed; see fetched.h. */
#include "hart/mmu/fetched.h"

#include "hart/mmu/arrays.h"

static u8 *flags_of(const struct siblings *all, u64 pa)
{
    return ram_frame_flags(&all->bus->ram, pa);
}

static void flag_all(const struct siblings *all, bool on)
{
    struct changed_frame *frame;
    size_t at = 0;

    while ((frame = map_next(&all->changes->frames, &at))) {
        u8 *flags = flags_of(all, frame->pa);

        if (on && frame->fetched)
            *flags |= FRAME_FETCHED;
        else
            *flags &= (u8)~FRAME_FETCHED;
    }
}

void fetched_watch(const struct siblings *all, bool on)
{
    if (on == all->changes->on)
        return;
    flag_all(all, false);
    if (on)
        changes_begin(all->changes);
    else
        changes_end(all->changes);
}

/* Blocks went by what had changed. */
static void form_anew(const struct siblings *all, u64 pa)
{
    if (*flags_of(all, pa) & FRAME_CODE)
        blocks_stored(all->blocks, pa, PAGE_SIZE);
}

/* For blocks to be formed by what is known now. */
static void form_all_anew(const struct siblings *all)
{
    struct changed_frame *frame;
    size_t at = 0;

    while ((frame = map_next(&all->changes->frames, &at)))
        if (frame->changed)
            form_anew(all, frame->pa);
}

/* The hart has the fetch page, from before. */
static void note_page(struct hart *h)
{
    if (h->c.code && h->c.code != blocks_no_page(h->w.blocks))
        fetched_note(h, h->c.code->pa);
}

void fetched_restore(const struct siblings *all,
                     const struct changes_saved *saved)
{
    if (!all->changes->on)
        return;
    flag_all(all, false);
    form_all_anew(all);
    changes_restore(all->changes, saved);
    flag_all(all, true);
    form_all_anew(all);
    for (unsigned i = 0; i < all->count; i++)
        note_page(all->hart[i]);
}

void fetched_restored(const struct siblings *all)
{
    flag_all(all, true);
}

void fetched_note(struct hart *h, u64 pa)
{
    const struct siblings *all = h->w.siblings;
    u8 *flags = flags_of(all, pa);

    if (!changes_fetched(all->changes, h->w.id, pa, clock_now(h->w.clock)) ||
        *flags & FRAME_FETCHED)
        return;
    *flags |= FRAME_FETCHED;
    arrays_protect(all, pa);
}

void fetched_stored(const struct siblings *all, struct hart *by, u64 pa,
                    const void *bytes, u64 size, unsigned origin)
{
    struct changed_frame *frame = changes_find(all->changes, pa);
    struct change change = {.time = clock_now(all->clock),
                            .hart = CHANGES_NO_HART,
                            .priv = RVEMU_NO_PRIV,
                            .origin = (u8)origin};

    if (!frame || origin == RVEMU_ORIGIN_HOST)
        return;
    if (by) {
        change.pc = by->c.in ? by->s.page_va + by->c.in->off : by->s.pc;
        change.hart = (u8)by->w.id;
        change.priv = by->s.priv;
    }
    changes_stored(all->changes, frame, pa, ram_host(&all->bus->ram, pa), bytes,
                   size, &change);
}

bool fetched_judge(struct hart *h, u64 pa, unsigned size)
{
    const struct siblings *all = h->w.siblings;
    struct changed_frame *frame = changes_find(all->changes, pa);
    struct change by;

    if (!frame || !changes_judge(frame, h->w.id, pa, size, &by))
        return false;
    hart_event(h, RVEMU_EVENT_stale_fetch)
        ->stale_fetch = (struct rvemu_ev_stale_fetch){
        pa, by.time, by.pc, by.hart, by.priv, by.origin, frame->since[h->w.id]};
    form_anew(all, frame->pa);
    return true;
}

void fetched_fenced(struct hart *h)
{
    const struct siblings *all = h->w.siblings;
    struct changed_frame *frame;
    size_t at = 0;

    while ((frame = map_next(&all->changes->frames, &at))) {
        bool changed = frame->changed != NULL;

        if (!(frame->fetched >> h->w.id & 1))
            continue;
        if (changes_fenced(all->changes, frame, h->w.id))
            *flags_of(all, frame->pa) &= (u8)~FRAME_FETCHED;
        if (changed)
            form_anew(all, frame->pa);
    }
    contexts_drop_exec(&h->c.contexts, NULL);
    note_page(h);
}
