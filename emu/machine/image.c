/*
 * Reading images: whole files into memory, ELF by libelf, Linux's flat Image
 * and U-Boot's uImage by their headers. Every field of a file is checked before
 * it is used; nothing here knows what the machine looks like.
 *
 * Linux Image header, little-endian (Linux, arch/riscv/boot-image-header):
 *
 *   0x08 text_offset   0x10 image_size (memory it needs)   0x38 "RSC\x05"
 *
 * The bytes belong to the image; a layout only points into them.
 */
#include "machine/image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bits.h"
#include "machine/elf_file.h"
#include "machine/uimage.h"

#define LINUX_IMAGE_SIZE 0x10
#define LINUX_MAGIC_AT 0x38
#define LINUX_MAGIC 0x05435352u /* "RSC\x05" */
#define LINUX_HEADER 0x40

#define ROOM (1u << 20)
#define STREAM_MOST (256u << 20)

/* Reads fd to its end, but no more than `most` bytes, into memory that grows
 * as needed from `room` bytes on. */
static int read_all(int fd, size_t room, u64 most, struct image *image)
{
    size_t capacity = 0;
    ssize_t n;

    do {
        if (image->size == capacity) {
            size_t more = capacity ? 2 * capacity : room;
            u8 *grown = realloc(image->owned, more);

            if (!grown)
                return -1;
            image->owned = grown;
            capacity = more;
        }
        n = read(fd, image->owned + image->size, capacity - image->size);
        if (n > 0)
            image->size += (size_t)n;
    } while (n > 0 && image->size <= most);
    return n < 0 ? -1 : 0;
}

static int refuse_empty(const struct image *image, struct rvemu_error *error)
{
    return error_set(error, "%s: the file is empty", image->name);
}

static int read_file(struct image *image, int fd, u64 most,
                     struct rvemu_error *error)
{
    size_t room = ROOM;
    struct stat status;

    if (fstat(fd, &status) < 0)
        return error_set(error, "%s: %s", image->name, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return error_set(error, "%s: is a directory", image->name);
    if (S_ISREG(status.st_mode)) {
        /* One byte more than the file has, so that its end is seen at once. */
        room = (size_t)status.st_size + 1;
        most = room > most ? room : most;
    }
    if (read_all(fd, room, most, image) < 0)
        return error_set(error, "%s: %s", image->name, strerror(errno));
    if (image->size > most)
        return error_set(error,
                         "%s: has no end within %" PRIu64
                         " MiB; only a regular file may be larger",
                         image->name, most >> 20);
    image->bytes = image->owned;
    return image->size ? 0 : refuse_empty(image, error);
}

/* What rvemu_image_read() promises, for an image of ours. */
static int read_path(struct image *image, const char *path, u64 most,
                     struct rvemu_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int failed;

    *image = (struct image){.name = path};
    if (fd < 0)
        return error_set(error, "%s: %s", path, strerror(errno));
    failed = read_file(image, fd, most, error);
    close(fd);
    if (failed)
        image_close(image);
    return failed;
}

int rvemu_image_read(struct rvemu_image *out, const char *path, uint64_t most,
                     struct rvemu_error *error)
{
    struct image image;

    if (read_path(&image, path, most, error) < 0)
        return -1;
    *out = (struct rvemu_image){
        .path = path, .data = image.owned, .size = image.size};
    return 0;
}

void rvemu_image_free(struct rvemu_image *image)
{
    free((void *)image->data);
    *image = (struct rvemu_image){0};
}

int image_open(struct image *image, const struct rvemu_image *source,
               const char *name, struct rvemu_error *error)
{
    if (source->path && !source->data)
        return read_path(image, source->path, STREAM_MOST, error);
    *image = (struct image){.name = source->path ? source->path : name,
                            .bytes = source->data,
                            .size = source->size};
    return image->size ? 0 : refuse_empty(image, error);
}

void image_close(struct image *image)
{
    free(image->owned);
    *image = (struct image){0};
}

static const char *machine_name(unsigned machine)
{
    switch (machine) {
    case EM_386: return "x86";
    case EM_X86_64: return "x86-64";
    case EM_ARM: return "ARM";
    case EM_AARCH64: return "AArch64";
    case EM_PPC64: return "PowerPC";
    case EM_MIPS: return "MIPS";
    case EM_S390: return "S/390";
    default: return "another architecture";
    }
}

static int check_ident(const struct image *image, struct rvemu_error *error)
{
    const u8 *ident = image->bytes;

    if (image->size < sizeof(Elf64_Ehdr))
        return error_set(error, "%s: truncated ELF: the header is cut off",
                         image->name);
    if (ident[EI_DATA] != ELFDATA2LSB)
        return error_set(error,
                         "%s: a big-endian ELF; emu runs little-endian RV64",
                         image->name);
    /* e_machine lies at the same place in both classes. */
    if (load_le16(ident + offsetof(Elf64_Ehdr, e_machine)) != EM_RISCV)
        return error_set(
            error, "%s: built for %s, not for RISC-V", image->name,
            machine_name(load_le16(ident + offsetof(Elf64_Ehdr, e_machine))));
    if (ident[EI_CLASS] != ELFCLASS64)
        return error_set(error, "%s: a 32-bit (RV32) ELF; emu runs RV64",
                         image->name);
    return 0;
}

static int check_header(const struct image *image, const GElf_Ehdr *header,
                        struct rvemu_error *error)
{
    u64 table = (u64)header->e_phnum * sizeof(Elf64_Phdr);

