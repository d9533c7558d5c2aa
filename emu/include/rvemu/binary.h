/*
 * What an ELF file says of its addresses: the symbol, the line of the source,
 * the variable.
 *
 * Names come from the symbol table, lines and variables from DWARF 2 to 5, in
 * the file or in a separate one beside it or under /usr/lib/debug (by build-id
 * or .gnu_debuglink). Everything is read when it is first asked for and kept.
 * Addresses are those that the file is linked for: what loads it elsewhere
 * subtracts its bias. DWARF is read by elfutils' libdw, which is opened when
 * it is first needed; without it there are names and no lines.
 */
#ifndef RVEMU_BINARY_H
#define RVEMU_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rvemu/error.h>
#include <rvemu/image.h>

struct rvemu_binary;

/* What an address is. Strings live as long as the binary. */
struct rvemu_place {
    const char *symbol; /* NULL: none holds the address */
    uint64_t offset;    /* bytes from the start of symbol */
    const char *path;   /* of the source, absolute; NULL: no line is known */
    const char *file;   /* the last part of path */
    unsigned line;      /* from 1 on; 0: not known */
};

/* What a file is, by the addresses of its loadable segments. */
enum rvemu_binary_kind {
    RVEMU_BINARY_PROGRAM, /* below 0x8000_0000: a user program */
    RVEMU_BINARY_DEBUG,   /* the same without its code, which was taken out */
    RVEMU_BINARY_KERNEL   /* from there on: firmware, kernel or bare program */
};

/* Says which kind an executable or shared object is once base has been added
 * to its addresses (without a carry out of 64 bits). Returns 0, or -1 with
 * error: it cannot be read, or is no linked ELF file for 64-bit RISC-V. */
int rvemu_binary_kind(const struct rvemu_image *image, uint64_t base,
                      enum rvemu_binary_kind *kind, struct rvemu_error *error);

/* Makes a binary of a regular file or of memory, which is not looked at yet.
 * Memory must stay valid as long as the binary; the path is copied, and says
 * where separate files are looked for. NULL: memory is lacking. */
struct rvemu_binary *rvemu_binary_new(const struct rvemu_image *image);

/* Frees the binary and its strings. NULL is none. */
void rvemu_binary_free(struct rvemu_binary *binary);

/* The name of the file without its folders; "image" for memory without one. */
const char *rvemu_binary_name(const struct rvemu_binary *binary);

/* Reads what there is for lines and variables, once; later calls answer the
 * same. Returns 0, also when the file has no DWARF, or -1 with error: libdw is
 * not installed, the file cannot be read, or its DWARF is broken. The others
 * below call it and go on without. */
int rvemu_binary_load(struct rvemu_binary *binary, struct rvemu_error *error);

/* Whether a symbol of the file has this name. */
bool rvemu_binary_has_symbol(struct rvemu_binary *binary, const char *name);

/* Fills in what is known of an address; false: nothing is. */
bool rvemu_binary_place(struct rvemu_binary *binary, uint64_t address,
                        struct rvemu_place *place);

/* Writes what is stored at an address: "counter", "table[3]", "proc[2].pid"
 * for a variable whose type DWARF tells, "counter+0x10" for one of which only
 * the symbol is known. Ends with a NUL within size bytes, cut off where it
 * does not fit. False: nothing is known, and out is empty. */
bool rvemu_binary_data(struct rvemu_binary *binary, uint64_t address, char *out,
                       size_t size);

/* Whether an address lies in a function or variable of the user's own, that
 * is, of a compilation unit with DWARF. Libraries are distributed without. */
bool rvemu_binary_is_own(struct rvemu_binary *binary, uint64_t address);

/* Whether the file has DWARF, so that what is the user's own is known. */
bool rvemu_binary_tells_own(struct rvemu_binary *binary);

/* Writes the name of the first variable of the user's own that has a byte from
 * first to last, both inclusive, without the place in it: "counter". Ends with
 * a NUL as above. False: none has, and out is empty. */
bool rvemu_binary_own_near(struct rvemu_binary *binary, uint64_t first,
                           uint64_t last, char *out, size_t size);

#endif
