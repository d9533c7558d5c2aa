/*
 * Who called whom, from a hart's registers and its stack.
 *
 * Frames are followed by the frame pointer (s0), which code that is compiled
 * with -fno-omit-frame-pointer keeps: at fp - 8 is the return address, at
 * fp - 16 the caller's fp; a function that calls none has the caller's fp at
 * fp - 8. A return address counts only if a call stands in front of it. Where
 * the return address lies in the trap vector, the trap's own pc comes next, and
 * where the kernel's stack ends, the program that trapped into it, if the stack
 * ends in what its registers held.
 */
#ifndef CLI_BACKTRACE_H
#define CLI_BACKTRACE_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/rvemu.h>

#include "cli/recent.h"

#define BACKTRACE_MAX 128
#define PLACE_MAX 120

/* What is looked at. */
struct scene {
    rvemu *machine;
    const struct rvemu_names *names;
    const struct recent *recent; /* NULL: nothing was recorded */
};

struct backtrace_frame {
    uint64_t pc;   /* of the call; of the first frame, where the hart is */
    uint64_t root; /* whose code it is: 0 the kernel's, else the space's */
    const struct recent_trap *trap; /* it trapped there; or NULL */
    bool is_guess; /* by a register that may hold something else by now */
};

struct backtrace {
    unsigned count;
    uint64_t more; /* frames behind the last one, where there is no room */
    bool is_cut;   /* the last function of the kernel's has no frame pointer */
    struct backtrace_frame frame[BACKTRACE_MAX];
};

/* Follows the frames of a hart as it is now, through the traps that it is in,
 * which must stay valid as long as the result. */
void backtrace_take(struct backtrace *trace, const struct scene *scene,
                    unsigned hart, const struct recent_traps *traps);

/* Finds the call of the function of the kernel's that the hart is executing at
 * pc. False: it is not certain. */
bool backtrace_caller(const struct scene *scene, unsigned hart, uint64_t pc,
                      uint64_t *call);

/* Writes where code is: "uvmcopy (vm.c:310)", or its address. root: 0 for the
 * kernel's code, else the space's. */
void place_text(const struct scene *scene, uint64_t root, uint64_t pc,
                char out[PLACE_MAX]);

/* Whether both addresses are known to lie in one function of the kernel. */
bool place_is_shared(const struct scene *scene, uint64_t a, uint64_t b);

/* The doubleword that memory has in these bytes. */
uint64_t scene_word(const uint8_t bytes[8]);

/* Reads the instruction at pc; returns its length in bytes, 0 when it cannot
 * be read. */
unsigned scene_insn(const struct scene *scene, uint64_t satp, uint64_t pc,
                    uint32_t *insn);

/* The root that a place has to be named by: 0 for the kernel's code. */
uint64_t place_root(unsigned priv, uint64_t satp);

#endif
