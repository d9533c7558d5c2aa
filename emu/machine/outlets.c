/*
 * What leaves a machine within a step: a byte for the console, and the end of
 * the run. Devices and semihosting both come here.
 */
#include "machine/machine.h"

/* What was reported before this byte goes out before it. */
void machine_console_put(void *self, u8 byte)
{
    struct rvemu *m = self;

    if (!m->config.host.console_put)
        return;
    hart_host_begin(&m->hart[m->turn.s.hart]);
    trace_deliver(&m->trace);
    m->config.host.console_put(m->config.host.self, byte);
    hart_host_end(&m->hart[m->turn.s.hart]);
}

/* The finisher was written: the run ends after this instruction. */
void machine_finish(void *self, enum syscon_stop how, unsigned code)
{
    static const enum rvemu_stop_reason reason[] = {
        [SYSCON_PASS] = RVEMU_STOP_PASS,
        [SYSCON_FAIL] = RVEMU_STOP_FAIL,
        [SYSCON_RESET] = RVEMU_STOP_RESET,
    };
    struct rvemu *m = self;

    m->s.stopped = true;
    m->s.stop.reason = reason[how];
    m->s.stop.code = code;
    clock_cut(&m->clock);
}
