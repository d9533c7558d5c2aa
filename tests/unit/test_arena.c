/*
 * Unit tests of emu/base/arena.h: pieces are zero and do not overlap, and a
 * state brings back every byte of what it had.
 */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PIECES 400
#define STATES 6
#define ROUNDS 30000

/* What an arena is to hold. */
struct model {
    unsigned char *piece[PIECES]; /* in the arena; NULL: none */
    size_t size[PIECES];
    unsigned char fill[PIECES];
};

static u64 state;

static u64 random_below(u64 n)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (state >> 33) % n;
}

/* Mostly small, now and then larger than a chunk. */
static size_t random_size(void)
{
    switch (random_below(40)) {
    case 0: return random_below(200000);
    case 1: return random_below(20000);
    default: return random_below(300);
    }
}

static void expect_bytes(const unsigned char *piece, size_t size,
                         unsigned char fill)
{
    for (size_t i = 0; i < size; i++)
        assert_int_equal(piece[i], fill);
}

static void check(const struct model *m)
{
    for (unsigned i = 0; i < PIECES; i++)
        if (m->piece[i])
            expect_bytes(m->piece[i], m->size[i], m->fill[i]);
}

static void change(struct arena *arena, struct model *m)
{
    unsigned i = (unsigned)random_below(PIECES);
    size_t size = random_size();
    size_t kept = size < m->size[i] ? size : m->size[i];

    if (m->piece[i] && random_below(2)) {
        arena_give(arena, m->piece[i]);
        m->piece[i] = NULL;
        m->size[i] = 0;
        return;
    }
    if (m->piece[i]) {
        m->piece[i] = arena_grow(arena, m->piece[i], size);
        assert_non_null(m->piece[i]);
        expect_bytes(m->piece[i], kept, m->fill[i]);
    } else {
        m->piece[i] = arena_take(arena, size);
        assert_non_null(m->piece[i]);
        assert_int_equal((uintptr_t)m->piece[i] % 16, 0);
        expect_bytes(m->piece[i], size, 0);
    }
    m->size[i] = size;
    m->fill[i] = (unsigned char)random_below(256);
    memset(m->piece[i], m->fill[i], size);
}

static void states_bring_back_every_byte(void **unused)
{
    struct arena *arena = arena_new();
    struct model now = {.size = {0}}, *kept = calloc(STATES, sizeof(*kept));
    struct arena_state *states[STATES] = {NULL};

    assert_non_null(arena);
    assert_non_null(kept);
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned at = (unsigned)random_below(STATES);

        change(arena, &now);
        if (i % 97 == 0) {
            arena_drop(arena, states[at]);
            states[at] = arena_save(arena);
            assert_non_null(states[at]);
            kept[at] = now;
        } else if (i % 97 == 50 && states[at]) {
            arena_restore(arena, states[at]);
            now = kept[at];
            check(&now);
        }
    }
    check(&now);
    for (unsigned i = 0; i < STATES; i++)
        arena_drop(arena, states[i]);
    arena_free(arena);
    free(kept);
}

static void equal_parts_are_shared(void **unused)
{
    struct arena *arena = arena_new();
    unsigned char *piece = arena_take(arena, 1 << 20);
    struct arena_state *first, *second;
    u64 one;

    memset(piece, 7, 1 << 20);
    first = arena_save(arena);
    one = arena_kept(arena);
    assert_in_range(one, 1 << 20, 5 << 18);
    piece[1 << 19] = 8;
    second = arena_save(arena);
    assert_in_range(arena_kept(arena), one + 1, one + 4096);
    arena_restore(arena, first);
    assert_int_equal(piece[1 << 19], 7);
    arena_drop(arena, first);
    arena_restore(arena, second);
    assert_int_equal(piece[1 << 19], 8);
    arena_drop(arena, second);
    arena_free(arena);
}

static void the_heap_will_do(void **unused)
{
    char *piece = arena_take(NULL, 8);

    assert_memory_equal(piece, "\0\0\0\0\0\0\0\0", 8);
    strcpy(piece, "emu");
    piece = arena_grow(NULL, piece, 1000);
    assert_string_equal(piece, "emu");
    arena_give(NULL, piece);
    arena_give(NULL, NULL);
}

static void too_much_is_refused(void **unused)
{
    struct arena *arena = arena_new();

    assert_null(arena_take(arena, SIZE_MAX - 8));
    assert_null(arena_take(arena, (size_t)1 << 61));
    assert_non_null(arena_take(arena, 1));
    arena_give(arena, NULL);
    arena_free(arena);
    arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_bring_back_every_byte),
        cmocka_unit_test(equal_parts_are_shared),
        cmocka_unit_test(the_heap_will_do),
        cmocka_unit_test(too_much_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
