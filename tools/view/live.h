/*
 * A live machine as the viewer's source: made by the library from a command
 * line of emu's, run once for the story, and taken to any step of it.
 *
 * It keeps history (rvemu/history.h), so that it goes back as fast as on. Disks
 * are as with -snapshot: looking at a run changes none.
 */
#ifndef VIEW_LIVE_H
#define VIEW_LIVE_H

#include <rvemu/rvemu.h>

#include "cli/choice.h"
#include "cli/disks.h"
#include "cli/names.h"
#include "cli/options.h"
#include "view/survey.h"

/* Steps at most, unless --max-insns says so. */
#define LIVE_LIMIT UINT64_C(2000000000)

struct live {
    struct options options;
    struct choice choice;
    struct disks disks;
    rvemu *machine;
    struct names *names;
    struct survey survey;
    bool surveying; /* the console is recorded */
    bool input_ended;
    uint64_t step;
    bool stopped; /* the machine goes no further */
};

/* Reads the command line (argv[0] is passed over) and makes the survey. Returns
 * 0, or -1 with error and nothing to close. */
int live_open(struct live **live, int argc, char **argv,
              struct rvemu_error *error);
void live_close(struct live *live);

/* Takes the machine to a step, or to its end if that comes first. Returns 0, or
 * -1 with error. */
int live_goto(struct live *live, uint64_t step, struct rvemu_error *error);

#endif
