"""The decoder and the disassembler against GNU objdump and LLVM's, the
interpreter against QEMU.

decoding.py compares texts, and tastes.py says where they may differ; judges.py
says who judges what.

Random programs (generator/) must leave the same state on emu and on QEMU, and
make the same traps on the way; what they cover is counted and has to reach
coverage.py's bars, and mistakes put into emu must be found by them.  QEMU 7.2
and QEMU 10 each have programs of their own; what they do wrong stands in
generator/known.py.  The alignment of AMOs has a test
of its own.
"""

import json
import re
import shutil
import sys
from pathlib import Path

from harness import Case, Fail, Skip, Test, describe

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import decoding  # noqa
import judging  # noqa
from generator import image, judge, known, planted  # noqa

SHORT = 3  # atoms that a planted mistake is shrunk to, at the most
REFERENCE = re.compile(r'(?:known\.py,\s+(?:[*#]\s+)?|differs\(\s*)"([^"]+)"')


def random_on(version):
    """Random programs do the same on both; they do enough; they find what is
    wrong, and say it shortly."""
    def check(ctx):
        path = ctx.tmp / "report.json"
        what = (["--move", ctx.move] if ctx.move else
                ["--planted", "quick"])
        result = ctx.run([HERE / "generate.py", "--build", ctx.build, "--judge",
                          version, "--report", path] + what)
        if not path.exists():
            raise Fail(describe(result))
        return random_cases(json.loads(path.read_text()), not ctx.move)
    return check


def random_cases(report, judged_by_mistakes):
    yield Case("differ", error="\n".join(report["differ"]) or None)
    for group, low in report["low"].items():
        yield Case(group, error=low or None)
    for name, seed in report["found"].items():
        yield Case("planted-" + name,
                   error="never found" if seed is None else None)
    if not judged_by_mistakes:
        return
    atoms = re.search(r": (\d+) atoms", report["short"] or "")
    yield Case("short", error=None if atoms and int(atoms.group(1)) <= SHORT
               else "a planted mistake is reported as: %s" % report["short"])


def known_differences(ctx):
    """Every entry of known.py is named where it is kept out, and no other."""
    named = set()
    for path in (HERE / "generator").glob("*"):
        if path.is_file() and path.name != "known.py":
            named.update(re.sub(r"\s+[#*]?\s*", " ", name) for name in
                         REFERENCE.findall(path.read_text()))
    listed = {entry.name for entry in known.WRONG + known.CHOICES}
    if named != listed:
        raise Fail("listed or named alone: %s" % sorted(named ^ listed))


def planted_mistakes(ctx):
    """All of planted.py can still be put in, though CI tries few."""
    for mistakes in (planted.QUICK, planted.MORE):
        for version, those in mistakes.items():
            for mistake in those:
                yield Case("%s-%s" % (version, mistake.name),
                           error=mistake.error())


def misaligned(ctx):
    """LR, SC and AMOs trap with the cause the specification says."""
    path = ctx.tmp / "misaligned.elf"
    image.link(HERE / "misaligned.S", path)
    ctx.expect(ctx.emu(["-bios", "none", "-kernel", path]), status=0)


def needs(*tools):
    """Skip the test where a tool is missing."""
    def wrap(check):
        def run(ctx):
            missing = [tool for tool in tools if not shutil.which(tool)]
            if missing:
                raise Skip("no " + ", ".join(missing))
            return check(ctx)
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
            return check(ctx)
        return needs(tool)(run)
    return wrap


def by_newest_qemu(check):
    def run(ctx):
        return measured_by(ctx.newest_qemu(), known.NEW)(check)(ctx)
    return run


def tests(ctx):
    cc = needs(image.CC)
    for name, (tool, version, _) in decoding.JUDGES.items():
        by_judge = measured_by(tool, version)
        yield Test("compressed-" + name, by_judge(decoding.compressed(name)))
        yield Test("words-" + name, by_judge(decoding.words32(name)),
                   timeout=180)
    yield Test("judges", judging.table)
    yield Test("longer", decoding.longer)
    yield Test("exhaustive", decoding.exhaustive, timeout=300)
    old, new = known.OLD, known.NEW
    yield Test("random", cc(measured_by(judge.QEMU, old)(random_on(old))),
               timeout=900)
    yield Test("random-qemu10", cc(by_newest_qemu(random_on(new))),
               timeout=900)
    yield Test("switches", measured_by(judge.QEMU, old)(
        judging.switches(old, lambda ctx: judge.QEMU)))
    yield Test("switches-qemu10", by_newest_qemu(
        judging.switches(new, lambda ctx: ctx.newest_qemu())))
    yield Test("known", known_differences)
    yield Test("planted", planted_mistakes)
    yield Test("misaligned", cc(misaligned))
