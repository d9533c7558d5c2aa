/* Sleeping on a word of user memory (futex(2)). */
#ifndef TASK_FUTEX_H
#define TASK_FUTEX_H

#include "lib/types.h"

#define FUTEX_ALL (~0u) /* of a bitset: whoever waits */

/* Sleeps on the word at `va` if it is `value`, until a wake-up whose bitset has
 * a bit in common with ours, or until `deadline` in ticks. `is_private`: only
 * this space is meant. 0; -EAGAIN: another value; -EINTR or -ERESTARTSYS: a
 * signal; -ETIMEDOUT; -EFAULT; -EINVAL: not a multiple of 4. */
i64 futex_wait(u64 va, bool is_private, u32 value, u32 bitset, u64 deadline);

/* Wakes at most `count` that sleep on the word, the longest sleepers first; how
 * many, -EFAULT or -EINVAL. */
i64 futex_wake(u64 va, bool is_private, u32 count, u32 bitset);

/* Wakes at most `wake` and lets at most `move` of the others sleep on the word
 * at `to` instead; how many in all. With `compare` only if the first word is
 * `value`, else -EAGAIN. */
i64 futex_requeue(u64 va, u64 to, bool is_private, u32 wake, u32 move,
                  bool compare, u32 value);

#endif
