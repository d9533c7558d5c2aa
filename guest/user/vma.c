/*
 * vma: mappings against a model of them. Hundreds of random mmap, munmap,
 * mprotect and stores on an arena of a few dozen pages, after each of which
 * /proc/self/maps must show exactly the model's pages and permissions, and
 * every readable page its last store; now and then a child looks at all of
 * it too and spoils its copy. Then what a mapping costs: a gigabyte is
 * nothing until it is touched. And a file's last page is zero behind its end.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/counters.h"

#define FILE_NAME "/tmp/vma"

enum {
    PAGE = 4096,
    ARENA = 32, /* pages */
    ROUNDS = 300,
    FORK_EVERY = 25,
    UNMAPPED = -1,
    TOUCHED = 20,
    FILE_BYTES = 5000,
    FAILED = 99,
};

static const size_t GIGABYTE = 1ul << 30;

static volatile char *arena;
static int protections[ARENA]; /* of each page, or UNMAPPED */
static char contents[ARENA];   /* of each page's first byte */
static uint32_t state = 1;

static int random_below(int bound)
{
    state = state * 1664525 + 1013904223;
    return (int)((state >> 8) % (unsigned)bound);
}

/* The operations, on the memory and on the model. */

static bool do_map(int first, int count, int prot)
{
    for (int i = first; i < first + count; i++) {
        protections[i] = prot;
        contents[i] = 0;
    }
    return mmap((void *)(arena + first * PAGE), (size_t)count * PAGE, prot,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                0) == arena + first * PAGE;
}

static bool do_unmap(int first, int count)
{
    for (int i = first; i < first + count; i++)
        protections[i] = UNMAPPED;
    return munmap((void *)(arena + first * PAGE), (size_t)count * PAGE) == 0;
}

/* Refused, and half done at most, where there is a hole: not tried there. */
static bool do_protect(int first, int count, int prot)
{
    for (int i = first; i < first + count; i++)
        if (protections[i] == UNMAPPED)
            return true;
    for (int i = first; i < first + count; i++)
        protections[i] = prot;
    return mprotect((void *)(arena + first * PAGE), (size_t)count * PAGE,
                    prot) == 0;
}

static void do_stores(int first, int count, char value)
{
    for (int i = first; i < first + count; i++)
        if (protections[i] != UNMAPPED && protections[i] & PROT_WRITE) {
            arena[i * PAGE] = value;
            contents[i] = value;
        }
}

/* Comparing. */

static bool contents_right(void)
{
    for (int i = 0; i < ARENA; i++)
        if (protections[i] != UNMAPPED && protections[i] & PROT_READ &&
            arena[i * PAGE] != contents[i])
            return false;
    return true;
}

static void read_area(char *line, int *seen)
{
    char *end;
    uintptr_t start = strtoul(line, &end, 16);
    uintptr_t stop = strtoul(end + 1, &end, 16);
    int prot = (end[1] == 'r' ? PROT_READ : 0) |
               (end[2] == 'w' ? PROT_WRITE : 0) |
               (end[3] == 'x' ? PROT_EXEC : 0);

    for (int i = 0; i < ARENA; i++) {
        uintptr_t va = (uintptr_t)arena + (uintptr_t)i * PAGE;

        if (start <= va && va < stop)
            seen[i] = prot;
    }
}

static bool maps_right(void)
{
    int seen[ARENA];
    char line[256];
    FILE *file = fopen("/proc/self/maps", "r");

    if (file == NULL)
        die("/proc/self/maps");
    for (int i = 0; i < ARENA; i++)
        seen[i] = UNMAPPED;
    while (fgets(line, sizeof(line), file) != NULL)
        read_area(line, seen);
    fclose(file);
    return memcmp(seen, protections, sizeof(seen)) == 0;
}

static bool child_agrees(void)
{
    pid_t pid = fork_or_die();

    if (pid == 0) {
        bool right = contents_right() && maps_right();

        do_stores(0, ARENA, 'c');
        _exit(right && contents_right() ? EXIT_SUCCESS : FAILED);
    }
    return reap(pid) == 0 && contents_right();
}

/* No page is writable only: that it can be read is the hart's, not maps'. */
static bool operate(void)
{
    static const int choices[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
                                  PROT_READ | PROT_WRITE,
                                  PROT_READ | PROT_EXEC};
    int prot = choices[random_below(sizeof(choices) / sizeof(*choices))];
    int first = random_below(ARENA);
    int count = 1 + random_below(ARENA - first);

    switch (random_below(4)) {
    case 0: return do_map(first, count, prot);
    case 1: return do_unmap(first, count);
    case 2: return do_protect(first, count, prot);
    default: do_stores(first, count, (char)('A' + random_below(26)));
    }
    return true;
}

static void random_operations(void)
{
    int round = 0;
    bool right = true;

    while (right && round < ROUNDS) {
        right = operate() && contents_right() && maps_right() &&
                (++round % FORK_EVERY != 0 || child_agrees());
    }
    check(right, "%d of %d operations did what the model did", round, ROUNDS);
}

static void touch_a_little(void)
{
    struct counters before, after;
    volatile char *area;
    bool counted = counters_read(&before);

    area = mmap(NULL, GIGABYTE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!check(area != MAP_FAILED, "a gigabyte is mapped"))
        return;
    for (size_t i = 0; i < TOUCHED; i++)
        area[i * (GIGABYTE / TOUCHED) & -(size_t)PAGE] = 1;
    if (counted) {
        counters_read(&after);
        check(after.demand_faults - before.demand_faults == TOUCHED,
              "pages it took: %ld", after.demand_faults - before.demand_faults);
    }
    check(munmap((void *)area, GIGABYTE) == 0, "and is gone");
}

static char first_byte(int fd)
{
    char byte = 0;

    lseek(fd, 0, SEEK_SET);
    read(fd, &byte, 1);
    return byte;
}

static void map_a_file(void)
{
    static char text[FILE_BYTES];
    int fd = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);
    char *map;
    bool tail = true;

    memset(text, 't', sizeof(text));
    if (fd < 0 || write(fd, text, sizeof(text)) != sizeof(text))
        die(FILE_NAME);
    map = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        die("mmap");
    check(memcmp(map, text, FILE_BYTES) == 0, "a file is mapped");
    for (int i = FILE_BYTES; i < 2 * PAGE; i++)
        tail = tail && map[i] == 0;
    check(tail, "behind its end its last page is zero");
    map[0] = 'p';
    check(first_byte(fd) == 't', "a store stays private");
    munmap(map, FILE_BYTES);
    close(fd);
    unlink(FILE_NAME);
}

int main(void)
{
    arena =
        mmap(NULL, ARENA * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (arena == MAP_FAILED)
        die("mmap");
    random_operations();
    touch_a_little();
    map_a_file();
    return check_verdict("vma");
}
