/*
 * What a hart can be: the models and extensions that -cpu names, and the names
 * of control and status registers. A CPU is a text as QEMU spells it: a model
 * and changes to it, as in "rv64,zba=off,svade=on"; NULL stands for "rv64",
 * which has all extensions that there are.
 */
#ifndef RVEMU_CPU_H
#define RVEMU_CPU_H

#include <stdbool.h>

#include <rvemu/error.h>
#include <rvemu/image.h>
#include <rvemu/tlb.h>

/* What a hart may do where the specification leaves a choice. All zero is what
 * QEMU does. The machine hands this to its harts as it is: a new choice is a
 * member here, a row among the options, and the place where it acts. */
struct rvemu_hart_config {
    /* Legal, but harsh: the TLB also keeps what a walk found not valid, until a
     * fence. The harts then lack Svvptc, and their CPU may not ask for it. */
    bool cache_invalid;
    /* ebreak between slli x0, x0, 0x1f and srai x0, x0, 7 is a call to the host
     * (RISC-V Semihosting): SYS_WRITEC and SYS_WRITE0 print on the console,
     * SYS_EXIT and SYS_EXIT_EXTENDED end the run. In U-mode it is one with
     * user_semihosting, too. */
    bool semihosting;
    bool user_semihosting;
    /* Devices take no AMOs (privileged spec, "AMO PMA": AMONone). */
    bool strict_pma;
    struct rvemu_tlb_config tlb;
};

/* Whether there can be such a CPU. Returns 0, or -1 with the line that says
 * which word of the text cannot be, and why. */
int rvemu_cpu_check(const char *cpu, struct rvemu_error *error);

/* Whether harts of this CPU have every extension that an image was compiled
 * for, as far as the image says it in the attributes of an ELF file; one that
 * does not is content with any. The image is in memory: image->data, not NULL.
 * Returns 0, or -1 with the line that calls the image `name` and says what it
 * misses, or why there cannot be such a CPU. */
int rvemu_cpu_suits(const char *cpu, const struct rvemu_image *image,
                    const char *name, struct rvemu_error *error);

/* The name of model `number`, counted from 0; NULL behind the last. */
const char *rvemu_cpu_model(unsigned number);

/* The name of an extension that a CPU may turn on or off, counted from 0; NULL
 * behind the last. */
const char *rvemu_cpu_extension(unsigned number);

/* The specification's name of the CSR of this number (0 to 0xfff), as in
 * "mstatus"; NULL where it has none. Whether a hart has the CSR is another
 * question: rvemu_csr(). */
const char *rvemu_csr_name(unsigned number);

#endif
