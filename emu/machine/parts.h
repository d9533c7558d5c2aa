/*
 * Guest state as a table of parts: all that has to be carried from one machine
 * into another that is made alike for the other to go on as the first.
 *
 * A part is a piece of plain data (base/plain.h). Beside them there is RAM,
 * which is too large to be copied for every purpose. What is in no part is
 * wiring, made with the machine, or a cache, made anew from the parts
 * (parts_restored()). Parts are looked at between slices, after the events that
 * wait have been delivered.
 */
#ifndef MACHINE_PARTS_H
#define MACHINE_PARTS_H

#include "base/types.h"

struct rvemu;

struct part {
    const char *name; /* lives as long as the machine */
    unsigned index;   /* of several of one name */
    void *bytes;      /* in the machine */
    size_t size;
};

/* Calls `call` for every part, in one order for all machines made alike. */
typedef void part_fn(void *arg, const struct part *part);
void parts_each(struct rvemu *machine, part_fn *call, void *arg);

/* A number for how all plain structs are laid out: made of their text when emu
 * is built (layout.py), so that whoever changes one has another. */
extern const u64 parts_layout;

/* Bytes of all parts together. */
size_t parts_size(struct rvemu *machine);

/* Copies all parts, one behind the other, to bytes or from there. What was
 * derived from them is old then: parts_restored(). */
void parts_save(struct rvemu *machine, u8 *bytes);
void parts_load(struct rvemu *machine, const u8 *bytes);

/* Makes anew what is derived from the parts and from RAM. */
void parts_restored(struct rvemu *machine);

/* The first part that differs from what parts_save() wrote, in *part. False:
 * none does. */
bool parts_differ(struct rvemu *machine, const u8 *bytes, struct part *part);

/* One number for all parts: FNV-1a over their bytes. RAM is not in it. */
u64 parts_hash(struct rvemu *machine);

#endif
