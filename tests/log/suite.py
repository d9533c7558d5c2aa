"""--log-commits: that the log is true, and where it goes.

QEMU judges it: replay.py follows the log beside QEMU's own trace of bare-metal
programs and of random arithmetic, some 20,000 instructions.  The format is that of
riscv-isa-sim's option, which is not here; the samples below were written from
its source.
"""

import re
import sys
from pathlib import Path

from harness import QEMU, Fail, Skip, Test, describe

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import elf  # noqa
import replay  # noqa
import straight  # noqa

INSTRUCTIONS = 6000     # of each program
# Program -> how many traps and judged loads there are at least in that many.
BAREMETAL = {"fences": (20, 200), "rewrite": (100, 5)}
RANDOM = {1: (0, 100), 2: (0, 100)}


def judge(ctx, image, least_traps, least_loads):
    log, trace = ctx.tmp / "log", ctx.tmp / "trace"
    ctx.expect(ctx.emu(["--log-commits=%s" % log, "-bios", "none", "-kernel",
                        image], timeout=60), None)
    ctx.expect(ctx.run([QEMU, "-M", "virt", "-nographic", "-no-reboot",
                        "-bios", image, "-singlestep", "-d", "cpu,fpu,nochain", "-D", trace],
                       timeout=120), None)
    try:
        counts = replay.follow(
            replay.log_lines(log.read_text()),
            replay.qemu_states(trace, INSTRUCTIONS), image.read_bytes(),
            elf.RAM)
    except replay.Differs as error:
        raise Fail(str(error))
    if (counts["instructions"] < INSTRUCTIONS // 2
            or counts["traps"] < least_traps or counts["loads"] < least_loads):
        raise Fail("too little was judged: %s" % counts)


def bare_metal(name, traps, loads):
    def test(ctx):
        judge(ctx, ctx.build / "tests" / "baremetal" / (name + ".elf"),
              traps, loads)
    return test


def arithmetic(seed, traps, loads):
    def test(ctx):
        image = ctx.tmp / "arithmetic.elf"
        image.write_bytes(straight.program(seed, INSTRUCTIONS))
        judge(ctx, image, traps, loads)
    return test


def sample(ctx):
    """A program whose lines are written down."""
    code = elf.words([
        0x00000317,     # auipc x6, 0
        0x400003b7,     # lui x7, 0x40000
        0x34031073,     # csrw mscratch, x6
        0x340312f3,     # csrrw x5, mscratch, x6
        0x10732023,     # sw x7, 256(x6)
        0x10032383,     # lw x7, 256(x6)
        0x10030513,     # addi x10, x6, 256
        0x00752a2f,     # amoadd.w x20, x7, (x10)
        0x00006137,     # lui x2, 6
        0x30012073,     # csrs mstatus, x2
        0xf2000053,     # fmv.d.x f0, x0
        0x1a0070d3,     # fdiv.d f1, f0, f0
        0x00000073,     # ecall
    ])
    wanted = """\
core   0: 3 0x0000000080000000 (0x00000317) x6  0x0000000080000000
core   0: 3 0x0000000080000004 (0x400003b7) x7  0x0000000040000000
core   0: 3 0x0000000080000008 (0x34031073) c832_mscratch 0x0000000080000000
core   0: 3 0x000000008000000c (0x340312f3) x5  0x0000000080000000\
 c832_mscratch 0x0000000080000000
core   0: 3 0x0000000080000010 (0x10732023) mem 0x0000000080000100 0x40000000
core   0: 3 0x0000000080000014 (0x10032383) x7  0x0000000040000000\
 mem 0x0000000080000100
core   0: 3 0x0000000080000018 (0x10030513) x10 0x0000000080000100
core   0: 3 0x000000008000001c (0x00752a2f) x20 0x0000000040000000\
 mem 0x0000000080000100 mem 0x0000000080000100 0x80000000
core   0: 3 0x0000000080000020 (0x00006137) x2  0x0000000000006000
core   0: 3 0x0000000080000024 (0x30012073)\
 c768_mstatus 0x8000000a00006000
core   0: 3 0x0000000080000028 (0xf2000053) f0  0x0000000000000000
core   0: 3 0x000000008000002c (0x1a0070d3) f1  0x7ff8000000000000\
 c1_fflags 0x0000000000000010
"""
    image = ctx.tmp / "sample.elf"
    image.write_bytes(elf.elf(code, memsz=0x1000))
    # Six instructions of the ROM go before them.
    result = ctx.expect(ctx.emu(["--log-commits", "--max-insns", 18, image]),
                        124)
    log, end, _ = result.err.partition("emu: stopped by --max-insns")
    log = "".join(log.splitlines(True)[6:])
    if not end or log != wanted:
        raise Fail("the log is\n" + log)


def hello(ctx):
    image = ctx.tmp / "hello.elf"
    image.write_bytes(elf.elf(elf.words(elf.hello("hello\n"),
                                        elf.exit_pass())))
    return image


def expect_log(text):
    lines = text.splitlines()
    if len(lines) < 20:
        raise Fail("a log of %d lines" % len(lines))
    replay.log_lines(text)


def to_stderr(ctx):
    result = ctx.expect(ctx.emu(["--log-commits", hello(ctx)]))
    if result.out != "hello\n":
        raise Fail(describe(result))
    expect_log(result.err)


