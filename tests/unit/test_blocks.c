/*
 * Unit tests of decoded blocks (emu/hart/code/ and interp/prepare.c): where a
 * block begins and ends, what a privilege may not do, what the interpreter
 * makes of it, which stores kill which blocks, and how old ones make way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hart/interp/prepare.h"
#include "hart_bench.h"

#define NOP 0x00000013u
#define C_NOP 0x0001u
#define LOOP 0x0000006fu
#define RET 0x00008067u
#define JAL_RA 0x008000efu   /* jal ra, .+8 */
#define BNE_BACK 0xfe051ce3u /* bne a0, x0, .-8 */
#define BEQ 0x00000463u      /* beq x0, x0, .+8 */
#define MRET 0x30200073u
#define SRET 0x10200073u
#define SFENCE 0x12000073u
#define FADD_D 0x02000053u
#define MARK 0x00352013u /* slti x0, a0, 3 */
#define ADDI_X0 0x00108013u
#define ADDI_X5 0x00108293u

/* Fills a frame with halfwords. */
static void fill(struct bench *b, u64 pa, u16 half)
{
    for (unsigned i = 0; i < PAGE_SIZE; i += 2)
        memcpy(ram_host(&b->bus.ram, pa + i), &half, 2);
}

static void put(struct bench *b, u64 pa, u32 raw)
{
    memcpy(ram_host(&b->bus.ram, pa), &raw, 4);
}

static struct code_page *page_of(struct bench *b, u64 pa, unsigned key)
{
    return blocks_page(b->blocks, pa, key);
}

/* The plain records of a block. */
static const struct insn *plain(const struct block *block)
{
    return block_plain_of(block, block->insn);
}

static const struct block *block_at(struct bench *b, struct code_page *page,
                                    unsigned offset)
{
    bool fresh;

    return blocks_at(b->blocks, page, offset, &fresh);
}

static bool has_code(struct bench *b, u64 pa)
{
    return *ram_frame_flags(&b->bus.ram, pa) & FRAME_CODE;
}

static void a_page_is_found_by_frame_and_key(void **state)
{
    struct bench *b = *state;
    struct code_page *s = page_of(b, BENCH_FRAME(0), 1);

    assert_ptr_equal(page_of(b, BENCH_FRAME(0), 1), s);
    assert_ptr_not_equal(page_of(b, BENCH_FRAME(0), 0), s);
    assert_ptr_not_equal(page_of(b, BENCH_FRAME(1), 1), s);
}

/* A frame has code from its first block on, under whatever key. */
static void the_first_block_of_a_frame_is_fresh(void **state)
{
    struct bench *b = *state;
    struct code_page *s = page_of(b, BENCH_FRAME(0), PRIV_S);
    struct code_page *m = page_of(b, BENCH_FRAME(0), PRIV_M);
    bool fresh;

    fill(b, BENCH_FRAME(0), C_NOP);
    assert_false(has_code(b, BENCH_FRAME(0)));
    blocks_at(b->blocks, s, 0, &fresh);
    assert_true(fresh);
    assert_true(has_code(b, BENCH_FRAME(0)));
    blocks_at(b->blocks, s, 0, &fresh);
    assert_false(fresh);
    blocks_at(b->blocks, m, 0x800, &fresh);
    assert_false(fresh);
    assert_true(blocks_stored(b->blocks, BENCH_FRAME(0), 8));
    assert_true(has_code(b, BENCH_FRAME(0))); /* that under the other key */
    assert_true(blocks_stored(b->blocks, BENCH_FRAME(0) + 0x800, 8));
    assert_false(has_code(b, BENCH_FRAME(0)));
    blocks_at(b->blocks, s, 0, &fresh);
    assert_true(fresh);
}

/* A store of any size kills what lies in its first, its last and any chunk
 * between, and only that. */
