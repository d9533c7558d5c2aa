"""gdb's remote serial protocol, as gdb speaks it and as course graders do.

The client is here, so that what goes over the line is what is meant; gdb
itself, where there is one that knows RISC-V, reads the same guest by it.
"""

import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import elf  # noqa: E402
import gdb_real  # noqa: E402
from gdb_real import free_port  # noqa: E402
from harness import Fail, Skip, Test  # noqa: E402

UNMOVED = "who is connected acts by the clock of the host"

SOURCE = Path(__file__).resolve().parent / "guest.S"
COMPILER = "riscv64-unknown-elf-gcc"
PATIENCE = 20  # seconds
PC = 32
PRIV = 4161
INSTRET = 65 + 0xb02  # minstret


def guest(ctx):
    """The guest, and where its symbols are."""
    if not shutil.which(COMPILER):
        raise Skip("no RISC-V compiler")
    path = ctx.tmp / "guest.elf"
    ctx.expect(ctx.run([COMPILER, "-g", "-march=rv64g", "-nostdlib",
                        "-Wl,-Ttext=0x80000000", "-Wl,-n", "-o", path, SOURCE]))
    told = ctx.expect(ctx.run([COMPILER.replace("gcc", "nm"), path]))
    return path, {name: int(at, 16) for at, name in re.findall(
        r"^([0-9a-f]+) . (\w+)$", told.out, re.M)}


class Gdb:
    """emu with -gdb, and who is connected to it."""

    def __init__(self, ctx, *args):
        path, self.at = guest(ctx)
        self.port = free_port()
        self.process = subprocess.Popen(
            [str(word) for word in ctx.emu_command()] +
            ["-gdb", "tcp::%d" % self.port, "-S", *args, str(path)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)

    def __enter__(self):
        self.connect()
        return self

    def __exit__(self, *why):
        self.socket.close()
        self.process.kill()
        self.process.communicate()

    def connect(self):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.socket = socket.create_connection(
                    ("127.0.0.1", self.port), PATIENCE)
                break
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise Fail("nobody listens") from None
                time.sleep(0.02)
        self.text = b""

    def send(self, text):
        self.socket.sendall(b"$%s#%02x" % (
            text.encode(), sum(text.encode()) % 256))

    def reply(self):
        """The text of the next packet."""
        while True:
            found = re.search(rb"\$([^#]*)#(..)", self.text)
            if found:
                break
            more = self.socket.recv(65536)
            if not more:
                raise Fail("the connection has gone; %r came" % self.text)
            self.text += more
        self.text = self.text[found.end():]
        if sum(found.group(1)) % 256 != int(found.group(2), 16):
            raise Fail("a wrong sum: %r" % found.group())
        return found.group(1).decode()

    def ask(self, text, wanted=None):
        self.send(text)
        told = self.reply()
        if wanted is not None and told != wanted:
            raise Fail("%s: %s, not %s" % (text, told, wanted))
        return told

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask("p%x" % number)), "little")

    def end(self, status):
        told = self.process.wait(PATIENCE)
        if told != status:
            raise Fail("status %s, not %s" % (told, status))


def same(what, told, wanted):
    if told != wanted:
        raise Fail("%s: %r, not %r" % (what, told, wanted))


def word(value):
    return value.to_bytes(8, "little").hex()


def breakpoints(ctx):
    """Each arrival stops, in M-mode and in U-mode; the rest runs."""
    with Gdb(ctx) as gdb:
        same("the reset vector", gdb.register(PC), 0x1000)
        gdb.ask("Z0,%x,4" % gdb.at["count"], "OK")
        for n in range(3):
            gdb.ask("c", "T05thread:1;")
            same("pc", gdb.register(PC), gdb.at["count"])
            same("a0", gdb.register(10), n)
        gdb.ask("z0,%x,4" % gdb.at["count"], "OK")
        gdb.ask("Z1,%x,4" % gdb.at["user"], "OK")
        gdb.ask("c", "T05thread:1;")
        same("pc", gdb.register(PC), gdb.at["user"])
        same("a0", gdb.register(10), 10)
        same("priv", gdb.register(PRIV), 0)
        gdb.ask("c", "W00")
        gdb.end(0)


