/*
 * System calls that take a path, and those that describe what it names.
 */
#include "sys/syscall.h"

#include "fs/path.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "sys/takes.h"
#include "task/task.h"

struct stat {
    u64 dev;
    u64 ino;
    u32 mode;
    u32 nlink;
    u32 uid, gid;
    u64 rdev;
    u64 pad;
    i64 size;
    i32 blksize, pad2;
    i64 blocks;
    u64 times[6];
    u32 unused[2];
};

static_assert(sizeof(struct stat) == 128, "asm-generic struct stat");

/* The directory from which a relative path is walked. */
static int base_of(u64 dirfd, const char *path, struct inode **base)
{
    struct file *f;

    *base = current->cwd;
    if ((int)dirfd == AT_FDCWD || *path == '/')
        return 0;
    f = fd_file(dirfd);
    if (!f)
        return -EBADF;
    if (!f->inode)
        return -ENOTDIR;
    *base = f->inode;
    return 0;
}

static int lookup_at(u64 dirfd, u64 user_path, bool follow, struct inode **out)
{
    char path[PATH_SIZE];
    struct inode *base = NULL;
    i64 n = copy_string_from_user(path, user_path, sizeof(path));
    int err = n < 0 ? (int)n : base_of(dirfd, path, &base);

    return err ? err : path_lookup(base, path, follow, out);
}

static int parent_at(u64 dirfd, u64 user_path, struct inode **dir, char *name)
{
    char path[PATH_SIZE];
    struct inode *base = NULL;
    i64 n = copy_string_from_user(path, user_path, sizeof(path));
    int err = n < 0 ? (int)n : base_of(dirfd, path, &base);

    return err ? err : path_parent(base, path, dir, name);
}

/* Adds a new inode to the directory that is to hold it. */
static int create_at(u64 dirfd, u64 user_path, u32 mode, struct inode **out)
{
    char name[NAME_SIZE];
    struct inode *dir, *i;
    int err = parent_at(dirfd, user_path, &dir, name);

    if (err)
        return err;
    if (dir->ops)
        err = -EROFS;
    else if (!dir->nlink)
        err = -ENOENT; /* it has been removed */
    else if (dir_find(dir, name))
        err = -EEXIST;
    if (!err) {
        i = inode_new(mode & ~current->umask);
        err = i ? dir_add(dir, name, i) : -ENOMEM;
        if (i && (err || !out))
            inode_put(i);
        if (!err && out)
            *out = i;
    }
    inode_put(dir);
    return err;
}

static int open_inode(const u64 *a, struct inode **i)
{
    u32 flags = (u32)a[2];
    int err = lookup_at(a[0], a[1], !(flags & O_NOFOLLOW), i);

    if (err == -ENOENT && (flags & O_CREAT))
        return create_at(a[0], a[1], S_IFREG | (u32)(a[3] & 0777), i);
    if (err)
        return err;
    if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
        err = -EEXIST;
    else if ((flags & O_DIRECTORY) && !inode_is(*i, S_IFDIR))
        err = -ENOTDIR;
    else if ((flags & O_CREAT) && inode_is(*i, S_IFDIR))
        err = -EISDIR;
    if (err)
        inode_put(*i);
    return err;
}

i64 sys_openat(const u64 *a)
{
    struct inode *i;
    struct file *f;
    int err = open_inode(a, &i);
    i64 fd;

    if (err)
        return err;
    err = file_open(i, (u32)a[2], &f);
    inode_put(i);
    if (err)
        return err;
    fd = fd_install(f, 0, (a[2] & O_CLOEXEC) != 0);
    if (fd < 0)
        file_put(f);
    return fd;
}

/* struct linux_dirent64: ino, off, reclen, type, name, 0, padded to 8. */
static size_t make_dirent(u8 *buf, const struct listed *entry, u64 next)
{
    size_t n = strlen(entry->name) + 1;
    u16 reclen = (u16)ALIGN_UP(19 + n, 8);

    memset(buf, 0, reclen);
    memcpy(buf, &entry->ino, 8);
    memcpy(buf + 8, &next, 8);
    memcpy(buf + 16, &reclen, 2);
    buf[18] = (u8)((entry->mode & S_IFMT) >> 12);
    memcpy(buf + 19, entry->name, n);
    return reclen;
}

i64 sys_getdents64(const u64 *a)
{
    struct file *f = fd_file(a[0]);
    u8 record[19 + NAME_SIZE + 8];
    struct listed entry;
    u64 done = 0, next;

    if (!f)
        return -EBADF;
    if (!f->inode || !inode_is(f->inode, S_IFDIR))
        return -ENOTDIR;
    for (next = f->offset; dir_read(f->inode, &next, &entry);
         f->offset = next) {
        size_t n = make_dirent(record, &entry, next);

        if (done + n > a[2])
            return done ? (i64)done : -EINVAL;
        if (copy_to_user(a[1] + done, record, n))
            return done ? (i64)done : -EFAULT;
        done += n;
    }
    return (i64)done;
}

