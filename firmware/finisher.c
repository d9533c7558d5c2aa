/*
 * SiFive's test finisher: a word written to its only register ends the run.
 *
 *   0x5555              power off, all is well
 *   0x3333 | code << 16 power off, failed with that code
 *   0x7777              reset
 */
#include "finisher.h"

#include "hart.h"
#include "platform.h"

#define FINISHER_PASS 0x5555
#define FINISHER_FAIL 0x3333
#define FINISHER_RESET 0x7777

static _Noreturn void finish(u32 word)
{
    if (platform.finisher)
        *(volatile u32 *)platform.finisher = word;
    for (;;)
        hart_sleep();
}

void finisher_power_off(void)
{
    finish(FINISHER_PASS);
}

void finisher_fail(u16 code)
{
    finish(FINISHER_FAIL | (u32)code << 16);
}

void finisher_reset(void)
{
    finish(FINISHER_RESET);
}
