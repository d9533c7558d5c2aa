"""What a test suite is made of.

    from harness import Case, Fail, Skip, Test, expect, run

A suite is `tests/NAME/suite.py` with one function

    def tests(ctx):                  # yields Test objects
        yield Test("hello", hello)                  # a callable, given ctx
        yield Test("version", ["--version"],        # or emu's arguments
                   status=0, out=r"^QEMU emulator", err=r"^$")

`status`, `out`, `err` say what a run must give (regular expressions, one or
a list, multi-line); `stdin` is text for it, `timeout` its seconds.
A callable raises Fail(text) or Skip(reason), or just returns; it may return
or yield Case(name, error, skip) to count many cases of one run separately.
A module may set
    MATRIX = ("engine", "fork", "harts")   # tests() is called for each
                                           # combination; names get "@interp,cow"
    SERIAL = True                          # nothing else runs beside a test
    UNMOVED = "why"                        # run.py's --move is not for it

Where a parameter is not in MATRIX, the first of its values counts.  --move is
a parameter of every suite that does not refuse it: emu then goes on in a fresh
machine every .move steps, which must not matter; names get "+move=1000".

`ctx` offers: .engine .fork .harts .move; .root, .build, .images (paths); .tmp
(a folder of this test, kept by run.py --keep where it fails); .emu(args,
stdin=, timeout=), with .engine, .harts and .move, and .qemu(args, ...) and
.run(command, ...) -> Result(status, out, err, seconds, command); .emu_command()
for what starts emu otherwise; and .build_variant(NAME) for another compiler's
build; .qemu(args, newest=True) is QEMU 10 or later, and a Skip where there is
none.
They never raise for a bad status; a guest that outlives its timeout fails the
test and is killed with everything it started.  `ctx.expect(result, status=,
out=, err=)` raises Fail with the command and the last lines of what it
printed.  `planned` is for guests that print checks and how many there were.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

# Engine name -> the options that choose it.
ENGINES = {"interp": []}
# Other builds of the same source -> (compiler, meson options).
VARIANTS = {
    "clang": ("clang", []),
    "gcc-O0": ("gcc", ["-Doptimization=0"]),
    "asan": ("gcc", ["-Db_sanitize=address,undefined"]),
}
# What the fuzzers of tests/fuzz are built by: coverage guides them.
FUZZ = ("clang", ["-Dfuzz=true", "-Db_sanitize=address,undefined",
                  "-Db_lundef=false"])
IMAGES = ("firmware/firmware.elf", "guest/kernel/kernel.elf",
          "guest/user/initrd.cpio")
BUGS_IMAGE = "guest/kernel/kernel-bugs.elf"  # what emu carries, too
QEMU = "qemu-system-riscv64"
TAIL_LINES = 20
BUILDING = threading.Lock()  # two tests may want the same variant


class Fail(Exception):
    """The test failed; the text says why."""


class Skip(Exception):
    """The test cannot run here; the text says why (see tests/skips)."""


class Case:
    """One counted case of a test that has many."""

    def __init__(self, name, error=None, skip=None):
        self.name, self.error, self.skip = name, error, skip


class Test:
    def __init__(self, name, what, status=0, out=(), err=(), stdin="",
                 timeout=60):
        self.name, self.what, self.timeout = name, what, timeout
        self.status, self.out, self.err, self.stdin = status, out, err, stdin


class Result:
    def __init__(self, command, status, out, err, seconds):
        self.command, self.status, self.seconds = command, status, seconds
        self.raw = out
        self.out = out.decode("utf-8", "replace")
        self.err = err.decode("utf-8", "replace")


def tail(text, lines=TAIL_LINES):
    kept = text.rstrip("\n").split("\n")[-lines:]
    return "\n".join("    | " + line for line in kept)


def shell_quote(words):
    return " ".join(shlex.quote(str(word)) for word in words)


def describe(result):
    text = "    $ %s\n    status %s after %.1f s" % (
        shell_quote(result.command), result.status, result.seconds)
    if result.out:
        text += "\n    stdout, last lines:\n" + tail(result.out)
    if result.err:
        text += "\n    stderr, last lines:\n" + tail(result.err)
    return text


def mismatch(result, status=0, out=(), err=()):
    """What of `result` is not as wanted, or None."""
    if status is not None and result.status != status:
        return "status %s, wanted %s" % (result.status, status)
    for which, wanted in (("out", out), ("err", err)):
        for pattern in [wanted] if isinstance(wanted, str) else wanted:
            if not re.search(pattern, getattr(result, which), re.M):
                return "std%s does not match /%s/" % (which, pattern)
    return None


def expect(result, status=0, out=(), err=()):
    wrong = mismatch(result, status, out, err)
    if wrong:
        raise Fail(wrong + "\n" + describe(result))
    return result


PLAN = re.compile(r"^plan (0x[0-9a-f]+)\r*$", re.M)


def planned(result, lines):
    """The lines of checks that a guest printed, which are as many as it says
    at its end that it has made."""
    plan = PLAN.findall(result.out.replace("\0", ""))
    if [int(count, 16) for count in plan] != [len(lines)] or not lines:
        raise Fail("%d checks, plan %s\n%s"
                   % (len(lines), plan, describe(result)))
    return lines


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def run(command, stdin="", timeout=60, env=None, cwd=None):
    """Run a command in a process group of its own and wait for its end."""
    command = [str(word) for word in command]
    if isinstance(stdin, str):
        stdin = stdin.encode()
    start = time.monotonic()
    environment = dict(os.environ, **(env or {}))
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True, cwd=cwd,
            env=environment)
    except OSError as error:
        raise Fail("cannot run %s: %s" % (command[0], error.strerror))
    try:
        out, err = process.communicate(stdin, timeout)
        late = False
    except subprocess.TimeoutExpired:
        kill_group(process)
        out, err = process.communicate()
        late = True
    result = Result(command, process.returncode, out, err,
                    time.monotonic() - start)
    if late:
        raise Fail("no end after %s s\n%s" % (timeout, describe(result)))
    return result


class Context:
    """What a suite knows about the build and the run it is part of."""

    def __init__(self, root, build, engine, fork, harts, move=0,
                 timeout_scale=1):
        self.root, self.build = Path(root), Path(build)
        self.images = self.build / "guest"
        self.engine, self.fork, self.harts = engine, fork, harts
        self.move = move  # every so many steps; 0: never
        self.timeout_scale = timeout_scale
        self.tmp = None
        self.test = None
        self.commands = []  # what .run() was asked for, as shells spell it

    def variant(self, **fields):
        other = Context(self.root, self.build, self.engine, self.fork,
                        self.harts, self.move, self.timeout_scale)
        other.__dict__.update(fields)
        return other

    def run(self, command, stdin="", timeout=None, **more):
        if timeout is None:
            timeout = self.test.timeout if self.test else 60
        self.commands.append(shell_quote(command))
        return run(command, stdin, timeout * self.timeout_scale, **more)

    def emu_command(self, build=None):
        """What starts emu, this build's or another's, before its arguments."""
        harts = ["-smp", self.harts] if self.harts != 1 else []
        move = ["--test-move=%d" % self.move] if self.move else []
        return [(build or self.build) / "emu"] + ENGINES[self.engine] + (
            harts + move)

    def emu(self, args=(), stdin="", timeout=None, **more):
        return self.run(self.emu_command() + list(args), stdin, timeout,
                        **more)

    def newest_qemu(self):
        """The path of QEMU 10 or later."""
        found = self.run([self.root / "tools" / "newer-qemu", "find"])
        if found.status != 0:
            raise Skip("no QEMU 10 or later")
        return found.out.strip()

    def qemu(self, args=(), stdin="", timeout=None, newest=False, **more):
        program = self.newest_qemu() if newest else QEMU
        command = [program, "-M", "virt", "-nographic",
                   "-no-reboot"] + list(args)
        return self.run(command, stdin, timeout, **more)

    def images_folder(self):
        """The images that the build embeds, in one folder (-Dguest=)."""
        folder = self.build / "images"
        folder.mkdir(exist_ok=True)
        for name in (*IMAGES, BUGS_IMAGE):
            source = self.build / name
            target = folder / source.name
            if (not target.exists()
                    or target.read_bytes() != source.read_bytes()):
                shutil.copyfile(str(source), str(target))
        return folder

    def build_variant(self, name, *targets):
        """Build a row of VARIANTS, or `fuzz`, beside this build; its folder."""
        compiler, options = FUZZ if name == "fuzz" else VARIANTS[name]
        folder = Path("%s-%s" % (self.build, name))
        with BUILDING:
            self.expect(self.run(
                [self.root / "tools" / "build", folder, "-Dwerror=true",
                 "-Dguest=%s" % self.images_folder()] + options + ["--"]
                + list(targets), env={"CC": compiler}))
        return folder

    expect = staticmethod(expect)
