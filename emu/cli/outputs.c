/*
 * The files that the command line has emu write, looked at before the first of
 * them is opened, which empties it.
 *
 * An option whose value was forgotten takes what follows it: `-D kernel.elf`
 * would write a log over the guest. So a file that is an ELF file, or one
 * that holds a NUL where text is to be written or is no trace where one is, is
 * left alone, and so is whatever the same command line reads.
 */
#include "cli/outputs.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD 4096 /* bytes of a file that are looked at */

struct output {
    const char *option;
    const char *path; /* NULL: not given */
    enum { ANYTHING, TEXT, TRACE, SNAPSHOT, RECORDING } content;
};

static int refuse(struct rvemu_error *error, const struct output *output,
                  const char *why)
{
    return rvemu_error_set(error, "%s %s: %s", output->option,
                           *output->path ? output->path : "''", why);
}

/* Whether a file that begins so may be written over with what is to be in it.
 */
static bool is_alike(const struct output *output, const char *head, size_t size)
{
    static const char begins[][5] = {[TRACE] = {"\x89"
                                                "emt"},
                                     [SNAPSHOT] = {"\x89"
                                                   "rvs"},
                                     [RECORDING] = {"\x89"
                                                    "rvr"}};
    bool is_binary = memchr(head, '\0', size);

    if (output->content >= TRACE)
        return !is_binary ||
               (size >= 4 && !memcmp(head, begins[output->content], 4));
    return output->content == ANYTHING || !is_binary;
}

/* Looks at the beginning of an ordinary file. */
static int check_content(const struct output *output, struct rvemu_error *error)
{
    char head[HEAD];
    int fd = open(output->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof(head));

    if (fd >= 0)
        close(fd);
    if (n >= 4 && !memcmp(head, "\177ELF", 4))
        return refuse(error, output,
                      "is an ELF file, which would be written over: name "
                      "another file");
    if (n > 0 && !is_alike(output, head, (size_t)n))
        return refuse(error, output,
                      "holds binary data, which would be written over: name "
                      "another file, or remove it");
    return 0;
}

/* Whether both paths lead to one ordinary file, or would. */
static bool is_same(const char *a, const char *b)
{
    struct stat of_a, of_b;
    bool has_a = stat(a, &of_a) == 0, has_b = stat(b, &of_b) == 0;

    if (!has_a || !has_b)
        return !has_a && !has_b && !strcmp(a, b);
    return !S_ISCHR(of_a.st_mode) && !S_ISFIFO(of_a.st_mode) &&
           of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

static int check_inputs(const struct output *output, const struct options *o,
                        struct rvemu_error *error)
{
    char drive[OPTIONS_PATH_MAX];
    const char *rules = o->expect.rules[0] ? o->expect.rules : NULL;
    const char *inputs[] = {o->guest, o->bios,    o->initrd, o->dtb,
                            rules,    o->restore, o->replay};

    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++)
        if (inputs[i] && is_same(output->path, inputs[i]))
            return refuse(error, output,
                          "is read, too, and would be written over");
    for (unsigned i = 0; i < o->loads_count; i++)
        if (is_same(output->path, o->load[i].path))
            return refuse(error, output,
                          "is read, too, and would be written over");
    for (unsigned i = 0; i < o->drives_count; i++) {
        rvemu_list_value(&o->drive[i].file, drive, sizeof(drive));
        if (is_same(output->path, drive))
            return refuse(error, output,
                          "is a disk, too, and would be written over");
    }
    for (unsigned i = 0; i < o->loads_count; i++)
        if (o->load[i].path[0] && is_same(output->path, o->load[i].path))
            return refuse(error, output,
                          "is read, too, and would be written over");
    return 0;
}

static int check(const struct output *output, const struct options *o,
                 struct rvemu_error *error)
{
    struct stat status;

    if (output->path[0] == '-')
        return refuse(error, output,
                      "is no file to write to: say ./ in front of a name that "
                      "begins with -");
    if (stat(output->path, &status) < 0)
        return 0;
    if (check_inputs(output, o, error) < 0)
        return -1;
    return S_ISREG(status.st_mode) ? check_content(output, error) : 0;
}

/* NULL where there is none. */
static const char *path_of(const char *path)
{
    return path[0] ? path : NULL;
}

int outputs_check(const struct options *o, struct rvemu_error *error)
{
    const struct output outputs[] = {
        {"-D", o->log_file, TEXT},
        {"--log-commits", o->commits_file, TEXT},
        {"--exit-json", o->exit_json, TEXT},
        {"--expect junit=", path_of(o->expect.junit), TEXT},
        {"--expect gradescope=", path_of(o->expect.gradescope), TEXT},
        {"--signature", o->signature, TEXT},
        {"--trace", path_of(o->trace.path), TRACE},
        {"--on-fail", path_of(o->on_fail.path), TRACE},
        {"--snapshot", path_of(o->save.path), SNAPSHOT},
        {"--record", o->record, RECORDING},
        {"-pidfile", o->pidfile, TEXT},
        {"-serial file:", path_of(o->serial.path), ANYTHING},
        {"-dump-dtb", path_of(o->dump_dtb), ANYTHING},
    };
    const size_t count = sizeof(outputs) / sizeof(outputs[0]);

    for (size_t i = 0; i < count; i++) {
        if (!outputs[i].path)
            continue;
        if (check(&outputs[i], o, error) < 0)
            return -1;
        for (size_t j = 0; j < i; j++)
            if (outputs[j].path && is_same(outputs[i].path, outputs[j].path))
                return rvemu_error_set(error,
                                       "%s and %s name the same file, %s: "
                                       "each needs its own",
                                       outputs[j].option, outputs[i].option,
                                       outputs[i].path);
    }
    return 0;
}
