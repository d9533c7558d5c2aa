/*
 * What S-mode test programs share: SBI calls, output, and catching traps.
 *
 * A check prints `ok NAME` or `not ok NAME: got X, wanted Y`; the program
 * ends with done(), which powers off as passed or failed.
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include "base/types.h"

#define EXT_BASE 0x10
#define EXT_TIME 0x54494d45
#define EXT_IPI 0x735049
#define EXT_RFENCE 0x52464e43
#define EXT_HSM 0x48534d
#define EXT_SRST 0x53525354
#define EXT_DBCN 0x4442434e
#define EXT_PMU 0x504d55
#define EXT_FWFT 0x46574654

#define SUSPEND_NON_RETENTIVE 0x80000000

#define ERR_NOT_SUPPORTED (-2)
#define ERR_INVALID_PARAM (-3)
#define ERR_DENIED (-4)
#define ERR_INVALID_ADDRESS (-5)
#define ERR_ALREADY_AVAILABLE (-6)

struct sbi_result {
    long error;
    long value;
};

struct sbi_result sbi(u64 extension, u64 function, u64 a0, u64 a1, u64 a2,
                      u64 a3, u64 a4);
long sbi_legacy(u64 extension, u64 a0, u64 a1, u64 a2, u64 a3);

void print(const char *text);
void check(const char *name, u64 got, u64 wanted);
_Noreturn void done(void);

/* A trap that was caught; cause is NO_TRAP if there was none. */
struct caught {
    u64 cause, tval, pc, status;
};
#define NO_TRAP (~0ull)

/* Runs instructions on operand in (%[arg]) and catches their trap. They may
 * use a0 to a7 and t0 to t6, but t4 and t5. */
#define trap_of(code, in)                                                  \
    ({                                                                     \
        struct caught caught;                                              \
        u64 trapped;                                                       \
        register u64 operand __asm__("t5") = (u64)(in);                    \
        __asm__ volatile("la t4, 1f\n csrw stvec, t4\n li t4, 1\n" code    \
                         "\n li t4, 0\n .balign 4\n"                       \
                         "1: mv %[out], t4"                                \
                         : [out] "=r"(trapped)                             \
                         : [arg] "r"(operand)                              \
                         : "t0", "t1", "t2", "t3", "t4", "t6", "a0", "a1", \
                           "a2", "a3", "a4", "a5", "a6", "a7", "ra",       \
                           "memory");                                      \
        caught.cause = trapped ? read_csr("scause") : NO_TRAP;             \
        caught.tval = read_csr("stval");                                   \
        caught.pc = read_csr("sepc");                                      \
        caught.status = read_csr("sstatus");                               \
        caught;                                                            \
    })

#define read_csr(name)                                                  \
    ({                                                                  \
        u64 csr_value;                                                  \
        __asm__ volatile("csrr %0, " name : "=r"(csr_value)::"memory"); \
        csr_value;                                                      \
    })
#define write_csr(name, value) \
    __asm__ volatile("csrw " name ", %0" ::"r"((u64)(value)) : "memory")
#define set_csr(name, bits) \
    __asm__ volatile("csrs " name ", %0" ::"r"((u64)(bits)) : "memory")
#define clear_csr(name, bits) \
    __asm__ volatile("csrc " name ", %0" ::"r"((u64)(bits)) : "memory")

_Noreturn void test_main(u64 hart, const void *device_tree);
_Noreturn void hart_main(u64 hart, u64 opaque);

/* start.S */
extern u64 entry_satp, entry_sstatus;
void start_hart(void);
u64 ecall_changes(const u64 in[8]);
u64 answer(void);
struct resumed {
    u64 satp, sstatus, hart, opaque;
    u64 kept[17];
};
long suspend_deep(struct resumed *resumed, u64 type, u64 pc);
extern const u16 answer_two[]; /* its first instruction fits in one */

#endif
