/*
 * The result of a benchmark, printed so that emulators can be compared. The
 * right one is written in each program. In front of it stands the number of
 * operations, if the program gives one.
 */
#include "bench.h"

#define UART ((volatile u8 *)0x10000000)

static void print(u64 value, char end)
{
    for (int shift = 60; shift >= 0; shift -= 4)
        *UART = (u8) "0123456789abcdef"[value >> shift & 15];
    *UART = (u8)end;
}

bool bench_result(u64 value, u64 wanted)
{
    print(value, '\n');
    return value == wanted;
}

void bench_operations(u64 count)
{
    print(count, ' ');
}
