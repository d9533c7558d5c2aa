/*
 * Mapping memory. Functions return MAP_FAILED or -1 and set errno when they
 * fail.
 */
#ifndef LIBC_SYS_MMAN_H
#define LIBC_SYS_MMAN_H

#include <stddef.h>
#include <sys/types.h>

#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4

#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_FAILED ((void *)-1)

void *mmap(void *va, size_t bytes, int prot, int flags, int fd, off_t offset);
int munmap(void *va, size_t bytes);
int mprotect(void *va, size_t bytes, int prot);

#endif
