/*
 * reservation: a store-conditional belongs to the load-reserved before it only
 * while nobody else has run. Another process or a signal handler that stores to
 * the word in between makes it fail, however the two came to run: a hart keeps
 * its reservation across a trap, so the kernel has to drop it.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../libc/syscall.h"
#include "lib/check.h"

enum { TRIES = 20 };

static volatile int *word;

/* Whether an SC succeeds although the word has changed since its LR: waits for
 * the change in between. */
static bool lost_to_process(void)
{
    int seen, now, failed;

    __asm__ volatile("   lr.w %0, (%3)\n"
                     "1: lw %1, (%3)\n"
                     "   beq %0, %1, 1b\n"
                     "   sc.w %2, %0, (%3)"
                     : "=&r"(seen), "=&r"(now), "=&r"(failed)
                     : "r"(word)
                     : "memory");
    return !failed;
}

static void store_for_ever(void)
{
    for (int value = 0;; value++) {
        for (volatile int i = 0; i < 3000; i++)
            continue;
        *word = value;
    }
}

static void store_once(int number)
{
    (void)number;
    ++*word;
}

/* Likewise, with a signal to itself in between. */
static bool lost_to_handler(void)
{
    register long a0 __asm__("a0") = getpid();
    register long a1 __asm__("a1") = SIGUSR1;
    register long a7 __asm__("a7") = SYS_kill;
    int seen, failed;

    __asm__ volatile("lr.w %0, (%5)\n"
                     "ecall\n"
                     "sc.w %1, %0, (%5)"
                     : "=&r"(seen), "=&r"(failed), "+r"(a0)
                     : "r"(a1), "r"(a7), "r"(word)
                     : "memory");
    return !failed;
}

int main(void)
{
    int lost = 0;
    pid_t pid;

    word = mmap(NULL, sizeof(*word), PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (word == MAP_FAILED)
        die("mmap");
    pid = fork_or_die();
    if (pid == 0)
        store_for_ever();
    for (int i = 0; i < TRIES; i++)
        lost += lost_to_process();
    check(lost == 0, "%d of %d stores of another process are lost", lost,
          TRIES);
    kill(pid, SIGKILL);
    reap(pid);
    signal(SIGUSR1, store_once);
    check(!lost_to_handler(), "a handler's store is not lost");
    return check_verdict("reservation");
}
