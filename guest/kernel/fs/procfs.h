/* /proc: the kernel's own account of itself, as text. */
#ifndef FS_PROCFS_H
#define FS_PROCFS_H

/* Puts /proc into the tree. `cmdline` are the boot arguments. */
void procfs_init(const char *cmdline);

#endif
