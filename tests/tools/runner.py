"""tests/run.py itself: copies of it with suites of their own, and a tools/build
that only notes what it is asked for.
"""

import re
import shutil
import sys

from harness import Fail, Test, describe

SUITE = '''"""A suite for the runner's tests."""
import sys
from harness import Fail, Test
%s

def writes(ctx):
    (ctx.tmp / "left").write_text("here")
    ctx.run(["echo", "a b"])
    %s


def shows(ctx):
    sys.stdout.write(" ".join(map(str, ctx.emu_command()[1:])) + chr(10))


def tests(ctx):
    yield Test("writes", writes)
    yield Test("shows", shows)
'''
FAILS = 'raise Fail("on purpose")'


def tree(ctx, suites, build="exit 0"):
    """A source tree of nothing but the runner. suites: name -> what its module
    and its first test have more."""
    root = ctx.tmp / "tree"
    for name, more in suites.items():
        folder = root / "tests" / name
        folder.mkdir(parents=True)
        (folder / "suite.py").write_text(SUITE % more)
    for name in ("run.py", "harness.py"):
        shutil.copy(str(ctx.root / "tests" / name), str(root / "tests" / name))
    (root / "tests" / "skips").write_text("")
    (root / "tools").mkdir()
    script = root / "tools" / "build"
    script.write_text("#!/bin/sh\necho \"$*\" >>%s/asked\n%s\n"
                      % (ctx.tmp, build))
    script.chmod(0o755)
    return root


def runner(ctx, root, *arguments):
    return ctx.run([sys.executable, root / "tests" / "run.py", "--build",
                    ctx.tmp / "build"] + list(arguments),
                   env={"TMPDIR": str(ctx.tmp)})


def builds(ctx):
    """The runner builds what it runs, unless told that it is built."""
    root = tree(ctx, {"one": ("", "pass")})
    ctx.expect(runner(ctx, root), out=r"^2 passed, 0 failed, 0 skipped\n\Z")
    asked = (ctx.tmp / "asked").read_text()
    if asked != "%s\n" % (ctx.tmp / "build"):
        raise Fail("asked to build %r" % asked)
    for option in ("--no-build", "--list"):
        ctx.expect(runner(ctx, root, option))
    if (ctx.tmp / "asked").read_text() != asked:
        raise Fail("built for --no-build or --list")


def build_fails(ctx):
    """Nothing is run then, and that is a failure."""
    root = tree(ctx, {"one": ("", "pass")}, "exit 125")
    ctx.expect(runner(ctx, root), 1, out=r"\A0 passed, 1 failed, 0 skipped\n\Z")


def keeps(ctx):
    """--keep: folder, last command and how to run it again; only of a test
    that fails, and only when asked."""
    root = tree(ctx, {"good": ("", "pass"), "bad": ("", FAILS)})
    result = runner(ctx, root, "--keep")
    ctx.expect(result, 1, out=[
        r"^FAIL bad/writes\n  on purpose\n  kept: ",
        r"^  its last command:\n    \$ echo 'a b'$",
        r"^  again: tests/run.py --build \S+/build --keep --suite bad "
        r"--filter '\^bad/writes\$'$"])
    kept = re.search(r"kept: (\S+)$", result.out, re.M).group(1)
    folders = list(ctx.tmp.glob("emu-test-*"))
    if [str(folder) for folder in folders] != [kept]:
        raise Fail("kept %s\n%s" % (folders, describe(result)))
    names = sorted(path.name for path in folders[0].iterdir())
    if names != ["commands", "left"]:
        raise Fail("kept %s" % names)
    shutil.rmtree(kept)
    ctx.expect(runner(ctx, root), 1, out=r"on purpose\n(?!  kept)")
    if list(ctx.tmp.glob("emu-test-*")):
        raise Fail("kept what nobody asked for")


def quick(ctx):
    """--quick is three suites, and not together with --suite."""
    names = ("style", "unit", "cli", "isa")
    root = tree(ctx, {name: ("", "pass") for name in names})
    result = runner(ctx, root, "--quick")
    ctx.expect(result, out=r"^6 passed, 0 failed, 0 skipped\n\Z")
    if "isa" in result.out:
        raise Fail(describe(result))
    ctx.expect(runner(ctx, root, "--quick", "--suite", "isa"), 2)


def moves(ctx):
    """--move is a parameter of each suite but those that say why not."""
    matrix = 'MATRIX = ("harts",)'
    root = tree(ctx, {"still": ('UNMOVED = "it has no guest"', "pass"),
                      "moved": (matrix, FAILS)})
    result = runner(ctx, root, "--move", "0,7", "--harts", "1,2",
                    "-j", "1")
    lines = set(result.out.splitlines())
    wanted = {"", "-smp 2", "--test-move=7", "-smp 2 --test-move=7",
              "FAIL moved/writes@1", "FAIL moved/writes@2+move=7",
              "6 passed, 4 failed, 0 skipped"}
    if wanted - lines or result.out.count("--test-move=7\n") != 2:
        raise Fail("%s\n%s" % (sorted(wanted - lines), describe(result)))


TESTS = [
    Test("runner/builds", builds),
    Test("runner/build-fails", build_fails),
    Test("runner/keeps", keeps),
    Test("runner/quick", quick),
    Test("runner/moves", moves),
]
