/*
 * The result of a benchmark, printed so that emulators can be compared. The
 * right one is written in each program.
 */
#include "bench.h"

#define UART ((volatile u8 *)0x10000000)

bool bench_result(u64 value, u64 wanted)
{
    for (int shift = 60; shift >= 0; shift -= 4)
        *UART = (u8) "0123456789abcdef"[value >> shift & 15];
    *UART = '\n';
    return value == wanted;
}
