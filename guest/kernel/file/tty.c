/*
 * The terminal (the parts of termios that shells use).
 *
 * Received bytes are edited and echoed in the interrupt. In canonical mode
 * they collect in `line` until a line feed or ^D makes them readable; else
 * they are readable at once. Readable bytes wait in a ring. ^D is kept as an
 * END mark among them, so that it ends one read and no other.
 *
 * Signals of ^C, ^\ and ^Z go to the foreground process group. A key that means
 * nothing here, like an arrow, leaves no bytes in a line.
 *
 * With edit=0 what comes is no typing but a file: nothing in it is a key, each
 * byte is readable as it is, and only the END mark is left.
 */
#include "file/tty.h"

#include "dev/console.h"
#include "dev/uart.h"
#include "file/file.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "task/wait.h"

#define RING_SIZE 16384
#define LINE_SIZE 4096 /* as much can be edited */
#define CHUNK 256      /* of a copy to or from a program */
#define END_MARK 0x100

/* termios flags */
#define ICRNL 0400
#define OPOST 1
#define ONLCR 4
#define ISIG 1
#define ICANON 2
#define ECHO 010

/* control characters and their place in c_cc */
#define VINTR 0
#define VQUIT 1
#define VERASE 2
#define VKILL 3
#define VEOF 4
#define VSUSP 10
#define CTRL(c) ((c)-0x40)
#define ESCAPE 0x1b

#define TCGETS 0x5401
#define TCSETS 0x5402
#define TCSETSW 0x5403
#define TCSETSF 0x5404
#define TIOCSCTTY 0x540e
#define TIOCGPGRP 0x540f
#define TIOCSPGRP 0x5410
#define TIOCGWINSZ 0x5413
#define FIONREAD 0x541b

struct termios {
    u32 iflag, oflag, cflag, lflag;
    u8 line;
    u8 cc[19];
};

static struct termios termios = {
    .iflag = ICRNL,
    .oflag = OPOST | ONLCR,
    .cflag = 0x4bf, /* 38400 baud, 8 bits, receiver on */
    .lflag = ISIG | ICANON | ECHO,
    .cc = {[VINTR] = CTRL('C'),
           [VQUIT] = 0x1c,
           [VERASE] = 0x7f,
           [VKILL] = CTRL('U'),
           [VEOF] = CTRL('D'),
           [6] = 1, /* VMIN */
           [VSUSP] = CTRL('Z')},
};
static u16 ring[RING_SIZE];
static u32 head, tail;
static u8 line[LINE_SIZE];
static u32 line_len;
static int foreground; /* process group */
static struct waitq readers;
static bool throttled;
static bool edits = true;
static u8 escape; /* of a key's bytes: those so far, 0: none */

void tty_init(void)
{
    waitq_init(&readers);
}

void tty_begin(bool echoes, bool is_cooked, bool is_typed)
{
    edits = is_typed;
    if (!echoes)
        termios.lflag &= ~(u32)ECHO;
    if (!is_cooked)
        termios.oflag &= ~(u32)ONLCR;
}

static void echo(const char *s, size_t n)
{
    if (termios.lflag & ECHO)
        console_write(s, n);
}

static void ring_put(u16 c)
{
    if (head - tail < RING_SIZE)
        ring[head++ % RING_SIZE] = c;
}

static void finish_line(void)
{
    for (u32 i = 0; i < line_len; i++)
        ring_put(line[i]);
    line_len = 0;
}

static void erase_last(void)
{
    if (line_len) {
        line_len--;
        echo("\b \b", 3);
    }
}

static bool is_signal(u8 c)
{
    char shown[] = "^?\n";
    struct siginfo info;
    int sig = 0;

    if (c == termios.cc[VINTR])
        sig = SIGINT;
    else if (c == termios.cc[VQUIT])
        sig = SIGQUIT;
    else if (c == termios.cc[VSUSP])
        sig = SIGTSTP;
    if (!sig || !(termios.lflag & ISIG))
        return false;
    info = (struct siginfo){.signo = sig, .code = SI_KERNEL};
    line_len = 0;
    shown[1] = (char)(c + 0x40);
    echo(shown, 3);
    if (foreground)
        signal_send_group(foreground, &info);
    return true;
}

/* Whether a byte belongs to a key that sends several: ESC and a character, or
 * ESC, [ or O, and what comes up to a letter or ~. */
static bool is_of_key(u8 c)
{
    u8 before = escape;

    escape = 0;
    if (c == ESCAPE)
        escape = ESCAPE;
    else if (before == ESCAPE && (c == '[' || c == 'O'))
        escape = c;
    else if (before == '[' && c < 0x40)
        escape = before;
    return before || escape;
}

static void type_char(u8 c)
{
    char shown = (char)c;

    echo(&shown, 1);
    line[line_len++] = c;
    if (c == '\n' || line_len == LINE_SIZE)
        finish_line(); /* a line that is too long to edit goes on as it is */
}

