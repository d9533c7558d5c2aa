/* The command line of emu. The table of options is in options.c. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdio.h>

#include <rvemu/explain.h>
#include <rvemu/rvemu.h>

enum options_action {
    OPTIONS_RUN,
    OPTIONS_HELP,
    OPTIONS_VERSION,
    OPTIONS_CPUS,     /* -cpu help */
    OPTIONS_DEVICES,  /* -device help */
    OPTIONS_MACHINES, /* -machine help */
    OPTIONS_EVENTS    /* -d help */
};
enum options_serial {
    OPTIONS_MON_STDIO,
    OPTIONS_STDIO,
    OPTIONS_FILE,
    OPTIONS_PTY,
    OPTIONS_NULL,
    OPTIONS_CHARDEV /* while options are read */
};
enum options_color { OPTIONS_COLOR_AUTO, OPTIONS_COLOR_ON, OPTIONS_COLOR_OFF };

#define OPTIONS_CPU_MAX 1024
#define OPTIONS_LOG_MAX 1024
#define OPTIONS_PATH_MAX 4096 /* Linux takes no longer one */
#define OPTIONS_SYMBOLS_MAX 32

/* One --symbols: FILE or DIR, and what is added to the addresses in it. */
struct options_symbols {
    const char *text; /* all of the value, for messages */
    int length;       /* of text up to the @: the path */
    bool has_base;
    uint64_t base;
};

#define OPTIONS_DRIVES_MAX 16
#define OPTIONS_ID_MAX 64

/* One -drive. */
struct options_drive {
    struct rvemu_list_item file; /* its value is the path, commas doubled */
    char id[OPTIONS_ID_MAX];     /* empty: none */
    bool is_device;              /* if=virtio: it needs no -device */
    bool is_implied;             /* no if=: unless one names it */
    struct rvemu_disk_options how;
};

/* One -device that goes into a virtio slot. */
struct options_plug {
    enum rvemu_virtio_kind kind;
    int slot;                     /* bus=virtio-mmio-bus.N; -1: any */
    char drive[OPTIONS_ID_MAX];   /* of a disk: the drive's id */
    char chardev[OPTIONS_ID_MAX]; /* of a virtconsole in it; empty: none */
    char serial[RVEMU_VIRTIO_SERIAL_MAX + 1];
};

/* Where commands for the monitor are typed. */
enum options_monitor {
    OPTIONS_MONITOR_NONE,
    OPTIONS_MONITOR_SHARES, /* on the console, behind Ctrl-A c */
    OPTIONS_MONITOR_STDIO   /* at standard input, which the console has not */
};

#define OPTIONS_CHARDEVS_MAX 16

/* A -serial, or a -chardev. */
struct options_stream {
    enum options_serial kind;
    char id[OPTIONS_ID_MAX];     /* a -chardev's own, or that of _CHARDEV */
    bool mux;                    /* _STDIO of a -chardev: Ctrl-A commands */
    char path[OPTIONS_PATH_MAX]; /* with _FILE */
    bool append;
    char log[OPTIONS_PATH_MAX]; /* a file that gets what is written, too; empty:
                                 * none */
    bool log_append;
};

/* Where the guest prints by semihosting. */
enum options_hosted {
    OPTIONS_HOSTED_CONSOLE, /* where the serial line does */
    OPTIONS_HOSTED_ALONE,   /* on a console that nothing else prints on: the
                             * serial line leads nowhere */
    OPTIONS_HOSTED_APART    /* elsewhere: `semihosting` */
};

/* -gdb: where a debugger may connect. */
struct options_gdb {
    bool is_given;
    char host[OPTIONS_ID_MAX]; /* empty: none was named */
    char port[8];
    char path[104]; /* of a socket; empty: none, TCP */
    bool waits;     /* -S, with which nothing runs before a debugger says so */
};

#define OPTIONS_LOADS_MAX 16

/* One -device loader. */
struct options_load {
    char path[OPTIONS_PATH_MAX]; /* empty: no file */
    uint8_t data[8];             /* as many bytes as `extra` says, instead */
    struct rvemu_extra extra;    /* but for what is in the image */
};

#define OPTIONS_MILESTONES_MAX 64

/* One --milestone. */
struct options_milestone {
    char name[OPTIONS_ID_MAX];
    const char *pattern;
};

/* --expect. */
struct options_expect {
    char rules[OPTIONS_PATH_MAX];      /* empty: not given … */
    char junit[OPTIONS_PATH_MAX];      /* … and of these, none is written */
    char gradescope[OPTIONS_PATH_MAX]; /* likewise */
};

/* --trace, or --on-fail. */
struct options_trace {
    char path[OPTIONS_PATH_MAX]; /* empty: not given */
    rvemu_event_set kinds;       /* 0: all but those of every instruction */
    uint64_t from, to;           /* machine time in ns */
    uint64_t keep;               /* bytes of the end; 0: everything */
    bool replay;                 /* the machine is in it, too … */
    uint64_t replay_bytes;       /* … in at most so many; 0: the usual */
};

