/*
 * User programs, and which of them an address space runs: told by its code.
 *
 * A set holds ELF files. A page that a space executes is compared with what
 * each file has at that address in its executable segments; a file that may be
 * loaded anywhere (static-PIE) is tried at every distance of whole pages. No
 * help from the guest is needed, and a program that it changes at run time is
 * not recognised where it did.
 */
#ifndef RVEMU_PROGRAMS_H
#define RVEMU_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>

#include <rvemu/binary.h>
#include <rvemu/error.h>
#include <rvemu/image.h>

#define RVEMU_PAGE 4096

struct rvemu_programs;

/* Makes a set without programs; NULL when memory is lacking. */
struct rvemu_programs *rvemu_programs_new(void);

/* Frees the set and the binaries of its programs. NULL is none. */
void rvemu_programs_free(struct rvemu_programs *programs);

/* How a program is loaded, beside what its file says. */
enum rvemu_load {
    RVEMU_LOAD_AS_LINKED, /* shared objects and PIE: at any page */
    RVEMU_LOAD_AT_BASE    /* base has been added to its addresses */
};

/* Adds a program, before the first is recognised. A file is read now; memory
 * must stay valid as long as the set, and the path's last part is the program's
 * name. Of files that load the same bytes at the same addresses, which
 * stripping leaves alone, the set keeps the one that says most. Returns 0, or
 * -1 with error: it cannot be read, is no linked ELF file for 64-bit RISC-V, or
 * has no code in it. */
int rvemu_programs_add(struct rvemu_programs *programs,
                       const struct rvemu_image *image, enum rvemu_load load,
                       uint64_t base, struct rvemu_error *error);

/* How many programs there are. */
unsigned rvemu_programs_count(const struct rvemu_programs *programs);

/* Whether the program of this name, or with NULL any, has a symbol. */
bool rvemu_programs_have_symbol(const struct rvemu_programs *programs,
                                const char *program, const char *symbol);

/* A program in a space. */
struct rvemu_program {
    struct rvemu_binary *binary; /* the set's */
    const char *name;            /* lives as long as the set */
    uint64_t bias;               /* what was added to the file's addresses */
};

/* Reads the page at va, a multiple of RVEMU_PAGE, of the space in question;
 * false: nothing is mapped there. */
typedef bool rvemu_page_fn(void *arg, uint64_t va, uint8_t page[RVEMU_PAGE]);

/* Says which program the space runs whose code at address pc is given by
 * `read`. Where several have the same page there, their other pages decide.
 * False: none is known, or not for certain. */
bool rvemu_programs_recognise(const struct rvemu_programs *programs,
                              rvemu_page_fn *read, void *arg, uint64_t pc,
                              struct rvemu_program *found);

/* The same when it is not known where the space executes: by the entry points
 * of the programs whose place is known. */
bool rvemu_programs_search(const struct rvemu_programs *programs,
                           rvemu_page_fn *read, void *arg,
                           struct rvemu_program *found);

#endif
