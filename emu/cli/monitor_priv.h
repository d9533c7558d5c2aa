/*
 * What the files of the monitor share (monitor.h): monitor.c talks to whoever
 * types and runs the machine, monitor_commands.c finds and obeys a command;
 * the others have the commands, by what they are about.
 */
#ifndef CLI_MONITOR_PRIV_H
#define CLI_MONITOR_PRIV_H

#include <stddef.h>

#include "cli/backtrace.h"
#include "cli/monitor.h"
#include "host/prompt.h"

#define CSR_SATP 0x180
#define CSR_SSTATUS 0x100
#define PAGE UINT64_C(4096)
#define MONITOR_COLUMNS 80 /* lines are not wider, unless a name is */

/* A number that somebody has given a name: set $name = EXPR. */
#define MONITOR_NAME_MOST 32
struct monitor_variable {
    char name[MONITOR_NAME_MOST]; /* without the $ */
    uint64_t value;
};

/* Text that grows. What there is no memory for is left out. */
struct monitor_text {
    char *text; /* ends with a 0; NULL: empty */
    size_t count, room;
};

/* Where a command that goes on behind its last word begins. */
struct monitor_next {
    char format; /* of x and xp, as QEMU has them */
    unsigned size;
    uint64_t address; /* of x */
    uint64_t physical;
    uint64_t code;    /* of dis */
    const char *file; /* of list; the names' */
    unsigned line;
};

struct monitor {
    struct monitor_config config;
    rvemu *machine;
    unsigned hart;                   /* that commands are about */
    struct prompt prompt;            /* with has_prompt */
    struct rvemu_disasm *disasm;     /* NULL: not made yet */
    struct rvemu_debugger *debugger; /* NULL: likewise */
    struct monitor_condition *conditions;
    struct rvemu_symbols *program; /* the program's; NULL: not read yet */
    struct rvemu_scene *scene;     /* NULL: nobody has watched */
    struct rvemu_scene_options scene_options;
    struct rvemu_scene *left; /* of a machine before, which keeps its states */
    const struct rvemu_event *event; /* whose fields have names; or NULL */
    struct rvemu_event caught;       /* it was stopped for; kind 0: none */
    unsigned variables;
    struct monitor_variable variable[64];
    uint64_t undo[64]; /* positions before commands that moved it */
    unsigned undos;
    int until; /* a point that any stop takes away */

    bool has_prompt;
    bool is_apart;  /* its prompt is not the console's: -monitor stdio */
    bool is_on;     /* the console is the monitor's: Ctrl-A c */
    bool is_called; /* to be on; is_leaving: to be off, behind what was typed */
    bool is_leaving;
    bool is_ordered; /* what a command ordered is under way */
    bool is_stopped; /* the machine, for commands */
    bool is_ended;   /* the run, by a command */
    bool is_again;   /* the line is the last one: Enter */
    bool explains;   /* sentences are said as they are told */
    int trace;       /* the number of a subscription; 0: none */
    bool is_told;    /* where the machine has stopped */
    bool is_guest;   /* the line is somebody else's, who keeps the machine */
    bool has_met;    /* somebody has been greeted */
    bool has_end;    /* the machine has come to an end: `end` */
    struct rvemu_stop end;

    char *script_text; /* NULL: there is none */
    char *script;      /* what is left of it; NULL: nothing */
    unsigned line;     /* of it, that is obeyed */
    char failed[512];  /* why the script ends; empty: it does not */

    struct monitor_text out;    /* what the command has said so far */
    char last[PROMPT_LINE_MAX]; /* the line that Enter repeats */
    struct monitor_next next;
    unsigned complete_set; /* of symbols */
    size_t complete_at;    /* the candidate that is looked at next */
};

