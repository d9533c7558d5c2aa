/*
 * Makes images out of a fuzzer's input: ELF files, Linux's Image, raw bytes,
 * plain, packed with gzip, in a uImage or in an EFI zboot image. The input says
 * which, and what is changed in it: without mistakes it is right.
 */
#ifndef FUZZ_IMAGE_MAKER_H
#define FUZZ_IMAGE_MAKER_H

#include <rvemu/image.h>

#include "elf_maker.h"
#include "input.h"

#define IMAGE_MAKER_RAM 0x80000000ull
#define IMAGE_MAKER_RAM_SIZE (16ull << 20)

/* An address: of RAM, beside it, or any. */
u64 image_maker_address(struct input *in);

/* Overwrites or cuts off what the input says, a few times at the most. */
void image_maker_edit(struct buffer *file, struct input *in);

/* Makes an ELF file, before mistakes are put in. */
void image_maker_elf(struct input *in, struct buffer *out);

/* Makes an image. It has no byte of room behind it, and is the caller's to
 * free (rvemu_image_free()). */
struct rvemu_image image_maker_make(struct input *in);

/* Makes an image of the bytes, which it takes over. */
struct rvemu_image image_maker_wrap(struct buffer *bytes);

#endif
