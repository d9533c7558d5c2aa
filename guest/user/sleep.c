/*
 * sleep SECONDS: waits; a fraction is understood.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv)
{
    struct timespec span = {0};
    char *end;

    if (argc != 2) {
        fputs("usage: sleep SECONDS\n", stderr);
        return 2;
    }
    span.tv_sec = strtol(argv[1], &end, 10);
    if (*end == '.')
        for (long unit = 100000000; unit > 0 && *++end != '\0'; unit /= 10)
            span.tv_nsec += (*end - '0') * unit;
    return nanosleep(&span, NULL) < 0;
}
