/*
 * free: memory in KiB, from /proc/meminfo, and on our own kernel what
 * copy-on-write and demand paging have done so far.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/counters.h"

int main(void)
{
    struct counters counters;
    char line[128];
    long total = 0, free_kib = 0;
    FILE *file = fopen("/proc/meminfo", "r");

    if (file == NULL)
        die("/proc/meminfo");
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "MemTotal:", 9) == 0)
            total = strtol(line + 9, NULL, 10);
        else if (strncmp(line, "MemFree:", 8) == 0)
            free_kib = strtol(line + 8, NULL, 10);
    }
    fclose(file);
    printf("total %ld KiB, used %ld KiB, free %ld KiB\n", total,
           total - free_kib, free_kib);
    if (counters_read(&counters))
        printf("pages filled on demand %ld, copied on write %ld, kept by "
               "their last owner %ld\n",
               counters.demand_faults, counters.cow_copies,
               counters.cow_reuses);
    return 0;
}
