/*
 * Settings of a process. The options of our own kernel stand in
 * uapi/fork.h; other kernels answer EINVAL.
 */
#ifndef LIBC_SYS_PRCTL_H
#define LIBC_SYS_PRCTL_H

int prctl(int option, unsigned long argument);

#endif
