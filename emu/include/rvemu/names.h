/*
 * Names for what happens in address spaces: asked by whoever tells of a run,
 * answered by whoever has the files and the machine.
 *
 * A space is named by the physical page number of its root table, as satp
 * holds it; 0 stands for the kernel, whatever root is in force. The strings
 * that are written end with a NUL within size bytes (at least 1), cut off
 * where they do not fit; where the answer is false they are empty. Whoever is
 * asked may read the guest's memory as it is now, so it is to be asked as soon
 * as an event is told; what it has found out about a space holds until
 * `forget`.
 */
#ifndef RVEMU_NAMES_H
#define RVEMU_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Any of the functions may be NULL: then nothing is known. `arg` and what it
 * points to stay the maker's, and must outlive whoever asks. */
struct rvemu_names {
    void *arg;

    /* Names the program whose code the space executes at pc, a virtual
     * address: the file's name without folders, as in "lab". */
    bool (*name_program)(void *arg, uint64_t root_ppn, uint64_t pc, char *out,
                         size_t size);

    /* Names the line of the source that the instruction at pc comes from, as
     * in "lab.c:13". */
    bool (*name_line)(void *arg, uint64_t root_ppn, uint64_t pc, char *out,
                      size_t size);

    /* Names the function that the code at pc belongs to, as in "main". */
    bool (*name_function)(void *arg, uint64_t root_ppn, uint64_t pc, char *out,
                          size_t size);

    /* Names what is stored at the virtual address va: a variable and, where
     * its type is known, the place in it, as in "counter", "table[3]" and
     * "proc[2].pid"; or a symbol and a distance in bytes, as in "table+0x18".
     */
    bool (*name_data)(void *arg, uint64_t root_ppn, uint64_t va, char *out,
                      size_t size);

    /* Whether va lies in a function or variable that the user has written,
     * which is one with DWARF, rather than in a library. */
    bool (*is_own)(void *arg, uint64_t root_ppn, uint64_t va);

    /* Names a variable that the user has written and that has a byte in the 4
     * KiB page of va: "counter", without the place in it. */
    bool (*name_beside)(void *arg, uint64_t root_ppn, uint64_t va, char *out,
                        size_t size);

    /* Whether an instruction at pc, about which name_line knows nothing, is a
     * library's: the program has DWARF, and none of that instruction. */
    bool (*is_library)(void *arg, uint64_t root_ppn, uint64_t pc);

    /* Whether va lies on the stack of the program that a hart is about to leave
     * by a fault: in the page of its sp or in the 64 KiB above sp. */
    bool (*is_stack)(void *arg, unsigned hart, uint64_t va);

    /* Finds the call that has taken a hart to va, where it is about to execute
     * and has not yet: the address of its instruction. False: it was none, or
     * that is no longer known. */
    bool (*find_call)(void *arg, unsigned hart, uint64_t va, uint64_t *pc);

    /* Finds the call of the function of the kernel's that a hart is executing
     * at pc: the address of its instruction. To be asked while the hart is
     * there. False: registers and stack do not tell for sure. */
    bool (*find_caller)(void *arg, unsigned hart, uint64_t pc, uint64_t *call);

    /* The space is gone, or runs another program from now on: what was known
     * of this root no longer holds. 0 is ignored. */
    void (*forget)(void *arg, uint64_t root_ppn);
};

#endif
