/*
 * Command line: one table of options, from which parsing and -help both come.
 *
 * Spellings are QEMU's where QEMU has the option, with one dash or two, the
 * value in the next argument or after `=`. Parsing stops at the first
 * argument that is no option: that is the guest, and the rest is the guest's.
 * Nothing is ignored in silence: what users of QEMU will try and emu does not
 * have yet stands in the table as UNBUILT and is refused by name. Values that
 * say what the machine is are read in options_machine.c. There are no
 * abbreviations (which is why this is not getopt_long_only), so that a new
 * option can never change the meaning of an old command line.
 */
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_priv.h"

#define SECONDS_MAX 1e9
#define SIGNATURE_LINE 4
#define SIGNATURE_LINE_MAX 16

enum kind {
    FLAG,    /* sets a bool */
    STRING,  /* keeps its value */
    CALL,    /* its function reads its value */
    OPTION,  /* the same, but the value may be left out: NULL */
    SWITCH,  /* calls its function; takes no value */
    UNBUILT, /* known and refused */
};

struct row {
    const char *name;
    enum kind kind;
    size_t member; /* FLAG, STRING: where in struct options */
    int (*call)(struct options *options, const char *value,
                struct rvemu_error *error);
    const char *value; /* how -help names the value */
    const char *help;
};

int options_refuse(struct rvemu_error *error, const char *option,
                   const char *value, const char *instead)
{
    return rvemu_error_set(error, "%s %s: %s", option, *value ? value : "''",
                           instead);
}

bool options_read_number(const char *text, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 0);
    return isdigit((unsigned char)*text) && *end == '\0' && errno == 0;
}

static int set_bios(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    o->bios_none = !strcmp(value, "none");
    o->bios = o->bios_none || !strcmp(value, "default") ? NULL : value;
    return 0;
}

static int set_serial(struct options *o, const char *value,
                      struct rvemu_error *error)
{
    if (!strcmp(value, "mon:stdio")) {
        o->serial = OPTIONS_MON_STDIO;
    } else if (!strcmp(value, "stdio")) {
        o->serial = OPTIONS_STDIO;
    } else if (!strncmp(value, "file:", 5) && value[5]) {
        o->serial = OPTIONS_FILE;
        o->serial_file = value + 5;
    } else {
        return options_refuse(error, "-serial", value,
                              "say mon:stdio, stdio or file:PATH");
    }
    return 0;
}

static int set_display(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    if (strcmp(value, "none") != 0)
        return options_refuse(error, "-display", value,
                              "there is none but 'none' yet");
    return 0;
}

static int set_engine(struct options *o, const char *value,
                      struct rvemu_error *error)
{
    if (!strcmp(value, "jit"))
        return options_refuse(error, "--engine", value, "is not supported yet");
    if (strcmp(value, "interp") != 0)
        return options_refuse(error, "--engine", value, "say interp");
    return 0;
}

static int set_as(struct options *o, const char *value,
                  struct rvemu_error *error)
{
    static const char *const names[] = {
        [RVEMU_AS_AUTO] = "auto",
        [RVEMU_AS_MACHINE] = "machine",
        [RVEMU_AS_KERNEL] = "kernel",
        [RVEMU_AS_USER] = "user",
    };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!strcmp(value, names[i])) {
            o->as = (enum rvemu_as)i;
            return 0;
        }
    }
    return options_refuse(error, "--as", value,
                          "say machine, kernel, user or auto");
}

static int set_kernel(struct options *o, const char *value,
                      struct rvemu_error *error)
{
    o->guest = value;
    return 0;
}

static int set_seed(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    if (!options_read_number(value, &o->machine.seed))
        return options_refuse(error, "--seed", value, "not a number");
    return 0;
}

static int set_max_insns(struct options *o, const char *value,
                         struct rvemu_error *error)
{
    if (!options_read_number(value, &o->max_insns) || o->max_insns == 0)
        return options_refuse(error, "--max-insns", value,
                              "not a number above 0");
    return 0;
}

static int set_test_move(struct options *o, const char *value,
                         struct rvemu_error *error)
{
    if (!options_read_number(value, &o->machine.test_move) ||
        o->machine.test_move == 0)
        return options_refuse(error, "--test-move", value,
                              "not a number above 0");
    return 0;
}

static int set_timeout(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    char *end;
    double seconds = strtod(value, &end);

    if (end == value || *end || !(seconds > 0) || seconds > SECONDS_MAX)
        return options_refuse(error, "--timeout", value,
                              "not a number of seconds above 0");
    o->timeout_ns = (uint64_t)(seconds * 1e9);
    return 0;
}

