/*
 * Unit tests of base/map.h: against a plain array as the model, with keys
 * that collide, through growth and removal.
 */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void an_empty_map_holds_nothing(void **state)
{
    struct map map = {0};
    size_t at = 0;

    assert_null(map_get(&map, 0));
    assert_null(map_remove(&map, 7));
    assert_null(map_next(&map, &at));
    map_free(&map);
}

static void agrees_with_an_array(void **state)
{
    enum { KEYS = 500, ROUNDS = 40000 };
    static char value[KEYS];
    static bool in[KEYS];
    struct map map = {0};
    u64 random = 1;
    size_t count = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned key;

        random = random * 6364136223846793005ull + 1442695040888963407ull;
        key = (unsigned)(random >> 33) % KEYS;
        if (random >> 63) {
            assert_true(map_put(&map, (u64)key << 12, &value[key]));
            count += !in[key];
            in[key] = true;
        } else {
            assert_ptr_equal(map_remove(&map, (u64)key << 12),
                             in[key] ? &value[key] : NULL);
            count -= in[key];
            in[key] = false;
        }
        assert_int_equal(map.count, count);
        if (i % 997 == 0) {
            for (unsigned k = 0; k < KEYS; k++)
                assert_ptr_equal(map_get(&map, (u64)k << 12),
                                 in[k] ? &value[k] : NULL);
        }
    }
    map_free(&map);
}

static void a_walk_meets_each_once(void **state)
{
    static char value[100];
    struct map map = {0};
    unsigned met = 0;
    size_t at = 0;

    for (unsigned i = 0; i < 100; i++)
        map_put(&map, ~(u64)i, &value[i]);
    map_put(&map, ~0ull, &value[0]);
    for (char *v; (v = map_next(&map, &at)); met++)
        assert_int_equal((*v)++, 0);
    assert_int_equal(met, 100);
    map_free(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_holds_nothing),
        cmocka_unit_test(agrees_with_an_array),
        cmocka_unit_test(a_walk_meets_each_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
