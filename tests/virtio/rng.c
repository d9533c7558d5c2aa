/* The entropy device: buffers of all kinds are filled, each with other bytes.
 */
#include "driver.h"

#define RNG 4
#define SHORT 64

static volatile u8 data[8192] __attribute__((aligned(4096)));

static void clear(void)
{
    for (unsigned i = 0; i < sizeof(data); i++)
        data[i] = 0;
}

static u64 word(unsigned at)
{
    return *(volatile u64 *)&data[at];
}

static u64 fill(u32 size)
{
    clear();
    describe(0, data, size, DESC_WRITE, 0);
    offer(0);
    return await_used();
}

static void check_buffers(void)
{
    u64 first, length;

    check("short", fill(SHORT), SHORT);
    first = word(0);
    check("filled", first != 0 && word(SHORT - 8) != 0, 1);
    check("not-behind", word(SHORT), 0);
    report("word", first);
    check("again", fill(SHORT), SHORT);
    check("other", word(0) != first, 1);
    check("byte", fill(1), 1);
    check("one-byte", word(0) >> 8, 0);
    length = fill(sizeof(data));
    check("long", length > 0 && length <= sizeof(data), 1);
    check("long-filled", word((unsigned)(length - 1) / 8 * 8 - 8) != 0, 1);
}

static void check_pieces(void)
{
    clear();
    describe(0, data, 8, DESC_NEXT | DESC_WRITE, 1);
    describe(1, data + 64, 8, DESC_WRITE, 0);
    offer(0);
    check("pieces", await_used(), 16);
    check("pieces-filled", word(0) != 0 && word(64) != 0, 1);
    check("pieces-between", word(8) | word(72), 0);
}

void test_main(void)
{
    check("id", get(DEVICE_ID), RNG);
    put(QUEUE_SEL, 0);
    check("queue-max", get(QUEUE_NUM_MAX), 1024);
    put(QUEUE_SEL, 1);
    check("no-queue", get(QUEUE_NUM_MAX), 0);
    check("config", get(CONFIG), 0xffffffff);
    report("features", offered());
    set_up(F_VERSION_1);
    check_buffers();
    check_pieces();
    set_up(F_VERSION_1);
    check("after-reset", fill(SHORT), SHORT);
    report("word-after-reset", word(0));
}
