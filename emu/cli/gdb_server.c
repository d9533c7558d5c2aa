/* gdb's remote serial protocol, served; see gdb_server.h. */
#include "cli/gdb_server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/gdb_state.h"

#define NO_HART UINT32_MAX
#define SIGNAL_INT 2
#define SIGNAL_TRAP 5
#define SIGNAL_ABORT 6
#define COMMAND_MAX 1024

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

static void answer(struct gdb_server *g, const char *text)
{
    snprintf(g->reply, sizeof(g->reply), "%s", text);
}

static void answer_if(struct gdb_server *g, bool done)
{
    answer(g, done ? "OK" : "E01");
}

static void send(struct gdb_server *g, const char *text)
{
    g->outside.send(g->outside.self, text);
}

/* The hart of a thread's number: "1"; of 0 and -1, which stand for any, `any`.
 */
static unsigned take_hart(const struct gdb_server *g, const char **text,
                          unsigned any)
{
    uint64_t number;

    if (begins(text, "-1"))
        return any;
    number = take_number(text);
    if (!number)
        return any;
    return number <= rvemu_harts(g->machine) ? (unsigned)number - 1 : NO_HART;
}

/* Stops; extra stands before the thread. */
static void stop_at(struct gdb_server *g, unsigned hart, unsigned signal,
                    const char *extra)
{
    g->is_stopped = true;
    g->hart = g->runs = hart;
    snprintf(g->stop, sizeof(g->stop), "T%02x%sthread:%x;", signal, extra,
             hart + 1);
}

/* What gdb is told of a stop, beside the thread. */
static void say_why(const struct gdb_server *g,
                    const struct rvemu_debug_stop *stop, char extra[64])
{
    static const char *const names[] = {"watch", "rwatch", "awatch"};
    const struct gdb_point *p = gdb_point_find(g, stop->point);

    *extra = '\0';
    if (stop->why == RVEMU_WHY_FIRST)
        snprintf(extra, 64, "replaylog:begin;");
    else if (stop->why == RVEMU_WHY_POINT && p && p->type >= 2)
        snprintf(extra, 64, "%s:%" PRIx64 ";", names[p->type - 2], p->address);
}

/* A line for the user, in gdb's console: "O" and its bytes. */
static void print(void *self, const char *text)
{
    struct gdb_server *g = self;
    char part[2 * 256 + 2] = "O";
    size_t length = strlen(text);

    for (size_t at = 0; at < length; at += 256) {
        size_t count = length - at < 256 ? length - at : 256;

        gdb_put_bytes(part + 1, (const uint8_t *)text + at, count);
        send(g, part);
    }
}

static void note_stop(struct gdb_server *g, const struct rvemu_debug_stop *stop)
{
    unsigned signal = SIGNAL_TRAP, hart = stop->hart;
    char extra[64];

    if (hart >= rvemu_harts(g->machine))
        hart = rvemu_turn(g->machine);
    if (stop->why == RVEMU_WHY_HOST)
        signal = SIGNAL_INT;
    if (stop->why == RVEMU_WHY_END)
        signal = SIGNAL_ABORT;
    if (stop->text[0]) {
        print(g, stop->text);
        print(g, "\n");
    }
    say_why(g, stop, extra);
    stop_at(g, hart, signal, extra);
}

void gdb_server_stopped(struct gdb_server *g,
                        const struct rvemu_debug_stop *stop)
{
    note_stop(g, stop);
    send(g, g->stop);
}

void gdb_server_interrupt(struct gdb_server *g)
{
    if (g->is_stopped)
        return;
    stop_at(g, rvemu_turn(g->machine), SIGNAL_INT, "");
    send(g, g->stop);
}

static void read_registers(struct gdb_server *g)
{
    for (unsigned i = 0; i < GDB_CORE_REGISTERS; i++) {
        uint64_t value = 0;

        gdb_read_register(g->machine, g->hart, i, &value);
        gdb_put_word(g->reply + (size_t)i * GDB_REGISTER_DIGITS, value);
    }
}

static void write_registers(struct gdb_server *g, const char *text)
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

