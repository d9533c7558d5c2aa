/*
 * Unit tests of console.c and patterns.c on pipes: at which machine time bytes
 * arrive, that input is read no earlier than it is wanted, that output is
 * whole, and what ends a run. Terminals are tested by a suite of their own.
 */
#include "host/console.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "dev/uart16550.h"

#define MS 1000000ull

struct rig {
    struct console console;
    struct console_config config;
    int input;  /* our end of its input, -1 when closed */
    int output; /* our end of its output, -1 when closed */
    bool ready;
    u8 got[64];
    unsigned got_count;
};

static bool ready(void *self)
{
    return ((struct rig *)self)->ready;
}

static bool send(void *self, u8 byte)
{
    struct rig *rig = self;

    if (rig->ready)
        rig->got[rig->got_count++] = byte;
    return rig->ready;
}

static int make(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    int in[2], out[2];

    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    rig->input = in[1];
    rig->output = out[0];
    rig->config = (struct console_config){.in = in[0], .out = out[1]};
    rig->ready = true;
    *state = rig;
    return 0;
}

static void start(struct rig *rig)
{
    struct rvemu_error error = {""};

    if (console_open(&rig->console, &rig->config, &error) < 0)
        fail_msg("%s", error.text);
    console_attach(&rig->console, &(struct console_guest){ready, send, rig});
}

static void type(struct rig *rig, const char *text)
{
    assert_int_equal(write(rig->input, text, strlen(text)), strlen(text));
}

static void end_input(struct rig *rig)
{
    close(rig->input);
    rig->input = -1;
}

static void print(struct rig *rig, const char *text)
{
    for (; *text; text++)
        console_put(&rig->console, (u8)*text);
}

static int drop(void **state)
{
    struct rig *rig = *state;

    console_close(&rig->console);
    close(rig->config.in);
    close(rig->config.out);
    if (rig->input >= 0)
        close(rig->input);
    if (rig->output >= 0)
        close(rig->output);
    free(rig);
    return 0;
}

static void a_byte_a_character_time(void **state)
{
    struct rig *rig = *state;

    start(rig);
    type(rig, "ab\n");
    end_input(rig);
    assert_int_equal(console_poll(&rig->console, 5), CONSOLE_GO_ON);
    assert_int_equal(rig->got_count, 1);
    assert_int_equal(console_next(&rig->console, 5), 5 + UART_CHAR_NS);
    console_poll(&rig->console, 5 + UART_CHAR_NS - 1);
    assert_int_equal(rig->got_count, 1);
    console_poll(&rig->console, 5 + UART_CHAR_NS);
    assert_int_equal(rig->got_count, 2);
    console_poll(&rig->console, 1000 * MS);
    console_poll(&rig->console, 2000 * MS);
    assert_memory_equal(rig->got, "ab\n\x04", 4);
    console_poll(&rig->console, 3000 * MS);
    assert_int_equal(rig->got_count, 4);
    assert_int_equal(console_next(&rig->console, 3000 * MS), UINT64_MAX);
}

static void input_waits_for_the_guest(void **state)
{
    struct rig *rig = *state;
    int unread;

    start(rig);
    type(rig, "ab");
    rig->ready = false;
    console_poll(&rig->console, 0);
    assert_int_equal(ioctl(rig->config.in, FIONREAD, &unread), 0);
    assert_int_equal(unread, 2);
    assert_int_equal(console_idle(&rig->console, 0, UINT64_MAX), UINT64_MAX);
    rig->ready = true;
    console_poll(&rig->console, 7 * MS);
    assert_int_equal(rig->got[0], 'a');
    assert_int_equal(console_next(&rig->console, 7 * MS),
                     7 * MS + UART_CHAR_NS);
}

