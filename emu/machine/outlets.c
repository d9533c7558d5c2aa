/*
 * What leaves a machine within a step: a byte for the console, and the end of
 * the run. Devices and semihosting both come here.
 */
#include "machine/machine.h"

struct rvemu_event *machine_event(void *self, unsigned kind)
{
    struct rvemu *m = self;

    return trace_wants(&m->trace, kind) ? siblings_event(&m->harts, kind)
                                        : NULL;
}

/* What was reported before this byte goes out before it, and so is that it
 * does. */
void machine_console_put(struct rvemu *m, enum rvemu_outlet outlet, u8 byte)
{
    struct rvemu_event *event = machine_event(m, RVEMU_EVENT_console);
    const struct rvemu_host *host = &m->config.host;
    void (*put)(void *self, uint8_t byte) = host->console_put;

    if (outlet == RVEMU_OUTLET_SEMIHOSTING && host->semihosting_put)
        put = host->semihosting_put;

    if (event)
        event->console = (struct rvemu_ev_console){byte, outlet};
    if (!put || m->again)
        return;
    hart_host_begin(&m->hart[m->turn.s.hart]);
    trace_deliver(&m->trace);
    put(host->self, byte);
    hart_host_end(&m->hart[m->turn.s.hart]);
}

void machine_uart_put(void *self, u8 byte)
{
    machine_console_put(self, RVEMU_OUTLET_UART, byte);
}

void machine_virtio_put(void *self, u8 byte)
{
    machine_console_put(self, RVEMU_OUTLET_VIRTIO, byte);
}

void machine_htif_put(void *self, u8 byte)
{
    machine_console_put(self, RVEMU_OUTLET_HTIF, byte);
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
