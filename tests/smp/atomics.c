/*
 * Unprivileged spec, "A" extension: what several harts do to one word at a
 * time by LR/SC, by AMOs and under locks made of them loses nothing.
 */
#include "smp.h"

#ifndef ROUNDS
#define ROUNDS 300
#endif
#define PLACES 7 /* for tokens */

static volatile u64 total;
static volatile u32 total_32;
static volatile u64 bits, largest, smallest, lock, tickets, serving;
static volatile u64 tokens[PLACES];

static void add_by_lr_sc(unsigned hart)
{
    (void)hart;
    meet();
    for (unsigned i = 0; i < ROUNDS; i++)
        __asm__ volatile("1: lr.d t0, (%0)\n addi t0, t0, 1\n"
                         "sc.d t1, t0, (%0)\n bnez t1, 1b" ::"r"(&total)
                         : "t0", "t1", "memory");
}

static void add_by_lr_sc_word(unsigned hart)
{
    (void)hart;
    meet();
    for (unsigned i = 0; i < ROUNDS; i++)
        __asm__ volatile("1: lr.w.aq t0, (%0)\n addi t0, t0, 1\n"
                         "sc.w.rl t1, t0, (%0)\n bnez t1, 1b" ::"r"(&total_32)
                         : "t0", "t1", "memory");
}

static void add_by_amo(unsigned hart)
{
    (void)hart;
    meet();
    for (unsigned i = 0; i < ROUNDS; i++) {
        amo_add(&total, 1);
        __atomic_fetch_add(&total_32, 1, __ATOMIC_SEQ_CST);
    }
}

static void add_by_cas(unsigned hart)
{
    (void)hart;
    meet();
    for (unsigned i = 0; i < ROUNDS; i++) {
        u64 old = total;

        while (!__atomic_compare_exchange_n(&total, &old, old + 1, false,
                                            __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            ;
    }
}

/* Each hart toggles its own bits and keeps the extremes of what it says. */
static void mix_amos(unsigned hart)
{
    meet();
    for (unsigned i = 0; i < ROUNDS; i++) {
        u64 said = hart * ROUNDS + i + 1;

        __atomic_fetch_xor(&bits, 0x11ull << hart * 8, __ATOMIC_SEQ_CST);
        __atomic_fetch_or(&bits, 0x80ull << hart * 8, __ATOMIC_SEQ_CST);
        __atomic_fetch_and(&bits, ~(0x80ull << hart * 8), __ATOMIC_SEQ_CST);
        __asm__ volatile("amomaxu.d zero, %1, (%0)" ::"r"(&largest), "r"(said)
                         : "memory");
        __asm__ volatile("amomin.d zero, %1, (%0)" ::"r"(&smallest), "r"(-said)
                         : "memory");
    }
    __atomic_fetch_xor(&bits, 0x08ull << hart * 8, __ATOMIC_SEQ_CST);
}

/* Tokens change hands by amoswap: none is lost, none is doubled. */
static void swap_tokens(unsigned hart)
{
    u64 mine = hart + 1;

    meet();
    for (unsigned i = 0; i < ROUNDS; i++)
        mine = __atomic_exchange_n(&tokens[i % PLACES], mine, __ATOMIC_SEQ_CST);
    amo_add(&total, 1ull << mine * 4);
}

static void add_under_lock(unsigned hart)
{
    (void)hart;
    meet();
    for (unsigned i = 0; i < ROUNDS; i++) {
        while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
            pause();
        total = total + 1;
        __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
    }
}

static void add_by_ticket(unsigned hart)
{
    (void)hart;
    meet();
    for (unsigned i = 0; i < ROUNDS; i++) {
        u64 mine = __atomic_fetch_add(&tickets, 1, __ATOMIC_ACQUIRE);

        while (__atomic_load_n(&serving, __ATOMIC_ACQUIRE) != mine)
            pause();
        total = total + 1;
        __atomic_store_n(&serving, mine + 1, __ATOMIC_RELEASE);
    }
}

static void expect_total(const char *name, work_fn *work)
{
    total = total_32 = 0;
    on_all(work);
    check(name, total + total_32, (u64)harts * ROUNDS);
}

static void check_mix(void)
{
    u64 wanted = 0;

    smallest = 0;
    on_all(mix_amos);
    for (unsigned hart = 0; hart < harts; hart++)
        wanted |= (ROUNDS % 2 ? 0x19ull : 0x08ull) << hart * 8;
    check("amo-bits", bits, wanted);
    check("amo-max", largest, (u64)harts * ROUNDS);
    check("amo-min", smallest, -(u64)harts * ROUNDS);
}

/* Counts tokens by their number, four bits each. */
static void check_tokens(void)
{
    u64 wanted = 0;

    total = 0;
    for (unsigned i = 0; i < PLACES; i++)
        tokens[i] = HARTS_MAX + 1 + i;
    for (unsigned hart = 0; hart < harts; hart++)
        wanted += 1ull << (hart + 1) * 4;
    for (unsigned i = 0; i < PLACES; i++)
        wanted += 1ull << tokens[i] * 4;
    on_all(swap_tokens);
    for (unsigned i = 0; i < PLACES; i++)
        total += 1ull << tokens[i] * 4;
    check("amo-swap", total, wanted);
}

/* What hart 1 does between an LR of hart 0 and its SC. */
static volatile u64 word, step;
static volatile u64 between_value;

static void store_between(unsigned hart)
{
    (void)hart;
    if (await(&step, 1))
        word = between_value;
    fence();
    step = 2;
}

/* Whether the SC succeeds. */
static u64 sc_after(u64 value)
{
    u64 failed;

    word = 5;
    step = 0;
    between_value = value;
    begin(1, store_between);
    __asm__ volatile("lr.d t0, (%1)\n fence\n li t0, 1\n sd t0, (%2)\n"
                     "1: ld t0, (%2)\n addi t0, t0, -2\n bnez t0, 1b\n"
                     "li t0, 7\n sc.d %0, t0, (%1)"
                     : "=&r"(failed)
                     : "r"(&word), "r"(&step)
                     : "t0", "memory");
    finish(1);
    return !failed;
}

static void check_reservation(void)
{
    check("sc-after-store", sc_after(6), 0);
    check("sc-stored-nothing", word, 6);
    check("sc-after-same-value", sc_after(5), 0);
}

void test_main(void)
{
    expect_total("lr-sc", add_by_lr_sc);
    expect_total("lr-sc-word", add_by_lr_sc_word);
    total = total_32 = 0;
    on_all(add_by_amo);
    check("amo-add", total, (u64)harts * ROUNDS);
    check("amo-add-word", total_32, (u64)harts * ROUNDS);
    expect_total("cas", add_by_cas);
    expect_total("lock", add_under_lock);
    expect_total("ticket-lock", add_by_ticket);
    check_mix();
    check_tokens();
    if (harts > 1)
        check_reservation();
}
