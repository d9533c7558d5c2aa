"""Runs that must be one run, however they are sliced, watched and cached.

The program `twins` makes a guest out of random numbers, or boots a system,
again and again: in slices of a step, of three, 64, 777 and a million, with
no event watched, all or some, and with the decoded code thrown away all the
time.  States, TLB and memory at the end, and each event that was watched,
must be the same.  What a random guest does is no more than a test that emu
outlives it; more seeds: `tests/fuzz/twins random FIRST COUNT STEPS HARTS`,
best in a build with the sanitizers.
"""

import re

from harness import IMAGES, Case, Fail, Test, describe

MATRIX = ("harts",)
UNMOVED = "its program is not emu"

LINE = re.compile(r"^(not )?ok (\S+): (.*)$", re.M)
SEEDS = 60
STEPS = 20000
BOOTARGS = "init=/bin/cow"
BOOT_STEPS = 3000000  # more than it takes


def cases_of(result, count):
    found = list(LINE.finditer(result.out))
    for line in found:
        failed, name, what = line.groups()
        yield Case(name, error=what if failed else None)
    if len(found) != count or result.status not in (0, 1):
        raise Fail("%d of %d guests were judged\n%s"
                   % (len(found), count, describe(result)))


def program(ctx):
    return ctx.build / "tests" / "fuzz" / "twins"


def random(ctx):
    return cases_of(ctx.run([program(ctx), "random", "0", SEEDS,
                             STEPS * ctx.harts, ctx.harts]), SEEDS)


def system(ctx):
    images = [ctx.build / name for name in IMAGES]
    result = ctx.run([program(ctx), "system", *images, BOOTARGS, BOOT_STEPS,
                      ctx.harts])
    if "stop 1," not in result.out:
        raise Fail("it did not power off\n" + describe(result))
    return cases_of(result, 1)


def tests(ctx):
    yield Test("random", random, timeout=180)
    yield Test("system", system, timeout=180)
