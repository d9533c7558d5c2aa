"""Debian's own kernel, unchanged, where tools/fetch-linux has put it: to a
shell on one to eight harts, and with its root on a disk.

Two runs of one input are the same, byte for byte and event for event, and
another seed makes another run; what the kernel logs is what it logs on QEMU,
but for what is named here.  The root file system is a copy in each test, and
e2fsck judges what is left of it.
"""

import os
import re
import shutil
from pathlib import Path

from harness import Fail, Skip, Test, describe

# Beside other suites it would be what all wait for, and has much of the memory.
SERIAL = True
UNMOVED = "each of its machines has much RAM to move"
HASH = re.compile(r"^trace hash [0-9a-f]{16} of \d+ events$", re.M)
# The driver of the UART empties its FIFO, more than once, until a shell reads.
UNHEARD = "\n" * 64
STAMP = re.compile(r"^\[ *\d+\.\d+\] (.*?)\r*$", re.M)


def files(*names):
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    found = [Path(cache) / "emu" / "linux" / name for name in names]
    for path in found:
        if not path.exists():
            raise Skip("no %s: tools/fetch-linux %s" % (
                path, "--root" if path.suffix == ".ext4" else ""))
    return found


def guest(append, harts, *more):
    if "console=" not in append:
        append = "console=ttyS0 " + append
    image, initrd = files("Image", "initrd.cpio")
    return ["-m", "512M", "-smp", harts, "-kernel", image, "-initrd", initrd,
            "-append", append] + list(more)


def shell(ctx, lines, arguments, **more):
    """Types lines into a shell; what a run printed that ended by itself."""
    result = ctx.run(ctx.emu_command() + arguments,
                     UNHEARD + "\n".join(lines) + "\n", **more)
    if result.status or "reboot: Power down" not in result.out:
        raise Fail("no shell, or a bad end\n" + describe(result))
    return result


def boots(harts):
    def check(ctx):
        result = shell(ctx, ["echo harts=$(nproc) $(uname -ms)", "exit"],
                       guest("quiet", harts))
        ctx.expect(result, out=r"^harts=%d Linux riscv64\r*$" % harts)
        if re.search(r"BUG:|WARNING:|Oops|rcu: INFO", result.out):
            raise Fail("the kernel complains\n" + describe(result))
    return check


# A legal TLB that forgets nothing by itself, of a hart without ASIDs.
HARSH = ("sets=64,ways=16,replace=none,walk-cache=255,cache-invalid,"
         "asid-bits=0")


def harsh(ctx):
    """Linux fences as it has to, above leaves as well."""
    result = shell(
        ctx, ["for i in 1 2 3 4; do (ls /bin | wc -l); done", "exit"],
        guest("quiet", 1, "-tlb", HARSH), timeout=600)
    if re.search(r"BUG:|WARNING:|Oops|rcu: INFO|egmentation", result.out):
        raise Fail("the kernel complains\n" + describe(result))


def hvc0(ctx):
    """The console of virtio, in the place of the UART."""
    result = ctx.run(ctx.emu_command() + guest(
        "quiet console=hvc0", 1, "-serial", "null", "-chardev", "stdio,id=c",
        "-device", "virtio-serial-device", "-device", "virtconsole,chardev=c"),
        UNHEARD + "echo on=$(ls /dev/hvc0)\nexit\n")
    ctx.expect(result, out=r"^on=/dev/hvc0\r*$")


def same(ctx):
    """A kernel that is given random bytes and has harts that race."""
    def run(seed):
        result = shell(ctx, ["head -c 4 /proc/sys/kernel/random/uuid", "exit"],
                       guest("quiet", 4, "-seed", seed, "-trace-hash"))
        return HASH.search(result.err).group(), result.raw

    first = run(1)
    if run(1) != first:
        raise Fail("one seed, two runs")
    if run(2)[0] == first[0]:
        raise Fail("two seeds, one run")


def disk(ctx):
    """A copy of the root file system, and what hands it to emu."""
    source, copy = files("root.ext4")[0], ctx.tmp / "root.ext4"
    ctx.expect(ctx.run(["cp", "--sparse=always", "--reflink=auto",
                        source, copy]))
    return copy, ["-drive", "file=%s,if=none,format=raw,id=root" % copy,
                  "-device", "virtio-blk-device,drive=root"]


def e2fsck(ctx, image, how, allowed=0):
    tool = shutil.which("e2fsck", path=os.environ["PATH"] + ":/sbin:/usr/sbin")
    if not tool:
        raise Skip("no e2fsck")
    result = ctx.run([tool, "-f" + how, image])
    if result.status & ~allowed:
        raise Fail("e2fsck finds mistakes\n" + describe(result))


COMPILE = [
    "echo 'int main(void) { return 6 * 7; }' >answer.c",
    "gcc answer.c -o answer; ./answer; echo answer=$?",
    "python3 -c 'print(\"python\", 6 * 7)'",
    "exit",
]


