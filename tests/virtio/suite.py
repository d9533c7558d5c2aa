"""Disks in virtio slots: programs that own the machine, on emu and on QEMU.

Each prints `ok NAME` or `not ok NAME: …` a check and what registers hold as
`count NAME 0x…`; both must be the same on QEMU 7.2, but for what is listed
here with its reason. What is on the disk afterwards is compared, too.

And what emu alone has to do: tell why a disk cannot be had, tell the guest of
what the host cannot keep, and do all of it again the same way.
"""

import contextlib
import os
import re
import struct
import subprocess

from harness import QEMU, Case, Fail, Test, describe, planned, shell_quote

MATRIX = ("harts",)

LINE = re.compile(r"^(not )?ok (\S+?)(?:: (.*))?$", re.M)
COUNT = re.compile(r"^count (\S+) (0x[0-9a-f]+)$", re.M)
SECTOR, SECTORS = 512, 2048
SEED = 0x9e3779b97f4a7c15
TRANSPORTS = {"blk": "off", "blk-legacy": "on"}

# Feature bits that QEMU offers and emu does not.
NOT_OFFERED = {
    "blk": 1 << 40,        # VIRTIO_F_RING_RESET, for which MMIO has a register
                           # that QEMU has not
    "blk-legacy": 1 << 7,  # VIRTIO_BLK_F_SCSI: there is nothing behind it
}


def sector(number, value=None):
    mark = (number * SEED + 1) & (2 ** 64 - 1) if value is None else value
    return struct.pack("<Q", mark) + bytes([number & 255]) * (SECTOR - 8)


def make_disk(ctx, name="disk", sectors=SECTORS):
    path = ctx.tmp / name
    path.write_bytes(b"".join(sector(n) for n in range(sectors)))
    return path


def drive(path, *more):
    return ["-drive", ",".join(
        ["file=%s" % path, "if=none", "format=raw", "id=x0", *more])]


def options(name, path, *more):
    return ["-global", "virtio-mmio.force-legacy=" + TRANSPORTS[name],
            *drive(path, *more), "-device", "virtio-blk-device,drive=x0,"
            "bus=virtio-mmio-bus.0,serial=SERIAL-1"]


def image(ctx, name):
    return ctx.build / "tests" / "virtio" / (name + ".elf")


def printed(result):
    return re.sub("[\r\0]", "", result.out)


def cases_of(result):
    lines = planned(result, list(LINE.finditer(printed(result))))
    if not printed(result).endswith("passed\n") or result.status:
        raise Fail("no verdict of its own\n" + describe(result))
    for line in lines:
        wrong, check, why = line.groups()
        yield Case(check, error=why if wrong else None)


def changed(data):
    """The sectors that are not as they were, without those that are 0."""
    return {n: data[n * SECTOR:(n + 1) * SECTOR] for n in range(SECTORS)
            if data[n * SECTOR:(n + 1) * SECTOR] != sector(n)}


