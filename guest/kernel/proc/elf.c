/*
 * ELF loader (ELF-64 object file format): one area for each PT_LOAD.
 *
 * Nothing is read but the headers. A segment's bytes arrive by page faults,
 * from the file's own frames where the segment is read-only. What lies
 * beyond p_filesz is zero: within the last page by the area's filesz, behind
 * it by an anonymous area. Linkers may end a segment and begin the next one in
 * the same page: that one is anonymous, and has the bytes of both.
 */
#include "proc/exec.h"

#include "fs/inode.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "ram/slab.h"

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

/* Maps the pages of a segment from `from` up to `to`. */
static int map_pages(struct mm *mm, struct inode *file, const struct phdr *ph,
                     u64 base, u64 from, u64 to)
{
    u32 flags = access_flags(ph->flags) | VM_PROGRAM;
    u64 skip = ph->vaddr % PAGE_SIZE;
    u64 before = from - (base + ph->vaddr - skip);
    u64 filled = ph->filesz ? skip + ph->filesz : 0; /* from the first page */
    u64 file_end = from;
    int err = 0;

    if (filled > before)
        file_end = min_u64(from + ALIGN_UP(filled - before, PAGE_SIZE), to);
    if (file_end > from)
        err = do_mmap(mm, from, file_end - from, flags, file,
                      ph->offset - skip + before, filled - before);
    if (!err && to > file_end)
        err = do_mmap(mm, file_end, to - file_end, flags, NULL, 0, 0);
    return err;
}

/* Reads into `bytes` what the page at `page` has by now. */
static void read_page(struct mm *mm, const struct vma *vma, u64 page, u8 *bytes)
{
    u64 before = page - vma->start;

    memset(bytes, 0, PAGE_SIZE);
    if (!vma->file)
        mm_read(mm, page, bytes, PAGE_SIZE);
    else if (vma->filesz > before)
        inode_read(vma->file, vma->offset + before, bytes,
                   min_u64(vma->filesz - before, PAGE_SIZE));
}

/* Makes one page of its own from what two segments have there, which is
 * accessible as either of them is. */
static int join_page(struct mm *mm, struct inode *file, const struct phdr *ph,
                     u64 base, u64 page)
{
    const struct vma *vma = find_vma(mm, page);
    u32 flags = vma->flags | access_flags(ph->flags);
    u64 start = max_u64(base + ph->vaddr, page);
    u64 end = min_u64(base + ph->vaddr + ph->filesz, page + PAGE_SIZE);
    u8 *bytes = kmalloc(PAGE_SIZE);
    int err;

    if (!bytes)
        return -ENOMEM;
    read_page(mm, vma, page, bytes);
    if (start < end)
        inode_read(file, ph->offset + (start - base - ph->vaddr),
                   bytes + start % PAGE_SIZE, end - start);
    err = do_munmap(mm, page, PAGE_SIZE);
    if (!err)
        err = do_mmap(mm, page, PAGE_SIZE, flags | VM_WRITE, NULL, 0, 0);
    if (!err)
        err = mm_write(mm, page, bytes, PAGE_SIZE);
    if (!err && !(flags & VM_WRITE))
        err = do_mprotect(mm, page, PAGE_SIZE, flags & VM_ACCESS);
    kfree(bytes);
    return err;
}

/* A segment may share its first or last page with another one. */
static int map_segment(struct mm *mm, struct inode *file, const struct phdr *ph,
                       u64 base)
{
    u64 from = ALIGN_DOWN(base + ph->vaddr, PAGE_SIZE);
    u64 to = ALIGN_UP(base + ph->vaddr + ph->memsz, PAGE_SIZE);
    int err = 0;

    if (!vma_range_free(mm, from, from + PAGE_SIZE)) {
        err = join_page(mm, file, ph, base, from);
        from += PAGE_SIZE;
    }
    if (!err && from < to && !vma_range_free(mm, to - PAGE_SIZE, to)) {
        to -= PAGE_SIZE;
        err = join_page(mm, file, ph, base, to);
    }
    if (err || from == to)
        return err;
    if (!vma_range_free(mm, from, to))
        return -ENOEXEC;
    return map_pages(mm, file, ph, base, from, to);
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