static void idle_time_jumps_to_the_next_byte(void **state)
{
    struct rig *rig = *state;

    start(rig);
    type(rig, "a\n");
    end_input(rig);
    assert_int_equal(console_idle(&rig->console, 3, 100 * MS), 3);
    console_poll(&rig->console, 3);
    assert_int_equal(console_idle(&rig->console, 3, 100 * MS),
                     3 + UART_CHAR_NS);
    assert_int_equal(console_idle(&rig->console, 3, 50), 50);
    console_poll(&rig->console, 1 * MS);
    console_poll(&rig->console, 2 * MS);
    assert_memory_equal(rig->got, "a\n\x04", 3);
    assert_int_equal(console_idle(&rig->console, 2 * MS, 9 * MS), 9 * MS);
    assert_int_equal(console_idle(&rig->console, 2 * MS, UINT64_MAX),
                     UINT64_MAX);
}

static u64 host_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

static void a_silent_pipe_becomes_a_conversation(void **state)
{
    struct rig *rig = *state;
    u64 before = host_now();

    start(rig);
    print(rig, "$ ");
    console_poll(&rig->console, 0); /* waits: somebody might be slow */
    assert_true(host_now() - before >= 900 * MS);
    assert_int_equal(rig->got_count, 0);
    assert_int_equal(rig->console.out_count, 0); /* the prompt is out */
    before = host_now();
    console_poll(&rig->console, 1 * MS);
    assert_true(host_now() - before < 500 * MS);
    /* The guest idles for 20 ms of machine time: so does the host. */
    before = host_now();
    assert_int_equal(console_idle(&rig->console, 2 * MS, 22 * MS), 22 * MS);
    assert_true(host_now() - before >= 20 * MS);
    type(rig, "x");
    assert_true(console_idle(&rig->console, 30 * MS, UINT64_MAX) < 1000 * MS);
    console_poll(&rig->console, 40 * MS);
    assert_int_equal(rig->got[0], 'x');
    end_input(rig);
    console_poll(&rig->console, 50 * MS);
    assert_int_equal(rig->got[1], CONSOLE_END_OF_INPUT);
    console_poll(&rig->console, 60 * MS); /* again: x was no whole line */
    assert_int_equal(rig->got[2], CONSOLE_END_OF_INPUT);
    console_poll(&rig->console, 70 * MS);
    assert_int_equal(rig->got_count, 3);
}

static void no_input_at_all(void **state)
{
    struct rig *rig = *state;
    int in = rig->config.in;

    rig->config.in = -1;
    start(rig);
    console_poll(&rig->console, 0);
    assert_int_equal(rig->got_count, 0);
    assert_int_equal(console_idle(&rig->console, 0, 55), 55);
    rig->config.in = in;
}

static void output_is_whole(void **state)
{
    struct rig *rig = *state;
    static char wanted[60000], got[sizeof(wanted)];
    ssize_t n;
    size_t done = 0;

    start(rig);
    for (size_t i = 0; i < sizeof(wanted); i++) {
        wanted[i] = (char)(i * 7 + i / 251);
        console_put(&rig->console, (u8)wanted[i]);
    }
    console_flush(&rig->console);
    while (done < sizeof(got) &&
           (n = read(rig->output, got + done, sizeof(got) - done)) > 0)
        done += (size_t)n;
    assert_memory_equal(got, wanted, sizeof(wanted));
}

static void a_closed_output_ends_the_run(void **state)
{
    struct rig *rig = *state;

    end_input(rig);
    start(rig);
    close(rig->output);
    rig->output = -1;
    print(rig, "anybody there?\n");
    assert_int_equal(console_poll(&rig->console, 0), CONSOLE_BROKEN);
    assert_int_equal(rig->console.broken, EPIPE);
}

static void the_last_output_counts(void **state)
{
    struct rig *rig = *state;

    end_input(rig);
    start(rig);
    print(rig, "bye\n");
    assert_int_equal(console_finish(&rig->console), CONSOLE_GO_ON);
    assert_int_equal(rig->console.broken, 0);
    close(rig->output);
    rig->output = -1;
    print(rig, "anybody there?\n");
    assert_int_equal(console_finish(&rig->console), CONSOLE_GO_ON);
    assert_int_equal(rig->console.broken, EPIPE);
}

