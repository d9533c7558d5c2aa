/*
 * dirs: a directory can be emptied by whoever reads it, and only an empty one
 * can go. Who removes what has just been read must still find every other
 * entry, however many reads that takes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/check.h"

enum { FILES = 300 };

static const char path[] = "/tmp/dirs";

static void name_file(char *name, size_t size, const char *file)
{
    snprintf(name, size, "%s/%s", path, file);
}

static void create(const char *file)
{
    char name[300];
    int fd;

    name_file(name, sizeof(name), file);
    fd = open(name, O_WRONLY | O_CREAT, 0600);
    if (fd < 0)
        die(name);
    close(fd);
}

/* Removes all that a reader gets; how many that were. */
static int empty(void)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int removed = 0;

    if (!dir)
        die(path);
    while ((entry = readdir(dir)) != NULL) {
        char name[300];

        if (entry->d_name[0] == '.')
            continue;
        name_file(name, sizeof(name), entry->d_name);
        removed += unlink(name) == 0;
    }
    closedir(dir);
    return removed;
}

static void is_emptied(void)
{
    char file[32];

    for (int i = 0; i < FILES; i++) {
        snprintf(file, sizeof(file), "file-%d", i);
        create(file);
    }
    check(rmdir(path) < 0 && errno == ENOTEMPTY, "one with files stays");
    check(empty() == FILES, "each of %d files was found and removed", FILES);
    check(empty() == 0, "and nothing is left");
}

static void is_removed(void)
{
    check(chdir(path) == 0 && rmdir(path) == 0, "an empty one goes");
    check(open("file", O_WRONLY | O_CREAT, 0600) < 0 && errno == ENOENT,
          "there is no file in one that has gone");
    chdir("/");
}

int main(void)
{
    if (mkdir(path, 0700) < 0)
        die(path);
    is_emptied();
    is_removed();
    check(rmdir("/proc") < 0 && errno == EBUSY, "one in use stays");
    check(rmdir("/") < 0 && errno == EBUSY, "so does the root");
    return check_verdict("dirs");
}
