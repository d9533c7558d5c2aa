"""The library's example tells what -d tells of the same run."""

import re

from harness import Fail, Test

LINE = re.compile(r"^ *(\d+) h0 ([USM]) .* (page_fault|pte_write) +(.*)$", re.M)
USER_END = 1 << 38


def example(ctx):
    images = [ctx.build / name for name in (
        "firmware/firmware.elf", "guest/kernel/kernel.elf",
        "guest/user/initrd.cpio")]
    told = ctx.expect(ctx.run(
        [ctx.build / "tests/trace/faults"] + images + ["init=/bin/cow"]),
        out=r"refused: not_writable\n +\d+   level 0 entry of 0x").out
    log = ctx.expect(ctx.emu(
        ["-serial", "null",  # as the example has no input
         "-bios", images[0], "-kernel", images[1], "-initrd", images[2],
         "-append", "init=/bin/cow", "-d", "page_fault,pte_write"])).err
    wanted = []
    for time, priv, kind, fields in LINE.findall(log):
        va = int(re.search(r"\bva=(\w+)", fields).group(1), 16)
        if priv == "U" if kind == "page_fault" else va < USER_END:
            wanted.append((time, kind, va))
    found = [(time, "page_fault" if access else "pte_write", int(va, 16))
             for time, access, va in re.findall(
                 r"^ *(\d+) (?:(\w+) to|  level \d entry of) (0x[0-9a-f]+)",
                 told, re.M)]
    if found != wanted or len(wanted) < 20:
        raise Fail("%s\nand not\n%s" % (found, wanted))


def tests(ctx):
    yield Test("example", example)
