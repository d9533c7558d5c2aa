/* Decoded code; see block.h. */
#include "hart/code/block.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "bus/bus.h"
#include "isa/privileged.h"

#define BUCKETS 1024
#define PAGES_MAX 4096 /* code pages kept, 18 KiB each: 72 MiB at the most */
#define BYTES_MAX (64u << 20)
#define PATIENCE_LEAST 64
#define PATIENCE_MOST (1u << 24)

struct blocks {
    struct ram ram;
    const struct decoder *decoder;
    bool compressed; /* C: instructions at multiples of two */
    struct code_page *bucket[BUCKETS];
    unsigned pages;
    size_t bytes; /* in blocks */
    struct block *dead;
    struct code_page none;
};

struct blocks *blocks_new(const struct bus *bus, const struct decoder *decoder)
{
    struct blocks *blocks = calloc(1, sizeof(*blocks));

    if (blocks) {
        blocks->ram = bus->ram;
        blocks->decoder = decoder;
        blocks->compressed = decoder_has(decoder, EXT_SET(ZCA));
    }
    return blocks;
}

void blocks_free(struct blocks *blocks)
{
    if (blocks) {
        blocks_drop_all(blocks);
        free(blocks);
    }
}

struct code_page *blocks_no_page(struct blocks *blocks)
{
    return &blocks->none;
}

static struct code_page **bucket_of(struct blocks *blocks, u64 pa)
{
    return &blocks->bucket[pa >> PAGE_SHIFT & (BUCKETS - 1)];
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
    blocks->pages++;
    return page;
}

/* What this code may not do is an illegal instruction to it. */
static bool allowed(unsigned op, unsigned key)
{
    unsigned flags = op_info[op].flags;
    unsigned priv = key & CODE_PRIV;

    if (flags & OPF_FP && key & CODE_FS_OFF)
        return false;
    switch (op) {
    case OP_mret: return priv == PRIV_M;
    case OP_sret:
    case OP_sfence_vma:
    case OP_sinval_vma:
    case OP_sfence_w_inval:
    case OP_sfence_inval_ir: return priv >= PRIV_S;
    default: return true;
    }
}

static bool is_mark(const struct insn *in, unsigned key)
{
    return key & CODE_MARKS && in->op == OP_slti && in->rd == 0 &&
           in->rs1 == 10;
}

/* Whether this jump can have a target that is no multiple of four. */
static bool may_misalign(const struct insn *in)
{
    if (in->op == OP_jalr)
        return true;
    return (in->op == OP_jal || block_is_branch(in)) && in->imm & 2;
}

void blocks_decode(struct blocks *blocks, u32 raw, unsigned offset,
                   unsigned key, struct insn *out)
{
    unsigned flags;

    insn_decode(blocks->decoder, raw, out);
    if (!allowed(out->op, key))
        out->op = OP_illegal;
    out->off = (u16)offset;
    flags = op_info[out->op].flags;
    if (is_mark(out, key))
        out->op = UOP_mark;
    else if (flags & OPF_RD && out->rd == 0)
        out->rd = CODE_X_SINK;
    if (out->op == OP_auipc || out->op == OP_jal || block_is_branch(out))
        out->imm += (i32)offset;
    if (!blocks->compressed && may_misalign(out))
        out->op = UOP_aligned_jump;
}

/* Whether nothing after this instruction belongs to its block. */
static bool ends_block(const struct insn *in)
{
    if (in->op == UOP_aligned_jump)
        return true;
    if (in->op >= OP_COUNT || block_is_branch(in))
        return false;
    return in->op == OP_illegal ||
           op_info[in->op].flags & (OPF_BRANCH | OPF_END);
}

/* Writes into the branches of a block how many instructions follow them. */
static void count_behind(struct insn *insn, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (block_is_branch(&insn[i]))
            insn[i].rd = (u8)(count - 1 - i);
}

static unsigned fused_op(unsigned first, unsigned second)
{
    switch (first * UOP_COUNT + second) {
#define FUSED(one, two)                  \
    case OP_##one *UOP_COUNT + OP_##two: \
        return UOP_##one##_##two;
#include "hart/code/fused.def"
    default: return first;
    }
}

unsigned block_plain_op(const struct insn *in)
{
    static const u16 plain[] = {
#define FUSED(first, second) OP_##first,
#include "hart/code/fused.def"
    };
    if (in->op == UOP_jal_on)
        return OP_jal;
    return in->op <= UOP_FUSED ? in->op : plain[in->op - UOP_FUSED - 1];
}

static void fuse(struct insn *insn, unsigned count)
{
    for (unsigned i = 0; i + 1 < count; i++) {
        unsigned plain = insn[i].op;

        insn[i].op = (u16)fused_op(plain, insn[i + 1].op);
        if (insn[i].op != plain)
            i++;
    }
}

static void mark_chunks(struct code_page *page, unsigned first, unsigned end)
{
    for (unsigned chunk = first / 64; chunk <= (end - 1) / 64; chunk++)
        page->chunks |= 1ull << chunk;
}

