"""gdb itself at the bundled kernel, its programs and machines of four harts,
forwards and backwards."""

import re
import shutil
import socket
import subprocess

from harness import Fail, Skip, Test

PROGRAMS = ("gdb-multiarch", "riscv64-unknown-elf-gdb")
QUIET = ("set confirm off", "set pagination off", "set width 0",
         "set print frame-info location")
COW = "cow\nexit\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Session:
    """emu with a guest, and what gdb prints when it is told `words`."""

    def __init__(self, ctx, port, args=(), stdin=""):
        self.ctx, self.port = ctx, port
        self.gdb = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if not self.gdb:
            raise Skip("no gdb that knows RISC-V")
        typed = ctx.tmp / "typed"
        typed.write_text(stdin)
        with open(typed, "rb") as source:
            self.emu = subprocess.Popen(
                [str(word) for word in ctx.emu_command()] +
                ["-gdb", "tcp::%d" % port, "-S", *map(str, args)],
                stdin=source, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.emu.kill()
        self.emu.communicate()

    def run(self, elf, *words):
        every = [*QUIET, "target remote :%d" % self.port, *words]
        result = self.ctx.run(
            [self.gdb, "-nx", "-batch", elf] +
            [part for text in every for part in ("-ex", text)], timeout=120)
        return result.out + result.err


def session(ctx, *args, stdin="", harts=1):
    return Session(ctx, free_port(), ("-smp", harts, *args), stdin)


def kernel(ctx):
    return ctx.build / "guest/kernel/kernel.elf"


def has(told, *patterns):
    """Each pattern matches behind the one before."""
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.M).search(told, at)
        if not found:
            raise Fail("no %r behind %r in\n%s" % (
                pattern, told[max(at - 80, 0):at], told))
        at = found.end()


def lines(ctx):
    """Breakpoints, frames, lines over and into calls, and the way out."""
    with session(ctx, stdin=COW) as s:
        told = s.run(kernel(ctx), "hbreak do_page_fault", "continue",
                     "backtrace 2", "next", "next", "step", "finish", "delete",
                     "break frame_get", "continue", "print $priv", "detach")
        has(told, r"^Breakpoint 1, do_page_fault \(\) at .*fault\.c:\d+",
            r"^#0  do_page_fault", r"^#1  0x", r"^access_of \(\)",
            r"^do_page_fault \(\)", r"^Breakpoint 2, frame_get",
            r"^\$1 = 1$")


def watched(ctx):
    """A variable of the kernel: each change, and each again backwards."""
    head = "*(unsigned *)&free_head"
    with session(ctx, stdin=COW) as s:
        told = s.run(
            kernel(ctx), "hbreak kinit", "continue", "delete",
            "watch " + head, *["continue"] * 3, *["reverse-continue"] * 3,
            "continue", "kill")
    changes = re.findall(
        r"^Hardware watchpoint 2: %s\n\n"
        r"Old value = (.*)\nNew value = (.*)$" % re.escape(head), told, re.M)
    if len(changes) != 7:
        raise Fail("%d changes, not 7:\n%s" % (len(changes), told))
    forwards, back = changes[:3], changes[3:6]
    if [(new, old) for old, new in reversed(forwards)] != back:
        raise Fail("%r, and back %r" % (forwards, back))
    if changes[6] != forwards[0]:
        raise Fail("%r, and again %r" % (forwards[0], changes[6]))


def undone(ctx):
    """Steps forwards and back lead to the same places; before the first there
    is nothing."""
    with session(ctx, stdin=COW) as s:
        told = s.run(
            kernel(ctx), "reverse-stepi", "hbreak do_page_fault", "continue",
            "print/x $pc", "stepi", "stepi", "print/x $pc", "stepi",
            "print $minstret", "reverse-stepi", "print/x $pc", "reverse-stepi",
            "reverse-stepi", "print/x $pc", "reverse-stepi", "stepi",
            "print/x $pc", "continue", "print $n = $minstret",
            "reverse-continue", "print $minstret < $n", "kill")
    has(told, r"No more reverse-execution history", r"^Breakpoint 1",
        r"^\$1 = (0x\w+)$", r"^\$2 = (0x\w+)$", r"^\$3 = \d+$")
    value = dict(re.findall(r"^\$(\d) = (\w+)$", told, re.M))
    if value["4"] != value["2"] or not value["1"] == value["5"] == value["6"]:
        raise Fail("other places backwards:\n" + told)
    has(told, r"^\$7 = \d+", r"^Breakpoint 1", r"^\$8 = 1$")


