"""The monitor: what it shows, and how it is typed at.

What it shows is held against QEMU's own monitor, which looks at the same guest:
one with random page tables that spins in S-mode. In tmux, a terminal that
nobody here wrote: completion, history, ^C, and the terminal as it was.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from harness import QEMU, Case, Fail, Skip, Test

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]

import ends  # noqa: E402
from tables import Tables  # noqa: E402
from typists import PATIENCE, Screen, Typed, same  # noqa: E402

UNMOVED = "who types acts by the clock of the host"
COMPILER = "riscv64-unknown-elf-gcc"


def assemble(ctx, name, source):
    if not shutil.which(COMPILER):
        raise Skip("no RISC-V compiler")
    text, path = ctx.tmp / (name + ".S"), ctx.tmp / (name + ".elf")
    text.write_text(source)
    ctx.expect(ctx.run([COMPILER, "-march=rv64gc", "-nostdlib",
                        "-Wl,-Ttext=0x80000000", "-Wl,-n", "-o", path, text]))
    return path


def beside(ctx, guest):
    if not shutil.which(QEMU):
        raise Skip("no QEMU")
    return Typed(ctx, ctx.emu_command(), guest), Typed(ctx, [QEMU], guest)


def registers(lines):
    return dict(pair for line in lines for pair in re.findall(
        r"([a-z]\w*(?:/\w+)?) +([0-9a-f]{16})\b", line))


def as_qemu(ctx):
    """What QEMU has is shown as QEMU shows it."""
    tables = Tables(random.Random(1))
    guest = assemble(ctx, "guest", tables.source())
    emu, qemu = beside(ctx, guest)
    with emu, qemu:
        ours, theirs = (registers(one.ask("info registers"))
                        for one in (emu, qemu))
        for name in ("pc", "satp", "mepc", "stvec", "sscratch", "mscratch"):
            same(name, ours[name], theirs[name])
        for name in theirs:
            if re.match(r"[xf]\d", name):
                same(name, ours[name], theirs[name])
        for line in ("x/8xw 0x80000000", "x/5xg 0x80000000",
                     "x/9xb 0x80000000",
                     "x/3xh 0x80000000", "x/2ug 0x80000000",
                     "x/3uw 0x80000004", "x/4ow 0x80000000", "xp/3xg 0x80000100",
                     "xp/7xw 0x80000204", "xp/8cb 0x80000000",
                     "x/xw 0x3000000000", "xp/xw 0x1000000000",
                     "print 5+3", "p/x 255", "p/d 0x100", "p/x 2*3+4*5",
                     "p/x (1+2)*3", "p/x 0x10-1"):
            # d without a sign is QEMU's alone.
            same(line, emu.ask(line), qemu.ask(line))
        for command in ("info mem", "info  mem"):
            same(command, [line.split()[:4] for line in emu.ask(command)],
                 [line.split()[:4] for line in qemu.ask(command)]
                 if command == "info mem" else tables.expected())


def walks(ctx):
    """A walk finds what the tables say, and QEMU finds the same page."""
    for seed in range(3):
        tables = Tables(random.Random(seed + 7))
        guest = assemble(ctx, "guest%d" % seed, tables.source())
        emu, qemu = beside(ctx, guest)
        with emu, qemu:
            for va in tables.addresses(40):
                yield Case("%d-%x" % (seed, va),
                           walk_error(tables, va, emu, qemu))


def walk_error(tables, va, emu, qemu):
    try:
        told = "\n".join(emu.ask("info walk 0x%x" % va))
        entries = re.findall(
            r"level (\d): index \d+ of the table at 0x[0-9a-f]+: entry at "
            r"0x([0-9a-f]+)\n +0x([0-9a-f]{16}) = PPN", told)
        steps, pa = tables.walk(va)
        same("entries", [(int(a), int(b, 16), int(c, 16))
                         for a, b, c in entries], steps)
        found = re.search(r"lies at 0x([0-9a-f]+)", told)
        same("page", int(found.group(1), 16) if found else None, pa)
        for access in ("read", "write", "exec"):
            for user in ("", " user"):
                line = emu.ask("info walk 0x%x %s%s" % (va, access, user))
                allowed = any("allowed by the tables" in one for one in line)
                same(access + user, allowed,
                     tables.allows(va, access, bool(user)))
        gpa = "\n".join(qemu.ask("gva2gpa 0x%x" % va))
        mapped = re.search(r"gpa: (?:0x)?([0-9a-f]+)", gpa)
        # It looks with SUM=1.
        wanted = pa if any(tables.allows(va, "read", user)
                           for user in (False, True)) else None
        same("QEMU's page", int(mapped.group(1), 16) if mapped else None,
             wanted)
    except Fail as fail:
        return str(fail)
    return None


# ---- scripts ----

SPIN = """
.globl _start
_start:
    li t0, 0x10000000
    li a0, 42
    li t1, 'r'
    sb t1, 0(t0)
    li t1, 10
    sb t1, 0(t0)
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
    j .
