/* Instruction fetch; see fetch.h. */
#include "hart/mmu/fetch.h"

#include "base/bits.h"
#include "hart/code/probes.h"
#include "hart/mmu/arrays.h"
#include "hart/mmu/fetched.h"
#include "hart/mmu/mmu.h"

unsigned fetch_code_key(const struct hart *h)
{
    unsigned key = h->s.priv;

    if (!(h->s.csr.mstatus & MSTATUS_FS))
        key |= CODE_FS_OFF;
    if (trace_wants(h->w.trace, RVEMU_EVENT_mark))
        key |= CODE_MARKS;
    if ((trace_wants(h->w.trace, RVEMU_EVENT_probe) && h->s.priv != PRIV_U &&
         h->w.siblings->probes->functions) ||
        h->w.siblings->probes->breakpoints)
        key |= CODE_PROBES;
    return key;
}

/* Translates and asks PMP for two bytes. */
static bool reach(struct hart *h, u64 va, struct translation *at)
{
    if (!mmu_translate(h, va, RVEMU_ACCESS_FETCH, h->s.priv, at))
        return false;
    return pmp_allows(&h->pmp, at->pa, 2, PMP_X, h->s.priv) ||
           mmu_access_fault(h, va, RVEMU_ACCESS_FETCH);
}

static bool is_fetch_page(void *arg, const struct code_page *page)
{
    const struct siblings *all = arg;

    for (unsigned i = 0; i < all->count; i++)
        if (all->hart[i]->c.code == page)
            return true;
    return false;
}

static bool is_retired(u64 value)
{
    return ((const struct code_page *)(uintptr_t)value)->retired;
}

/* Makes room in the cache of decoded code. */
static void retire_pages(struct hart *h)
{
    const struct siblings *all = h->w.siblings;

    blocks_retire(h->w.blocks, is_fetch_page, (void *)all);
    for (unsigned i = 0; i < all->count; i++)
        contexts_drop_exec(&all->hart[i]->c.contexts, is_retired);
    blocks_release(h->w.blocks);
}

/* The page of code at pa, in RAM. */
static struct code_page *code_page(struct hart *h, u64 pa)
{
    if (blocks_pages(h->w.blocks) >= BLOCKS_PAGES_MAX)
        retire_pages(h);
    return blocks_page(h->w.blocks, align_down(pa, PAGE_SIZE),
                       fetch_code_key(h));
}

/* Whether what the fetch has found is not to be used yet. A halt ends the slice
 * and says nothing of that. */
static bool is_to_look_again(const struct hart *h)
{
    return h->c.attention &&
           (h->s.slice.ends != SLICE_HALTED || h->c.doubts_fetch);
}

/* Makes what a fetch has found, in the page of va, the fetch page. */
static void set_page(struct hart *h, u64 va, const struct translation *at)
{
    struct code_page *page;

    hart_set_fetch(h, blocks_no_page(h->w.blocks));
    if (!ram_has(&h->w.bus->ram, at->pa, 2) ||
        !pmp_page_is_uniform(&h->pmp, at->pa))
        return;
    page = code_page(h, at->pa);
    if (!page)
        return;
    hart_set_fetch(h, page);
    if (h->w.siblings->changes->on)
        fetched_note(h, at->pa);
    if (arrays_take(h, at->entry))
        contexts_fill(&h->c.contexts, h->c.fetch, 1u << ARRAY_EXEC, va,
                      (u64)(uintptr_t)page, arrays_owner(h, at->entry));
}

bool fetch_page(struct hart *h, u64 va)
{
    struct translation at;

    h->s.page_va = align_down(va, PAGE_SIZE);
    hart_drop_fetch(h);
    if (!reach(h, va, &at) || is_to_look_again(h))
        return false;
    set_page(h, va, &at);
    return !h->c.attention;
}

bool fetch_half(struct hart *h, u64 va, u16 *half, u64 *pa)
{
    const struct bus_range *range;
    struct translation at;

    if (!reach(h, va, &at))
        return false;
    *pa = at.pa;
    if (ram_has(&h->w.bus->ram, at.pa, 2)) {
        if (h->w.siblings->changes->on)
            fetched_note(h, at.pa);
        *half = load_le16(ram_host(&h->w.bus->ram, at.pa));
        return true;
    }
    range = bus_find(h->w.bus, at.pa);
    if (!range || !range->rom || at.pa - range->base >= range->rom_size)
        return mmu_access_fault(h, va, RVEMU_ACCESS_FETCH);
    *half = load_le16(range->rom + (at.pa - range->base));
    return true;
}

void fetch_settle(struct hart *h)
{
    const struct code_page *code = h->c.code;

    h->s.page_pa = 0;
    h->s.page_known = code ? FETCH_HALVES : FETCH_NOTHING;
    if (!code) {
        h->s.page_va = 0;
    } else if (code != blocks_no_page(h->w.blocks)) {
        h->s.page_pa = code->pa;
        h->s.page_known = FETCH_PAGE;
    }
}

void fetch_restore(struct hart *h)
{
    struct code_page *page = NULL;

    hart_drop_fetch(h);
    if (h->s.page_known == FETCH_PAGE)
        page = code_page(h, h->s.page_pa);
    if (page && h->w.siblings->changes->on)
        fetched_note(h, page->pa);
    if (h->s.page_known != FETCH_NOTHING)
        hart_set_fetch(h, page ? page : blocks_no_page(h->w.blocks));
}

void fetch_drop_code(const struct siblings *all)
{
    for (unsigned i = 0; i < all->count; i++)
        fetch_settle(all->hart[i]);
    blocks_drop_all(all->blocks);
    for (unsigned i = 0; i < all->count; i++) {
        contexts_clear(&all->hart[i]->c.contexts);
        fetch_restore(all->hart[i]);
    }
}
