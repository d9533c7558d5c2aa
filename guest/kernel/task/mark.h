/*
 * Marks (uapi/mark.h), under the boot option marks=.
 *
 * Off, no mark is executed. Lying, every pid and name in them is wrong, so
 * that a test can show that nobody takes a fact from a mark.
 */
#ifndef TASK_MARK_H
#define TASK_MARK_H

#include "lib/types.h"

enum mark_mode {
    MARKS_ON,
    MARKS_OFF,
    MARKS_LIE,
};

void mark_init(enum mark_mode mode);

void mark_switch(int pid, u64 satp, const char *comm);
void mark_fork(int parent, int child, u64 child_satp);
void mark_exec(int pid, u64 satp, const char *comm);
void mark_exit(int pid, int status, u64 satp);

/* `kind` is a MARK_AREA_ constant. */
void mark_area(int pid, u64 start, u64 end, unsigned kind);

struct vma;
/* The kind that the flags of an area tell. */
unsigned mark_area_kind(const struct vma *vma);

#endif