def steps(ctx):
    """A step is one instruction of the hart that is named."""
    with Gdb(ctx, "-smp", "2") as gdb:
        gdb.ask("Z0,%x,4" % gdb.at["count"], "OK")
        gdb.ask("vCont;c", "T05thread:1;")
        gdb.ask("s", "T05thread:1;")
        same("pc", gdb.register(PC), gdb.at["count"] + 4)
        gdb.ask("vCont;s:1;c", "T05thread:1;")
        same("pc", gdb.register(PC), gdb.at["count"] + 8)
        same("threads", gdb.ask("qfThreadInfo"), "m1,2")
        gdb.ask("Hg2", "OK")
        if gdb.register(PC) == gdb.at["count"] + 8:
            raise Fail("both harts are at one place")
        gdb.ask("Hg3", "E01")


def changes(ctx):
    """What is written to registers and memory is what the guest has."""
    with Gdb(ctx) as gdb:
        gdb.ask("Z0,%x,4" % (gdb.at["count"] + 4), "OK")
        gdb.ask("c", "T05thread:1;")
        gdb.ask("Pa=" + word(9), "OK")
        gdb.ask("z0,%x,4" % (gdb.at["count"] + 4), "OK")
        gdb.ask("Z0,%x,4" % gdb.at["user"], "OK")
        gdb.ask("c", "T05thread:1;")
        same("a0", gdb.register(10), 10)
        same("memory", gdb.ask("m%x,8" % gdb.at["counter"]), word(10))
        gdb.ask("M%x,8:%s" % (gdb.at["counter"], word(77)), "OK")
        same("memory", gdb.ask("m%x,8" % gdb.at["counter"]), word(77))
        same("registers", gdb.ask("g")[16 * 10:16 * 11], word(10))
        same("no memory", gdb.ask("m0,8"), "E0e")
        same("no register", gdb.ask("pffff"), "E01")


def interrupts(ctx):
    """^C stops a machine that runs; who detaches lets it go, who kills ends
    it."""
    with Gdb(ctx) as gdb:
        gdb.ask("P20=" + word(gdb.at["wait"]), "OK")
        gdb.ask("D", "OK")
        time.sleep(0.2)
        gdb.socket.close()
        gdb.connect()
        before = gdb.ask("p%x" % INSTRET)
        if gdb.ask("p%x" % INSTRET) != before:
            raise Fail("it runs on while somebody is connected")
        if int.from_bytes(bytes.fromhex(before), "little") < 1000:
            raise Fail("it did not run before")
        gdb.send("k")
        gdb.end(0)
    with Gdb(ctx) as gdb:
        gdb.ask("P20=" + word(gdb.at["wait"]), "OK")
        gdb.ask("Z0,%x,4" % gdb.at["user"], "OK")
        gdb.send("c")
        gdb.socket.sendall(b"\x03")
        same("the stop", gdb.reply(), "T02thread:1;")
        gdb.process.send_signal(signal.SIGTERM)
        gdb.end(128 + signal.SIGTERM)


def watchpoints(ctx):
    """Writes, reads and both; the stop is behind the access."""
    with Gdb(ctx) as gdb:
        counter = gdb.at["counter"]
        gdb.ask("Z2,%x,8" % counter, "OK")
        for n in range(1, 4):
            gdb.ask("c", "T05watch:%x;thread:1;" % counter)
            same("pc", gdb.register(PC), gdb.at["count"] + 16)
            same("memory", gdb.ask("m%x,8" % counter), word(n))
        gdb.ask("z2,%x,8" % counter, "OK")
        gdb.ask("Z3,%x,8" % counter, "OK")
        gdb.ask("Z0,%x,4" % gdb.at["user"], "OK")
        gdb.ask("c", "T05thread:1;")
        same("a0", gdb.register(10), 10)
        gdb.ask("Z5,0,0", "")
        gdb.ask("Z2,%x,8" % (1 << 64), "E01")
    with Gdb(ctx) as gdb:
        gdb.ask("Z4,%x,1" % gdb.at["counter"], "OK")
        gdb.ask("c", "T05awatch:%x;thread:1;" % gdb.at["counter"])