static void large_stores_kill_all_that_they_cover(void **state)
{
    static const unsigned sizes[] = {65, 128, 129, 500, 2048, PAGE_SIZE};
    struct bench *b = *state;
    struct code_page *page = page_of(b, BENCH_FRAME(0), PRIV_M);

    fill(b, BENCH_FRAME(0), C_NOP);
    put(b, BENCH_FRAME(0) + 0x440, LOOP);
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (unsigned at = 0; at + sizes[i] <= PAGE_SIZE; at++) {
            bool hit = at + sizes[i] > 0x440 && at < 0x480;

            block_at(b, page, 0x440);
            page->stores = 0;
            assert_int_equal(
                blocks_stored(b->blocks, BENCH_FRAME(0) + at, sizes[i]), hit);
        }
}

/* What is stored to over and over beside its code may have no living code. */
static void code_beside_many_stores_is_given_up(void **state)
{
    struct bench *b = *state;
    struct code_page *page = page_of(b, BENCH_FRAME(0), PRIV_M);
    unsigned stores[2] = {0, 0};

    fill(b, BENCH_FRAME(0), C_NOP);
    for (unsigned i = 0; i < 2; i++) {
        block_at(b, page, 0);
        while (!blocks_stored(b->blocks, BENCH_FRAME(0) + 0x800, 8))
            assert_true(++stores[i] < 1000);
        assert_false(has_code(b, BENCH_FRAME(0)));
        assert_int_equal(page->index.at[0], 0);
    }
    assert_true(stores[1] > stores[0]);
}

/* It ends behind what may jump, at its limit, and at the page's end. */
static void blocks_end_where_they_must(void **state)
{
    struct bench *b = *state;
    const struct block *block;
    struct code_page *page;

    fill(b, BENCH_FRAME(0), C_NOP);
    put(b, BENCH_FRAME(0) + 8, RET);
    page = page_of(b, BENCH_FRAME(0), PRIV_M);
    block = block_at(b, page, 0);
    assert_int_equal(block->count, 5);
    assert_int_equal(plain(block)[4].op, OP_jalr);
    assert_int_equal(plain(block)[4].off, 8);
    assert_int_equal(plain(block)[5].op, CODE_end);
    assert_int_equal(plain(block)[5].off, 12);
    assert_ptr_equal(block_at(b, page, 0), block);
    block = block_at(b, page, 12);
    assert_int_equal(block->count, BLOCK_MAX);
    assert_int_equal(plain(block)[BLOCK_MAX].off, 12 + 2 * BLOCK_MAX);
    block = block_at(b, page, 4090);
    assert_int_equal(block->count, 3);
    assert_int_equal(plain(block)[3].op, CODE_end);
    assert_int_equal(plain(block)[3].off, 4096);
    assert_null(block_at(b, blocks_no_page(b->blocks), 0));
}

/* It ends before an offset that is probed, and is not entered there: whatever
 * the page, but only for code that is watched. */
static void blocks_end_before_probes(void **state)
{
    struct bench *b = *state;
    const struct block *block;
    struct code_page *page;

    assert_true(probes_add(&b->probes, 0xffffffff80001008, false));
    fill(b, BENCH_FRAME(0), C_NOP);
    page = page_of(b, BENCH_FRAME(0), PRIV_S | CODE_PROBES);
    block = block_at(b, page, 0);
    assert_int_equal(block->count, 4);
    assert_int_equal(block->needs, 4);
    assert_int_equal(plain(block)[4].op, CODE_end);
    assert_int_equal(plain(block)[4].off, 8);
    assert_int_equal(block_at(b, page, 8)->needs, BLOCK_NEVER);
    assert_int_equal(block_at(b, page, 10)->needs, BLOCK_MAX);
    block = block_at(b, page_of(b, BENCH_FRAME(0), PRIV_S), 0);
    assert_int_equal(block->count, BLOCK_MAX);
    assert_int_equal(block->needs, BLOCK_MAX);
}

