/*
 * A hart reads a disk while the others look on: what they see of it depends on
 * whose turn it is, and on nothing of the host.
 */
#include "smp.h"

#include "requests.h"

#define REQUESTS 20

static volatile u64 finished, seen[8];

static void read_and_watch(unsigned hart)
{
    meet();
    if (hart == 0) {
        for (unsigned i = 0; i < REQUESTS; i++)
            blk_request(T_IN, i, SECTOR);
        finished = 1;
    }
    while (!finished)
        seen[hart] = seen[hart] * 31 + rings.used.idx;
    meet();
}

void test_main(void)
{
    set_up(F_VERSION_1);
    on_all(read_and_watch);
    check("data", blk_word(0), blk_mark(REQUESTS - 1));
}
