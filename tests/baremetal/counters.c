/*
 * Counters (privileged spec, "Hardware Performance Monitor"): minstret counts
 * what retires and nothing else, a written value is what the next instruction
 * reads, and who may read them.
 */
#include "bare.h"

#define READ_TWICE "csrr t1, minstret; csrr t0, minstret; sub t0, t0, t1"

static void check_instret(void)
{
    check("one-each", run(M, READ_TWICE, 0).value, 1);
    check("ten",
          run(M,
              "csrr t1, minstret; .rept 9; nop; .endr;"
              "csrr t0, minstret; sub t0, t0, t1",
              0)
              .value,
          10);
    check("written", run(M, "csrw minstret, t5; csrr t0, minstret", 5000).value,
          5000);
    check("written-then-one",
          run(M, "csrw minstret, t5; nop; csrr t0, minstret", 5000).value,
          5001);
    check("cycle-written",
          run(M, "csrw mcycle, t5; csrr t0, mcycle", 1ull << 40).value >> 40,
          1);
    check("instret-is-minstret",
          run(M, "csrr t1, minstret; rdinstret t0; sub t0, t0, t1", 0).value,
          1);
}

/* An ecall does not retire, and neither does what faults. */
static void check_traps(void)
{
    check("ecall-retires-not",
          run(M,
              "la t1, 3f; csrw mtvec, t1; csrr t1, minstret; ecall\n"
              ".balign 4\n 3: csrr t0, minstret; sub t0, t0, t1\n"
              "la t1, 1f; csrw mtvec, t1",
              0)
              .value,
          1);
    check("fault-retires-not",
          run(M,
              "la t1, 3f; csrw mtvec, t1; csrr t1, minstret; lw t2, 64(x0)\n"
              ".balign 4\n 3: csrr t0, minstret; sub t0, t0, t1\n"
              "la t1, 1f; csrw mtvec, t1",
              0)
              .value,
          1);
}

static void check_inhibit(void)
{
    check("inhibited", run(M, "csrwi mcountinhibit, 4;" READ_TWICE, 0).value,
          0);
    check("inhibited-write",
          run(M, "csrw minstret, t5; nop; csrr t0, minstret", 900).value, 900);
    csr_write(mcountinhibit, 0);
    check("uninhibited", run(M, READ_TWICE, 0).value, 1);
}

static void check_rights(void)
{
    csr_write(mcounteren, 0);
    check("s-denied", run(S, "rdinstret t0", 0).cause, ILLEGAL);
    check("s-cycle-denied", run(S, "rdcycle t0", 0).cause, ILLEGAL);
    check("s-time-denied", run(S, "rdtime t0", 0).cause, ILLEGAL);
    csr_write(mcounteren, 7);
    csr_write(scounteren, 0);
    check("s-allowed", run(S, "rdinstret t0", 0).cause, NONE);
    check("u-denied", run(U, "rdinstret t0", 0).cause, ILLEGAL);
    csr_write(scounteren, 2);
    check("u-time-allowed", run(U, "rdtime t0", 0).cause, NONE);
    check("u-cycle-denied", run(U, "rdcycle t0", 0).cause, ILLEGAL);
    check("s-minstret", run(S, "csrr t0, minstret", 0).cause, ILLEGAL);
}

void test_main(void)
{
    check_instret();
    check_traps();
    check_inhibit();
    check_rights();
}
