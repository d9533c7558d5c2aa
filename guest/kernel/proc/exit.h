/* The end of tasks, and waiting for it. */
#ifndef PROC_EXIT_H
#define PROC_EXIT_H

#include "task/task.h"

#define WNOHANG 1
#define WALL 0x40000000 /* children of any exit signal */

/* Ends the current task. `status` as wait4 reports it: exit code << 8, or
 * the signal that killed it. */
_Noreturn void do_exit(int status);

/* Frees one ended child of `parent`; false when there is none. */
bool exit_reap_any(struct task *parent);

i64 sys_exit(const u64 *args);
i64 sys_wait4(const u64 *args);

#endif
