#!/usr/bin/env python3
"""Runs the test suites and ends in `N passed, N failed, N skipped`.

    tests/run.py [--build DIR] [--suite a,b | --quick] [--filter REGEX]
                 [-j N] [--list] [--keep] [--no-build] [--engine interp]
                 [--fork eager,cow] [--harts 1,4] [--move 1000,100000]

A suite is tests/NAME/suite.py; harness.py opens with how to write one.  What
is run is built first, in DIR, by tools/build.  --keep keeps the folder of a
test that fails, and says what ran there and how to run that test again.

--move N makes emu save, rebuild and restore its whole machine every N steps;
all results stay what they are.  Without it, that is done in MOVES only.

Skips are owned up to: tests/skips lists `suite/test  reason`, and a skip
that is not listed is a failure, as is a listed one that did not happen (of
the suites that ran whole).  A name with a `?` before it depends on what the
host offers and may or may not be skipped; it may be a pattern.
"""

import argparse
import fnmatch
import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS))
sys.dont_write_bytecode = True

from harness import (ENGINES, Case, Context, Fail, Skip, Test,  # noqa
                     expect, shell_quote)

FORKS = ("eager", "cow")
# These suites run before the others, which stand in the order of their names.
FIRST = ("build", "style", "unit")
# What --quick runs: seconds, and most mistakes show there.
QUICK = ("style", "unit", "cli")
# Suite -> the steps after which machines move, besides never.
MOVES = {"baremetal": (1000, 100000), "guest": (5000000,),
         "determinism": (10000000,), "virtio": (1000,)}
MOVED = re.compile(r"\+move=\d+")


def choice(text, known, what):
    names = text.split(",")
    for name in names:
        if name not in known:
            sys.exit("run.py: no %s '%s' (there are: %s)"
                     % (what, name, ", ".join(known)))
    return names


def parse_arguments():
    known = sorted((path.parent.name for path in TESTS.glob("*/suite.py")),
                   key=lambda name: (name not in FIRST, name))
    parser = argparse.ArgumentParser(description="run the test suites")
    parser.add_argument("--build", default=str(TESTS.parent / "build"))
    suites = parser.add_mutually_exclusive_group()
    suites.add_argument("--suite", default=",".join(known))
    suites.add_argument("--quick", dest="suite", action="store_const",
                        const=",".join(QUICK), help=", ".join(QUICK))
    parser.add_argument("--filter", default="", help="suite/test must match")
    parser.add_argument("--engine", default=",".join(ENGINES))
    parser.add_argument("--fork", default=",".join(FORKS))
    parser.add_argument("--harts", default="1,4")
    parser.add_argument("--move", help="steps after which machines move")
    parser.add_argument("-j", type=int, default=2, help="tests at a time")
    parser.add_argument("--timeout-scale", type=float, default=1)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--keep", action="store_true",
                        help="keep the folders of tests that fail")
    parser.add_argument("--no-build", action="store_true",
                        help="what is to be run is built already")
    options = parser.parse_args()
    options.suite = choice(options.suite, known, "suite")
    options.engine = choice(options.engine, ENGINES, "engine")
    options.fork = choice(options.fork, FORKS, "fork mode")
    options.harts = [int(n) for n in options.harts.split(",")]
    if options.move:
        options.move = [int(n) for n in options.move.split(",")]
    return options


def build(options):
    """Build what is run; whether that went well. Silent where nothing was to
    do."""
    done = subprocess.run([str(TESTS.parent / "tools" / "build"),
                           options.build], stdout=subprocess.PIPE)
    said = done.stdout.decode()
    if not said.endswith("is up to date\n"):
        print(said, end="", flush=True)
    return done.returncode == 0


def moves_of(module, name, options):
    """The steps after which a suite's machines move, 0 for never."""
    if getattr(module, "UNMOVED", None):
        return [0]
    return options.move or [0] + list(MOVES.get(name, ()))


