/* Kernel messages, and the end of everything; see printk.h. */
#include "dev/printk.h"

#include "dev/console.h"
#include "dev/power.h"
#include "lib/csr.h"

static bool is_quiet;

static void print(const char *fmt, va_list ap)
{
    char line[256];
    int len = vsnprintf(line, sizeof(line), fmt, ap);

    console_write(line, min_u64((u64)len, sizeof(line) - 1));
}

void printk(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    print(fmt, ap);
    va_end(ap);
}

void inform(const char *fmt, ...)
{
    va_list ap;

    if (is_quiet)
        return;
    va_start(ap, fmt);
    print(fmt, ap);
    va_end(ap);
}

void inform_no_more(void)
{
    is_quiet = true;
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
