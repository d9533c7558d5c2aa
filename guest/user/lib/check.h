/*
 * What the test programs print and how they end. A program states each
 * fact it has checked on a line of its own and ends with one verdict line:
 *
 *   ok: the child left with status 42
 *   NOT OK: the parent's page changed
 *   wait-status: PASS
 */
#ifndef USER_CHECK_H
#define USER_CHECK_H

#include <stdbool.h>

/* Prints the fact with its result and remembers a failure. */
bool check(bool holds, const char *fact, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints the verdict under the program's name; returns main's status. */
int check_verdict(const char *name);

/* Ends the program with a message and errno's words when one cannot go on. */
void die(const char *what) __attribute__((noreturn));
/* fork that dies instead of returning -1. */
int fork_or_die(void);
/* Waits for the child and returns its status word. */
int reap(int pid);

#endif