def backwards(ctx):
    """Each stop again in reverse, each step undone; the past cannot be
    changed, and leads on into the present."""
    with Gdb(ctx) as gdb:
        counter, count = gdb.at["counter"], gdb.at["count"]
        if "ReverseStep+;ReverseContinue+" not in gdb.ask("qSupported"):
            raise Fail("nobody is told of bs and bc")
        gdb.ask("bc", "T05replaylog:begin;thread:1;")
        gdb.ask("Z2,%x,8" % counter, "OK")
        for n in range(1, 6):
            gdb.ask("c", "T05watch:%x;thread:1;" % counter)
        for n in range(5, 1, -1):
            gdb.ask("bc", "T05watch:%x;thread:1;" % counter)
            same("pc", gdb.register(PC), count + 12)
            same("memory", gdb.ask("m%x,8" % counter), word(n - 1))
        gdb.ask("Pa=" + word(5), "E01")
        gdb.ask("M%x,1:00" % counter, "E0e")
        gdb.ask("bs", "T05thread:1;")
        same("pc", gdb.register(PC), count + 8)
        gdb.ask("s", "T05thread:1;")
        same("pc", gdb.register(PC), count + 12)
        for n in range(2, 11):
            gdb.ask("c", "T05watch:%x;thread:1;" % counter)
            same("memory", gdb.ask("m%x,8" % counter), word(n))
        gdb.ask("Z0,%x,4" % count, "OK")
        gdb.ask("z2,%x,8" % counter, "OK")
        gdb.ask("bc", "T05thread:1;")
        same("pc", gdb.register(PC), count)
        same("a0", gdb.register(10), 9)
        gdb.ask("D", "OK")
        gdb.end(0)


def ranges(ctx):
    """A range is left at the first instruction outside of it."""
    with Gdb(ctx) as gdb:
        count = gdb.at["count"]
        gdb.ask("Z0,%x,4" % count, "OK")
        gdb.ask("c", "T05thread:1;")
        gdb.ask("vCont;r%x,%x:1" % (count, count + 12), "T05thread:1;")
        same("pc", gdb.register(PC), count + 12)
        gdb.ask("vCont?", "vCont;c;C;s;S;r")
        gdb.ask("vCont;s:7", "E01")


def addresses(ctx):
    """Physical ones where they are asked for, and the map of all."""
    with Gdb(ctx) as gdb:
        gdb.ask("qqemu.PhyMemMode", "0")
        gdb.ask("Qqemu.PhyMemMode:1", "OK")
        gdb.ask("qqemu.PhyMemMode", "1")
        gdb.ask("Qqemu.PhyMemMode:2", "E01")
        same("memory", gdb.ask("m%x,8" % gdb.at["counter"]), word(0))
        gdb.ask("Z2,%x,8" % gdb.at["counter"], "OK")
        gdb.ask("c", "T05watch:%x;thread:1;" % gdb.at["counter"])
        told = gdb.ask("qXfer:memory-map:read::0,ffb")
        if not re.match(r'l<\?xml .*<memory type="ram" start="0x0"', told,
                        re.S):
            raise Fail(told)


