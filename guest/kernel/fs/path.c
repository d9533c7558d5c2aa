/*
 * Path walking. Every step trades a reference on a directory for one on its
 * entry; `budget` bounds how many links one walk may follow.
 */
#include "fs/path.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "ram/slab.h"

#define LINK_MAX 5

/* The next component of *path into `name`: its length, 0 at the end. */
static i64 next_name(const char **path, char *name)
{
    size_t n = 0;

    while (**path == '/')
        ++*path;
    while (**path && **path != '/') {
        if (n + 1 >= NAME_SIZE)
            return -ENAMETOOLONG;
        name[n++] = *(*path)++;
    }
    name[n] = 0;
    return (i64)n;
}

static bool at_end(const char *path)
{
    while (*path == '/')
        path++;
    return !*path;
}

static int walk(struct inode *base, const char *path, bool follow,
                bool parent_only, char *name, int budget, struct inode **out);

static i64 read_link(struct inode *link, char *target)
{
    if (link->ops && link->ops->readlink)
        return link->ops->readlink(link, target, PATH_SIZE - 1);
    if (link->size >= PATH_SIZE)
        return -ENAMETOOLONG;
    return inode_read(link, 0, target, PATH_SIZE - 1);
}

/* Replaces the link `*at`, found in `dir`, by what it points to. The targets of
 * links that point to links would fill the stack. */
static int follow_link(struct inode *dir, struct inode **at, char *name,
                       int budget)
{
    char *target = kmalloc(PATH_SIZE);
    struct inode *link = *at;
    i64 n = target ? read_link(link, target) : -ENOMEM;

    inode_put(link);
    if (n >= 0)
        target[n] = 0;
    if (n >= 0 && budget)
        n = walk(dir, target, true, false, name, budget - 1, at);
    else if (n >= 0)
        n = -ELOOP;
    kfree(target);
    return (int)n;
}

static int walk(struct inode *base, const char *path, bool follow,
                bool parent_only, char *name, int budget, struct inode **out)
{
    struct inode *at = inode_get(*path == '/' ? fs_root() : base);
    int err = 0;

    for (;;) {
        i64 n = next_name(&path, name);
        struct inode *next;
        bool last = at_end(path);

        if (n < 0)
            err = (int)n;
        else if (n && !inode_is(at, S_IFDIR))
            err = -ENOTDIR;
        if (err || n == 0 || (last && parent_only))
            break;
        next = dir_lookup(at, name);
        if (!next) {
            err = -ENOENT;
            break;
        }
        if (inode_is(next, S_IFLNK) && (follow || !last))
            err = follow_link(at, &next, name, budget);
        inode_put(at);
        at = next;
        if (err)
            return err;
    }
    if (err)
        inode_put(at);
    else
        *out = at;
    return err;
}

int path_lookup(struct inode *base, const char *path, bool follow,
                struct inode **out)
{
    char name[NAME_SIZE];

    return *path ? walk(base, path, follow, false, name, LINK_MAX, out)
                 : -ENOENT;
}

int path_parent(struct inode *base, const char *path, struct inode **out,
                char *name)
{
    int err =
        *path ? walk(base, path, true, true, name, LINK_MAX, out) : -ENOENT;

    if (!err && (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)) {
        inode_put(*out);
        return -EEXIST;
    }
    return err;
}

static const char *name_in_parent(const struct inode *dir)
{
    list_for_each (at, &dir->parent->entries) {
        struct dirent *entry = list_entry(at, struct dirent, link);

        if (entry->inode == dir)
            return entry->name;
    }
    return "?";
}

i64 path_of(struct inode *dir, char *buf, size_t size)
{
    char text[PATH_SIZE];
    size_t at = sizeof(text) - 1;

    text[at] = 0;
    if (dir == fs_root())
        text[--at] = '/';
    for (; dir != fs_root(); dir = dir->parent) {
        const char *name = name_in_parent(dir);
        size_t n = strlen(name);

        if (at < n + 1)
            return -ENAMETOOLONG;
        at -= n;
        memcpy(text + at, name, n);
        text[--at] = '/';
    }
    if (sizeof(text) - at > size)
        return -ERANGE;
    memcpy(buf, text + at, sizeof(text) - at);
    return (i64)(sizeof(text) - at);
}
