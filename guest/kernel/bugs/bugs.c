/* Which mistakes have been asked for; see bugs.h. */
#include "bugs/bugs.h"

#include "dev/printk.h"
#include "lib/csr.h"
#include "lib/pte.h"
#include "lib/string.h"

u32 bugs_planted;

static const struct {
    const char *option, *name, *what;
} bugs[BUGS] = {
#define BUG(name, text, what) [BUG_##name] = {"bug=" text, text, what},
#include "uapi/bugs.def"
};

bool bug_option(const char *word)
{
    for (unsigned i = 0; i < BUGS; i++) {
        if (strcmp(word, bugs[i].option))
            continue;
        bugs_planted |= 1u << i;
        return true;
    }
    return false;
}

void bug_tell(void)
{
    for (unsigned i = 0; i < BUGS; i++) {
        if (bug((enum bug)i))
            inform("bug       %s: %s\n", bugs[i].name, bugs[i].what);
    }
}

/* Where the kernel has the byte at a user address, NULL if it is not there. */
static u8 *frame_byte(u64 va)
{
    u64 root = csr_read(satp) & ((1ul << SATP_ASID_SHIFT) - 1);
    u64 *table = phys_to_virt(root << PAGE_SHIFT);

    for (unsigned level = 2;; level--) {
        u64 pte = table[pt_index(va, level)];

        if (!(pte & PTE_V))
            return NULL;
        if (!level)
            return (u8 *)phys_to_virt(pte_pa(pte)) + va % PAGE_SIZE;
        table = pte_table(pte);
    }
}

bool bug_copy_out(u64 dst, const void *src, size_t n)
{
    for (u64 va = ALIGN_DOWN(dst, PAGE_SIZE); va < dst + n; va += PAGE_SIZE) {
        if (!frame_byte(va))
            return false;
    }
    for (size_t i = 0; i < n; i++)
        *frame_byte(dst + i) = ((const u8 *)src)[i];
    return true;
}
