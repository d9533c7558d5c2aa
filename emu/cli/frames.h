/*
 * --frames: which functions of the guest's kernel give frames out and take
 * them back, found by their symbols and probed.
 */
#ifndef CLI_FRAMES_H
#define CLI_FRAMES_H

#include <rvemu/rvemu.h>

struct frames_watch {
    struct rvemu_frames config; /* for the explainer */
    rvemu *machine;             /* that is asked for memory */
};

/* Reads the option's value: a preset, or functions by name or address. Symbols
 * are those of the guest's kernel. Returns 0, or -1 with the line that says
 * what is wrong with it. *watch stays where it is from then on. */
int frames_open(struct frames_watch *watch, const char *value,
                struct rvemu_symbols *symbols, struct rvemu_error *error);

/* Probes the functions in this machine, and asks it for memory from now on.
 * Returns 0, or -1 with error. Between runs. */
int frames_attach(struct frames_watch *watch, rvemu *machine,
                  struct rvemu_error *error);

#endif
