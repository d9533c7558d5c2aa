/*
 * What was counted of the harts' TLBs, told when the run is over: --tlb stats
 * for people, --exit-json for programs.
 */
#ifndef CLI_TLB_COUNTS_H
#define CLI_TLB_COUNTS_H

#include <stdio.h>

#include <rvemu/rvemu.h>

struct tlb_counts {
    unsigned harts; /* 0: nothing was counted */
    struct rvemu_tlb_counts hart[RVEMU_HARTS_MAX];
};

/* Adds what a machine, which is about to go, has counted. */
void tlb_counts_add(struct tlb_counts *counts, const rvemu *machine);

/* A table for each hart that looked anything up. */
void tlb_counts_print(FILE *out, const struct tlb_counts *counts);

/* An array of an object a hart; docs/exit-json.md has the schema. */
void tlb_counts_write_json(FILE *out, const struct tlb_counts *counts);

#endif