static void canonical(u8 c)
{
    if (is_of_key(c))
        return;
    if (c == termios.cc[VERASE] || c == '\b') {
        erase_last();
    } else if (c == termios.cc[VKILL]) {
        while (line_len)
            erase_last();
    } else if (c == termios.cc[VEOF]) {
        if (!line_len)
            ring_put(END_MARK);
        finish_line();
    } else if (c >= ' ' || c == '\t' || c == '\n') {
        type_char(c);
    }
}

static void receive_byte(u8 c)
{
    char shown = (char)c;

    if (!edits) {
        echo(&shown, 1);
        ring_put(c == termios.cc[VEOF] ? END_MARK : c);
        return;
    }
    if (c == '\r' && (termios.iflag & ICRNL))
        c = '\n';
    if (is_signal(c))
        return;
    if (termios.lflag & ICANON) {
        canonical(c);
        return;
    }
    echo(&shown, 1);
    ring_put(c);
}

/* With too little room for another line the bytes stay in the UART, whose
 * sender then waits: a script that is piped in loses nothing. */
void tty_receive(void)
{
    int c;

    while (head - tail < RING_SIZE - LINE_SIZE) {
        c = uart_read();
        if (c < 0)
            break;
        receive_byte((u8)c);
    }
    if (head != tail)
        waitq_wake_all(&readers);
    if (head - tail < RING_SIZE - LINE_SIZE)
        return;
    throttled = true;
    uart_enable_receive(false);
}

static void unthrottle(void)
{
    if (!throttled)
        return;
    throttled = false;
    uart_enable_receive(true);
    tty_receive();
}

/* An end mark ends what has been read, or else, alone, a read of nothing. */
static bool is_over(size_t done)
{
    return head == tail || (done && ring[tail % RING_SIZE] == END_MARK);
}

/* Moves readable bytes into buf, up to the end of one line; *is_end tells that
 * this has come. Returns how many; 0 when an end mark came first. */
static size_t take(u8 *buf, size_t n, bool *is_end)
{
    size_t len = 0;

    for (*is_end = false; len < n && !is_over(len) && !*is_end;) {
        u16 c = ring[tail++ % RING_SIZE];

        *is_end = c == END_MARK || (c == '\n' && (termios.lflag & ICANON));
        if (c != END_MARK)
            buf[len++] = (u8)c;
    }
    return len;
}

static i64 tty_read(struct file *f, u64 user_buf, size_t n)
{
    u8 buf[CHUNK];
    bool is_end = false;
    size_t done = 0;

    while (head == tail) {
        int err;

        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        err = waitq_sleep(&readers, true, WAIT_FOREVER);
        if (err)
            return err;
    }
    while (done < n && !is_over(done) && !is_end) {
        size_t len = take(buf, min_u64(n - done, sizeof(buf)), &is_end);

        if (copy_to_user(user_buf + done, buf, len))
            return done ? (i64)done : -EFAULT;
        done += len;
    }
    unthrottle();
    return (i64)done;
}

static i64 tty_write(struct file *f, u64 user_buf, size_t n)
{
    char buf[CHUNK];
    bool cooked = (termios.oflag & (OPOST | ONLCR)) == (OPOST | ONLCR);

    (void)f;
    for (size_t done = 0; done < n;) {
        size_t part = min_u64(n - done, sizeof(buf));

        if (copy_from_user(buf, user_buf + done, part))
            return done ? (i64)done : -EFAULT;
        if (cooked)
            console_write(buf, part);
        else
            console_write_raw(buf, part);
        done += part;
    }
    return (i64)n;
}

static i64 tty_ioctl(struct file *f, u64 command, u64 user_arg)
{
    static const u16 window[4] = {24, 80, 0, 0};
    u32 waiting = head - tail;

    (void)f;
    switch (command) {
    case TCGETS: return copy_to_user(user_arg, &termios, sizeof(termios));
    case TCSETSF: tail = head; /* fall through */
    case TCSETS:
    case TCSETSW: return copy_from_user(&termios, user_arg, sizeof(termios));
    case TIOCGPGRP: return copy_to_user(user_arg, &foreground, sizeof(int));
    case TIOCSPGRP: return copy_from_user(&foreground, user_arg, sizeof(int));
    case TIOCGWINSZ: return copy_to_user(user_arg, window, sizeof(window));
    case FIONREAD: return copy_to_user(user_arg, &waiting, sizeof(waiting));
    case TIOCSCTTY: return 0;
    default: return -ENOTTY;
    }
}

/* The first process to open the terminal gets its signals. */
static int tty_open(struct file *f)
{
    (void)f;
    if (!foreground)
        foreground = current->pgid;
    return 0;
}

static u32 tty_poll(struct file *f)
{
    (void)f;
    return POLLOUT | (head != tail ? POLLIN : 0);
}

static struct waitq *tty_poll_queue(struct file *f)
{
    (void)f;
    return &readers;
}

const struct file_ops tty_ops = {
    .open = tty_open,
    .read = tty_read,
    .write = tty_write,
    .ioctl = tty_ioctl,
    .poll = tty_poll,
    .poll_queue = tty_poll_queue,
};
