"""Unit tests: the cmocka programs that the build put under tests/unit.

Every cmocka test is counted by itself, from the program's TAP output; a
program that dies in the middle fails for the cases it did not reach.
"""

import os
import re

from harness import Case, Fail, Skip, Test, describe

UNMOVED = "its programs are not emu"

LINE = re.compile(r"^(not )?ok \d+ (?:- (\S+)|# SKIP (\S+))", re.M)
PLAN = re.compile(r"^1\.\.(\d+)", re.M)


def cases_of(result):
    planned = PLAN.search(result.out)
    seen = list(LINE.finditer(result.out))
    if not planned or not seen:
        raise Fail("no test was reported\n" + describe(result))
    for line in seen:
        failed, name, skipped = line.groups()
        if skipped:
            yield Case(skipped, skip="the program skipped it")
        else:
            yield Case(name, error=describe(result) if failed else None)
    if len(seen) != int(planned.group(1)):
        yield Case("end", error="the program stopped after %d of %s tests\n%s"
                   % (len(seen), planned.group(1), describe(result)))
    elif result.status != 0 and not any(line.group(1) for line in seen):
        yield Case("end", error="bad status\n" + describe(result))


def run_program(path):
    def run(ctx):
        return cases_of(ctx.run([path], cwd=str(ctx.root),
                                env={"CMOCKA_MESSAGE_OUTPUT": "TAP"}))
    return run


def all_are_built(ctx):
    """Each test_NAME.c has its line in meson.build."""
    folder = ctx.root / "tests" / "unit"
    lines = (folder / "meson.build").read_text()
    names = [path.stem[len("test_"):] for path in folder.glob("test_*.c")]
    left = [name for name in names if "  '%s': [" % name not in lines]
    if left:
        raise Fail("not in meson.build: %s" % sorted(left))


def tests(ctx):
    yield Test("all-are-built", all_are_built)
    folder = ctx.build / "tests" / "unit"
    for path in sorted(folder.glob("test_*")):
        if path.is_file() and os.access(str(path), os.X_OK):
            yield Test(path.name[len("test_"):], run_program(path),
                       timeout=120)
