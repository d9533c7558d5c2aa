/*
 * 16550A UART with the 16-byte receive FIFO, one byte a register.
 *
 *   offset  DLAB=0 read  DLAB=0 write  DLAB=1
 *     0     RBR          THR           DLL
 *     1     IER          IER           DLM
 *     2     IIR          FCR           as DLAB=0
 *     3     LCR          LCR           "
 *     4     MCR          MCR           "
 *     5     LSR          –             "
 *     6     MSR          –             "
 *     7     SCR          SCR           "
 *
 * A wider access reaches the one register at its address, as on QEMU's virt;
 * the rest of the range is an access fault. The transmitter is never busy: a
 * byte leaves within the store that wrote it. The interrupt line is a pure
 * function of the state below and is recomputed after every change.
 *
 * A byte on the wire is lost only if the sender ignores uart_can_receive().
 * For a guest without interrupts it tells from LSR whether somebody listens:
 * a transmitter reads LSR once a byte, so POLLS_TO_LISTEN more reads than
 * transmissions mean a receiver, until a driver sets the port up anew.
 */
#include "dev/uart16550.h"

enum { RBR_THR, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR, REGISTERS };

enum {
    IER_RDA = 1 << 0,  /* received data available, and its timeout */
    IER_THRE = 1 << 1, /* transmitter holding register empty */
    IER_RLS = 1 << 2,  /* receiver line status */
    IER_MSI = 1 << 3,  /* modem status */
    IER_MASK = 0x0f,
};

enum {
    IIR_MSI = 0x00,
    IIR_NONE = 0x01,
    IIR_THRE = 0x02,
    IIR_RDA = 0x04,
    IIR_RLS = 0x06,
    IIR_TIMEOUT = 0x0c,
    IIR_FIFOS = 0xc0, /* FIFOs are enabled */
};

enum {
    FCR_ENABLE = 1 << 0,
    FCR_CLEAR_RX = 1 << 1,
    FCR_CLEAR_TX = 1 << 2,
    FCR_TRIGGER_SHIFT = 6,
};

enum { LCR_DLAB = 1 << 7 };

enum {
    MCR_DTR = 1 << 0,
    MCR_RTS = 1 << 1,
    MCR_OUT1 = 1 << 2,
    MCR_OUT2 = 1 << 3,
    MCR_LOOP = 1 << 4,
    MCR_MASK = 0x1f,
};

enum {
    LSR_DR = 1 << 0,
    LSR_OE = 1 << 1,
    LSR_ERRORS = 0x1e, /* OE, PE, FE, BI */
    LSR_THRE = 1 << 5,
    LSR_TEMT = 1 << 6,
};

enum {
    MSR_DELTAS = 0x0f, /* changed since last read, in the order of the lines */
    MSR_TERI = 1 << 2,
    MSR_CTS = 1 << 4,
    MSR_DSR = 1 << 5,
    MSR_RI = 1 << 6,
    MSR_DCD = 1 << 7,
    MSR_LINES = 0xf0,
    MSR_CONNECTED = MSR_CTS | MSR_DSR | MSR_DCD,
};

#define POLLS_TO_LISTEN 4
#define INPUT_HZ 3686400u /* what the divisor divides */
#define NODE_NAME "serial"

static const u8 trigger_level[4] = {1, 4, 8, 14};

static unsigned trigger(const struct uart16550 *uart)
{
    if (!(uart->s.fcr & FCR_ENABLE))
        return 1;
    return trigger_level[uart->s.fcr >> FCR_TRIGGER_SHIFT];
}

/* The interrupt of highest priority that is both enabled and pending. */
static u8 interrupt_id(const struct uart16550 *uart)
{
    if ((uart->s.ier & IER_RLS) && (uart->s.lsr & LSR_ERRORS))
        return IIR_RLS;
    if (uart->s.ier & IER_RDA) {
        if (uart->s.fifo_count >= trigger(uart))
            return IIR_RDA;
        if (uart->s.timed_out)
            return IIR_TIMEOUT;
    }
    if ((uart->s.ier & IER_THRE) && uart->s.thre_pending)
        return IIR_THRE;
    if ((uart->s.ier & IER_MSI) && (uart->s.msr & MSR_DELTAS))
        return IIR_MSI;
    return IIR_NONE;
}

static void update_irq(struct uart16550 *uart)
{
    irq_set(&uart->irq, interrupt_id(uart) != IIR_NONE);
}

static void timeout_fire(void *owner, u64 now)
{
    struct uart16550 *uart = owner;

    uart->s.timed_out = true;
    update_irq(uart);
}

/* The character timeout starts anew whenever a byte enters or leaves the
 * FIFO, and runs only while bytes wait in it. */