static int put_stat(u64 user, const struct inode *i)
{
    struct stat st = {.dev = 1, .nlink = 1, .blksize = PAGE_SIZE};

    if (i) {
        st.ino = i->ino;
        st.mode = i->mode;
        st.nlink = i->nlink;
        st.rdev = i->rdev;
        st.size = (i64)i->size;
        st.blocks = (i64)(ALIGN_UP(i->size, 512) / 512);
    } else {
        st.mode = S_IFIFO | 0600;
    }
    return copy_to_user(user, &st, sizeof(st));
}

i64 sys_fstat(const u64 *a)
{
    struct file *f = fd_file(a[0]);

    return f ? put_stat(a[1], f->inode) : -EBADF;
}

i64 sys_newfstatat(const u64 *a)
{
    struct inode *i;
    u8 first;
    int err;

    if ((a[3] & AT_EMPTY_PATH) && copy_from_user(&first, a[1], 1) == 0 &&
        !first) {
        u64 args[2] = {a[0], a[2]};

        return sys_fstat(args);
    }
    err = lookup_at(a[0], a[1], !(a[3] & AT_SYMLINK_NOFOLLOW), &i);
    if (err)
        return err;
    err = put_stat(a[2], i);
    inode_put(i);
    return err;
}

/* There is only root, who may all that any mode bit allows. */
static i64 may_access(const u64 *a, bool follow)
{
    struct inode *i;
    int err = lookup_at(a[0], a[1], follow, &i);

    if (err)
        return err;
    if ((a[2] & 1) && !(i->mode & 0111))
        err = -EACCES;
    inode_put(i);
    return err;
}

i64 sys_faccessat(const u64 *a)
{
    return may_access(a, true);
}

i64 sys_faccessat2(const u64 *a)
{
    return may_access(a, !(a[3] & AT_SYMLINK_NOFOLLOW));
}

i64 sys_readlinkat(const u64 *a)
{
    char target[PATH_SIZE];
    struct inode *i;
    int err = lookup_at(a[0], a[1], false, &i);
    i64 n = -EINVAL;

    if (err)
        return err;
    if (inode_is(i, S_IFLNK) && (i64)a[3] > 0)
        n = i->ops && i->ops->readlink
                ? i->ops->readlink(i, target, sizeof(target))
                : inode_read(i, 0, target, sizeof(target));
    inode_put(i);
    if (n > 0)
        n = (i64)min_u64((u64)n, a[3]);
    return n > 0 && copy_to_user(a[2], target, (size_t)n) ? -EFAULT : n;
}

i64 sys_mkdirat(const u64 *a)
{
    return create_at(a[0], a[1], S_IFDIR | (u32)(a[2] & 0777), NULL);
}

/* Whether an entry may go: a directory by rmdir alone, and empty; what another
 * file system hangs at, or makes itself, not at all. */
static int may_remove(struct inode *dir, const struct dirent *entry,
                      bool is_rmdir)
{
    if (dir->ops)
        return -EPERM;
    if (!entry)
        return -ENOENT;
    if (inode_is(entry->inode, S_IFDIR) != is_rmdir)
        return is_rmdir ? -ENOTDIR : -EISDIR;
    if (entry->inode->ops)
        return -EBUSY;
    return list_empty(&entry->inode->entries) ? 0 : -ENOTEMPTY;
}

i64 sys_unlinkat(const u64 *a)
{
    char name[NAME_SIZE];
    struct inode *dir;
    struct dirent *entry;
    int err = parent_at(a[0], a[1], &dir, name);

    if (err)
        return err == -EEXIST ? -EBUSY : err; /* "/", "." or ".." */
    entry = dir_find(dir, name);
    err = may_remove(dir, entry, (a[2] & AT_REMOVEDIR) != 0);
    if (!err)
        dir_remove(dir, entry);
    inode_put(dir);
    return err;
}

i64 sys_getcwd(const u64 *a)
{
    char path[PATH_SIZE];
    i64 n = path_of(current->cwd, path, min_u64(a[1], sizeof(path)));

    if (n > 0 && copy_to_user(a[0], path, (size_t)n))
        return -EFAULT;
    return n;
}

i64 sys_chdir(const u64 *a)
{
    struct inode *i;
    int err = lookup_at((u64)AT_FDCWD, a[0], true, &i);

    if (err)
        return err;
    if (!inode_is(i, S_IFDIR)) {
        inode_put(i);
        return -ENOTDIR;
    }
    inode_put(current->cwd);
    current->cwd = i;
    return 0;
}