/* Until the pipe takes no more. */
static void fill_output(struct rig *rig)
{
    static const char bytes[4096];

    fcntl(rig->config.out, F_SETFL, O_NONBLOCK);
    while (write(rig->config.out, bytes, sizeof(bytes)) > 0)
        ;
    assert_int_equal(errno, EAGAIN);
    fcntl(rig->config.out, F_SETFL, 0);
}

/* The guest was done in time, but whoever reads was not. */
static void the_host_limit_ends_the_last_output(void **state)
{
    struct rig *rig = *state;

    rig->config.host_limit_ns = 20 * MS;
    end_input(rig);
    start(rig);
    fill_output(rig);
    print(rig, "bye\n");
    assert_int_equal(console_finish(&rig->console), CONSOLE_TIMEOUT);
    assert_int_equal(rig->console.broken, 0);
}

static void patterns_end_the_run(void **state)
{
    struct rig *rig = *state;

    rig->config.stop_on = "^done [0-9]+$";
    rig->config.fail_on = "panic";
    end_input(rig);
    start(rig);
    print(rig, "not done 5\r\ndone ");
    assert_int_equal(console_poll(&rig->console, 0), CONSOLE_GO_ON);
    print(rig, "12\r\nmore");
    assert_int_equal(console_poll(&rig->console, 0), CONSOLE_STOP_ON);
}

static void failure_wins_and_a_prompt_counts(void **state)
{
    struct rig *rig = *state;

    rig->config.stop_on = "pan";
    rig->config.fail_on = "panic";
    end_input(rig);
    start(rig);
    print(rig, "kernel panic: ");
    assert_int_equal(console_poll(&rig->console, 0), CONSOLE_FAIL_ON);
}

static void long_lines_are_searched_too(void **state)
{
    struct rig *rig = *state;

    rig->config.stop_on = "needle";
    end_input(rig);
    start(rig);
    for (int i = 0; i < 3 * PATTERNS_LINE + 4090; i++)
        console_put(&rig->console, 'x');
    assert_int_equal(console_poll(&rig->console, 0), CONSOLE_GO_ON);
    print(rig, "needle");
    for (int i = 0; i < PATTERNS_LINE; i++)
        console_put(&rig->console, 'x');
    assert_int_equal(console_poll(&rig->console, 0), CONSOLE_STOP_ON);
}

static void a_bad_pattern_is_refused(void **state)
{
    struct rig *rig = *state;
    struct rvemu_error error = {""};

    rig->config.fail_on = "(";
    assert_int_equal(console_open(&rig->console, &rig->config, &error), -1);
    assert_non_null(strstr(error.text, "--fail-on '('"));
    rig->config.fail_on = NULL;
    start(rig);
}

static void the_host_limit_ends_the_run(void **state)
{
    struct rig *rig = *state;
    u64 before = host_now();

    rig->config.host_limit_ns = 30 * MS;
    start(rig);
    /* Waiting for a silent pipe counts. */
    assert_int_equal(console_poll(&rig->console, 0), CONSOLE_TIMEOUT);
    assert_true(host_now() - before < 900 * MS);
}

static void a_signal_ends_the_run(void **state)
{
    struct rig *rig = *state;

    start(rig);
    raise(SIGTERM);
    assert_int_equal(console_poll(&rig->console, 0), CONSOLE_SIGNAL);
    assert_int_equal(rig->console.signal, SIGTERM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_byte_a_character_time),
        TEST(input_waits_for_the_guest),
        TEST(idle_time_jumps_to_the_next_byte),
        TEST(a_silent_pipe_becomes_a_conversation),
        TEST(no_input_at_all),
        TEST(output_is_whole),
        TEST(a_closed_output_ends_the_run),
        TEST(the_last_output_counts),
        TEST(the_host_limit_ends_the_last_output),
        TEST(patterns_end_the_run),
        TEST(failure_wins_and_a_prompt_counts),
        TEST(long_lines_are_searched_too),
        TEST(a_bad_pattern_is_refused),
        TEST(the_host_limit_ends_the_run),
        TEST(a_signal_ends_the_run),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