static void restart_timeout(struct uart16550 *uart)
{
    uart->s.timed_out = false;
    if ((uart->s.fcr & FCR_ENABLE) && uart->s.fifo_count > 0)
        clock_arm(uart->clock, uart->timeout,
                  clock_now(uart->clock) + 4 * UART_CHAR_NS);
    else
        clock_disarm(uart->clock, uart->timeout);
}

static void clear_rx(struct uart16550 *uart)
{
    uart->s.fifo_head = 0;
    uart->s.fifo_count = 0;
    uart->s.lsr &= (u8)~LSR_DR;
    restart_timeout(uart);
}

static unsigned capacity(const struct uart16550 *uart)
{
    return uart->s.fcr & FCR_ENABLE ? UART_FIFO_SIZE : 1;
}

static void rx_push(struct uart16550 *uart, u8 byte)
{
    if (uart->s.fifo_count == capacity(uart)) {
        uart->s.lsr |= LSR_OE;
    } else {
        unsigned tail = uart->s.fifo_head + uart->s.fifo_count++;

        uart->s.fifo[tail % UART_FIFO_SIZE] = byte;
        uart->s.lsr |= LSR_DR;
        restart_timeout(uart);
    }
    update_irq(uart);
}

/* With an empty FIFO, RBR holds the byte that was read last. */
static u8 rx_pop(struct uart16550 *uart)
{
    u8 byte = uart->s.fifo[uart->s.fifo_head];

    if (uart->s.fifo_count == 0)
        return uart->s.fifo[(uart->s.fifo_head - 1u) % UART_FIFO_SIZE];
    uart->s.fifo_head = (uart->s.fifo_head + 1) % UART_FIFO_SIZE;
    uart->s.fifo_count--;
    if (uart->s.fifo_count == 0)
        uart->s.lsr &= (u8)~LSR_DR;
    restart_timeout(uart);
    update_irq(uart);
    return byte;
}

static void transmit(struct uart16550 *uart, u8 byte)
{
    if (uart->s.mcr & MCR_LOOP)
        rx_push(uart, byte);
    else if (uart->port.put)
        uart->port.put(uart->port.host, byte);
    uart->s.thre_pending = true;
    if (uart->s.polls > 0 && uart->s.polls < POLLS_TO_LISTEN)
        uart->s.polls--;
    update_irq(uart);
}

/* The modem lines as they stand: in loopback, the outputs of MCR come back as
 * inputs; otherwise somebody is always connected. */
static u8 modem_lines(const struct uart16550 *uart)
{
    u8 lines = 0;

    if (!(uart->s.mcr & MCR_LOOP))
        return MSR_CONNECTED;
    if (uart->s.mcr & MCR_RTS)
        lines |= MSR_CTS;
    if (uart->s.mcr & MCR_DTR)
        lines |= MSR_DSR;
    if (uart->s.mcr & MCR_OUT1)
        lines |= MSR_RI;
    if (uart->s.mcr & MCR_OUT2)
        lines |= MSR_DCD;
    return lines;
}

static void write_mcr(struct uart16550 *uart, u8 value)
{
    u8 before = uart->s.msr & MSR_LINES, after, changed;

    uart->s.mcr = value & MCR_MASK;
    after = modem_lines(uart);
    changed = (before ^ after) >> 4;
    if (after & MSR_RI) /* only RI's trailing edge is reported */
        changed &= (u8)~MSR_TERI;
    uart->s.msr = after | (uart->s.msr & MSR_DELTAS) | changed;
    update_irq(uart);
}

static void write_ier(struct uart16550 *uart, u8 value)
{
    u8 enabled = (u8)(value & ~uart->s.ier);

    uart->s.ier = value & IER_MASK;
    if (enabled & IER_THRE) /* THR is empty now, as it always is */
        uart->s.thre_pending = true;
    update_irq(uart);
}

static void write_fcr(struct uart16550 *uart, u8 value)
{
    bool toggled = (value ^ uart->s.fcr) & FCR_ENABLE;

    uart->s.polls = 0;
    /* Without FCR_ENABLE the other bits are not programmed. */
    uart->s.fcr =
        value & FCR_ENABLE ? value & (u8) ~(FCR_CLEAR_RX | FCR_CLEAR_TX) : 0;
    if (toggled || (value & FCR_CLEAR_RX))
        clear_rx(uart);
    update_irq(uart);
}

static u8 read_iir(struct uart16550 *uart)
{
    u8 id = interrupt_id(uart);

    if (id == IIR_THRE) {
        uart->s.thre_pending = false;
        update_irq(uart);
    }
    return uart->s.fcr & FCR_ENABLE ? id | IIR_FIFOS : id;
}

static u8 read_lsr(struct uart16550 *uart)
{
    u8 value = uart->s.lsr;

    if (uart->s.polls < POLLS_TO_LISTEN)
        uart->s.polls++;
    if (!(value & LSR_ERRORS))
        return value; /* no bit changes: the line is not stated again */
    uart->s.lsr &= (u8)~LSR_ERRORS;
    update_irq(uart);
    return value;
}

