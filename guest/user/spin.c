/*
 * spin: says so, then runs for ever and does nothing, for ^C to end.
 */
#include <stdio.h>

int main(void)
{
    puts("spinning");
    for (;;)
        __asm__ volatile("");
}
