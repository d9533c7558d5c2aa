/* What the benchmark programs share. */
#ifndef BENCH_H
#define BENCH_H

#include "base/types.h"

/* The program: returns whether it computed what it should have. */
bool bench_main(void);

/* Prints the result and says whether it is the right one. */
bool bench_result(u64 value, u64 wanted);

#endif