static u8 read_msr(struct uart16550 *uart)
{
    u8 value = uart->s.msr;

    uart->s.msr &= (u8)~MSR_DELTAS;
    update_irq(uart);
    return value;
}

static bool uart_read(void *device, u64 offset, unsigned size, u64 *value)
{
    struct uart16550 *uart = device;
    bool dlab = uart->s.lcr & LCR_DLAB;

    switch (offset) {
    case RBR_THR: *value = dlab ? uart->s.dll : rx_pop(uart); return true;
    case IER: *value = dlab ? uart->s.dlm : uart->s.ier; return true;
    case IIR_FCR: *value = read_iir(uart); return true;
    case LCR: *value = uart->s.lcr; return true;
    case MCR: *value = uart->s.mcr; return true;
    case LSR: *value = read_lsr(uart); return true;
    case MSR: *value = read_msr(uart); return true;
    case SCR: *value = uart->s.scr; return true;
    default: return false;
    }
}

static void write_register(struct uart16550 *uart, u64 offset, u8 value)
{
    bool dlab = uart->s.lcr & LCR_DLAB;

    switch (offset) {
    case RBR_THR:
        if (dlab)
            uart->s.dll = value;
        else
            transmit(uart, value);
        break;
    case IER:
        if (dlab)
            uart->s.dlm = value;
        else
            write_ier(uart, value);
        break;
    case IIR_FCR: write_fcr(uart, value); break;
    case LCR:
        uart->s.lcr = value;
        uart->s.polls = 0;
        break;
    case MCR: write_mcr(uart, value); break;
    case SCR: uart->s.scr = value; break;
    default: break; /* LSR and MSR are read-only */
    }
}

static bool uart_write(void *device, u64 offset, unsigned size, u64 value)
{
    if (offset >= REGISTERS)
        return false;
    write_register(device, offset, (u8)value);
    return true;
}

static const struct mmio_ops ops = {.read = uart_read, .write = uart_write};

bool uart_can_receive(const struct uart16550 *uart)
{
    bool listens = (uart->s.ier & IER_RDA) || uart->s.polls == POLLS_TO_LISTEN;

    return listens && !(uart->s.mcr & MCR_LOOP) &&
           uart->s.fifo_count < capacity(uart);
}

unsigned uart_char_ns(const struct uart16550 *uart)
{
    return uart->s.ier & IER_RDA ? UART_CHAR_NS : UART_POLLED_NS;
}

void uart_receive(struct uart16550 *uart, u8 byte)
{
    if (!(uart->s.mcr & MCR_LOOP)) /* loopback disconnects the wire */
        rx_push(uart, byte);
}

static void uart_init(void *device, const struct device_wiring *wiring)
{
    struct uart16550 *uart = device;

    uart->irq = wiring->irq;
    uart->port = wiring->console;
    uart->clock = wiring->clock;
    uart->timeout = clock_add_timer(wiring->clock, timeout_fire, uart);
}

static void uart_reset(void *device)
{
    struct uart16550 *uart = device;

    uart->s.ier = 0;
    uart->s.lcr = 0;
    uart->s.mcr = MCR_OUT2;
    uart->s.lsr = LSR_THRE | LSR_TEMT;
    uart->s.msr = MSR_CONNECTED;
    uart->s.scr = 0;
    uart->s.fcr = 0;
    uart->s.dll = 0x0c;
    uart->s.dlm = 0;
    uart->s.thre_pending = false;
    uart->s.polls = 0;
    clear_rx(uart);
    update_irq(uart);
}

static bool uart_is_sound(const void *device)
{
    const struct uart_state *s = &((const struct uart16550 *)device)->s;

    return s->fifo_head < UART_FIFO_SIZE && s->fifo_count <= UART_FIFO_SIZE &&
           s->polls <= POLLS_TO_LISTEN &&
           (*(const u8 *)&s->thre_pending | *(const u8 *)&s->timed_out) <= 1;
}

static void uart_write_node(struct node_writer *w,
                            const struct device_place *place)
{
    node_open_device(w, NODE_NAME, place);
    node_put_cell(w, "clock-frequency", INPUT_HZ);
    node_put_string(w, "compatible", "ns16550a");
    node_close(w);
}

const struct device_kind uart_device = {
    .name = "uart",
    .size = sizeof(struct uart16550),
    .state = offsetof(struct uart16550, s),
    .state_size = sizeof(struct uart_state),
    .ops = &ops,
    .init = uart_init,
    .reset = uart_reset,
    .is_sound = uart_is_sound,
    .write_node = uart_write_node,
    .stdout_node = NODE_NAME,
};
