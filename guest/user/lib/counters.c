/*
 * Reads /proc/vmstat. The buffer is static so that a
 * second reading touches no page that the first has not touched: a program
 * that counts copies must not cause any by looking.
 */
#include "counters.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "uapi/fork.h"

static char text[1024];

static bool read_text(const char *path)
{
    int fd = open(path, O_RDONLY);
    size_t length = 0;
    ssize_t n = 0;

    if (fd < 0)
        return false;
    while (length < sizeof(text) - 1 &&
           (n = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
        length += (size_t)n;
    close(fd);
    text[length] = '\0';
    return n >= 0;
}

/* The number that follows KEY at the start of a line. */
static bool find(const char *key, long *value)
{
    size_t length = strlen(key);
    const char *line = text;

    while (line != NULL && *line != '\0') {
        if (strncmp(line, key, length) == 0 && line[length] == ' ') {
            *value = strtol(line + length, NULL, 10);
            return true;
        }
        line = strchr(line, '\n');
        line += line != NULL;
    }
    return false;
}

bool counters_read(struct counters *out)
{
    memset(out, 0, sizeof(*out));
    return read_text("/proc/vmstat") && find("cow_copies", &out->cow_copies) &&
           find("cow_reuses", &out->cow_reuses) &&
           find("demand_faults", &out->demand_faults) &&
           find("frames_free", &out->frames_free) &&
           find("switches", &out->switches);
}

void counters_settle(void)
{
    volatile char stack[8192];
    struct counters counters;

    for (size_t i = 0; i < sizeof(stack); i += 1024)
        stack[i] = 0;
    counters_read(&counters);
}

bool fork_is_eager(void)
{
    return prctl(PR_GET_FORK_MODE, 0) == FORK_EAGER;
}
