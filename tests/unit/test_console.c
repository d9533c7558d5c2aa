/*
 * Unit tests of console.c, loop.c and patterns.c on pipes: that input is read
 * no earlier than the machine wants it, that output is whole, and what ends a
 * run. Terminals are tested by a suite of their own.
 */
#include "host/console.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/machine.h"

#define MS 1000000ull

struct rig {
    struct loop loop;
    struct console console;
    struct console_config config;
    rvemu *machine;    /* which never runs */
    uint64_t limit_ns; /* of the loop */
    int input;         /* our end of its input, -1 when closed */
    int output;        /* our end of its output, -1 when closed */
};

static int make(void **state)
{
    const struct rvemu_config config = {.ram_bytes = 1 << 20};
    struct rig *rig = calloc(1, sizeof(*rig));
    struct rvemu_error error;
    int in[2], out[2];

    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    assert_int_equal(rvemu_create(&config, &rig->machine, &error), 0);
    rig->input = in[1];
    rig->output = out[0];
    rig->config = (struct console_config){.in = in[0], .out = out[1]};
    *state = rig;
    return 0;
}

static void start(struct rig *rig)
{
    struct rvemu_error error = {""};

    loop_init(&rig->loop, loop_deadline(rig->limit_ns));
    if (console_open(&rig->console, &rig->config, &rig->loop, &error) < 0)
        fail_msg("%s", error.text);
    console_attach(&rig->console, rig->machine);
}

/* What the machine has been given. */
static const struct input_state *given(const struct rig *rig)
{
    return &rig->machine->input.s;
}

static enum console_verdict poll_console(struct rig *rig)
{
    return console_poll(&rig->console, RVEMU_ASK_NOTHING);
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
    rvemu_destroy(rig->machine);
    close(rig->config.in);
    close(rig->config.out);
    if (rig->input >= 0)
        close(rig->input);
    if (rig->output >= 0)
        close(rig->output);
    free(rig);
    return 0;
}

static void input_is_read_when_it_is_wanted(void **state)
{
    struct rig *rig = *state;
    int unread;

    start(rig);
    type(rig, "ab\n");
    end_input(rig);
    assert_false(given(rig)->live);
    assert_false(given(rig)->ended);
    assert_int_equal(poll_console(rig), CONSOLE_GO_ON);
    assert_int_equal(ioctl(rig->config.in, FIONREAD, &unread), 0);
    assert_int_equal(unread, 3);
    console_poll(&rig->console, RVEMU_ASK_NOW);
    assert_int_equal(given(rig)->count, 3);
    assert_memory_equal(given(rig)->queue, "ab\n", 3);
    assert_false(given(rig)->ended);
    console_poll(&rig->console, RVEMU_ASK_NOW);
    assert_true(given(rig)->ended);
    assert_true(given(rig)->end_due);
}

static void a_silent_pipe_becomes_a_conversation(void **state)
{
    struct rig *rig = *state;
    u64 before = loop_now();

    start(rig);
    print(rig, "$ ");
    console_poll(&rig->console, RVEMU_ASK_NOW); /* somebody might be slow */
    assert_true(loop_now() - before >= 900 * MS);
    assert_int_equal(given(rig)->count, 0);
    assert_true(given(rig)->live);
    assert_int_equal(rig->console.out_count, 0); /* the prompt is out */
    before = loop_now();
    console_poll(&rig->console, RVEMU_ASK_IF_ANY);
    assert_true(loop_now() - before < 500 * MS);
    /* The guest idles for 20 ms of machine time: so does the host. */
    before = loop_now();
    console_idle(&rig->console, 2 * MS, 22 * MS, RVEMU_ASK_IF_ANY);
    assert_true(rig->machine->input.woken >= 22 * MS);
    assert_true(loop_now() - before >= 20 * MS);
    type(rig, "x");
    console_idle(&rig->console, 30 * MS, UINT64_MAX, RVEMU_ASK_IF_ANY);
    assert_in_range(rig->machine->input.woken, 30 * MS, 1000 * MS);
    assert_int_equal(given(rig)->queue[0], 'x');
    end_input(rig);
    console_poll(&rig->console, RVEMU_ASK_IF_ANY);
    assert_true(given(rig)->end_due);
}

