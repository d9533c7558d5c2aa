/*
 * Console output. One path for printk and for the terminal, so that their
 * lines keep their order.
 */
#include "dev/console.h"

#include "dev/sbi.h"
#include "dev/uart.h"

void console_write_raw(const char *s, size_t n)
{
    if (uart_present())
        uart_write(s, n);
    else
        sbi_console_write(s, n);
}

void console_write(const char *s, size_t n)
{
    size_t start = 0;

    for (size_t i = 0; i < n; i++) {
        if (s[i] != '\n')
            continue;
        console_write_raw(s + start, i - start);
        console_write_raw("\r\n", 2);
        start = i + 1;
    }
    if (start < n)
        console_write_raw(s + start, n - start);
}
