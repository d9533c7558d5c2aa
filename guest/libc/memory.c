/*
 * Memory from the kernel: the heap's break, on which malloc of the C library
 * below stands, and mappings.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "syscall.h"

/*
 * The break is asked for each time instead of remembered: the kernel has
 * the truth, and a process that forks has one writable word less.
 */
void *sbrk(intptr_t bytes)
{
    long old = syscall(SYS_brk, 0);

    if (bytes != 0 && syscall(SYS_brk, old + bytes) != old + bytes) {
        errno = ENOMEM;
        return (void *)-1;
    }
    return (void *)old;
}

void *mmap(void *va, size_t bytes, int prot, int flags, int fd, off_t offset)
{
    return (void *)syscall(SYS_mmap, va, bytes, prot, flags, fd, offset);
}

int munmap(void *va, size_t bytes)
{
    return (int)syscall(SYS_munmap, va, bytes);
}

int mprotect(void *va, size_t bytes, int prot)
{
    return (int)syscall(SYS_mprotect, va, bytes, prot);
}
