/*
 * Event counters (privileged spec, "Hardware Performance Monitor" and
 * "Sscofpmf"): where they count, what inhibits them, that the shadows show
 * them, and the interrupt of an overflow, on its instruction.
 */
#include "bare.h"

#define CYCLES 1ull
#define INSTRUCTIONS 2ull
#define LOAD_MISSES 0x10019ull
#define OF (1ull << 63)
#define MINH (1ull << 62)
#define SINH (1ull << 61)
#define UINH (1ull << 60)

#define LCOFI 13
#define LCOFI_BIT (1ull << LCOFI)
#define SSI_BIT (1ull << 1)
#define SCOUNTOVF 0xda0

static u64 frame[PAGE / 8] __attribute__((aligned(4096)));

/* Nine nops and what they cost by a counter. */
#define COUNT_NOPS                               \
    "csrr t1, hpmcounter3; .rept 9; nop; .endr;" \
    "csrr t0, hpmcounter3; sub t0, t0, t1"

static u64 counted(unsigned mode, u64 event)
{
    csr_write(mhpmevent3, event);
    return mode == M   ? run(M, COUNT_NOPS, 0).value
           : mode == S ? run(S, COUNT_NOPS, 0).value
                       : run(U, COUNT_NOPS, 0).value;
}

static void check_modes(void)
{
    csr_write(mcounteren, ~0ull);
    csr_write(scounteren, ~0ull);
    check("instructions-m", counted(M, INSTRUCTIONS), 10);
    check("instructions-s", counted(S, INSTRUCTIONS), 10);
    check("instructions-u", counted(U, INSTRUCTIONS), 10);
    check("no-event", counted(M, 0), 0);
    check("minh-m", counted(M, INSTRUCTIONS | MINH), 0);
    check("minh-s", counted(S, INSTRUCTIONS | MINH), 10);
    check("sinh-s", counted(S, INSTRUCTIONS | SINH), 0);
    check("sinh-u", counted(U, INSTRUCTIONS | SINH), 10);
    check("uinh-u", counted(U, INSTRUCTIONS | UINH), 0);
    check("uinh-m", counted(M, INSTRUCTIONS | UINH), 10);
    check("all-inh", counted(S, INSTRUCTIONS | MINH | SINH | UINH), 0);
    csr_write(mcountinhibit, 1 << 3);
    check("inhibited", counted(M, INSTRUCTIONS), 0);
    csr_write(mcountinhibit, 0);
}

static void check_rights(void)
{
    csr_write(mcounteren, ~(1ull << 3));
    check("s-denied", run(S, "csrr t0, hpmcounter3", 0).cause, ILLEGAL);
    check("s-other", run(S, "csrr t0, hpmcounter4", 0).cause, NONE);
    csr_write(mcounteren, ~0ull);
    csr_write(scounteren, 1 << 3);
    check("u-allowed", run(U, "csrr t0, hpmcounter3", 0).cause, NONE);
    check("u-denied", run(U, "csrr t0, hpmcounter4", 0).cause, ILLEGAL);
    check("s-write", run(S, "csrw hpmcounter3, zero", 0).cause, ILLEGAL);
    check("s-m-counter", run(S, "csrr t0, mhpmcounter3", 0).cause, ILLEGAL);
    check("s-event", run(S, "csrr t0, mhpmevent3", 0).cause, ILLEGAL);
}

static void check_misses(void)
{
    table_on(1);
    map(0, frame, PTE_RW | PTE_AD);
    map(PAGE, frame, PTE_RW | PTE_AD);
    csr_write(mhpmevent3, LOAD_MISSES);
    csr_write(mhpmcounter3, 100);
    check("miss", run(S, "ld t0, 0(t5); csrr t0, hpmcounter3", 0).value, 101);
    check("hit", run(S, "ld t0, 8(t5); csrr t0, hpmcounter3", 0).value, 101);
    fence_all();
    check("miss-again", run(S, "ld t0, 0(t5); csrr t0, hpmcounter3", 0).value,
          102);
    table_off();
}

/* The counter overflows three instructions on; how far did it get? */
static struct ending overflow(u64 event)
{
    csr_write(mhpmevent3, event);
    return run(M,
               "csrsi mstatus, 8; la t1, 3f; csrw mhpmcounter3, t5\n"
               "3: .option push; .option norvc;"
               "nop; nop; nop; nop; nop; nop; .option pop; mv t0, t1",
               -3ull);
}

