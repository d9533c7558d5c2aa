/*
 * emu-trace: reads traces of runs. Options → a command → an exit status.
 *
 * Whatever goes wrong on the way is one line on stderr; only main() turns it
 * into a status (commands.h lists them).
 */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/outfile.h"
#include "trace/commands.h"

#define BUFFER (1 << 18)

static int complain(const char *text)
{
    fprintf(stderr, "emu-trace: %s\n", text);
    return STATUS_USAGE;
}

/* A file of ours must not take the place of a standard stream that was closed:
 * a descriptor that can be neither read nor written takes it. */
static int hold_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH) < 0)
            return -1;
    return 0;
}

static int flush_stdout(struct rvemu_error *error)
{
    /* Of a write that failed before, errno is still that one's. */
    if (!ferror(stdout))
        errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    return rvemu_error_set(error, "cannot write stdout: %s",
                           strerror(errno ? errno : EIO));
}

static int print(void (*what)(FILE *out))
{
    struct rvemu_error error;

    what(stdout);
    return flush_stdout(&error) < 0 ? complain(error.text) : STATUS_OK;
}

/* A trace must not be written over by what is read from it. */
static int check_out(const struct options *o, struct rvemu_error *error)
{
    struct stat in, out;

    if (!*o->out || o->out[0] == '-')
        return rvemu_error_set(error,
                               "-o %s: is no file to write to: say ./ in front "
                               "of a name that begins with -",
                               *o->out ? o->out : "''");
    if (stat(o->out, &out) < 0)
        return 0;
    for (unsigned i = 0; i < o->files; i++)
        if (stat(o->file[i], &in) == 0 && in.st_dev == out.st_dev &&
            in.st_ino == out.st_ino)
            return rvemu_error_set(
                error, "-o %s: is read, too, and would be written over",
                o->out);
    return 0;
}

static int run_to_file(const struct options *o, struct rvemu_error *error)
{
    struct outfile out;
    int status;

    if (check_out(o, error) < 0 ||
        outfile_open(&out, o->out, OUTFILE_WHEN_WHOLE, error) < 0)
        return -1;
    setvbuf(out.file, NULL, _IOFBF, BUFFER);
    status = o->command->run(o, out.file, error);
    if (status < 0)
        outfile_drop(&out);
    else if (outfile_close(&out, error) < 0)
        return -1;
    return status;
}

static int run(const struct options *o, struct rvemu_error *error)
{
    int status;

    /* A file that has reached a limit is an error of write(); a reader that has
     * gone ends the program. */
    signal(SIGXFSZ, SIG_IGN);
    if (o->out)
        return run_to_file(o, error);
    setvbuf(stdout, NULL, _IOFBF, BUFFER);
    status = o->command->run(o, stdout, error);
    return status < 0 || flush_stdout(error) == 0 ? status : -1;
}

int main(int argc, char **argv)
{
    struct options options;
    struct rvemu_error error;
    int status;

    if (hold_streams() < 0)
        return complain("cannot open /");
    if (options_parse(&options, argc, argv, &error) < 0)
        return complain(error.text);
    switch (options.action) {
    case OPTIONS_HELP: return print(options_print_help);
    case OPTIONS_VERSION: return print(options_print_version);
    case OPTIONS_EVENTS: return print(options_print_events);
    default: break;
    }
    status = run(&options, &error);
    return status < 0 ? complain(error.text) : status;
}
