"""Broken kernels: does what emu says by itself lead to the mistake?

Each row of rows.py is a kernel with one mistake, and a program that shows it.
The program runs with --explain, --frames and --fail-on, as a student would run
it.  Who reads has the first lines of the explanation and the report of the end;
in these the function has to be named, or a line of it, in which the mistake was
planted.  Of the right kernel nothing of the kind is said.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import build  # noqa: E402
from harness import Case, Test, describe  # noqa: E402
from rows import LABS, RACE, ROOT  # noqa: E402

READ = 40  # lines of the explanation
# What is said of a kernel that errs.
FINDINGS = re.compile(
    r"^▸ |still store, and|can store, and|both can store|W=1 again and no copy|W=1 "
    r"all the same|given out again|old TLB entry|whose bytes differ|a page table\*"
    r"|is freed twice|although it was freed|which is free|Never freed|endless "
    r"loop|answer is seen|through its own mapping|"
    r"^emu: (?:stopped|the console|hart)", re.M)


ALWAYS = ["--explain", "--fail-on", "PANIC", "--max-insns", "20000000"]


def run_bundled(ctx, lab, image, initrd):
    return [ctx.emu(ALWAYS + [
        "-kernel", image, "-initrd", initrd, "--frames", "ours",
        "-append", "init=/bin/" + lab.program])]


def run_small(ctx, lab, image):
    """A run with each of the turns."""
    return [ctx.emu(ALWAYS + [
        "-smp", "3", "--quantum", turns, "-append", "run=" + lab.program,
        "--frames", "alloc=frame_new,free=frame_free,via=frame_drop", image])
            for turns in lab.turns]


def read_part(err):
    """What is read: the first lines of what is explained, and the report."""
    told, _, report = err.partition("\nemu: ")
    return "\n".join(told.split("\n")[:READ]) + "\n" + report


def naming(text, file, names, lines):
    """The first place in the text that names the guilty function, or None."""
    for line in text.split("\n"):
        for name in names:
            if re.search(r"\b%s\b" % name, line):
                return line
        for number in re.findall(r"\b%s:(\d+)" % re.escape(file), line):
            if int(number) in lines:
                return line
    return None


def difference(lab, results, names, lines):
    """What is wrong with what is told of a lab, or None."""
    file = Path(lab.mistakes[0].path).name
    told = [naming(read_part(result.err), file, names, lines)
            for result in results]
    if lab.lack:
        return "it is told by now: %s" % told if any(told) else None
    if lab.says not in results[-1].err:
        return "no '%s'\n%s" % (lab.says, describe(results[-1]))
    return None if any(told) else "%s is not named\n%s\n%s" % (
        " or ".join(names), read_part(results[-1].err), describe(results[-1]))


def findings(results):
    """What is said of a right kernel that it is not, or None."""
    for result in results:
        found = FINDINGS.search(result.err)
        if found or result.status:
            return "%s\n%s" % (found and found.group(), describe(result))
    return None


def small(ctx, lab):
    """Runs of the kernel with the mistake and without, and what of the first
    was compiled anew."""
    source = (ROOT / lab.mistakes[0].path).read_text()
    image = build.small_kernel(ctx, "planted", lab.text(lab.mistakes[0].path))
    right = build.small_kernel(ctx, "right", source)
    return run_small(ctx, lab, image), run_small(ctx, lab, right), [image]


def labs(ctx):
    """The guilty function is named in each kernel with a mistake, and nothing
    is found in the right one."""
    kernels, initrd = build.Kernels(ctx), build.programs(ctx)
    right = kernels.linked("right", {})
    for lab in LABS:
        error = [mistake.error() for mistake in lab.mistakes if mistake.error()]
        if error:
            yield Case(lab.name, error[0])
            continue
        if lab.turns:
            bad, good, changed = small(ctx, lab)
        else:
            image, changed = kernels.planted(lab)
            bad = run_bundled(ctx, lab, image, initrd)
            good = run_bundled(ctx, lab, right, initrd)
        function, lines = lab.guilty()
        file = Path(lab.mistakes[0].path).name
        names = {function}.union(*(
            build.symbols(ctx, binary, file, lines) for binary in changed))
        yield Case(lab.name, difference(lab, bad, names, lines))
        yield Case(lab.name + "-right", findings(good))


def tests(ctx):
    yield Test("labs", labs, timeout=120)
