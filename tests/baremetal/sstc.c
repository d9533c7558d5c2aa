/*
 * Sstc: the supervisor's own timer. menvcfg.STCE decides who may use it and
 * whether STIP is its level or a bit that M-mode writes.
 */
#include "bare.h"

#define STI 5
#define STIP (1ull << STI)
#define STCE (1ull << 63)
#define MENVCFG 0x30a
#define STIMECMP 0x14d
#define TIME_ENABLE 2

void test_main(void)
{
    u64 now = csr_read(time);

    csr_write(mcounteren, TIME_ENABLE);
    csr_clear(MENVCFG, STCE);
    check("off-in-s", run(S, "csrr t0, 0x14d", 0).cause, ILLEGAL);
    csr_set(mip, STIP);
    check("off-writable", csr_read(mip) & STIP, STIP);
    csr_clear(mip, STIP);
    check("off-cleared", csr_read(mip) & STIP, 0);
    csr_set(MENVCFG, STCE);
    check("on-in-s", run(S, "csrr t0, 0x14d", 0).cause, NONE);
    check("on-in-u", run(U, "csrr t0, 0x14d", 0).cause, ILLEGAL);
    csr_write(mcounteren, 0);
    check("no-time-in-s", run(S, "csrr t0, 0x14d", 0).cause, ILLEGAL);
    csr_write(mcounteren, TIME_ENABLE);
    csr_write(STIMECMP, ~0ull);
    check("not-due", csr_read(mip) & STIP, 0);
    csr_set(mip, STIP);
    check("read-only", csr_read(mip) & STIP, 0);
    csr_write(STIMECMP, now);
    check("due", csr_read(mip) & STIP, STIP);
    csr_clear(mip, STIP);
    check("due-kept", csr_read(mip) & STIP, STIP);
    csr_write(mideleg, STIP);
    csr_write(mie, STIP);
    check("taken",
          run(S,
              "la t0, 3f; csrw stvec, t0; li t0, 0; csrsi sstatus, 2;"
              "nop; nop; j 4f\n .balign 4\n 3: csrr t0, scause\n 4: nop",
              0)
              .value,
          INTERRUPT | STI);
    csr_write(STIMECMP, ~0ull);
    csr_write(mie, 0);
    check("not-due-again", csr_read(mip) & STIP, 0);
}
