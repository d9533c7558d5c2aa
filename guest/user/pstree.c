/*
 * pstree: the processes as the tree they are, each under its parent.
 */
#include <stdio.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/procfs.h"

enum { MOST = 1024, INDENT = 3 };

static struct process processes[MOST];
static int count;

static bool is_listed(int pid)
{
    for (int i = 0; i < count; i++)
        if (processes[i].pid == pid)
            return true;
    return false;
}

/* Process 0 is its own parent, if it is listed at all. */
static void show(const struct process *process, int depth)
{
    printf("%*s%s(%d)%s\n", depth * INDENT, "", process->name, process->pid,
           process->state == 'Z' ? " ended" : "");
    for (int i = 0; i < count; i++)
        if (processes[i].parent == process->pid && &processes[i] != process)
            show(&processes[i], depth + 1);
}

int main(void)
{
    count = procfs_list(processes, MOST);
    if (count < 0)
        die("/proc");
    for (int i = 0; i < count; i++)
        if (processes[i].parent == processes[i].pid ||
            !is_listed(processes[i].parent))
            show(&processes[i], 0);
    return 0;
}
