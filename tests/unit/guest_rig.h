/*
 * The guests of the build folder, for tests that run whole machines.
 */
#ifndef GUEST_RIG_H
#define GUEST_RIG_H

#include <limits.h>

#include <rvemu/rvemu.h>

/* build/NAME, and where that is. */
struct rvemu_image guest_image(const char *name, char path[PATH_MAX]);

/* Loads build/FILE: with bootargs as a kernel, on our firmware and with our
 * initrd; NULL: bare. Fails the test if it cannot. */
void guest_load(rvemu *machine, const char *file, const char *bootargs);

/* Gives it text on its console, and no more; none if that is empty. */
void guest_type(rvemu *machine, const char *text);

#endif