/* A disk that is done soon is no reason to sleep; a hundred of them are. */
static void moments_are_slept_for_together(void **state)
{
    struct rig *rig = *state;
    u64 before;
    unsigned slept = 0;

    start(rig);
    print(rig, "$ ");
    console_poll(&rig->console, RVEMU_ASK_NOW);
    assert_true(given(rig)->live);
    before = loop_now();
    for (unsigned i = 0; i < 300; i++) {
        rig->machine->input.woken = 0;
        console_idle(&rig->console, MS, MS + 10000, RVEMU_ASK_IF_ANY);
        slept += rig->machine->input.woken != 0;
    }
    assert_int_equal(slept, 3);
    assert_true(loop_now() - before >= 3 * MS);
}

static void no_input_at_all(void **state)
{
    struct rig *rig = *state;
    int in = rig->config.in;
    u64 before = loop_now();

    rig->config.in = -1;
    start(rig);
    assert_true(given(rig)->ended);
    rig->machine->input.woken = 77;
    console_idle(&rig->console, 0, 900 * MS, RVEMU_ASK_NOTHING);
    assert_int_equal(rig->machine->input.woken, 77);
    assert_true(loop_now() - before < 500 * MS);
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
    assert_int_equal(poll_console(rig), CONSOLE_BROKEN);
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

    rig->limit_ns = 20 * MS;
    end_input(rig);
    start(rig);
    fill_output(rig);
    print(rig, "bye\n");
    assert_int_equal(console_finish(&rig->console), CONSOLE_TIMEOUT);
    assert_int_equal(rig->console.broken, 0);
}

/* Nobody listens: what is typed waits in the machine, then in the host. */
static void a_pipe_is_read_as_far_as_there_is_room(void **state)
{
    struct rig *rig = *state;
    static char many[3 * INPUT_QUEUE];
    int unread;

    memset(many, 'x', sizeof(many) - 1);
    start(rig);
    rvemu_input(rig->machine, &(struct rvemu_input){.kind = RVEMU_INPUT_LIVE});
    type(rig, many);
    for (int i = 0; i < 5; i++)
        console_poll(&rig->console, RVEMU_ASK_IF_ANY);
    assert_int_equal(given(rig)->count, INPUT_QUEUE);
    assert_int_equal(ioctl(rig->config.in, FIONREAD, &unread), 0);
    assert_int_equal(unread, sizeof(many) - 1 - INPUT_QUEUE);
}

static void a_backlog_has_an_end_and_loses_nothing(void **state)
{
    struct backlog backlog = {0};
    size_t put = 0, taken = 0;

    while (backlog_reserve(&backlog, 4096) == 0) {
        for (int i = 0; i < 4096; i++, put++)
            backlog_put(&backlog, (u8)(put % 251));
        for (int i = 0; i < 100; i++, taken++) {
            assert_int_equal(backlog_bytes(&backlog)[0], taken % 251);
            backlog_take(&backlog, 1);
        }
        assert_int_equal(backlog_count(&backlog), put - taken);
    }
    assert_in_range(put - taken, BACKLOG_MAX - 4096, BACKLOG_MAX);
    for (; taken < put; taken++) {
        assert_int_equal(backlog_bytes(&backlog)[0], taken % 251);
        backlog_take(&backlog, 1);
    }
    assert_int_equal(backlog_count(&backlog), 0);
    assert_int_equal(backlog_reserve(&backlog, BACKLOG_MAX), 0);
    backlog_free(&backlog);
}

/* A script in a file of its own, which is gone again. */
static struct script *script(const char *text)
{
    char path[] = "/tmp/test_console.XXXXXX";
    struct rvemu_error error = {""};
    struct script *s = NULL;
    int fd = mkstemp(path);

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    if (script_open(&s, path, &error) < 0)
        fail_msg("%s", error.text);
    unlink(path);
    return s;
}

static void expect_typed(struct script *s, const char *text)
{
    const u8 *bytes;
    size_t count;

    for (; (count = script_next(s, &bytes)); script_take(s, count)) {
        assert_true(count <= strlen(text));
        assert_memory_equal(bytes, text, count);
        text += count;
    }
    assert_string_equal(text, "");
}

static void printed(struct script *s, const char *text)
{
    for (; *text; text++)
        script_put(s, (u8)*text);
}

