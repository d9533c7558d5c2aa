/*
 * ps: every process of the system, a line each. A kernel thread has no
 * memory of its own: its name stands in brackets. Z marks a process that has
 * ended and is not yet waited for.
 */
#include <stdio.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/procfs.h"

enum { MOST = 1024, PAGE_KIB = 4 };

static struct process processes[MOST];

int main(void)
{
    int count = procfs_list(processes, MOST);

    if (count < 0)
        die("/proc");
    printf("%5s %5s %5s S %8s %8s NAME\n", "PID", "PPID", "PGRP", "VIRT/KiB",
           "RES/KiB");
    for (int i = 0; i < count; i++) {
        const struct process *p = &processes[i];
        bool thread = p->virtual_bytes == 0 && p->state != 'Z';

        printf("%5d %5d %5d %c %8ld %8ld %s%s%s\n", p->pid, p->parent, p->group,
               p->state, p->virtual_bytes / 1024, p->resident_pages * PAGE_KIB,
               thread ? "[" : "", p->name, thread ? "]" : "");
    }
    return 0;
}
