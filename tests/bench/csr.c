/*
 * CSRs that kernels read and write all the time: counters, and the registers
 * of a trap. What the counters say is up to the emulator; that they go
 * forward is not.
 */
#include "paged.h"

#define ROUNDS 1000000
#define ACCESSES 8 /* a round */

bool bench_main(void)
{
    u64 forward = 0, last = 0, sum = 0;

    for (u64 i = 0; i < ROUNDS; i++) {
        u64 retired, time, a, b, c;

        __asm__ volatile("csrw sscratch, %[i]\n"
                         "csrr %[retired], instret\n"
                         "csrr %[time], time\n"
                         "csrr %[a], sscratch\n"
                         "csrw sepc, %[a]\n"
                         "csrr %[b], sepc\n"
                         "csrr %[c], scause\n"
                         "csrr %[c], sstatus\n"
                         : [retired] "=&r"(retired), [time] "=&r"(time),
                           [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c)
                         : [i] "r"(2 * i));
        forward += retired > last;
        last = retired;
        sum += a + (b & 1);
    }
    bench_operations(ROUNDS * ACCESSES);
    return bench_result(sum - ROUNDS * (ROUNDS - 1ull) + forward, ROUNDS);
}
