/*
 * Every disk there is, from slot 0 on: its size, and what comes of reading its
 * ends, of writing both, flushing, and reading them again. Statuses are
 * reported, in a digit each: read first, last; write first, last; flush; read
 * first, last. Then whether what was read before and after is what it should
 * be: SEED's marks, and the words that were written or not.
 */
#include "requests.h"

#define WORD 0x0123456789abcdefull

static u64 statuses;

static void note(void)
{
    statuses = statuses << 4 | (blk_status & 15);
}

static void transfer(u32 type, u64 sector)
{
    blk_request(type, sector, SECTOR);
    note();
}

static u64 read(u64 sector)
{
    blk_fill(0);
    transfer(T_IN, sector);
    return blk_word(0);
}

static void try_disk(void)
{
    u64 last = (get(CONFIG) | (u64)get(CONFIG + 4) << 32) - 1, before, after;

    report("sectors", last + 1);
    report("flags", offered() & (1 << 5));
    set_up(F_VERSION_1 | 1 << 9);
    statuses = 0;
    before = read(0) == blk_mark(0);
    before = before << 1 | (read(last) == blk_mark(last));
    blk_fill(WORD);
    transfer(T_OUT, 0);
    transfer(T_OUT, last);
    blk_request(T_FLUSH, 0, 0);
    note();
    after = read(0) == WORD;
    after = after << 1 | (read(last) == WORD);
    report("statuses", statuses);
    report("before", before);
    report("after", after);
}

void test_main(void)
{
    for (slot = 0; slot < 8; slot++)
        if (get(DEVICE_ID) == 2) {
            report("slot", slot);
            try_disk();
        }
    check("end", 0, 0);
}
