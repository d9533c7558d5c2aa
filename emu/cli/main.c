/*
 * emu: options → what to run → a session → an exit status.
 *
 * Whatever goes wrong on the way is one line on stderr; only main() turns it
 * into a status (session.h lists them).
 */
#define _GNU_SOURCE /* O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/alarm.h"
#include "host/loop.h"
#include "host/outfile.h"
#include "cli/bootargs.h"
#include "cli/bugs.h"
#include "cli/embed.h"
#include "cli/exit_json.h"
#include "cli/expect.h"
#include "cli/options.h"
#include "cli/outputs.h"
#include "cli/user_program.h"
#include "cli/session.h"

static int complain(const char *text)
{
    fprintf(stderr, "emu: %s\n", text);
    return STATUS_USAGE;
}

/* Says what could not be done, and why (errno). */
static int complain_of(const char *what)
{
    fprintf(stderr, "emu: %s: %s\n", what, strerror(errno));
    return STATUS_USAGE;
}

/* A raw binary is what its options make of it, if it is -kernel's. */
static int guess(const struct options *o, const struct rvemu_guest *guest,
                 enum rvemu_as *as, struct rvemu_error *error)
{
    *as = o->as;
    if (*as != RVEMU_AS_AUTO)
        return 0;
    if (rvemu_guess(&guest->image, o->machine.ram_bytes, as, error) < 0)
        return -1;
    if (*as != RVEMU_AS_AUTO)
        return 0;
    if (!o->is_kernel)
        return rvemu_error_set(error,
                               "%s: not an ELF file, nor a Linux Image; a raw "
                               "binary is started by -kernel",
                               o->guest);
    *as = o->bios_none ? RVEMU_AS_MACHINE : RVEMU_AS_KERNEL;
    return 0;
}

/* What the command line names. Each is read once, and here, since a pipe can
 * be read only once: what it holds is wanted again to tell what it is, for its
 * symbols, and at every boot. */
struct files {
    struct rvemu_image guest, firmware, initrd, dtb;
    struct rvemu_extra extra[OPTIONS_LOADS_MAX];
    struct user_program program; /* made of the guest */
    char *bootargs;              /* of the bundled kernel */
};

/* What -device loader loads, and no kernel. */
static int use_loads(const struct options *o, struct session_config *config)
{
    config->what = o->bios_none ? RVEMU_TITLE_LOADED_BARE
                   : o->bios    ? RVEMU_TITLE_LOADED_GIVEN
                                : RVEMU_TITLE_LOADED;
    return 0;
}

/* Whether there is more to run than what patches something. */
static bool has_loads(const struct options *o)
{
    for (unsigned i = 0; i < o->loads_count; i++)
        if (!o->load[i].extra.is_patch)
            return true;
    return false;
}

/* The bundled system: our kernel and programs on our firmware. */
static int use_bundled(const struct options *o, const struct embedded *own,
                       struct session_config *config, struct files *files,
                       bool is_program, struct rvemu_error *error)
{
    bool bugs;

    if (!own->kernel.size)
        return rvemu_error_set(error,
                               "this emu was built without a bundled kernel: "
                               "name a guest to run");
    if (bugs_look(o->append, &bugs, error) < 0)
        return -1;
    if (bugs && !own->kernel_bugs.size)
        return rvemu_error_set(error, "-append bug=: this emu was built "
                                      "without the kernel that has bugs");
    config->guest.as = RVEMU_AS_KERNEL;
    config->guest.image = bugs ? own->kernel_bugs : own->kernel;
    if (!o->initrd)
        config->guest.initrd = own->initrd;
    config->what = o->bios ? RVEMU_TITLE_BUNDLED_GIVEN : RVEMU_TITLE_BUNDLED;
    if (bootargs_make(&files->bootargs, o, is_program, error) < 0)
        return -1;
    config->guest.bootargs = files->bootargs;
    return 0;
}

/* A user program is the first process of the bundled kernel. */
static int use_program(const struct options *o, const struct embedded *own,
                       struct session_config *config, struct files *files,
                       struct rvemu_error *error)
{
    const struct rvemu_image file = config->guest.image;
    struct user_program *program = &files->program;

    if (o->initrd)
        return rvemu_error_set(
            error, "a user program brings its own initrd: leave out "
                   "-initrd, or give a kernel");
    if (use_bundled(o, own, config, files, true, error) < 0 ||
        user_program_open(program, &own->initrd, &file, o->guest_argv,
                          o->guest_argc, files->bootargs, error) < 0 ||
        bootargs_check(program->bootargs, file.path, error) < 0)
        return -1;
    config->program = file;
    config->guest.initrd = program->initrd;
    config->guest.bootargs = program->bootargs;
    config->guest.quiet = true;
    config->what = o->bios ? RVEMU_TITLE_PROGRAM_GIVEN : RVEMU_TITLE_PROGRAM;
    return 0;
}