static u16 opposite(unsigned branch)
{
    switch (branch) {
    case OP_beq: return OP_bne;
    case OP_bne: return OP_beq;
    case OP_blt: return OP_bge;
    case OP_bge: return OP_blt;
    case OP_bltu: return OP_bgeu;
    default: return OP_bltu;
    }
}

/* The offset where the block goes on behind this instruction. */
static unsigned follow(struct insn *in)
{
    unsigned next = in->off + in->len;
    unsigned target = (unsigned)in->imm;

    if (in->op == OP_jal && target < PAGE_SIZE) {
        in->op = UOP_jal_on;
        return target;
    }
    if (block_is_branch(in) && target <= in->off) {
        in->op = opposite(in->op);
        in->imm = (i32)next;
        return target;
    }
    return next;
}

/* Decodes what is at *offset, and moves that on. False when there is no whole
 * instruction in the page. */
static bool decode_one(struct blocks *blocks, struct code_page *page,
                       unsigned *offset, struct insn *out)
{
    u32 raw;

    if (*offset >= PAGE_SIZE)
        return false;
    raw = load_le16(page->host + *offset);
    if ((raw & 3) == 3) {
        if (*offset + 4 > PAGE_SIZE)
            return false;
        raw = load_le32(page->host + *offset);
    }
    blocks_decode(blocks, raw, *offset, page->key, out);
    mark_chunks(page, *offset, *offset + out->len);
    *offset = follow(out);
    return true;
}

/* Decodes from *offset on into out, and moves that on; returns how many
 * instructions. */
static unsigned decode_run(struct blocks *blocks, struct code_page *page,
                           unsigned *offset, struct insn *out)
{
    unsigned count = 0;

    while (count < BLOCK_MAX && decode_one(blocks, page, offset, &out[count]))
        if (ends_block(&out[count++]))
            break;
    count_behind(out, count);
    fuse(out, count);
    return count;
}

static size_t block_size(unsigned count)
{
    return sizeof(struct block) + (count + 1) * sizeof(struct insn);
}

/* Its frame has code from now on. Whether it had none before. */
static bool mark_frame(struct blocks *blocks, struct code_page *page)
{
    u8 *flags = ram_frame_flags(&blocks->ram, page->pa);
    bool fresh = !(*flags & FRAME_CODE);

    *flags |= FRAME_CODE;
    return fresh;
}

const struct block *blocks_at(struct blocks *blocks, struct code_page *page,
                              unsigned offset, bool *fresh)
{
    struct insn insn[BLOCK_MAX];
    struct block *block = page->at[offset / 2];
    unsigned end = offset;
    unsigned count;

    *fresh = false;
    if (block || page == &blocks->none)
        return block;
    count = decode_run(blocks, page, &end, insn);
    if (!count)
        return NULL;
    block = malloc(block_size(count));
    if (!block)
        return NULL;
    block->count = (u16)count;
    memcpy(block->insn, insn, count * sizeof(*insn));
    block->insn[count] = (struct insn){.op = UOP_next, .off = (u16)end};
    page->at[offset / 2] = block;
    blocks->bytes += block_size(count);
    *fresh = mark_frame(blocks, page);
    return block;
}

static void kill_page(struct blocks *blocks, struct code_page *page)
{
    for (unsigned i = 0; i < 2048; i++) {
        struct block *block = page->at[i];

        if (!block)
            continue;
        blocks->bytes -= block_size(block->count);
        page->at[i] = NULL;
        block->next_dead = blocks->dead;
        blocks->dead = block;
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

static void unmark_frame(struct blocks *blocks, u64 pa)
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

/* The chunks that size bytes from offset on lie in. */
static u64 chunks_of(unsigned offset, unsigned size)
{
    unsigned first = offset / 64, last = (offset + size - 1) / 64;

    return ~0ull << first & ~0ull >> (63 - last);
}

bool blocks_stored(struct blocks *blocks, u64 pa, unsigned size)
{
    u64 frame = align_down(pa, PAGE_SIZE);
    u64 touched = chunks_of(pa & (PAGE_SIZE - 1), size);
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
        unmark_frame(blocks, frame);
    return killed;
}

void blocks_collect(struct blocks *blocks)
{
    while (blocks->dead) {
        struct block *block = blocks->dead;

        blocks->dead = block->next_dead;
        free(block);
    }
}

bool blocks_are_full(const struct blocks *blocks)
{
    return blocks->pages > PAGES_MAX || blocks->bytes > BYTES_MAX;
}

void blocks_drop_all(struct blocks *blocks)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        while (blocks->bucket[i]) {
            struct code_page *page = blocks->bucket[i];

            blocks->bucket[i] = page->next;
            kill_page(blocks, page);
            *ram_frame_flags(&blocks->ram, page->pa) &= (u8)~FRAME_CODE;
            free(page);
        }
    }
    blocks->pages = 0;
    blocks_collect(blocks);
}
