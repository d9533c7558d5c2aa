/* The cache of decoded code; see blocks.h. */
#include "hart/code/blocks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bits.h"
#include "bus/bus.h"
#include "hart/code/changes.h"

#define BUCKETS 1024
#define RETIRED_AT_ONCE 256
#define ARENA_SIZE (64u << 20)
#define INDEX_LEAST 64 /* offsets that a first index has room for */
#define PATIENCE_LEAST 64
#define PATIENCE_MOST (1u << 24)

struct blocks {
    struct ram ram;
    struct form form;
    const struct changes *changes;
    block_prepare_fn *prepare;
    struct code_page *bucket[BUCKETS];
    struct code_page *oldest, *youngest;
    unsigned pages;
    struct code_page none;

    /* The ring: live from first to next, or from first to end and from the
     * start to next. Offset 0 is never a block's: it is no reference. */
    u8 *arena;
    size_t first, next, end;
};

struct blocks *blocks_new(const struct bus *bus, const struct decoder *decoder,
                          const struct probes *probes,
                          const struct changes *changes,
                          block_prepare_fn *prepare)
{
    struct blocks *blocks = calloc(1, sizeof(*blocks));
    void *arena;

    if (!blocks)
        return NULL;
    arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (arena == MAP_FAILED) {
        free(blocks);
        return NULL;
    }
    blocks->ram = bus->ram;
    blocks->form = form_with(decoder, probes);
    blocks->changes = changes;
    blocks->prepare = prepare;
    blocks->arena = arena;
    blocks->first = blocks->next = blocks->end = BLOCK_REF_UNIT;
    return blocks;
}

void blocks_free(struct blocks *blocks)
{
    if (blocks) {
        blocks_drop_all(blocks);
        munmap(blocks->arena, ARENA_SIZE);
        free(blocks);
    }
}

const struct form *blocks_form(const struct blocks *blocks)
{
    return &blocks->form;
}

struct code_page *blocks_no_page(struct blocks *blocks)
{
    return &blocks->none;
}

const u8 *blocks_arena(const struct blocks *blocks)
{
    return blocks->arena;
}

static struct code_page **bucket_of(struct blocks *blocks, u64 pa)
{
    return &blocks->bucket[pa >> PAGE_SHIFT & (BUCKETS - 1)];
}

static void make_youngest(struct blocks *blocks, struct code_page *page)
{
    if (blocks->youngest)
        blocks->youngest->younger = page;
    else
        blocks->oldest = page;
    blocks->youngest = page;
    page->younger = NULL;
}

struct code_page *blocks_page(struct blocks *blocks, u64 pa, unsigned key)
{
    struct code_page **bucket = bucket_of(blocks, pa);
    struct code_page *page;

    for (page = *bucket; page; page = page->next)
        if (page->pa == pa && page->key == key)
            return page;
    page = calloc(1, sizeof(*page));
    if (!page)
        return NULL;
    page->pa = pa;
    page->key = key;
    page->host = ram_host(&blocks->ram, pa);
    page->patience = PATIENCE_LEAST;
    page->next = *bucket;
    *bucket = page;
    make_youngest(blocks, page);
    blocks->pages++;
    return page;
}

static u32 ref_of(const struct blocks *blocks, const struct block *block)
{
    return (u32)(((const u8 *)block - blocks->arena) / BLOCK_REF_UNIT);
}

static struct block *block_in(const struct blocks *blocks, u32 ref)
{
    return (struct block *)block_of(blocks->arena, ref);
}

/* Takes the oldest block out of the ring. */
static void drop_oldest(struct blocks *blocks)
{
    struct block *block = (struct block *)(blocks->arena + blocks->first);
    struct code_page *page = block->page;
    unsigned slot = block->offset / 2;

    if (page && block->offset < page->index.limit &&
        page->index.at[slot] == ref_of(blocks, block))
        page->index.at[slot] = 0;
    blocks->first += block_size(block->count);
    if (blocks->first == blocks->end && blocks->next < blocks->first) {
        blocks->first = BLOCK_REF_UNIT;
        blocks->end = blocks->next;
    }
}

/* Room for a block of that size at the young end of the ring. */
static struct block *take_room(struct blocks *blocks, size_t size)
{
    bool wrapped = blocks->next < blocks->first;
    u8 *room;

    if (!wrapped && blocks->next + size > ARENA_SIZE) {
        blocks->next = BLOCK_REF_UNIT;
        wrapped = true;
    }
    while (wrapped && blocks->next + size >= blocks->first) {
        drop_oldest(blocks);
        wrapped = blocks->next < blocks->first;
    }
    room = blocks->arena + blocks->next;
    blocks->next += size;
    if (!wrapped)
        blocks->end = blocks->next;
    return (struct block *)room;
}

/* Makes the page's index reach the offset. */
static bool reach_offset(struct code_page *page, unsigned offset)
{
    u32 room = page->room ? page->room : INDEX_LEAST;
    u32 *at;

    if (offset < page->index.limit)
        return true;
    while (room <= offset)
        room *= 2;
    if (room > page->room) {
        at = realloc(page->index.at, room / 2 * sizeof(*at));
        if (!at)
            return false;
        page->index.at = at;
        page->room = room;
    }
    memset(page->index.at + page->index.limit / 2, 0,
           (room - page->index.limit) / 2 * sizeof(*page->index.at));
    page->index.limit = room;
    return true;
}

