/* Snapshots in files; see snapshot_file.h. */
#include "machine/snapshot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/bits.h"
#include "base/digest.h"
#include "base/error.h"

#define ALIGN 4096
#define LEVEL 1 /* of zstd */
#define ROWS_MAX (1u << 20)

const struct file_format snapshot_format = {"\x89"
                                            "rvs\r\n\x1a\n",
                                            RVEMU_SNAPSHOT_VERSION, "snapshot"};
const struct file_format recording_format = {"\x89"
                                             "rvr\r\n\x1a\n",
                                             RVEMU_RECORD_VERSION, "recording"};

static int fail(struct snapshot_writer *w, int why)
{
    if (!w->failed)
        w->failed = why ? why : EIO;
    return -1;
}

static int write_at(struct snapshot_writer *w, u64 at, const void *bytes,
                    u64 size)
{
    const u8 *from = bytes;

    while (size && !w->failed) {
        ssize_t put = pwrite(w->fd, from, size, (off_t)at);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return fail(w, errno);
        from += put;
        at += (u64)put;
        size -= (u64)put;
    }
    return w->failed ? -1 : 0;
}

static int open_beside(struct snapshot_writer *w)
{
    size_t room = strlen(w->path) + 32;
    struct stat status;

    if (stat(w->path, &status) == 0 && !S_ISREG(status.st_mode)) {
        errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
        return -1;
    }
    w->beside = malloc(room);
    if (!w->beside)
        return -1;
    snprintf(w->beside, room, "%s.%ld.part", w->path, (long)getpid());
    w->fd = open(w->beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return w->fd < 0 ? -1 : 0;
}

int snapshot_writer_open(struct snapshot_writer *w,
                         const struct file_format *format, const char *path,
                         bool packs, struct rvemu_error *error)
{
    *w = (struct snapshot_writer){.format = format,
                                  .path = path,
                                  .packs = packs,
                                  .fd = -1,
                                  .at = SNAPSHOT_HEADER};
    if (open_beside(w) == 0)
        return 0;
    error_set(error, "cannot write %s: %s", path,
              errno == EINVAL ? "it is no ordinary file" : strerror(errno));
    free(w->beside);
    return -1;
}

/* What is stored of a section: it, or less. */
static const u8 *pack(struct snapshot_writer *w, const void *bytes, u64 size,
                      u64 *stored)
{
    *stored = size;
    w->packed.size = 0;
    if (!w->packs || !size)
        return bytes;
    if (!bytes_reserve(&w->packed, ZSTD_compressBound(size)))
        return bytes;
    *stored = ZSTD_compress(w->packed.at, w->packed.room, bytes, size, LEVEL);
    if (!ZSTD_isError(*stored) && *stored < size)
        return w->packed.at;
    *stored = size;
    return bytes;
}

bool snapshot_writer_put(void *self, u32 kind, u32 index, const void *bytes,
                         u64 size)
{
    struct snapshot_writer *w = self;
    u64 at = align_up(w->at, ALIGN), stored;
    const u8 *from = pack(w, bytes, size, &stored);

    if (size > SECTION_MAX) {
        fail(w, EFBIG);
        return false;
    }
    if (write_at(w, at, from, stored) < 0)
        return false;
    bytes_put_le(&w->table, kind, 4);
    bytes_put_le(&w->table, index, 4);
    bytes_put_le(&w->table, at, 8);
    bytes_put_le(&w->table, stored, 8);
    bytes_put_le(&w->table, size, 8);
    bytes_put_le(&w->table, digest_of(from, stored), 8);
    w->at = at + stored;
    w->rows++;
    return !w->table.failed;
}

static void write_ends(struct snapshot_writer *w)
{
    struct bytes header = {0};

    if (w->table.failed || write_at(w, w->at, w->table.at, w->table.size) < 0) {
        fail(w, ENOMEM);
        return;
    }
    bytes_put(&header, w->format->magic, 8);
    bytes_put_le(&header, w->format->version, 4);
    bytes_put_le(&header, 0, 4);
    bytes_put_le(&header, w->at + w->table.size, 8);
    bytes_put_le(&header, w->at, 8);
    bytes_put_le(&header, w->rows, 8);
    bytes_put_le(&header, digest_of(w->table.at, w->table.size), 8);
    if (!header.failed)
        bytes_put_le(&header, digest_of(header.at, header.size), 8);
    if (header.failed)
        fail(w, ENOMEM);
    else
        write_at(w, 0, header.at, header.size);
    bytes_free(&header);
}

int snapshot_writer_close(struct snapshot_writer *w, bool whole,
                          struct rvemu_error *error)
{
    int why;

    if (whole)
        write_ends(w);
    if (close(w->fd) < 0)
        fail(w, errno);
    if (whole && !w->failed && rename(w->beside, w->path) < 0)
        fail(w, errno);
    why = w->failed;
    if (!whole || why)
        unlink(w->beside);
    free(w->beside);
    bytes_free(&w->table);
    bytes_free(&w->packed);
    return whole && why
               ? error_set(error, "cannot write %s: %s", w->path, strerror(why))
               : 0;
}

static int check_header(const struct file_format *format, const u8 *bytes,
                        u64 size, struct rvemu_error *error)
{
    if (size < SNAPSHOT_HEADER || memcmp(bytes, format->magic, 8) != 0)
        return error_set(error, "it is no %s", format->name);
    if (load_le32(bytes + 8) != format->version)
        return error_set(error,
                         "it is of version %u, and this emu knows version %u",
                         load_le32(bytes + 8), format->version);
    if (digest_of(bytes, 48) != load_le64(bytes + 48))
        return error_set(error, "it is damaged: its header is not what was "
                                "written");
    if (load_le64(bytes + 16) != size)
        return error_set(error,
                         "it has %llu bytes, and should have %llu: it is cut, "
                         "or was added to",
                         (unsigned long long)size,
                         (unsigned long long)load_le64(bytes + 16));
    return 0;
}

/* The table of a file whose header is right, or NULL. */
static const u8 *find_table(const u8 *bytes, u64 size, u64 *rows)
{
    u64 at = load_le64(bytes + 24);

    *rows = load_le64(bytes + 32);
    if (at > size || *rows > ROWS_MAX || size - at != *rows * SNAPSHOT_ROW ||
        digest_of(bytes + at, size - at) != load_le64(bytes + 40))
        return NULL;
    return bytes + at;
}

/* Reads a row. False: it is none, or its bytes are not what was written. */
static bool read_row(struct section *section, const u8 *row, const u8 *bytes,
                     u64 size)
{
    u64 at = load_le64(row + 8), stored = load_le64(row + 16);
    bool is_ram;

    *section = (struct section){.kind = load_le32(row),
                                .index = load_le32(row + 4),
                                .size = load_le64(row + 24),
                                .fd = -1,
                                .place = at};
    is_ram = section->kind == SECTION_RAM;
    if (at > size || stored > size - at || stored > section->size ||
        section->size > (is_ram ? SECTION_PIECE : SECTION_MAX) ||
        digest_of(bytes + at, stored) != load_le64(row + 32))
        return false;
    if (stored == section->size) {
        section->bytes = bytes + at;
    } else {
        section->packed = bytes + at;
        section->packed_size = stored;
    }
    return true;
}

/* Unpacks a section into the room, of which it takes its part. */
static bool unpack(struct section *section, u8 *room, u64 *used)
{
    if (section->bytes || section->kind == SECTION_RAM)
        return true;
    section->bytes = section_open(section, room + *used);
    *used += section->size;
    return section->bytes != NULL;
}

static int unpack_all(struct sections *s, u8 **room, struct rvemu_error *error)
{
    u64 size = 0, used = 0;

    for (size_t i = 0; i < s->count; i++)
        if (!s->at[i].bytes && s->at[i].kind != SECTION_RAM)
            size += s->at[i].size;
    *room = malloc(size ? size : 1);
    if (!*room)
        return error_set(error, "out of host memory");
    for (size_t i = 0; i < s->count; i++)
        if (!unpack(&s->at[i], *room, &used))
            return error_set(error,
                             "it is damaged: section %u cannot be "
                             "unpacked",
                             s->at[i].kind);
    return 0;
}

int snapshot_read(struct sections *s, u8 **room,
                  const struct file_format *format, const u8 *bytes, u64 size,
                  int fd, struct rvemu_error *error)
{
    const u8 *table;
    u64 rows, end = SNAPSHOT_HEADER; /* of the section before */

    *room = NULL;
    if (check_header(format, bytes, size, error) < 0)
        return -1;
    table = find_table(bytes, size, &rows);
    if (!table)
        return error_set(error, "it is damaged: its table is not what was "
                                "written");
    for (u64 i = 0; i < rows; i++) {
        struct section section;

        if (!read_row(&section, table + i * SNAPSHOT_ROW, bytes, size) ||
            section.place < end || (section.bytes && section.place % ALIGN))
            return error_set(error,
                             "it is damaged: section %llu is not what "
                             "was written",
                             (unsigned long long)i);
        end = section.place + load_le64(table + i * SNAPSHOT_ROW + 16);
        if (section.bytes)
            section.fd = fd;
        if (!sections_add(s, &section))
            return error_set(error, "its sections are in disorder");
    }
    return unpack_all(s, room, error);
}

static int map_file(struct snapshot_mapping *f,
                    const struct file_format *format, const char *path,
                    struct rvemu_error *error)
{
    struct stat status;
    void *bytes;

    f->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0 || fstat(f->fd, &status) < 0)
        return error_set(error, "%s: cannot open: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode) || status.st_size < SNAPSHOT_HEADER)
        return error_set(error, "%s: it is no %s", path, format->name);
    f->size = (u64)status.st_size;
    bytes =
        mmap(NULL, f->size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, f->fd, 0);
    if (bytes == MAP_FAILED)
        return error_set(error, "%s: cannot read: %s", path, strerror(errno));
    f->bytes = bytes;
    return 0;
}

int snapshot_map(struct snapshot_mapping *f, const struct file_format *format,
                 const char *path, struct rvemu_error *error)
{
    struct rvemu_error why;

    *f = (struct snapshot_mapping){.fd = -1};
    if (map_file(f, format, path, error) < 0)
        return -1;
    if (snapshot_read(&f->sections, &f->room, format, f->bytes, f->size, f->fd,
                      &why) < 0)
        return error_set(error, "%s: %s", path, why.text);
    return 0;
}

void snapshot_unmap(struct snapshot_mapping *f)
{
    sections_free(&f->sections);
    free(f->room);
    if (f->bytes)
        munmap(f->bytes, f->size);
    if (f->fd >= 0)
        close(f->fd);
    *f = (struct snapshot_mapping){.fd = -1};
}
