"""Runs that must be one run, however they are sliced, watched and cached.

The program `twins` makes a guest out of random numbers, or boots a system,
again and again: in slices of a step, of three, 64, 777 and a million, with
no event watched, all or some, and with the decoded code thrown away all the
time.  States, TLB and memory at the end, and each event that was watched,
must be the same.  What a random guest does is no more than a test that emu
outlives it; more seeds: `tests/fuzz/twins random FIRST COUNT STEPS HARTS`,
best in a build with the sanitizers.

`fuzz_*` are fuzzers that coverage guides, under the sanitizers, a row each in
`targets`.  A slice of each is run here, the same each time; `tools/soak` goes
on with them.
"""

import re
import shutil

from harness import FUZZ, IMAGES, Case, Fail, Skip, Test, describe

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


SANITIZERS = {"UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
              "ASAN_OPTIONS": "quarantine_size_mb=16"}


def targets(root):
    """The rows of `targets`: name, inputs of a slice, bytes of an input."""
    text = (root / "tests" / "fuzz" / "targets").read_text()
    return [line.split() for line in text.splitlines()
            if line and not line.startswith("#")]


def fuzzer(name, count, longest):
    def test(ctx):
        if not shutil.which(FUZZ[0]):
            raise Skip("no %s" % FUZZ[0])
        folder = ctx.build_variant("fuzz", *(
            "tests/fuzz/fuzz_" + row[0] for row in targets(ctx.root)))
        corpus = ctx.tmp / "corpus"
        corpus.mkdir()
        # A process begins with the peak of memory of who starts it: which is
        # to be a shell, not this program.
        ctx.expect(ctx.run(
            ["sh", "-c", '"$@"; exit $?', "sh",
             folder / "tests" / "fuzz" / ("fuzz_" + name), "-seed=1",
             "-runs=" + count, "-max_len=" + longest, "-timeout=60",
             "-len_control=0", "-rss_limit_mb=1024",
             "-artifact_prefix=%s/" % ctx.tmp, corpus],
            env=SANITIZERS), err=r"^Done %s runs|^#%s\s+DONE" % (count, count))
    return test


def tests(ctx):
    yield Test("random", random, timeout=180)
    yield Test("system", system, timeout=180)
    for row in targets(ctx.root):
        if ctx.harts == 1:
            yield Test("coverage-" + row[0], fuzzer(*row), timeout=1800)
