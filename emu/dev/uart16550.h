/* The serial port of the machine: a 16550A. Registers in uart16550.c. */
#ifndef DEV_UART16550_H
#define DEV_UART16550_H

#include "base/plain.h"
#include "dev/device.h"

#define UART_FIFO_SIZE 16
/* One character on the wire: 10 bits at 115,200 baud. It paces input; output
 * leaves at once, and the divisor latch only keeps what is written to it. */
#define UART_CHAR_NS 86806u
/* The same for a guest that takes its input by polling: nothing that it does
 * not fetch is sent, so that more haste costs no byte, and less costs the host
 * a spinning guest. */
#define UART_POLLED_NS 8681u

PLAIN_BEGIN
struct uart_state {
    u8 fifo[UART_FIFO_SIZE];
    u8 fifo_head; /* index of the oldest byte */
    u8 fifo_count;
    u8 ier, lcr, mcr, lsr, msr, scr;
    u8 fcr; /* as last written, without its self-clearing bits */
    u8 dll, dlm;
    bool thre_pending; /* THR ran empty and IIR has not been read since */
    bool timed_out;
    u8 polls; /* looks at LSR that no transmission explains, up to a few */
};
PLAIN_END

struct uart16550 {
    struct uart_state s;
    struct irq_line irq;
    struct char_port port;
    struct clock *clock;
    unsigned timeout; /* timer: received data is below the trigger level */
};

extern const struct device_kind uart_device;

/* Whether a byte that arrives now finds room and a guest that wants it: one
 * that has enabled the receive interrupt, or that keeps looking at LSR. A byte
 * that came earlier would be lost when the guest's driver clears the FIFO. */
bool uart_can_receive(const struct uart16550 *uart);

/* How long the wire is busy with a byte for this guest, in ns. */
unsigned uart_char_ns(const struct uart16550 *uart);

/* A byte arrives on the wire; without room it is lost and LSR.OE says so. */
void uart_receive(struct uart16550 *uart, u8 byte);

#endif
