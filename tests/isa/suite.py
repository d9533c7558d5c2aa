"""The decoder and the disassembler against GNU objdump and LLVM's, the
interpreter against QEMU.

decoding.py compares texts, and tastes.py says where they may differ; judges.py
says who judges what.

Random programs (programs.py), in each mode, with and without translation,
must leave the same state on emu and on QEMU.  What QEMU 7.2 does wrong is not
in them, or masked by runtime.S, which says so; the alignment of AMOs has a
test of its own: a misaligned AMO is a load to QEMU, and a misaligned SC
without a reservation just fails, both against "A Extension".
"""

import re
import shutil
import sys
from pathlib import Path

from harness import ENGINES, Fail, Skip, Test

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import decoding  # noqa
import judging  # noqa
import programs  # noqa

PROGRAMS, CHUNKS, CHUNK_LENGTH = 12, 64, 200
ROW_AT_LEAST = 200  # times that the programs contain each row


def comparison(ctx, emu):
    def run_guest(command):
        result = ctx.run(command, timeout=30)
        return result.status, result.out
    return programs.Comparison(ctx.root, ctx.tmp, emu, run_guest)


def same_as_qemu(ctx):
    """Random programs leave the same state on both."""
    both = comparison(ctx, [ctx.build / "emu"] + ENGINES[ctx.engine])
    found = [both.compare(seed, CHUNKS, CHUNK_LENGTH)
             for seed in range(PROGRAMS)]
    found = [difference for difference in found if difference]
    if found:
        raise Fail("%d of %d programs differ\n%s"
                   % (len(found), PROGRAMS, "\n".join(found)))


def every_row_is_in(ctx):
    """The programs contain each row of rv64.def, often."""
    total = {}
    both = comparison(ctx, [])
    for seed in range(PROGRAMS):
        for name, n in both.coverage(seed, CHUNKS, CHUNK_LENGTH).items():
            total[name] = total.get(name, 0) + n
    rare = {name: n for name, n in total.items() if n < ROW_AT_LEAST}
    if rare or len(total) < 100:
        raise Fail("%d rows; seldom: %s" % (len(total), rare))


def difference_is_found(ctx):
    """A machine without A is told from one with it, and by what."""
    both = comparison(ctx, [programs.QEMU, "-M", "virt", "-nographic",
                            "-no-reboot", "-cpu", programs.QEMU_CPU + ",g=off,a=off"])
    found = both.compare(0, 2, CHUNK_LENGTH)
    if not found or not re.search(r"the last: (amo|lr_|sc_)\w+ ", found):
        raise Fail("found: %s" % found)


def misaligned(ctx):
    """LR, SC and AMOs trap with the cause the specification says."""
    image = ctx.tmp / "misaligned.elf"
    programs.link(HERE / "misaligned.S", image)
    ctx.expect(ctx.emu(["-bios", "none", "-kernel", image]), status=0)


def needs(*tools):
    """Skip the test where a tool is missing."""
    def wrap(check):
        def run(ctx):
            missing = [tool for tool in tools if not shutil.which(tool)]
            if missing:
                raise Skip("no " + ", ".join(missing))
            check(ctx)
        return run
    return wrap


def measured_by(tool, version):
    """Skip the test where the tool it compares with is another version: it
    knows other instructions, or spells them differently."""
    def wrap(check):
        def run(ctx):
            said = ctx.run([tool, "--version"]).out
            if not re.search(r"(?<![\d.])%s\b" % re.escape(version), said):
                raise Skip("not version %s: %s"
                           % (version, said.strip().split("\n")[0]))
            check(ctx)
        return needs(tool)(run)
    return wrap


def tests(ctx):
    cc = needs(programs.CC)
    by_qemu = measured_by(programs.QEMU, "7.2")
    for judge, (tool, version, _) in decoding.JUDGES.items():
        by_judge = measured_by(tool, version)
        yield Test("compressed-" + judge, by_judge(decoding.compressed(judge)))
        yield Test("words-" + judge, by_judge(decoding.words32(judge)),
                   timeout=180)
    yield Test("judges", judging.table)
    yield Test("longer", decoding.longer)
    yield Test("exhaustive", decoding.exhaustive, timeout=300)
    yield Test("random", cc(by_qemu(same_as_qemu)), timeout=300)
    yield Test("random-coverage", every_row_is_in)
    yield Test("random-finds", cc(by_qemu(difference_is_found)))
    yield Test("misaligned", cc(misaligned))
