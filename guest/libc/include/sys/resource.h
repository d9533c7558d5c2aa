/*
 * Limits of a process; of the many that Linux has, the one that bounds a
 * fork bomb.
 */
#ifndef LIBC_SYS_RESOURCE_H
#define LIBC_SYS_RESOURCE_H

#define RLIMIT_NPROC 6
#define RLIMIT_NOFILE 7
#define RLIM_INFINITY (~0ul)

struct rlimit {
    unsigned long rlim_cur;
    unsigned long rlim_max;
};

int getrlimit(int resource, struct rlimit *out);
int setrlimit(int resource, const struct rlimit *limit);

#endif
