/* From a path to an inode. */
#ifndef FS_PATH_H
#define FS_PATH_H

#include "fs/inode.h"

#define PATH_SIZE 512

/* The inode that `path` names, counted in *out, from `base` if the path is
 * relative. A link at the end is followed if `follow`. 0 or an error. */
int path_lookup(struct inode *base, const char *path, bool follow,
                struct inode **out);

/* The directory that holds the last component, which goes to `name`
 * (NAME_SIZE bytes) and need not exist. */
int path_parent(struct inode *base, const char *path, struct inode **out,
                char *name);

/* The absolute path of a directory; its length or an error. */
i64 path_of(struct inode *dir, char *buf, size_t size);

#endif
