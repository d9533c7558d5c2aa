/*
 * One number for all of guest state (rvemu/history.h): by it a test knows that
 * a machine is what it was.
 */
#include <assert.h>

#include "base/digest.h"
#include "block/past.h"
#include "machine/machine.h"
#include "machine/parts.h"

static void mix(void *arg, const struct part *part)
{
    u64 *hash = arg;

    *hash = digest(*hash, part->bytes, part->size);
}

uint64_t rvemu_state_hash(rvemu *m)
{
    u64 hash = 0;

    assert(!m->trace.telling);
    parts_each(m, mix, &hash);
    hash = digest(hash, m->bus.ram.host, m->bus.ram.size);
    for (unsigned i = 0; i < RVEMU_VIRTIO_SLOTS; i++) {
        rvemu_disk *disk = m->config.virtio.slot[i].disk;

        if (disk && past_matters(disk))
            hash = past_digest(disk, hash);
    }
    return hash;
}
