"""Disks in virtio slots: programs that own the machine, on emu and on QEMU.

Each prints `ok NAME` or `not ok NAME: …` a check and what registers hold as
`count NAME 0x…`; both must be the same on QEMU 7.2, but for what is listed
here with its reason. What is on the disk afterwards is compared, too.
"""

import re
import struct

from harness import Case, Fail, Test, describe, planned

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


def tests(ctx):
    for name in TRANSPORTS:
        yield Test(name, on_emu(name))
        if ctx.harts == 1:
            yield Test("qemu-" + name, on_qemu(name))
