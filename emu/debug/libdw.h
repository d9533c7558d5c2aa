/*
 * elfutils' libdw, the reader of DWARF, opened when it is first needed: emu
 * starts without it. Its functions are called through struct libdw; their
 * manual is <elfutils/libdw.h>.
 */
#ifndef DEBUG_LIBDW_H
#define DEBUG_LIBDW_H

#include <elfutils/libdw.h>

#include "base/error.h"

#define LIBDW_MODULE "libdw.so.1"

struct libdw {
    void *module;
#define LIBDW(name) __typeof__(dwarf_##name) *name;
#include "debug/libdw.def"
};

/* Opens the module of that name. Returns 0, or -1 with the line that says what
 * to install, and nothing to close. */
int libdw_open(struct libdw *dw, const char *module, struct rvemu_error *error);

/* Closes it; all zero is a module that was not opened. */
void libdw_close(struct libdw *dw);

#endif
