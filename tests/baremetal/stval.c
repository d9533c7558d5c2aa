/*
 * What S-mode's own traps report (Sstvala): stval is the faulting address for
 * every load, store and fetch that faults or is misaligned, the faulting bits
 * for an illegal instruction, and 0 for an ecall; scause and sepc with it, and
 * what of sstatus a trap turns round. Taken from S-mode and from U-mode.
 */
#include "bare.h"

#define NOWHERE 0x40
#define LOAD_MISALIGNED 4
#define ECALL_U 8
#define ECALL_S 9
#define SPIE_BIT (1 << 5)
#define SPP_BIT (1 << 8)
#define SIE_BIT (1 << 1)

static u64 frame[2][PAGE / 8] __attribute__((aligned(4096)));

/* S-mode's handler: on to M-mode with stval for run() to see. */
void handler(void);
__asm__(".balign 4\n handler: csrr t0, stval; ecall");

/* Judges the trap that a run ended by, in four lines of one name: its cause,
 * stval, that S-mode handled it (its ecall ended the run), and where sstatus
 * says that it came from. */
static void judge(const char *name, const struct ending *e, unsigned mode,
                  u64 wanted, u64 tval)
{
    u64 status = csr_read(sstatus) & (SPP_BIT | SIE_BIT | SPIE_BIT);

    check(name, csr_read(scause), wanted);
    check(name, e->value, tval);
    check(name, e->cause, mode == S ? NONE : ECALL_S);
    check(name, status, mode == S ? SPP_BIT | SPIE_BIT : SPIE_BIT);
}

#define TRAP(mode, name, code, arg, wanted, want_tval) \
    do {                                               \
        struct ending e;                               \
        csr_set(sstatus, SIE_BIT);                     \
        e = run(mode, code, arg);                      \
        judge(name, &e, mode, wanted, want_tval);      \
    } while (0)

static void check_physical(void)
{
    TRAP(S, "load-access", "ld t0, 0(t5)", NOWHERE, LOAD_ACCESS, NOWHERE);
    TRAP(S, "store-access", "sd t0, 0(t5)", NOWHERE, STORE_ACCESS, NOWHERE);
    TRAP(S, "fetch-access", "jr t5", NOWHERE, FETCH_ACCESS, NOWHERE);
    TRAP(S, "lr-access", "lr.d t0, (t5)", NOWHERE, LOAD_ACCESS, NOWHERE);
    TRAP(S, "amo-access", "amoadd.d t0, t0, (t5)", NOWHERE, STORE_ACCESS,
         NOWHERE);
    TRAP(S, "illegal", ".4byte 0xdeadc07b", 0, ILLEGAL, 0xdeadc07b);
    TRAP(S, "illegal-short", ".2byte 0x8002", 0, ILLEGAL, 0x8002);
    TRAP(S, "illegal-csr", "csrr t0, mstatus", 0, ILLEGAL, 0x300022f3);
    TRAP(S, "illegal-in-s", "mret", 0, ILLEGAL, 0x30200073);
}

static void check_misaligned(void)
{
    u64 odd = (u64)frame + 1;

    TRAP(S, "lr-misaligned", "lr.w t0, (t5)", odd, LOAD_MISALIGNED, odd);
    TRAP(S, "sc-misaligned", "sc.w t0, t0, (t5)", odd, STORE_MISALIGNED, odd);
    TRAP(S, "amo-misaligned", "amoor.d t0, t0, (t5)", odd + 3, STORE_MISALIGNED,
         odd + 3);
}

static void check_pages(void)
{
    table_on(1);
    map(0, frame[0], PTE_RW | PTE_AD);
    map(PAGE, frame[1], 0);
    TRAP(S, "load-page", "ld t0, 0(t5)", PAGE + 8, LOAD_PAGE, PAGE + 8);
    TRAP(S, "store-page", "sb t0, 0(t5)", PAGE + 9, STORE_PAGE, PAGE + 9);
    TRAP(S, "fetch-page", "jr t5", PAGE + 16, FETCH_PAGE, PAGE + 16);
    TRAP(S, "load-page-second", "ld t0, 0(t5)", PAGE - 4, LOAD_PAGE, PAGE);
    TRAP(S, "not-canonical", "ld t0, 0(t5)", 1ull << 45, LOAD_PAGE, 1ull << 45);
    TRAP(U, "u-load-page", "ld t0, 0(t5)", 8, LOAD_PAGE, 8);
    TRAP(U, "u-store-page", "sd t0, 0(t5)", 24, STORE_PAGE, 24);
    TRAP(U, "u-fetch-page", "jr t5", 32, FETCH_PAGE, 32);
    TRAP(U, "u-illegal", "csrr t0, sstatus", 0, ILLEGAL, 0x100022f3);
    TRAP(U, "u-wfi", "wfi", 0, ILLEGAL, 0x10500073);
    TRAP(U, "u-ecall", "ecall", 0, ECALL_U, 0);
    table_off();
}

/* ebreak: Sstvala leaves 0 or its address. */
static void check_breakpoint(void)
{
    u64 tval = run(S, "ebreak", 0).value;

    check("ebreak", csr_read(scause), BREAKPOINT);
    check("ebreak", tval == 0 || tval == csr_read(sepc), 1);
}

void test_main(void)
{
    csr_write(medeleg, ~(1ull << ECALL_S));
    csr_write(stvec, (u64)handler);
    check_physical();
    check_misaligned();
    check_pages();
    check_breakpoint();
}
