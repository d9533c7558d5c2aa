/* A debugger at a machine; see gdb.h. */
#include "cli/gdb.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/gdb_link.h"
#include "cli/gdb_state.h"

#define BREAKPOINTS_MAX 256
#define LOOK_NS 50000000u /* how often the host is looked at, when stopped */
#define NO_HART UINT32_MAX
#define SIGNAL_INT 2
#define SIGNAL_TRAP 5
#define SIGNAL_ABORT 6

struct gdb {
    struct gdb_config config;
    struct gdb_link link;
    rvemu *machine;
    bool is_connected;
    bool is_stopped;
    bool is_held;     /* since reset, by config.waits */
    bool is_ended;    /* the run, by the debugger */
    bool is_silent;   /* the packet is answered by the next stop */
    bool end_is_told; /* of a machine that cannot get on */
    unsigned hart;    /* what is asked is about it */
    unsigned stepped; /* a hart that stops after its next step, or NO_HART */
    unsigned signal;  /* why it stopped */
    unsigned breakpoints;
    uint64_t breakpoint[BREAKPOINTS_MAX];
    char *description;
    char reply[GDB_LINK_TEXT + 1];
};

/* A number in hex at *text, which is moved behind it. */
static uint64_t take_number(const char **text)
{
    char *end;
    uint64_t value = strtoull(*text, &end, 16);

    *text = end;
    return value;
}

/* Moves *text behind this character. False: another one is there. */
static bool take(const char **text, char wanted)
{
    if (**text != wanted)
        return false;
    (*text)++;
    return true;
}

static bool begins(const char **text, const char *with)
{
    size_t length = strlen(with);

    if (strncmp(*text, with, length) != 0)
        return false;
    *text += length;
    return true;
}

static void answer(struct gdb *g, const char *text)
{
    snprintf(g->reply, sizeof(g->reply), "%s", text);
}

static void answer_if(struct gdb *g, bool done)
{
    answer(g, done ? "OK" : "E01");
}

/* The hart of a thread's number: "1", of which 0 and -1 stand for any. */
static unsigned take_hart(const struct gdb *g, const char **text)
{
    uint64_t number;

    if (begins(text, "-1"))
        return g->hart;
    number = take_number(text);
    if (!number)
        return g->hart;
    return number <= rvemu_harts(g->machine) ? (unsigned)number - 1 : NO_HART;
}

static void report(struct gdb *g)
{
    snprintf(g->reply, sizeof(g->reply), "T%02xthread:%x;", g->signal,
             g->hart + 1);
}

/* Stops, and says so to the debugger. */
static void stop_at(struct gdb *g, unsigned hart, unsigned signal)
{
    g->is_stopped = true;
    g->stepped = NO_HART;
    g->hart = hart;
    g->signal = signal;
    report(g);
    gdb_link_send(&g->link, g->reply);
}

static void go_on(struct gdb *g)
{
    g->is_stopped = g->is_held = false;
}

static void read_registers(struct gdb *g)
{
    for (unsigned i = 0; i < GDB_CORE_REGISTERS; i++) {
        uint64_t value = 0;

        gdb_read_register(g->machine, g->hart, i, &value);
        gdb_put_word(g->reply + (size_t)i * GDB_REGISTER_DIGITS, value);
    }
}

static void write_registers(struct gdb *g, const char *text)
{
    bool done = true;

    for (unsigned i = 0; i < GDB_CORE_REGISTERS && done && *text; i++) {
        uint64_t value;

        done = gdb_get_word(text, &value) == 0 &&
               gdb_write_register(g->machine, g->hart, i, value) == 0;
        text += GDB_REGISTER_DIGITS;
    }
    answer_if(g, done);
}

static void read_register(struct gdb *g, const char *text)
{
    uint64_t value, number = take_number(&text);

    if (number > UINT32_MAX ||
        gdb_read_register(g->machine, g->hart, (unsigned)number, &value) < 0)
        answer_if(g, false);
    else
        gdb_put_word(g->reply, value);
}

static void write_register(struct gdb *g, const char *text)
{
    uint64_t value, number = take_number(&text);

    answer_if(g, number <= UINT32_MAX && take(&text, '=') &&
                     gdb_get_word(text, &value) == 0 &&
                     gdb_write_register(g->machine, g->hart, (unsigned)number,
                                        value) == 0);
}