/* It goes on behind a branch. */
static void a_block_goes_on_behind_a_branch(void **state)
{
    struct bench *b = *state;
    const struct block *block;

    fill(b, BENCH_FRAME(0), C_NOP);
    put(b, BENCH_FRAME(0) + 4, BEQ);
    put(b, BENCH_FRAME(0) + 12, BEQ);
    put(b, BENCH_FRAME(0) + 16, RET);
    block = block_at(b, page_of(b, BENCH_FRAME(0), PRIV_M), 0);
    assert_int_equal(block->count, 7);
    assert_int_equal(plain(block)[2].op, OP_beq);
    assert_int_equal(plain(block)[2].imm, 4 + 8);
    assert_int_equal(plain(block)[3].off, 8);
    assert_int_equal(plain(block)[5].op, OP_beq);
}

/* A jump within the page is no end, nor is a branch backwards: the block goes
 * on at its target. */
static void a_block_follows_jumps_and_loops(void **state)
{
    struct bench *b = *state;
    const struct block *block;

    put(b, BENCH_FRAME(0) + 0x100, JAL_RA);
    put(b, BENCH_FRAME(0) + 0x108, BNE_BACK);
    block = block_at(b, page_of(b, BENCH_FRAME(0), PRIV_M), 0x100);
    assert_int_equal(block->count, BLOCK_MAX);
    assert_int_equal(plain(block)[0].op, OP_jal);
    assert_int_equal(plain(block)[1].op, OP_bne);
    assert_int_equal(plain(block)[1].off, 0x108);
    assert_int_equal(plain(block)[1].imm, 0x100);
    assert_int_equal(plain(block)[2].op, OP_jal);
    assert_int_equal(plain(block)[2].off, 0x100);
    assert_true(blocks_stored(b->blocks, BENCH_FRAME(0) + 0x108, 1));
}

/* The interpreter's branch knows what it gives back when it is taken; what
 * leaves a loop is the opposite branch, to what is behind it. */
static void branches_are_prepared(void **state)
{
    struct bench *b = *state;
    const struct insn *insn;

    fill(b, BENCH_FRAME(0), C_NOP);
    put(b, BENCH_FRAME(0) + 4, BEQ);
    put(b, BENCH_FRAME(0) + 12, BEQ);
    put(b, BENCH_FRAME(0) + 16, RET);
    insn = block_at(b, page_of(b, BENCH_FRAME(0), PRIV_M), 0)->insn;
    assert_int_equal(insn[2].rd, 4);
    assert_int_equal(insn[2].imm, 4 + 8);
    assert_int_equal(insn[5].rd, 1);

    put(b, BENCH_FRAME(1) + 0x100, JAL_RA);
    put(b, BENCH_FRAME(1) + 0x108, BNE_BACK);
    insn = block_at(b, page_of(b, BENCH_FRAME(1), PRIV_M), 0x100)->insn;
    assert_int_equal(insn[0].op, UOP_jal_on);
    assert_int_equal(insn[1].op, OP_beq);
    assert_int_equal(insn[1].imm, 0x10c);
    assert_int_equal(insn[1].rd, BLOCK_MAX - 2);
    assert_int_equal(insn[2].op, UOP_jal_on);
    assert_int_equal(insn[BLOCK_MAX].op, UOP_next);
}

/* Fused records stay where they are, and each can be had alone. */
static void pairs_are_fused(void **state)
{
    struct bench *b = *state;
    const struct block *block;

    fill(b, BENCH_FRAME(0), C_NOP);
    put(b, BENCH_FRAME(0) + 6, RET);
    block = block_at(b, page_of(b, BENCH_FRAME(0), PRIV_M), 0);
    assert_int_equal(block->insn[0].op, UOP_addi_addi);
    assert_int_equal(block->insn[1].op, OP_addi);
    assert_int_equal(block->insn[2].op, UOP_addi_jalr);
    assert_int_equal(block->insn[3].op, OP_jalr);
    assert_int_equal(plain(block)[0].op, OP_addi);
    assert_int_equal(plain(block)[2].op, OP_addi);
}

