/*
 * LR and SC ("A Extension", "Load-Reserved/Store-Conditional"): what makes an
 * SC fail, that each SC ends the reservation, a trapping one, too, which faults
 * they and AMOs raise, and that an SC which fails raises them as well.
 */
#include "bare.h"

#define VA 0x10000
#define ALIAS 0x11000

static u32 frame[2][PAGE / 4] __attribute__((aligned(4096)));

/* sc.w's result, 0 for success, is in t0. */
#define LR "lr.w t1, (t5);"
#define SC "li t2, 77; sc.w t0, t2, (t5);"
#define SC_FAR "li t2, 78; li t3, 2048; add t3, t3, t5; sc.w t0, t2, (t3);"

static void check_pairs(void)
{
    u32 *word = frame[0];

    *word = 1;
    check("sc-alone", run(M, "sc.w x0, x0, (sp);" SC, word).value, 1);
    check("sc-alone-writes", *word, 1);
    check("pair", run(M, LR SC, word).value, 0);
    check("pair-writes", *word, 77);
    *word = 1;
    check("second-sc", run(M, LR SC "li t2, 79; sc.w t0, t2, (t5)", word).value,
          1);
    check("second-sc-writes", *word, 77);
    check("sc-far", run(M, LR SC_FAR, word).value, 1);
    check("sc-far-writes", word[512], 0);
    check("sc-after-far", run(M, LR SC_FAR SC, word).value, 1);
    check("second-lr",
          run(M,
              LR "addi t3, t5, 2047; addi t3, t3, 1;"
                 "lr.w t1, (t3);" SC,
              word)
              .value,
          1);
    *word = 0x80000000;
    check("lr-sign", run(M, "lr.w t0, (t5)", word).value, 0xffffffff80000000);
    check("pair-doubleword",
          run(M, "lr.d t1, (t5); li t2, -2; sc.d t0, t2, (t5)", word).value, 0);
    check("pair-doubleword-writes", *(u64 *)word, -2ull);
}

/* Address 0 is as good as any, and so is another name of the same memory:
 * there an SC may fail, but not lie. */
static void check_addresses(void)
{
    u64 failed;

    table_on(0);
    map(0, frame[0], PTE_RW | PTE_AD);
    map(VA, frame[1], PTE_RW | PTE_AD);
    map(ALIAS, frame[1], PTE_RW | PTE_AD);
    frame[0][0] = 1;
    check("address-0", run(S, LR SC, 0).value, 0);
    check("address-0-writes", frame[0][0], 77);
    frame[1][0] = 1;
    failed =
        run(S,
            LR "li t3, 4096; add t5, t5, t3;" SC "li t3, 4096; sub t5, t5, t3",
            VA)
            .value;
    check("alias", frame[1][0], failed ? 1 : 77);
    table_off();
}

/* An SC that traps ends the reservation, too: were it made again where it may
 * be made, it would fail. */
static void check_trapping_sc(void)
{
    u32 *word = frame[0];

    *word = 1;
    run(M, LR "li t2, 79; addi t3, t5, 2; sc.w t0, t2, (t3)", word);
    check("after-misaligned", run(M, SC, word).value, 1);

    table_on(0);
    map(VA, word, PTE_V | PTE_R | PTE_AD);
    check("page-fault", run(S, LR SC, VA).cause, STORE_PAGE);
    map(VA, word, PTE_RW | PTE_AD);
    check("after-page-fault", run(S, SC, VA).value, 1);
    table_off();

    csr_write(pmpaddr1, ~0ull);
    csr_write(pmpaddr0, (u64)word >> 2);
    csr_write(pmpcfg0, 0x1f11); /* all of it, but only R of the word */
    check("access-fault", run(S, LR SC, word).cause, STORE_ACCESS);
    csr_write(pmpcfg0, 0x1f1f);
    check("after-access-fault", run(S, SC, word).value, 1);
    check("after-traps-writes", *word, 1);
}

static void check_faults(void)
{
    struct ending e;

    table_on(0);
    map(VA, frame[0], PTE_V | PTE_R | PTE_AD);
    map(ALIAS, frame[1], 0);
    check("lr-read-only", run(S, "lr.w t0, (t5)", VA).cause, NONE);
    e = run(S, LR SC, VA);
    check("sc-read-only", e.cause, STORE_PAGE);
    check("sc-read-only-tval", e.tval, VA);
    check("amo-read-only", run(S, "amoadd.w t0, t0, (t5)", VA).cause,
          STORE_PAGE);
    check("lr-unmapped", run(S, "lr.d t0, (t5)", ALIAS).cause, LOAD_PAGE);
    e = run(S, "amoswap.d t0, t0, (t5)", ALIAS + 8);
    check("amo-unmapped", e.cause, STORE_PAGE);
    check("amo-unmapped-tval", e.tval, ALIAS + 8);
    table_off();
    check("amo-nowhere", run(M, "amoor.w t0, t0, (t5)", 0x40).cause,
          STORE_ACCESS);
    check("lr-nowhere", run(M, "lr.w t0, (t5)", 0x40).cause, LOAD_ACCESS);
}

/* An SC of the word at va without a reservation: how it ends, and its rd. */
#define ALONE(name, mode, va, wanted)                       \
    do {                                                    \
        struct ending alone = run(mode, SC, va);            \
        bool ends = (wanted) == NONE;                       \
                                                            \
        check("alone-" name, alone.cause, wanted);          \
        check("alone-" name "-value", alone.value, ends);   \
        if (!ends)                                          \
            check("alone-" name "-tval", alone.tval, (va)); \
    } while (0)

/* An SC that would fail is checked as one that would not ("Load-Reserved/
 * Store-Conditional": "No SC.W instruction shall retire unless it passes
 * memory permission checks"). */
static void check_faults_without(void)
{
    u64 word = (u64)frame[0];

    table_on(0);
    map(VA, frame[0], PTE_V | PTE_R | PTE_AD);
    map(ALIAS, frame[1], 0);
    run(S, "sc.w t0, zero, (t5)", frame[1]); /* ends what there may be */
    ALONE("writable", S, word, NONE);
    ALONE("read-only", S, VA, STORE_PAGE);
    ALONE("unmapped", S, ALIAS + 8, STORE_PAGE);
    ALONE("misaligned", S, ALIAS + 2, STORE_MISALIGNED);
    ALONE("user", S, word + USER_OFFSET, STORE_PAGE);
    map(VA, frame[0], PTE_RW | PTE_AD);
    ALONE("now-writable", S, VA, NONE);
    table_off();
    ALONE("nowhere", M, 0x40, STORE_ACCESS);
    ALONE("nowhere-misaligned", M, 0x41, STORE_MISALIGNED);

    csr_write(pmpaddr1, ~0ull);
    csr_write(pmpaddr0, word >> 2);
    csr_write(pmpcfg0, 0x1f11); /* all of it, but only R of the word */
    ALONE("denied", S, word, STORE_ACCESS);
    ALONE("behind", S, word + 4, NONE);
    ALONE("m", M, word, NONE);
    check("far-denied", run(S, "addi t3, t5, 8; lr.w t1, (t3);" SC, word).cause,
          STORE_ACCESS);
    csr_write(pmpcfg0, 0x1f1f);
    check("alone-writes", frame[0][0], 0);
}

void test_main(void)
{
    check_faults_without();
    check_pairs();
    check_addresses();
    check_faults();
    check_trapping_sc();
}