static void check_overflow(void)
{
    struct ending e;

    csr_write(mie, LCOFI_BIT);
    e = overflow(INSTRUCTIONS);
    check("overflow", e.cause, INTERRUPT | LCOFI);
    csr_clear(mstatus, MIE_BIT);
    check("overflow-pending", csr_read(mip) & LCOFI_BIT, LCOFI_BIT);
    check("overflow-of", csr_read(mhpmevent3), INSTRUCTIONS | OF);
    csr_write(mie, 0);
    check("overflow-scountovf", csr_read(SCOUNTOVF), 1 << 3);
    csr_write(mcounteren, 0);
    check("scountovf-s-hidden", run(S, "csrr t0, 0xda0", 0).value, 0);
    csr_write(mcounteren, ~0ull);
    check("scountovf-s", run(S, "csrr t0, 0xda0", 0).value, 1 << 3);
    check("scountovf-u", run(U, "csrr t0, 0xda0", 0).cause, ILLEGAL);
    csr_write(mip, 0);
    check("lcofip-cleared", csr_read(mip) & LCOFI_BIT, 0);
    csr_write(mie, LCOFI_BIT);
    check("of-quiet", overflow(INSTRUCTIONS | OF).cause, NONE);
    csr_clear(mstatus, MIE_BIT);
    e = overflow(CYCLES);
    check("overflow-cycles", e.cause, INTERRUPT | LCOFI);
    csr_clear(mstatus, MIE_BIT);
    csr_write(mip, 0);
    csr_write(mhpmcounter3, 0);
    csr_write(mhpmevent3, INSTRUCTIONS);
    check("write-is-none", csr_read(mip) & LCOFI_BIT, 0);
    csr_write(mie, 0);
}

/* On the step: three instructions behind the write, in M-mode with direct
 * vectors, the interrupt's mepc. */
static void check_step(void)
{
    struct ending e;

    csr_write(mie, LCOFI_BIT);
    csr_write(mhpmevent3, INSTRUCTIONS);
    e = run(M,
            "csrsi mstatus, 8; la t0, 3f; csrw mhpmcounter3, t5\n"
            "3: .option push; .option norvc; nop; nop; nop; nop; nop; nop\n"
            ".option pop",
            -3ull);
    csr_clear(mstatus, MIE_BIT);
    csr_write(mip, 0);
    check("step", e.pc - e.value, 12);
    csr_write(mhpmevent3, INSTRUCTIONS | MINH);
    csr_write(mhpmcounter3, -2ull);
    e = run(S,
            ".option push; .option norvc\n 3: auipc t0, 0; nop; nop; nop\n"
            ".option pop",
            0);
    csr_write(mip, 0);
    check("step-s", e.pc - e.value, 8);
    csr_write(mie, 0);
}

/* Delegated, it is S-mode's own, and goes last. */
static void check_delegated(void)
{
    csr_write(mideleg, LCOFI_BIT | SSI_BIT);
    check("mideleg", csr_read(mideleg) & LCOFI_BIT, LCOFI_BIT);
    csr_set(mip, LCOFI_BIT | SSI_BIT);
    check("sip", csr_read(sip) & LCOFI_BIT, LCOFI_BIT);
    csr_write(sie, LCOFI_BIT | SSI_BIT);
    check("sie", csr_read(mie), LCOFI_BIT | SSI_BIT);
    check("first-ssi",
          run(S,
              "la t0, 3f; csrw stvec, t0; csrsi sstatus, 2; nop\n"
              ".balign 4\n 3: csrr t0, scause; csrci sip, 2",
              0)
              .value,
          INTERRUPT | 1);
    check("then-lcofi",
          run(S,
              "la t0, 3f; csrw stvec, t0; csrsi sstatus, 2; nop\n"
              ".balign 4\n 3: csrr t0, scause; li t1, 0x2000; csrc sip, t1",
              0)
              .value,
          INTERRUPT | LCOFI);
    check("sip-cleared", csr_read(mip) & LCOFI_BIT, 0);
    csr_write(sie, 0);
    csr_write(mideleg, 0);
}

void test_main(void)
{
    check_modes();
    check_rights();
    check_misses();
    check_overflow();
    check_step();
    check_delegated();
}