static int set_explain(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    if (!value || !strcmp(value, "short"))
        o->explain = OPTIONS_EXPLAIN_SHORT;
    else if (!strcmp(value, "full"))
        o->explain = OPTIONS_EXPLAIN_FULL;
    else
        return options_refuse(error, "--explain", value, "say short or full");
    return 0;
}

static int set_color(struct options *o, const char *value,
                     struct rvemu_error *error)
{
    if (!value || !strcmp(value, "always"))
        o->color = OPTIONS_COLOR_ON;
    else if (!strcmp(value, "never"))
        o->color = OPTIONS_COLOR_OFF;
    else if (!strcmp(value, "auto"))
        o->color = OPTIONS_COLOR_AUTO;
    else
        return options_refuse(error, "--color", value,
                              "say auto, always or never");
    return 0;
}

static int set_log_commits(struct options *o, const char *value,
                           struct rvemu_error *error)
{
    o->log_commits = true;
    o->commits_file = value;
    return 0;
}

static int set_trace_hash(struct options *o, const char *value,
                          struct rvemu_error *error)
{
    o->trace_hash = value ? value : "all";
    return 0;
}

static int set_signature_line(struct options *o, const char *value,
                              struct rvemu_error *error)
{
    uint64_t line;

    if (!options_read_number(value, &line) || !line ||
        line > SIGNATURE_LINE_MAX || line & (line - 1))
        return options_refuse(error, "--signature-granularity", value,
                              "say 1, 2, 4, 8 or 16");
    o->signature_line = (unsigned)line;
    return 0;
}

static int set_help(struct options *o, const char *value,
                    struct rvemu_error *error)
{
    o->action = OPTIONS_HELP;
    return 0;
}

static int set_version(struct options *o, const char *value,
                       struct rvemu_error *error)
{
    o->action = OPTIONS_VERSION;
    return 0;
}

/* Accepted because it asks for what is so anyway. */
static int nothing(struct options *o, const char *value,
                   struct rvemu_error *error)
{
    return 0;
}

#define AT(member) offsetof(struct options, member)

