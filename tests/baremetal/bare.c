/*
 * The shared part of the bare-metal test programs: output, the verdict, and
 * one address space.
 */
#include "bare.h"

#ifndef UART
#define UART ((volatile u8 *)0x10000000)
#endif
#define FINISHER ((volatile u32 *)0x100000)
#define PASS 0x5555
#define FAIL 0x13333

#define ENTRIES 512
#define SATP_SV(width) ((8ull + ((width)-39) / 9) << 60)
#define RAM 0x80000000ull

/* The levels that Sv48 and Sv57 put above Sv39's root. */
static u64 above[2][ENTRIES] __attribute__((aligned(4096)));
static u64 root[ENTRIES] __attribute__((aligned(4096)));
static u64 middle[ENTRIES] __attribute__((aligned(4096)));
static u64 last[ENTRIES] __attribute__((aligned(4096)));
static unsigned failures, checks;

static void print(const char *text)
{
    while (*text)
        *UART = (u8)*text++;
}

static void print_hex(u64 value)
{
    int shift = 60;

    print("0x");
    while (shift && !(value >> shift))
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        *UART = (u8) "0123456789abcdef"[value >> shift & 15];
}

void check(const char *name, u64 got, u64 want)
{
    checks++;
    print(got == want ? "ok " : "not ok ");
    print(name);
    if (got != want) {
        failures++;
        print(": got ");
        print_hex(got);
        print(", wanted ");
        print_hex(want);
    }
    print("\n");
}

void check_printed(void)
{
    checks++;
}

void report(const char *name, u64 value)
{
    print("count ");
    print(name);
    print(" ");
    print_hex(value);
    print("\n");
}

void done(void)
{
    print("plan ");
    print_hex(checks);
    print("\n");
    print(failures ? "failed\n" : "passed\n");
    *FINISHER = failures ? FAIL : PASS;
    for (;;)
        __asm__ volatile("wfi");
}

void unexpected(u64 cause, u64 pc, u64 tval)
{
    print("trap at ");
    print_hex(pc);
    print(" tval ");
    print_hex(tval);
    print("\n");
    check("unexpected-trap", cause, NONE);
    done();
}

u64 run_offset(unsigned mode)
{
    return mode == U && csr_read(satp) ? USER_OFFSET : 0;
}

static u64 *table_root(void)
{
    return SV == 57 ? above[1] : SV == 48 ? above[0] : root;
}

void table_on(u64 asid)
{
    u64 ram = RAM >> 2 | PTE_RW | PTE_X | PTE_AD;

    root[0] = leaf(middle, PTE_V);
    root[2] = ram;
    root[3] = ram | PTE_U;
    middle[0] = leaf(last, PTE_V);
    above[0][0] = leaf(root, PTE_V);
    above[1][0] = leaf(above[0], PTE_V);
    csr_write(satp, SATP_SV(SV) | asid << 44 | (u64)table_root() >> 12);
    fence_all();
}

void table_off(void)
{
    csr_write(satp, 0);
    fence_all();
}

u64 *table_entry(u64 va)
{
    return &last[va >> 12 & (ENTRIES - 1)];
}

u64 *table_middle(u64 va)
{
    return &middle[va >> 21 & (ENTRIES - 1)];
}

u64 *table_top(unsigned index)
{
    return &table_root()[index];
}

void map(u64 va, const void *frame, u64 flags)
{
    *table_entry(va) = leaf(frame, flags);
    fence_all();
}