"""


def script(ctx, text, *args, status=0, out=(), err=()):
    path = ctx.tmp / "script"
    path.write_text(text)
    return ctx.expect(ctx.emu(["--script", path, *args]), status=status,
                      out=out, err=err)


def scripts(ctx):
    guest = assemble(ctx, "spin", SPIN)
    script(ctx, "print 1\n# a comment\n\n  print $pc\n", guest,
           out=[r"^0x1\n0x1000\n", "r"])
    script(ctx, "cont\nprint $a0\ninfo status\n", guest,
           out=[r"^r\n0x2a\nVM status: ended, at \d+ steps"])
    script(ctx, "print 1\nquit\nprint 2\n", guest, out=r"\A0x1\n\Z")
    script(ctx, "print 1\nprnt 2\n", guest, status=125, out=r"\A0x1\n\Z",
           err=r"^emu: --script \S+:2: unknown command: 'prnt'")
    script(ctx, "cont\ncont\n", guest, status=125,
           err=r"script:2: the guest has ended")
    script(ctx, "set $a0=7\nprint $a0\nset *0x80000100=0x1122334455667788\n"
           "set/b *0x80000101=9\nxp/xg 0x80000100\nprint *0x80000100\n",
           guest, out=[r"^0x7\n", r"0x1122334455660988\n0x1122334455660988\n"])
    script(ctx, "dis _start 2\ninfo symbols _start+4\nprint _start\n", guest,
           out=[r"0x0000000080000000:  100002b7 lui t0,",
                r"^0x80000004: _start\+0x4", r"^0x80000000  _start"])
    ctx.expect(ctx.emu(["--script", ctx.tmp / "none", guest]), status=125,
               err="^emu: cannot read .*none: ")


def refusals(ctx):
    """What is wrong is said in a line, and nothing has happened."""
    guest = assemble(ctx, "spin", SPIN)
    for line, wanted in (
            ("st", "st may be stop, stepi, step"), ("info", "info what"),
            ("info r e", "info registers"), ("print", "a value is missing"),
            ("print $x32", r"unknown register: \$x32"),
            ("print nowhere", "no symbol of that name: nowhere"),
            ("print 1/0", "division by 0"), ("print (1", r"a \) is missing"),
            ("print 1 2", "nothing may follow here: 2"),
            ("print " + "(" * 100, "too deep"),
            ("print 99999999999999999999", "more than 64 bits"),
            ("set $pc=1", r"\$pc does not take 0x1"),
            ("set $a0", "a = is missing"), ("set 1=2", "set \\$REGISTER"),
            ("set *0=1", "no RAM can be written at 0x0"),
            ("x/99999999xw 0", "a count of"), ("x/z 0", "no format"),
            ("hart 1", "there is no hart 1"),
            ("info walk 0 wrote", "info walk VA"),
            ("info csr nosuch", "no CSR nosuch"),
            ("info events nosuch", "no kind of event: nosuch"),
            ("list 0x80000000", "no line of source"),
            ("help nosuch", "unknown command")):
        result = script(ctx, line + "\n", guest, status=125, err=wanted)
        if result.err.count("\n") != 1:
            raise Fail("%s: %r" % (line, result.err))


def as_told(ctx):
    """Registers are those that --exit-json and -d tell of."""
    guest = assemble(ctx, "spin", SPIN)
    json = ctx.tmp / "end.json"
    told = script(ctx, "cont\ninfo registers\ninfo status\n", "-d", "retire",
                  "-D", ctx.tmp / "log", "--exit-json", json, guest).out
    last = (ctx.tmp / "log").read_text().strip().split("\n")[-1]
    pc = int(re.search(r"\bpc=(?:0x)?([0-9a-f]+)|([0-9a-f]{8,16})",
                       last).group().replace("pc=", ""), 16)
    ours = registers(told.split("\n"))
    if not pc <= int(ours["pc"], 16) <= pc + 4:
        raise Fail("pc %s, and the last retired %x" % (ours["pc"], pc))
    steps = int(re.search(r'"steps": *(\d+)', json.read_text()).group(1))
    same("steps", int(re.search(r"at (\d+) steps", told).group(1)), steps)


def columns(ctx):
    """Help fits 80 columns, of each command, too."""
    guest = assemble(ctx, "spin", SPIN)
    told = script(ctx, "help\nhelp info\n", guest).out
    names = re.findall(r"^  (info [a-z]+|[a-z-]+)", told, re.M)
    told += script(ctx, "".join("help %s\n" % name for name in names),
                   guest).out
    told += script(ctx, "info registers -a\ninfo csr\ninfo events\n"
                   "info events page_fault\ninfo mtree\ninfo devices\n",
                   guest).out
    for line in told.split("\n"):
        if len(line) > 80:
            raise Fail("%d columns: %s" % (len(line), line))


# ---- points and steps ----

LOOP = """
.globl _start, count, double, spot
_start:
    la sp, stack
    la s0, spot
    li s1, 0
