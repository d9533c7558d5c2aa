/*
 * The cache of decoded code: pages, and the blocks found in them.
 *
 * A block is found by (physical page, what it may do, offset), never by a
 * virtual address, so that all processes that share a text page share its
 * blocks. "What it may do" is the code key (form.h).
 *
 * Blocks lie in a ring of memory, oldest first; making one drops as many of the
 * oldest as stand in its way. A page's index grows with the offsets that its
 * blocks begin at. When there are too many pages, some of the oldest are
 * dropped: blocks_retire() and blocks_release(). So neither can be without
 * bounds, and no memory is given back in between.
 *
 * Stores: the frame of a page with blocks carries FRAME_CODE, which keeps it
 * out of the small write arrays (stores.h). A store to it goes to
 * blocks_stored(), and kills the page's blocks if it touches a 64-byte chunk
 * that was decoded; the data beside the code costs a bit test. A frame without
 * blocks loses the flag: kernels use the frames of dead programs again. So does
 * one that is stored to many times with none of its code touched, for that may
 * be dead, too; should it live, it is decoded anew and has more patience.
 *
 * A block that is dropped or killed while it is executed stays as it is until
 * the next block is made.
 */
#ifndef HART_CODE_BLOCKS_H
#define HART_CODE_BLOCKS_H

#include "hart/code/block.h"
#include "hart/code/form.h"

struct bus;
struct changes;

struct code_page {
    struct block_index index;
    u32 room; /* offsets that the index has memory for */
    u64 pa;
    unsigned key;
    bool retired;           /* blocks_retire() has chosen it */
    u64 chunks;             /* decoded 64-byte pieces, a bit each */
    u32 stores;             /* stores beside the code since it was decoded */
    u32 patience;           /* stores after which the code is taken for dead */
    const u8 *host;         /* the frame's bytes */
    struct code_page *next; /* in its hash chain */
    struct code_page *younger;
};

/* Makes the engine's form of a block that is about to go into the cache: its
 * records, in front of the plain ones, are copies of these so far. */
typedef void block_prepare_fn(struct block *block);

struct blocks;

struct blocks *blocks_new(const struct bus *bus, const struct decoder *decoder,
                          const struct probes *probes,
                          const struct changes *changes,
                          block_prepare_fn *prepare);
void blocks_free(struct blocks *blocks);

/* How an instruction is decoded that is in no page of code. */
const struct form *blocks_form(const struct blocks *blocks);

/* The page of code at pa (in RAM), made if there is none. NULL when the host
 * has no memory left. */
struct code_page *blocks_page(struct blocks *blocks, u64 pa, unsigned key);

/* Stands for a page of which nothing may be cached. It never has blocks. */
struct code_page *blocks_no_page(struct blocks *blocks);

/* Where blocks lie: one with the reference ref begins BLOCK_REF_UNIT · ref
 * bytes from here. It stays for as long as the cache. */
#define BLOCK_REF_UNIT 8
const u8 *blocks_arena(const struct blocks *blocks);

static inline const struct block *block_of(const u8 *arena, u32 ref)
{
    return (const struct block *)(arena + (size_t)ref * BLOCK_REF_UNIT);
}

/* The block that starts at this offset, decoded if need be. An instruction
 * that reaches into the next page gives NULL, and so does blocks_no_page().
 * *fresh says that its frame had no blocks until now and has got FRAME_CODE:
 * the caller protects it (stores.h) before the block runs. Not while a block is
 * being executed. */
const struct block *blocks_at(struct blocks *blocks, struct code_page *page,
                              unsigned offset, bool *fresh);

/* A store of size bytes at pa, all in one frame that has FRAME_CODE. Returns
 * whether any block died. */
bool blocks_stored(struct blocks *blocks, u64 pa, unsigned size);

/* How many pages there are. More than the limit there should not be. */
#define BLOCKS_PAGES_MAX 4096 /* with indexes of up to 8 KiB each */
unsigned blocks_pages(const struct blocks *blocks);

/* Chooses some of the oldest pages to be dropped, but none that `is_used` says
 * somebody executes from. Then whoever keeps pointers to those that are
 * `retired` forgets them, and blocks_release() drops them. */
void blocks_retire(struct blocks *blocks,
                   bool (*is_used)(void *arg, const struct code_page *page),
                   void *arg);
void blocks_release(struct blocks *blocks);

/* Drops everything, and FRAME_CODE everywhere. Whoever keeps a code_page
 * forgets it. Not while a block is being executed. */
void blocks_drop_all(struct blocks *blocks);

#endif