def calls(ctx):
    """An ecall is stepped over, as gdb steps on RISC-V; its handler is where
    stvec says, and from there one comes back to it."""
    program = ctx.build / "guest/user/cow.elf"
    code = ctx.expect(ctx.run(["riscv64-unknown-elf-objdump", "-d", program]))
    write = code.out[code.out.index("<write>:"):]
    ecall = int(re.search(r"^ +(\w+):\s+\w+\s+ecall", write, re.M).group(1),
                16)
    with session(ctx, stdin=COW) as s:
        told = s.run(
            program, "hbreak main", "continue", "next", "next", "print $priv",
            "hbreak *%d" % ecall, "continue", "stepi", "print/x $pc",
            "print $priv", "print $a0 > 0", "continue",
            "tbreak *($stvec & ~3)", "continue", "print $priv",
            "print/x $sepc", "reverse-stepi", "print/x $pc", "print $priv",
            "kill")
    has(told, r"^Breakpoint 1, main .*cow\.c:\d+", r"^\$1 = 0$",
        r"^Breakpoint 2", r"^\$2 = 0x%x$" % (ecall + 4), r"^\$3 = 0$",
        r"^\$4 = 1$", r"^Breakpoint 2", r"^Temporary breakpoint 3",
        r"^\$5 = 1$", r"^\$6 = 0x%x$" % ecall, r"^\$7 = 0x%x$" % ecall,
        r"^\$8 = 0$")


def spaces(ctx):
    """One address in two spaces: what the child has stored, and the parent
    has not, by the page tables that are in force."""
    program = ctx.build / "guest/user/cow.elf"
    with session(ctx, stdin=COW) as s:
        told = s.run(
            program, "hbreak store", "continue", "continue",
            "set $child = $satp", "print who", "print pages[0].value",
            "condition 1 $satp != $child", "continue", "print who",
            "print pages[0].value", "reverse-continue", "kill")
    has(told, r'^\$1 = .*"child', r"^\$2 = 200$", r'^\$3 = .*"parent',
        r"^\$4 = 100$", r"No more reverse-execution history")


def physical(ctx):
    """QEMU's way to ask for physical addresses."""
    with session(ctx, stdin=COW) as s:
        told = s.run(
            kernel(ctx), "hbreak do_page_fault", "continue",
            "x/gx (long)$pc & ~7",
            "x/gx ((long)$pc & ~7) - 0xffffffc000000000",
            "maintenance packet Qqemu.PhyMemMode:1",
            "maintenance packet qqemu.PhyMemMode",
            "x/gx ((long)$pc & ~7) - 0xffffffc000000000",
            "x/gx (long)$pc & ~7", "maintenance packet Qqemu.PhyMemMode:0",
            "x/gx (long)$pc & ~7", "kill")
    has(told, r'received: "OK"', r'received: "1"')
    words = re.findall(r"^0x\w+.*:\t(0x\w+)$", told, re.M)
    if len(words) != 3 or len(set(words)) != 1:
        raise Fail("%r are not one word:\n%s" % (words, told))
    if told.count("Cannot access memory") != 2:
        raise Fail("an address is one of both kinds:\n" + told)


def harts(ctx):
    """Four threads: each stepped alone, watched by name, forwards and back."""
    elf = ctx.build / "tests/smp/atomics.elf"
    with session(ctx, elf, harts=4) as s:
        told = s.run(
            elf, "info threads", "hbreak serve thread 3", "continue",
            "delete", "thread",
            "print $n = $minstret", "stepi", "print $minstret - $n", "stepi",
            "print $minstret - $n", "thread", "reverse-stepi", "thread",
            "print $minstret - $n", "thread 2", "print $m = $minstret",
            "stepi", "thread", "print $minstret - $m",
            "set scheduler-locking on", "stepi", "print $minstret - $m",
            "kill")
    has(told, r"^\* 1 +Thread 1 \(hart 0, M-mode\)",
        r"^  4 +Thread 4 \(hart 3, M-mode\)", r"^Thread 3 .*hit Breakpoint 1, ",
        r"Current thread is 3 ", r"^\$1 = \d+", r"^\$2 = 1$", r"^\$3 = 2$",
        r"Current thread is 3 ", r"Current thread is 3 ", r"^\$4 = 1$",
        r"Switching to thread 2", r"^\$5 = \d+", r"Current thread is 2 ",
        r"^\$6 = 1$", r"^\$7 = 2$")


def tests(ctx):
    for test in (lines, watched, undone, calls, spaces, physical, harts):
        yield Test("real-" + test.__name__, test, timeout=120)
