/*
 * Address-space identifiers and everything that writes satp.
 *
 * Invariant: a space whose generation is the current one is the only one
 * with its ASID, and nothing but its own translations is cached under it.
 * ASID 0 belongs to the kernel's own tables (and to everybody on a hart
 * without ASIDs).
 */
#include "mm/mm.h"

#include "lib/csr.h"
#include "ram/kmap.h"

static unsigned bits;
static u64 generation = 1;
static u64 next_asid = 1;
static const struct mm *loaded;

static void write_satp(u64 satp)
{
    vmstat.satp_writes++;
    csr_write(satp, satp);
    if (bits == 0)
        __asm__ volatile("sfence.vma" ::: "memory");
}

void asid_init(void)
{
    u64 old = csr_read(satp);

    csr_write(satp, old | SATP_ASID_MASK << SATP_ASID_SHIFT);
    for (u64 got = csr_read(satp) >> SATP_ASID_SHIFT & SATP_ASID_MASK; got;
         got >>= 1)
        bits++;
    csr_write(satp, old);
    __asm__ volatile("sfence.vma" ::: "memory");
}

unsigned asid_bits(void)
{
    return bits;
}

/* Gives the space a number of this generation; true if a new one began. */
static bool assign(struct mm *mm)
{
    bool rolled = false;

    if (bits == 0 || mm->generation == generation)
        return false;
    if (next_asid >> bits) {
        generation++;
        next_asid = 1;
        vmstat.asid_rollovers++;
        rolled = true;
    }
    mm->asid = next_asid++;
    mm->generation = generation;
    return rolled;
}

u64 mm_satp(const struct mm *mm)
{
    return SATP_MODE_SV39 | mm->asid << SATP_ASID_SHIFT |
           virt_to_phys(mm->root) >> PAGE_SHIFT;
}

/* At a roll-over the fence comes after satp: until then the hart may still
 * cache translations of the old space under its old number. */
void mm_activate(struct mm *mm)
{
    if (mm != loaded || (bits && mm->generation != generation)) {
        bool rolled = assign(mm);

        write_satp(mm_satp(mm));
        if (rolled)
            __asm__ volatile("sfence.vma" ::: "memory");
        loaded = mm;
    }
}

void mm_fence(const struct mm *mm)
{
    if (bits && mm->generation != generation)
        return;
    __asm__ volatile("sfence.vma zero, %0" ::"r"(mm->asid) : "memory");
}

void mm_fence_page(const struct mm *mm, u64 va)
{
    if (bits && mm->generation != generation)
        return;
    __asm__ volatile("sfence.vma %0, %1" ::"r"(va), "r"(mm->asid) : "memory");
}

void mm_unload(struct mm *mm)
{
    if (loaded == mm) {
        loaded = NULL;
        write_satp(SATP_MODE_SV39 | kmap_root() >> PAGE_SHIFT);
    }
    mm_fence(mm);
}

void mm_fence_code(void)
{
    __asm__ volatile("fence.i" ::: "memory");
}
