/*
 * ELF loader (ELF-64 object file format): one area for each PT_LOAD.
 *
 * Nothing is read but the headers. A segment's bytes arrive by page faults,
 * from the file's own frames where the segment is read-only. What lies
 * beyond p_filesz is zero: within the last page by the area's filesz, behind
 * it by an anonymous area.
 */
#include "proc/exec.h"

#include "fs/inode.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

#define PT_LOAD 1
#define PT_INTERP 3
#define ET_EXEC 2
#define ET_DYN 3
#define EM_RISCV 243
#define PHDR_MAX 16
#define DYN_BASE 0x2aaaaaa000 /* where a static-PIE goes */

struct ehdr {
    u8 ident[16];
    u16 type, machine;
    u32 version;
    u64 entry, phoff, shoff;
    u32 flags;
    u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct phdr {
    u32 type, flags;
    u64 offset, vaddr, paddr, filesz, memsz, align;
};

static bool read_headers(struct inode *file, struct ehdr *eh,
                         struct phdr ph[PHDR_MAX])
{
    i64 want;

    if (inode_read(file, 0, eh, sizeof(*eh)) != sizeof(*eh) ||
        memcmp(eh->ident, "\177ELF\2\1", 6) != 0 || eh->machine != EM_RISCV ||
        (eh->type != ET_EXEC && eh->type != ET_DYN) || eh->phnum == 0 ||
        eh->phnum > PHDR_MAX || eh->phentsize != sizeof(struct phdr))
        return false;
    want = (i64)(eh->phnum * sizeof(struct phdr));
    return inode_read(file, eh->phoff, ph, (size_t)want) == want;
}

/* p_flags are X=1 W=2 R=4. */
static u32 access_flags(u32 p_flags)
{
    return (p_flags & 4 ? VM_READ : 0) | (p_flags & 2 ? VM_WRITE : 0) |
           (p_flags & 1 ? VM_EXEC : 0);
}

static bool segment_is_sane(const struct phdr *ph, u64 base, u64 file_size)
{
    return ph->memsz >= ph->filesz && ph->memsz < MMAP_TOP &&
           ph->vaddr + base >= PAGE_SIZE &&
           ph->vaddr + base < MMAP_TOP - ph->memsz &&
           ph->vaddr % PAGE_SIZE == ph->offset % PAGE_SIZE &&
           ph->offset <= file_size && ph->filesz <= file_size - ph->offset;
}

static int map_segment(struct mm *mm, struct inode *file, const struct phdr *ph,
                       u64 base)
{
    u32 flags = access_flags(ph->flags) | VM_PROGRAM;
    u64 skip = ph->vaddr % PAGE_SIZE;
    u64 start = base + ph->vaddr - skip;
    u64 file_end = ALIGN_UP(start + skip + ph->filesz, PAGE_SIZE);
    u64 end = ALIGN_UP(base + ph->vaddr + ph->memsz, PAGE_SIZE);
    int err = 0;

    if (!ph->filesz)
        file_end = start;
    if (!vma_range_free(mm, start, end))
        return -ENOEXEC;
    if (file_end > start)
        err = do_mmap(mm, start, file_end - start, flags, file,
                      ph->offset - skip, skip + ph->filesz);
    if (!err && end > file_end)
        err = do_mmap(mm, file_end, end - file_end, flags, NULL, 0, 0);
    return err;
}

int load_elf_binary(struct mm *mm, struct inode *file, struct program *out)
{
    struct phdr ph[PHDR_MAX];
    struct ehdr eh;
    u64 base;

    if (!read_headers(file, &eh, ph))
        return -ENOEXEC;
    base = eh.type == ET_DYN ? DYN_BASE : 0;
    *out = (struct program){.entry = base + eh.entry, .phnum = eh.phnum};
    for (unsigned i = 0; i < eh.phnum; i++) {
        int err;

        if (ph[i].type == PT_INTERP)
            return -ENOEXEC;
        if (ph[i].type != PT_LOAD || !ph[i].memsz)
            continue;
        if (!segment_is_sane(&ph[i], base, file->size))
            return -ENOEXEC;
        err = map_segment(mm, file, &ph[i], base);
        if (err)
            return err;
        if (eh.phoff >= ph[i].offset && eh.phoff < ph[i].offset + ph[i].filesz)
            out->phdr = base + ph[i].vaddr + eh.phoff - ph[i].offset;
        out->end = max_u64(out->end, base + ph[i].vaddr + ph[i].memsz);
    }
    return find_vma(mm, out->entry) ? 0 : -ENOEXEC;
}
