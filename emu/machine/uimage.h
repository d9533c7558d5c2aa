/*
 * U-Boot's legacy image, "uImage": a header that says where what follows it is
 * to lie and where it starts (U-Boot, include/image.h). See uimage.c.
 */
#ifndef MACHINE_UIMAGE_H
#define MACHINE_UIMAGE_H

#include "machine/image.h"

enum uimage_type { UIMAGE_KERNEL = 2, UIMAGE_RAMDISK = 3 };

/* Whether an image begins as one does. */
bool uimage_is(const struct image *image);

/* Whether it is whole, by its sizes and checksums, and of this type. Returns 0,
 * or -1 with the line that says what is wrong with it. */
int uimage_check(const struct image *image, enum uimage_type type,
                 struct rvemu_error *error);

/* What is behind the header of one that is whole, with the image's name; the
 * bytes stay the image's. */
struct image uimage_payload(const struct image *image);

/* Whether that is packed with gzip. Any other packing that a kernel has is
 * refused: returns -1, with error. */
int uimage_is_packed(const struct image *image, bool *is_packed,
                     struct rvemu_error *error);

/* Puts a copy of the payload, unpacked, in its place: the image stays a uImage,
 * which is whole and not packed. Returns 0, or -1 with error. */
int uimage_replace(struct image *image, const struct image *payload,
                   struct rvemu_error *error);

/* Where one that is whole is to lie, and where it starts, 0: it does not say.
 */
u64 uimage_load(const struct image *image);
u64 uimage_entry(const struct image *image);

#endif