static void read_register(struct gdb_server *g, const char *text)
{
    uint64_t value, number = take_number(&text);

    if (number > UINT32_MAX ||
        gdb_read_register(g->machine, g->hart, (unsigned)number, &value) < 0)
        answer_if(g, false);
    else
        gdb_put_word(g->reply, value);
}

static void write_register(struct gdb_server *g, const char *text)
{
    uint64_t value, number = take_number(&text);

    answer_if(g, number <= UINT32_MAX && take(&text, '=') &&
                     gdb_get_word(text, &value) == 0 &&
                     gdb_write_register(g->machine, g->hart, (unsigned)number,
                                        value) == 0);
}

/* Whose memory is asked for. */
static struct gdb_memory memory(const struct gdb_server *g)
{
    return (struct gdb_memory){g->machine, g->hart, g->is_physical};
}

static void read_memory(struct gdb_server *g, const char *text)
{
    const struct gdb_memory from = memory(g);
    uint64_t address = take_number(&text);
    uint64_t count = take(&text, ',') ? take_number(&text) : 0;

    if (count > GDB_TEXT / 2)
        count = GDB_TEXT / 2;
    if (!gdb_read_memory(&from, address, (size_t)count, g->reply) && count)
        answer(g, "E0e");
}

static void write_memory(struct gdb_server *g, const char *text)
{
    const struct gdb_memory to = memory(g);
    uint64_t address = take_number(&text);
    uint64_t count = take(&text, ',') ? take_number(&text) : 0;

    if (!take(&text, ':') || count > strlen(text) / 2 ||
        gdb_write_memory(&to, address, (size_t)count, text) < 0)
        answer(g, "E0e");
    else
        answer(g, "OK");
}

static void set_point(struct gdb_server *g, const char *text, bool on)
{
    int done = gdb_point_set(g, text, on);

    if (done)
        answer_if(g, done > 0);
}

static void go_on(struct gdb_server *g, const struct rvemu_order *order)
{
    rvemu_debug_order(g->debugger, order);
    g->is_silent = true;
    g->is_stopped = false;
}

/* "c" and "s", with an address to go on at, or none; "C" and "S" have a signal
 * before it, of which there is none here. */
static void resume(struct gdb_server *g, const char *text, bool step)
{
    const struct rvemu_order order = {.go = step ? RVEMU_GO_STEP : RVEMU_GO_ON,
                                      .hart = g->runs};

    if (*text && rvemu_set_pc(g->machine, g->runs, take_number(&text)) < 0)
        answer_if(g, false);
    else
        go_on(g, &order);
}

static void resume_signalled(struct gdb_server *g, const char *text, bool step)
{
    take_number(&text);
    take(&text, ';');
    resume(g, text, step);
}

/* "s", "S05", "r80000000,80000010", "c": what one action orders. */
static struct rvemu_order take_action(const char **text)
{
    struct rvemu_order order = {.go = RVEMU_GO_ON};

    if (take(text, 's') || take(text, 'S')) {
        order.go = RVEMU_GO_STEP;
    } else if (take(text, 'r')) {
        order.first = take_number(text);
        order.last = take(text, ',') ? take_number(text) - 1 : order.first;
        order.go = order.last >= order.first ? RVEMU_GO_RANGE : RVEMU_GO_STEP;
    }
    *text += strcspn(*text, ":;");
    return order;
}

/* "vCont;s:1;c": the first hart that is stepped decides when all stop. */
static void resume_threads(struct gdb_server *g, const char *text)
{
    struct rvemu_order order = {.go = RVEMU_GO_ON};

    while (take(&text, ';')) {
        struct rvemu_order action = take_action(&text);

        action.hart = g->runs;
        if (take(&text, ':'))
            action.hart = take_hart(g, &text, g->runs);
        if (action.hart == NO_HART) {
            answer_if(g, false);
            return;
        }
        if (order.go == RVEMU_GO_ON)
            order = action;
    }
    go_on(g, &order);
}

/* "bs" and "bc": one hart's last step is undone, or all that was done since the
 * latest stop before. */
