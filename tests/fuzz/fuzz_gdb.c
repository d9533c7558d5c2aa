/*
 * gdb's remote serial protocol (cli/gdb_server.h): packets, right, nearly right
 * or not at all, at a machine of two harts that runs in between, with a history
 * to go back in. What must hold:
 *
 * - each packet is answered once, or by the next stop, in at most GDB_TEXT
 * bytes
 * - the machine runs, or waits for gdb: nothing else
 * - points are never more than there may be, and all are gone behind a detach
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/gdb_server.h"
#include "input.h"

#define RAM 0x80000000ull
#define STEPS 500
#define PACKETS 200

/* '#': a number in hex; '%': an address of the guest's; '~': any bytes. */
static const char *const forms[] = {
    "?",
    "g",
    "G~",
    "p#",
    "P#=~",
    "m%,#",
    "M%,#:~",
    "Z#,%,#",
    "z#,%,#",
    "Z0,%,4",
    "Z2,%,8",
    "Z4,%,#",
    "Hg#",
    "Hc#",
    "H~",
    "T#",
    "c",
    "c%",
    "s",
    "C05",
    "S05;%",
    "vCont?",
    "vCont;c",
    "vCont;s:#;c",
    "vCont;r%,%:#",
    "vCont~",
    "bs",
    "bc",
    "D",
    "qSupported:~",
    "qXfer:features:read:target.xml:#,#",
    "qXfer:memory-map:read::#,#",
    "qfThreadInfo",
    "qThreadExtraInfo,#",
    "qRcmd,~",
    "qRcmd,68656c70",
    "qqemu.PhyMemMode",
    "Qqemu.PhyMemMode:#",
    "QStartNoAckMode",
    "vKill;#",
    "k",
    "~",
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

struct bench {
    struct gdb_server *server;
    unsigned sent; /* since the last packet, but for what is printed */
};

static void send(void *self, const char *text)
{
    struct bench *b = self;

    expect(strlen(text) <= GDB_TEXT);
    b->sent += *text != 'O' || !strcmp(text, "OK");
}

static void stop_acks(void *self)
{
}

static void monitor(void *self, const char *text, gdb_say_fn *say, void *arg)
{
    say(arg, text);
    say(arg, "");
}

static rvemu *make_machine(void)
{
    /* Each hart counts in memory, and calls a handler each time round. */
    static const u32 code[] = {
        0xf14022f3, 0x00829293, 0x00000317, 0x02c30313, 0x30531073, 0x00000317,
        0x00530333, 0x20033383, 0x00138393, 0x20733023, 0x00000073, 0xff1ff06f,
        0x00000013, 0x34102e73, 0x004e0e13, 0x341e1073, 0x30200073,
    };
    const struct rvemu_config config = {.ram_bytes = 8 << 20, .harts = 2};
    const struct rvemu_guest guest = {
        .as = RVEMU_AS_MACHINE, .image = {.data = code, .size = sizeof(code)}};
    struct rvemu_error error;
    rvemu *machine;

    expect(rvemu_create(&config, &machine, &error) == 0);
    expect(rvemu_load(machine, &guest, &error) == 0);
    return machine;
}

static void put_number(char **out, struct input *in)
{
    u64 how = take(in, 1), value = take(in, how % 9);

    *out += sprintf(*out, "%llx", (unsigned long long)value);
}

static void put_address(char **out, struct input *in)
{
    u64 how = take(in, 1), near = how & 1 ? RAM : how & 2 ? 0x1000 : 0;

    *out += sprintf(*out, "%llx",
                    (unsigned long long)(near + take(in, how & 4 ? 3 : 1)));
}

static void put_bytes(char **out, struct input *in)
{
    for (u64 n = take(in, 1) % 40; n; n--) {
        char byte = (char)take(in, 1);

        *(*out)++ = byte ? byte : '0';
    }
}

static void make_packet(char *out, struct input *in)
{
    for (const char *form = forms[take(in, 1) % FORMS]; *form; form++) {
        switch (*form) {
        case '#': put_number(&out, in); break;
        case '%': put_address(&out, in); break;
        case '~': put_bytes(&out, in); break;
        default: *out++ = *form;
        }
    }
    *out = '\0';
}

/* As cli/gdb.c does it. */
static void run(struct bench *b)
{
    struct rvemu_debug_stop stop;

    rvemu_debug_run(b->server->debugger, STEPS, &stop);
    if (stop.why == RVEMU_WHY_STEPS) {
        gdb_server_interrupt(b->server);
        expect(b->server->is_stopped);
    } else {
        gdb_server_stopped(b->server, &stop);
    }
}

static void converse(struct bench *b, struct input *in)
{
    struct gdb_server *g = b->server;
    char packet[1024];

    for (unsigned i = 0; i < PACKETS && in->at < in->end && !g->is_ended; i++) {
        b->sent = 0;
        make_packet(packet, in);
        gdb_server_packet(g, packet);
        expect(g->points <= GDB_POINTS_MAX);
        if (*packet == 'k')
            break;
        expect(b->sent == (g->is_silent ? 0 : 1));
        if (!g->is_stopped)
            run(b);
        expect(b->sent <= 2);
    }
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct input in = {data, data + size};
    static struct gdb_server server;
    struct bench b = {.server = &server};
    const struct gdb_outside outside = {&b, send, stop_acks, monitor};
    rvemu *machine = make_machine();
    struct rvemu_debugger *debugger = rvemu_debugger_new(machine);

    expect(debugger != NULL);
    memset(&server, 0, sizeof(server));
    gdb_server_begin(&server, &outside, debugger);
    gdb_server_greet(&server);
    expect(rvemu_debug_can_reverse(debugger));
    converse(&b, &in);
    gdb_server_detach(&server);
    expect(rvemu_point_next(debugger, 0) == 0);
    gdb_server_end(&server);
    rvemu_debugger_free(debugger);
    rvemu_destroy(machine);
    return 0;
}