    if (header->e_type == ET_REL)
        return error_set(error, "%s: an object file; link it first",
                         image->name);
    if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
        return error_set(error, "%s: not an executable (ELF type %u)",
                         image->name, header->e_type);
    if (header->e_phnum && header->e_phentsize != sizeof(Elf64_Phdr))
        return error_set(error, "%s: broken ELF: program headers of %u bytes",
                         image->name, header->e_phentsize);
    if (header->e_phoff > image->size || table > image->size - header->e_phoff)
        return error_set(error,
                         "%s: truncated ELF: program headers end at byte "
                         "%" PRIu64 " of %zu",
                         image->name, header->e_phoff + table, image->size);
    if (header->e_phnum > ELF_FILE_SEGMENTS_MAX)
        return error_set(error, "%s: more than %zu program headers",
                         image->name, ELF_FILE_SEGMENTS_MAX);
    return 0;
}

/* Where what describes the file ends, at the byte `offset` of which it stands:
 * its ELF header, its program headers, its notes. Else the offset itself. */
static u64 description_end(Elf *elf, const GElf_Ehdr *header, u64 offset)
{
    u64 table = (u64)header->e_phnum * sizeof(Elf64_Phdr);

    if (offset < sizeof(Elf64_Ehdr))
        return sizeof(Elf64_Ehdr);
    if (offset - header->e_phoff < table)
        return header->e_phoff + table;
    for (int i = 0; i < header->e_phnum; i++) {
        GElf_Phdr note;

        if (gelf_getphdr(elf, i, &note) && note.p_type == PT_NOTE &&
            offset - note.p_offset < note.p_filesz)
            return note.p_filesz > UINT64_MAX - note.p_offset
                       ? UINT64_MAX
                       : note.p_offset + note.p_filesz;
    }
    return offset;
}

/* Linkers map the page that the headers share with the first section. */
static void measure_headers(Elf *elf, const GElf_Ehdr *header,
                            const struct image *image, struct layout *layout)
{
    for (unsigned i = 0; i < layout->segments; i++) {
        struct segment *s = &layout->segment[i];
        u64 at = 0, end = 0;

        if (s->bytes != image->bytes)
            continue;
        do {
            at = end;
            while (at < s->filled && !s->bytes[at])
                at++;
            end = at < s->filled ? description_end(elf, header, at) : at;
        } while (end > at);
        s->headers = at < s->filled ? at : s->filled;
    }
}

/* An entry is a virtual address. */
static void find_entry(const GElf_Ehdr *header, const GElf_Phdr *segment,
                       struct layout *layout)
{
    if (header->e_entry - segment->p_vaddr < segment->p_memsz)
        layout->entry = header->e_entry - segment->p_vaddr + segment->p_paddr;
}

static int add_segment(const struct image *image, const GElf_Phdr *header,
                       struct layout *layout, struct rvemu_error *error)
{
    if (header->p_memsz == 0)
        return 0;
    if (header->p_filesz > header->p_memsz)
        return error_set(error,
                         "%s: broken ELF: segment 0x%" PRIx64
                         " has more bytes than memory",
                         image->name, header->p_paddr);
    if (header->p_offset > image->size ||
        header->p_filesz > image->size - header->p_offset)
        return error_set(error,
                         "%s: truncated ELF: segment 0x%" PRIx64
                         " lies beyond the end of the file",
                         image->name, header->p_paddr);
    if (layout->segments == IMAGE_SEGMENTS_MAX)
        return error_set(error, "%s: more than %d loadable segments",
                         image->name, IMAGE_SEGMENTS_MAX);
    layout->segment[layout->segments++] = (struct segment){
        .pa = header->p_paddr,
        .size = header->p_memsz,
        .bytes = image->bytes + header->p_offset,
        .filled = header->p_filesz,
    };
    return 0;
}

static int read_segments(const struct image *image, Elf *elf,
                         struct layout *layout, struct rvemu_error *error)
{
    GElf_Ehdr header;

