/*
 * Page tables under watch: what makes pte_write, pte_found, root_lost and
 * frame_copied events.
 *
 * A table is known from the moment it is linked: its frame is loaded into
 * satp (a root), or a valid non-leaf entry of a known table points to it.
 * What it already holds then is reported as pte_found, and what it points to
 * is followed. From then on every store into its frame is seen, whoever makes
 * it. A table is forgotten when no entry links it any more; a root when it is
 * in no satp and turns out not to be a table any longer: it was cleared, got
 * something that is no page-table entry, became a lower table, or was mapped
 * for a user.
 *
 * Frames of known tables carry FRAME_TABLE, which keeps them out of the small
 * write arrays and changes nothing that a guest can see. While no event needs
 * it, nothing is watched and nothing costs anything.
 */
#ifndef HART_TABLES_H
#define HART_TABLES_H

#include "base/types.h"

struct hart;
struct tables;

/* Returns NULL when memory is lacking. */
struct tables *tables_new(void);
void tables_free(struct tables *tables);

/* Starts or stops watching. Only between slices; starting finds the tables
 * that the satp of the hart and of each of its siblings reaches. */
void tables_watch(struct hart *hart, bool on);

/* satp was written. */
void tables_satp(struct hart *hart, u64 old, u64 new);

/* The aligned eight bytes at pa held `old` before a store by `origin` (enum
 * rvemu_origin) that is now in RAM. Cheap when pa is in no known table. */
void tables_stored(struct hart *hart, u64 pa, u64 old, unsigned origin);

#endif
