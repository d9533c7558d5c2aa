/*
 * A 16550A, polled.
 *
 *   0  RBR received byte / THR byte to send
 *   1  IER interrupt enables
 *   2  FCR bit 0 FIFOs on
 *   3  LCR 3: 8 bits, no parity, one stop bit
 *   5  LSR bit 0 a byte has arrived, bit 5 THR is empty
 *
 * The divisor stays as it was found: who set up the port knew its clock.
 * Without a port, output vanishes and nothing ever arrives.
 */
#include "console.h"

#include "platform.h"

#define RBR 0
#define THR 0
#define IER 1
#define FCR 2
#define LCR 3
#define LSR 5

#define LCR_8N1 3
#define FCR_ENABLE 1
#define LSR_DATA_READY 0x01
#define LSR_THR_EMPTY 0x20

static volatile u8 *port(unsigned offset)
{
    return (volatile u8 *)platform.uart + offset;
}

void console_init(void)
{
    if (!platform.uart)
        return;
    *port(IER) = 0;
    *port(LCR) = LCR_8N1;
    *port(FCR) = FCR_ENABLE;
}

void console_put(u8 byte)
{
    if (!platform.uart)
        return;
    while (!(*port(LSR) & LSR_THR_EMPTY))
        ;
    *port(THR) = byte;
}

int console_get(void)
{
    if (!platform.uart || !(*port(LSR) & LSR_DATA_READY))
        return -1;
    return *port(RBR);
}

void console_put_string(const char *text)
{
    while (*text)
        console_put((u8)*text++);
}

void console_put_hex(u64 value)
{
    int shift = 60;

    console_put_string("0x");
    while (shift && !(value >> shift))
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        console_put((u8) "0123456789abcdef"[value >> shift & 15]);
}

void console_put_decimal(u64 value)
{
    char digits[21];
    char *at = digits + sizeof(digits) - 1;

    *at = 0;
    do
        *--at = (char)('0' + value % 10);
    while (value /= 10);
    console_put_string(at);
}
