/*
 * SBI "Firmware Features": what a hart has, what can be switched, and that it
 * is: misaligned exceptions go by the firmware, which counts them, or not;
 * hardware sets A and D, or an access faults. Another hart has its own.
 */
#include "payload.h"

#define ERR_DENIED_LOCKED (-14)
#define LOCK 1

enum { SET, GET };
enum { MISALIGNED, LANDING_PAD, SHADOW_STACK, DOUBLE_TRAP, AD, MASKING };

#define LOAD_MISALIGNED 4
#define LOAD_PAGE 13
#define STORE_PAGE 15
#define RAM 0x80000000ull
#define VA 0x40000000ull /* where RAM is seen through the entry under test */
#define PTE_RWV 7
#define PTE_ALL 0xcf
#define PTE_AD 0xc0
#define PATIENCE 50000000

static u64 root[512] __attribute__((aligned(4096)));
static volatile u64 other_state, other_done;

static long set(u64 feature, u64 value, u64 flags)
{
    return sbi(EXT_FWFT, SET, feature, value, flags, 0, 0).error;
}

static struct sbi_result get(u64 feature)
{
    return sbi(EXT_FWFT, GET, feature, 0, 0, 0, 0);
}

/* Whether get and set say this error, and get the value 0. */
static u64 refuses(u64 feature, long error)
{
    struct sbi_result r = get(feature);

    return r.error == error && r.value == 0 && set(feature, 0, 0) == error;
}

static void check_numbers(void)
{
    static const u64 denied[] = {6,          0x3fffffff, 0x40000000,
                                 0x7fffffff, 0x80000000, 0xbfffffff,
                                 0xc0000000, 0xffffffff};
    u64 right = 0;

    for (unsigned i = 0; i < 8; i++)
        right += refuses(denied[i], ERR_DENIED);
    check("reserved", right, 8);
    check("landing-pad", refuses(LANDING_PAD, ERR_NOT_SUPPORTED), 1);
    check("shadow-stack", refuses(SHADOW_STACK, ERR_NOT_SUPPORTED), 1);
    check("double-trap", refuses(DOUBLE_TRAP, ERR_NOT_SUPPORTED), 1);
    check("pointer-masking", refuses(MASKING, ERR_NOT_SUPPORTED), 1);
    check("function", sbi(EXT_FWFT, 2, 0, 0, 0, 0, 0).error, ERR_NOT_SUPPORTED);
}

/* How many misaligned loads the firmware sees of one. */
static u64 misaligned_seen(u64 counter)
{
    static u64 words[2];
    u64 before = (u64)sbi(EXT_PMU, 5, counter, 0, 0, 0, 0).value;

    check("misaligned-trap", trap_of("lr.w t0, (%[arg])", (u64)words + 1).cause,
          LOAD_MISALIGNED);
    return (u64)sbi(EXT_PMU, 5, counter, 0, 0, 0, 0).value - before;
}

/* What can be set to 0 and 1 and nothing else. */
static void check_values(u64 feature)
{
    check("set-2", set(feature, 2, 0), ERR_INVALID_PARAM);
    check("set-wide", set(feature, 1ull << 32, 0), ERR_INVALID_PARAM);
    check("flag-2", set(feature, 0, 2), ERR_INVALID_PARAM);
    check("flag-wide", set(feature, 0, 1ull << 32), ERR_INVALID_PARAM);
    check("set-1", set(feature, 1, 0), 0);
    check("got-1", get(feature).value, 1);
    check("set-0", set(1ull << 32 | feature, 0, 0), 0);
    check("got-0", get(1ull << 32 | feature).value, 0);
}

static void check_lock(u64 feature, u64 value)
{
    check("lock-bad", set(feature, 2, LOCK), ERR_INVALID_PARAM);
    check("lock", set(feature, value, LOCK), 0);
    check("locked-0", set(feature, 0, 0), ERR_DENIED_LOCKED);
    check("locked-1", set(feature, 1, LOCK), ERR_DENIED_LOCKED);
    check("locked-value", get(feature).value, value);
}

static void check_misaligned(void)
{
    u64 counter;

    check("misaligned-reset", get(MISALIGNED).value, 1);
    check_values(MISALIGNED);
    /* Any counter; clear, start; of misaligned loads. */
    counter = (u64)sbi(EXT_PMU, 2, 32, 0xffff, 2 | 4, 0xf0000, 0).value;
    check("misaligned-seen", misaligned_seen(counter), 1);
    check("misaligned-on", set(MISALIGNED, 1, 0), 0);
    check("misaligned-unseen", misaligned_seen(counter), 0);
    check_lock(MISALIGNED, 1);
}

/* An access through an entry without A and D: its cause, and what of them is
 * set then. */
#define ACCESS(code, wanted_cause, wanted_bits)                             \
    do {                                                                    \
        root[1] = RAM >> 12 << 10 | PTE_RWV;                                \
        __asm__ volatile("sfence.vma" ::: "memory");                        \
        check("ad-" code,                                                   \
              trap_of(code " zero, (%[arg])", (u64)&other_state - RAM + VA) \
                  .cause,                                                   \
              wanted_cause);                                                \
        check("ad-" code "-bits", root[1] & PTE_AD, wanted_bits);           \
    } while (0)

static void check_updates(bool on)
{
    root[2] = RAM >> 12 << 10 | PTE_ALL;
    write_csr("satp", 8ull << 60 | (u64)root >> 12);
    ACCESS("ld", on ? NO_TRAP : LOAD_PAGE, on ? 0x40 : 0);
    ACCESS("sd", on ? NO_TRAP : STORE_PAGE, on ? PTE_AD : 0);
    write_csr("satp", 0);
    __asm__ volatile("sfence.vma" ::: "memory");
}

static void check_ad(void)
{
    if (get(AD).error) {
        check("ad-none", refuses(AD, ERR_NOT_SUPPORTED), 1);
        return;
    }
    check("ad-reset", get(AD).value, 0);
    check_updates(false);
    check_values(AD);
    set(AD, 1, 0);
    check_updates(true);
    set(AD, 0, 0);
    check_updates(false);
    check_lock(AD, 1);
    check_updates(true);
}

/* Features of a hart that starts are as after reset, whatever another's are or
 * its own were. */
void hart_main(u64 hart, u64 opaque)
{
    bool ad = !get(AD).error;

    (void)hart;
    other_state = get(MISALIGNED).value == 1 && get(AD).value == 0 &&
                  !set(MISALIGNED, 0, LOCK) && (!ad || !set(AD, 1, LOCK));
    other_done = opaque;
    sbi(EXT_HSM, 1, 0, 0, 0, 0, 0);
    for (;;)
        ;
}

static void check_other(u64 self)
{
    u64 other = self ? 0 : 1;

    for (u64 turn = 1; turn <= 2; turn++) {
        if (sbi(EXT_HSM, 0, other, (u64)start_hart, turn, 0, 0).error)
            return;
        for (u64 i = 0; i < PATIENCE && other_done < turn; i++)
            ;
        for (u64 i = 0; i < PATIENCE / 100; i++)
            if (sbi(EXT_HSM, 2, other, 0, 0, 0, 0).value == 1)
                break;
        check("other-hart", other_done == turn && other_state, 1);
    }
    check("own-misaligned", get(MISALIGNED).value, 1);
}

void test_main(u64 hart, const void *device_tree)
{
    (void)device_tree;
    check("probe", sbi(EXT_BASE, 3, EXT_FWFT, 0, 0, 0, 0).value, 1);
    check_numbers();
    check_misaligned();
    check_ad();
    check_other(hart);
    done();
}
