/*
 * A user of librvemu: the public headers, the archive and what it links, and
 * nothing else of the source. Runs the ELF it is given, with the console on
 * stdout, and says how it ended.
 */
#include <rvemu/rvemu.h>

#include <stdio.h>

static void put(void *self, uint8_t byte)
{
    fputc(byte, self);
}

int main(int argc, char **argv)
{
    struct rvemu_config config = {.host = {.self = stdout, .console_put = put}};
    struct rvemu_guest guest = {.image = {.path = argv[argc - 1]}};
    struct rvemu_error error;
    struct rvemu_stop stop;
    rvemu *machine;

    if (rvemu_create(&config, &machine, &error) < 0 ||
        rvemu_load(machine, &guest, &error) < 0) {
        fprintf(stderr, "%s\n", error.text);
        return 2;
    }
    rvemu_run(machine, 1000000, &stop);
    printf("reason %d, code %u, %llu steps\n", (int)stop.reason, stop.code,
           (unsigned long long)rvemu_steps(machine, 0));
    rvemu_destroy(machine);
    return 0;
}
