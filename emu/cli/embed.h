/*
 * The images that emu carries: its firmware, its kernel and its programs.
 *
 * Built from firmware/ and guest/ and put into the executable as they are
 * (embed.S), or absent, when emu was built with -Dguest=disabled.
 */
#ifndef CLI_EMBED_H
#define CLI_EMBED_H

#include <rvemu/rvemu.h>

/* An image of size 0 is not there. */
struct embedded {
    struct rvemu_image firmware;
    struct rvemu_image kernel;
    struct rvemu_image kernel_bugs; /* for -append bug=: bugs.h */
    struct rvemu_image initrd;
};

struct embedded embedded_images(void);

#endif