def halves(ctx):
    """A packet that is never whole keeps nobody: not who ends emu, nor who
    comes next; and gdb's monitor can end it."""
    path = ctx.tmp / "spin.elf"
    path.write_bytes(elf.elf(elf.words(elf.SPIN)))

    def begin(name):
        where = ctx.tmp / name
        process = subprocess.Popen(
            [str(word) for word in ctx.emu_command()]
            + ["-gdb", "unix:%s" % where, "-S", str(path)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        return process, where

    def meet(where):
        end = time.monotonic() + PATIENCE
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(PATIENCE)
        while line.connect_ex(str(where)):
            if time.monotonic() > end:
                raise Fail("nobody listens")
            time.sleep(0.02)
        return line

    process, where = begin("first")
    with meet(where) as line:
        line.sendall(b"$g")
    with meet(where) as line:
        line.sendall(b"$?#3f")
        same("reply", line.recv(1), b"+")
        line.sendall(b"$c#63$g")
        time.sleep(0.2)
        process.terminate()
        same("status", process.wait(PATIENCE), 128 + signal.SIGTERM)
    process, where = begin("second")
    with meet(where) as line:
        line.sendall(b"$qRcmd,71756974#" + b"%02x" % (sum(b"qRcmd,71756974")
                                                      & 255))
        same("status", process.wait(PATIENCE), 0)


def local(ctx):
    """A socket of the file system, made anew and taken away."""
    where = ctx.tmp / "gdb.socket"
    path, _ = guest(ctx)
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(where))
    stale.close()
    process = subprocess.Popen(
        [str(word) for word in ctx.emu_command()] +
        ["-gdb", "unix:%s,server=on,wait=off" % where, "-S", str(path)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    end = time.monotonic() + PATIENCE
    with socket.socket(socket.AF_UNIX) as line:
        while line.connect_ex(str(where)):
            if time.monotonic() > end:
                raise Fail("nobody listens")
            time.sleep(0.02)
        line.settimeout(PATIENCE)
        line.sendall(b"$?#3f")
        wanted, reply = b"+$T05thread:1;#d7", b""
        while len(reply) < len(wanted):
            part = line.recv(100)
            if not part:
                break
            reply += part
        same("reply", reply, wanted)
        line.sendall(b"$k#6b")
        same("status", process.wait(PATIENCE), 0)
    process.communicate()
    if where.exists():
        raise Fail("the socket is left")


def noise(ctx):
    """Packets by chance, a seed a run: each is answered or refused, none
    ends it."""
    words = ["g", "p", "m", "M", "Z", "z", "H", "T", "c", "s", "bs", "bc",
             "vCont;", "qSupported", "qXfer:", "Qqemu.", "C05", "?", "G", "P"]
    letters = "0123456789abcdef,:;=.-+#$}{*~ \x03\x80\xff"
    with Gdb(ctx) as gdb:
        dice = random.Random(7)
        gdb.ask("P20=" + word(gdb.at["wait"]), "OK")
        for _ in range(400):
            text = dice.choice(words) + "".join(
                dice.choice(letters) for _ in range(dice.randrange(30)))
            data = text.encode("latin-1")
            gdb.socket.sendall(b"$%s#%02x" % (
                data, sum(data) % (256 if dice.random() < 0.9 else 255)))
            if dice.random() < 0.3:
                gdb.socket.sendall(b"\x03")
        gdb.socket.sendall(b"\x03")
        gdb.socket.close()
        gdb.connect()
        same("threads", gdb.ask("qfThreadInfo"), "m1")


def grader(ctx):
    """MIT's gradelib.py: it connects, sends what it wants without a handshake
    or an acknowledgement, and waits for T05."""
    with Gdb(ctx) as gdb:
        gdb.send("Z1,%x,1" % gdb.at["user"])
        gdb.send("c")
        same("first", gdb.reply(), "OK")
        same("stop", gdb.reply()[:3], "T05")


def damage(ctx):
    """What is no packet is not answered, or refused, and nothing ends."""
    with Gdb(ctx) as gdb:
        gdb.socket.sendall(b"$g#00+-\x00$" + b"x" * 40000 + b"#00")
        for text in ("", "p", "m", "M", "Mzz", "Z", "Z9,0,0", "P", "Hg", "T",
                     "c1", "G1", "qXfer:features:read:target.xml:fffffff,fff"):
            gdb.ask(text)
        same("pc", gdb.register(PC), 0x1000)


def real(ctx):
    """gdb itself: its target description, source lines, registers by name."""
    program = shutil.which("gdb-multiarch") or \
        shutil.which("riscv64-unknown-elf-gdb")
    if not program:
        raise Skip("no gdb that knows RISC-V")
    with Gdb(ctx) as gdb:
        gdb.socket.close()
        words = ["target remote :%d" % gdb.port, "break count", "continue",
                 "stepi", "print $a0", "print/x $mtvec", "info threads", "kill"]
        result = ctx.run([program, "-nx", "-batch", ctx.tmp / "guest.elf"] +
                         [part for text in words for part in ("-ex", text)],
                         timeout=60)
        ctx.expect(result, out=[
            r"Breakpoint 1, count \(\)", r"^\$1 = 1$",
            r"^\$2 = 0x%x$" % gdb.at["trap"], r"hart 0, M-mode"])
        gdb.end(0)


def refused(ctx):
    for value in ("stdio", "tcp:1234", "tcp::0", "tcp::70000", "tcp::12x",
                  "tcp::1234,tls-creds=x", "unix:", "unix:/tmp/x,fd=3"):
        ctx.expect(ctx.emu(["-gdb", value]), 125,
                   err=r"\Aemu: -gdb \S+: say tcp::PORT.*\n\Z")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ctx.expect(ctx.emu(["-gdb", "tcp::%d" % taken.getsockname()[1]]), 125,
                   err=r"\Aemu: -gdb tcp::\d+: Address already in use\n\Z")
    if not re.search("^-gdb ", ctx.emu(["-help"]).out, re.M):
        raise Fail("Makefiles do not find -gdb at a line's start in -help")


def tests(ctx):
    yield Test("breakpoints", breakpoints)
    yield Test("steps", steps)
    yield Test("changes", changes)
    yield Test("interrupts", interrupts)
    yield Test("grader", grader)
    yield Test("watchpoints", watchpoints)
    yield Test("backwards", backwards)
    yield Test("ranges", ranges)
    yield Test("addresses", addresses)
    yield Test("local", local)
    yield Test("halves", halves)
    yield Test("noise", noise)
    yield Test("damage", damage)
    yield Test("real", real)
    yield Test("refused", refused)
    yield from gdb_real.tests(ctx)
