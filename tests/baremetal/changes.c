/*
 * Whatever a translation depends on, changed between an access that went
 * through twice and the next: SUM, MXR, MPRV, MPP, the privilege mode, satp's
 * ASID and MODE, FS, ADUE and PMP. Where the specification wants a fence there
 * is one; all else takes effect with the next instruction.
 *
 * A run counts in t0 how far it came, and `ended` names where and how: a
 * fault one access too early or too late is another number.
 */
#include "bare.h"

#define VA 0x10000ull
#define USERS 0x11000ull
#define ONLY_X 0x12000ull
#define WIDE (VA | 2ull << 39) /* no address of Sv39 */
#define MENVCFG 0x30a
#define ADUE (1ull << 61)
#define FS_BITS (3 << 13)
#define ASID(n) ((u64)(n) << 44)
#define SV39 (8ull << 60)
#define SV48 (9ull << 60)

#define PMP_ALL 0x1f
#define PMP_PAGE 0x18
#define PMP_READ 1

static u64 frame[3][PAGE / 8] __attribute__((aligned(4096)));

/* Another address space: Sv39 from its second table, Sv48 from its first. */
static u64 other[4][512] __attribute__((aligned(4096)));

static u64 ended(struct ending e)
{
    return e.value << 8 | (e.cause & 0xff);
}
#define STAGE(stage, cause) ((u64)(stage) << 8 | ((cause)&0xff))

#define LOAD "ld t1, 0(t5);"
#define STORE "sd t1, 0(t5);"
#define LR "lr.d t1, (t5);"
#define AMO "amoadd.d t1, zero, (t5);"

/* An access that goes through twice, and one that no longer does after the
 * change. */
#define TWICE(access) access access "addi t0, t0, 1;"
#define STOPS(access, change) TWICE(access) change access "addi t0, t0, 1;"

/* The bits as text for `li`. */
#define SET(csr, bits) "li t2, " bits "; csrs " csr ", t2;"
#define CLEAR(csr, bits) "li t2, " bits "; csrc " csr ", t2;"
#define SUM "1 << 18"
#define MXR "1 << 19"
#define MPRV "1 << 17"
#define MPP "3 << 11"
#define MPP_S "1 << 11"

/* With the bit set, cleared by the instruction before, and set again. */
#define CHECK_BIT(name, mode, csr, bit, prepare, access, va, cause)           \
    do {                                                                      \
        check(name "-cleared",                                                \
              ended(run(mode,                                                 \
                        prepare SET(csr, bit) STOPS(access, CLEAR(csr, bit)), \
                        va)),                                                 \
              STAGE(1, cause));                                               \
        check(name "-set",                                                    \
              ended(run(mode, prepare SET(csr, bit) TWICE(access), va)),      \
              STAGE(1, NONE));                                                \
        csr_clear(mstatus, SUM_BIT | MXR_BIT | MPRV_BIT);                     \
    } while (0)

#define CHECK_BIT_EACH(mode_name, mode, csr, prepare)                          \
    do {                                                                       \
        CHECK_BIT(mode_name "-sum-load", mode, csr, SUM, prepare, LOAD, USERS, \
                  LOAD_PAGE);                                                  \
        CHECK_BIT(mode_name "-sum-store", mode, csr, SUM, prepare, STORE,      \
                  USERS, STORE_PAGE);                                          \
        CHECK_BIT(mode_name "-sum-lr", mode, csr, SUM, prepare, LR, USERS,     \
                  LOAD_PAGE);                                                  \
        CHECK_BIT(mode_name "-sum-amo", mode, csr, SUM, prepare, AMO, USERS,   \
                  STORE_PAGE);                                                 \
        CHECK_BIT(mode_name "-mxr-load", mode, csr, MXR, prepare, LOAD,        \
                  ONLY_X, LOAD_PAGE);                                          \
        CHECK_BIT(mode_name "-mxr-lr", mode, csr, MXR, prepare, LR, ONLY_X,    \
                  LOAD_PAGE);                                                  \
    } while (0)

#define AS_S CLEAR("mstatus", MPP) SET("mstatus", MPP_S) SET("mstatus", MPRV)
#define AS_U CLEAR("mstatus", MPP) SET("mstatus", MPRV)

