/*
 * What reads the values of options, shared by the file that has their table
 * (options.c) and the one for those that say what the machine is
 * (options_machine.c). Strings read stay in use: they are argv's.
 */
#ifndef CLI_OPTIONS_PRIV_H
#define CLI_OPTIONS_PRIV_H

#include "cli/options.h"

/* Says that this value will not do, and what to say instead. Always -1. */
int options_refuse(struct rvemu_error *error, const char *option,
                   const char *value, const char *instead);

/* A whole number in decimal, or in hex after 0x. False: it is none. */
bool options_read_number(const char *text, uint64_t *value);

/* What -m, -M, -cpu, --tlb, -smp and --quantum have in the table. They return
 * 0, or -1 with the line that says what is wrong with value. */
int options_set_memory(struct options *options, const char *value,
                       struct rvemu_error *error);
int options_set_machine(struct options *options, const char *value,
                        struct rvemu_error *error);
int options_set_cpu(struct options *options, const char *value,
                    struct rvemu_error *error);
int options_set_tlb(struct options *options, const char *value,
                    struct rvemu_error *error);
int options_set_smp(struct options *options, const char *value,
                    struct rvemu_error *error);
int options_set_quantum(struct options *options, const char *value,
                        struct rvemu_error *error);

#endif
