/*
 * The symbols by which a guest's ELF file talks to its machine: where its
 * mailbox is, and its results. (Names for any address: rvemu/symbols.h.)
 */
#ifndef MACHINE_GUEST_SYMBOLS_H
#define MACHINE_GUEST_SYMBOLS_H

#include "base/types.h"
#include "machine/image.h"

enum guest_symbol {
    SYMBOL_TOHOST, /* HTIF: dev/htif.c */
    SYMBOL_FROMHOST,
    SYMBOL_BEGIN_SIGNATURE, /* the range with a test's signature */
    SYMBOL_END_SIGNATURE,
    SYMBOLS
};

struct guest_symbols {
    bool has[SYMBOLS];
    u64 pa[SYMBOLS]; /* guest-physical: where its segment is loaded */
};

/* Looks the symbols up. An image that is no ELF file has none. */
void guest_symbols_find(const struct image *image, struct guest_symbols *out);

#endif
