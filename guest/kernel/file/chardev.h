/* The devices under /dev. */
#ifndef FILE_CHARDEV_H
#define FILE_CHARDEV_H

struct inode;

void chardev_init(void);

/* The directory `name` in `parent`, made if it does not exist. */
struct inode *chardev_dir(struct inode *parent, const char *name);

#endif
