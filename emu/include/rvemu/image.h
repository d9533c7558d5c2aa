/*
 * Images: what a guest is made of (a program, firmware, an initrd, a device
 * tree), and what an image is taken for.
 */
#ifndef RVEMU_IMAGE_H
#define RVEMU_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include <rvemu/error.h>

/* Something to load: a file, or bytes in memory. All zero: nothing. Memory
 * stays the caller's and may go once the machine is loaded. A file may be
 * opened more than once, and one that is not regular may have 256 MiB: read a
 * pipe with rvemu_image_read(), and give its bytes. */
struct rvemu_image {
    const char *path; /* beside data: only what messages call it */
    const void *data; /* NULL: the file is read */
    size_t size;      /* of data, in bytes */
};

/* Reads the file at path to its end. One that is not regular (a pipe, a
 * device) is refused beyond `most` bytes, which need not end. Returns 0 with
 * data, size and path filled in: the data are the caller's, to be given to
 * rvemu_image_free(), and path must stay valid until then. Or -1 with error:
 * the file cannot be read, or is empty, or a signal whose handler does not
 * restart calls has come meanwhile (EINTR); there is nothing to free. */
int rvemu_image_read(struct rvemu_image *image, const char *path, uint64_t most,
                     struct rvemu_error *error);

/* Unpacks an image that rvemu_image_read() has read, in place, if it is packed
 * with gzip or is an EFI zboot image of Linux; at most `most` bytes may come
 * out. Machines do that by themselves, each time. Returns 0, or -1 with
 * error. */
int rvemu_image_unpack(struct rvemu_image *image, uint64_t most,
                       struct rvemu_error *error);

/* Frees what rvemu_image_read() has read; an image that is all zero has
 * nothing to free. The image is all zero afterwards. */
void rvemu_image_free(struct rvemu_image *image);

/* What a guest is taken for. */
enum rvemu_as {
    RVEMU_AS_AUTO,    /* what its segments' physical addresses say */
    RVEMU_AS_MACHINE, /* starts at the bottom of RAM: runs bare, in M-mode */
    RVEMU_AS_KERNEL,  /* in RAM above that: an S-mode kernel on a firmware */
    RVEMU_AS_USER     /* outside RAM: a program, which needs a kernel to run */
};

/* Says what an image is, for a machine with so many bytes of RAM. *as is
 * RVEMU_AS_AUTO only for a raw binary, which runs as what one says that it is.
 * Returns 0, or -1 with the line that says why it is none of them: it cannot be
 * read, is packed in a way that emu does not know, lies partly outside RAM, or
 * is a user program that is linked dynamically. */
int rvemu_guess(const struct rvemu_image *image, uint64_t ram_bytes,
                enum rvemu_as *as, struct rvemu_error *error);

#endif