static void read_memory(struct gdb *g, const char *text)
{
    uint64_t va = take_number(&text);
    uint64_t count = take(&text, ',') ? take_number(&text) : 0;

    if (count > GDB_LINK_TEXT / 2)
        count = GDB_LINK_TEXT / 2;
    if (!gdb_read_memory(g->machine, g->hart, va, (size_t)count, g->reply) &&
        count)
        answer(g, "E0e");
}

static void write_memory(struct gdb *g, const char *text)
{
    uint64_t va = take_number(&text);
    uint64_t count = take(&text, ',') ? take_number(&text) : 0;

    if (!take(&text, ':') || count > strlen(text) / 2 ||
        gdb_write_memory(g->machine, g->hart, va, (size_t)count, text) < 0)
        answer(g, "E0e");
    else
        answer(g, "OK");
}

/* The place of a breakpoint in the list; its end where there is none. */
static unsigned find_breakpoint(const struct gdb *g, uint64_t va)
{
    unsigned i = 0;

    while (i < g->breakpoints && g->breakpoint[i] != va)
        i++;
    return i;
}

static bool add_breakpoint(struct gdb *g, uint64_t va)
{
    if (find_breakpoint(g, va) < g->breakpoints)
        return true;
    if (g->breakpoints == BREAKPOINTS_MAX ||
        rvemu_breakpoint(g->machine, va, true) < 0)
        return false;
    g->breakpoint[g->breakpoints++] = va;
    return true;
}

static void drop_breakpoint(struct gdb *g, uint64_t va)
{
    unsigned at = find_breakpoint(g, va);

    if (at == g->breakpoints)
        return;
    rvemu_breakpoint(g->machine, va, false);
    g->breakpoint[at] = g->breakpoint[--g->breakpoints];
}

/* "0,80001234,4": those of memory and of hardware are one here; what watches
 * data there is not, and gdb steps for it. */
static void set_breakpoint(struct gdb *g, const char *text, bool on)
{
    uint64_t kind = take_number(&text);
    uint64_t va = take(&text, ',') ? take_number(&text) : 0;

    if (kind > 1)
        return;
    if (!on)
        drop_breakpoint(g, va);
    answer_if(g, !on || add_breakpoint(g, va));
}

/* "c" and "s", with an address to go on at, or none. */
static void resume(struct gdb *g, const char *text, bool step)
{
    if (*text && rvemu_set_pc(g->machine, g->hart, take_number(&text)) < 0) {
        answer_if(g, false);
        return;
    }
    g->stepped = step ? g->hart : NO_HART;
    g->is_silent = true;
    go_on(g);
}

/* "vCont;s:1;c": the first hart that is stepped decides when all stop. */
static void resume_threads(struct gdb *g, const char *text)
{
    unsigned stepped = NO_HART;

    while (take(&text, ';')) {
        bool step = *text == 's' || *text == 'S';
        unsigned hart = g->hart;

        text += strcspn(text, ":;");
        if (take(&text, ':'))
            hart = take_hart(g, &text);
        if (step && stepped == NO_HART)
            stepped = hart;
    }
    g->stepped = stepped;
    g->is_silent = true;
    go_on(g);
}

static void drop_breakpoints(struct gdb *g)
{
    while (g->breakpoints)
        drop_breakpoint(g, g->breakpoint[0]);
}

static void detach(struct gdb *g)
{
    drop_breakpoints(g);
    g->stepped = NO_HART;
    go_on(g);
}

static void list_threads(struct gdb *g)
{
    size_t used = 0;

    for (unsigned i = 0; i < rvemu_harts(g->machine); i++)
        used += (size_t)snprintf(g->reply + used, sizeof(g->reply) - used,
                                 "%c%x", i ? ',' : 'm', i + 1);
}

