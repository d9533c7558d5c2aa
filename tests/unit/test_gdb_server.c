/*
 * Unit test of what gdb's server (emu/cli/gdb_server.h) asks of who is outside:
 * the monitor's commands, and what they print; and of the thread that runs,
 * which is not the one that is asked about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/gdb_server.h"

static struct gdb_server server;
static char sent[256];

static void send(void *self, const char *text)
{
    size_t used = strlen(sent);

    snprintf(sent + used, sizeof(sent) - used, "%s|", text);
}

static void stop_acks(void *self)
{
}

/* Prints the command, and a line for itself. */
static void monitor(void *self, const char *text, gdb_say_fn *say, void *arg)
{
    say(arg, text);
    say(arg, "!\n");
}

static void ask(const char *text, const char *wanted)
{
    sent[0] = '\0';
    gdb_server_packet(&server, text);
    assert_string_equal(sent, wanted);
}

static void begin(bool has_monitor)
{
    const struct rvemu_config config = {.harts = 2};
    const struct gdb_outside outside = {NULL, send, stop_acks,
                                        has_monitor ? monitor : NULL};
    struct rvemu_error error;
    rvemu *machine;

    assert_int_equal(rvemu_create(&config, &machine, &error), 0);
    memset(&server, 0, sizeof(server));
    gdb_server_begin(&server, &outside, rvemu_debugger_new(machine));
    gdb_server_greet(&server);
}

static void end(void)
{
    rvemu *machine = server.machine;

    gdb_server_detach(&server);
    rvemu_debugger_free(server.debugger);
    gdb_server_end(&server);
    rvemu_destroy(machine);
}

static void commands_are_the_monitors(void **state)
{
    begin(true);
    ask("qRcmd,696e666f", "O696e666f|O210a|OK|");
    ask("qRcmd,69zz", "E01|");
    ask("qRcmd,690069", "E01|");
    end();
    begin(false);
    ask("qRcmd,696e666f", "|");
    end();
}

static void two_threads_are_chosen(void **state)
{
    begin(false);
    ask("Hg2", "OK|");
    ask("Hc1", "OK|");
    ask("qC", "QC2|");
    ask("?", "T05thread:1;|");
    ask("vCont;s", "");
    assert_false(server.is_stopped);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_the_monitors),
        cmocka_unit_test(two_threads_are_chosen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
