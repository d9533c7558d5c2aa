/*
 * Directories: a list of names, and the root of the tree.
 */
#include "fs/inode.h"

#include "dev/printk.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "ram/slab.h"

static struct inode *root;

void fs_init(void)
{
    root = inode_new(S_IFDIR | 0755);
    if (!root)
        PANIC("no memory for the root directory");
    root->parent = root;
}

struct inode *fs_root(void)
{
    return root;
}

struct dirent *dir_find(struct inode *dir, const char *name)
{
    list_for_each (at, &dir->entries) {
        struct dirent *entry = list_entry(at, struct dirent, link);

        if (strcmp(entry->name, name) == 0)
            return entry;
    }
    return NULL;
}

int dir_add(struct inode *dir, const char *name, struct inode *i)
{
    struct dirent *entry;

    if (strlen(name) >= NAME_SIZE)
        return -ENAMETOOLONG;
    entry = kmalloc(sizeof(*entry));
    if (!entry)
        return -ENOMEM;
    strlcpy(entry->name, name, NAME_SIZE);
    entry->inode = inode_get(i);
    list_add_tail(&entry->link, &dir->entries);
    if (inode_is(i, S_IFDIR)) {
        i->parent = dir;
        dir->nlink++;
    }
    return 0;
}

void dir_remove(struct inode *dir, struct dirent *entry)
{
    if (inode_is(entry->inode, S_IFDIR)) {
        dir->nlink--;
        entry->inode->parent = root; /* somebody may still stand in it */
    }
    entry->inode->nlink--;
    list_del(&entry->link);
    inode_put(entry->inode);
    kfree(entry);
}

struct inode *dir_lookup(struct inode *dir, const char *name)
{
    struct dirent *entry;

    if (strcmp(name, ".") == 0)
        return inode_get(dir);
    if (strcmp(name, "..") == 0)
        return inode_get(dir->parent);
    entry = dir_find(dir, name);
    if (entry)
        return inode_get(entry->inode);
    return dir->ops && dir->ops->lookup ? dir->ops->lookup(dir, name) : NULL;
}
