/*
 * The part of a program that is compiled without debug information, as the
 * libraries of a distribution are.
 */
#include "shapes.h"

int library_calls[3] = {1};

int library_sum(const int *from, int count)
{
    int sum = 0;

    for (int i = 0; i < count; i++)
        sum += from[i];
    library_calls[1]++;
    return sum;
}