def load_suite(name):
    path = TESTS / name / "suite.py"
    spec = importlib.util.spec_from_file_location("suite_" + name, str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tests_of(module, name, options):
    """The (full name, context, test) of a suite, for its whole matrix."""
    matrix = getattr(module, "MATRIX", ())
    values = [getattr(options, parameter) for parameter in matrix]
    first = {p: getattr(options, p)[0] for p in ("engine", "fork", "harts")}
    for move, *combination in itertools.product(
            moves_of(module, name, options), *values):
        fields = dict(first, move=move, **dict(zip(matrix, combination)))
        ctx = Context(TESTS.parent, Path(options.build).resolve(),
                      timeout_scale=options.timeout_scale, **fields)
        suffix = "@" + ",".join(map(str, combination)) if matrix else ""
        suffix += "+move=%d" % move if move else ""
        for test in module.tests(ctx):
            yield "%s/%s%s" % (name, test.name, suffix), ctx, test


def perform(ctx, test):
    """Run one test: a list of its cases."""
    if not callable(test.what):
        result = ctx.emu(test.what, test.stdin, test.timeout)
        expect(result, test.status, test.out, test.err)
        return [Case("")]
    cases = test.what(ctx)
    return [Case("")] if cases is None else list(cases)


def keep(full_name, ctx):
    """Note what ran in the test's folder; what to say of that."""
    (ctx.tmp / "commands").write_text("".join(
        line + "\n" for line in ctx.commands))
    again = ["tests/run.py", "--build", ctx.build, "--keep", "--suite",
             full_name.split("/")[0], "--filter",
             "^%s$" % re.escape(full_name)]
    again += ["--move", ctx.move] if ctx.move else []
    last = "\n    $ " + ctx.commands[-1] if ctx.commands else " none"
    return "\n  kept: %s\n  its last command:%s\n  again: %s" % (
        ctx.tmp, last, shell_quote(again))


def run_test(full_name, ctx, test, kept=False):
    """Run one test and never raise: [(name, error or None, skip or None)].
    kept: its folder is, if it fails."""
    ctx = ctx.variant(tmp=Path(tempfile.mkdtemp(prefix="emu-test-")),
                      test=test)
    try:
        cases = perform(ctx, test)
        if not cases:
            raise Fail("the test has no cases")
    except Skip as skip:
        cases = [Case("", skip=str(skip))]
    except Fail as failure:
        cases = [Case("", error=str(failure))]
    except Exception:
        cases = [Case("", error=traceback.format_exc())]
    failed = [case for case in cases if case.error is not None]
    if kept and failed:
        failed[-1].error += keep(full_name, ctx)
    else:
        shutil.rmtree(str(ctx.tmp), ignore_errors=True)
    return [(full_name + ("/" + case.name if case.name else ""),
             case.error, case.skip) for case in cases]


class Skips:
    """The list of skips that are known, and which of them happened."""

    def __init__(self, path):
        self.listed, self.seen = {}, set()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            words = line.split(None, 1)
            if not words or words[0].startswith("#"):
                continue
            if len(words) < 2:
                sys.exit("%s:%d: a skip needs a reason" % (path, number))
            self.listed[words[0].lstrip("?")] = words[0].startswith("?")

    def accept(self, name):
        name = MOVED.sub("", name)
        self.seen.add(name)
        return name in self.listed or any(
            optional and fnmatch.fnmatch(name, pattern)
            for pattern, optional in self.listed.items())

    def stale(self, suites):
        return [name for name, optional in sorted(self.listed.items())
                if not optional and name not in self.seen
                and name.split("/")[0] in suites]


def tell(text):
    """In one piece: what a test itself prints comes before it or after it."""
    print(text + "\n", end="", flush=True)


class Tally:
    def __init__(self, skips):
        self.skips = skips
        self.passed = self.failed = self.skipped = 0

    def add(self, name, error, skip):
        if skip is not None and not self.skips.accept(name):
            error = "skipped, but not listed in tests/skips: " + skip
        if error is not None:
            self.failed += 1
            tell("FAIL %s\n  %s" % (name, error.rstrip()))
        elif skip is not None:
            self.skipped += 1
            tell("skip %s: %s" % (name, skip))
        else:
            self.passed += 1

    def counts(self):
        return self.passed, self.failed, self.skipped


def run_suite(name, options, tally):
    before, start = tally.counts(), time.monotonic()
    try:
        module = load_suite(name)
        todo = [entry for entry in tests_of(module, name, options)
                if re.search(options.filter, entry[0])]
        if not todo and not options.filter:
            raise Fail("the suite has no tests")
    except Exception:
        tally.add(name, traceback.format_exc(), None)
        return
    if options.list:
        print("\n".join(entry[0] for entry in todo))
        return
    workers = 1 if getattr(module, "SERIAL", False) else options.j
    with ThreadPoolExecutor(max(1, workers)) as pool:
        for rows in pool.map(
                lambda entry: run_test(*entry, options.keep), todo):
            for row in rows:
                tally.add(*row)
    counts = [now - then for now, then in zip(tally.counts(), before)]
    print("%-12s %4d passed, %d failed, %d skipped  %6.1f s"
          % ((name,) + tuple(counts) + (time.monotonic() - start,)),
          flush=True)


def main():
    options = parse_arguments()
    if not (options.list or options.no_build or build(options)):
        print("0 passed, 1 failed, 0 skipped")
        return 1
    os.environ.pop("NO_COLOR", None)
    os.environ["LC_ALL"] = "C.UTF-8"
    skips = Skips(TESTS / "skips")
    tally = Tally(skips)
    for name in options.suite:
        run_suite(name, options, tally)
    if options.list:
        return 0
    if not options.filter:
        for name in skips.stale(options.suite):
            tally.add(name, "listed in tests/skips, but was not skipped",
                      None)
    print("%d passed, %d failed, %d skipped" % tally.counts())
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
