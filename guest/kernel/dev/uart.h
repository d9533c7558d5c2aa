/* The ns16550a serial port. */
#ifndef DEV_UART_H
#define DEV_UART_H

#include "lib/types.h"

/* Finds the port in the device tree; false when there is none. */
bool uart_init(void);

bool uart_present(void);

/* Its PLIC source number. */
u32 uart_irq(void);

/* Writes n bytes, waiting while the transmitter is full. */
void uart_write(const char *s, size_t n);

/* Whether received bytes raise the interrupt. */
void uart_enable_receive(bool on);

/* The next received byte, -1 when there is none. */
int uart_read(void);

#endif
