"""Console input: from a pipe byte for byte, and by --input, which also says
when something is typed."""

import json
import re

import elf
from files import refused, write
from harness import Case, Fail, Test, describe

PASS = elf.words(elf.hello("hello\n"), elf.exit_pass())
# Echoes up to a dot, and asks for more twice.
ASKS = elf.words(
    elf.hello("name? "), elf.echo_until(ord("."), elf.hello("age? ")),
    elf.echo_until(ord("."), elf.hello("sure? ")),
    elf.echo_until(ord(".")))


def every_byte(ctx):
    """A pipe has no key for emu: what is a command on a terminal is the
    guest's, too."""
    guest = write(ctx, "echo.elf", elf.elf(elf.words(
        elf.echo_until(0))))
    text = bytes(range(255, 0, -1)) + b"\x01x\x01h\x01\x01\r\n\n\0"
    ways = {"pipe": ([], text), "input": (["--input", write(
        ctx, "input", text)], ""), "serial": (["-serial", "stdio"], text)}
    for name, (args, stdin) in ways.items():
        result = ctx.expect(ctx.emu(args + [guest], stdin=stdin, timeout=20))
        yield Case(name, None if result.raw == text else describe(result))


def conversation(ctx):
    """What is typed when something was printed is typed at the same machine
    time in each run, and stdin is left alone."""
    guest = write(ctx, "asks.elf", elf.elf(ASKS))
    script = write(ctx, "script", b"Bob\nsure? =>yes.\n")
    words = write(ctx, "words", b"name? =>Bob.\nage? =>7.\nsure? =>yes.\n")
    path = ctx.tmp / "end.json"
    runs = []
    for more in ([], ["--test-move=1000"], []):
        result = ctx.expect(ctx.emu(
            more + ["--trace-hash", "--exit-json", path, "--input", words,
                    guest], stdin="no", timeout=20))
        if result.out != "name? Bob.age? \n7.sure? \nyes.":
            raise Fail(describe(result))
        runs.append((result.err, json.loads(path.read_text())["steps"]))
    if len(set(runs)) != 1:
        raise Fail("they differ: %s" % runs)
    ctx.expect(ctx.emu(["--max-insns", "3000000", "--input", script, guest],
                       timeout=20), 124, out=r"\Aname\? Bob\n\Z",
               err=r"\Aemu: stopped by --max-insns .*; line 2 of --input \S+ "
               "still waited for 'sure\\? '\n")


def at_the_end(ctx):
    """Who ends before a line's time says so, and passes all the same."""
    guest = write(ctx, "guest.elf", elf.elf(PASS))
    script = write(ctx, "script", b"bye=>y\n")
    ctx.expect(ctx.emu(["--input", script, guest]), out=r"\Ahello\n\Z",
               err=r"\Aemu: the run ended, and line 1 of --input \S+ still "
               r"waited for 'bye'\n\Z")
    empty = write(ctx, "empty", b"")
    echo = write(ctx, "echo.elf", elf.elf(elf.words(elf.echo_until(4))))
    ctx.expect(ctx.emu(["--input", empty, echo]), out=r"\A\x04\Z")
    refused(ctx, ["--input", "none", guest], "--input none", "No such file")
    refused(ctx, ["--input", ".", guest], "--input .", "Is a directory")


def shell(ctx):
    """A whole session with the bundled shell, which idles, and its end; again
    and again the same."""
    script = write(ctx, "script", b"emu$ =>echo one; echo tw'o'\n"
                   b"\ntwo=>\nemu$ =>exit 3\n")
    result, *more = [ctx.emu(["--trace-hash", "--input", script], timeout=30)
                     for _ in range(3)]
    ctx.expect(result, 3, out=[r"^one\r$", r"^two\r$"])
    if any(again.err != result.err for again in more):
        raise Fail("%s, %s" % (result.err, [again.err for again in more]))
    if len(re.findall(r"^emu\$ ", result.out, re.M)) < 2:
        raise Fail(describe(result))


TESTS = [
    Test("typed/every-byte", every_byte),
    Test("typed/conversation", conversation),
    Test("typed/at-the-end", at_the_end),
    Test("typed/shell", shell),
]
