/*
 * What the bare-metal test programs share.
 *
 *   test_main()            the program; it returns when it is through
 *   check(name, got, want) one line, `ok NAME` or `not ok NAME: …`
 *   report(name, value)    one line, `count NAME 0x…`, for the suite to judge
 *   run(mode, code, arg)   instructions in a privilege mode, and how they ended
 *   table_* and map()      an address space, Sv39 unless SV says otherwise
 *
 * The address space has memory at its own place for S-mode, the same again
 * USER_OFFSET higher for U-mode, and in the first 2 MiB 4 KiB pages that a
 * test maps as it likes.
 */
#ifndef BARE_H
#define BARE_H

#include "base/types.h"

#define U 0
#define S 1
#define M 3

#define MIE_BIT (1 << 3)
#define MPIE_BIT (1 << 7)
#define MPP_SHIFT 11
#define MPP_BITS (3 << 11)
#define MPRV_BIT (1 << 17)
#define SUM_BIT (1 << 18)
#define MXR_BIT (1 << 19)
#define TVM_BIT (1 << 20)
#define TW_BIT (1 << 21)
#define TSR_BIT (1 << 22)

enum cause {
    FETCH_ACCESS = 1,
    ILLEGAL = 2,
    BREAKPOINT = 3,
    LOAD_ACCESS = 5,
    STORE_MISALIGNED = 6,
    STORE_ACCESS = 7,
    FETCH_PAGE = 12,
    LOAD_PAGE = 13,
    STORE_PAGE = 15,
};
#define NONE (~0ull) /* as a cause: the code ran to its end */
#define INTERRUPT (1ull << 63)

#define PTE_V 0x01
#define PTE_R 0x02
#define PTE_W 0x04
#define PTE_X 0x08
#define PTE_U 0x10
#define PTE_G 0x20
#define PTE_A 0x40
#define PTE_D 0x80
#define PTE_AD (PTE_A | PTE_D)
#define PTE_RW (PTE_V | PTE_R | PTE_W)

#ifndef SV
#define SV 39
#endif

#define PAGE 4096ull
#define USER_OFFSET 0x40000000ull

#define CSR_NAME_(name) #name
#define CSR_NAME(name) CSR_NAME_(name)
#define csr_read(csr)                                  \
    ({                                                 \
        u64 csr_value;                                 \
        __asm__ volatile("csrr %0, " CSR_NAME(csr)     \
                         : "=r"(csr_value)::"memory"); \
        csr_value;                                     \
    })
#define csr_write(csr, value)                                         \
    __asm__ volatile("csrw " CSR_NAME(csr) ", %0" ::"r"((u64)(value)) \
                     : "memory")
#define csr_set(csr, bits)                                           \
    __asm__ volatile("csrs " CSR_NAME(csr) ", %0" ::"r"((u64)(bits)) \
                     : "memor"                                       \
                       "y")
#define csr_clear(csr, bits)                                         \
    __asm__ volatile("csrc " CSR_NAME(csr) ", %0" ::"r"((u64)(bits)) \
                     : "memor"                                       \
                       "y")

/* How a run() ended. */
struct ending {
    u64 cause; /* mcause, or NONE */
    u64 tval, pc;
    u64 value; /* of t0 */
};

/* Runs code, which may name arg as t5, in a mode; it may use a0 to a5 and
 * t0 to t4 and t6, leaves a value in t0, and has labels from 3 on. */
#define run(mode, code, arg)                                              \
    ({                                                                    \
        struct ending ending;                                             \
        u64 run_where = run_offset(mode);                                 \
        register u64 run_arg __asm__("t5") = (u64)(arg);                  \
        register u64 run_mpp __asm__("a6") = (u64)(mode) << MPP_SHIFT;    \
        register u64 run_move __asm__("a7") = run_where;                  \
        __asm__ volatile(                                                 \
            "la t4, 1f\n csrw mtvec, t4\n"                                \
            "li t4, 3 << 11\n csrc mstatus, t4\n"                         \
            "csrs mstatus, %[mpp]\n"                                      \
            "la t4, 2f\n add t4, t4, %[move]\n"                           \
            "csrw mepc, t4\n li t0, 0\n mret\n"                           \
            "2: " code "\n ecall\n .balign 4\n"                           \
            "1: la t4, trap_unexpected\n csrw mtvec, t4\n"                \
            "mv %[value], t0"                                             \
            : [value] "=r"(ending.value)                                  \
            : "r"(run_arg), [mpp] "r"(run_mpp), [move] "r"(run_move)      \
            : "t0", "t1", "t2", "t3", "t4", "t6", "a0", "a1", "a2", "a3", \
              "a4", "a5", "ra", "memory");                                \
        ending.cause = csr_read(mcause);                                  \
        ending.tval = csr_read(mtval);                                    \
        ending.pc = csr_read(mepc);                                       \
        if (ending.cause == 8 + (mode))                                   \
            ending.cause = NONE;                                          \
        ending;                                                           \
    })

u64 run_offset(unsigned mode);

void check(const char *name, u64 got, u64 want);

/* A check whose line is printed in another way: it counts for the plan. */
void check_printed(void);
void report(const char *name, u64 value);
_Noreturn void done(void);
_Noreturn void unexpected(u64 cause, u64 pc, u64 tval);
void test_main(void);

/* start.S */
void trap_unexpected(void);

/* Turns translation on with that ASID and nothing mapped by the test, or off.
 */
void table_on(u64 asid);
void table_off(void);

/* The last-level entry of a va below 2 MiB, and a new value for it, with the
 * fence. */
u64 *table_entry(u64 va);
void map(u64 va, const void *frame, u64 flags);

/* The second-level entry of a va below 1 GiB. */
u64 *table_middle(u64 va);

/* An entry of the root; a test may have those with index 1 and 511. */
u64 *table_top(unsigned index);

static inline u64 leaf(const void *frame, u64 flags)
{
    return (u64)frame >> 12 << 10 | flags;
}

static inline void fence_all(void)
{
    __asm__ volatile("sfence.vma" ::: "memory");
}

#endif
