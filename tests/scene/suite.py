"""What a scene says is so: pages, frames, who maps them and what TLBs hold are
read from the machine at random places and compared, and the scene, which goes
back now and then, says the same in the end as an explainer that does not.

The small kernels are those of the suite explain, all its rows, and the random
ones, on four harts.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "explain"))

from harness import Case, Fail, Test, describe  # noqa: E402
from table import rows  # noqa: E402

UNMOVED = "its program is not emu"

COMPARED = re.compile(r"^(\d+) points, (\d+) spaces, (\d+) pages, (\d+) frames, "
                      r"(\d+) TLB entries, (\d+) of them stale, "
                      r"(\d+) stories$")


def against(ctx, harts, points, begin, steps, image, append, more=()):
    """The counts of what was compared."""
    result = ctx.run([ctx.build / "tests" / "scene" / "against", harts, points,
                      begin, steps, 1, ctx.build / image, append] + list(more),
                     timeout=120)
    counts = COMPARED.match(result.out)
    if result.status or not counts:
        raise Fail(describe(result))
    return [int(count) for count in counts.groups()]


def bundled(program, harts, begin, steps):
    """The bundled kernel, at 200 places and more."""
    def check(ctx):
        points, spaces, pages, _, entries, _, stories = against(
            ctx, harts, 300, begin, steps, "guest/kernel/kernel.elf",
            "init=/bin/" + program,
            [ctx.build / "firmware" / "firmware.elf",
             ctx.build / "guest" / "user" / "initrd.cpio"])
        if points < 200 or min(spaces, pages, entries, stories) < 10:
            raise Fail("there was little to compare")
    return check


def small_kernels(ctx):
    """The rows of the suite explain, and random kernels."""
    stale = 0
    for row in rows():
        stale += yield from small(
            ctx, row.name, "tests/explain/kernels/%s.elf" % row.kernel,
            ("run=%s %s" % (row.scenario, row.words)).strip(), 60)
    for seed in range(12):
        words = "run=random seed=%d" % seed
        for folder in "explain/kernels", "check":
            stale += yield from small(
                ctx, "%s/%d" % (folder, seed), "tests/%s/random.elf" % folder,
                words, 200)
    yield Case("stale", None if stale > 100 else "few entries were stale")


def small(ctx, name, image, append, points):
    try:
        stale = against(ctx, 4, points, 0, 400000, image, append)[5]
    except Fail as fail:
        yield Case(name, str(fail))
        return 0
    yield Case(name)
    return stale


VISITED = re.compile(r"^(\d+) events, (\d+) stories, (\d+) places, (\d+) states ")


def record(ctx, options, status=0):
    path = ctx.tmp / "scene.emt"
    result = ctx.emu(["--trace", "%s" % path] + options)
    if result.status != status:
        raise Fail(describe(result))
    return path


def reel(options, least, status=0):
    """Places of a trace are the same straight and by leaps, with much memory
    for states and with little."""
    def check(ctx):
        path = record(ctx, [str(ctx.build / word) if "/" in word and
                            word.endswith(".elf") else word
                            for word in options], status)
        for room in 0, 1500000:
            result = ctx.run([ctx.build / "tests" / "scene" / "reel", path, 60,
                              room + 1, room], timeout=120)
            visited = VISITED.match(result.out)
            if result.status or not visited:
                raise Fail(describe(result))
            if int(visited.group(1)) < least or int(visited.group(2)) < 3:
                raise Fail("there was little to see\n" + describe(result))
    return check


BOARD = re.compile(
    r"^pid (\d+) \(cow\) forks pid (\d+) \(cow\)\. .*\n\n"
    r"pid .*page fault.*\n\n"
    r"before +pid (\d+) \(cow\) +pid (\d+) \(cow\) *\n"
    r"  #([0-9a-f]+) +(0x[0-9a-f]+) +r-- +r-- *\n\n"
    r"after .*\n"
    r"  #([0-9a-f]+) +(0x[0-9a-f]+) +r-- *\n"
    r"  #([0-9a-f]+) +(0x[0-9a-f]+) {20,}rw- *\n$")


def example(ctx):
    """The example draws what --explain tells."""
    path = record(ctx, ["-append", "init=/bin/cow"])
    board = ctx.run([ctx.build / "tests" / "scene" / "blackboard", path])
    drawn = BOARD.match(board.out)
    if board.status or not drawn:
        raise Fail(describe(board))
    before, after, copy = drawn.group(5), drawn.group(7), drawn.group(9)
    told = ctx.emu(["--explain", "-append", "init=/bin/cow"]).err
    copied = re.search(r"copies it to #([0-9a-f]+)|#([0-9a-f]+) is copied to "
                       r"#([0-9a-f]+)", told)
    if before != after or before == copy or "#" + copy not in told or not copied:
        raise Fail(describe(board) + told)


def tests(ctx):
    yield Test("cow", bundled("cow", 1, 1200000, 100000), timeout=120)
    yield Test("fork-limit", bundled("fork-limit", 1, 1200000, 1500000),
               timeout=120)
    yield Test("harts", bundled("t_fork", 4, 1215000, 40000), timeout=120)
    yield Test("small", small_kernels, timeout=240)
    yield Test("reel/cow", reel(["-append", "init=/bin/cow"], 1000))
    yield Test("reel/fork-limit", reel(["-append", "init=/bin/fork-limit"],
                                       100000), timeout=180)
    yield Test("reel/boots", reel(
        ["--max-insns", "100000", "-append", "run=child-first reset",
         "tests/explain/kernels/forks.elf"], 200, 124))
    yield Test("example", example)
