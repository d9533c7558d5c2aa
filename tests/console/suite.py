"""The console on a terminal and on pipes.

On a terminal (a pty, of which emu's session leader is the foreground): keys
reach the guest raw, Ctrl-A commands work, an idle guest costs no time, and
the terminal's mode comes back however emu ends.  On pipes: the same bytes
give the same run, whoever is slow.  The guests are echo.S, sbi.S and poll.S.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import unicodedata
import time
from pathlib import Path

from harness import Case, Fail, Skip, Test, describe

UNMOVED = "its input comes by the clock of the host"

SOURCE = Path(__file__).resolve().parent / "echo.S"
SBI = SOURCE.with_name("sbi.S")
POLL = SOURCE.with_name("poll.S")
COMPILER = "riscv64-unknown-elf-gcc"
PATIENCE = 20  # seconds


def guest(ctx, source=SOURCE, base=0x80000000, more=()):
    if not shutil.which(COMPILER):
        raise Skip("no RISC-V compiler")
    path = ctx.tmp / source.with_suffix(".elf").name
    ctx.expect(ctx.run([COMPILER, "-march=rv64g", "-nostdlib",
                        "-Wl,-Ttext=0x%x" % base, "-Wl,-n", *more, "-o", path,
                        source]))
    return path


class Terminal:
    """emu on a terminal of its own, so many columns wide if it says, where
    `ahead` was typed before it ran."""

    def __init__(self, ctx, *args, ahead="", columns=0):
        self.text = ""
        command = [str(ctx.build / "emu")] + [str(arg) for arg in args]
        wait, go = os.pipe()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            try:
                os.close(go)
                os.read(wait, 1)
                os.execv(command[0], command)
            finally:
                os._exit(127)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24 if columns else 0, columns, 0, 0))
        self.type(ahead)
        os.close(wait)
        os.close(go)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.master)

    def expect(self, text):
        """Reads until text has come; what came before it is forgotten."""
        end = time.monotonic() + PATIENCE
        while text not in self.text:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                raise Fail("no %r; got %r" % (text, self.text))
            try:
                self.text += os.read(self.master, 4096).decode("latin-1")
            except OSError:
                raise Fail("ended before %r; got %r" % (text, self.text))
        self.text = self.text.split(text, 1)[1]

    def type(self, text):
        os.write(self.master, text.encode("latin-1"))

    def mode(self):
        return termios.tcgetattr(self.master)

    def raw(self):
        return not self.mode()[3] & termios.ICANON

    def wait(self, options=0):
        """The wait status, once emu has ended (or stopped, if asked)."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.read(0.01)  # an undrained terminal would hold up its end
            pid, status = os.waitpid(self.pid, options | os.WNOHANG)
            if pid:
                while self.read(0):
                    pass
                return status
        raise Fail("emu does not end")

    def read(self, seconds):
        """Takes what comes within that time; False: nothing."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            text = os.read(self.master, 4096).decode("latin-1")
        except OSError:
            return False
        self.text += text
        return bool(text)


def ready(ctx, *args):
    """emu on a terminal, whose guest has started and waits for a key."""
    terminal = Terminal(ctx, *args, guest(ctx))
    terminal.expect("ready")
    if not terminal.raw():
        raise Fail("the terminal is not raw")
    return terminal


def fresh_mode():
    """What a terminal has before emu touches it."""
    master, slave = os.openpty()
    mode = termios.tcgetattr(slave)
    os.close(master)
    os.close(slave)
    return mode


def check_restored(terminal):
    mode, fresh = terminal.mode(), fresh_mode()
    if mode != fresh:
        raise Fail("mode was %r, is %r" % (fresh, mode))


def check_exit(terminal, *wanted):
    status = terminal.wait()
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) \
        else 128 + os.WTERMSIG(status)
    if code not in wanted:
        raise Fail("status %d, wanted %s; printed %r"
                   % (code, wanted, terminal.text))
    check_restored(terminal)


def keys(ctx):
    with ready(ctx) as terminal:
        for key in ("a", "\r", "\x03", "\x1a", "\x1c", "\x13"):
            terminal.type(key)
            terminal.expect("<%s>" % key)
        terminal.type("\x01h")
        terminal.expect("Ctrl-A x")
        terminal.type("\x01c")
        terminal.expect("(emu) ")
        terminal.type("cont\r")
        terminal.type("\x01h")
        terminal.expect("Ctrl-A e")
        terminal.type("\x01e")
        terminal.expect("started without --explain")
        terminal.type("\x01\x01")
        terminal.expect("<\x01>")
        terminal.type("\x01")
        time.sleep(0.1)
        terminal.type("x")
        check_exit(terminal, 0)


def power_off(ctx):
    with ready(ctx) as terminal:
        terminal.type("q")
        check_exit(terminal, 0)


def quit_while_busy(ctx):
    """Ctrl-A x ends a guest that never looks at its input."""
    source = ctx.tmp / "busy.S"
    source.write_text(".globl _start\n_start: j .\n")
    path = guest(ctx, source)
    with Terminal(ctx, path) as terminal:
        end = time.monotonic() + PATIENCE
        while not terminal.raw() and time.monotonic() < end:
            time.sleep(0.01)
        terminal.type("x" * 5000 + "\x01x")
        check_exit(terminal, 0)


def bundled_shell(ctx):
    """The shell outlives ^C and fork bombs; Ctrl-A x leaves it at once."""
    with Terminal(ctx) as terminal:
        for line, answer in (("ls", "bin"), ("t_fork", "parent["),
                             ("cow", "cow: PASS"), ("bomb 200", "bomb: PASS"),
                             ("spin", "spinning")):
            terminal.expect("emu$ ")
            terminal.type(line + "\n")
            terminal.expect(answer)
        terminal.type("\x03")
        terminal.expect("emu$ ")
        terminal.type("\x01x")
        check_exit(terminal, 0)


def paste(terminal, count):
    """So many bytes at once arrive, all of them."""
    text = "".join(chr(63 + n * n % 50) for n in range(count)) \
        .replace("q", "!")
    os.set_blocking(terminal.master, False)
    left, end = text.encode(), time.monotonic() + 60
    while terminal.text.count("><") < count - 1:
        if time.monotonic() > end:
            raise Fail("%d of %d have come" % (
                terminal.text.count("><") + 1, count))
        if select.select([], [terminal.master], [], 0)[1] and left:
            left = left[os.write(terminal.master, left[:4096]):]
        terminal.read(0.1)
    got = terminal.text
    if "".join(got.split("><")).strip("\r\n<>") != text:
        raise Fail("something else came: %r…" % got[:100])
    terminal.type("q")
    check_exit(terminal, 0)


def pasted(ctx):
    with ready(ctx) as terminal:
        paste(terminal, 65536)


def pasted_for_the_firmware(ctx):
    """A guest that asks the firmware for each byte loses none, either."""
    with Terminal(ctx, guest(ctx, SBI, 0x80200000)) as terminal:
        terminal.expect("ready")
        paste(terminal, 8192)


def send(terminal, data):
    """Types all that, as fast as the terminal takes it."""
    os.set_blocking(terminal.master, False)
    end = time.monotonic() + 60
    while data and time.monotonic() < end:
        if select.select([], [terminal.master], [], 0.1)[1]:
            data = data[os.write(terminal.master, data[:4096]):]
        terminal.read(0)


def polled(ctx):
    """64 KiB reach a guest that polls its UART, from a terminal and from a
    pipe, and it does not poll long for them."""
    path = guest(ctx, POLL)
    text = b"".join(b"%05d " % (n * n % 99991) for n in range(10923))[:65536]
    total = sum(text)
    letters = "".join(chr(65 + (total >> 4 * n & 15)) for n in range(16))
    with Terminal(ctx, path) as terminal:
        terminal.expect("ready")
        send(terminal, text)
        terminal.expect(letters)
        check_exit(terminal, 0)
    result = ctx.emu(["--max-insns", "1000000000", path], stdin=text.decode())
    ctx.expect(result, status=0, out=r"\Aready\n%s\Z" % letters)


def explain_key(ctx):
    """Ctrl-A e turns --explain off, and on again."""
    with Terminal(ctx, "--explain", "--color=never") as terminal:
        terminal.expect("emu$ ")
        terminal.type("cow\n")
        terminal.expect(" forks pid ")
        terminal.expect("cow: PASS")
        terminal.expect("emu$ ")
        terminal.type("\x01e")
        terminal.expect("\r\nemu: --explain is off; Ctrl-A e turns it on again")
        terminal.type("cow\n")
        end = time.monotonic() + PATIENCE
        text = ""
        while "cow: PASS" not in text and time.monotonic() < end:
            if select.select([terminal.master], [], [], 0.1)[0]:
                text += os.read(terminal.master, 4096).decode("latin-1")
        if "cow: PASS" not in text or " forks " in text:
            raise Fail("while it is off: %r" % text)
        terminal.type("\x01e")
        terminal.expect("emu: --explain is on again")
        terminal.type("cow\n")
        terminal.expect(" forks pid ")
        terminal.expect("cow: PASS")
        terminal.expect("emu$ ")
        terminal.type("exit\n")
        terminal.expect("Left out, by a filter or a pause: ")
        check_exit(terminal, 0)


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


# (columns of the terminal, the widest line that may be)
WIDTHS = ((0, 80), (60, 60), (100, 100), (200, 120))


def wrapped(ctx):
    """Sentences fit the terminal, up to 120 columns, and lose nothing but
    spaces; what is not a terminal gets a line each."""
    more = ["-append", "init=/bin/cow", "--stop-on", "^cow: PASS"]
    for lang in "en", "zh":
        explain = ["--explain", "--lang", lang]
        plain = ctx.expect(ctx.emu(explain + more)).err.splitlines()
        for color in "never", "always":
            for columns, most in WIDTHS:
                with Terminal(ctx, *explain, "--color=" + color, *more,
                              columns=columns) as terminal:
                    check_exit(terminal, 0)
                    text = terminal.text
                yield Case("%s-%s-%d" % (lang, color, columns), wrap_fault(
                    text.encode("latin-1").decode(), plain, most))


def wrap_fault(text, plain, most):
    """What is wrong with these sentences on a terminal, or None."""
    lines = [re.sub("\33\\[[0-9]*m", "", line) for line in text.splitlines()]
    gutter = "| " if "\33" in text else ""
    told, widest = [], 0
    for line in lines:
        if gutter and not line.startswith(gutter) and line != plain[0]:
            continue  # the guest's
        line = line[len(gutter):] if line != plain[0] else line
        widest = max(widest, len(gutter) + width(line))
        if line.startswith("  ") and not re.match(
                r"  \S+ \d+(?: .*)? -> ", line):
            told[-1] += line[2:]
        else:
            told.append(line)
    squeezed = [re.sub(" ", "", line) for line in told]
    missing = [line for line in plain if re.sub(" ", "", line) not in squeezed]
    if missing or widest > most or widest < most - 25:
        return "up to %d columns, without %s:\n%s" % (widest, missing, text)
    return None


def ended_by(number, status):
    def test(ctx):
        with ready(ctx) as terminal:
            os.kill(terminal.pid, number)
            # A sanitizer takes a crash for its own and exits with 1.
            check_exit(terminal, status, *([1] if number == signal.SIGSEGV
                                           else []))
    return test


def limit(ctx):
    with ready(ctx, "--timeout", "0.5") as terminal:
        check_exit(terminal, 124)


def stop_and_continue(ctx):
    with ready(ctx) as terminal:
        os.kill(terminal.pid, signal.SIGTSTP)
        if not os.WIFSTOPPED(terminal.wait(os.WUNTRACED)):
            raise Fail("did not stop")
        check_restored(terminal)
        os.kill(terminal.pid, signal.SIGCONT)
        end = time.monotonic() + PATIENCE
        while not terminal.raw() and time.monotonic() < end:
            time.sleep(0.01)
        terminal.type("z")
        terminal.expect("<z>")
        terminal.type("\x01x")
        check_exit(terminal, 0)


def idle_costs_nothing(ctx):
    with ready(ctx) as terminal:
        ticks = Path("/proc/%d/stat" % terminal.pid)

        def used():
            fields = ticks.read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        before = used()
        time.sleep(1)
        if used() - before > 0.2:
            raise Fail("an idle guest used %.2f s of 1 s" % (used() - before))
        terminal.type("q")
        check_exit(terminal, 0)


def run_slowly(ctx, line, pieces, pause):
    """Runs emu on pipes whose writer pauses between pieces."""
    process = subprocess.Popen(
        [str(word) for word in [ctx.build / "emu", *line]],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for piece in pieces:
        time.sleep(pause)
        process.stdin.write(piece)
        process.stdin.flush()
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def shown(text):
    return "".join("<%s>" % c for c in text)


def pipe(ctx):
    """The writer's pauses do not show; neither does who reads."""
    path = guest(ctx)
    runs = [run_slowly(ctx, [path], [b"hello ", b"world"], 0),
            run_slowly(ctx, [path], [b"hello ", b"world"], 0.3),
            run_slowly(ctx, [path], [bytes([c]) for c in b"hello world"],
                       0.02)]
    wanted = r"ready\n%send\n[A-P]{16}" % shown("hello world")
    for run in runs:
        if run[0] != 0 or not re.fullmatch(wanted, run[1].decode()):
            raise Fail("got %r" % (run,))
        if run != runs[0]:
            raise Fail("slow input changed the run: %r, %r" % (runs[0], run))


