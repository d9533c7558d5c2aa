/*
 * Code that is executed once: a sled of 32 MiB, written, then run through. What
 * it costs to look at an instruction for the first time, page by page.
 */
#include "bench.h"

#define SIZE 0x2000000 /* bytes */
#define COUNT (SIZE / 4)
#define ADDI_A0_1 0x00150513u
#define RET 0x00008067u

static u64 *const sled = (void *)0x82000000;

bool bench_main(void)
{
    u64 (*run)(u64) = (void *)sled;
    u64 two = (u64)ADDI_A0_1 << 32 | ADDI_A0_1;

    for (u64 i = 0; i < COUNT / 2; i += 8)
        for (unsigned j = 0; j < 8; j++)
            sled[i + j] = two;
    sled[COUNT / 2] = RET;
    __asm__ volatile("fence.i" ::: "memory");
    bench_operations(COUNT);
    return bench_result(run(7), COUNT + 7);
}
