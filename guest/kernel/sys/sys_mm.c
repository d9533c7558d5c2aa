/*
 * System calls about memory: checks of the arguments; mm/vma.c does the
 * work.
 */
#include "sys/syscall.h"

#include "lib/errno.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "sys/takes.h"
#include "task/mark.h"
#include "task/task.h"

static u32 access_of_prot(u64 prot)
{
    return (prot & 1 ? VM_READ : 0) | (prot & 2 ? VM_WRITE : 0) |
           (prot & 4 ? VM_EXEC : 0);
}

static bool is_user_area(u64 start, u64 len)
{
    return start % PAGE_SIZE == 0 && start >= PAGE_SIZE && len &&
           len < USER_END && start <= USER_END - ALIGN_UP(len, PAGE_SIZE);
}

static void mark_area_at(struct mm *mm, u64 va)
{
    const struct vma *vma = find_vma(mm, va);

    if (vma)
        mark_area(current->pid, vma->start, vma->end, mark_area_kind(vma));
}

i64 sys_brk(const u64 *a)
{
    struct mm *mm = current->mm;
    u64 old = mm->brk, now = do_brk(mm, a[0]);

    if (now > old)
        mark_area_at(mm, now - 1);
    return (i64)now;
}

/* The inode of a mapping: NULL for an anonymous one. What the file was opened
 * for bounds what a shared mapping may ever do. */
static int mapped_file(const u64 *a, struct inode **file, u32 *flags)
{
    struct file *f;

    *file = NULL;
    if (a[3] & MAP_ANONYMOUS)
        return 0;
    f = fd_file(a[4]);
    if (!f)
        return -EBADF;
    if (!f->inode || !inode_is(f->inode, S_IFREG) || a[5] % PAGE_SIZE)
        return -EINVAL;
    if (a[5] > FILE_MAX_SIZE || a[1] > FILE_MAX_SIZE)
        return -EOVERFLOW;
    if ((f->flags & O_ACCMODE) == O_WRONLY ||
        ((a[3] & MAP_SHARED) && (a[2] & 2) && (f->flags & O_ACCMODE) != O_RDWR))
        return -EACCES;
    if ((a[3] & MAP_SHARED) && (f->flags & O_ACCMODE) == O_RDONLY)
        *flags |= VM_READ_ONLY;
    else if (a[3] & MAP_SHARED)
        f->inode->tail_dirty = true;
    *file = f->inode;
    return 0;
}

/* Shared anonymous memory is a file without a name. */
static struct inode *shared_file(u64 len)
{
    struct inode *file =
        len <= FILE_MAX_SIZE ? inode_new(S_IFREG | 0600) : NULL;

    if (file)
        file->size = ALIGN_UP(len, PAGE_SIZE);
    return file;
}

/* Where the mapping is to be. Nothing is changed for it yet. */
static i64 place(struct mm *mm, const u64 *a)
{
    u64 hint = ALIGN_DOWN(a[0], PAGE_SIZE), len = a[1], va;
    bool is_exact = (a[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0;
    bool is_free = is_user_area(hint, len) &&
                   vma_range_free(mm, hint, hint + ALIGN_UP(len, PAGE_SIZE));

    if (is_exact && !is_user_area(a[0], len))
        return -EINVAL;
    if ((a[3] & MAP_FIXED_NOREPLACE) && !is_free)
        return -EEXIST;
    if (is_exact || (is_free && hint + len < MMAP_TOP))
        return (i64)hint;
    va = len < USER_END ? vma_find_gap(mm, len) : 0;
    return va ? (i64)va : -ENOMEM;
}

/* Takes the file, which may be NULL. */
static i64 map_it(const u64 *a, u32 flags, struct inode *file)
{
    struct mm *mm = current->mm;
    i64 va = place(mm, a);
    int err;

    if (va < 0)
        return va;
    err =
        do_mmap(mm, (u64)va, a[1], flags, file, a[3] & MAP_ANONYMOUS ? 0 : a[5],
                file ? ALIGN_UP(a[1], PAGE_SIZE) : 0);
    if (err)
        return err;
    mark_area_at(mm, (u64)va);
    return va;
}

i64 sys_mmap(const u64 *a)
{
    u32 flags = access_of_prot(a[2]);
    struct inode *file;
    i64 result = mapped_file(a, &file, &flags);

    if (result)
        return result;
    if (!a[1] || !(a[3] & (MAP_SHARED | MAP_PRIVATE)))
        return -EINVAL;
    inode_get(file);
    if (a[3] & MAP_SHARED) {
        flags |= VM_SHARED;
        if (!file)
            file = shared_file(a[1]);
        if (!file)
            return -ENOMEM;
    }
    result = map_it(a, flags, file);
    inode_put(file);
    return result;
}

i64 sys_munmap(const u64 *a)
{
    if (!is_user_area(a[0], a[1]))
        return -EINVAL;
    return do_munmap(current->mm, a[0], a[1]);
}

i64 sys_mprotect(const u64 *a)
{
    if (!a[1])
        return 0;
    if (!is_user_area(a[0], a[1]))
        return -EINVAL;
    return do_mprotect(current->mm, a[0], a[1], access_of_prot(a[2]));
}

/* Advice is not taken, except where the program may rely on it. */
i64 sys_madvise(const u64 *a)
{
    const u64 dont_need = MADV_DONTNEED;
    u64 len = ALIGN_UP(a[1], PAGE_SIZE);

    if (a[0] % PAGE_SIZE || len < a[1] || a[0] + len < a[0])
        return -EINVAL;
    if (a[2] == dont_need && is_user_area(a[0], a[1]))
        pt_unmap(current->mm, a[0], a[0] + ALIGN_UP(a[1], PAGE_SIZE));
    return vma_check_range(current->mm, a[0], a[0] + len, 0);
}