MUXES = {"nographic": ["-nographic"], "mon": ["-serial", "mon:stdio"],
         "chardev": ["-chardev", "stdio,id=c,mux=on", "-serial", "chardev:c"]}


def piped_commands(ctx):
    """Ctrl-A commands from a pipe, where the command line asks for them: as on
    QEMU they are no bytes of the guest's, and each is obeyed in its place, so
    that a run is the same whoever is slow."""
    path = guest(ctx)
    for name, mux in MUXES.items():
        results = [ctx.emu(mux + ["-trace-hash", path],
                           stdin="ab\x01\x01c\x01xdq") for _ in range(2)]
        good = (results[0].status == 0 and
                results[0].out == "ready\n" + shown("ab\x01c"))
        yield Case(name, error=None if good else describe(results[0]))
        yield Case(name + "-again", error=None if results[0].err ==
                   results[1].err else describe(results[1]))
    slow = [run_slowly(ctx, [*MUXES["mon"], path], pieces, pause)
            for pieces, pause in (([b"ab\x01hc\x01xdq"], 0),
                                  ([b"ab", b"\x01", b"hc", b"\x01xdq"], .2))]
    good = slow[0] == slow[1] and "<b>\r\nCtrl-A h" in slow[0][1].decode()
    yield Case("slowly", error=None if good else repr(slow))
    for name, plain in (("default", []), ("stdio", ["-serial", "stdio"]),
                        ("monitor-none", ["-nographic", "-monitor", "none"])):
        result = ctx.emu(plain + [path], stdin="a\x01xbq")
        good = shown("a\x01xb") in result.out and result.status == 0
        yield Case(name, error=None if good else describe(result))