def left_on_disk(path):
    """What blk.c leaves there."""
    pattern = struct.pack("<Q", 0x1234567890abcdef) * (SECTOR // 8)
    wanted = {5: pattern, 6: pattern}
    wanted.update((n, bytes(SECTOR)) for n in (10, 11, 12))
    if changed(path.read_bytes()) != wanted:
        raise Fail("other sectors than %s changed: %s" % (
            sorted(wanted), sorted(changed(path.read_bytes()))))


def on_emu(name):
    def test(ctx):
        disk = make_disk(ctx)
        yield from cases_of(ctx.emu(options(name, disk) + [image(ctx, name)]))
        left_on_disk(disk)
    return test


def on_qemu(name):
    """The same checks and the same registers."""
    def test(ctx):
        disk = make_disk(ctx)
        ours = ctx.emu(options(name, disk) + [image(ctx, name)])
        disk = make_disk(ctx)
        theirs = ctx.qemu(options(name, disk) + ["-bios", image(ctx, name)])
        yield from cases_of(theirs)
        left_on_disk(disk)
        counts = [COUNT.findall(printed(run)) for run in (ours, theirs)]
        for (what, mine), (_, value) in zip(*counts):
            value = int(value, 16)
            if what == "features":
                value &= ~NOT_OFFERED[name]
            yield Case(what, error=None if int(mine, 16) == value else
                       "emu has %s, QEMU %#x" % (mine, value))
        if len(counts[0]) != len(counts[1]):
            raise Fail("emu reports otherwise\n" + describe(ours))
    return test


REPORT = ("slot", "sectors", "flags", "statuses", "before", "after")
GOOD = {"statuses": 0, "before": 3, "after": 3, "flags": 0}
READ_ONLY = {"statuses": 0x0011000, "before": 3, "after": 0, "flags": 1 << 5}


def disks(ctx, *arguments, wrapper=()):
    """What disks.c says of each disk."""
    result = ctx.run(list(wrapper) + ctx.emu_command()
                     + ["-global", "virtio-mmio.force-legacy=off"]
                     + list(arguments) + [image(ctx, "disks")])
    list(cases_of(result))
    found = [(name, int(value, 16))
             for name, value in COUNT.findall(printed(result))]
    return [dict(found[i:i + len(REPORT)])
            for i in range(0, len(found), len(REPORT))]


def expect_disks(ctx, wanted, *arguments, wrapper=()):
    told = disks(ctx, *arguments, wrapper=wrapper)
    if [{key: disk[key] for key in want}
            for disk, want in zip(told, wanted)] != wanted \
            or len(told) != len(wanted):
        raise Fail("disks %s, wanted %s\n    $ %s" % (
            told, wanted, ctx.commands[-1]))


def words(path):
    """The first and the last sector's first doubleword."""
    data = path.read_bytes()
    return [struct.unpack("<Q", data[at:at + 8])[0]
            for at in (0, (len(data) - 1) // SECTOR * SECTOR)]


WORD = 0x0123456789abcdef
DEVICE = ("-device", "virtio-blk-device,drive=x0")


def kept(ctx):
    """Who may write, where it goes, and which disk is which."""
    disk, before = make_disk(ctx), make_disk(ctx, "copy").read_bytes()
    for more, snapshot in ((["snapshot=on"], []), ([], ["-snapshot"])):
        expect_disks(ctx, [GOOD], *drive(disk, *more), *DEVICE, *snapshot)
        if disk.read_bytes() != before:
            raise Fail("snapshot: the file changed")
    expect_disks(ctx, [READ_ONLY], *drive(disk, "readonly=on"), *DEVICE)
    if disk.read_bytes() != before:
        raise Fail("readonly=on: the file changed")
    for cache in ("writethrough", "unsafe", "none"):
        make_disk(ctx)
        expect_disks(ctx, [GOOD], *drive(disk, "cache=" + cache), *DEVICE)
        if words(disk) != [WORD, WORD]:
            raise Fail("not written")
    make_disk(ctx)
    expect_disks(ctx, [GOOD], "-drive", "if=virtio,format=raw,file=%s" % disk)
    if words(disk) != [WORD, WORD]:
        raise Fail("not written")


def several(ctx):
    """Eight disks of all sizes, in the slots that are said."""
    sizes = [1, 2, 3, 100, 513, 1024, 2047, 2048]
    arguments, wanted = [], []
    for slot, size in enumerate(sizes):
        path = make_disk(ctx, "disk%d" % slot, size)
        arguments += ["-drive", "file=%s,if=none,id=d%d" % (path, slot),
                      "-device", "virtio-blk-device,drive=d%d,bus="
                      "virtio-mmio-bus.%d" % (slot, slot)]
        wanted.append(dict(GOOD, slot=slot, sectors=size,
                           before=3))
    expect_disks(ctx, wanted, *arguments)


def host_errors(ctx):
    """What the host has no room for is an I/O error of the guest's; what it
    took is there."""
    disk = make_disk(ctx)
    limit = ["prlimit", "--fsize=%d" % (SECTOR * 8)]
    expect_disks(ctx, [{"statuses": 0x0001000, "before": 3, "after": 2}],
                 *drive(disk), *DEVICE, wrapper=limit)
    if words(disk)[0] != WORD:
        raise Fail("what was acknowledged is not there")
    if changed(disk.read_bytes()).keys() != {0}:
        raise Fail("other sectors changed")
    make_disk(ctx)
    expect_disks(ctx, [GOOD], *drive(disk, "snapshot=on"), *DEVICE,
                 wrapper=limit)


def short(ctx):
    """A file that ends within a sector, and one that is empty."""
    disk = make_disk(ctx)
    disk.write_bytes(disk.read_bytes()[:SECTOR * 4 + 100])
    expect_disks(ctx, [dict(GOOD, sectors=5)], *drive(disk), *DEVICE)
    if len(disk.read_bytes()) != SECTOR * 5:
        raise Fail("the file has %d bytes" % len(disk.read_bytes()))
    disk.write_bytes(b"")
    expect_disks(ctx, [{"sectors": 0, "statuses": 0x1111011, "before": 0}],
                 *drive(disk), *DEVICE)


def refused(ctx, path, pattern, *more):
    result = ctx.emu([*drive(path, *more), *DEVICE, image(ctx, "disks")])
    ctx.expect(result, status=125, out=r"^\Z", err=pattern)
    if len(result.err.splitlines()) != 1:
        raise Fail("not a line\n" + describe(result))


def bad_disks(ctx):
    """A line that says what is wrong, and no run."""
    fifo, plain = ctx.tmp / "fifo", make_disk(ctx)
    os.mkfifo(str(fifo))
    for more in ([], ["readonly=on"], ["snapshot=on"]):
        refused(ctx, ctx.tmp / "missing", "missing: No such file", *more)
        refused(ctx, fifo, "fifo: this is a pipe", *more)
        refused(ctx, "/dev/null", "a character device", *more)
    refused(ctx, ctx.tmp, "directory")
    refused(ctx, ctx.tmp, "this is a directory", "readonly=on")
    refused(ctx, plain / "x", "Not a directory")
    link = ctx.tmp / "link"
    link.symlink_to(link)
    refused(ctx, link, "symbolic links")


@contextlib.contextmanager
def holder(ctx, command, word):
    """A process that does not end by itself, once it has said that word, and so
    has its disk; QEMU says it when it is asked for it."""
    command = [str(word) for word in command]
    ctx.commands.append(shell_quote(command))
    with subprocess.Popen(command, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        try:
            process.stdin.write(b"info block\n")
            process.stdin.flush()
            if not any(word in line for line in process.stdout):
                raise Fail("nobody holds the disk")
            yield
        finally:
            process.kill()


def locked(ctx):
    """A disk that another emu has, or QEMU, and the other way round."""
    disk = make_disk(ctx)
    qemu = [QEMU, "-M", "virt", "-display", "none", "-S",
            "-monitor", "stdio"]
    for command, word in ((ctx.emu_command(), b"kernel"),
                          (qemu, b"Attached to")):
        with holder(ctx, command + drive(disk) + list(DEVICE), word):
            for more in ([], ["readonly=on"], ["snapshot=on"]):
                refused(ctx, disk, "disk: this disk is locked", *more)
            if command != qemu:
                ctx.expect(ctx.run(qemu + drive(disk) + list(DEVICE)),
                           status=1, err="lock")
    with holder(ctx, ctx.emu_command() + drive(disk, "readonly=on")
                + list(DEVICE), b"kernel"):
        refused(ctx, disk, "several can read it")
        expect_disks(ctx, [READ_ONLY], *drive(disk, "readonly=on"), *DEVICE)
    expect_disks(ctx, [GOOD], *drive(disk), *DEVICE)


def same_again(ctx):
    """Each event twice alike, with a disk; other seeds give other runs."""
    def hash_of(name, *more):
        disk = make_disk(ctx)
        result = ctx.expect(ctx.emu(
            [*options("blk", disk), "-trace-hash=all,commit", *more,
             image(ctx, name)]))
        return re.search("trace hash ([0-9a-f]+ of [0-9]+)",
                         result.err).group(1)

    first = hash_of("harts")
    for _ in range(2):
        if hash_of("harts") != first:
            raise Fail("another hash")
    if (hash_of("harts", "--seed", "7") == first) != (ctx.harts == 1):
        raise Fail("seeds decide of %d harts" % ctx.harts)
    if hash_of("early") != hash_of("early", "--test-move=5000"):
        raise Fail("another hash when it moves")


RNG = ["-global", "virtio-mmio.force-legacy=off", "-device",
       "virtio-rng-device,bus=virtio-mmio-bus.0"]


def rng(ctx):
    """What is random is the seed's, and nobody else's."""
    def words(*more):
        result = ctx.emu(RNG + list(more) + [image(ctx, "rng")])
        for case in cases_of(result):
            if case.error:
                raise Fail(case.name + ": " + case.error)
        return [value for name, value in COUNT.findall(printed(result))
                if name.startswith("word")]

    runs = [words(), words(), words("--seed", "0"), words("--seed", "1")]
    if runs[1:3] != [runs[0]] * 2 or runs[3] == runs[0]:
        raise Fail("words %s" % runs)


def rng_on_qemu(ctx):
    """The same checks, and the same features."""
    ours = ctx.emu(RNG + [image(ctx, "rng")])
    theirs = ctx.qemu(RNG + ["-bios", image(ctx, "rng")])
    yield from cases_of(theirs)
    features = [dict(COUNT.findall(printed(run)))["features"]
                for run in (ours, theirs)]
    left = int(features[1], 16) & ~NOT_OFFERED["blk"]
    yield Case("features", error=None if int(features[0], 16) == left else
               "emu has %s, QEMU %s" % tuple(features))


SERIAL = ["-global", "virtio-mmio.force-legacy=off", "-serial", "none",
          "-monitor", "none", "-chardev", "stdio,id=c0", "-device",
          "virtio-serial-device,bus=virtio-mmio-bus.0", "-device",
          "virtconsole,chardev=c0"]


def serial(ctx):
    """The console in a slot: as on QEMU, and what is typed gets there."""
    ours = ctx.emu(SERIAL + [image(ctx, "serial")], stdin="abc")
    yield from cases_of(ours)
    theirs = ctx.qemu(SERIAL + ["-bios", image(ctx, "serial")], stdin="abc")
    yield from cases_of(theirs)
    told = [COUNT.findall(printed(run)) for run in (ours, theirs)]
    for (what, mine), (_, value) in zip(*told):
        value = int(value, 16)
        if what == "features":
            value &= ~NOT_OFFERED["blk"]
        yield Case(what, error=None if int(mine, 16) == value else
                   "emu has %s, QEMU %#x" % (mine, value))
    for run in ours, theirs:
        if len(told[0]) != len(told[1]) or "<output>\n" not in printed(run):
            raise Fail("output\n" + describe(run))


def tests(ctx):
    for name in TRANSPORTS:
        yield Test(name, on_emu(name))
        if ctx.harts == 1:
            yield Test("qemu-" + name, on_qemu(name))
    yield Test("early", lambda ctx: cases_of(ctx.emu(
        options("blk", make_disk(ctx)) + [image(ctx, "early")])))
    yield Test("rng", rng)
    yield Test("serial", serial)
    yield Test("kept", kept)
    yield Test("several", several)
    yield Test("host-errors", host_errors)
    yield Test("short", short)
    yield Test("same-again", same_again, timeout=120)
    if ctx.harts == 1:
        yield Test("qemu-rng", rng_on_qemu)
        yield Test("bad-disks", bad_disks)
        yield Test("locked", locked)
