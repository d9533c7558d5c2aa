/*
 * ls [-l] [path …]: names, sorted, one a line; -l adds type, size and
 * inode number.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_NAMES 512

static int long_form;

static int fail(const char *path)
{
    fprintf(stderr, "ls: %s: %s\n", path, strerror(errno));
    return 1;
}

static char type_letter(uint32_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR: return 'd';
    case S_IFCHR: return 'c';
    case S_IFIFO: return 'p';
    case S_IFLNK: return 'l';
    default: return '-';
    }
}

static int show(const char *dir, const char *name)
{
    struct stat st;
    char path[512];

    if (!long_form) {
        puts(name);
        return 0;
    }
    if (dir == NULL)
        snprintf(path, sizeof(path), "%s", name);
    else
        snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (stat(path, &st) < 0)
        return fail(path);
    printf("%c%03o %9ld %6lu %s\n", type_letter(st.st_mode),
           (unsigned)(st.st_mode & 0777), (long)st.st_size,
           (unsigned long)st.st_ino, name);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list(const char *path)
{
    char *names[MAX_NAMES];
    int count = 0, status = 0;
    struct dirent *entry;
    DIR *dir = opendir(path);

    if (dir == NULL)
        return fail(path);
    while (count < MAX_NAMES && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' &&
            (names[count] = strdup(entry->d_name)) != NULL)
            count++;
    closedir(dir);
    qsort(names, count, sizeof(*names), by_name);
    for (int i = 0; i < count; i++) {
        status |= show(path, names[i]);
        free(names[i]);
    }
    return status;
}

static int list_any(const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return fail(path);
    return S_ISDIR(st.st_mode) ? list(path) : show(NULL, path);
}

int main(int argc, char **argv)
{
    int status = 0;
    int i = 1;

    if (i < argc && strcmp(argv[i], "-l") == 0) {
        long_form = 1;
        i++;
    }
    if (i == argc)
        return list(".");
    for (; i < argc; i++)
        status |= list_any(argv[i]);
    return status;
}
