/* Programs that are part of the kernel image. */
#ifndef BOOT_UAPP_H
#define BOOT_UAPP_H

/* Runs all of them in order, each to its end; returns how many there were.
 * Called in the context of task 1. */
int uapp_run_all(void);

#endif
