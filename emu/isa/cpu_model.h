/*
 * What -cpu says: a model and changes to it, as QEMU spells them, become the
 * set of extensions that the hart has.
 */
#ifndef ISA_CPU_MODEL_H
#define ISA_CPU_MODEL_H

#include "base/error.h"
#include "isa/ext.h"

/* Reads "MODEL[,NAME=on|off]…"; NULL stands for "rv64". The set `off` is off
 * where text does not ask for it. An extension that was asked for brings those
 * that it needs; one that needs an extension that was turned off, and was not
 * asked for itself, goes with that. Returns 0 with the set, or -1 with the line
 * that says what cannot be. */
int cpu_model_parse(const char *text, u64 off, u64 *set,
                    struct rvemu_error *error);

/* The models by number from 0 on; NULL behind the last. */
const char *cpu_model_name(unsigned number);

#endif
