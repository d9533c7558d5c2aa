/*
 * Zicbom, Zicboz and Zicbop (unprivileged spec, "CMO"): who may manage a cache
 * block and when, what it does to memory, and which faults it raises.
 */
#include "bare.h"

#define VA 0x10000
#define BLOCK 64
#define MENVCFG 0x30a
#define SENVCFG 0x10a
#define CBIE_SHIFT 4 /* two bits: illegal, flush, reserved, invalidate */
#define CBCFE_SHIFT 6
#define CBZE_SHIFT 7
#define ALL_ENABLED (1 << CBIE_SHIFT | 1 << CBCFE_SHIFT | 1 << CBZE_SHIFT)
#define ADUE (1ull << 61)

#define PMP_NAPOT 0x18
#define PMP_ALL 0x1f

static u8 frame[2][PAGE] __attribute__((aligned(4096)));

typedef struct ending operation(unsigned mode, u64 at);

#define OPERATION(name, text)                                       \
    static struct ending name(unsigned mode, u64 at)                \
    {                                                               \
        return run(mode,                                            \
                   ".option push\n"                                 \
                   ".option arch, +zicbom, +zicboz, +zicbop\n" text \
                   "\n.option pop",                                 \
                   at);                                             \
    }
OPERATION(inval, "cbo.inval (t5)")
OPERATION(clean, "cbo.clean (t5)")
OPERATION(flush, "cbo.flush (t5)")
OPERATION(zero, "cbo.zero (t5)")
OPERATION(prefetch, "prefetch.i 0(t5)\nprefetch.r 32(t5)\nprefetch.w -32(t5)")

/* Which pairs of values of menvcfg's and senvcfg's field let a mode run it, a
 * bit each. */
static u64 allowed(operation *op, unsigned mode, unsigned shift, u64 field)
{
    u64 mask = 0;

    for (u64 pair = 0; pair < 16; pair++) {
        u64 m = pair >> 2, s = pair & 3;
        u64 cause;

        if ((m & ~field) || (s & ~field) || m == 2 || s == 2)
            continue;
        csr_write(MENVCFG, m << shift);
        csr_write(SENVCFG, s << shift);
        cause = op(mode, (u64)frame).cause;
        if (cause == NONE)
            mask |= 1ull << pair;
        else
            check("why", cause, ILLEGAL);
    }
    return mask;
}

/* A field of one bit, by pairs 0, 1, 4, 5; of two, by those without a 2. */
static void check_enables(void)
{
    static const struct {
        const char *in_m, *in_s, *in_u;
        operation *op;
        unsigned shift;
        u64 field, all, m_set, both_set;
    } rows[] = {
        {"inval-m", "inval-s", "inval-u", inval, CBIE_SHIFT, 3, 0xb0bb, 0xb0b0,
         0xa0a0},
        {"clean-m", "clean-s", "clean-u", clean, CBCFE_SHIFT, 1, 0x33, 0x30,
         0x20},
        {"flush-m", "flush-s", "flush-u", flush, CBCFE_SHIFT, 1, 0x33, 0x30,
         0x20},
        {"zero-m", "zero-s", "zero-u", zero, CBZE_SHIFT, 1, 0x33, 0x30, 0x20},
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check(rows[i].in_m,
              allowed(rows[i].op, M, rows[i].shift, rows[i].field),
              rows[i].all);
        check(rows[i].in_s,
              allowed(rows[i].op, S, rows[i].shift, rows[i].field),
              rows[i].m_set);
        check(rows[i].in_u,
              allowed(rows[i].op, U, rows[i].shift, rows[i].field),
              rows[i].both_set);
    }
    csr_write(MENVCFG, 0);
    csr_write(SENVCFG, 0);
    check("prefetch-s", prefetch(S, (u64)frame).cause, NONE);
    check("prefetch-u", prefetch(U, (u64)frame).cause, NONE);
}

/* Bytes of the first page that are zero; the first and the last of them. */
static u64 zeroes(void)
{
    u64 count = 0, first = PAGE, last = 0;

    for (u64 i = 0; i < PAGE; i++)
        if (!frame[0][i]) {
            count++;
            first = first < i ? first : i;
            last = i;
        }
    return count << 32 | first << 16 | last;
}

