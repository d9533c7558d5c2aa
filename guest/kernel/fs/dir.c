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
    size_t size = strlen(name) + 1;
    struct dirent *entry;

    if (size > NAME_SIZE)
        return -ENAMETOOLONG;
    entry = kmalloc(sizeof(*entry) + size);
    if (!entry)
        return -ENOMEM;
    memcpy(entry->name, name, size);
    entry->inode = inode_get(i);
    entry->place = ++dir->last_place;
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
        entry->inode->nlink = 1;     /* its own "." goes, too */
    }
    entry->inode->nlink--;
    if (dir->reached == entry)
        dir->reached = NULL;
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

/* Places: 0 is ".", 1 is ".."; then those of stored entries; then, from MADE
 * on, those that the directory's operations make. */
#define DOTS 2
#define MADE (1ul << 40)

static void list_inode(struct listed *out, const char *name,
                       const struct inode *i)
{
    strlcpy(out->name, name, NAME_SIZE);
    out->ino = i->ino;
    out->mode = i->mode;
}

/* The first stored entry at `place` or behind it. Readers go on where they have
 * been, so the search begins there. */
static struct dirent *stored_from(struct inode *dir, u64 place)
{
    struct list *at = dir->entries.next;

    if (dir->reached && dir->reached->place <= place)
        at = &dir->reached->link;
    for (; at != &dir->entries; at = at->next) {
        struct dirent *entry = list_entry(at, struct dirent, link);

        if (entry->place >= place)
            return dir->reached = entry;
    }
    return NULL;
}

static bool read_made(struct inode *dir, u64 *place, struct listed *out)
{
    u64 at = *place < MADE ? 0 : *place - MADE;
    bool found = dir->ops && dir->ops->entry && dir->ops->entry(dir, &at, out);

    *place = MADE + at;
    return found;
}

bool dir_read(struct inode *dir, u64 *place, struct listed *out)
{
    struct dirent *entry;

    if (*place < DOTS) {
        list_inode(out, *place ? ".." : ".", *place ? dir->parent : dir);
        ++*place;
        return true;
    }
    entry = *place < MADE ? stored_from(dir, *place - DOTS) : NULL;
    if (!entry)
        return read_made(dir, place, out);
    list_inode(out, entry->name, entry->inode);
    *place = DOTS + entry->place + 1;
    return true;
}
