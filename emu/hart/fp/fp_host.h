/*
 * The host's floating-point unit: one instruction an operation, and the
 * register that holds rounding mode and sticky flags.
 *
 * The instructions are written as volatile assembly because C has no words
 * for "this operation, here, once": a compiler may fold, move, duplicate,
 * drop or contract an expression, and each of those loses or invents a flag.
 * Volatile assembly keeps its order among itself and among accesses to the
 * environment, at every optimisation level of every compiler.
 *
 * What a host promises here: results and flags as IEEE 754 has them in the
 * four modes RNE, RTZ, RDN and RUP, except that
 *  - a NaN result says nothing about NV or about its own bits;
 *  - if FP_HOST_TINY_BEFORE, UF means nothing, and a result no larger than
 *    the smallest normal number may have underflowed.
 * In both cases the caller asks the soft core.
 */
#ifndef HART_FP_FP_HOST_H
#define HART_FP_FP_HOST_H

#include "hart/fp/fp.h"

#if defined(__x86_64__)
#include "hart/fp/fp_host_x86_64.h"
#elif defined(__aarch64__)
#include "hart/fp/fp_host_aarch64.h"
#else
#error "no fp_host_*.h for this host"
#endif

#endif