/* Rows without help are second spellings. */
static const struct row table[] = {
    {"help", SWITCH, 0, set_help, NULL, "this list"},
    {"h", SWITCH, 0, set_help, NULL, NULL},
    {"version", SWITCH, 0, set_version, NULL, "the version"},

    {"M", CALL, 0, options_set_machine, "virt", "the machine, the only one"},
    {"machine", CALL, 0, options_set_machine, NULL, NULL},
    {"cpu", CALL, 0, options_set_cpu, "rv64[,NAME=on|off]…",
     "the CPU, and extensions to turn on or off; help lists them"},
    {"m", CALL, 0, options_set_memory, "SIZE",
     "RAM, in MiB or with K, M, G (128M)"},
    {"smp", CALL, 0, options_set_smp, "N|cpus=N", "how many harts, 1 to 8 (1)"},
    {"bios", CALL, 0, set_bios, "none|default|FILE",
     "M-mode firmware: no, the bundled one, or this"},
    {"kernel", CALL, 0, set_kernel, "FILE", "the guest, as without -kernel"},
    {"initrd", STRING, AT(initrd), NULL, "FILE", "initial file system"},
    {"append", STRING, AT(append), NULL, "TEXT", "the kernel's command line"},
    {"dtb", STRING, AT(dtb), NULL, "FILE", "this device tree, not our own"},
    {"as", CALL, 0, set_as, "machine|kernel|user|auto",
     "what to take the guest for"},
    {"svade", FLAG, AT(svade), NULL, NULL,
     "page faults instead of A/D updates"},
    {"tlb", CALL, 0, options_set_tlb, "cache-invalid",
     "the TLB keeps what is not valid, too, until a fence (no Svvptc)"},
    {"strict-pma", FLAG, AT(machine.hart.strict_pma), NULL, NULL,
     "AMOs to devices are access faults"},
    {"seed", CALL, 0, set_seed, "N",
     "for /chosen/rng-seed and the turns of harts (0)"},
    {"quantum", CALL, 0, options_set_quantum, "N",
     "each turn of a hart is N steps, not drawn"},
    {"engine", CALL, 0, set_engine, "interp", "how instructions are executed"},

    {"nographic", SWITCH, 0, nothing, NULL, "no window, as always"},
    {"display", CALL, 0, set_display, "none", "no window"},
    {"serial", CALL, 0, set_serial, "mon:stdio|stdio|file:PATH",
     "the console: with Ctrl-A commands, without, or into a file"},
    {"no-reboot", FLAG, AT(no_reboot), NULL, NULL, "a reset ends the run"},

    {"max-insns", CALL, 0, set_max_insns, "N",
     "end after N instructions of all harts, status 124"},
    {"timeout", CALL, 0, set_timeout, "SECONDS", "end then, status 124"},
    {"stop-on", STRING, AT(stop_on), NULL, "REGEX",
     "end when a line of output matches, status 0"},
    {"fail-on", STRING, AT(fail_on), NULL, "REGEX", "the same, status 1"},

    {"d", STRING, AT(log), NULL, "LIST", "print events of these kinds"},
    {"D", STRING, AT(log_file), NULL, "FILE", "into this file, not stderr"},
    {"log-commits", OPTION, 0, set_log_commits, "[=FILE]",
     "print what each instruction does, as Spike does, into FILE or as -d"},
    {"explain", OPTION, 0, set_explain, "[=short|full]",
     "say what forks, faults and copies do, on stderr"},
    {"color", OPTION, 0, set_color, "[=auto|always|never]", "on stderr"},
    {"trace-hash", OPTION, 0, set_trace_hash, "[=LIST]",
     "print a hash of events at the end: all, or these"},
    {"dump-dtb", STRING, AT(dump_dtb), NULL, "FILE",
     "write the device tree, run nothing"},
    {"test-move", CALL, 0, set_test_move, "N",
     "every N steps go on in a fresh machine, which tests emu itself"},
    {"exit-json", STRING, AT(exit_json), NULL, "FILE",
     "write how the run ended"},
    {"signature", STRING, AT(signature), NULL, "FILE",
     "write what is from begin_signature to end_signature"},
    {"signature-granularity", CALL, 0, set_signature_line, "1|2|4|8|16",
     "bytes a line of it (4)"},

    {"drive", UNBUILT, 0, NULL, NULL, NULL},
    {"device", UNBUILT, 0, NULL, NULL, NULL},
    {"global", UNBUILT, 0, NULL, NULL, NULL},
    {"object", UNBUILT, 0, NULL, NULL, NULL},
    {"netdev", UNBUILT, 0, NULL, NULL, NULL},
    {"monitor", UNBUILT, 0, NULL, NULL, NULL},
    {"rtc", UNBUILT, 0, NULL, NULL, NULL},
    {"s", UNBUILT, 0, NULL, NULL, NULL},
    {"S", UNBUILT, 0, NULL, NULL, NULL},
    {"gdb", UNBUILT, 0, NULL, NULL, NULL},
    {"icount", UNBUILT, 0, NULL, NULL, NULL},
    {"trace", UNBUILT, 0, NULL, NULL, NULL},
    {"check", UNBUILT, 0, NULL, NULL, NULL},
    {"clock", UNBUILT, 0, NULL, NULL, NULL},
    {"input", UNBUILT, 0, NULL, NULL, NULL},
    {"record", UNBUILT, 0, NULL, NULL, NULL},
    {"replay", UNBUILT, 0, NULL, NULL, NULL},
    {"snapshot", UNBUILT, 0, NULL, NULL, NULL},
    {"restore", UNBUILT, 0, NULL, NULL, NULL},
    {"parallel", UNBUILT, 0, NULL, NULL, NULL},
};

#define ROWS (sizeof(table) / sizeof(table[0]))

/* The row of a name of this length, or NULL. */
static const struct row *find_row(const char *name, size_t length)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strlen(table[i].name) == length &&
            !memcmp(table[i].name, name, length))
            return &table[i];
    return NULL;
}

static bool wants_value(const struct row *row)
{
    return row->kind == STRING || row->kind == CALL;
}

static int apply(const struct row *row, struct options *options,
                 const char *value, struct rvemu_error *error)
{
    char *base = (char *)options;

    switch (row->kind) {
    case FLAG: *(bool *)(base + row->member) = true; return 0;
    case STRING: *(const char **)(base + row->member) = value; return 0;
    default: return row->call(options, value, error);
    }
}

/* Reads the option at argv[*at] and moves *at past it. */
static int parse_option(struct options *options, int argc, char **argv, int *at,
                        struct rvemu_error *error)
{
    const char *option = argv[(*at)++];
    const char *name = option + (option[1] == '-' ? 2 : 1);
    size_t length = strcspn(name, "=");
    const char *value = name[length] ? name + length + 1 : NULL;
    int dashed = (int)(name - option + (ptrdiff_t)length);
    const struct row *row = find_row(name, length);

