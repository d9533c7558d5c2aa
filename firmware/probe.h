/*
 * Instructions that may trap on some harts or with some addresses, and here
 * say so instead (probe.S).
 */
#ifndef PROBE_H
#define PROBE_H

#include "base/types.h"

/* Loads as the mode that mstatus.MPP and MPRV name would. False if the load
 * trapped; mcause and mtval say why. */
bool probe_load_word(u64 va, u64 mstatus, u64 *value);

/* Sets bits of menvcfg. False if there is no menvcfg. */
bool probe_set_menvcfg(u64 bits);

/* False if there is no stimecmp. */
bool probe_set_stimecmp(u64 time);

#endif
