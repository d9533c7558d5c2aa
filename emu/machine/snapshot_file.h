/*
 * Snapshots in files of their own (docs/snapshots.md).
 *
 *    0  "\x89rvs\r\n\x1a\n"; of recordings rvr
 *    8  version          u32
 *   12  0                u32
 *   16  size of the file u64
 *   24  table: where     u64
 *   32  its rows         u64
 *   40  its checksum     u64
 *   48  checksum of bytes 0 to 47  u64
 *
 * then sections, each from a multiple of 4096 on, and the table, at the end of
 * the file. A row is 40 bytes: kind u32, index u32, where u64, bytes stored
 * u64, bytes when unpacked u64, checksum of what is stored u64. What is shorter
 * stored than unpacked is a zstd frame. All numbers are little-endian;
 * checksums are those of base/digest.h.
 */
#ifndef MACHINE_SNAPSHOT_FILE_H
#define MACHINE_SNAPSHOT_FILE_H

#include <rvemu/record.h>
#include <rvemu/snapshot.h>

#include "base/types.h"
#include "machine/sections.h"
#include "trace/file/bytes.h"

#define SNAPSHOT_HEADER 56
#define SNAPSHOT_ROW 40

/* What such a file is of. */
struct file_format {
    char magic[9];
    u32 version;
    const char *name; /* for people */
};

extern const struct file_format snapshot_format, recording_format;

/* A file that is being written, beside the place that it is for. */
struct snapshot_writer {
    const struct file_format *format;
    const char *path;
    char *beside;
    int fd;
    bool packs;
    u64 at;
    struct bytes table, packed;
    u64 rows;
    int failed; /* an errno, or 0 */
};

int snapshot_writer_open(struct snapshot_writer *writer,
                         const struct file_format *format, const char *path,
                         bool packs, struct rvemu_error *error);

/* A section_fn: self is the writer. */
bool snapshot_writer_put(void *self, u32 kind, u32 index, const void *bytes,
                         u64 size);

/* Ends the file and gives it its name; or, unless `whole`, gives it up. Returns
 * 0, or -1 with error and nothing left behind. */
int snapshot_writer_close(struct snapshot_writer *writer, bool whole,
                          struct rvemu_error *error);

/* Reads all sections but those of RAM, which stay in the file, which is mapped,
 * from `bytes` on, and has fd. All else that is unpacked goes to *room, to be
 * freed with it. Returns 0, or -1 with error. */
int snapshot_read(struct sections *sections, u8 **room,
                  const struct file_format *format, const u8 *bytes, u64 size,
                  int fd, struct rvemu_error *error);

/* A file that is read. */
struct snapshot_mapping {
    struct sections sections;
    int fd;    /* -1: none */
    u8 *bytes; /* mapped; NULL: not */
    u64 size;
    u8 *room;
};

/* Opens a file and checks all of it. Returns 0, or -1 with error; it is for
 * snapshot_unmap() either way. */
int snapshot_map(struct snapshot_mapping *file,
                 const struct file_format *format, const char *path,
                 struct rvemu_error *error);
void snapshot_unmap(struct snapshot_mapping *file);

#endif
