/*
 * Runs a program for several harts in very many rounds of turns.
 *
 *   rounds FIRMWARE|none HARTS quantum|seed FIRST COUNT PROGRAM...
 *
 * COUNT runs of each program, with fixed quanta from FIRST on, or with quanta
 * that are drawn by seeds from FIRST on. Each run has to end by itself as
 * passed. Prints `ok NAME` or `not ok NAME: why`, a line a run.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rvemu/rvemu.h>

#define RAM_BYTES (16u << 20)
#define STEPS 50000000u /* twenty times what the longest takes */
#define OUTPUT 8192

struct run {
    const char *firmware; /* NULL: the program runs bare */
    const char *program;
    struct rvemu_config config;
    char output[OUTPUT];
    size_t used;
};

static void put(void *self, uint8_t byte)
{
    struct run *run = self;

    if (run->used < OUTPUT - 1 && byte != '\r')
        run->output[run->used++] = (char)byte;
}

/* The first line that says so, without its end. */
static const char *complaint(struct run *run)
{
    char *line = strstr(run->output, "not ok ");

    if (!line)
        return NULL;
    line[strcspn(line, "\n")] = '\0';
    return line;
}

/* NULL when it passed; else why not. */
static const char *judge(struct run *run)
{
    static char text[sizeof(struct rvemu_stop) + 64];
    struct rvemu_error error;
    struct rvemu_stop stop;
    rvemu *machine;
    struct rvemu_guest guest = {
        .as = run->firmware ? RVEMU_AS_KERNEL : RVEMU_AS_MACHINE,
        .image.path = run->program,
        .firmware.path = run->firmware,
    };

    if (rvemu_create(&run->config, &machine, &error) < 0 ||
        rvemu_load(machine, &guest, &error) < 0) {
        fprintf(stderr, "rounds: %s\n", error.text);
        exit(2);
    }
    rvemu_run(machine, STEPS, &stop);
    rvemu_destroy(machine);
    if (stop.reason != RVEMU_STOP_PASS && !complaint(run)) {
        snprintf(text, sizeof(text), "stop %d, code %u: %s", (int)stop.reason,
                 stop.code, stop.text);
        return text;
    }
    return complaint(run);
}

/* The file's name without its folders and ".elf". */
static int short_name(const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');

    *name = slash ? slash + 1 : path;
    return (int)strcspn(*name, ".");
}

static int run_one(const char *firmware, const char *program, unsigned harts,
                   unsigned quantum, uint64_t seed)
{
    struct run run = {
        .firmware = firmware,
        .program = program,
        .config = {.ram_bytes = RAM_BYTES,
                   .harts = harts,
                   .quantum = quantum,
                   .seed = seed},
    };
    const char *name, *why;
    int length = short_name(program, &name);

    run.config.host.self = &run;
    run.config.host.console_put = put;
    why = judge(&run);
    printf("%sok %.*s-%u-%s-%" PRIu64, why ? "not " : "", length, name, harts,
           quantum ? "quantum" : "seed", quantum ? quantum : seed);
    if (why)
        printf(": %s", why);
    puts("");
    return why != NULL;
}

int main(int argc, char **argv)
{
    bool drawn;
    uint64_t first, count;
    int failed = 0;

    if (argc < 7)
        return 2;
    drawn = !strcmp(argv[3], "seed");
    first = strtoull(argv[4], NULL, 0);
    count = strtoull(argv[5], NULL, 0);
    for (int i = 6; i < argc; i++)
        for (uint64_t n = first; n < first + count; n++)
            failed |= run_one(strcmp(argv[1], "none") ? argv[1] : NULL, argv[i],
                              (unsigned)strtoul(argv[2], NULL, 0),
                              drawn ? 0 : (unsigned)n, n);
    return failed;
}