    if (!gelf_getehdr(elf, &header))
        return error_set(error, "%s: broken ELF: %s", image->name,
                         elf_errmsg(-1));
    if (check_header(image, &header, error) < 0)
        return -1;
    layout->entry = header.e_entry;
    for (int i = 0; i < header.e_phnum; i++) {
        GElf_Phdr segment;

        if (!gelf_getphdr(elf, i, &segment))
            return error_set(error, "%s: broken ELF: %s", image->name,
                             elf_errmsg(-1));
        if (segment.p_type == PT_INTERP)
            layout->dynamic = true;
        if (segment.p_type != PT_LOAD)
            continue;
        if (add_segment(image, &segment, layout, error) < 0)
            return -1;
        if (header.e_entry)
            find_entry(&header, &segment, layout);
    }
    if (layout->segments == 0)
        return error_set(error, "%s: no loadable segment", image->name);
    measure_headers(elf, &header, image, layout);
    return 0;
}

static int parse_elf(const struct image *image, struct layout *layout,
                     struct rvemu_error *error)
{
    Elf *elf;
    int status;

    if (check_ident(image, error) < 0)
        return -1;
    elf = elf_file_open(image);
    if (!elf)
        return error_set(error, "%s: broken ELF: %s", image->name,
                         elf_errmsg(-1));
    status = read_segments(image, elf, layout, error);
    elf_end(elf);
    return status;
}

void image_parse_flat(const struct image *image, struct layout *layout)
{
    *layout = (struct layout){.format = IMAGE_FLAT, .segments = 1};
    layout->segment[0] = (struct segment){
        .size = image->size, .bytes = image->bytes, .filled = image->size};
}

/* A Linux Image has a header that says how much memory it takes. */
static void parse_linux(const struct image *image, struct layout *layout)
{
    u64 wanted;

    image_parse_flat(image, layout);
    if (image->size < LINUX_HEADER ||
        load_le32(image->bytes + LINUX_MAGIC_AT) != LINUX_MAGIC)
        return;
    layout->format = IMAGE_LINUX;
    wanted = load_le32(image->bytes + LINUX_IMAGE_SIZE) |
             (u64)load_le32(image->bytes + LINUX_IMAGE_SIZE + 4) << 32;
    layout->segment[0].size = most(wanted, image->size);
}

/* Linux in a uImage takes as much memory as its own header says. */
static int parse_uimage(const struct image *image, struct layout *layout,
                        struct rvemu_error *error)
{
    struct image payload;
    bool is_packed;

    if (uimage_check(image, UIMAGE_KERNEL, error) < 0 ||
        uimage_is_packed(image, &is_packed, error) < 0)
        return -1;
    if (is_packed)
        return error_set(error, "%s: a uImage that is packed", image->name);
    payload = uimage_payload(image);
    parse_linux(&payload, layout);
    layout->format = IMAGE_UIMAGE;
    layout->segment[0].pa = uimage_load(image);
    layout->entry = uimage_entry(image);
    return 0;
}

int image_parse(const struct image *image, struct layout *layout,
                struct rvemu_error *error)
{
    if (uimage_is(image))
        return parse_uimage(image, layout, error);
    if (image->size < SELFMAG || memcmp(image->bytes, ELFMAG, SELFMAG) != 0) {
        parse_linux(image, layout);
        return 0;
    }
    *layout = (struct layout){.format = IMAGE_ELF};
    return parse_elf(image, layout, error);
}

void layout_trim(struct layout *layout, u64 pa)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < layout->segments; i++) {
        struct segment s = layout->segment[i];
        u64 below = s.pa < pa ? pa - s.pa : 0;
        u64 trimmed = below < s.headers ? below : s.headers;

        if (trimmed == s.size)
            continue;
        if (below && trimmed == below) {
            s.pa += trimmed;
            s.size -= trimmed;
            s.bytes += trimmed;
            s.filled -= trimmed;
            s.headers = 0;
        }
        layout->segment[kept++] = s;
    }
    layout->segments = kept;
}

bool layout_low_describes(const struct layout *layout)
{
    for (unsigned i = 0; i < layout->segments; i++)
        if (layout->segment[i].pa == layout_low(layout))
            return layout->segment[i].headers != 0;
    return false;
}

bool layout_covers(const struct layout *layout, u64 pa)
{
    for (unsigned i = 0; i < layout->segments; i++)
        if (pa - layout->segment[i].pa < layout->segment[i].size)
            return true;
    return false;
}

u64 layout_low(const struct layout *layout)
{
    u64 low = UINT64_MAX;

    for (unsigned i = 0; i < layout->segments; i++)
        if (layout->segment[i].pa < low)
            low = layout->segment[i].pa;
    return low;
}

u64 layout_end(const struct layout *layout)
{
    u64 highest = 0;

    for (unsigned i = 0; i < layout->segments; i++) {
        u64 end;

        if (__builtin_add_overflow(layout->segment[i].pa,
                                   layout->segment[i].size, &end))
            return UINT64_MAX;
        if (end > highest)
            highest = end;
    }
    return highest;
}
