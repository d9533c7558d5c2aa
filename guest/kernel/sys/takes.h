/*
 * The flags and choices that system calls know, as Linux numbers them. Those of
 * Linux's that are not here are refused (syscalls.def).
 */
#ifndef SYS_TAKES_H
#define SYS_TAKES_H

#include "file/file.h"
#include "proc/exit.h"
#include "proc/fork.h"

/* Paths. */
#define AT_FDCWD (-100)
#define AT_SYMLINK_NOFOLLOW 0x100
#define AT_REMOVEDIR 0x200
#define AT_EACCESS 0x200
#define AT_NO_AUTOMOUNT 0x800
#define AT_EMPTY_PATH 0x1000
#define ACCESS_MODES 7 /* R_OK, W_OK, X_OK */

/* Of open those that change nothing here come last: no terminal is made the
 * controlling one, files have any size, nothing is cached, times are not kept.
 */
#define OPEN_FLAGS                                                      \
    (O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND | O_NONBLOCK |   \
     O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | 0400 | 0100000 | 04010000 | \
     01000000)

#define SEEKS 7 /* SEEK_SET, SEEK_CUR, SEEK_END */

/* Memory. */
#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_FIXED_NOREPLACE 0x100000
/* These change nothing here: DENYWRITE, EXECUTABLE, LOCKED, NORESERVE,
 * POPULATE, NONBLOCK, STACK. */
#define MAP_HINTS 0x3f800
#define MAP_FLAGS                                           \
    (MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | \
     MAP_FIXED_NOREPLACE | MAP_HINTS)
#define PROTECTIONS 7 /* PROT_READ, PROT_WRITE, PROT_EXEC */
#define MADV_DONTNEED 4
/* NORMAL, RANDOM, SEQUENTIAL, WILLNEED, DONTNEED; FREE; DONTDUMP, DODUMP. */
#define ADVICE 0x3011f

/* Time: REALTIME, MONOTONIC and BOOTTIME can be slept by; of PROCESS_CPUTIME,
 * THREAD_CPUTIME, MONOTONIC_RAW and the COARSE ones one can ask the time. */
#define CLOCK_PROCESS_CPUTIME 2
#define CLOCK_THREAD_CPUTIME 3
#define SLEEP_CLOCKS 0x83
#define CLOCKS 0xff
#define TIMER_ABSTIME 1

/* Processes: waiting for stops is waiting for what never happens. */
#define WUNTRACED 2
#define WCONTINUED 8
#define WAIT_FLAGS (WNOHANG | WUNTRACED | WCONTINUED | WALL)
#define RLIMITS 0xffff
#define RANDOM_FLAGS 7 /* GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE */

#endif
