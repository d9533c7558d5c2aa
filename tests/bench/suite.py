"""The benchmark programs: right results on emu and QEMU, and a whole report.

Speed itself is not judged here, or a busy or slow host would decide: a figure
has to be there. See run.py.
"""

import json
import shutil
import sys

from harness import Fail, Skip, Test, expect

UNMOVED = "run.py measures a machine that stays where it is"


MEASURED = ("alu", "memory", "alias", "calls", "branches", "fp", "core",
            "core-sv39", "csr", "ecall", "fault", "fence", "satp", "satp-work",
            "sled", "stores", "codestores", "exec", "pages-2m", "pages-4k")


def measure(ctx, rounds, *more):
    path = ctx.tmp / "figures.json"
    expect(ctx.run([sys.executable, ctx.root / "tests" / "bench" / "run.py",
                    "--build", ctx.build, "--rounds", rounds, "--json", path,
                    *more]))
    return json.loads(path.read_text())["programs"]


def lacking(programs):
    """The programs that took no longer than starting an emulator."""
    return [name for name in MEASURED if not all(
        programs[name][engine].get("mips", 0) > 0
        for engine in ("emu", "qemu"))]


def report(ctx):
    """One round of everything; run.py compares what the emulators print. What
    is lost in the noise of that gets more rounds."""
    programs = measure(ctx, 1)
    if lacking(programs) or len(programs["codestores"]["beside"]) < 2:
        programs.update(measure(ctx, 7, "--only", ",".join(
            lacking(programs) + ["codestores"])))
    for name in lacking(programs):
        raise Fail("%s: %s" % (name, programs[name]))
    if set(programs["codestores"]["beside"]) != {"emu", "qemu"}:
        raise Fail("codestores: %s" % programs["codestores"])
    for name in ("off", "off-kernel", "boot"):
        for engine in ("emu", "qemu"):
            if not programs[name][engine]["rss_kib"] > 0:
                raise Fail("%s: %s" % (name, programs[name]))


def explained(ctx):
    """Few events of each kind; explain.py counts what one costs."""
    if not shutil.which("valgrind"):
        raise Skip("no valgrind")
    path = ctx.tmp / "explained.json"
    expect(ctx.run([sys.executable, ctx.root / "tests/bench/explain.py",
                    "--build", ctx.build, "--only", "ecall,fence",
                    "--steps", "20000", "--json", path]))
    for name, row in json.loads(path.read_text()).items():
        if not (row["events"] > 1000 and row["per_event"] > 0):
            raise Fail("%s: %s" % (name, row))


def traces(ctx):
    """A small one; with 10 GB, opening and going somewhere is to take no more
    than 100 and 50 ms."""
    path = ctx.tmp / "large.emt"
    figures = json.loads(expect(ctx.run(
        [ctx.build / "tests/bench/traces", path, "8000000"])).out)
    if not (figures["bytes"] >= 8000000 and figures["events"] > 500000
            and figures["open_cold_ms"]["median"] > 0
            and figures["seek_warm_ms"]["worst"] > 0):
        raise Fail("%s" % figures)


def tests(ctx):
    yield Test("report", report, timeout=300)
    yield Test("traces", traces)
    yield Test("explained", explained, timeout=300)
