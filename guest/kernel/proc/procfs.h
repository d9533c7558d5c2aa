/* /proc: the kernel's own account of itself, as text. */
#ifndef PROC_PROCFS_H
#define PROC_PROCFS_H

/* Puts /proc into the tree. `cmdline` are the boot arguments. */
void procfs_init(const char *cmdline);

#endif
