/*
 * The marks of this kernel.
 */
#include "task/mark.h"

#include "lib/string.h"
#include "mm/mm.h"
#include "uapi/mark.h"

#define LIE_PID 1000 /* added to every pid */
#define LIE_NAME "liar"

static enum mark_mode mode;

void mark_init(enum mark_mode wanted)
{
    mode = wanted;
    if (mode != MARKS_OFF)
        mark(MARK_VERSION, MARK_MAGIC, MARK_ABI, 0, 0);
}

static u64 name_of(const char *comm)
{
    u64 name = 0;

    if (mode == MARKS_LIE)
        comm = LIE_NAME;
    memcpy(&name, comm, strnlen(comm, sizeof(name)));
    return name;
}

static int pid_of(int pid)
{
    return mode == MARKS_LIE ? pid + LIE_PID : pid;
}

void mark_switch(int pid, u64 satp, const char *comm)
{
    if (mode != MARKS_OFF)
        mark(MARK_SWITCH, pid_of(pid), satp, name_of(comm), 0);
}

void mark_fork(int parent, int child, u64 child_satp)
{
    if (mode != MARKS_OFF)
        mark(MARK_FORK, pid_of(parent), pid_of(child), child_satp, 0);
}

void mark_exec(int pid, u64 satp, const char *comm)
{
    if (mode != MARKS_OFF)
        mark(MARK_EXEC, pid_of(pid), satp, name_of(comm), 0);
}

void mark_exit(int pid, int status, u64 satp)
{
    if (mode != MARKS_OFF)
        mark(MARK_EXIT, pid_of(pid), status, satp, 0);
}

void mark_area(int pid, u64 start, u64 end, unsigned kind)
{
    if (mode != MARKS_OFF)
        mark(MARK_AREA, pid_of(pid), start, end, kind);
}

unsigned mark_area_kind(const struct vma *vma)
{
    if (vma->flags & VM_STACK)
        return MARK_AREA_STACK;
    if (vma->flags & VM_HEAP)
        return MARK_AREA_HEAP;
    if (vma->flags & VM_EXEC)
        return MARK_AREA_TEXT;
    if (!(vma->flags & VM_PROGRAM))
        return MARK_AREA_MMAP;
    return vma->flags & VM_WRITE ? MARK_AREA_DATA : MARK_AREA_RODATA;
}