static void name_thread(struct gdb *g, const char *text)
{
    static const char *const privs[] = {"U-mode", "S-mode", "?", "M-mode"};
    unsigned hart = take_hart(g, &text);
    char name[64];
    size_t length;

    if (hart == NO_HART) {
        answer_if(g, false);
        return;
    }
    length = (size_t)snprintf(name, sizeof(name), "hart %u, %s%s", hart,
                              privs[rvemu_priv(g->machine, hart) & 3],
                              rvemu_waits(g->machine, hart) ? ", waits" : "");
    for (size_t i = 0; i < length; i++)
        snprintf(g->reply + 2 * i, 3, "%02x", (unsigned char)name[i]);
}

/* "target.xml:0,ffb" */
static void describe(struct gdb *g, const char *text)
{
    uint64_t from = take_number(&text);
    uint64_t count = take(&text, ',') ? take_number(&text) : 0;
    size_t length;

    if (!g->description)
        g->description = gdb_describe(g->machine, 0);
    if (!g->description) {
        answer_if(g, false);
        return;
    }
    length = strlen(g->description);
    if (from > length)
        from = length;
    if (count > GDB_LINK_TEXT - 1)
        count = GDB_LINK_TEXT - 1;
    snprintf(g->reply, sizeof(g->reply), "%c%.*s",
             count < length - from ? 'm' : 'l', (int)count,
             g->description + from);
}

static void query(struct gdb *g, const char *text)
{
    if (begins(&text, "Supported"))
        snprintf(g->reply, sizeof(g->reply),
                 "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+;"
                 "vContSupported+",
                 GDB_LINK_TEXT);
    else if (begins(&text, "Xfer:features:read:target.xml:"))
        describe(g, text);
    else if (begins(&text, "fThreadInfo"))
        list_threads(g);
    else if (begins(&text, "sThreadInfo"))
        answer(g, "l");
    else if (begins(&text, "ThreadExtraInfo,"))
        name_thread(g, text);
    else if (begins(&text, "Attached"))
        answer(g, "1");
    else if (begins(&text, "Symbol"))
        answer(g, "OK");
    else if (!strcmp(text, "C"))
        snprintf(g->reply, sizeof(g->reply), "QC%x", g->hart + 1);
}

static void serve_v(struct gdb *g, const char *text)
{
    if (!strcmp(text, "Cont?")) {
        answer(g, "vCont;c;C;s;S");
    } else if (begins(&text, "Cont")) {
        resume_threads(g, text);
    } else if (begins(&text, "Kill")) {
        answer(g, "OK");
        g->is_ended = true;
    }
}

/* "Hg2", "T2": a thread is chosen, or asked for. */
static void serve_thread(struct gdb *g, const char *text, bool chosen)
{
    unsigned hart = take_hart(g, &text);

    if (chosen && hart != NO_HART)
        g->hart = hart;
    answer_if(g, hart != NO_HART);
}

/* What there is no case for has an empty reply: it is not supported. */
static void serve_packet(struct gdb *g, const char *text)
{
    char kind = *text;

    g->reply[0] = '\0';
    g->is_silent = kind == 'k';
    text += kind != '\0';
    switch (kind) {
    case '?': report(g); break;
    case 'g': read_registers(g); break;
    case 'G': write_registers(g, text); break;
    case 'p': read_register(g, text); break;
    case 'P': write_register(g, text); break;
    case 'm': read_memory(g, text); break;
    case 'M': write_memory(g, text); break;
    case 'Z':
    case 'z': set_breakpoint(g, text, kind == 'Z'); break;
    case 'H': serve_thread(g, text + (*text != '\0'), true); break;
    case 'T': serve_thread(g, text, false); break;
    case 'q': query(g, text); break;
    case 'v': serve_v(g, text); break;
    case 'c':
    case 's': resume(g, text, kind == 's'); break;
    case 'D':
        answer(g, "OK");
        detach(g);
        break;
    case 'k': g->is_ended = true; break;
    case 'Q': answer(g, strcmp(text, "StartNoAckMode") ? "" : "OK"); break;
    default: break;
    }
    if (!g->is_silent)
        gdb_link_send(&g->link, g->reply);
    if (kind == 'Q' && g->reply[0])
        gdb_link_stop_acks(&g->link);
}

static void greet(struct gdb *g)
{
    g->is_connected = g->is_stopped = true;
    g->hart = rvemu_turn(g->machine);
    g->signal = SIGNAL_TRAP;
    drop_breakpoints(g);
    g->stepped = NO_HART;
}