/* The page's frame has code from now on. Whether it had none before. */
static bool flag_frame(struct blocks *blocks, struct code_page *page)
{
    u8 *flags = ram_frame_flags(&blocks->ram, page->pa);
    bool fresh = !(*flags & FRAME_CODE);

    *flags |= FRAME_CODE;
    return fresh;
}

const struct block *blocks_at(struct blocks *blocks, struct code_page *page,
                              unsigned offset, bool *fresh)
{
    struct form_of of = {.page = page->host, .key = page->key};
    struct insn plain[BLOCK_MAX + 1];
    size_t size;
    struct block *block;
    unsigned count;

    *fresh = false;
    if (page == &blocks->none)
        return NULL;
    if (offset < page->index.limit && page->index.at[offset / 2])
        return block_in(blocks, page->index.at[offset / 2]);
    if (blocks->changes->on)
        of.changed = changes_find(blocks->changes, page->pa);
    count = form_block(&blocks->form, &of, offset, plain, &page->chunks);
    if (!count || !reach_offset(page, offset))
        return NULL;
    block = take_room(blocks, block_size(count));
    *block = (struct block){.page = page,
                            .offset = (u16)offset,
                            .count = (u16)count,
                            .needs = count};
    if (form_is_watched(&blocks->form, &of, offset))
        block->needs = BLOCK_NEVER;
    size = (count + 1) * sizeof(*plain);
    memcpy(block->insn, plain, size);
    memcpy(block_plain(block), plain, size);
    blocks->prepare(block);
    page->index.at[offset / 2] = ref_of(blocks, block);
    *fresh = flag_frame(blocks, page);
    return block;
}

static void kill_page(struct blocks *blocks, struct code_page *page)
{
    for (u32 i = 0; i < page->index.limit / 2; i++) {
        if (page->index.at[i])
            block_in(blocks, page->index.at[i])->page = NULL;
        page->index.at[i] = 0;
    }
    page->chunks = 0;
    page->stores = 0;
}

/* The next page of code that is made from the frame at pa, from page on. */
static struct code_page *next_of_frame(struct code_page *page, u64 pa)
{
    while (page && page->pa != pa)
        page = page->next;
    return page;
}

static void unflag_frame(struct blocks *blocks, u64 pa)
{
    struct code_page *page = next_of_frame(*bucket_of(blocks, pa), pa);

    while (page && !page->chunks)
        page = next_of_frame(page->next, pa);
    if (!page)
        *ram_frame_flags(&blocks->ram, pa) &= (u8)~FRAME_CODE;
}

/* Whether a store that touches these chunks ends the page's code. */
static bool is_killed(struct code_page *page, u64 touched)
{
    if (page->chunks & touched)
        return true;
    if (!page->chunks || ++page->stores < page->patience)
        return false;
    if (page->patience < PATIENCE_MOST)
        page->patience *= 2;
    return true;
}

bool blocks_stored(struct blocks *blocks, u64 pa, unsigned size)
{
    u64 frame = align_down(pa, PAGE_SIZE);
    u64 touched = code_chunks(pa & (PAGE_SIZE - 1), size);
    bool killed = false;

    for (struct code_page *page =
             next_of_frame(*bucket_of(blocks, frame), frame);
         page; page = next_of_frame(page->next, frame)) {
        if (is_killed(page, touched)) {
            kill_page(blocks, page);
            killed = true;
        }
    }
    if (killed)
        unflag_frame(blocks, frame);
    return killed;
}

unsigned blocks_pages(const struct blocks *blocks)
{
    return blocks->pages;
}

void blocks_retire(struct blocks *blocks,
                   bool (*is_used)(void *arg, const struct code_page *page),
                   void *arg)
{
    struct code_page *page = blocks->oldest;

    for (unsigned n = 0; page && n < RETIRED_AT_ONCE; page = page->younger) {
        page->retired = !is_used(arg, page);
        n += page->retired;
    }
}

/* Drops a page that nobody points to any more but its chain. */
static void drop_page(struct blocks *blocks, struct code_page *page)
{
    struct code_page **link = bucket_of(blocks, page->pa);

    while (*link != page)
        link = &(*link)->next;
    *link = page->next;
    kill_page(blocks, page);
    unflag_frame(blocks, page->pa);
    free(page->index.at);
    free(page);
    blocks->pages--;
}

void blocks_release(struct blocks *blocks)
{
    struct code_page *page = blocks->oldest;

    blocks->oldest = blocks->youngest = NULL;
    while (page) {
        struct code_page *younger = page->younger;

        if (page->retired)
            drop_page(blocks, page);
        else
            make_youngest(blocks, page);
        page = younger;
    }
}

void blocks_drop_all(struct blocks *blocks)
{
    for (struct code_page *page = blocks->oldest; page; page = page->younger)
        page->retired = true;
    blocks_release(blocks);
    blocks->first = blocks->next = blocks->end = BLOCK_REF_UNIT;
}