def piped_in_pieces(ctx):
    """A command far behind is obeyed no sooner for a guest that takes seconds
    for what can be read ahead. Some bytes may be in its FIFO by then."""
    path = guest(ctx, POLL, more=["-Wa,--defsym,DELAY=50000"])
    result = ctx.emu(["-nographic", path], stdin="x" * 12000 + "\x01x",
                     timeout=120)
    if result.status or result.out.count(".") < 11980:
        raise Fail("%d came\n%s" % (result.out.count("."), describe(result)))


def piped_command_for_the_deaf(ctx):
    """A guest that never looks at its input is ended by Ctrl-A x all the same;
    not before its input has ended."""
    source = ctx.tmp / "busy.S"
    source.write_text(".globl _start\n_start: j .\n")
    path = guest(ctx, source)
    line = ["-nographic", "-bios", "none", "-kernel", path]
    for name, run in (("emu", ctx.emu), ("qemu", ctx.qemu)):
        result = run(line, stdin="\x01x", timeout=PATIENCE)
        yield Case(name, error=None if result.status == 0
                   else describe(result))
    result = run_slowly(ctx, line, [b"more", b"\x01x"], 1.3)
    yield Case("late", error=None if result[0] == 0 else repr(result))
    result = ctx.emu(line + ["--max-insns", "5000000"], stdin="more")
    yield Case("no-command", error=None if result.status == 124
               else describe(result))


