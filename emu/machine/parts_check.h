/*
 * Whether parts that come from outside hold what a machine can hold.
 *
 * A file may say anything. What a guest can write anyway is taken as it is;
 * what the machine itself keeps sound is looked at by who keeps it:
 * hart_is_sound(), a device's is_sound(), and here the machine's own.
 */
#ifndef MACHINE_PARTS_CHECK_H
#define MACHINE_PARTS_CHECK_H

struct rvemu;

/* Looks at all parts after parts_load() and before parts_restored(), with RAM
 * in place. NULL: nothing of them leads a machine astray; else the name of a
 * part that does. */
const char *parts_check(struct rvemu *machine);

#endif
