/*
 * spin: runs for ever and does nothing, for ^C to end.
 */
int main(void)
{
    for (;;)
        __asm__ volatile("");
}
