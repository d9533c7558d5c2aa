/*
 * ASIDs of less than 16 bits (privileged spec, "Supervisor Address Translation
 * and Protection (satp) Register"): satp keeps BITS of them, ASIDs that differ
 * above are one, sfence.vma ignores what is above in rs2, and no write to satp
 * fences: a hart without ASIDs is one whose spaces all have the same.
 *
 * That what is old stays is this machine's; that it goes with the right fence
 * is anybody's.
 */
#include "bare.h"

#define VA 0x10000
#define ASID_SHIFT 44
#define ASID_MASK 0xffffull
#define KEPT ((1ull << BITS) - 1)
#define ABOVE (1ull << BITS) /* in none, if BITS is 16 */

#define RIGHTS (PTE_RW | PTE_AD)

static u64 frame[2][PAGE / 8] __attribute__((aligned(4096)));

static void set_asid(u64 asid)
{
    csr_write(satp, (csr_read(satp) & ~(ASID_MASK << ASID_SHIFT)) |
                        (asid & ASID_MASK) << ASID_SHIFT);
}

static u64 asid_of_satp(void)
{
    return csr_read(satp) >> ASID_SHIFT & ASID_MASK;
}

static u64 value(void)
{
    return run(S, "ld t0, (t5)", VA).value;
}

/* The hart meets a page of this space, which then is another. */
static void change(u64 asid)
{
    set_asid(asid);
    *(volatile u64 *)table_entry(VA) = leaf(frame[0], RIGHTS);
    fence_all();
    check("met", value(), 100);
    *(volatile u64 *)table_entry(VA) = leaf(frame[1], RIGHTS);
}

static void check_satp(void)
{
    u64 root = csr_read(satp) & ~(ASID_MASK << ASID_SHIFT);

    set_asid(ASID_MASK);
    check("all-ones", asid_of_satp(), KEPT);
    set_asid(0);
    check("zero", asid_of_satp(), 0);
    set_asid(ABOVE);
    check("above", asid_of_satp(), 0);
    set_asid(0x5555);
    check("some", asid_of_satp(), 0x5555 & KEPT);
    check("the-rest", csr_read(satp) & ~(ASID_MASK << ASID_SHIFT), root);
}

static void check_spaces(void)
{
    change(0);
    set_asid(ABOVE);
    check("the-same", value(), 100);
    set_asid(KEPT);
    check("another", value(), BITS ? 101 : 100);
    set_asid(0);
    check("satp-fences-nothing", value(), 100);
    fence_all();
    check("fenced", value(), 101);
}

static void check_fences(void)
{
    u64 asid = ASID_MASK & ~KEPT; /* 0, to this hart */

    change(0);
    __asm__ volatile("sfence.vma x0, %0" ::"r"(asid) : "memory");
    check("fence-asid", value(), 101);
    change(0);
    __asm__ volatile("sfence.vma %0, %1" ::"r"(VA), "r"(asid) : "memory");
    check("fence-page-asid", value(), 101);
    change(0);
    __asm__ volatile("sfence.vma x0, %0" ::"r"(KEPT) : "memory");
    check("fence-last-asid", value(), BITS ? 100 : 101);
}

void test_main(void)
{
    frame[0][0] = 100;
    frame[1][0] = 101;
    table_on(0);
    check_satp();
    check_spaces();
    check_fences();
    table_off();
}