/* Adds to what the command says; a line ends with a newline. */
void monitor_say(struct monitor *monitor, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Has it written out, in the middle of a run: something is told. */
void monitor_tell(struct monitor *monitor);

/* ---- commands ---- */

/* Obeys a command: text is what follows its name, without blanks in front.
 * Returns 0, or -1 with error. */
typedef int monitor_fn(struct monitor *monitor, const char *text,
                       struct rvemu_error *error);

enum monitor_repeat {
    MONITOR_ONCE,
    MONITOR_AGAIN,  /* Enter does the same */
    MONITOR_FURTHER /* Enter does it without arguments: it goes on */
};

/* A row of monitor.def. */
struct monitor_row {
    bool is_info; /* behind `info` */
    const char *name, *arguments, *help, *more;
    monitor_fn *obey;
    enum monitor_repeat repeat;
    bool runs;         /* it has the machine run */
    const char *means; /* an alias: of this; it has no other member */
};

extern const struct monitor_row monitor_rows[];

/* monitor_do_NAME() and monitor_info_NAME() for every row that has one. */
#define COMMAND(name, function, arguments, repeat, help, more) \
    monitor_fn monitor_do_##function;
#define RUN(name, function, arguments, help, more) \
    monitor_fn monitor_do_##function;
#define INFO(name, function, arguments, help, more) \
    monitor_fn monitor_info_##function;
#define ALIAS(name, of)
#include "cli/monitor.def"

/* The row that a word of this length means, by its whole name or by what no
 * other begins with; NULL with error. */
const struct monitor_row *monitor_find(bool is_info, const char *word,
                                       size_t length,
                                       struct rvemu_error *error);

/* Obeys a line. Returns 0, or -1 with error; *found is its row, or NULL. */
int monitor_obey_line(struct monitor *monitor, const char *line,
                      const struct monitor_row **found,
                      struct rvemu_error *error);

/* What may stand in the place of text[start] up to text[end], the n-th of it,
 * in memory of malloc(); NULL: no more. (self is the monitor.) */
char *monitor_complete(void *self, const char *text, unsigned start,
                       unsigned end, unsigned n);

/* ---- stopping (monitor_stops.c) ---- */

/* Takes away the point of an `until` that something else has stopped. */
void monitor_drop_until(struct monitor *monitor);

/* Runs the machine by its debugger; a stop is said, and the machine stopped. */
void monitor_run_debugger(struct monitor *monitor, uint64_t steps,
                          struct rvemu_stop *stop);

/* Says why the machine has stopped, and where. */
void monitor_say_stop(struct monitor *monitor,
                      const struct rvemu_debug_stop *stop);
void monitor_say_point(struct monitor *monitor, int number);
void monitor_free_points(struct monitor *monitor);

/* The line of the source of a hart's code: a rvemu_debug_place_fn. */
bool monitor_find_line(void *self, unsigned hart, uint64_t pc,
                       struct rvemu_place *place);

/* The value of a field of the event that is looked at. */
bool monitor_event_field(const struct monitor *monitor, const char *name,
                         size_t length, uint64_t *value);

/* The kind of event of this name; -1 with error. */
int monitor_event_kind(const char *name, size_t length,
                       struct rvemu_error *error);

/* Makes the debugger, unless it is there. Returns 0, or -1 with error. */
int monitor_need_debugger(struct monitor *monitor, struct rvemu_error *error);

/* Returns 0, or -1 with error: gdb has the machine. */
int monitor_is_alone(const struct monitor *monitor, struct rvemu_error *error);

/* Reads what a point is of. Returns 0, or -1 with error. */
enum monitor_point {
    MONITOR_BREAK,
    MONITOR_WATCH,
    MONITOR_RWATCH,
    MONITOR_AWATCH,
    MONITOR_CATCH,
    MONITOR_PTE
};
int monitor_read_point(struct monitor *monitor, enum monitor_point kind,
                       const char *text, struct rvemu_point *point,
                       struct rvemu_error *error);

/* ---- the scene (monitor_scene.c) ---- */

/* Has a scene watch the machine, which has not run yet. Where that cannot be
 * there is none. */
void monitor_begin_scene(struct monitor *monitor);

/* The machine is about to go: there is no scene any more. It is freed when the
 * machine, whose history has states of it, is gone. */
void monitor_leave_scene(struct monitor *monitor);
void monitor_free_scene(struct monitor *monitor);

/* ---- history (monitor_time.c) ---- */

/* Begins it, if it is not kept yet. */
void monitor_begin_history(struct monitor *monitor);

/* A command is about to move the machine: undo comes back to here. */
void monitor_note_position(struct monitor *monitor);

/* The first position that one can go to. */
uint64_t monitor_first_position(const struct monitor *monitor);

/* ---- what commands are made of ---- */

/* Takes a word off *text, which moves behind it and the blanks that follow;
 * its length, 0: there is none. */
size_t monitor_word(const char **text, const char **word);

/* Whether the word of this length is that one. */
bool monitor_is(const char *word, size_t length, const char *wanted);

/* Reads an expression at *text, which moves behind it and the blanks that
 * follow. Returns 0, or -1 with error. */
int monitor_value(struct monitor *monitor, const char **text, uint64_t *value,
                  struct rvemu_error *error);

/* The same, and nothing may follow. */
int monitor_value_only(struct monitor *monitor, const char *text,
                       uint64_t *value, struct rvemu_error *error);

/* Refuses whatever is left. */
int monitor_nothing(const char *text, struct rvemu_error *error);

/* A register of the hart by its name, of this length: x0 or zero, f0 or ft0,
 * pc, priv, a CSR. */
enum monitor_kind {
    MONITOR_X,
    MONITOR_F,
    MONITOR_PC,
    MONITOR_PRIV,
    MONITOR_CSR
};
bool monitor_register(const char *name, size_t length, enum monitor_kind *kind,
                      unsigned *number);
int monitor_read_register(const struct monitor *monitor, enum monitor_kind kind,
                          unsigned number, uint64_t *value);
/* The variable of this name; NULL: there is none. */
struct monitor_variable *monitor_variable(struct monitor *monitor,
                                          const char *name, size_t length);
const char *monitor_x_name(unsigned number);
const char *monitor_f_name(unsigned number);

/* What satp says for the hart now: 0 in M-mode, which goes by none. */
uint64_t monitor_satp(const struct monitor *monitor);

/* The hart's satp, whatever its privilege. */
uint64_t monitor_satp_as_is(const struct monitor *monitor);

/* Reads RAM by virtual addresses of the hart. Returns how many bytes it could
 * read. */
size_t monitor_read(const struct monitor *monitor, uint64_t va, void *bytes,
                    size_t count);

/* The symbols of the program that is run; NULL: there are none. */
struct rvemu_symbols *monitor_program(struct monitor *monitor);

/* Who can answer for names. */
struct scene monitor_scene(const struct monitor *monitor);

/* Writes where an address of the hart's code is: "uvmcopy (vm.c:310)", or
 * nothing. */
void monitor_place(const struct monitor *monitor, uint64_t pc,
                   char out[PLACE_MAX]);

/* Says where the hart is: its address, place and instruction. */
void monitor_say_hart(struct monitor *monitor, unsigned hart);

/* Writes the instruction at va; its length, 0: there is none to be read. */
unsigned monitor_insn(struct monitor *monitor, uint64_t va,
                      char out[RVEMU_DISASM_TEXT + 16]);

#endif
