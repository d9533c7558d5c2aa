/* The host's side of the serial line; see serial.h. */
#define _GNU_SOURCE /* posix_openpt */
#include "cli/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int fail(struct rvemu_error *error, const char *what)
{
    return rvemu_error_set(error, "cannot open %s: %s", what, strerror(errno));
}

static int open_file(struct serial_line *line,
                     const struct options_stream *stream,
                     struct rvemu_error *error)
{
    int how = stream->append ? O_APPEND : O_TRUNC;

    line->out = open(stream->path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0666);
    if (line->out < 0)
        return rvemu_error_set(error, "cannot write %s: %s", stream->path,
                               strerror(errno));
    return 0;
}

/* The other side is held open, raw, so that it can be opened and left again
 * and again. */
static int open_pty(struct serial_line *line, struct rvemu_error *error)
{
    struct termios raw;
    char name[64];

    line->in = line->out = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (line->in < 0 || grantpt(line->in) < 0 || unlockpt(line->in) < 0 ||
        ptsname_r(line->in, name, sizeof(name)) != 0)
        return fail(error, "a pty");
    line->other = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (line->other < 0 || tcgetattr(line->other, &raw) < 0)
        return fail(error, name);
    cfmakeraw(&raw);
    tcsetattr(line->other, TCSANOW, &raw);
    fprintf(stderr, "char device redirected to %s (label serial0)\n", name);
    return 0;
}

static int open_log(struct serial_line *line,
                    const struct options_stream *stream,
                    struct rvemu_error *error)
{
    if (!stream->log[0])
        return 0;
    return outfile_open(&line->log, stream->log,
                        stream->log_append ? OUTFILE_BEHIND : OUTFILE_AT_ONCE,
                        error);
}

static int open_line(struct serial_line *line,
                     const struct options_stream *stream,
                     struct rvemu_error *error)
{
    if (open_log(line, stream, error) < 0)
        return -1;
    switch (stream->kind) {
    case OPTIONS_FILE: return open_file(line, stream, error);
    case OPTIONS_PTY: return open_pty(line, error);
    case OPTIONS_NULL:
        line->out = open("/dev/null", O_WRONLY | O_CLOEXEC);
        return line->out < 0 ? fail(error, "/dev/null") : 0;
    default: return 0;
    }
}

int serial_open(struct serial *serial, const struct options *o,
                struct rvemu_error *error)
{
    if (open_line(&serial->console, &o->serial, error) < 0)
        return -1;
    return o->hosted == OPTIONS_HOSTED_APART
               ? open_line(&serial->hosted, &o->semihosting, error)
               : 0;
}

static void log_byte(struct serial_line *line, uint8_t byte)
{
    if (line->log.file)
        putc(byte, line->log.file);
}

void serial_log(struct serial *serial, uint8_t byte)
{
    log_byte(&serial->console, byte);
}

void serial_put_hosted(struct serial *serial, uint8_t byte)
{
    int out = serial->hosted.out;

    while (write(out >= 0 ? out : STDOUT_FILENO, &byte, 1) < 0 &&
           errno == EINTR)
        continue;
    log_byte(&serial->hosted, byte);
}

void serial_flush(struct serial *serial)
{
    if (serial->console.log.file)
        fflush(serial->console.log.file);
    if (serial->hosted.log.file)
        fflush(serial->hosted.log.file);
}

static void shut(int fd)
{
    if (fd >= 0)
        close(fd);
}

static int close_line(struct serial_line *line, struct rvemu_error *error)
{
    shut(line->other);
    if (line->in != line->out)
        shut(line->in);
    shut(line->out);
    return outfile_close(&line->log, error);
}

int serial_close(struct serial *serial, struct rvemu_error *error)
{
    struct rvemu_error second;
    int failed = close_line(&serial->hosted, error);

    return close_line(&serial->console, failed ? &second : error) < 0 ? -1
                                                                      : failed;
}
