/*
 * beyond: gives back memory that is the kernel's. There is nothing of the
 * program's, so that the kernel has nothing to do.
 */
#include <stdio.h>
#include <stdlib.h>

#include "syscall.h"

enum { PAGE = 4096, DONT_NEED = 4, MADVISE = 233 };

static const unsigned long kernel_text = 0xffffffc080200000;

int main(void)
{
    syscall6(MADVISE, (long)kernel_text, PAGE, DONT_NEED, 0, 0, 0);
    puts("beyond: PASS");
    return EXIT_SUCCESS;
}
