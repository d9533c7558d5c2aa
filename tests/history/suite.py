"""Back and forward in the run of a machine, at random: everything is what it
was, nothing is printed twice, and no way is longer than to the next snapshot.

walk.c does it, and compares with a machine that keeps no history.
"""

import struct

from harness import Fail, Test, describe

UNMOVED = "walk makes its own machines"

SESSION = "\n\n\nls\nt_fork\ncow\nps\nall\nexit\n"
SECTORS = 2048
SEED = 0x9e3779b97f4a7c15


def walk(ctx, arguments, **options):
    command = [ctx.build / "tests" / "history" / "walk"]
    for name, value in options.items():
        command += ["-" + name.replace("_", "-"), value]
    result = ctx.run(command + arguments, timeout=300)
    if result.status or not result.out.startswith("ok: "):
        raise Fail("no way back\n" + describe(result))


def kernel(**options):
    def test(ctx):
        walk(ctx, ["-firmware", ctx.build / "firmware" / "firmware.elf",
                   "-initrd", ctx.build / "guest" / "user" / "initrd.cpio",
                   ctx.build / "guest" / "kernel" / "kernel.elf"],
             type=SESSION, ram=16, **options)
    return test


def races(name, **options):
    def test(ctx):
        walk(ctx, [ctx.build / "tests" / "smp" / (name + ".elf")], harts=4,
             marks=100, distance=20000, ram=16, **options)
    return test


def sector(number):
    mark = (number * SEED + 1) & (2 ** 64 - 1)
    return struct.pack("<Q", mark) + bytes([number & 255]) * 504


def disk(program, **options):
    """Requests in flight, and a disk that goes back as well."""
    def test(ctx):
        path = ctx.tmp / "disk"
        path.write_bytes(b"".join(sector(n) for n in range(SECTORS)))
        walk(ctx, [ctx.build / "tests" / "virtio" / (program + ".elf")],
             disk=path, steps=1000000, marks=150, distance=20000, ram=16,
             **options)
    return test


def raw(ctx):
    """A disk without an overlay."""
    path = ctx.tmp / "raw"
    path.write_bytes(b"".join(sector(n) for n in range(SECTORS)))
    disk("blk", raw=path)(ctx)


def bare(name):
    """A program that owns the machine, step by step in the past."""
    def test(ctx):
        walk(ctx, [ctx.build / "tests" / "baremetal" / (name + ".elf")],
             steps=400000, distance=20000, marks=100, pairs=50, ram=16,
             events="all")
    return test


def code(ctx):
    """What harts know of code that has changed goes back, too."""
    walk(ctx, [ctx.build / "tests" / "check" / "mistakes.elf"], harts=2,
         firmware=ctx.build / "firmware" / "firmware.elf",
         append="run=patch-remote", steps=200000, distance=500, pairs=50,
         events="all")


def tests(ctx):
    yield Test("kernel", kernel(
        steps=30000000, distance=400000, marks=400, pairs=700))
    yield Test("kernel-events", kernel(
        steps=1000000, distance=100000, events="all"))
    yield Test("kernel-4-harts", kernel(
        steps=10000000, distance=500000, harts=4, seed=2, pairs=100))
    yield Test("kernel-moves", kernel(
        steps=2000000, distance=200000, move=20000, pairs=50))
    yield Test("little-memory", kernel(
        steps=10000000, distance=30000, bytes=4000000, seed=3, pairs=100))
    yield Test("worst", kernel(
        steps=1000000, distance=100000, worst="on", seed=4, pairs=100))
    yield Test("worst-events", kernel(
        steps=500000, distance=100000, worst="on", events="all", seed=5,
        pairs=50))
    for name in ("atomics", "remote", "wake"):
        yield Test(name, races(name, steps=1000000, pairs=100))
        yield Test(name + "-events", races(
            name, steps=1000000, events="all", pairs=50))
    for name in ("rewrite", "stale-random", "reservation", "sstc"):
        yield Test(name, bare(name))
    yield Test("code", code)
    yield Test("disk", disk("blk", pairs=100))
    yield Test("disk-events", disk("blk", events="all", pairs=50))
    yield Test("disk-raw", raw)