static int use_file(const struct options *o, const struct embedded *own,
                    struct session_config *config, struct files *files,
                    struct rvemu_error *error)
{
    enum rvemu_as as;

    if (guess(o, &config->guest, &as, error) < 0)
        return -1;
    if (as == RVEMU_AS_USER)
        return use_program(o, own, config, files, error);
    if (o->guest_argc)
        return rvemu_error_set(error,
                               "only a user program takes arguments: a kernel "
                               "has -append");
    if (as == RVEMU_AS_MACHINE && o->bios)
        return rvemu_error_set(error,
                               "an M-mode program is its own firmware: leave "
                               "out -bios, or say -bios none");
    if (as == RVEMU_AS_MACHINE) {
        config->guest.as = RVEMU_AS_MACHINE;
        config->guest.firmware = (struct rvemu_image){0};
        config->what = RVEMU_TITLE_BARE;
        return 0;
    }
    config->guest.as = RVEMU_AS_KERNEL;
    config->what = o->bios ? RVEMU_TITLE_KERNEL_GIVEN : RVEMU_TITLE_KERNEL;
    return 0;
}

static int read_loads(const struct options *o, struct files *files,
                      struct rvemu_guest *guest, struct rvemu_error *error)
{
    guest->extra = files->extra;
    guest->extras = o->loads_count;
    for (unsigned i = 0; i < o->loads_count; i++) {
        const struct options_load *load = &o->load[i];
        struct rvemu_image *image = &files->extra[i].image;

        files->extra[i] = load->extra;
        if (load->extra.is_patch)
            image->data = load->data;
        else if (load->path[0] &&
                 rvemu_image_read(image, load->path, o->machine.ram_bytes,
                                  error) < 0)
            return -1;
    }
    return 0;
}

static int read_files(const struct options *o, struct files *files,
                      struct rvemu_guest *guest, struct rvemu_error *error)
{
    enum { PACKED = 2 }; /* so many are programs, which may be packed */
    const struct {
        const char *path;
        struct rvemu_image *file;
        struct rvemu_image *image;
    } all[] = {
        {o->guest, &files->guest, &guest->image},
        {o->bios, &files->firmware, &guest->firmware},
        {o->initrd, &files->initrd, &guest->initrd},
        {o->dtb, &files->dtb, &guest->dtb},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!all[i].path)
            continue;
        if (rvemu_image_read(all[i].file, all[i].path, o->machine.ram_bytes,
                             error) < 0)
            return -1;
        if (i < PACKED &&
            rvemu_image_unpack(all[i].file, o->machine.ram_bytes, error) < 0)
            return -1;
        *all[i].image = *all[i].file;
    }
    return read_loads(o, files, guest, error);
}

static void close_files(struct files *files)
{
    user_program_close(&files->program);
    free(files->bootargs);
    rvemu_image_free(&files->guest);
    rvemu_image_free(&files->firmware);
    rvemu_image_free(&files->initrd);
    rvemu_image_free(&files->dtb);
    for (unsigned i = 0; i < OPTIONS_LOADS_MAX; i++)
        if (!files->extra[i].is_patch)
            rvemu_image_free(&files->extra[i].image);
}

/* Our own images do not ask what a hart has: they are compiled for it. */
static int check_cpu(const struct options *o, const struct rvemu_guest *guest,
                     struct rvemu_error *error)
{
    const struct {
        const struct rvemu_image *image;
        const char *name;
    } own[] = {{&guest->firmware, "the bundled firmware"},
               {&guest->image, "the bundled kernel"}};

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (!own[i].image->path &&
            rvemu_cpu_suits(o->cpu, own[i].image, own[i].name, error) < 0)
            return -1;
    return 0;
}

static int choose(const struct options *o, struct files *files,
                  struct session_config *config, struct rvemu_error *error)
{
    struct embedded own = embedded_images();

    config->guest.bootargs = o->append;
    config->guest.quiet = o->quiet;
    if (read_files(o, files, &config->guest, error) < 0)
        return -1;
    if (!o->bios && !o->bios_none)
        config->guest.firmware = own.firmware;
    if (o->guest       ? use_file(o, &own, config, files, error)
        : has_loads(o) ? use_loads(o, config)
                       : use_bundled(o, &own, config, files, false, error))
        return -1;
    return check_cpu(o, &config->guest, error);
}

/* Ends what the console has left of a line, before something is said. */
static void begin_line(struct session_result *result)
{
    if (result->in_line)
        fputc('\n', stderr);
    result->in_line = false;
}

/* What is written behind a run. */
struct outputs {
    struct outfile json;
    struct expect expect;
};

static void give_up(struct outputs *outputs)
{
    outfile_drop(&outputs->json);
    expect_close(&outputs->expect);
}

/* What became of the rules: in text, and in files. */
static int report_rules(struct expect *expect,
                        const struct session_result *result,
                        struct rvemu_error *error)
{
    if (!result->rules.passed && !result->rules.failed)
        return 0;
    fprintf(stderr, "emu: rules of %s\n", expect->path);
    rvemu_expect_print(expect->rules, stderr);
    return expect_write(expect, result, error);
}