static void check_status(void)
{
    CHECK_BIT_EACH("s", S, "sstatus", "");
    CHECK_BIT_EACH("mprv", M, "mstatus", AS_S);
    CHECK_BIT_EACH("mprv-sstatus", M, "sstatus", AS_S);
    map(ONLY_X, frame[2], PTE_V | PTE_X | PTE_U | PTE_AD);
    CHECK_BIT("u-mxr", M, "mstatus", MXR, AS_U, LOAD, ONLY_X, LOAD_PAGE);
    csr_set(mstatus, MXR_BIT);
    check("u-with-mxr", ended(run(U, TWICE(LOAD), ONLY_X)), STAGE(1, NONE));
    check("u-mxr-store", ended(run(U, TWICE(STORE), ONLY_X)),
          STAGE(0, STORE_PAGE));
    csr_clear(mstatus, MXR_BIT);
    check("u-without-mxr", ended(run(U, LOAD, ONLY_X)), STAGE(0, LOAD_PAGE));
    check("u-without-sum", ended(run(U, TWICE(LOAD), USERS)), STAGE(1, NONE));
    csr_set(mstatus, SUM_BIT);
    check("sum-no-fetch", run(S, "jalr t5", ONLY_X).cause, FETCH_PAGE);
    csr_clear(mstatus, SUM_BIT);
}

#define MPRV_STOPS(name, prepare, access, va, change, want)           \
    do {                                                              \
        check(name, ended(run(M, prepare STOPS(access, change), va)), \
              STAGE(1, want));                                        \
        csr_clear(mstatus, MPRV_BIT);                                 \
    } while (0)

/* Nothing is at the physical address VA. */
static void check_mprv(void)
{
    u64 inside = (u64)&frame[0][0];

    MPRV_STOPS("mprv-off-load", AS_S, LOAD, VA, CLEAR("mstatus", MPRV),
               LOAD_ACCESS);
    MPRV_STOPS("mprv-off-store", AS_S, STORE, VA, CLEAR("mstatus", MPRV),
               STORE_ACCESS);
    MPRV_STOPS("mprv-off-amo", AS_S, AMO, VA, CLEAR("mstatus", MPRV),
               STORE_ACCESS);
    MPRV_STOPS("mprv-on-load", CLEAR("mstatus", MPP), LOAD, inside,
               SET("mstatus", MPRV), LOAD_PAGE);
    MPRV_STOPS("mprv-on-store", CLEAR("mstatus", MPP), STORE, inside,
               SET("mstatus", MPRV), STORE_PAGE);
    MPRV_STOPS("mpp-s-to-u", AS_S, LOAD, VA, CLEAR("mstatus", MPP), LOAD_PAGE);
    MPRV_STOPS("mpp-s-to-u-store", AS_S, STORE, VA, CLEAR("mstatus", MPP),
               STORE_PAGE);
    MPRV_STOPS("mpp-u-to-s", AS_U, LOAD, USERS, SET("mstatus", MPP_S),
               LOAD_PAGE);
    MPRV_STOPS("mpp-u-to-s-store", AS_U, STORE, USERS, SET("mstatus", MPP_S),
               STORE_PAGE);
    MPRV_STOPS("mpp-s-to-m", AS_S, LOAD, VA, SET("mstatus", MPP), LOAD_ACCESS);
    MPRV_STOPS("mpp-s-to-m-store", AS_S, STORE, VA, SET("mstatus", MPP),
               STORE_ACCESS);
}

/* To U-mode by sret, and to S-mode by a trap that is delegated. */
#define SRET_TO_U                                                  \
    "la t2, 3f; li t3, 0x40000000; add t2, t2, t3; csrw sepc, t2;" \
    "li t2, 0x100; csrc sstatus, t2; sret;"                        \
    "3: "
#define TRAP_TO_S "la t2, 4f; csrw stvec, t2;" SRET_TO_U
#define ECALL "ecall; .balign 4; 4: "
#define ECALL_FROM_U (1 << 8)

