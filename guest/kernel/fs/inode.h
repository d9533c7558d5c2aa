/*
 * Inodes: what a path names. The file system is a tree in memory, filled
 * from the initrd; /proc makes its inodes on the fly.
 *
 * An inode is counted: one for its directory entry, one for every open
 * file, area, working directory or path look-up in progress.
 *
 * The page cache is the file: it has the frame with page i, or none while
 * nobody has needed it. A page that lies aligned in the initrd is used where it
 * lies. Mapping a page for reading therefore copies nothing, and every process
 * maps the same frame.
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include "fs/pages.h"
#include "lib/list.h"
#include "lib/types.h"

#define FILE_MAX_SIZE (1ul << 36)
#define NAME_SIZE 256 /* with the zero byte */

#define S_IFMT 0170000
#define S_IFIFO 0010000
#define S_IFCHR 0020000
#define S_IFDIR 0040000
#define S_IFREG 0100000
#define S_IFLNK 0120000

struct inode;
struct file;
struct file_ops;

/* An entry, as the reader of a directory gets it. */
struct listed {
    char name[NAME_SIZE];
    u64 ino;
    u32 mode;
};

/* For directories and links that are not simply stored. */
struct inode_ops {
    /* A counted inode, or NULL. */
    struct inode *(*lookup)(struct inode *dir, const char *name);
    /* The first entry at place *at or behind it, and *at goes behind that;
     * false after the last. An entry keeps its place while others go. */
    bool (*entry)(struct inode *dir, u64 *at, struct listed *out);
    /* The link's target; its length or an error. */
    i64 (*readlink)(struct inode *link, char *buf, size_t size);
};

struct inode {
    u32 refs;
    u32 mode; /* S_IF type and permissions */
    u32 nlink;
    u32 rdev;
    u64 ino;
    u64 size;
    struct inode *parent;        /* directories: not counted */
    const struct inode_ops *ops; /* NULL: stored */
    const struct file_ops *file_ops;
    struct list entries;    /* directories: struct dirent, by place */
    struct dirent *reached; /* where the last reader was, or NULL */
    u64 last_place;         /* of the entry added last */
    const u8 *image;        /* contents in the initrd, or NULL */
    u64 image_size;         /* bytes of it that are still the file's */
    u32 areas;              /* of address spaces that map it */
    bool tail_dirty;        /* a mapping may have stored behind the end */
    struct pages pages;     /* the cache */
    u64 data;               /* /proc: pid and kind */
};

struct dirent {
    struct list link;
    struct inode *inode;
    u64 place; /* rises along the list, and is nobody else's ever */
    char name[];
};

static inline bool inode_is(const struct inode *i, u32 type)
{
    return (i->mode & S_IFMT) == type;
}

static inline u64 inode_size(const struct inode *i)
{
    return i->size;
}

/* A new inode with one reference; NULL when memory is short. */
struct inode *inode_new(u32 mode);

/* Both accept NULL. */
struct inode *inode_get(struct inode *i);
void inode_put(struct inode *i);

/* Frame of page `index` of a regular file (0 or an error); the cache keeps
 * it. A page beyond the end is -EFAULT. */
int inode_page(struct inode *i, u64 index, u64 *pa);

/* Where the kernel has the bytes of a file from `at` on, less than the end; *n
 * is cut to how many of them lie there together. */
const void *inode_peek(struct inode *i, u64 at, size_t *n);

/* Where bytes at `at` are to be put: -EFBIG, -ENOMEM. What lies behind the end
 * is the file's when inode_extend says so. */
int inode_poke(struct inode *i, u64 at, size_t *n, void **to);
void inode_extend(struct inode *i, u64 end);

/* Reads into, writes from kernel memory; the number of bytes or an error. */
i64 inode_read(struct inode *i, u64 offset, void *buf, size_t n);
i64 inode_write(struct inode *i, u64 offset, const void *buf, size_t n);

int inode_truncate(struct inode *i, u64 size);

/* Directory entries of the stored kind. */
struct dirent *dir_find(struct inode *dir, const char *name);
int dir_add(struct inode *dir, const char *name, struct inode *i);
void dir_remove(struct inode *dir, struct dirent *entry);

/* The entry at *place or the first behind it, "." and ".." among them; *place
 * goes behind it. False at the end. Removing entries moves no other one, so
 * that a program can remove what it reads. */
bool dir_read(struct inode *dir, u64 *place, struct listed *out);

/* A counted inode for `name`, NULL when there is none. */
struct inode *dir_lookup(struct inode *dir, const char *name);

/* Makes the root directory. */
void fs_init(void);
struct inode *fs_root(void);

/* Unpacks a cpio archive (newc) into the tree; the number of files, or an
 * error. Contents are not copied: the archive stays where it is. */
int cpio_unpack(const u8 *archive, u64 size);

#endif