def root(harts):
    """The same programs on the same disk twice; what they wrote is there."""
    def check(ctx):
        found = []
        for _ in range(2):
            image, drive = disk(ctx)
            result = shell(ctx, COMPILE, guest(
                "quiet root=/dev/vda rw", harts, "-trace-hash", *drive))
            ctx.expect(result, out=[r"answer=42\r*$", r"python 42\r*$"])
            e2fsck(ctx, image, "n")
            found.append((HASH.search(result.err).group(), result.raw,
                          image.read_bytes()))
        if found[0] != found[1]:
            raise Fail("another %s" % ", ".join(what for what, a, b in zip(
                ("hash", "console", "disk"), *found) if a != b))
    return check


# A script that forks a thousand times, by pipes, in the background and deep.
FORKS = [
    "i=0; while [ $i -lt 30 ]; do (echo $i | cat | sort | head -1) >/dev/null & "
    "i=$((i+1)); done; wait",
    "for i in $(seq 1 40); do ls -l /bin | grep busybox | wc -l >/dev/null; done",
    "f() { [ $1 -eq 0 ] || (f $(($1-1)); x=$(echo $1); f $(($1-1))); }; f 5",
    "echo forks=$?", "exit"]


def fences(harts, tlb):
    """Linux forgets no fence, and runs on the worst of TLBs as on others."""
    def check(ctx):
        result = shell(ctx, FORKS, guest("quiet", harts, "--check", "tlb", *tlb))
        ctx.expect(result, out=r"^forks=0\r*$", err=(
            r"\ATranslations in all: 0 uses of stale ones, 0 uses of what a hart "
            r"may still hold; .*\n\Z"))
    return check


# Writes that end in the shell's word for it, until the power goes.
WRITER = [
    "for i in $(seq 1000); do echo $i$i >f$i; sync f$i; mv f$i g$i; "
    "sync; echo done=$i; done"]
CUTS = 3


def cut(number):
    """The power goes in mid-write: the journal mends what is on the disk, and
    nothing is lost that was told to be written."""
    def check(ctx):
        image, drive = disk(ctx)
        result = ctx.run(
            ctx.emu_command() + guest("quiet root=/dev/vda rw", 1, "-seed",
                                      number, "-max-insns",
                                      3300000000 + 37777777 * number, *drive),
            UNHEARD + "\n".join(WRITER) + "\n")
        told = re.findall(r"^done=(\d+)\r*$", result.out, re.M)
        if result.status != 124 or not told:
            raise Fail("no cut in mid-write\n" + describe(result))
        e2fsck(ctx, image, "p", allowed=1)
        e2fsck(ctx, image, "n")
        last = int(told[-1])
        kept = shell(ctx, ["n=0; while [ \"$(cat g$((n+1)))\" = "
                           "$((n+1))$((n+1)) ]; do n=$((n+1)); done; "
                           "echo kept=$n", "exit"],
                     guest("quiet root=/dev/vda rw", 1, *drive))
        found = re.search(r"^kept=(\d+)\r*$", kept.out, re.M)
        if not found or int(found.group(1)) < last:
            raise Fail("told of %d files\n%s" % (last, describe(kept)))
    return check


# What the two machines have, and say of it, each its own way.
ONLY_EMU = (
    r"OF: reserved mem: .*firmware",  # its own
    r"riscv: base ISA extensions",
    r"software IO TLB: ", r"HugeTLB: ",  # Zicbom and Svnapot
    r"SBI ", r"Memory: ",
)


def log(ctx):
    """No line in the kernel's log that QEMU's machine does not cause."""
    def lines(text):
        return [re.sub(r"0x[0-9a-f]+|[0-9a-f]*\d[0-9a-f.]*", "#", line)
                for line in STAMP.findall(text)]

    arguments = guest("", 4)
    mine = shell(ctx, ["exit"], arguments)
    qemu = ctx.qemu(["-M", "virt", "-nographic", "-no-reboot"] + arguments,
                    UNHEARD + "\nexit\n", newest=True, timeout=300)
    known = set(lines(qemu.out))
    if len(known) < 100:
        raise Fail("no log of QEMU's\n" + describe(qemu))
    more = [line for line in lines(mine.out) if line not in known and
            not re.match("|".join(ONLY_EMU), line)]
    if more:
        raise Fail("only on emu:\n" + "\n".join(more))


def tests(ctx):
    for harts in 1, 2, 4, 8:
        yield Test("shell/%d" % harts, boots(harts), timeout=180)
    for harts in 1, 4:
        yield Test("fences/%d" % harts, fences(harts, []), timeout=180)
        yield Test("fences/%d/worst" % harts, fences(
            harts, ["--tlb", "worst"]), timeout=240)
    yield Test("harsh-tlb", harsh, timeout=600)
    yield Test("hvc0", hvc0, timeout=180)
    yield Test("same", same, timeout=180)
    yield Test("log", log, timeout=180)
    yield Test("root/1", root(1), timeout=300)
    yield Test("root/4", root(4), timeout=300)
    for number in range(CUTS):
        yield Test("cut/%d" % number, cut(number), timeout=300)
