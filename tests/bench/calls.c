/*
 * Calls and returns: the deepest way to add ones, and calls through a table
 * of functions.
 */
#include "bench.h"

#define DEPTH 35
#define ROUNDS 3000000
#define WANTED 0xbce6d06fe1f5002c

static __attribute__((noinline)) u64 fibonacci(u64 n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static u64 add(u64 x)
{
    return x + 3;
}

static u64 twist(u64 x)
{
    return x ^ x >> 3;
}

static u64 grow(u64 x)
{
    return x * 9;
}

static u64 turn(u64 x)
{
    return x << 7 | x >> 57;
}

bool bench_main(void)
{
    static u64 (*const volatile step[])(u64) = {add, twist, grow, turn};
    u64 value = fibonacci(DEPTH);

    for (u64 i = 0; i < ROUNDS; i++) {
        value = step[i & 3](value);
        value = step[value & 3](value);
        value = step[i % 3](value);
    }
    return bench_result(value, WANTED);
}