/* --snapshot=FILE. */
struct options_snapshot {
    char path[OPTIONS_PATH_MAX]; /* empty: not given */
    bool has_at;
    uint64_t at;   /* steps; without, at the end */
    bool is_plain; /* not packed */
};

/* What the command line says. Strings point into argv; NULL: not given. */
struct options {
    enum options_action action;

    const char *guest; /* the argument that is no option, or -kernel's */
    bool is_kernel;    /* -kernel's: it may be a raw binary */
    char **guest_argv; /* what follows it, guest_argc strings */
    int guest_argc;
    enum rvemu_as as;
    const char *bios; /* a file; NULL with bios_none false: the bundled one */
    bool bios_none;
    const char *initrd;
    const char *append;
    const char *dtb;

    struct rvemu_config machine; /* but its host, cpu and open disks */
    bool host_clock;             /* whose epoch is the host's time */
    const char *cpu;             /* at most OPTIONS_CPU_MAX bytes */
    bool svade;
    bool tlb_stats; /* what is counted of the TLBs is printed */

    unsigned drives_count;
    struct options_drive drive[OPTIONS_DRIVES_MAX];
    unsigned plugs_count;
    struct options_plug plug[RVEMU_VIRTIO_SLOTS];
    unsigned loads_count;
    struct options_load load[OPTIONS_LOADS_MAX];
    bool snapshot; /* of every drive */
    struct options_snapshot save;
    const char *restore;
    struct rvemu_snapshot *restored; /* that one, open; main()'s */
    const char *record;
    const char *replay;
    struct rvemu_replay *replayed; /* likewise */
    /* What follows from these, for the slots of `machine`, whose kinds it
     * settles: the place of the drive in each. */
    unsigned slot_drive[RVEMU_VIRTIO_SLOTS];

    struct options_stream serial;
    unsigned serials;  /* how many were given */
    const char *accel; /* that there is not, if no other was named */
    bool has_accel;
    const char *pidfile;
    bool nographic;
    bool piped_escapes;            /* the command line asks for Ctrl-A commands,
                                    * as QEMU takes them from anywhere */
    bool has_monitor;              /* something was said of one … */
    struct options_stream monitor; /* … namely this */
    enum options_monitor monitor_at;
    const char *script; /* a file of commands for it */
    unsigned chardevs_count;
    struct options_stream chardev[OPTIONS_CHARDEVS_MAX];
    char semihosting_id[OPTIONS_ID_MAX]; /* of a -chardev; empty: none */
    enum options_hosted hosted;
    struct options_stream semihosting;
    bool quiet;
    const char *input; /* a script */
    bool no_reboot;
    struct options_gdb gdb;

    uint64_t max_insns;  /* 0: no limit */
    uint64_t timeout_ns; /* of host time; 0: no limit */
    const char *stop_on;
    const char *fail_on;
    unsigned milestones;
    struct options_milestone milestone[OPTIONS_MILESTONES_MAX];

    unsigned symbols_count;
    struct options_symbols symbols[OPTIONS_SYMBOLS_MAX];
    char log[OPTIONS_LOG_MAX];       /* -d, in emu's words; empty: nothing */
    char log_empty[OPTIONS_LOG_MAX]; /* what of it there are no events for */
    const char *log_file;            /* -D */
    bool log_commits;
    const char *commits_file; /* NULL: where -d goes */
    bool explain;
    struct rvemu_explain_options explained; /* but line, arg, color and
                                             what is about frames */
    const char *frames; /* of the kernel's allocator; NULL: none */
    bool check_refs;    /* --check names refs, which needs them */
    struct options_expect expect;
    enum options_color color;
    struct options_trace trace, on_fail;
    const char *trace_hash;          /* kinds to be hashed; NULL: none */
    char dump_dtb[OPTIONS_PATH_MAX]; /* a file; empty: not given */
    const char *exit_json;
    const char *signature;
    unsigned signature_line; /* bytes */
};

/* Reads argv[1] to argv[argc - 1] up to the guest and its arguments. Returns
 * 0, or -1 with the line that says which option is wrong and how. */
int options_parse(struct options *options, int argc, char **argv,
                  struct rvemu_error *error);

/* The same, where the machine is `machine` as long as nothing else is said of
 * it: what it leads to stays in use. */
int options_parse_over(struct options *options, int argc, char **argv,
                       const struct rvemu_config *machine,
                       struct rvemu_error *error);

/* Whether sentences are asked for: --explain, --frames or --check. */
bool options_explains(const struct options *options);

void options_print_help(FILE *out);
void options_print_version(FILE *out);
void options_print_cpus(FILE *out);
void options_print_devices(FILE *out);
void options_print_machines(FILE *out);
void options_print_events(FILE *out);

#endif
