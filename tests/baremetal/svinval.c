/*
 * Svinval (privileged spec, "Svinval"): a fence in three parts, and who may
 * execute which of them.
 */
#include "bare.h"

#define VA 0x10000
#define ASID 5

static u8 frame[2][PAGE] __attribute__((aligned(4096)));

#define SVINVAL(text) \
    ".option push\n.option arch, +svinval\n" text "\n.option pop\n"
#define BEFORE "sfence.w.inval\n"
#define AFTER "sfence.inval.ir\n"

#define rights(name_m, name_s, name_u, name_tvm, text, with_tvm)   \
    do {                                                           \
        check(name_m, run(M, SVINVAL(text), 0).cause, NONE);       \
        check(name_s, run(S, SVINVAL(text), 0).cause, NONE);       \
        check(name_u, run(U, SVINVAL(text), 0).cause, ILLEGAL);    \
        csr_set(mstatus, TVM_BIT);                                 \
        check(name_tvm, run(S, SVINVAL(text), 0).cause, with_tvm); \
        csr_clear(mstatus, TVM_BIT);                               \
    } while (0)

/* What a load finds after the page was mapped anew and a fence was executed;
 * with a load in between, that an entry be there. */
#define found_after(text, arg)                                                \
    ({                                                                        \
        map(VA, frame[0], PTE_RW | PTE_AD);                                   \
        run(S, "ld t0, 0(t5)", VA);                                           \
        *table_entry(VA) = leaf(frame[1], PTE_RW | PTE_AD);                   \
        check("fence", run(S, "mv t1, t5\n" SVINVAL(text), arg).cause, NONE); \
        run(S, "ld t0, 0(t5)", VA).value;                                     \
    })

void test_main(void)
{
    rights("m-inval", "s-inval", "u-inval", "tvm-inval",
           "sinval.vma zero, zero", ILLEGAL);
    rights("m-operands", "s-operands", "u-operands", "tvm-operands",
           "sinval.vma t5, t5", ILLEGAL);
    rights("m-before", "s-before", "u-before", "tvm-before", BEFORE, NONE);
    rights("m-after", "s-after", "u-after", "tvm-after", AFTER, NONE);
    *(u64 *)frame[0] = 10;
    *(u64 *)frame[1] = 11;
    table_on(ASID);
    check("all", found_after(BEFORE "sinval.vma zero, zero\n" AFTER, 0), 11);
    check("page", found_after(BEFORE "sinval.vma t5, zero\n" AFTER, VA), 11);
    check("inside", found_after(BEFORE "sinval.vma t5, zero\n" AFTER, VA + 9),
          11);
    check("asid", found_after(BEFORE "sinval.vma zero, t5\n" AFTER, ASID), 11);
    check("both",
          found_after("li t2, 5\n" BEFORE "sinval.vma t5, t2\n" AFTER, VA), 11);
    table_off();
}
