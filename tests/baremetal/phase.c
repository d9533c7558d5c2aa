/*
 * Where in a loop of five steps, which divide a tick of the clock, the timer's
 * interrupt arrives: anywhere, not at the same instruction for ever, and never
 * before the loop has read the time that it is set to. Both timers, each with
 * one value after the other.
 */
#include "bare.h"

#define MTIMECMP ((volatile u64 *)0x2004000)
#define MTIP (1 << 7)
#define STIP (1 << 5)
#define STCE (1ull << 63)
#define MENVCFG 0x30a
#define STIMECMP 0x14d
#define TIMERS 40
#define LOOP_STEPS 5
#define LOOP_BYTES (LOOP_STEPS * 4)

/* Polls the time until an interrupt comes; where it did, in bytes of the loop,
 * and the last time that was read. */
static u64 poll(u64 *last)
{
    u64 where, read;

    __asm__ volatile(".option push\n .option norvc\n"
                     "la t0, 2f\n csrw mtvec, t0\n"
                     "li %[read], 0\n csrsi mstatus, 8\n"
                     "1: csrr %[read], time\n nop\n nop\n nop\n j 1b\n"
                     ".balign 4\n"
                     "2: csrci mstatus, 8\n csrr %[where], mepc\n"
                     "la t0, 1b\n sub %[where], %[where], t0\n"
                     "la t0, trap_unexpected\n csrw mtvec, t0\n"
                     ".option pop"
                     : [where] "=&r"(where), [read] "=&r"(read)::"t0",
                       "memory");
    *last = read;
    return where;
}

static void set_timer(bool supervisors, u64 time)
{
    if (supervisors)
        csr_write(STIMECMP, time);
    else
        *MTIMECMP = time;
}

static void check_timer(const char *name, bool supervisors)
{
    u64 seen[LOOP_STEPS] = {0}, places = 0, late = 0, in_loop = 0, order = 0;

    csr_write(mie, supervisors ? STIP : MTIP);
    for (u64 i = 0; i < TIMERS; i++) {
        u64 time = csr_read(time) + 7, last, where;

        set_timer(supervisors, time);
        where = poll(&last);
        late += last == time;
        set_timer(supervisors, ~0ull);
        if (where < LOOP_BYTES) {
            in_loop++;
            seen[where / 4]++;
        }
        order = order * 31 + where;
    }
    for (u64 i = 0; i < LOOP_STEPS; i++)
        places += seen[i] != 0;
    check(name, late, TIMERS);
    check("in-loop", in_loop, TIMERS);
    check("places", places, LOOP_STEPS);
    report(name, order);
}

void test_main(void)
{
    csr_set(MENVCFG, STCE);
    csr_write(STIMECMP, ~0ull);
    check_timer("mti", false);
    check_timer("sti", true);
}
