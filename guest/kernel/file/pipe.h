/* Pipes. */
#ifndef FILE_PIPE_H
#define FILE_PIPE_H

#include "lib/types.h"

struct file;

/* Makes the read end and the write end; `flags` may hold O_NONBLOCK. */
int pipe_create(u32 flags, struct file *ends[2]);

#endif