def typed_ahead(ctx):
    """What was typed before the guest listened arrives as from a pipe."""
    path = guest(ctx)
    status, out, err = run_slowly(ctx, [path], [b"hello worldq"], 0)
    ending = re.search(r">([A-P]{16})\Z", out.decode())
    if status or not ending:
        raise Fail("got %r" % ((status, out, err),))
    with Terminal(ctx, path, ahead="hello worldq") as terminal:
        terminal.expect(shown("hello world") + ending.group(1))
        check_exit(terminal, 0)


def conversation(ctx):
    """A program that waits for the prompt before it answers."""
    process = subprocess.Popen(
        [str(ctx.build / "emu"), str(guest(ctx))], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE)
    try:
        if process.stdout.readline() != b"ready\n":
            raise Fail("no prompt")
        time.sleep(1.5)
        process.stdin.write(b"x")
        process.stdin.flush()
        if process.stdout.read(3) != b"<x>":
            raise Fail("no answer")
        process.stdin.write(b"q")
        process.stdin.flush()
        if process.wait(PATIENCE) != 0:
            raise Fail("status %d" % process.returncode)
    finally:
        process.kill()
        process.communicate()


def closed_output(ctx):
    """`emu | head -1`, of a guest that would print more."""
    path = guest(ctx)
    result = ctx.run(["bash", "-c", "(echo 1; sleep 0.5; head -c 100000 "
                      "/dev/zero) | %s %s | head -1; echo ${PIPESTATUS[1]}"
                      % (ctx.build / "emu", path)])
    ctx.expect(result, out=r"\Aready\n125\n\Z", err=r"Broken pipe")


