/* Files that go into guest memory, and the places in it that they name. */
#ifndef MACHINE_IMAGE_H
#define MACHINE_IMAGE_H

#include <rvemu/rvemu.h>

#include "base/error.h"
#include "base/types.h"

#define IMAGE_SEGMENTS_MAX 64

/* The bytes of a file, or of the caller's memory. */
struct image {
    const char *name; /* for messages */
    const u8 *bytes;
    size_t size;
    u8 *owned; /* memory that image_close() frees; NULL if it is the caller's */
};

/* Opens the file or the memory that source names; memory without a name of its
 * own goes by `name` in messages. The path must stay valid. Returns 0, or -1
 * with error and nothing to close. */
int image_open(struct image *image, const struct rvemu_image *source,
               const char *name, struct rvemu_error *error);
void image_close(struct image *image);

enum image_format {
    IMAGE_ELF,
    IMAGE_LINUX,  /* the flat Image of the RISC-V Linux boot protocol */
    IMAGE_UIMAGE, /* of U-Boot, not packed */
    IMAGE_FLAT    /* anything else */
};

/* A piece of guest memory: `filled` bytes from `bytes`, then zeros. */
struct segment {
    u64 pa;
    u64 size; /* at least filled, never 0 */
    const u8 *bytes;
    u64 filled;
    u64 headers; /* of filled, at the start: they only describe the file, as its
                  * headers and notes do, or are zeros among those */
};

/* The places in guest memory that an image asks for. A flat image, of Linux or
 * not, has a single segment at pa 0, to be moved where it is wanted. */
struct layout {
    enum image_format format;
    bool dynamic; /* ELF with PT_INTERP */
    u64 entry;    /* where the file says it is, loaded; 0: it names none */
    unsigned segments;
    struct segment segment[IMAGE_SEGMENTS_MAX];
};

/* Reads the layout, which points into image. Returns 0, or -1 with the line
 * that says what is wrong with the file. */
int image_parse(const struct image *image, struct layout *layout,
                struct rvemu_error *error);

/* The layout of a flat image, whatever it looks like. */
void image_parse_flat(const struct image *image, struct layout *layout);

/* Takes the `headers` of segments away where they lie below pa. */
void layout_trim(struct layout *layout, u64 pa);

/* Whether the lowest address holds a description of the file, not code. */
bool layout_low_describes(const struct layout *layout);

/* Whether pa lies in a segment. */
bool layout_covers(const struct layout *layout, u64 pa);

/* The lowest address, and the first beyond all segments (UINT64_MAX if that
 * wraps). */
u64 layout_low(const struct layout *layout);
u64 layout_end(const struct layout *layout);

#endif