static void check_privilege(void)
{
    check("sret-load", ended(run(S, STOPS(LOAD, SRET_TO_U), VA)),
          STAGE(1, LOAD_PAGE));
    check("sret-store", ended(run(S, STOPS(STORE, SRET_TO_U), VA)),
          STAGE(1, STORE_PAGE));
    csr_set(medeleg, ECALL_FROM_U);
    check("trap-load", ended(run(S, TRAP_TO_S STOPS(LOAD, ECALL), USERS)),
          STAGE(1, LOAD_PAGE));
    check("trap-store", ended(run(S, TRAP_TO_S STOPS(STORE, ECALL), USERS)),
          STAGE(1, STORE_PAGE));
    csr_clear(medeleg, ECALL_FROM_U);
    map(ONLY_X, frame[2], PTE_V | PTE_X | PTE_U | PTE_AD);
    check("fetch-u", run(U, "jalr t5; jalr t5", ONLY_X).cause, NONE);
    check("fetch-users", run(S, "jalr t5", ONLY_X).cause, FETCH_PAGE);
    map(ONLY_X, frame[2], PTE_V | PTE_X | PTE_AD);
    check("fetch-s", run(S, "jalr t5; jalr t5", ONLY_X).cause, NONE);
    check("fetch-not-users", run(U, "jalr t5", ONLY_X).cause, FETCH_PAGE);
}

static void make_other(void)
{
    u64 ram = 0x80000000ull >> 2 | PTE_RW | PTE_X | PTE_AD;

    other[0][0] = other[0][2] = leaf(other[1], PTE_V);
    other[1][0] = leaf(other[2], PTE_V);
    other[1][2] = ram;
    other[2][0] = leaf(other[3], PTE_V);
    other[3][VA >> 12] = leaf(frame[1], PTE_RW | PTE_X | PTE_AD);
}

/* What is in sscratch becomes satp. */
#define SWAP_SATP "csrr a0, sscratch; csrrw a0, satp, a0; csrw sscratch, a0;"

/* What is loaded before, behind and after a change of satp to `to` and back,
 * three decimal digits. */
static u64 through(u64 to)
{
    csr_write(sscratch, to);
    return run(S,
               "li a1, 10; ld t1, 0(t5); ld t0, 0(t5);" SWAP_SATP
               "ld t1, 0(t5); ld t1, 0(t5); mul t0, t0, a1; add t0, t0, "
               "t1;" SWAP_SATP "ld t1, 0(t5); mul t0, t0, a1; add t0, t0, t1",
               VA)
        .value;
}

static void check_satp(void)
{
    u64 sv39 = SV39 | ASID(2) | (u64)other[1] >> 12;
    u64 sv48 = SV48 | ASID(3) | (u64)other[0] >> 12;
    u64 first = csr_read(satp);

    make_other();
    frame[0][0] = 1;
    frame[1][0] = 2;
    fence_all();
    check("satp-asid", through(sv39), 121);
    check("satp-mode", through(sv48), 121);
    csr_write(satp, sv48);
    check("satp-mode-back", through(first), 212);
    csr_write(satp, first);
    check("bare-load", ended(run(S, STOPS(LOAD, "csrw satp, zero;"), VA)),
          STAGE(1, LOAD_ACCESS));
    csr_write(satp, first);
    check("bare-store", ended(run(S, STOPS(STORE, "csrw satp, zero;"), VA)),
          STAGE(1, STORE_ACCESS));
    *table_top(2) &= ~(u64)PTE_W;
    csr_write(satp, 0);
    csr_write(sscratch, first);
    fence_all();
    check("from-bare-store", ended(run(S, STOPS(STORE, SWAP_SATP), frame[1])),
          STAGE(1, STORE_PAGE));
    *table_top(2) |= PTE_W;
    fence_all();
    csr_write(satp, first);
}

/* What is too wide for a mode faults in it, whatever its ASID knows. */
static void check_narrower(void)
{
    u64 asid = ASID(3), first = csr_read(satp);

    csr_write(satp, SV48 | asid | (u64)other[0] >> 12);
    csr_write(sscratch, SV39 | asid | (u64)other[1] >> 12);
    fence_all();
    check("satp-narrower-load", ended(run(S, STOPS(LOAD, SWAP_SATP), WIDE)),
          STAGE(1, LOAD_PAGE));
    csr_write(satp, SV48 | asid | (u64)other[0] >> 12);
    csr_write(sscratch, SV39 | asid | (u64)other[1] >> 12);
    check("satp-narrower-store", ended(run(S, STOPS(STORE, SWAP_SATP), WIDE)),
          STAGE(1, STORE_PAGE));
    csr_write(satp, first);
}

/* The running code is where it was in every address space. */
static void check_fetch_satp(void)
{
    u64 first = csr_read(satp);

    csr_write(sscratch, SV39 | ASID(2) | (u64)other[1] >> 12);
    check("satp-fetch", ended(run(S, STOPS("jalr t5;", SWAP_SATP), ONLY_X)),
          STAGE(1, FETCH_PAGE));
    csr_write(satp, first);
}