static void a_script_waits_for_what_is_printed(void **state)
{
    struct script *s = script("raw \1=\n\nlogin: =>root\n=>a=>b\n"
                              "abab$=>ls\n# =>end");
    char expected[8];
    unsigned line;

    assert_false(script_waits(s, &line, expected, sizeof(expected)));
    printed(s, "login: "); /* before its time */
    expect_typed(s, "raw \1=\n\n");
    assert_true(script_waits(s, &line, expected, sizeof(expected)));
    assert_int_equal(line, 3);
    assert_string_equal(expected, "login: ");
    printed(s, "loglogin:\tlogin:");
    expect_typed(s, "");
    printed(s, " ");
    expect_typed(s, "root\na=>b\n");
    printed(s, "ababab");
    expect_typed(s, "");
    printed(s, "$");
    assert_false(script_is_done(s));
    expect_typed(s, "ls\n");
    printed(s, "##");
    expect_typed(s, "");
    printed(s, " ");
    expect_typed(s, "end");
    assert_true(script_is_done(s));
    printed(s, "# ");
    expect_typed(s, "");
    script_close(s);
    s = script("");
    expect_typed(s, "");
    assert_true(script_is_done(s));
    script_close(s);
}

/* What is typed goes to the machine as far as that has room, and its end
 * behind it; an idle guest's time jumps. */
static void a_script_is_typed(void **state)
{
    struct rig *rig = *state;
    static char many[2 * INPUT_QUEUE];

    memset(many, 'x', sizeof(many) - 1);
    memcpy(many, "$=>", 3);
    rig->config.script = script(many);
    start(rig);
    assert_true(given(rig)->live);
    console_poll(&rig->console, RVEMU_ASK_IF_ANY);
    assert_int_equal(given(rig)->count, 0);
    rig->machine->input.woken = 77;
    console_idle(&rig->console, 5 * MS, UINT64_MAX, RVEMU_ASK_IF_ANY);
    assert_int_equal(rig->machine->input.woken, 77);
    print(rig, "$");
    console_idle(&rig->console, 5 * MS, UINT64_MAX, RVEMU_ASK_IF_ANY);
    assert_int_equal(rig->machine->input.woken, 5 * MS);
    assert_int_equal(given(rig)->count, INPUT_QUEUE);
    assert_false(given(rig)->ended);
    rig->machine->input.s.count = 0;
    console_poll(&rig->console, RVEMU_ASK_IF_ANY);
    assert_int_equal(given(rig)->count, sizeof(many) - 1 - 3 - INPUT_QUEUE);
    assert_true(given(rig)->end_due);
    script_close(rig->config.script);
}

static void patterns_end_the_run(void **state)
{
    struct rig *rig = *state;

    rig->config.patterns.stop_on = "^done [0-9]+$";
    rig->config.patterns.fail_on = "panic";
    end_input(rig);
    start(rig);
    print(rig, "not done 5\r\ndone ");
    assert_int_equal(poll_console(rig), CONSOLE_GO_ON);
    print(rig, "12\r\nmore");
    assert_int_equal(poll_console(rig), CONSOLE_STOP_ON);
}

/* The line that matched is kept as a person may read it, and no other. */
static void a_failing_line_is_quoted(void **state)
{
    struct rig *rig = *state;
    char line[400];

    rig->config.patterns.fail_on = "panic";
    end_input(rig);
    start(rig);
    assert_string_equal(patterns_failed(&rig->console.patterns), "");
    memset(line, 'x', sizeof(line));
    /* A blank, an escape, and at the 160th byte a character of two. */
    memcpy(line, " \33panic", 7);
    memcpy(line + 160, "\xc3\xa4", 3);
    print(rig, "fine\n");
    print(rig, line);
    print(rig, "\nmore\n");
    poll_console(rig);
    assert_int_equal(strlen(patterns_failed(&rig->console.patterns)), 159);
    assert_memory_equal(patterns_failed(&rig->console.patterns), ".panicxx", 8);
}

static void a_prompt_counts(void **state)
{
    struct rig *rig = *state;

    rig->config.patterns.stop_on = "^# $";
    end_input(rig);
    start(rig);
    print(rig, "# ");
    assert_int_equal(poll_console(rig), CONSOLE_STOP_ON);
}

