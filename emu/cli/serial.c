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

static int open_file(struct serial *serial, const struct options_stream *stream,
                     struct rvemu_error *error)
{
    int how = stream->append ? O_APPEND : O_TRUNC;

    serial->out =
        open(stream->path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0666);
    if (serial->out < 0)
        return rvemu_error_set(error, "cannot write %s: %s", stream->path,
                               strerror(errno));
    return 0;
}

/* The other side is held open, raw, so that it can be opened and left again
 * and again. */
static int open_pty(struct serial *serial, struct rvemu_error *error)
{
    struct termios raw;
    char name[64];

    serial->in = serial->out = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (serial->in < 0 || grantpt(serial->in) < 0 || unlockpt(serial->in) < 0 ||
        ptsname_r(serial->in, name, sizeof(name)) != 0)
        return fail(error, "a pty");
    serial->other = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (serial->other < 0 || tcgetattr(serial->other, &raw) < 0)
        return fail(error, name);
    cfmakeraw(&raw);
    tcsetattr(serial->other, TCSANOW, &raw);
    fprintf(stderr, "char device redirected to %s (label serial0)\n", name);
    return 0;
}

static int open_log(struct serial *serial, const struct options_stream *stream,
                    struct rvemu_error *error)
{
    if (!stream->log[0])
        return 0;
    return outfile_open(&serial->log, stream->log,
                        stream->log_append ? OUTFILE_BEHIND : OUTFILE_AT_ONCE,
                        error);
}

int serial_open(struct serial *serial, const struct options_stream *stream,
                struct rvemu_error *error)
{
    if (open_log(serial, stream, error) < 0)
        return -1;
    switch (stream->kind) {
    case OPTIONS_FILE: return open_file(serial, stream, error);
    case OPTIONS_PTY: return open_pty(serial, error);
    case OPTIONS_NULL:
        serial->out = open("/dev/null", O_WRONLY | O_CLOEXEC);
        return serial->out < 0 ? fail(error, "/dev/null") : 0;
    default: return 0;
    }
}

void serial_log(struct serial *serial, uint8_t byte)
{
    if (serial->log.file)
        putc(byte, serial->log.file);
}

void serial_flush(struct serial *serial)
{
    if (serial->log.file)
        fflush(serial->log.file);
}

void serial_put(struct serial *serial, uint8_t byte)
{
    int fd = serial->out >= 0 ? serial->out : STDOUT_FILENO;

    while (write(fd, &byte, 1) < 0 && errno == EINTR)
        continue;
    serial_log(serial, byte);
}

static void shut(int fd)
{
    if (fd >= 0)
        close(fd);
}

int serial_close(struct serial *serial, struct rvemu_error *error)
{
    shut(serial->other);
    if (serial->in != serial->out)
        shut(serial->in);
    shut(serial->out);
    return outfile_close(&serial->log, error);
}
