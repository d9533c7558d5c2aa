/*
 * ns16550a, polled for output, by interrupt for input.
 *
 *   +0 RBR (read) THR (write)   received byte / byte to send
 *   +1 IER   bit 0: received data available raises the interrupt
 *   +2 FCR   bit 0: FIFOs on
 *   +5 LSR   bit 0: a byte is waiting, bit 5: THR can take one
 *
 * The firmware has set speed and format; they stay as they are.
 */
#include "dev/uart.h"

#include "lib/fdt.h"
#include "lib/layout.h"

#define UART_DATA 0
#define UART_IER 1
#define UART_FCR 2
#define UART_LSR 5
#define IER_RX 1
#define FCR_ENABLE 1
#define LSR_RX_READY 1
#define LSR_TX_EMPTY 0x20

static volatile u8 *regs;
static u32 irq;

bool uart_init(void)
{
    int node = fdt_find_compatible("ns16550a");
    u64 pa, size;

    if (node < 0 || !fdt_reg(node, 0, &pa, &size))
        return false;
    irq = fdt_u32(node, "interrupts", 0);
    regs = phys_to_virt(pa);
    regs[UART_FCR] = FCR_ENABLE; /* and keep the bytes that were typed early */
    return true;
}

bool uart_present(void)
{
    return regs != NULL;
}

u32 uart_irq(void)
{
    return irq;
}

void uart_write(const char *s, size_t n)
{
    for (; n; n--, s++) {
        while (!(regs[UART_LSR] & LSR_TX_EMPTY))
            ;
        regs[UART_DATA] = (u8)*s;
    }
}

void uart_enable_receive(bool on)
{
    regs[UART_IER] = on ? IER_RX : 0;
}

int uart_read(void)
{
    return regs[UART_LSR] & LSR_RX_READY ? regs[UART_DATA] : -1;
}