static void fill(void)
{
    for (u64 i = 0; i < PAGE; i++)
        frame[0][i] = 0xa5;
}

static void check_data(void)
{
    const u64 at = (u64)frame + 5 * BLOCK;

    fill();
    check("kept-by", inval(S, at).cause, NONE);
    clean(S, at);
    flush(S, at);
    prefetch(S, at);
    check("kept", zeroes(), PAGE << 16);
    zero(S, at);
    check("zeroed", zeroes(),
          (u64)BLOCK << 32 | 5 * BLOCK << 16 | (6 * BLOCK - 1));
    fill();
    zero(S, at + BLOCK - 1);
    check("zeroed-inside", zeroes(),
          (u64)BLOCK << 32 | 5 * BLOCK << 16 | (6 * BLOCK - 1));
}

static void check_fault(const char *name, const char *name_of_tval,
                        operation *op, u64 at, u64 cause)
{
    struct ending e = op(S, at);

    check(name, e.cause, cause);
    check(name_of_tval, e.tval, at);
}

/* A store's faults, with the address that rs1 gave; to manage a block, the
 * right to load is enough. */
static void check_pages(void)
{
    u64 *entry = table_entry(VA);

    table_on(0);
    map(VA, frame[0], 0);
    check_fault("no-page-inval", "no-page-inval-tval", inval, VA + 64,
                STORE_PAGE);
    check_fault("no-page-clean", "no-page-clean-tval", clean, VA, STORE_PAGE);
    check_fault("no-page-flush", "no-page-flush-tval", flush, VA + 128,
                STORE_PAGE);
    check_fault("no-page-zero", "no-page-zero-tval", zero, VA + 192,
                STORE_PAGE);
    check_fault("inside-clean", "inside-clean-tval", clean, VA + 13,
                STORE_PAGE);
    check_fault("inside-zero", "inside-zero-tval", zero, VA + 77, STORE_PAGE);
    check("no-page-prefetch", prefetch(S, VA + 64).cause, NONE);
    map(VA, frame[0], PTE_V | PTE_R | PTE_AD);
    check("read-only-inval", inval(S, VA).cause, NONE);
    check("read-only-clean", clean(S, VA).cause, NONE);
    check("read-only-flush", flush(S, VA).cause, NONE);
    check("read-only-zero", zero(S, VA).cause, STORE_PAGE);
    map(VA, frame[0], PTE_RW | PTE_U | PTE_AD);
    check("user-page-clean", clean(S, VA).cause, STORE_PAGE);
    check("user-page-zero", zero(S, VA).cause, STORE_PAGE);
    check("user-clean", clean(U, VA).cause, NONE);
    check("user-zero", zero(U, VA).cause, NONE);
    map(VA, frame[0], PTE_RW);
    check("sets-a-d", zero(S, VA).cause, NONE);
    check("a-d-set", *entry & PTE_AD, PTE_AD);
    table_off();
}

static void check_memory_protection(void)
{
    csr_write(pmpaddr1, -1);
    csr_write(pmpaddr0, (u64)frame >> 2 | (PAGE / 8 - 1));
    csr_write(pmpcfg0, PMP_ALL << 8 | PMP_NAPOT);
    check_fault("pmp-clean", "pmp-clean-tval", clean, (u64)frame + 64,
                STORE_ACCESS);
    check_fault("pmp-zero", "pmp-zero-tval", zero, (u64)frame + 64,
                STORE_ACCESS);
    csr_write(pmpcfg0, PMP_ALL << 8 | PMP_NAPOT | 1);
    check("pmp-read-clean", clean(S, (u64)frame).cause, NONE);
    check("pmp-read-zero", zero(S, (u64)frame).cause, STORE_ACCESS);
    csr_write(pmpcfg0, PMP_ALL << 8 | PMP_ALL);
}

void test_main(void)
{
    check_enables();
    csr_set(MENVCFG, ADUE | ALL_ENABLED);
    csr_set(SENVCFG, ALL_ENABLED);
    check_data();
    check_pages();
    check_memory_protection();
}
