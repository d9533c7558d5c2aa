"""How runs end that the monitor has had a hand in: at the limits that they
have, where a script is over, and when a machine cannot be made again."""

import json

import elf
from harness import Fail, Test, describe

SPIN = elf.words(elf.SPIN)
RESETS = elf.words(elf.hello("on\n"), elf.reset())


def same(what, told, wanted):
    if told != wanted:
        raise Fail("%s: %r, not %r" % (what, told, wanted))


def write(ctx, name, content):
    path = ctx.tmp / name
    path.write_bytes(content if isinstance(content, bytes)
                     else content.encode())
    return path


def limited(ctx):
    """A limit is a limit, though the machine has been elsewhere."""
    guest = write(ctx, "spin.elf", elf.elf(SPIN))
    lines = write(ctx, "lines", "stepi 1000\ngoto start\nstepi 1\ngoto end\n"
                                "cont\n")
    told = ctx.tmp / "end.json"
    ctx.expect(ctx.emu(["--max-insns", "1500", "--exit-json", told, "--script",
                        lines, guest]), 124)
    same("steps", json.loads(told.read_text())["steps"], 1500)


def over(ctx):
    """Behind a script with `cont` in it nobody is waited for."""
    guest = write(ctx, "spin.elf", elf.elf(SPIN))
    lines = write(ctx, "lines", "break 0x80000000\ncont\ninfo status\n")
    ctx.expect(ctx.emu(["-S", "--max-insns", "5000", "--script", lines, guest],
                       timeout=20), 124)


def not_again(ctx):
    """A machine that is not made again after a reset leaves points behind."""
    guest = write(ctx, "resets.elf", elf.elf(RESETS))
    lines = write(ctx, "lines", "break 0x90000000\nwatch 0x80000200\n"
                                "catch trap\ncont\n")
    recording = ctx.tmp / "recording"
    ctx.expect(ctx.emu(["--no-reboot", "--record", recording, guest]))
    result = ctx.emu(["--replay", recording, "--script", lines, guest])
    if result.status != 125 or "one more" not in result.err:
        raise Fail(describe(result))


def tests(ctx):
    yield Test("limited", limited)
    yield Test("over", over)
    yield Test("not-again", not_again)
