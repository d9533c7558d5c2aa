/*
 * Calls for fences whose ranges and address spaces suite.py knows: there it is
 * judged which sfence.vma they come to.
 */
#include "payload.h"

#define PAGE 4096ull

static const struct {
    u64 kind, start, size, asid;
} calls[] = {
    {0, 0x1000, PAGE, 0},
    {1, 0x1000, PAGE, 0},
    {1, 0x1fff, 2, 0},
    {1, 0x3000, 1, 9},
    {2, 0x1800, 2 * PAGE, 7},
    {1, 0, 0, 0},
    {2, 0, 0, 7},
    {2, 0, ~0ull, 0},
    {1, 0x40000000, 64 * PAGE, 0},
    {1, 0x40000000, 64 * PAGE + 1, 0},
    {1, -PAGE, PAGE, 0},
    {1, -PAGE, 2 * PAGE, 0},
};

void test_main(u64 hart, const void *device_tree)
{
    (void)device_tree;
    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        sbi(EXT_RFENCE, calls[i].kind, 1, hart, calls[i].start, calls[i].size,
            calls[i].asid);
    /* No hart at all. */
    sbi(EXT_RFENCE, 1, 0, 0, 0x5000, PAGE, 0);
    done();
}

void hart_main(u64 hart, u64 opaque)
{
    (void)hart;
    (void)opaque;
    done();
}