count:
    addi s1, s1, 1
    sd s1, 0(s0)
    mv a0, s1
    call double
    li t0, 10
    bne s1, t0, count
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
    j .
double:
    slli a0, a0, 1
    ld t2, 0(s0)
    ret
.balign 8
spot: .dword 0
.balign 16
.zero 256
stack:
"""


def points(ctx):
    """Points stop where they should, as often as they should."""
    guest = assemble(ctx, "loop", LOOP)
    script(ctx, "break count if $s1 == 4\ncont\nprint $s1\nprint *spot\n"
           "info breakpoints\ndelete 1\ninfo breakpoints\n", guest,
           out=[r"^1: break 0x[0-9a-f]+ in _start|^1: break 0x",
                r" if \$s1 == 4, met 1 time\nhart 0, M-mode.*\n.*\n0x4\n0x4\n",
                r"met 1 time\n\Z"])
    script(ctx, "watch spot\n" + "cont\n" * 3 + "print *spot\n", guest,
           out=[r"^    old 0x2, new 0x3$", r"0x3\n\Z"])
    script(ctx, "watch spot if *spot == 7\ncont\nprint $s1\n", guest,
           out=r"    old 0x6, new 0x7\nhart.*\n.*\n0x7\n\Z")
    script(ctx, "rwatch spot 4\ncont\n", guest, out=[
        "^    read 8 bytes at 0x", "^    value 0x1$"])
    script(ctx, "watch -p spot\ncont\ncont\n", guest, out="^    old 0x1, new 0x2$")
    script(ctx, "break double\ncont\nfinish\nprint $a0\nb\ndisable 2\ncont\n"
           "print $a0\n", guest, out=[r"^0x2$", r"^0x2\n\Z"])
    script(ctx, "until double\nprint $ra\ninfo breakpoints\n", guest,
           out=r"^hart 0, M-mode, 0x[0-9a-f]+.*\n.*\n0x80[0-9a-f]+.*\n\Z")
    script(ctx, "until count\nsi 3\nprint $a0\nni\nprint $a0\nsi\n", guest,
           out=[r"^0x1$", r"^0x2$"])
    script(ctx, "catch mmio if is_write\ncont\nprint value\nprint nosuch + value\n",
           guest, status=125, out=r"^0x5555$", err="no symbol of that name")
    for line, wanted in (("break 1 2", "if EXPR, or nothing"),
                         ("break nowhere", "no symbol"),
                         ("watch spot 0", "can be watched"),
                         ("watch", "a value is missing"),
                         ("catch nosuch", "no kind of event: nosuch"),
                         ("catch ecall", "no kind of event"),
                         ("catch trap 5", "trap has no field va"),
                         ("delete 1", "there is no point 1"),
                         ("disable", "number is missing"),
                         ("step", "line|source")):
        script(ctx, line + "\n", guest, status=125, err=wanted) \
            if line != "step" else script(ctx, line + "\n", guest, out=wanted)


def untouched(ctx):
    """A run that is stopped, stepped and looked at has the events of one that
    is not."""
    guest = assemble(ctx, "loop", LOOP)
    looks = ("x/4i $pc\ninfo walk 0\ninfo tlb\ninfo mem\ninfo registers -a\n"
             "info spaces\nback 2\ngoto end\n")
    for args, lines in (
            ((guest,), "break count\nwatch spot\ncont\nsi 3\ncont\n" + looks +
             "finish\ndelete\ncont\n"),
            (("-append", "quiet=1 init=/bin/cow"),
             "catch page_fault 0x14000\ncont\n" + looks + "si 100\n" + looks +
             "delete\ntrace all\nexplain on\ncont\n")):
        plain = ctx.expect(ctx.emu(["--trace-hash=all,commit", *args])).err
        told = script(ctx, lines, "--trace-hash=all,commit", *args).err
        same("the hash", *(re.search("trace hash.*", text).group()
                           for text in (told, plain)))


# ---- going back ----

def back(ctx):
    """To where something happened last, and forward again."""
    guest = assemble(ctx, "loop", LOOP)
    script(ctx, "watch spot if *spot == 7\ncont\nwhen\nset $at = 1\nrc\ndelete\n"
           "last write spot\nprint *spot\nprint $at\nundo\nback 3\nback\n"
           "goto start\nwhen\ngoto end\nwhen\n", guest,
           out=[r"^    old 0x6, new 0x7$", r"^    old 0x5, new 0x6$",
                r"^0x5\n0x1$", r"^position 0, 0 ns.*\none can go to 0 to 67; "
                "this is the past$", r"^position 67, .*\none can go to 0 to 67$"])
    # From behind the guest's end, too; the end comes again.
    script(ctx, "cont\nback\nprint $pc\nlast exec double\nprint $s1\ncont\n"
           "info status\n", guest,
           out=[r"  spot|0x80", r"^0xa$", r"^VM status: ended, at 105 steps"])
    script(ctx, "until double\ngoto start\nset $a0 = 1\n", guest, status=125,
           err=":3: in the past nothing can be changed: branch makes it")
    script(ctx, "until double\nback 2\nbranch\nbranch now\nset $s1 = 9\nwhen\n"
           "watch spot\ncont\n", guest,
           out=[r"^2 steps would be forgotten", r"^    old 0x1, new 0xa$"])
    for line, wanted in (("undo", "no command has moved"),
                         ("last", "last write, read"),
                         ("last write spot", "it has not happened since "
                          "position 0"),
                         ("goto 5", "one can go to 0 to 0"),
                         ("branch", "end of history already")):
        script(ctx, line + "\n", guest, status=125, err=wanted)


def snapshots(ctx):
    """What goes on from a file is what stood here; the past is none."""
    guest, path = assemble(ctx, "loop", LOOP), ctx.tmp / "here"
    save = "snapshot %s\n" % path
    script(ctx, "until double\n" + save, guest, out=[r"here has the machine"])
    script(ctx, "when\np $pc\nback\ndelete\nquit\n", "--restore", path, guest,
           out=["^position 15, ", "^0x80000032  double", "is known of before$"])
    script(ctx, "si 9\nback\n" + save, guest, status=125, err="is the past")


# The sessions of docs/monitor.md, and what has to be said on the way.
COW = (
    ("watch 0x14000 if *0x14000 == 200", ""),
    ("cont", r"by 0x[0-9a-f]+ in store \(cow.c:\d+\)\n    old 0x64, new 0xc8"),
    ("info walk 0x14000 write", "write in U-mode, .*: allowed by the tables"),
    ("last event frame_copied 0x14000", r"frame_copied .*\n.*va=0x14000"),
    ("set $frame = old << 12", ""),
    ("last event page_fault 0x14000",
     r"access=store reason=not_writable\n(.*\n){2}hart 0, U-mode, .* in store "
     r"\(cow.c"),
    ("info walk va write user", "would fault, not_writable:\n +W=0"),
    ("last event pte_write 0x14000 if (old & 4) && !(new & 4)",
     r"DA-U-WRV new=.*DA-U--RV\n(.*\n)hart 0, S-mode, .* in mm_copy"),
    ("last write -p $frame",
     r"by 0x[0-9a-f]+ in main \(cow.c:\d+\)\n    old 0x0, new 0x64"),
    ("list", r"^> +\d+ +pages\[i\].value = 100 \+ i;"),
)


FENCE = (
    ("catch stale_use", ""),
    ("cont", r"stale_use at .*\n +va=(0x14000) access=store"),
    ("info walk va write", r"^    NOT what the tables have"),
    ("last event pte_write va",
     r"DA-U-WRV new=.*DA-U--RV\n(.*\n)hart 0, S-mode, .* in mm_copy"),
    ("list", r"^> +\d+ +\*from = pte;"),
    ("catch tlb_flush", ""),
    ("cont", r"tlb_flush at .*\n +va=0x3\w+ asid=2 "),
    ("cont", r"stale_use at .*\n +va=0x14000 access=store"),
)


def session(ctx, lines, append):
    told = script(ctx, "".join(line + "\n" for line, _ in lines) + "quit\n",
                  "-append", append).out
    for n, (line, wanted) in enumerate(lines):
        found = re.search(wanted, told, re.M)
        yield Case("%d-%s" % (n, line), None if found else
                   "%s is not in\n%s" % (wanted, told))
        told = told[found.end():] if found else told


def copied(ctx):
    """A copy-on-write fault walked backwards, by the monitor alone."""
    return session(ctx, COW, "quiet=1 init=/bin/cow")


def fenceless(ctx):
    """A fence that a kernel has forgotten, found from its stale use."""
    return session(ctx, FENCE, "quiet=1 bug=nofence init=/bin/stale")


def documented(ctx):
    text = (ctx.root / "docs/monitor.md").read_text()
    typed = re.findall(r"^\(emu\) (.*)", text, re.M)
    same("docs/monitor.md", typed, [line for line, _ in COW + FENCE])


PROGRAM = """
int counter;
__attribute__((noinline)) void tick(void) { counter += 3; }
int main(void)
{
    tick();
    tick();
    return counter == 6 ? 0 : 1;
}
"""


def program(ctx):
    """A program of the user's: its symbols, and its lines."""
    compiler = "riscv64-linux-gnu-gcc"
    if not shutil.which(compiler):
        raise Skip("no " + compiler)
    source, path = ctx.tmp / "ticks.c", ctx.tmp / "ticks"
    source.write_text(PROGRAM)
    ctx.expect(ctx.run([compiler, "-g", "-O1", "-static", "-o", path, source]))
    told = script(ctx, "break tick\ncont\nfinish\nprint *counter & 0xff\ncont\n"
                  "delete\nbt\nwatch counter 4\ncont\nlast exec tick\nlist\n"
                  "info symbols counter\nquit\n", path).out
    for wanted in (r"^1: break 0x\w+", r", met 1 time\nhart 0, U-mode, 0x\w+ in "
                   r"tick \(ticks.c:3\)", r"^0x3", r"^#1 .* in main \(ticks.c:7\)",
                   r"    old 0x3, new 0x6", r"^> +3 .*counter \+= 3",
                   r"^0x\w+: counter"):
        if not re.search(wanted, told, re.M):
            raise Fail("no %s in\n%s" % (wanted, told))


