/*
 * Text that grows: what a /proc file is made of.
 */
#ifndef PROC_TEXT_H
#define PROC_TEXT_H

#include "dev/printk.h"
#include "lib/types.h"

struct text {
    char *buf;
    size_t size;
    size_t len; /* may run past size: then it has to be made again */
};

void text_add(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void text_add_bytes(struct text *t, const void *bytes, size_t n);

/* The contents of the files in /proc, and of those in /proc/PID. */
void text_vmstat(struct text *t);
void text_meminfo(struct text *t);
void text_frames(struct text *t);

struct task;
void text_maps(struct text *t, const struct task *task);
void text_stat(struct text *t, const struct task *task);
void text_status(struct text *t, const struct task *task);
void text_cmdline(struct text *t, const struct task *task);

#endif
