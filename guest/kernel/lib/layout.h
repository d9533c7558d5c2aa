/*
 * The address space (Sv39).
 *
 *   0x0000000000001000 .. 0x0000003ffffff000   user
 *   0xffffffc000000000 + pa                    what is below LINEAR_SIZE
 *
 * The kernel is linked at the linear address of where it is loaded, so a
 * physical address and its kernel pointer differ by one constant, for the
 * image, for all of RAM and for device registers alike. The upper half of
 * every root table holds the same entries, all marked G.
 */
#ifndef LIB_LAYOUT_H
#define LIB_LAYOUT_H

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096
#define LINEAR_BASE 0xffffffc000000000
/* Half of the space, less a page: the end of what is mapped has an address. */
#define LINEAR_SIZE 0x3ffffff000
#define USER_END 0x3ffffff000

/* Text of the signal return trampoline, one page below the end of user
 * space; the stack ends below it. */
#define SIGRETURN_VA (USER_END - PAGE_SIZE)
#define STACK_TOP (SIGRETURN_VA - PAGE_SIZE)
#define STACK_SIZE (8 << 20)
#define MMAP_TOP (STACK_TOP - (64 << 20))

#define KSTACK_SIZE 8192

#ifndef __ASSEMBLER__
#include "lib/types.h"

static inline void *phys_to_virt(u64 pa)
{
    return (void *)(pa + LINEAR_BASE);
}

static inline u64 virt_to_phys(const void *p)
{
    return (u64)p - LINEAR_BASE;
}
#endif

#endif