static int report(struct outputs *outputs, const struct options *o,
                  struct session_result *result)
{
    struct outfile *json = &outputs->json;
    struct rvemu_error error;
    int failed;

    if (result->text[0] || result->report.lines || o->tlb_stats ||
        outputs->expect.rules)
        begin_line(result);
    if (result->text[0])
        fprintf(stderr, "emu: %s\n", result->text);
    for (unsigned i = 0; i < result->report.lines; i++)
        fprintf(stderr, "%s\n", result->report.line[i]);
    if (o->tlb_stats)
        tlb_counts_print(stderr, &result->tlb);
    failed = report_rules(&outputs->expect, result, &error);
    if (json->file)
        exit_json_write(json->file, result);
    if (!failed)
        failed = outfile_close(json, &error);
    give_up(outputs);
    if (!failed)
        return result->status;
    begin_line(result);
    return complain(error.text);
}

/* Says how it ended: with `failed`, by an error, which is the host's if there
 * is no reason yet; a file that could not be opened in time is the limit's. */
static int end(struct outputs *outputs, const struct session_config *config,
               struct session_result *result, bool failed,
               const struct rvemu_error *error)
{
    if (!failed)
        return report(outputs, config->options, result);
    if (!result->reason && loop_now() >= config->end) {
        result->status = STATUS_LIMIT;
        result->reason = "timeout";
        snprintf(result->text, sizeof(result->text),
                 "stopped by --timeout before the guest ran: %s", error->text);
        return report(outputs, config->options, result);
    }
    if (result->reason)
        report(outputs, config->options, result);
    give_up(outputs);
    begin_line(result);
    return complain(error->text);
}

/* Says what of the command line is not as one may think. */
static void tell(const struct options *o)
{
    char date[64];
    time_t epoch = (time_t)o->machine.epoch;
    struct tm tm;

    if (o->log_empty[0])
        fprintf(stderr,
                "emu: -d %s: there are no such events; -d help lists "
                "those there are\n",
                o->log_empty);
    if (!o->host_clock || !gmtime_r(&epoch, &tm) ||
        !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm))
        return;
    fprintf(stderr,
            "emu: the clock starts at the host's time; "
            "-rtc base=%s makes this run again\n",
            date);
}

static int write_pid(const char *path, struct rvemu_error *error)
{
    FILE *out = fopen(path, "w");

    if (out && fprintf(out, "%ld\n", (long)getpid()) > 0 && fclose(out) == 0)
        return 0;
    return rvemu_error_set(error, "cannot write %s: %s", path, strerror(errno));
}

static int run(const struct options *o)
{
    struct files files = {0};
    struct outputs outputs = {0};
    struct session_config config = {.options = o,
                                    .end = loop_deadline(o->timeout_ns)};
    struct session_result result = {0};
    struct rvemu_error error;
    struct alarm alarm;
    int failed;

    /* An output whose reader has gone, or that has reached a limit, is an error
     * of write(). */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (outputs_check(o, &error) < 0)
        return complain(error.text);
    alarm_start(&alarm, o->timeout_ns);
    config.alarm = &alarm;
    failed = expect_open(&outputs.expect, o, &error);
    config.rules = outputs.expect.rules;
    if (!failed && o->exit_json)
        failed =
            outfile_open(&outputs.json, o->exit_json, OUTFILE_AT_ONCE, &error);
    if (!failed)
        failed = choose(o, &files, &config, &error);
    if (!failed)
        tell(o);
    if (!failed && o->pidfile)
        failed = write_pid(o->pidfile, &error);
    if (!failed)
        failed = session_run(&config, &result, &error);
    if (o->pidfile)
        unlink(o->pidfile);
    close_files(&files);
    return end(&outputs, &config, &result, failed, &error);
}

/* No file of ours may take the place of a standard stream that was closed: a
 * descriptor that can be neither read nor written takes it, so that using the
 * stream stays the error that it was. */
static int hold_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH) < 0)
            return -1;
    return 0;
}

/* Prints what was asked for instead of a run: help, version, CPUs. */
static int print(void (*what)(FILE *out))
{
    what(stdout);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return STATUS_OK;
    return complain_of("cannot write stdout");
}

int main(int argc, char **argv)
{
    struct options options;
    struct rvemu_error error;

    if (hold_streams() < 0)
        return complain_of("cannot open /");
    if (options_parse(&options, argc, argv, &error) < 0)
        return complain(error.text);
    switch (options.action) {
    case OPTIONS_HELP: return print(options_print_help);
    case OPTIONS_VERSION: return print(options_print_version);
    case OPTIONS_CPUS: return print(options_print_cpus);
    case OPTIONS_DEVICES: return print(options_print_devices);
    case OPTIONS_MACHINES: return print(options_print_machines);
    case OPTIONS_EVENTS: return print(options_print_events);
    default: return run(&options);
    }
}
