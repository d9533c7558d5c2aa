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
#ifndef HART_MMU_TABLES_H
#define HART_MMU_TABLES_H

#include "base/types.h"

struct hart;
struct siblings;
struct tables;

/* Makes the record of page tables of the machine with these harts. NULL when
 * memory is lacking. */
struct tables *tables_new(const struct siblings *all);
void tables_free(struct tables *tables);

/* Starts or stops watching. Only between slices; starting finds the tables
 * that each hart's satp reaches. */
void tables_watch(struct tables *tables, bool on);

/* The machine was made anew round the tables and its RAM: gives the frames of
 * those that are known their flag. */
void tables_restored(struct tables *tables);

/* What is known at a snapshot, for going back to it. */
struct tables_saved;

/* Copies it to *saved; NULL where nothing is watched. -1 when memory is
 * lacking. */
int tables_save(const struct tables *tables, struct tables_saved **saved);

/* RAM and harts are what they were then: the tables that were known are known
 * again, if they are watched now. Where they were not (NULL), they are found
 * anew. Between slices, when the small arrays are empty; -1 when memory is
 * lacking, and they are found anew. */
int tables_restore(struct tables *tables, const struct tables_saved *saved);
void tables_drop(struct tables_saved *saved);

/* Bytes of memory that it takes. */
u64 tables_weight(const struct tables_saved *saved);

/* The hart `by` has written satp. */
void tables_satp(struct tables *tables, struct hart *by, u64 old, u64 new);

/* A store is about to make the aligned eight bytes at pa, in a frame with
 * FRAME_TABLE, `new`: harts that walk ahead do (ahead.h). */
void tables_about_to_store(struct tables *tables, u64 pa, u64 new);

/* The aligned eight bytes at pa held `old` before a store that is now in RAM:
 * of the hart `by` (NULL: of none), as origin says (enum rvemu_origin). Cheap
 * when pa is in no known table. */
void tables_stored(struct tables *tables, struct hart *by, u64 pa, u64 old,
                   unsigned origin);

#endif
