/*
 * Integer arithmetic in registers: shifts, adds, logic, a multiplication and
 * a well-predicted branch, nothing else.
 */
#include "bench.h"

#define ROUNDS 25000000
#define WANTED 0x00beb8bd36d4f9c0

bool bench_main(void)
{
    u64 a = 0x9e3779b97f4a7c15, b = 1, sum = 0;

    for (u64 i = 0; i < ROUNDS; i++) {
        a ^= a << 13;
        a ^= a >> 7;
        a ^= a << 17;
        b = b * 5 + (a & 0xff);
        sum += (u32)b ^ (b >> 32);
        if ((a & 0xfff) == 0)
            sum ^= i;
    }
    return bench_result(sum, WANTED);
}