#define FLD ".4byte 0x000f3007;" /* fld ft0, 0(t5) */

static void check_fs(void)
{
    csr_set(mstatus, FS_BITS);
    check("fs-off", ended(run(S, STOPS(FLD, CLEAR("sstatus", "3 << 13")), VA)),
          STAGE(1, ILLEGAL));
    csr_clear(mstatus, FS_BITS);
}

/* D is missing: a load's translation is there, a store's is not. */
static void check_adue(void)
{
    csr_clear(MENVCFG, ADUE);
    map(VA, frame[0], PTE_RW | PTE_A);
    check("adue-off", ended(run(S, TWICE(LOAD) STORE, VA)),
          STAGE(1, STORE_PAGE));
    csr_set(MENVCFG, ADUE);
    fence_all();
    check("adue-on", ended(run(S, TWICE(LOAD) TWICE(STORE), VA)),
          STAGE(2, NONE));
    check("adue-on-d", *table_entry(VA) & PTE_AD, PTE_AD);
    csr_clear(MENVCFG, ADUE);
    map(VA, frame[0], PTE_RW);
    check("adue-off-again", ended(run(S, LOAD, VA)), STAGE(0, LOAD_PAGE));
    csr_set(MENVCFG, ADUE);
    map(VA, frame[0], PTE_RW | PTE_X | PTE_AD);
}

#define PMP_STOPS(name, prepare, access, va, fence, want)                      \
    do {                                                                       \
        check(name,                                                            \
              ended(run(M, prepare STOPS(access, "csrw pmpcfg0, zero;" fence), \
                        va)),                                                  \
              STAGE(1, want));                                                 \
        csr_clear(mstatus, MPRV_BIT);                                          \
        csr_write(pmpcfg0, PMP_ALL);                                           \
        fence_all();                                                           \
        check(name "-open", ended(run(M, prepare TWICE(access), va)),          \
              STAGE(1, NONE));                                                 \
        csr_clear(mstatus, MPRV_BIT);                                          \
    } while (0)

/* Translations want a fence when PMP changes; without there are none. */
static void check_pmp(void)
{
    u64 data = (u64)frame[1], code = (u64)frame[2];

    PMP_STOPS("pmp-load", AS_S, LOAD, VA, "sfence.vma;", LOAD_ACCESS);
    PMP_STOPS("pmp-store", AS_S, STORE, VA, "sfence.vma;", STORE_ACCESS);
    PMP_STOPS("pmp-amo", AS_S, AMO, VA, "sfence.vma;", STORE_ACCESS);
    csr_write(satp, 0);
    fence_all();
    PMP_STOPS("pmp-bare-load", AS_S, LOAD, data, "", LOAD_ACCESS);
    PMP_STOPS("pmp-bare-store", AS_U, STORE, data, "", STORE_ACCESS);
    check("pmp-fetch", run(S, "jalr t5; jalr t5", code).cause, NONE);
    csr_write(pmpaddr1, ~0ull);
    csr_write(pmpaddr0, (code | 0x7ff) >> 2);
    csr_write(pmpcfg0, PMP_ALL << 8 | PMP_PAGE | PMP_READ);
    check("pmp-fetch-refused", run(S, "jalr t5", code).cause, FETCH_ACCESS);
    check("pmp-address", ended(run(S, TWICE(STORE), data)), STAGE(1, NONE));
    csr_write(pmpaddr0, (data | 0x7ff) >> 2);
    check("pmp-address-store", ended(run(S, STORE, data)),
          STAGE(0, STORE_ACCESS));
    check("pmp-address-fetch", run(S, "jalr t5", code).cause, NONE);
    /* the last: it stays */
    check("pmp-lock",
          ended(run(M, STOPS(STORE, "li t2, 0x1f99; csrw pmpcfg0, t2;"), data)),
          STAGE(1, STORE_ACCESS));
}

void test_main(void)
{
    frame[2][0] = 0x8082; /* ret */
    table_on(1);
    map(VA, frame[0], PTE_RW | PTE_X | PTE_AD);
    map(USERS, frame[1], PTE_RW | PTE_U | PTE_AD);
    map(ONLY_X, frame[2], PTE_V | PTE_X | PTE_AD);
    check_status();
    check_mprv();
    check_privilege();
    check_satp();
    check_narrower();
    check_fetch_satp();
    check_fs();
    check_adue();
    check_pmp();
}