/* Who goes without a word leaves the machine as if it had never come. */
static void part(struct gdb *g)
{
    g->is_connected = false;
    if (!g->is_held)
        detach(g);
}

static void serve(struct gdb *g)
{
    while (!g->is_ended && gdb_link_has(&g->link)) {
        switch (gdb_link_take(&g->link)) {
        case GDB_LINK_OPENED: greet(g); break;
        case GDB_LINK_CLOSED: part(g); break;
        case GDB_LINK_PACKET: serve_packet(g, g->link.text); break;
        case GDB_LINK_INTERRUPT:
            if (!g->is_stopped)
                stop_at(g, rvemu_turn(g->machine), SIGNAL_INT);
            break;
        default: return;
        }
    }
}

int gdb_open(struct gdb **gdb, const struct gdb_config *config, rvemu *machine,
             struct rvemu_error *error)
{
    struct gdb *g = calloc(1, sizeof(*g));

    *gdb = NULL;
    if (!g)
        return rvemu_error_set(error, "no memory for -gdb");
    g->config = *config;
    g->machine = machine;
    g->is_stopped = g->is_held = config->waits;
    g->stepped = NO_HART;
    g->link.listener = -1;
    if (config->host && gdb_link_open(&g->link, config->loop, config->host,
                                      config->port, error) < 0) {
        free(g);
        return -1;
    }
    *gdb = g;
    return 0;
}

void gdb_close(struct gdb *g)
{
    if (!g)
        return;
    if (g->is_connected)
        gdb_link_send(&g->link, "W00");
    gdb_link_close(&g->link);
    free(g->description);
    free(g);
}

void gdb_attach(struct gdb *g, rvemu *machine)
{
    g->machine = machine;
    g->end_is_told = false;
    for (unsigned i = 0; i < g->breakpoints; i++)
        rvemu_breakpoint(machine, g->breakpoint[i], true);
}

bool gdb_wants(const struct gdb *g)
{
    return gdb_link_has(&g->link);
}

bool gdb_has_ended(const struct gdb *g)
{
    return g->is_ended;
}

/* Runs until the hart that is stepped has made its step; without one, as far as
 * it goes. */
static void run(struct gdb *g, uint64_t steps, struct rvemu_stop *stop)
{
    uint64_t before;

    if (g->stepped == NO_HART) {
        rvemu_run(g->machine, steps, stop);
        return;
    }
    before = rvemu_steps(g->machine, g->stepped);
    do
        rvemu_run(g->machine, 1, stop);
    while (stop->reason == RVEMU_STOP_STEPS && --steps &&
           rvemu_steps(g->machine, g->stepped) == before);
    if (stop->reason == RVEMU_STOP_STEPS && steps)
        stop_at(g, g->stepped, SIGNAL_TRAP);
}

/* Whether the machine has come to an end that somebody may want to look at. */
static bool is_stuck(const struct rvemu_stop *stop)
{
    return stop->reason == RVEMU_STOP_LOST ||
           stop->reason == RVEMU_STOP_DEADLOCK;
}

void gdb_run(struct gdb *g, uint64_t steps, struct rvemu_stop *stop)
{
    *stop = (struct rvemu_stop){.reason = RVEMU_STOP_HOST};
    serve(g);
    while (g->is_stopped && !g->is_ended) {
        if (!g->config.look(g->config.self))
            return;
        loop_wait(g->config.loop, LOOK_NS);
        serve(g);
    }
    if (g->is_ended)
        return;
    run(g, steps, stop);
    if (stop->reason == RVEMU_STOP_BREAKPOINT) {
        stop_at(g, stop->code, SIGNAL_TRAP);
        stop->reason = RVEMU_STOP_STEPS;
    } else if (is_stuck(stop) && g->is_connected && !g->end_is_told) {
        g->end_is_told = true;
        stop_at(g, rvemu_turn(g->machine), SIGNAL_ABORT);
        stop->reason = RVEMU_STOP_STEPS;
    } else if (stop->reason == RVEMU_STOP_HOST && gdb_wants(g)) {
        stop->reason = RVEMU_STOP_STEPS;
    }
}