# ---- who shares what ----

def shares(ctx):
    """Who shares a page of /bin/cow, at the places where it says what it does."""
    append = ("-append", "quiet=1 init=/bin/cow")
    told = script(ctx, "catch page_fault 0x14000 if reason == 8\ncont\n"
                  "info cow 0x14000\nwhy\nwatch 0x14000\ncont\n"
                  "info cow 0x14000\nwhy 0x14000\nback\ninfo cow 0x14000\n"
                  "info spaces\ninfo frames\ninfo checks\n"
                  "info frames 0x1000\n", *append, status=125,
                  err="nothing is known of frame 1").out
    before = (r"^pid 3 \(cow\) at 0x14000: frame (\w+), \1:DA-U--RV, "
              r"copy-on-write\nshared since fork 1:\n(?:.+\n)+?"
              r"the same frame is mapped by\n"
              r"    pid 1 \(cow\) at 0x14000: \1:DA-U--RV\n"
              r"a store would fault, and the kernel has to copy the frame:\n")
    if len(re.findall(before, told, re.M)) != 2:
        raise Fail("not twice before the copy:\n" + told)
    for wanted in (
            r"^hart 0 has not come back from a page fault: a store at 0x14000$",
            r"^pid 3 \(cow\) at 0x14000: frame (\w+), \1:DA-U-WRV\n"
            r"a store would go through$",
            r"^pid 3 \(cow\) stores to `pages\[0\]\.value`",
            r"^because of\npid 1 \(cow\) forks pid 3 \(cow\)\.",
            r"pid 3 \(cow\), forked from pid 1 \(cow\)$",
            r"^\d+ frames are mapped for users, \d+ of them more than once;$",
            r"^nothing was found so far"):
        if not re.search(wanted, told, re.M):
            raise Fail("no %s in\n%s" % (wanted, told))