    if (!row)
        return rvemu_error_set(error,
                               "%.*s: no such option; emu -help lists them",
                               dashed, option);
    if (row->kind == UNBUILT)
        return rvemu_error_set(error, "%.*s is not supported yet", dashed,
                               option);
    if (value && (row->kind == FLAG || row->kind == SWITCH))
        return rvemu_error_set(error, "%.*s takes no value", dashed, option);
    if (!value && wants_value(row)) {
        if (*at == argc)
            return rvemu_error_set(error, "%s needs a value: %s", option,
                                   row->value ? row->value : "see -help");
        value = argv[(*at)++];
    }
    return apply(row, options, value, error);
}

/* What no single option can be blamed for. */
static int check_together(const struct options *o, struct rvemu_error *error)
{
    if (o->dtb && o->as == RVEMU_AS_USER)
        return rvemu_error_set(error, "-dtb and --as user do not go together");
    if (o->log && o->log_file && o->commits_file &&
        !strcmp(o->log_file, o->commits_file))
        return rvemu_error_set(error,
                               "-D and --log-commits name the same file: "
                               "leave it out of one of them");
    if (!o->guest && o->as != RVEMU_AS_AUTO)
        return rvemu_error_set(error, "--as needs a guest");
    if (o->bios_none && o->as == RVEMU_AS_KERNEL)
        return rvemu_error_set(error,
                               "a kernel needs a firmware: -bios none and "
                               "--as kernel do not go together");
    return 0;
}

int options_parse(struct options *options, int argc, char **argv,
                  struct rvemu_error *error)
{
    int at = 1;

    *options = (struct options){.machine.ram_bytes = RVEMU_RAM_DEFAULT,
                                .machine.harts = 1,
                                .signature_line = SIGNATURE_LINE};
    while (at < argc && argv[at][0] == '-' && argv[at][1]) {
        if (!strcmp(argv[at], "--")) {
            at++;
            break;
        }
        if (parse_option(options, argc, argv, &at, error) < 0)
            return -1;
        if (options->action != OPTIONS_RUN)
            return 0;
    }
    if (at < argc) {
        if (options->guest)
            return rvemu_error_set(error,
                                   "-kernel %s and %s: one guest is enough",
                                   options->guest, argv[at]);
        options->guest = argv[at++];
        options->guest_argv = argv + at;
        options->guest_argc = argc - at;
    }
    return check_together(options, error);
}

static void print_event_kinds(FILE *out)
{
    fputs("\nKinds of events for -d and -trace-hash, with commas between them; "
          "\n'commit' stands for retire, load, store and csr_write, 'all' for "
          "the others:\n",
          out);
    for (unsigned kind = 1; kind < RVEMU_EVENT_KINDS; kind++) {
        const struct rvemu_event_info *info = rvemu_event_info(kind);

        if (info)
            fprintf(out, "  %-26s %s\n", info->name, info->what);
    }
}

void options_print_help(FILE *out)
{
    fputs("usage: emu [options] [guest.elf [argument ...]]\n"
          "Runs a guest on a RISC-V machine (QEMU's virt). Without one, boots "
          "the bundled\nkernel to a shell. Options, with one dash or two:\n\n",
          out);
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *row = &table[i];
        char left[64];

        if (!row->help)
            continue;
        snprintf(left, sizeof(left), "-%s%s%s", row->name,
                 row->value && row->kind != OPTION ? " " : "",
                 row->value ? row->value : "");
        if (strlen(left) > 26)
            fprintf(out, "  %s\n  %26s %s\n", left, "", row->help);
        else
            fprintf(out, "  %-26s %s\n", left, row->help);
    }
    print_event_kinds(out);
    fputs("\nOn the console, Ctrl-A h lists the Ctrl-A commands.\n"
          "Status: 0 pass, the guest's own code when it fails, 1 --fail-on or "
          "a guest that\ncannot go on, 124 limit or deadlock, 125 usage or "
          "host error, 128 + n signal n.\n",
          out);
}

void options_print_version(FILE *out)
{
    fprintf(out, "QEMU emulator version 10.0.0 (emu %s)\n", RVEMU_VERSION);
}

/* One name behind the other, in lines. */
static void print_name(FILE *out, const char *name, unsigned *column)
{
    if (*column + strlen(name) > 76) {
        fprintf(out, "\n");
        *column = 0;
    }
    *column += (unsigned)fprintf(out, "  %s", name);
}

void options_print_cpus(FILE *out)
{
    unsigned column = 0;

    fprintf(out, "Available CPUs:\n");
    for (unsigned i = 0; rvemu_cpu_model(i); i++)
        fprintf(out, "  %s\n", rvemu_cpu_model(i));
    fprintf(out, "Extensions, to be turned on or off behind it, "
                 "as in rv64,zba=off:\n");
    for (unsigned i = 0; rvemu_cpu_extension(i); i++)
        print_name(out, rvemu_cpu_extension(i), &column);
    fprintf(out, "\n");
}
