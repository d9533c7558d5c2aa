/*
 * A machine as sections (sections.h), and one made alike that goes on from
 * there.
 *
 * Where they are read nothing of them is believed: they may be of another
 * build, or of somebody who means harm. What a part holds is looked at by who
 * owns it (parts_check.h), so that no index leads out of its array and no loop
 * never ends, whatever the bytes say.
 */
#ifndef MACHINE_SHOT_H
#define MACHINE_SHOT_H

#include "machine/facts.h"
#include "machine/sections.h"

/* Hands out a machine's sections, in order; without the note. Between slices,
 * after delivery. Returns 0, or -1 with error: put() could not, memory is
 * lacking, or this machine cannot be kept so. */
int shot_take(struct rvemu *machine, section_fn *put, void *self,
              struct rvemu_error *error);

/* The same without RAM and disks. */
int shot_take_small(struct rvemu *machine, section_fn *put, void *self,
                    struct rvemu_error *error);

/* Reads what a machine has to be made from. Returns 0, or -1 with error. */
int shot_facts(struct facts *facts, const struct sections *sections,
               struct rvemu_error *error);

/* Has a machine that was made alike, with its disks, and nothing loaded, go on
 * from there. Returns 0, or -1 with error: it is then good for nothing but
 * rvemu_destroy(). */
int shot_load(struct rvemu *machine, const struct sections *sections,
              struct rvemu_error *error);

/* The same of RAM that is filled by somebody else, who returns 0, or -1 with
 * error. */
typedef int shot_ram_fn(void *arg, struct rvemu *machine,
                        const struct sections *sections,
                        struct rvemu_error *error);
int shot_load_over(struct rvemu *machine, const struct sections *sections,
                   shot_ram_fn *ram, void *arg, struct rvemu_error *error);

#endif
