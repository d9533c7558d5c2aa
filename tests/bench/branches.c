/*
 * Control flow: branches that go both ways, a dispatch by a table of jumps,
 * and calls from page to page.
 */
#include "bench.h"

#define STARTS 30000
#define STEPS 10000000
#define ROUNDS 3000000
#define WANTED 0x948eda7838aceb25

#define FAR __attribute__((noinline, aligned(4096)))

/* The steps that each number takes to come to 1. */
static u64 collatz(void)
{
    u64 steps = 0;

    for (u64 start = 1; start < STARTS; start++)
        for (u64 n = start; n != 1; steps++)
            if (n & 1)
                n = 3 * n + 1;
            else
                n /= 2;
    return steps;
}

/* A machine with eight instructions. */
static u64 interpret(const u8 *code, u64 steps)
{
    u64 a = 1, b = 0;

    for (u64 at = 0; steps--; at++) {
        switch (code[at & 15]) {
        case 0: a += b; break;
        case 1: b ^= a; break;
        case 2: a = a << 3 | a >> 61; break;
        case 3: b -= 3; break;
        case 4: a *= 5; break;
        case 5: at += a & 1; break;
        case 6: b = ~b; break;
        default: a ^= b >> 7; break;
        }
    }
    return a ^ b;
}

static FAR u64 third(u64 x)
{
    return x ^ x << 5;
}

static FAR u64 second(u64 x)
{
    return x & 1 ? third(x) + 1 : x + 7;
}

static FAR u64 first(u64 x)
{
    return second(x + 1) * 3;
}

bool bench_main(void)
{
    static const u8 code[16] = {0, 1, 2, 5, 3, 4, 0, 7, 6, 5, 1, 2, 0, 4, 7, 3};
    u64 value = collatz();

    value += interpret(code, STEPS);
    for (u64 i = 0; i < ROUNDS; i++)
        value = first(value);
    return bench_result(value, WANTED);
}
