/*
 * echo [-n] [word …]: prints its arguments, separated by spaces.
 */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    int newline = 1;
    int i = 1;

    if (i < argc && strcmp(argv[i], "-n") == 0) {
        newline = 0;
        i++;
    }
    for (; i < argc; i++)
        printf("%s%s", argv[i], i + 1 < argc ? " " : "");
    if (newline)
        putchar('\n');
    return 0;
}
