/* The delivery of signals. */
#ifndef PROC_DELIVER_H
#define PROC_DELIVER_H

#include "lib/types.h"

struct mm;
struct trapframe;

/* Acts on pending signals before the return to user code: ends the task, or
 * puts a handler's frame on its stack. */
void deliver_signals(struct trapframe *tf);

/* Maps the page with the return trampoline into a new space. */
int deliver_map_trampoline(struct mm *mm);

i64 sys_rt_sigreturn(const u64 *args);

#endif