def tests(ctx):
    yield Test("keys", keys)
    yield Test("power-off", power_off)
    yield Test("quit-while-busy", quit_while_busy)
    yield Test("bundled-shell", bundled_shell)
    yield Test("pasted", pasted)
    yield Test("pasted-for-the-firmware", pasted_for_the_firmware)
    yield Test("polled", polled)
    for name, number in (("sigterm", signal.SIGTERM),
                         ("sigint", signal.SIGINT),
                         ("sigquit", signal.SIGQUIT),
                         ("sighup", signal.SIGHUP),
                         ("sigabrt", signal.SIGABRT),
                         ("sigsegv", signal.SIGSEGV)):
        yield Test(name, ended_by(number, 128 + number))
    yield Test("explain-key", explain_key)
    yield Test("wrapped", wrapped)
    yield Test("limit", limit)
    yield Test("stop-and-continue", stop_and_continue)
    yield Test("idle", idle_costs_nothing)
    yield Test("pipe", pipe)
    yield Test("piped-commands", piped_commands)
    yield Test("piped-in-pieces", piped_in_pieces)
    yield Test("piped-command-for-the-deaf", piped_command_for_the_deaf)
    yield Test("typed-ahead", typed_ahead)
    yield Test("conversation", conversation)
    yield Test("closed-output", closed_output)
