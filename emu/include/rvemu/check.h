/*
 * Checks: what a kernel can be held to without a change to it (docs/check.md).
 * An explainer looks for them (explain.h), rules may rest on them (expect.h).
 */
#ifndef RVEMU_CHECK_H
#define RVEMU_CHECK_H

#include <stdint.h>

#include <rvemu/error.h>

/* What can be looked for (docs/check.md). */
enum rvemu_check {
    RVEMU_CHECK_TLB,    /* translations that a hart has or may have, too old */
    RVEMU_CHECK_COW,    /* what fork shares, and who sees whose stores */
    RVEMU_CHECK_REFS,   /* counts of frames: freed twice, never; of `frames` */
    RVEMU_CHECK_UAF,    /* frames used after they were freed */
    RVEMU_CHECK_ICACHE, /* code changed without fence.i */
    RVEMU_CHECKS
};

/* How sure a finding has to be; a level has those before it. */
enum rvemu_check_level {
    RVEMU_CHECK_OFF,
    RVEMU_CHECK_CERTAIN,
    RVEMU_CHECK_MAY, /* of TLB: a hart may do so */
    RVEMU_CHECK_POSSIBLE
};

/* How a check is called, "tlb"; NULL: there are no more. */
const char *rvemu_check_name(unsigned check);

/* Reads a list into levels: "cow,tlb=certain", "all", "all=possible"; of no
 * level: MAY. Those that it does not name stay. Returns 0, or -1 with error. */
int rvemu_checks_read(uint8_t level[RVEMU_CHECKS], const char *list,
                      struct rvemu_error *error);

/* What the other checks found, each told once. */
struct rvemu_check_totals {
    uint64_t certain;
    uint64_t possible;
    uint64_t windows; /* RVEMU_CHECK_ICACHE: with a fence.i before 50 ms */
};

#endif
