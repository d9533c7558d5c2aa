#!/usr/bin/env python3
"""Runs the test suites and ends in `N passed, N failed, N skipped`.

    tests/run.py [--build DIR] [--suite a,b] [--filter REGEX] [-j N] [--list]
                 [--engine interp] [--fork eager,cow] [--harts 1,4]

A suite is tests/NAME/suite.py; harness.py opens with how to write one.

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
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS))
sys.dont_write_bytecode = True

from harness import ENGINES, Case, Context, Fail, Skip, Test, expect  # noqa

FORKS = ("eager", "cow")
# These run before the others, which stand in the order of their names.
FIRST = ("build", "style", "unit")


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
    parser.add_argument("--suite", default=",".join(known))
    parser.add_argument("--filter", default="", help="suite/test must match")
    parser.add_argument("--engine", default=",".join(ENGINES))
    parser.add_argument("--fork", default=",".join(FORKS))
    parser.add_argument("--harts", default="1,4")
    parser.add_argument("-j", type=int, default=2, help="tests at a time")
    parser.add_argument("--timeout-scale", type=float, default=1)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    options.suite = choice(options.suite, known, "suite")
    options.engine = choice(options.engine, ENGINES, "engine")
    options.fork = choice(options.fork, FORKS, "fork mode")
    options.harts = [int(n) for n in options.harts.split(",")]
    return options


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
    for combination in itertools.product(*values):
        fields = dict(first, **dict(zip(matrix, combination)))
        ctx = Context(TESTS.parent, Path(options.build).resolve(),
                      timeout_scale=options.timeout_scale, **fields)
        suffix = "@" + ",".join(map(str, combination)) if matrix else ""
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


def run_test(full_name, ctx, test):
    """Run one test and never raise: [(name, error or None, skip or None)]."""
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
    finally:
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
        self.seen.add(name)
        return name in self.listed or any(
            optional and fnmatch.fnmatch(name, pattern)
            for pattern, optional in self.listed.items())

    def stale(self, suites):
        return [name for name, optional in sorted(self.listed.items())
                if not optional and name not in self.seen
                and name.split("/")[0] in suites]


class Tally:
    def __init__(self, skips):
        self.skips = skips
        self.passed = self.failed = self.skipped = 0

    def add(self, name, error, skip):
        if skip is not None and not self.skips.accept(name):
            error = "skipped, but not listed in tests/skips: " + skip
        if error is not None:
            self.failed += 1
            print("FAIL %s\n  %s" % (name, error.rstrip()), flush=True)
        elif skip is not None:
            self.skipped += 1
            print("skip %s: %s" % (name, skip), flush=True)
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
        for rows in pool.map(lambda entry: run_test(*entry), todo):
            for row in rows:
                tally.add(*row)
    counts = [now - then for now, then in zip(tally.counts(), before)]
    print("%-12s %4d passed, %d failed, %d skipped  %6.1f s"
          % ((name,) + tuple(counts) + (time.monotonic() - start,)),
          flush=True)


def main():
    options = parse_arguments()
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
