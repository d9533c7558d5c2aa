"""emu-trace on a terminal: lines that fit it, in colour, and how far it is."""

import fcntl
import os
import re
import struct
import subprocess
import termios

import elf
from harness import Case, Fail, Test
from program import guest, read, trace

SGR = re.compile("\33\\[[0-9;]*m")
PROGRESS = re.compile("\r\33\\[K(?:\\S+: \\d+ %)?")
MEPC, T2 = 0x341, 7
AUIPC, ECALL, MRET = 0x17, 0x73, 0x30200073


def on_terminal(ctx, args, columns=0, out=None, env=()):
    """What emu-trace writes to a terminal, which its stderr is, too; or, with
    out, only that.  Gives the status and the text."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ,
                struct.pack("HHHH", 40, columns, 0, 0))
    around = {name: value for name, value in os.environ.items()
              if name != "NO_COLOR"}
    process = subprocess.Popen(
        [str(ctx.build / "emu-trace")] + [str(arg) for arg in args],
        stdin=subprocess.DEVNULL, stdout=out or slave, stderr=slave,
        env=dict(around, **dict(env)))
    os.close(slave)
    text = bytearray()
    while True:
        try:
            more = os.read(master, 65536)
        except OSError:  # nobody has it open any more
            break
        text += more
        if not more:
            break
    os.close(master)
    return process.wait(), text.decode().replace("\r\n", "\n")


def words(text):
    """What is told, wherever lines end and whatever colours it has."""
    lines = SGR.sub("", text).splitlines()
    return " ".join(re.sub(r"^\| ", "", line) for line in lines).split()


def fits(ctx):
    """Lines of explain are as wide as the terminal at most, and tell the same
    as those in a pipe."""
    path, _ = trace(ctx, [guest(ctx, "cow")])
    plain = read(ctx, "explain", path).out
    for columns in (50, 80, 300):
        for color in ("never", "always"):
            _, text = on_terminal(ctx, ["explain", "--color", color, path],
                                  columns)
            widest = max(len(SGR.sub("", line)) for line in text.splitlines())
            wrong = None
            if not 40 < widest <= min(columns, 120):
                wrong = "%d columns wide" % widest
            elif words(text) != words(plain):
                wrong = text
            elif ("\33[" in text) != (color == "always"):
                wrong = "its colours: %r" % text[:200]
            yield Case("%d-%s" % (columns, color), wrong)


def colors(ctx):
    """On a terminal, unless NO_COLOR is set; nowhere else."""
    path, _ = trace(ctx, [guest(ctx, "cow")])
    plain = read(ctx, "explain", path).out
    rows = (("terminal", [], {}, True), ("no-color", [], {"NO_COLOR": "1"}, False),
            ("asked-for", ["--color=always"], {"NO_COLOR": "1"}, True),
            ("json", ["--format=json"], {}, False))
    for name, options, env, wanted in rows:
        _, text = on_terminal(ctx, ["explain", path] + options, 100, env=env)
        yield Case(name, None if ("\33[" in text) == wanted else repr(text[:300]))
    yield Case("pipe", None if "\33" not in plain else repr(plain[:300]))
    in_pipe = read(ctx, "explain", "--color=always", path).out
    yield Case("asked-for-in-a-pipe", None if words(in_pipe) == words(plain)
               and "\33[" in in_pipe else repr(in_pipe[:300]))


def calls():
    """A program that calls M-mode for ever."""
    handler = [MEPC << 20 | 2 << 12 | T2 << 7 | 0x73, elf.addi(T2, T2, 4),
               elf.csrw(MEPC, T2), MRET]
    begin = [AUIPC | elf.T0 << 7, elf.addi(elf.T0, elf.T0, -4 * len(handler)),
             elf.csrw(elf.MTVEC, elf.T0)]
    return elf.words(elf.jump(4 + 4 * len(handler)), handler, begin,
                     ECALL, elf.jump(-4))


def ran(ctx, name, code, steps, events):
    image = ctx.tmp / (name + ".elf")
    image.write_bytes(elf.elf(code))
    return trace(ctx, ["--max-insns", steps, image], name + ".emt",
                 ",events=" + events, status=124)[0]


def progress(ctx):
    """Long work says how far it is, and takes that back before it says
    anything else; short work does not."""
    rows = ran(ctx, "rows", elf.words(elf.SPIN), 16000000, "retire")
    traps = ran(ctx, "traps", calls(), 24000000, "trap+xret")
    for name, args in (("stats", ["stats", rows]), ("check", ["check", rows]),
                       ("explain", ["explain", traps, "--from", "1s"]),
                       ("spaces", ["dump", traps, "--pid", "1"])):
        plain = ctx.run([ctx.build / "emu-trace"] + args)
        status, text = on_terminal(ctx, args, 100)
        shown = PROGRESS.findall(text)
        percent = [int(number) for number in re.findall(r": (\d+) %", text)]
        wrong = None
        if not percent or percent != sorted(percent) or percent[-1] > 100:
            wrong = "it shows %s" % percent
        elif shown[-1] != "\r\33[K" or status != plain.status:
            wrong = repr(text[-400:])
        elif words(PROGRESS.sub("", text)) != words(plain.out + plain.err):
            wrong = "it says\n" + text
        yield Case(name, wrong)
    with open(ctx.tmp / "out", "wb") as out:
        _, text = on_terminal(ctx, ["dump", traps, "--to", "9ms"], out=out)
    yield Case("dump", None if re.search(r": \d+ %", text) else repr(text))
    _, text = on_terminal(ctx, ["dump", traps, "--to", "0.3ms"], 100)
    yield Case("lines-in-between", None if " %" not in text else "it shows " +
               str(re.findall(r".{20}: \d+ %", text)[:3]))
    path, _ = trace(ctx, [guest(ctx, "true")])
    _, text = on_terminal(ctx, ["check", path], 100)
    yield Case("short", None if "\r" not in text else repr(text))


def tests(ctx):
    for test in (fits, colors, progress):
        yield Test("terminal/" + test.__name__, test, timeout=200)
