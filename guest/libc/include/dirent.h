/*
 * Reading directories, as a thin coat over getdents64: the records are the
 * kernel's own, in the order in which it gives them.
 */
#ifndef LIBC_DIRENT_H
#define LIBC_DIRENT_H

#include <stdint.h>

#define DT_UNKNOWN 0
#define DT_CHR 2
#define DT_DIR 4
#define DT_REG 8
#define DT_LNK 10

/* The record of getdents64 itself. */
struct dirent {
    uint64_t d_ino;
    int64_t d_off;
    uint16_t d_reclen;
    uint8_t d_type;
    char d_name[];
};

typedef struct dir DIR;

/* NULL when it cannot be opened. */
DIR *opendir(const char *path);
/* NULL at the end or on an error; valid until the next call. */
struct dirent *readdir(DIR *dir);
int closedir(DIR *dir);

#endif
