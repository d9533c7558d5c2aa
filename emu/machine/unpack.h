/*
 * What is packed around an image: gzip, as kernels are kept on disks
 * (Image.gz), in a uImage of U-Boot, too; and the EFI zboot image of Linux, a
 * small EFI program with one inside.
 */
#ifndef MACHINE_UNPACK_H
#define MACHINE_UNPACK_H

#include "machine/image.h"

/* Puts what an image has packed in it into its place, `most` bytes at the most;
 * an image that is not packed stays as it is, and a uImage one. Returns 0, or
 * -1 with the line that says what is wrong; the image is then as it was. */
int image_unpack(struct image *image, u64 most, struct rvemu_error *error);

/* What a file that no loader knows is surely not a program by, and what to do
 * about it, as the end of a line that names the file; NULL: it may be one. */
const char *image_stranger(const struct image *image);

#endif