static void go_back(struct gdb_server *g, const char *text)
{
    struct rvemu_debug_stop stop;

    if (strcmp(text, "s") != 0 && strcmp(text, "c") != 0)
        return;
    if (*text == 's')
        rvemu_debug_reverse_step(g->debugger, g->runs, 1, &stop);
    else
        rvemu_debug_reverse(g->debugger, &stop);
    if (stop.why == RVEMU_WHY_ERROR) {
        print(g, stop.text);
        print(g, "\n");
        answer_if(g, false);
        return;
    }
    note_stop(g, &stop);
    answer(g, g->stop);
}

void gdb_server_detach(struct gdb_server *g)
{
    const struct rvemu_order order = {.go = RVEMU_GO_ON};

    gdb_points_clear(g);
    rvemu_debug_order(g->debugger, &order);
    if (g->has_history)
        rvemu_history_end(g->machine);
    g->has_history = false;
    g->is_stopped = false;
}

static void list_threads(struct gdb_server *g)
{
    size_t used = 0;

    for (unsigned i = 0; i < rvemu_harts(g->machine); i++)
        used += (size_t)snprintf(g->reply + used, sizeof(g->reply) - used,
                                 "%c%x", i ? ',' : 'm', i + 1);
}

static void name_thread(struct gdb_server *g, const char *text)
{
    static const char *const privs[] = {"U-mode", "S-mode", "?", "M-mode"};
    unsigned hart = take_hart(g, &text, g->hart);
    char name[64];

    if (hart == NO_HART) {
        answer_if(g, false);
        return;
    }
    snprintf(name, sizeof(name), "hart %u, %s%s", hart,
             privs[rvemu_priv(g->machine, hart) & 3],
             rvemu_waits(g->machine, hart) ? ", waits" : "");
    gdb_put_bytes(g->reply, (const uint8_t *)name, strlen(name));
}

/* "0,ffb": a part of a document. */
static void give_part(struct gdb_server *g, const char *document,
                      const char *text)
{
    uint64_t from = take_number(&text);
    uint64_t count = take(&text, ',') ? take_number(&text) : 0;
    size_t length = strlen(document);

    if (from > length)
        from = length;
    if (count > GDB_TEXT - 1)
        count = GDB_TEXT - 1;
    snprintf(g->reply, sizeof(g->reply), "%c%.*s",
             count < length - from ? 'm' : 'l', (int)count, document + from);
}

static void describe(struct gdb_server *g, const char *text)
{
    if (!g->description)
        g->description = gdb_describe(g->machine, 0);
    if (g->description)
        give_part(g, g->description, text);
    else
        answer_if(g, false);
}

/* "monitor TEXT", in hex. */
static void command(struct gdb_server *g, const char *text)
{
    size_t count = strlen(text) / 2;
    char line[COMMAND_MAX];

    if (!g->outside.monitor)
        return;
    if (count >= sizeof(line) || strlen(text) % 2 ||
        gdb_get_bytes(text, (uint8_t *)line, count) < 0 ||
        memchr(line, '\0', count)) {
        answer_if(g, false);
        return;
    }
    line[count] = '\0';
    g->outside.monitor(g->outside.self, line, print, g);
    answer(g, "OK");
}

/* What is asked in words that gdb does not have, but QEMU. */
static void query_qemu(struct gdb_server *g, const char *text)
{
    if (!strcmp(text, "PhyMemMode"))
        answer(g, g->is_physical ? "1" : "0");
}

static void query(struct gdb_server *g, const char *text)
{
    if (begins(&text, "Supported"))
        snprintf(g->reply, sizeof(g->reply),
                 "PacketSize=%x;qXfer:features:read+;qXfer:memory-map:read+;"
                 "QStartNoAckMode+;vContSupported+%s",
                 GDB_TEXT,
                 rvemu_debug_can_reverse(g->debugger)
                     ? ";ReverseStep+;ReverseContinue+"
                     : "");
    else if (begins(&text, "Xfer:features:read:target.xml:"))
        describe(g, text);
    else if (begins(&text, "Xfer:memory-map:read::"))
        give_part(g, gdb_memory_map, text);
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
    else if (begins(&text, "Rcmd,"))
        command(g, text);
    else if (begins(&text, "qemu."))
        query_qemu(g, text);
    else if (!strcmp(text, "C"))
        snprintf(g->reply, sizeof(g->reply), "QC%x", g->hart + 1);
}