/* Where one stands in a block says what is left of it, by either form. */
static void a_record_of_either_form_is_a_position(void **state)
{
    struct bench *b = *state;
    const struct block *block;

    fill(b, BENCH_FRAME(0), C_NOP);
    block = block_at(b, page_of(b, BENCH_FRAME(0), PRIV_M), 0);
    for (unsigned i = 0; i < block->count; i++) {
        const struct insn *in = block_plain_of(block, &block->insn[i]);

        assert_int_equal(in->off, block->insn[i].off);
        assert_int_equal(block_left(block, &block->insn[i]), BLOCK_MAX - i);
        assert_int_equal(block_left(block, in), BLOCK_MAX - i);
        assert_ptr_equal(block_plain_of(block, in), in);
    }
}

/* Blocks for ever: the ring goes round, those that it has overtaken are made
 * anew, and each that is found is the right one. */
static void old_blocks_make_way(void **state)
{
    struct bench *b = *state;
    struct code_page *page[64];
    const struct block *block;

    for (unsigned n = 0; n < 64; n++) {
        page[n] = page_of(b, BENCH_FRAME(n), PRIV_M);
        for (unsigned i = 0; i < PAGE_SIZE; i += 4)
            put(b, BENCH_FRAME(n) + i, NOP | n << 20);
    }
    for (unsigned round = 0; round < 3; round++)
        for (unsigned n = 0; n < 64; n++)
            for (unsigned offset = 0; offset < PAGE_SIZE; offset += 4) {
                block = block_at(b, page[n], offset);
                assert_int_equal(block->offset, offset);
                assert_int_equal(plain(block)[0].imm, n);
                assert_ptr_equal(block_at(b, page[n], offset), block);
            }
}

static bool is_first(void *arg, const struct code_page *page)
{
    return page == arg;
}

/* Of the oldest pages those leave that nobody executes from. */
static void old_pages_make_way(void **state)
{
    struct bench *b = *state;
    struct code_page *first = page_of(b, BENCH_FRAME(0), PRIV_M);

    block_at(b, first, 0);
    for (unsigned n = 1; n < 2000; n++)
        block_at(b, page_of(b, BENCH_FRAME(n), PRIV_M), 0);
    blocks_retire(b->blocks, is_first, first);
    assert_false(first->retired);
    blocks_release(b->blocks);
    assert_true(blocks_pages(b->blocks) < 2000);
    assert_ptr_equal(page_of(b, BENCH_FRAME(0), PRIV_M), first);
    assert_true(has_code(b, BENCH_FRAME(0)));
    assert_false(has_code(b, BENCH_FRAME(1)));
    assert_true(has_code(b, BENCH_FRAME(1999)));
}

/* What reaches into the next page is in no block. */
static void an_instruction_over_the_end_is_left_out(void **state)
{
    struct bench *b = *state;
    const struct block *block;
    struct code_page *page;
    const u16 half = (u16)NOP;

    fill(b, BENCH_FRAME(0), C_NOP);
    memcpy(ram_host(&b->bus.ram, BENCH_FRAME(0) + 4094), &half, 2);
    page = page_of(b, BENCH_FRAME(0), PRIV_M);
    assert_null(block_at(b, page, 4094));
    block = block_at(b, page, 4090);
    assert_int_equal(block->count, 2);
    assert_int_equal(plain(block)[2].off, 4094);
}

static unsigned op_of(struct bench *b, u32 raw, unsigned key)
{
    struct insn in;

    form_decode(blocks_form(b->blocks), raw, 0, key, &in);
    return in.op;
}

static void what_the_key_forbids_is_illegal(void **state)
{
    struct bench *b = *state;
    struct insn in;

    assert_int_equal(op_of(b, MRET, PRIV_M), OP_mret);
    assert_int_equal(op_of(b, MRET, PRIV_S), OP_illegal);
    assert_int_equal(op_of(b, MRET, PRIV_U), OP_illegal);
    assert_int_equal(op_of(b, SRET, PRIV_M), OP_sret);
    assert_int_equal(op_of(b, SRET, PRIV_S), OP_sret);
    assert_int_equal(op_of(b, SRET, PRIV_U), OP_illegal);
    assert_int_equal(op_of(b, SFENCE, PRIV_S), OP_sfence_vma);
    assert_int_equal(op_of(b, SFENCE, PRIV_U), OP_illegal);
    assert_int_equal(op_of(b, FADD_D, PRIV_U), OP_fadd_d);
    assert_int_equal(op_of(b, FADD_D, PRIV_M | CODE_FS_OFF), OP_illegal);
    assert_int_equal(op_of(b, MARK, PRIV_U), OP_slti);
    assert_int_equal(op_of(b, MARK, PRIV_U | CODE_MARKS), CODE_mark);
    form_decode(blocks_form(b->blocks), ADDI_X0, 0, PRIV_U, &in);
    assert_int_equal(in.rd, CODE_X_SINK);
    form_decode(blocks_form(b->blocks), ADDI_X5, 0, PRIV_U, &in);
    assert_int_equal(in.rd, 5);
}

