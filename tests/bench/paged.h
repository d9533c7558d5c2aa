/*
 * What the programs share that measure traps and translation. They run in
 * S-mode (start.S with PAGED) and map 4 KiB pages from PAGED_VA on.
 */
#ifndef PAGED_H
#define PAGED_H

#include "bench.h"

#define PAGE 4096ull
#define PAGED_VA 0x100000000ull

#define PTE_V 0x01ull
#define PTE_R 0x02ull
#define PTE_W 0x04ull
#define PTE_X 0x08ull
#define PTE_U 0x10ull
#define PTE_G 0x20ull
#define PTE_A 0x40ull
#define PTE_D 0x80ull
#define PTE_RW (PTE_V | PTE_R | PTE_W | PTE_A | PTE_D)

#define SATP_SV39 (8ull << 60)
#define SATP_ASID_SHIFT 44

/* The root that start.S made: 512 entries. */
extern u64 root[];

static inline u64 pte_of(const void *pa, u64 flags)
{
    return (u64)pa >> 12 << 10 | flags;
}

static inline u64 satp_of(const u64 *table, u64 asid)
{
    return SATP_SV39 | asid << SATP_ASID_SHIFT | (u64)table >> 12;
}

/* Puts the 2 MiB from PAGED_VA on, in the space of `top`, under `middle` and
 * `last`, two empty tables. The caller fills `last`. */
static inline void paged_link(u64 *top, u64 *middle, const u64 *last)
{
    top[PAGED_VA >> 30] = pte_of(middle, PTE_V);
    middle[0] = pte_of(last, PTE_V);
}

/* user.S */
u64 enter_user(const void *code, u64 argument);

static inline void fence_all(void)
{
    __asm__ volatile("sfence.vma" ::: "memory");
}

static inline void fence_page(u64 va)
{
    __asm__ volatile("sfence.vma %0, x0" ::"r"(va) : "memory");
}

#endif
