/*
 * A driver that looks too early: until a request is complete nothing of it is
 * to be seen, each time, and that takes a time which depends on the request
 * alone. This is not so on QEMU, whose disks are as fast as the host's.
 */
#include "requests.h"

#define OLD 0x5555555555555555ull
#define TICK_NS 100

static u64 time_of(u64 sector, u32 size, const char *name)
{
    u64 early = 0, start = csr_read(time);

    blk_fill(OLD);
    blk_begin(T_IN, sector, size);
    early |= blk_word(0) ^ OLD;
    early |= blk_word(size - 8) ^ OLD;
    early |= blk_status ^ UNTOUCHED;
    check(name, early, 0);
    for (u64 word = OLD; !rings.used.idx; word = blk_word(0))
        early |= word ^ OLD; /* it was complete after that, if at all */
    start = csr_read(time) - start;
    check(name, early, 0);
    check(name, blk_word(0), blk_mark(sector));
    check(name, blk_status, OK);
    return start;
}

static u64 measure(u64 sector, u32 size, const char *name)
{
    set_up(F_VERSION_1);
    return time_of(sector, size, name);
}

void test_main(void)
{
    u64 first = measure(3, SECTOR, "first");

    check("not-at-once", first > 8000 / TICK_NS, 1);
    check("again", measure(3, SECTOR, "second") - first + 2 < 5, 1);
    check("elsewhere", measure(900, SECTOR, "third") - first + 2 < 5, 1);
    check("longer", measure(3, 8 * SECTOR, "fourth") > first + 10, 1);
}
