/*
 * Places inside a variable, by its DWARF type: "[3].pid" for the bytes of
 * that member of that element. DWARF 5 specification, 5 "Type Entries".
 *
 * The types of a broken file may be anything, circular too: every chain that
 * is followed has an end.
 */
#ifndef DEBUG_TYPES_H
#define DEBUG_TYPES_H

#include "base/types.h"
#include "debug/libdw.h"

/* The type of a variable or member, without typedefs and qualifiers. False:
 * it states none. */
bool types_of(const struct libdw *dw, Dwarf_Die *die, Dwarf_Die *type);

/* How many bytes a type takes; 0: it does not say. */
u64 types_size(const struct libdw *dw, Dwarf_Die *type);

/* Writes the way from the start of an object of this type to the byte
 * `offset`: elements, members, and "+0x2" for what is left inside a scalar
 * or a union. Returns out's length; what does not fit is cut off. */
size_t types_way(const struct libdw *dw, const Dwarf_Die *type, u64 offset,
                 char *out, size_t size);

#endif