/* What a line says of a failure comes behind the word that matches. */
static void failure_wins_when_its_line_has_ended(void **state)
{
    struct rig *rig = *state;

    rig->config.patterns.stop_on = "pan";
    rig->config.patterns.fail_on = "panic";
    end_input(rig);
    start(rig);
    print(rig, "kernel panic: ");
    assert_int_equal(poll_console(rig), CONSOLE_GO_ON);
    rig->machine->clock.s.now += 9 * MS;
    print(rig, "all is lost");
    assert_int_equal(poll_console(rig), CONSOLE_GO_ON);
    print(rig, "\nmore");
    assert_int_equal(poll_console(rig), CONSOLE_FAIL_ON);
}

static void a_failures_line_is_not_waited_for_long(void **state)
{
    struct rig *rig = *state;

    rig->config.patterns.fail_on = "panic";
    start(rig);
    rig->machine->clock.s.now = 5 * MS;
    print(rig, "panic");
    assert_int_equal(poll_console(rig), CONSOLE_GO_ON);
    /* An idle guest has nothing more to say, whoever could type. */
    rig->machine->input.woken = 77;
    console_idle(&rig->console, 5 * MS, 9 * MS, RVEMU_ASK_IF_ANY);
    assert_int_equal(rig->machine->input.woken, 77);
    rig->machine->clock.s.now = 15 * MS;
    assert_int_equal(poll_console(rig), CONSOLE_FAIL_ON);
}

/* The guest has ended in mid-line. */
static void a_failures_line_need_not_end(void **state)
{
    struct rig *rig = *state;

    rig->config.patterns.fail_on = "panic";
    end_input(rig);
    start(rig);
    print(rig, "panic");
    assert_int_equal(console_finish(&rig->console), CONSOLE_FAIL_ON);
}

static void long_lines_are_searched_too(void **state)
{
    struct rig *rig = *state;

    rig->config.patterns.stop_on = "needle";
    end_input(rig);
    start(rig);
    for (int i = 0; i < 3 * PATTERNS_LINE + 4090; i++)
        console_put(&rig->console, 'x');
    assert_int_equal(poll_console(rig), CONSOLE_GO_ON);
    print(rig, "needle");
    for (int i = 0; i < PATTERNS_LINE; i++)
        console_put(&rig->console, 'x');
    assert_int_equal(poll_console(rig), CONSOLE_STOP_ON);
}

static void a_bad_pattern_is_refused(void **state)
{
    struct rig *rig = *state;
    struct rvemu_error error = {""};

    rig->config.patterns.fail_on = "(";
    loop_init(&rig->loop, LOOP_NEVER);
    assert_int_equal(
        console_open(&rig->console, &rig->config, &rig->loop, &error), -1);
    assert_non_null(strstr(error.text, "--fail-on '('"));
    rig->config.patterns.fail_on = NULL;
    start(rig);
}

static void the_host_limit_ends_the_run(void **state)
{
    struct rig *rig = *state;
    u64 before = loop_now();

    rig->limit_ns = 30 * MS;
    start(rig);
    /* Waiting for a silent pipe counts. */
    assert_int_equal(console_poll(&rig->console, RVEMU_ASK_NOW),
                     CONSOLE_TIMEOUT);
    assert_true(loop_now() - before < 900 * MS);
}

static void a_signal_ends_the_run(void **state)
{
    struct rig *rig = *state;

    start(rig);
    raise(SIGTERM);
    assert_int_equal(poll_console(rig), CONSOLE_SIGNAL);
    assert_int_equal(rig->loop.signal, SIGTERM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(input_is_read_when_it_is_wanted),
        TEST(a_silent_pipe_becomes_a_conversation),
        TEST(moments_are_slept_for_together),
        TEST(no_input_at_all),
        TEST(output_is_whole),
        TEST(a_closed_output_ends_the_run),
        TEST(the_last_output_counts),
        TEST(the_host_limit_ends_the_last_output),
        TEST(a_pipe_is_read_as_far_as_there_is_room),
        TEST(a_script_is_typed),
        cmocka_unit_test(a_backlog_has_an_end_and_loses_nothing),
        cmocka_unit_test(a_script_waits_for_what_is_printed),
        TEST(patterns_end_the_run),
        TEST(a_failing_line_is_quoted),
        TEST(a_prompt_counts),
        TEST(failure_wins_when_its_line_has_ended),
        TEST(a_failures_line_is_not_waited_for_long),
        TEST(a_failures_line_need_not_end),
        TEST(long_lines_are_searched_too),
        TEST(a_bad_pattern_is_refused),
        TEST(the_host_limit_ends_the_run),
        TEST(a_signal_ends_the_run),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
