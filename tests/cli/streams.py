"""Where a run's serial line goes, its clock and its process: -serial and
-chardev, -rtc, -pidfile."""

import os
import re
import signal
import subprocess
import time

import elf
from harness import Case, Fail, Test, describe

PASS = elf.words(elf.hello("hello\n"), elf.exit_pass())
# Copies the console until a q; and a look at the RTC, whose upper word is the
# guest's code.
ECHO = elf.words(elf.echo_until(ord("q")))
RTC = elf.words(
    elf.li(elf.T0, 0x101000), elf.load(4, elf.A0, elf.T0),
    elf.load(4, elf.A1, elf.T0, 4), elf.slli(elf.A1, elf.A1, 16),
    elf.li(elf.T1, 0x3333), elf.T1 << 20 | elf.A1 << 15 | elf.A1 << 7 | 0x33,
    elf.li(elf.T0, elf.FINISHER), elf.store(4, elf.A1, elf.T0), elf.SPIN)
PATIENCE = 20


def guest(ctx, code):
    path = ctx.tmp / "guest.elf"
    path.write_bytes(elf.elf(code))
    return path


def quiet(ctx):
    path = guest(ctx, PASS)
    for line in (["-serial", "null"], ["-serial", "none"],
                 ["-chardev", "null,id=n", "-serial", "chardev:n"]):
        ctx.expect(ctx.emu(line + [path]), out=r"\A\Z", err=r"\A\Z")
    ctx.expect(ctx.emu(["-serial", "null", "--stop-on", "hello", path]))


def appended(ctx):
    path, log = guest(ctx, PASS), ctx.tmp / "log"
    for more, wanted in (("", "hello\n"), (",append=on", "hello\nhello\n"),
                         (",append=off", "hello\n")):
        ctx.expect(ctx.emu(["-chardev", "file,id=f,path=%s%s" % (log, more),
                            "-serial", "chardev:f", path]), out=r"\A\Z")
        if log.read_text() != wanted:
            raise Fail("%r in the file" % log.read_text())


def logged(ctx):
    """What is written to a chardev goes into its logfile, too, as QEMU does
    it."""
    path, log, out = guest(ctx, PASS), ctx.tmp / "log", ctx.tmp / "out"
    serial = ["-serial", "chardev:c", "-monitor", "none", "-bios", "none",
              "-kernel", path]
    for kind, console in (("stdio", "hello\n"), ("stdio,mux=on", "hello\n"),
                          ("null", ""), ("file,path=%s" % out, "")):
        for name, run in (("emu", ctx.emu), ("qemu", ctx.qemu)):
            for more, wanted in (("", 1), (",logappend=on", 2),
                                 (",logappend=off", 1)):
                result = run(["-chardev", "%s,id=c,logfile=%s%s"
                              % (kind, log, more)] + serial)
                good = (result.out == console and log.exists()
                        and log.read_text() == "hello\n" * wanted)
                yield Case("%s-%s%s" % (kind.split(",path")[0], name, more),
                           error=None if good else describe(result))
    result = ctx.emu(["-chardev", "null,id=c,logfile=%s/no/log" % ctx.tmp]
                     + serial)
    yield Case("cannot", error=None if result.status == 125
               and "no/log" in result.err else describe(result))


def read_until(fd, wanted):
    text, end = b"", time.monotonic() + PATIENCE
    while wanted not in text:
        if time.monotonic() > end:
            raise Fail("%r came, not %r" % (text, wanted))
        text += os.read(fd, 100)
    return text


def pty(ctx):
    """A terminal of its own takes and gives bytes as they are; and the file
    of -pidfile has the process while it runs."""
    pid = ctx.tmp / "pid"
    command = ctx.emu_command() + ["-serial", "pty", "-pidfile", pid,
                                   guest(ctx, ECHO)]
    process = subprocess.Popen([str(word) for word in command],
                               stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        name = re.match(rb"char device redirected to (\S+) \(label serial0\)",
                        process.stderr.readline()).group(1)
        fd = os.open(name, os.O_RDWR | os.O_NOCTTY)
        os.write(fd, b"abc\x03\r\n")
        read_until(fd, b"abc\x03\r\n")
        if int(pid.read_text()) != process.pid:
            raise Fail("-pidfile says " + pid.read_text())
        os.write(fd, b"q")
        if process.wait(PATIENCE) != 0 or process.stdout.read():
            raise Fail("status %d" % process.returncode)
        os.close(fd)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        process.stdout.close()
        process.stderr.close()
    if pid.exists():
        raise Fail("-pidfile's file is left")


def clock(ctx):
    """The clock begins where QEMU's does; at the host's time if that is asked
    for, which is told, so that the run can be made again."""
    path = guest(ctx, RTC)
    seen = set()
    for base in ("2000-02-29T12:00:01", "2026-11-29"):
        line = ["-rtc", "base=%s,clock=vm" % base, "-bios", "none", "-kernel",
                path]
        ours, theirs = ctx.emu(line), ctx.qemu(line)
        seen.add(ours.status)
        yield Case(base, error=None if ours.status == theirs.status
                   and not ours.out else describe(ours) + describe(theirs))
    yield Case("differ", error=None if len(seen) == 2 else str(seen))
    now = ctx.emu(["-rtc", "base=utc", path])
    told = re.search(r"-rtc (base=\S+) makes this run again", now.err)
    again = ctx.emu(["-rtc", told.group(1) if told else "", path])
    yield Case("again", error=None if told and again.status == now.status
               else describe(now) + describe(again))


TESTS = [Test("serial-nowhere", quiet), Test("serial-appended", appended),
         Test("serial-logged", logged), Test("serial-pty", pty), Test("rtc", clock)]
