/*
 * The terminal (the parts of termios that shells use).
 *
 * Received bytes are edited and echoed in the interrupt. In canonical mode
 * they collect in `line` until a line feed or ^D makes them readable; else
 * they are readable at once. Readable bytes wait in a ring. ^D is kept as an
 * END mark among them, so that it ends one read and no other.
 *
 * Signals of ^C and ^\ go to the foreground process group.
 */
#include "file/tty.h"

#include "dev/console.h"
#include "dev/uart.h"
#include "file/file.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "task/wait.h"

#define RING_SIZE 1024
#define LINE_SIZE 256
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
#define CTRL(c) ((c)-0x40)

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
           [6] = 1}, /* VMIN */
};
static u16 ring[RING_SIZE];
static u32 head, tail;
static u8 line[LINE_SIZE];
static u32 line_len;
static int foreground; /* process group */
static struct waitq readers;
static bool throttled;

void tty_init(void)
{
    waitq_init(&readers);
}

void tty_begin(bool echoes, bool is_cooked)
{
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
    waitq_wake_all(&readers);
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
    struct siginfo info;
    int sig = 0;

    if (c == termios.cc[VINTR])
        sig = SIGINT;
    else if (c == termios.cc[VQUIT])
        sig = SIGQUIT;
    if (!sig || !(termios.lflag & ISIG))
        return false;
    info = (struct siginfo){.signo = sig, .code = SI_KERNEL};
    line_len = 0;
    echo(sig == SIGINT ? "^C\n" : "^\\\n", 3);
    if (foreground)
        signal_send_group(foreground, &info);
    return true;
}

static void canonical(u8 c)
{
    char shown = (char)c;

    if (c == termios.cc[VERASE] || c == '\b') {
        erase_last();
    } else if (c == termios.cc[VKILL]) {
        while (line_len)
            erase_last();
    } else if (c == termios.cc[VEOF]) {
        if (!line_len)
            ring_put(END_MARK);
        finish_line();
    } else if (line_len < LINE_SIZE - 1 || c == '\n') {
        echo(&shown, 1);
        line[line_len++] = c;
        if (c == '\n')
            finish_line();
    }
}

static void receive_byte(u8 c)
{
    char shown = (char)c;

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
    waitq_wake_all(&readers);
}

/* With too little room for another line the bytes stay in the UART, whose
 * sender then waits: a script that is piped in loses nothing. */
void tty_receive(void)
{
    int c;

    while (head - tail < RING_SIZE - LINE_SIZE) {
        c = uart_read();
        if (c < 0)
            return;
        receive_byte((u8)c);
    }
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

/* Moves readable bytes into buf, up to the end of one line. Returns how many; 0
 * when an end mark came first. */
static size_t take(u8 *buf, size_t n)
{
    size_t len = 0;

    while (len < n && head != tail) {
        u16 c = ring[tail % RING_SIZE];

        if (c == END_MARK && len)
            break;
        tail++;
        if (c == END_MARK)
            break;
        buf[len++] = (u8)c;
        if (c == '\n' && (termios.lflag & ICANON))
            break;
    }
    return len;
}

static i64 tty_read(struct file *f, u64 user_buf, size_t n)
{
    u8 buf[LINE_SIZE];
    size_t len;

    while (head == tail) {
        int err;

        if (f->flags & O_NONBLOCK)
            return -EAGAIN;
        err = waitq_sleep(&readers, true, WAIT_FOREVER);
        if (err)
            return err;
    }
    len = take(buf, min_u64(n, sizeof(buf)));
    unthrottle();
    return copy_to_user(user_buf, buf, len) ? -EFAULT : (i64)len;
}

static i64 tty_write(struct file *f, u64 user_buf, size_t n)
{
    char buf[LINE_SIZE];
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
