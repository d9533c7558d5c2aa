"""The user programs without a machine of ours, and the archive they ship in.

qemu-user gives the programs Linux's own system calls, so what they expect of
a kernel is judged by the kernel whose interface ours copies. What needs our
counters, or the programs' place in the initrd, is left to the guest suite.
"""

import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "guest"))

from console import difference, expected, lines_of  # noqa: E402
from harness import Fail, Test, describe  # noqa: E402

PROGRAMS = [
    "t_fork", "cow", "segv", "lab4", "lab5-cow", "lab5-fib", "lab5-fork",
    "fork-fd", "pipes", "user-copy", "stale", "reservation",
    "file-map", "siginfo", "futex", "dirs", "refuse",
]
PAGE = 4096
SHELL_INPUT = """\
echo one  two "three  four" 'fi$ve' \\$six
false && echo no; true && echo yes || echo no
false || echo status $?
exit 3; echo never
"""
SHELL_OUTPUT = """\
one two three  four fi$ve $six
yes
status 1
"""


def program(name):
    def check(ctx):
        result = ctx.run(["qemu-riscv64", ctx.images / "user" /
                          (name + ".elf")])
        wrong = difference(expected(name, "linux"), lines_of(result)[:-1])
        if result.status != 0 or wrong:
            raise Fail("%s\n%s" % (wrong, describe(result)))
    return check


def shell(ctx):
    """The shell's own part: reading, words, joints, statuses."""
    path = ctx.tmp / "bin"
    path.mkdir()
    for name in ("true", "false", "echo"):
        (path / name).symlink_to("/bin/" + name)
    result = ctx.run([shutil.which("qemu-riscv64"),
                      ctx.images / "user" / "sh.elf"], SHELL_INPUT, env={"PATH": str(path)})
    if result.status != 3 or result.out != SHELL_OUTPUT:
        raise Fail(describe(result))


def entries(archive):
    """(name, mode, time, inode, offset of the data, size) of each member."""
    at = 0
    while True:
        head = archive[at:at + 110].decode("ascii")
        field = [int(head[6 + 8 * i:14 + 8 * i], 16) for i in range(13)]
        name = archive[at + 110:at + 110 + field[11]].split(b"\0")[0].decode()
        data = (at + 110 + field[11] + 3) & ~3
        if head[:6] != "070701":
            raise Fail("no member at %d" % at)
        if name == "TRAILER!!!":
            return
        yield name, field[1], field[5], field[0], data, field[6]
        at = (data + field[6] + 3) & ~3


def initrd(ctx):
    """Members sorted, timeless, their data on page boundaries and intact."""
    archive = (ctx.images / "user" / "initrd.cpio").read_bytes()
    members = list(entries(archive))
    names = [member[0] for member in members]
    if names != sorted(names) or "bin/sh" not in names:
        raise Fail("members: %s" % names)
    for name, mode, time, inode, data, size in members:
        if time != 0 or (size and data % PAGE):
            raise Fail("%s: time %d, data at %d" % (name, time, data))
        if name.startswith("bin/"):
            elf = ctx.images / "user" / (name[4:] + ".elf")
            if archive[data:data + size] != elf.read_bytes():
                raise Fail("%s is not what was built" % name)
    if len({member[3] for member in members}) != len(members):
        raise Fail("an inode number is there twice")


def reproducible(ctx):
    """The packer does not care for the order of its arguments."""
    packer = ctx.root / "guest" / "user" / "pack.py"
    members = ["dev/", "bin/a=%s" % packer, "bin/b=%s" % packer]
    outputs = []
    for order in (members, members[::-1]):
        output = ctx.tmp / "out.cpio"
        subprocess.run([str(packer), str(output)] + order, check=True)
        outputs.append(output.read_bytes())
    if outputs[0] != outputs[1]:
        raise Fail("two orders, two archives")


def segments(ctx):
    """Programs are R, R-X and RW segments that share no page."""
    for elf in sorted((ctx.images / "user").glob("*.elf")):
        out = ctx.run(["riscv64-unknown-elf-readelf", "-lW", elf]).out
        loads = [line.split() for line in out.splitlines()
                 if line.split()[:1] == ["LOAD"]]
        flags = ["".join(load[6:-1]) for load in loads]
        pages = [(int(load[2], 16) // PAGE,
                  (int(load[2], 16) + int(load[5], 16) - 1) // PAGE)
                 for load in loads]
        if flags != ["R", "RE", "RW"] or pages[0][1] >= pages[1][0] or \
                pages[1][1] >= pages[2][0]:
            raise Fail("%s: %s\n%s" % (elf.name, flags, out))


def tests(ctx):
    for name in PROGRAMS:
        yield Test("linux/" + name, program(name))
    yield Test("shell", shell)
    yield Test("initrd", initrd)
    yield Test("reproducible", reproducible)
    yield Test("segments", segments)
