/*
 * The symbols of what is loaded into a machine: firmware, guest and what
 * -device loader adds.
 */
#ifndef CLI_IMAGE_SYMBOLS_H
#define CLI_IMAGE_SYMBOLS_H

#include <rvemu/rvemu.h>

/* Those of all its images, to be freed by rvemu_symbols_free(); NULL: no
 * memory. Names are a help, not a promise: an image without any, or one that is
 * no ELF file, adds none. */
struct rvemu_symbols *image_symbols(const struct rvemu_guest *guest);

#endif
