/*
 * lab4: several copies of one program, each in a loop that never gives the
 * processor up, and a parent that only collects what they report.
 *
 * A copy fills its registers, integer and floating-point, with values made
 * from its number and the round, spins long enough to be preempted again
 * and again, and compares. The test ends when every copy has reported its
 * rounds: were one never scheduled, or another never preempted, it would
 * not end at all. Beside a kernel thread it shows that a switch through the
 * kernel brings everything back.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"

enum { COPIES = 4, ROUNDS = 3, SPINS = 200000 };

struct report {
    int copy;
    int intact;
};

#define INTEGER_REGISTERS \
    "1,5,6,7,9,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"
#define FLOAT_REGISTERS                                                    \
    "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25," \
    "26,27,28,29,30,31"

/*
 * Register n holds seed + n while a0 counts down; then all differences are
 * collected in a1. All but a0, a1, s0, sp, gp and tp are used.
 */
static __attribute__((noinline)) int registers_survive(long seed)
{
    register long spins __asm__("a0") = SPINS;
    register long wrong __asm__("a1") = seed;

    __asm__ volatile(".irp n," FLOAT_REGISTERS "\n"
                     "    addi x5, a1, \\n + 64\n"
                     "    fmv.d.x f\\n, x5\n"
                     ".endr\n"
                     ".irp n," INTEGER_REGISTERS "\n"
                     "    addi x\\n, a1, \\n\n"
                     ".endr\n"
                     "1:  addi a0, a0, -1\n"
                     "    bnez a0, 1b\n"
                     ".irp n," INTEGER_REGISTERS "\n"
                     "    sub x\\n, x\\n, a1\n"
                     "    addi x\\n, x\\n, -\\n\n"
                     "    or a0, a0, x\\n\n"
                     ".endr\n"
                     ".irp n," FLOAT_REGISTERS "\n"
                     "    fmv.x.d x5, f\\n\n"
                     "    sub x5, x5, a1\n"
                     "    addi x5, x5, -(\\n + 64)\n"
                     "    or a0, a0, x5\n"
                     ".endr\n"
                     "    mv a1, a0\n"
                     : "+r"(spins), "+r"(wrong)
                     :
                     : "ra", "t0", "t1", "t2", "s1", "a2", "a3", "a4", "a5",
                       "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8",
                       "s9", "s10", "s11", "t3", "t4", "t5", "t6", "f0", "f1",
                       "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10",
                       "f11", "f12", "f13", "f14", "f15", "f16", "f17", "f18",
                       "f19", "f20", "f21", "f22", "f23", "f24", "f25", "f26",
                       "f27", "f28", "f29", "f30", "f31");
    return wrong == 0;
}

static void run_copy(int number, int fd)
{
    struct report report = {.copy = number};

    for (long round = 0;; round++) {
        report.intact = registers_survive(number * 1000003l + round * 4099);
        if (write(fd, &report, sizeof(report)) != sizeof(report))
            _exit(EXIT_FAILURE);
    }
}

static void collect(int fd)
{
    int rounds[COPIES] = {0};
    bool intact = true;
    int waiting = COPIES;
    struct report report;

    while (waiting > 0 && read(fd, &report, sizeof(report)) == sizeof(report)) {
        intact = intact && report.intact;
        if (++rounds[report.copy] == ROUNDS)
            waiting--;
    }
    for (int i = 0; i < COPIES; i++)
        check(rounds[i] >= ROUNDS, "copy %d of %d made %d rounds", i + 1,
              COPIES, rounds[i] < ROUNDS ? rounds[i] : ROUNDS);
    check(intact, "registers intact in all of them");
}

int main(void)
{
    pid_t pids[COPIES];
    int fds[2];

    if (pipe(fds) < 0)
        die("pipe");
    for (int i = 0; i < COPIES; i++) {
        pids[i] = fork_or_die();
        if (pids[i] == 0)
            run_copy(i, fds[1]);
    }
    collect(fds[0]);
    for (int i = 0; i < COPIES; i++) {
        int status;

        kill(pids[i], SIGKILL);
        status = reap(pids[i]);
        check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
              "copy %d is gone", i + 1);
    }
    return check_verdict("lab4");
}
