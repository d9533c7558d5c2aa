/*
 * Commands of the monitor (cli/monitor.def), right, nearly right or not at all,
 * at a machine of two harts that runs in between, is watched, and has a history
 * to go back in. What must hold:
 *
 * - a line is obeyed, or refused with one line that people can read
 * - what is said is text, and the chosen hart is one that there is
 */
#include <stdio.h>

#include "cli/monitor_priv.h"
#include "input.h"

#define RAM 0x80000000ull
#define STEPS 300
#define LINES 60

static const char *const words[] = {
    "registers", "csr",      "mem",    "pte",        "walk",       "tlb",
    "harts",     "mtree",    "events", "symbols",    "spaces",     "frames",
    "cow",       "history",  "-a",     "-p",         "read",       "write",
    "exec",      "user",     "if",     "on",         "off",        "pte",
    "event",     "start",    "end",    "now",        "page_fault", "trap",
    "satp",      "retire",   "all",    "/16xw",      "/8i",        "/4c",
    "/s",        "/3ub",     "/t",     "$pc",        "$sp",        "$satp",
    "$a0",       "$mstatus", "$v",     "va",         "cause",      "=",
    "==",        "<<",       "(",      ")",          "*",          "-",
    "~",         "&&",       "/",      "0x80000000", "0x80001000", "0x1000",
    "8",         "1",        "0",
};

#define WORDS (sizeof(words) / sizeof(words[0]))

/* Nothing is written where inputs name the files. */
static int save(void *self, const char *path, struct rvemu_error *error)
{
    return rvemu_error_set(error, "no snapshots here");
}

static bool look(void *self)
{
    return true;
}

static struct names *no_names(void *self)
{
    return NULL;
}

static struct rvemu_symbols *symbols(void *self)
{
    return self;
}

static size_t count_rows(void)
{
    size_t rows = 0;

    while (monitor_rows[rows].name || monitor_rows[rows].help)
        rows++;
    return rows;
}

static void make_word(char *line, size_t room, struct input *in)
{
    u64 kind = take(in, 1);
    size_t used = strlen(line);

    if (kind < 160)
        snprintf(line + used, room - used, "%s%s", kind & 1 ? " " : "",
                 words[take(in, 1) % WORDS]);
    else if (kind < 200)
        snprintf(line + used, room - used, " %#llx",
                 (unsigned long long)take(in, kind % 9));
    else if (used + 2 < room) {
        line[used] = (char)(take(in, 1) % 126 + 1);
        line[used + 1] = '\0';
    }
}

static void make_line(char *line, size_t room, struct input *in)
{
    const struct monitor_row *row = &monitor_rows[take(in, 1) % count_rows()];
    unsigned count = (unsigned)take(in, 1) % 7;

    snprintf(line, room, "%s%s", row->is_info ? "info " : "",
             row->name ? row->name : "");
    if (row->name && count)
        strncat(line, " ", room - strlen(line) - 1);
    while (count--)
        make_word(line, room, in);
    line[strcspn(line, "\n")] = '\0';
}

/* What was ordered, for some steps. */
static void run(struct monitor *m)
{
    struct rvemu_stop stop;

    if (m->debugger)
        monitor_run_debugger(m, STEPS, &stop);
    else
        rvemu_run(m->machine, STEPS, &stop);
    m->is_stopped = true;
    m->is_ordered = m->is_ended = false;
}

static void converse(struct monitor *m, struct input *in)
{
    const struct monitor_row *row;
    struct rvemu_error error;
    char line[256];

    for (unsigned i = 0; i < LINES && in->at < in->end; i++) {
        make_line(line, sizeof(line), in);
        if (monitor_obey_line(m, line, &row, &error) < 0)
            expect_line(&error);
        expect(m->hart < rvemu_harts(m->machine));
        expect(!m->out.count || strlen(m->out.text) == m->out.count);
        m->out.count = 0;
        free(monitor_complete(m, line, 0, (unsigned)strlen(line),
                              (unsigned)take(in, 1) % 3));
        if (!m->is_stopped)
            run(m);
        m->out.count = 0;
    }
}

/* Loads and stores in a loop, with traps at every ecall. */
static rvemu *make_machine(void)
{
    static const u32 code[] = {
        0x00000297, /* auipc t0, 0 */
        0x02c28293, /* addi t0, t0, 44 */
        0x30529073, /* csrw mtvec, t0 */
        0x80001337, /* lui t1, 0x80001 */
        0x02031313, /* slli t1, t1, 32 */
        0x02035313, /* srli t1, t1, 32 */
        0x00130393, /* addi t2, t1, 1 */
        0x00733023, /* sd t2, 0(t1) */
        0x00033e03, /* ld t3, 0(t1) */
        0x00000073, /* ecall */
        0xff5ff06f, /* j -12 */
        0x34102ef3, /* csrr t4, mepc */
        0x004e8e93, /* addi t4, t4, 4 */
        0x341e9073, /* csrw mepc, t4 */
        0x30200073, /* mret */
    };
    const struct rvemu_config config = {.harts = 2, .ram_bytes = 8 << 20};
    const struct rvemu_guest guest = {
        .as = RVEMU_AS_MACHINE, .image = {.data = code, .size = sizeof(code)}};
    struct rvemu_error error;
    rvemu *machine;

    expect(rvemu_create(&config, &machine, &error) == 0);
    expect(rvemu_load(machine, &guest, &error) == 0);
    return machine;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static struct options options;
    static struct console console;
    static struct loop loop;
    struct input in = {data, data + size};
    const struct rvemu_image none = {0};
    struct rvemu_symbols *names = rvemu_symbols_new();
    const struct monitor_config config = {.options = &options,
                                          .begins = true,
                                          .console = &console,
                                          .look = look,
                                          .names = no_names,
                                          .symbols = symbols,
                                          .save = save,
                                          .program = &none,
                                          .self = names};
    rvemu *machine = make_machine();
    struct rvemu_error error;
    struct monitor *m;

    expect(freopen("/dev/null", "w", stdout) != NULL); /* of trace */
    loop_init(&loop, LOOP_NEVER);
    console.loop = &loop;
    expect(monitor_open(&m, &config, machine, &error) == 0);
    converse(m, &in);
    monitor_close(m);
    rvemu_destroy(machine);
    monitor_free(m);
    rvemu_symbols_free(names);
    return 0;
}
