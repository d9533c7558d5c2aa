/*
 * What the benchmark programs share: each is bench_main(), and says its result
 * on the console, so that one that computes nonsense is no benchmark.
 */
#ifndef BENCH_H
#define BENCH_H

#include "base/types.h"

/* The program: returns whether it computed what it should have. */
bool bench_main(void);

/* Prints the result and says whether it is the right one. */
bool bench_result(u64 value, u64 wanted);

/* Prints how many operations the program has made, where the time of one of
 * them is the figure. */
void bench_operations(u64 count);

#endif