/* "Q". Whether acknowledgements end with the reply. */
static bool set(struct gdb_server *g, const char *text)
{
    if (!strcmp(text, "StartNoAckMode")) {
        answer(g, "OK");
        return true;
    }
    if (begins(&text, "qemu.PhyMemMode:")) {
        bool done = (*text == '0' || *text == '1') && !text[1];

        if (done)
            g->is_physical = *text == '1';
        answer_if(g, done);
    }
    return false;
}

static void serve_v(struct gdb_server *g, const char *text)
{
    if (!strcmp(text, "Cont?")) {
        answer(g, "vCont;c;C;s;S;r");
    } else if (begins(&text, "Cont")) {
        resume_threads(g, text);
    } else if (begins(&text, "Kill")) {
        answer(g, "OK");
        g->is_ended = true;
    }
}

/* "Hg2", "Hc2": the thread that is asked about, or that runs. */
static void choose_thread(struct gdb_server *g, const char *text)
{
    bool runs = take(&text, 'c');
    unsigned hart;

    if (!runs && *text)
        text++;
    hart = take_hart(g, &text, runs ? g->runs : g->hart);
    if (hart != NO_HART)
        *(runs ? &g->runs : &g->hart) = hart;
    answer_if(g, hart != NO_HART);
}

/* What there is no case for has an empty reply: it is not supported. */
static void serve(struct gdb_server *g, char kind, const char *text)
{
    switch (kind) {
    case '?': answer(g, g->stop); break;
    case 'g': read_registers(g); break;
    case 'G': write_registers(g, text); break;
    case 'p': read_register(g, text); break;
    case 'P': write_register(g, text); break;
    case 'm': read_memory(g, text); break;
    case 'M': write_memory(g, text); break;
    case 'Z':
    case 'z': set_point(g, text, kind == 'Z'); break;
    case 'H': choose_thread(g, text); break;
    case 'T': answer_if(g, take_hart(g, &text, g->hart) != NO_HART); break;
    case 'q': query(g, text); break;
    case 'v': serve_v(g, text); break;
    case 'b': go_back(g, text); break;
    case 'c':
    case 's': resume(g, text, kind == 's'); break;
    case 'C':
    case 'S': resume_signalled(g, text, kind == 'S'); break;
    case 'D':
        answer(g, "OK");
        gdb_server_detach(g);
        break;
    case 'k': g->is_ended = g->is_silent = true; break;
    default: break;
    }
}

void gdb_server_packet(struct gdb_server *g, const char *text)
{
    char kind = *text;
    bool ends_acks = false;

    g->reply[0] = '\0';
    g->is_silent = false;
    text += kind != '\0';
    if (kind == 'Q')
        ends_acks = set(g, text);
    else
        serve(g, kind, text);
    if (!g->is_silent)
        send(g, g->reply);
    if (ends_acks)
        g->outside.stop_acks(g->outside.self);
}

/* History begins where gdb comes, if nobody keeps one. */
static void keep_history(struct gdb_server *g)
{
    const struct rvemu_history_config config = {0};
    struct rvemu_error error;

    if (!rvemu_debug_can_reverse(g->debugger))
        g->has_history = rvemu_history_begin(g->machine, &config, &error) == 0;
}

void gdb_server_greet(struct gdb_server *g)
{
    gdb_points_clear(g);
    g->is_physical = false;
    keep_history(g);
    stop_at(g, rvemu_turn(g->machine), SIGNAL_TRAP, "");
}

void gdb_server_attach(struct gdb_server *g)
{
    g->machine = rvemu_debugger_machine(g->debugger);
    if (g->has_history) {
        g->has_history = false;
        keep_history(g);
    }
}

void gdb_server_begin(struct gdb_server *g, const struct gdb_outside *outside,
                      struct rvemu_debugger *debugger)
{
    g->outside = *outside;
    g->debugger = debugger;
    g->machine = rvemu_debugger_machine(debugger);
}

void gdb_server_end(struct gdb_server *g)
{
    free(g->description);
    g->description = NULL;
}
