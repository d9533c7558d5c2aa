/*
 * The kernel half: linear map of devices and RAM, with the image's text
 * executable, its constants read-only and nothing else executable.
 *
 * Built once at boot from the largest pages that fit, never changed after:
 * new address spaces copy the upper half of the root.
 */
#include "ram/kmap.h"

#include "dev/printk.h"
#include "lib/csr.h"
#include "lib/pte.h"
#include "lib/string.h"
#include "ram/frames.h"

#define KERNEL_RW (PTE_V | PTE_R | PTE_W | PTE_G | PTE_A | PTE_D)
#define KERNEL_RO (PTE_V | PTE_R | PTE_G | PTE_A)
#define KERNEL_RX (PTE_V | PTE_R | PTE_X | PTE_G | PTE_A)
#define GIGAPAGE (1ul << 30)

extern char image_start[], text_end[], rodata_end[];

static u64 *kernel_root;

static u64 *next_table(u64 *pte)
{
    if (!*pte) {
        void *table = frame_alloc_zeroed(FRAME_TABLE);

        if (!table)
            PANIC("no memory for the kernel's tables");
        *pte = pte_make(virt_to_phys(table), PTE_V);
    }
    return pte_table(*pte);
}

static void map_range(u64 start, u64 end, u64 flags)
{
    while (start < end) {
        u64 va = start + LINEAR_BASE;
        u64 *table = kernel_root;
        unsigned level = 2;
        u64 size = GIGAPAGE;

        while (start % size || end - start < size) {
            table = next_table(&table[pt_index(va, level)]);
            level--;
            size >>= 9;
        }
        table[pt_index(va, level)] = pte_make(start, flags);
        start += size;
    }
}

void kmap_init(u64 ram_start, u64 ram_end)
{
    u64 image = virt_to_phys(image_start);
    u64 text = virt_to_phys(text_end);
    u64 rodata = virt_to_phys(rodata_end);

    kernel_root = frame_alloc_zeroed(FRAME_TABLE);
    if (!kernel_root)
        PANIC("no memory for the kernel's tables");
    map_range(0, GIGAPAGE, KERNEL_RW);
    map_range(ram_start, image, KERNEL_RW);
    map_range(image, text, KERNEL_RX);
    map_range(text, rodata, KERNEL_RO);
    map_range(rodata, ram_end, KERNEL_RW);
    csr_write(satp, SATP_MODE_SV39 | kmap_root() >> PAGE_SHIFT);
    __asm__ volatile("sfence.vma" ::: "memory");
}

u64 kmap_root(void)
{
    return virt_to_phys(kernel_root);
}

void kmap_copy(u64 *root)
{
    memcpy(root + PT_USER_ENTRIES, kernel_root + PT_USER_ENTRIES,
           PAGE_SIZE / 2);
}
