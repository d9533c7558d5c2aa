/*
 * What a trace has of its machine (docs/trace-format.md).
 *
 *   CHUNK_SNAPSHOT  number of the snapshot, from 0 on in the file  u32
 *                   which of its chunks this is, from 0 on         u32
 *                   kind, index of a section (sections.h)          u32 each
 *                   its bytes
 *   CHUNK_INPUT     chunks of a snapshot that stand before it, 0: there is none
 *                   its number or, of none, that of the next
 *                   steps, looks, machine time: now
 *                   entries of the input log by now                numbers
 *                   those that came since the last CHUNK_INPUT     log_bytes.h
 *
 * Of RAM a snapshot has two lists of pages: SECTION_RUNS 0 of those that are
 * not zero, and 1 of those whose bytes it has: the others are as in the
 * snapshots before it of the same boot.
 */
#ifndef MACHINE_EMT_KEEPER_H
#define MACHINE_EMT_KEEPER_H

#define EMT_SECTION_HEADER 16
#define EMT_RUNS_ALL 0
#define EMT_RUNS_CHANGED 1

#endif