def to_file(ctx):
    """Into its own file, or into that of -D, among the events."""
    own, shared = ctx.tmp / "own", ctx.tmp / "shared"
    result = ctx.expect(ctx.emu(["--log-commits=%s" % own, hello(ctx)]))
    expect_log(own.read_text())
    if result.err:
        raise Fail(describe(result))
    ctx.expect(ctx.emu(["--log-commits", "-D", shared, hello(ctx)]))
    if shared.read_text() != own.read_text():
        raise Fail("-D's file differs")
    result = ctx.expect(ctx.emu(["--log-commits", "-d", "retire", "-D",
                                 shared, hello(ctx)]))
    lines = shared.read_text().splitlines()
    logged = [line for line in lines if line.startswith("core")]
    if logged != own.read_text().splitlines() or len(lines) != 2 * len(logged):
        raise Fail("events and lines do not mix")


def cannot_write(ctx):
    ctx.expect(ctx.emu(["--log-commits=%s" % (ctx.tmp / "no" / "file"),
                        hello(ctx)]), 125, err=r"\Aemu: cannot write .*\n\Z")
    ctx.expect(ctx.emu(["--log-commits=/dev/full", hello(ctx)]), 125,
               err=r"\Aemu: cannot write /dev/full: .*\n\Z")
    ctx.expect(ctx.emu(["-d", "trap", "-D", "x", "--log-commits=x",
                        hello(ctx)]), 125, err="same file")


def in_shell(ctx, line, *args):
    command = ctx.emu_command() + list(args)
    return ctx.run(["bash", "-c", line, "bash"] + command, timeout=20)


def full_stderr(ctx):
    """A log that is not all there fails the run; without one, nobody needs
    stderr."""
    report = ctx.tmp / "end.json"
    prompt = ctx.tmp / "prompt.elf"
    prompt.write_bytes(elf.elf(elf.words(elf.hello("$ "), elf.exit_pass())))
    for guest in (hello(ctx), prompt):
        for args in (["--log-commits"], ["-d", "retire"], ["--trace-hash"],
                     ["--explain"]):
            for redirection in ("2>/dev/full", "2>&-"):
                ctx.expect(in_shell(ctx, '"$@" ' + redirection, *args,
                                    "--exit-json", report, guest), 125)
                if '"output"' not in report.read_text():
                    raise Fail(report.read_text())
                report.unlink()
        ctx.expect(in_shell(ctx, '"$@" 2>/dev/full', guest))


def no_reader(ctx):
    """Where nobody takes the log, a guest that would go on for ever ends."""
    spin = ctx.tmp / "spin.elf"
    spin.write_bytes(elf.elf(elf.words(elf.hello("on\n"), elf.SPIN)))
    report = ctx.tmp / "end.json"
    for args in (["-d", "retire"], ["--log-commits"]):
        ctx.expect(in_shell(
            ctx, '"$@" 2>&1 >/dev/null | head -1; echo ${PIPESTATUS[0]}',
            *args, "--exit-json", report, spin), out=r"\A.*0x0*1000.*\n125\n\Z")
        if '"output"' not in report.read_text():
            raise Fail(report.read_text())
    ctx.expect(ctx.emu(["--log-commits=/dev/full", spin], timeout=20), 125,
               out=r"\A(on\n)?\Z", err=r"\Aemu: cannot write /dev/full: .*\n\Z")


def open_line(ctx):
    """A program that stays in the middle of a line and computes: what waits
    for the line's end is not kept for ever."""
    image = ctx.tmp / "spin.elf"
    image.write_bytes(elf.elf(elf.words(elf.hello("prompt> "), elf.SPIN)))
    result = ctx.expect(ctx.emu(["--log-commits", "--max-insns", 100000,
                                 image]), 124)
    if len(re.findall("^core ", result.err, re.M)) != 100000:
        raise Fail("lines are missing")


def harts(ctx):
    """Each line names its hart, and each hart its own lines."""
    image = ctx.build / "tests" / "smp" / "wake.elf"
    log = ctx.tmp / "log"
    ctx.expect(ctx.emu(["-smp", 3, "--log-commits=%s" % log, image]))
    seen = {line.hart for line in replay.log_lines(log.read_text())}
    if seen != {0, 1, 2}:
        raise Fail("harts %s" % sorted(seen))


def old_qemu(check):
    """QEMU 7.2's spelling of the options, and its errors, are what is known."""
    def test(ctx):
        version = ctx.run([QEMU, "--version"]).out
        if " 7.2" not in version:
            raise Skip("another QEMU than 7.2")
        return check(ctx)
    return test


def tests(ctx):
    for name, (traps, loads) in BAREMETAL.items():
        yield Test("qemu-" + name, old_qemu(bare_metal(name, traps, loads)),
                   timeout=120)
    for seed, (traps, loads) in RANDOM.items():
        yield Test("qemu-arithmetic-%d" % seed,
                   old_qemu(arithmetic(seed, traps, loads)), timeout=120)
    yield Test("sample", sample)
    yield Test("to-stderr", to_stderr)
    yield Test("to-file", to_file)
    yield Test("cannot-write", cannot_write)
    yield Test("full-stderr", full_stderr)
    yield Test("no-reader", no_reader)
    yield Test("open-line", open_line)
    yield Test("harts", harts)