def told_meanwhile(ctx):
    """Sentences and events, as they happen; not again when it goes back."""
    told = script(ctx, "explain on\ncatch frame_copied 0x14000\ntrace xret\n"
                  "cont\ntrace off\nexplain off\ngoto start\ncont\n", "-append",
                  "quiet=1 init=/bin/cow").out
    same("the fork", len(re.findall(r"^pid 1 forks pid 3 ", told, re.M)), 1)
    if not re.search(r"^\d+ h0 S 0x[0-9a-f]+ .*xret ", told, re.M):
        raise Fail("no xret in\n" + told)
    same("the copy", len(re.findall(r"^1: catch frame_copied 0x14000, met",
                                    told, re.M)), 2)
    for line, wanted in (("explain", "explain on, or"),
                         ("trace nosuch", "no kind of event: nosuch"),
                         ("trace", "trace LIST")):
        script(ctx, line + "\n", status=125, err=wanted)


# ---- gdb ----

def from_gdb(ctx):
    """gdb's `monitor` obeys the same commands; the machine stays gdb's."""
    if not shutil.which("gdb-multiarch"):
        raise Skip("no gdb-multiarch")
    guest = assemble(ctx, "loop", LOOP)
    path = ctx.tmp / "gdb"
    emu = subprocess.Popen(
        [str(word) for word in ctx.emu_command()] +
        ["-S", "-gdb", "unix:%s" % path, str(guest)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE
        while not path.exists() and time.monotonic() < end:
            time.sleep(0.02)
        told = ctx.expect(ctx.run(
            ["gdb-multiarch", "-nx", "-batch", str(guest), "-ex",
             "target remote %s" % path, "-ex", "monitor info status",
             "-ex", "monitor watch spot if *spot == 3", "-ex", "continue",
             "-ex", "monitor print $s1", "-ex", "monitor stepi", "-ex",
             "monitor nonsense", "-ex", "kill"]))
    finally:
        emu.kill()
        emu.wait()
    told = told.out + told.err
    for wanted in (r"^VM status: paused, at 0 steps", r"^1: watch 0x\w+ 8 if",
                   r"^0x3$", r"^stepi: the debugger has the machine",
                   r"^unknown command: 'nonsense'"):
        if not re.search(wanted, told, re.M):
            raise Fail("no %s in\n%s" % (wanted, told))


# ---- a pipe ----

def piped(ctx):
    """Ctrl-A c in a pipe, as on QEMU, and back."""
    guest = assemble(ctx, "spin", SPIN.replace("sw t1, 0(t0)", "nop"))
    ctx.expect(ctx.emu(["-nographic", guest], timeout=60, stdin=(
        "\x01cprint $a0 * 0 + 5\nstop\ninfo status\nquit\n")),
        out=[r"^\(emu\) print \$a0 \* 0 \+ 5\n0x5$", "VM status: paused"])


# ---- tmux ----

def ready(ctx, screen):
    guest = assemble(ctx, "spin", SPIN.replace("sw t1, 0(t0)", "nop"))
    screen.emu(ctx, guest)
    screen.until("^r")
    screen.type("C-a", "c")
    screen.until(r"^\(emu\) ")


def typed(ctx):
    """Completion, history, Enter, ^C, and q."""
    with Screen(ctx, "print 11\nprint 12\n") as screen:
        ready(ctx, screen)
        screen.type("Up", "Enter")
        screen.until("^0xc$")
        screen.type("info reg", "Tab", "Enter")
        screen.until("^CPU#0")
        screen.type("print _st", "Tab", "Enter")
        screen.until("^0x80000000  _start")
        screen.type("print $scau", "Tab", "Enter")
        screen.until(r"^\(emu\) print \$scause\s*\n0x")
        screen.type("info events page_f", "Tab", "Enter")
        screen.until("^page_fault")
        screen.type("x/2xw 0x80000000", "Enter")
        screen.type("Enter")
        screen.until("^0000000080000008: ")
        screen.type("not a command", "C-c")
        screen.type("print 3", "Enter")
        screen.until("^0x3$")
        screen.line("quit")
        screen.over(ctx)
        kept = screen.state.read_text().split("\n")
        if "print 11" not in kept or "print 3" not in kept or \
                "not a command" in kept:
            raise Fail("history: %r" % kept)


def to_and_fro(ctx):
    """Ctrl-A c stops the guest, and again lets it go on."""
    with Screen(ctx) as screen:
        ready(ctx, screen)
        screen.line("info status")
        screen.until("paused, at")
        first = re.search(r"paused, at (\d+)", screen.text()).group(1)
        screen.line("info status")
        screen.until("paused, at %s " % first, 2)
        screen.type("C-a", "c")
        time.sleep(0.5)
        screen.type("C-a", "h")
        screen.until("Ctrl-A c       the monitor")
        screen.type("C-a", "c")
        screen.until("^hart 0, ", 2)
        screen.line("info status")
        screen.until(r"paused, at (?!%s )\d" % first)
        screen.type("C-d")
        time.sleep(0.5)
        screen.type("C-a", "x")
        screen.over(ctx)


def apart(ctx):
    """With -monitor stdio the guest runs under the prompt; ^C stops it."""
    guest = assemble(ctx, "spin", SPIN.replace("sw t1, 0(t0)", "nop"))
    with Screen(ctx) as screen:
        screen.emu(ctx, "-monitor", "stdio", "-serial", "null", guest)
        screen.until(r"^\(emu\) ")
        screen.line("info status")
        screen.until("VM status: running")
        screen.type("C-c")
        screen.until("^hart 0, M-mode")
        screen.line("info status")
        screen.until("VM status: paused")
        screen.line("si 2000000000")
        time.sleep(0.5)
        screen.type("C-c")
        screen.until("^hart 0, M-mode", 2)
        screen.line("c")
        screen.line("info status")
        screen.until("VM status: running", 2)
        screen.line("q")
        screen.over(ctx)


def begins(ctx):
    """-S without gdb begins in the monitor."""
    guest = assemble(ctx, "spin", SPIN)
    with Screen(ctx) as screen:
        screen.emu(ctx, "-S", guest)
        screen.until("^hart 0, M-mode, 0x1000")
        screen.line("cont")
        screen.over(ctx)


def met(ctx):
    """A point takes the terminal back from the guest's console, and a guest
    that has ended can be gone back from."""
    guest = assemble(ctx, "loop", LOOP)
    with Screen(ctx) as screen:
        screen.emu(ctx, "-S", guest)
        screen.until(r"^\(emu\) ")
        screen.line("watch spot if $s1 == 9")
        screen.line("cont")
        screen.until("^    old 0x8, new 0x9")
        screen.until(r"^\(emu\) ", 3)
        screen.line("cont")
        screen.until("^the guest has ended")
        screen.line("rc")
        screen.until("^    old 0x8, new 0x9", 2)
        screen.line("back 2")
        screen.line("print $s1")
        screen.until("^0x8$")
        screen.line("delete")
        screen.line("c")
        screen.over(ctx)


def without_readline(ctx):
    """One line says what is missing, and lines are read all the same."""
    hidden = ctx.tmp / "libreadline.so.8"
    hidden.write_text("no module\n")
    guest = assemble(ctx, "spin", SPIN)
    with Screen(ctx) as screen:
        screen.line("export LD_LIBRARY_PATH=%s" % ctx.tmp)
        screen.emu(ctx, "-S", guest)
        screen.until("install the\\s+package libreadline8")
        screen.until(r"^\(emu\) ")
        screen.line("print 6*7")
        screen.until("^0x2a")
        screen.line("q")
        screen.over(ctx)


def not_linked(ctx):
    """emu starts without readline, and a run without a monitor, too."""
    told = ctx.expect(ctx.run(["ldd", ctx.build / "emu"])).out
    if "readline" in told or "tinfo" in told:
        raise Fail("emu is linked with it:\n" + told)
    guest = assemble(ctx, "spin", SPIN)
    env = dict(os.environ, LD_DEBUG="files")
    result = subprocess.run([str(ctx.build / "emu"), str(guest)],
                            capture_output=True, text=True, env=env,
                            check=True)
    if "readline" in result.stderr:
        raise Fail("it is opened without a monitor")


def tests(ctx):
    yield Test("as-qemu", as_qemu)
    yield Test("walks", walks)
    yield Test("scripts", scripts)
    yield Test("refusals", refusals)
    yield Test("as-told", as_told)
    yield Test("columns", columns)
    yield Test("points", points)
    yield Test("untouched", untouched)
    yield Test("snapshots", snapshots)
    yield Test("back", back)
    yield from (Test("copied", copied), Test("fenceless", fenceless))
    yield Test("documented", documented)
    yield Test("program", program)
    yield Test("shares", shares)
    yield Test("told-meanwhile", told_meanwhile)
    yield Test("from-gdb", from_gdb)
    yield Test("piped", piped)
    yield Test("typed", typed)
    yield Test("to-and-fro", to_and_fro)
    yield from (Test("apart", apart), Test("begins", begins))
    yield Test("met", met)
    yield Test("without-readline", without_readline)
    yield Test("not-linked", not_linked)
    yield from ends.tests(ctx)
