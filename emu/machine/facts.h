/*
 * What a machine is made from (config.def), in bytes: for files that only a
 * machine made alike can go on from.
 */
#ifndef MACHINE_FACTS_H
#define MACHINE_FACTS_H

#include <rvemu/machine.h>

#include "base/types.h"
#include "trace/file/bytes.h"

#define FACTS_CPU_MAX 1024

/* A config, of which host and disks stay open. */
struct facts {
    struct rvemu_config config; /* its texts are these: */
    char cpu[FACTS_CPU_MAX];
    char serial[RVEMU_VIRTIO_SLOTS][RVEMU_VIRTIO_SERIAL_MAX + 1];
    u64 isa;
};

/* The facts of a machine, or of a config for one. The latter returns 0, or -1
 * with error: there cannot be such a machine. */
void facts_of_machine(struct facts *facts, const struct rvemu *machine);
int facts_of_config(struct facts *facts, const struct rvemu_config *config,
                    struct rvemu_error *error);

void facts_put(struct bytes *bytes, const struct facts *facts);

/* Returns 0, or -1 with error: they make no sense, or are of what this emu does
 * not know. `config` of the facts then points into them: they must not move. */
int facts_get(struct facts *facts, struct cursor *cursor,
              struct rvemu_error *error);

/* Whether both are of machines made alike. -1: the error names an option by
 * which they differ; `what` is what `had` is of. */
int facts_compare(const struct facts *had, const struct facts *given,
                  const char *what, struct rvemu_error *error);

#endif
