"""--trace and --on-fail: their options, what is written when, and that a run
is the same with and without.  tests/trace has the files themselves."""

import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "trace"))

import elf  # noqa: E402
import emt  # noqa: E402
from files import refused, write  # noqa: E402
from harness import Case, Fail, Test, describe  # noqa: E402

PASS = elf.words(elf.hello("hello\n"), elf.exit_pass())
FAIL = elf.words(elf.hello("hello\n"), elf.exit_fail(3))
SPIN = elf.words(elf.hello("ready\n"), elf.SPIN)
COW = ["-append", "init=/bin/cow"]

WRONG = {
    "no-file": ["--trace="],
    "nothing-but-a-list": ["--trace", ",from=3"],
    "unknown": ["--trace", "a,what=3"],
    "kind": ["--trace", "a,events=trap+nonsense"],
    "no-kind": ["--trace", "a,events="],
    "time": ["--trace", "a,from=soon"],
    "negative-time": ["--trace", "a,to=-1"],
    "long-time": ["--trace", "a,to=20000000000s"],
    "hex-time": ["--trace", "a,to=0x10"],
    "no-time": ["--trace", "a,from"],
    "keep": ["--trace", "a,keep=1M"],
    "small-ring": ["--on-fail", "a,keep=1K"],
    "large-ring": ["--on-fail", "a,keep=2000G"],
    "ring-of-what": ["--on-fail", "a,keep=3Q"],
    "time-of-ring": ["--on-fail", "a,from=x"],
}


def refuse(args):
    def check(ctx):
        guest = write(ctx, "guest.elf", elf.elf(PASS))
        refused(ctx, args + [guest], args[0].split("=")[0])
    return check


def nothing_is_left(ctx):
    """Not where the guest cannot be had, either."""
    (ctx.tmp / "bad.elf").write_bytes(b"no guest")
    guest = write(ctx, "guest.elf", elf.elf(PASS))
    for option in ("--trace", "--on-fail"):
        refused(ctx, [option, "a.emt", "bad.elf"], "bad.elf")
        refused(ctx, [option, "a.emt", "-d", "trap", "-D", "no/such/log",
                      guest], "no/such/log")
        refused(ctx, [option, "no/such/a.emt", guest], "no/such/a.emt")
        yield Case(option)
    refused(ctx, ["--trace", "one", "--on-fail", "one", guest], "one",
            "same file")


def events(path):
    return list(emt.Trace(path).events())