/* Each byte of a page: a store kills what was decoded in the same 64 bytes,
 * under every key, and data beside it costs nothing. */
static void stores_kill_what_they_touch(void **state)
{
    struct bench *b = *state;
    u64 pa = BENCH_FRAME(0);

    fill(b, pa, C_NOP);
    put(b, pa + 0x120, LOOP);
    for (unsigned offset = 0; offset < PAGE_SIZE - 8; offset++)
        for (unsigned size = 1; size <= 8; size *= 2) {
            struct code_page *s = page_of(b, pa, PRIV_S);
            struct code_page *u = page_of(b, pa, PRIV_U);
            bool hit = offset + size > 0x100 && offset < 0x140;

            block_at(b, s, 0x110);
            block_at(b, u, 0x11c);
            s->stores = u->stores = 0;
            assert_int_equal(blocks_stored(b->blocks, pa + offset, size), hit);
            assert_int_equal(s->index.at[0x110 / 2] == 0, hit);
            assert_int_equal(u->index.at[0x11c / 2] == 0, hit);
        }
    assert_false(blocks_stored(b->blocks, BENCH_FRAME(1) + 0x110, 8));
}

/* The next look finds what is there now. */
static void a_killed_block_is_decoded_anew(void **state)
{
    struct bench *b = *state;
    struct code_page *page;

    fill(b, BENCH_FRAME(0), C_NOP);
    put(b, BENCH_FRAME(0), NOP);
    page = page_of(b, BENCH_FRAME(0), PRIV_M);
    assert_int_equal(plain(block_at(b, page, 0))->op, OP_addi);
    put(b, BENCH_FRAME(0), LOOP);
    assert_true(blocks_stored(b->blocks, BENCH_FRAME(0), 4));
    assert_int_equal(plain(block_at(b, page, 0))->op, OP_jal);
}

static void dropping_all_forgets_the_frames(void **state)
{
    struct bench *b = *state;

    block_at(b, page_of(b, BENCH_FRAME(0), PRIV_M), 0);
    block_at(b, page_of(b, BENCH_FRAME(1), PRIV_U), 0);
    blocks_drop_all(b->blocks);
    for (unsigned n = 0; n < 2; n++)
        assert_false(*ram_frame_flags(&b->bus.ram, BENCH_FRAME(n)) &
                     FRAME_CODE);
    assert_int_equal(blocks_pages(b->blocks), 0);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_page_is_found_by_frame_and_key),
        TEST(the_first_block_of_a_frame_is_fresh),
        TEST(large_stores_kill_all_that_they_cover),
        TEST(code_beside_many_stores_is_given_up),
        TEST(blocks_end_where_they_must),
        TEST(blocks_end_before_probes),
        TEST(a_block_goes_on_behind_a_branch),
        TEST(a_block_follows_jumps_and_loops),
        TEST(branches_are_prepared),
        TEST(pairs_are_fused),
        TEST(a_record_of_either_form_is_a_position),
        TEST(old_blocks_make_way),
        TEST(old_pages_make_way),
        TEST(an_instruction_over_the_end_is_left_out),
        TEST(what_the_key_forbids_is_illegal),
        TEST(stores_kill_what_they_touch),
        TEST(a_killed_block_is_decoded_anew),
        TEST(dropping_all_forgets_the_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
