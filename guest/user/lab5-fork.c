/*
 * lab5-fork: three forks in a row, 1, 2, 4, 8 processes, all alive at once.
 *
 * A process is named by its path: bit k is set where it was the child of
 * fork k. Everyone counts a global once a fork, so that all stand at 3 when
 * the last fork is done; then each counts on by its path, and its global is
 * the only one that moves. The first process collects the reports and lets
 * all go only when it has every one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/gate.h"

enum { FORKS = 3, PROCESSES = 1 << FORKS };

struct report {
    int path;
    int counter_at_forks;
    int counter;
};

static int counter;

/* How many processes there were after the first `forks` of them. */
static int count_after(const struct report *reports, int forks)
{
    unsigned seen = 0;

    for (int i = 0; i < PROCESSES; i++)
        seen |= 1u << (reports[i].path & ((1 << forks) - 1));
    return __builtin_popcount(seen);
}

static void judge(const struct report *reports)
{
    for (int forks = 0; forks <= FORKS; forks++)
        check(count_after(reports, forks) == 1 << forks,
              "after fork %d: %d processes", forks,
              count_after(reports, forks));
    for (int i = 0; i < PROCESSES; i++)
        check(reports[i].path == i && reports[i].counter_at_forks == FORKS &&
                  reports[i].counter == FORKS + i,
              "process %d%d%d counted to %d, then to %d", i & 1, i >> 1 & 1,
              i >> 2, reports[i].counter_at_forks, reports[i].counter);
}

static int report_and_wait(int fd, struct report report,
                           const struct gate *leave)
{
    bool good = write(fd, &report, sizeof(report)) == sizeof(report);

    gate_wait(leave);
    good = good && counter == report.counter;
    for (int status; wait(&status) > 0;)
        good = good && status == 0;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void collect(int fd, struct report own, const struct gate *leave)
{
    struct report reports[PROCESSES] = {[0] = own};
    struct report report;

    for (int i = 1; i < PROCESSES; i++) {
        if (read(fd, &report, sizeof(report)) != sizeof(report))
            die("read");
        reports[report.path] = report;
    }
    judge(reports);
    for (int i = 1; i < PROCESSES; i++)
        gate_open(leave);
}

int main(void)
{
    struct report own = {0};
    struct gate leave;
    bool good = true;
    int fds[2];

    if (pipe(fds) < 0)
        die("pipe");
    gate_init(&leave);
    for (int i = 0; i < FORKS; i++) {
        if (fork_or_die() == 0)
            own.path |= 1 << i;
        counter++;
    }
    own.counter_at_forks = counter;
    for (int i = 0; i < own.path; i++)
        counter++;
    own.counter = counter;
    if (own.path != 0)
        return report_and_wait(fds[1], own, &leave);
    collect(fds[0], own, &leave);
    for (int status; wait(&status) > 0;)
        good = good && status == 0;
    check(good && counter == own.counter, "all left with their own count");
    return check_verdict("lab5-fork");
}