def parts(ctx):
    """events=, from= and to= take those out of all."""
    every = ctx.tmp / "all.emt"
    ctx.expect(ctx.emu(["--trace", every] + COW))
    whole = events(every)
    traps = [event.time for event in whole if event.kind == 1]
    first, last = traps[len(traps) // 4], traps[len(traps) // 2]
    for name, more, wanted in (
            ("events", "events=trap+satp", lambda e: e.kind in (1, 7)),
            ("alias", "events=int+satp", lambda e: e.kind in (1, 2, 7)),
            ("from-part", "from=0.3ms", lambda e: e.time >= 300000),
            ("from-us", "from=300us", lambda e: e.time >= 300000),
            ("to", "to=300000", lambda e: e.time <= 300000),
            ("both", "from=%.3fus,to=%dns,events=trap" % (first / 1000, last),
             lambda e: first <= e.time <= last and e.kind == 1)):
        part = ctx.tmp / "part.emt"
        ctx.expect(ctx.emu(["--trace", "%s,%s" % (part, more)] + COW))
        found = [event[1:] for event in events(part)]
        expected = [event[1:] for event in whole if wanted(event)]
        yield Case(name, None if found == expected and found
                   else "%d events, not %d" % (len(found), len(expected)))


def only_failures(ctx):
    """--on-fail writes where the status is not 0, and nowhere else."""
    for name, code, args, status in (
            ("passes", PASS, [], 0),
            ("fails", FAIL, [], 3),
            ("limit", SPIN, ["--max-insns", "9000"], 124),
            ("timeout", SPIN, ["--timeout", "0.5"], 124),
            ("stop-on", SPIN, ["--stop-on", "ready"], 0),
            ("fail-on", SPIN, ["--fail-on", "ready"], 1)):
        guest = write(ctx, "guest.elf", elf.elf(code))
        path = ctx.tmp / (name + ".emt")
        ctx.expect(ctx.emu(["--on-fail", "%s,events=retire" % path] + args
                           + [guest]), status)
        if path.exists() != (status != 0):
            yield Case(name, "there is %s file" %
                       ("a" if path.exists() else "no"))
            continue
        end = emt.Trace(path).end if status else None
        yield Case(name, None if not status or end[2] == status
                   else "its end is %r" % (end,))


def ring(ctx):
    """keep= bounds a file, which has the last events of all."""
    guest = write(ctx, "guest.elf", elf.elf(SPIN))
    every, last = ctx.tmp / "all.emt", ctx.tmp / "last.emt"
    ctx.expect(ctx.emu(["--trace", "%s,events=retire+csr_write" % every,
                        "--on-fail", "%s,events=retire,keep=64K" % last,
                        "--max-insns", "500000", guest]), 124)
    found = emt.Trace(last)
    whole = [event[2:] for event in events(every) if event.kind == 14]
    end = [event[2:] for event in found.events()]
    if not end or whole[-len(end):] != end:
        raise Fail("%d events, of %d" % (len(end), len(whole)))
    if not found.has_begun_late and len(end) != len(whole):
        raise Fail("events are missing")
    if last.stat().st_size > 80 << 10:
        raise Fail("%d bytes" % last.stat().st_size)


def is_the_same(ctx):
    """Console and hash, whether a run is traced or not, explained or not."""
    plain = ctx.expect(ctx.emu(["--trace-hash"] + COW))
    for name, args in (
            ("trace", ["--trace", "a.emt"]),
            ("on-fail", ["--on-fail", "b.emt"]),
            ("both", ["--trace", "a.emt", "--on-fail", "b.emt"]),
            ("every-instruction", ["--trace", "a.emt,events=all+commit"])):
        result = ctx.expect(ctx.emu(args + ["--trace-hash"] + COW,
                                    cwd=str(ctx.tmp)))
        yield Case(name, None if (result.out, result.err) ==
                   (plain.out, plain.err) else describe(result))
    told = ctx.expect(ctx.emu(["--explain", "--trace-hash"] + COW))
    traced = ctx.expect(ctx.emu(["--explain", "--trace", "c.emt",
                                 "--trace-hash"] + COW, cwd=str(ctx.tmp)))
    yield Case("explain", None if (told.out, told.err) ==
               (traced.out, traced.err) else describe(traced))
    names = set(emt.Trace(ctx.tmp / "a.emt").names())
    explained = set(record[1:] for record in
                    emt.Trace(ctx.tmp / "c.emt").names())
    missing = explained - set(record[1:] for record in names)
    yield Case("names", None if names and not missing
               else "only with --explain: %r" % list(missing)[:5])


def killed(ctx):
    """Of a run that is killed, whole chunks are there."""
    guest = write(ctx, "guest.elf", elf.elf(SPIN))
    path = ctx.tmp / "killed.emt"
    command = [str(word) for word in ctx.emu_command()] + [
        "--trace", "%s,events=retire" % path, str(guest)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and (
                not path.exists() or path.stat().st_size < 5000):
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    trace = emt.Trace(path)
    found = events(path)
    if trace.end or len(found) < 65536:
        raise Fail("%d events, end %r" % (len(found), trace.end))
    if [event.number for event in found[:9]] != list(range(9)):
        raise Fail("%r" % found[:9])


def killed_in_silence(ctx):
    """Of a run that is killed when it has had no events for a while, all are
    there, and the names that were told with them."""
    path, told = ctx.tmp / "killed.emt", ctx.tmp / "told"
    command = [str(word) for word in ctx.emu_command()] + [
        "--explain", "--trace", str(path), "-append", "init=/bin/sh"]
    with open(told, "wb") as err:
        process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=err)
    try:
        process.stdin.write(b"cow\necho end\n")
        process.stdin.flush()
        while process.stdout.readline().strip() != b"end":
            if process.poll() is not None:
                raise Fail("it has ended: " + told.read_text())
        time.sleep(2.5)
    finally:
        process.kill()
        process.wait()
    live = told.read_text().splitlines()
    result = ctx.expect(ctx.run([ctx.build / "emu-trace", "explain", path]))
    said = result.out.splitlines()
    if said[:len(live)] != live or len(live) < 20:
        raise Fail("%d lines, not\n%s\n%s"
                   % (len(said), "\n".join(live), describe(result)))
    if emt.Trace(path).end:
        raise Fail("it has ended")


def has_events(path):
    try:
        return bool(events(path))
    except (OSError, ValueError, IndexError):  # not even its beginning
        return False


def killed_later(ctx):
    """What a chunk is written for changes no event: those of a run that is
    killed are the first of one that is not."""
    loop = elf.hello("on\n") + elf.wait(1 << 22)
    guest = write(ctx, "guest.elf", elf.elf(elf.words(
        loop, elf.jump(-4 * len(loop)))))
    path, whole = ctx.tmp / "killed.emt", ctx.tmp / "whole.emt"
    command = [str(word) for word in ctx.emu_command()] + [
        "--trace", str(path), str(guest)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not has_events(path):
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    found = events(path)
    if not found:
        raise Fail("nothing is there")
    ctx.expect(ctx.emu(["--trace", whole, "--max-insns", found[-1].time + 9,
                        guest], timeout=120), 124)
    if found != events(whole)[:len(found)]:
        raise Fail("%d events are not those of a run that ends" % len(found))


def interrupted(ctx):
    """SIGTERM ends a trace like any other end."""
    guest = write(ctx, "guest.elf", elf.elf(SPIN))
    path = ctx.tmp / "ended.emt"
    command = [str(word) for word in ctx.emu_command()] + [
        "--trace", "%s,events=trap+csr_write" % path, str(guest)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    try:
        if b"ready" not in process.stdout.readline():
            raise Fail("it does not run")
        process.terminate()
        process.wait(30)
    finally:
        process.kill()
        process.wait()
    if not emt.Trace(path).end:
        raise Fail("it has no end")


def too_large(ctx):
    """A disk that is full ends the run, and leaves a trace that can be read."""
    guest = write(ctx, "guest.elf", elf.elf(SPIN))
    command = ctx.emu_command() + ["--trace", "a.emt,events=retire",
                                   "--timeout", "60", guest]
    result = ctx.run(["bash", "-c", 'ulimit -f 16; "$@"', "bash"] + command,
                     timeout=60, cwd=str(ctx.tmp))
    ctx.expect(result, 125,
               err=r"^emu: cannot write the trace a.emt: File too large$")
    trace = emt.Trace(ctx.tmp / "a.emt")
    if trace.cut or not len(list(trace.events())):
        raise Fail("%d bytes are cut" % trace.cut)


TESTS = [Test("refuse/trace-" + name, refuse(args))
         for name, args in sorted(WRONG.items())] + [
    Test("refuse/trace-nothing-left", nothing_is_left),
    Test("trace-parts", parts),
    Test("trace-on-fail", only_failures),
    Test("trace-ring", ring),
    Test("trace-changes-nothing", is_the_same),
    Test("trace-killed", killed),
    Test("trace-killed-in-silence", killed_in_silence),
    Test("trace-killed-later", killed_later, timeout=200),
    Test("trace-interrupted", interrupted),
    Test("trace-too-large", too_large),
]
