/* Kernel messages, and the end of everything; see printk.h. */
#include "dev/printk.h"

#include "dev/console.h"
#include "dev/power.h"
#include "lib/csr.h"

void printk(const char *fmt, ...)
{
    char line[256];
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    console_write(line, min_u64((u64)len, sizeof(line) - 1));
}

void panic_at(const char *file, int line, const char *fmt, ...)
{
    char text[192];
    va_list ap;

    irq_disable();
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    printk("PANIC: %s:%d: %s\n", file, line, text);
    power_off(1);
}
