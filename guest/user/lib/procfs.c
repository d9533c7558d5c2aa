/*
 * Reads /proc/PID/stat, whose fields proc_pid_stat(5) numbers: 1 pid,
 * 2 (name), 3 state, 4 parent, 5 group, 23 virtual bytes, 24 resident pages.
 * The name may hold anything, so the fields are counted from its last ')'.
 */
#include "procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATE = 3, PARENT = 4, GROUP = 5, VIRTUAL = 23, RESIDENT = 24 };

static void set_field(struct process *out, int field, const char *text)
{
    switch (field) {
    case STATE: out->state = *text; break;
    case PARENT: out->parent = atoi(text); break;
    case GROUP: out->group = atoi(text); break;
    case VIRTUAL: out->virtual_bytes = atol(text); break;
    case RESIDENT: out->resident_pages = atol(text); break;
    default: break;
    }
}

static bool parse(char *text, struct process *out)
{
    char *name = strchr(text, '(');
    char *end = strrchr(text, ')');
    int field = STATE;

    if (name == NULL || end == NULL)
        return false;
    *end = '\0';
    memset(out, 0, sizeof(*out));
    out->pid = atoi(text);
    strlcpy(out->name, name + 1, sizeof(out->name));
    for (char *word = strtok(end + 1, " \n"); word != NULL;
         word = strtok(NULL, " \n"))
        set_field(out, field++, word);
    return true;
}

static bool read_stat(const char *pid, struct process *out)
{
    char path[32], text[512];
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "/proc/%s/stat", pid);
    fd = open(path, O_RDONLY);
    if (fd < 0)
        return false;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return parse(text, out);
}

static int by_pid(const void *a, const void *b)
{
    return ((const struct process *)a)->pid - ((const struct process *)b)->pid;
}

int procfs_list(struct process *out, int most)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    int count = 0;

    if (dir == NULL)
        return -1;
    while (count < most && (entry = readdir(dir)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]) &&
            read_stat(entry->d_name, &out[count]))
            count++;
    closedir(dir);
    qsort(out, count, sizeof(*out), by_pid);
    return count;
}
