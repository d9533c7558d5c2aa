"""Runs that go on in another process, and that are made again: --snapshot and
--restore, --record and --replay, --trace with replay=on.

A run is cut where its steps say so, and goes on from the file: what it prints
is the rest of what the whole run prints, its events are those, and a snapshot
of it further on is the same file, byte for byte, as one of the whole run.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))

import elf  # noqa: E402
from files import refused, write  # noqa: E402
from harness import Fail, Test, describe  # noqa: E402

MATRIX = ("harts",)
UNMOVED = "the machine moves all the same: into another process"

STEPS = re.compile(r'"steps": *(\d+)')
TIMED = re.compile(r"^\s*\d+ ", re.M)
COW = ("-append", "init=/bin/cow")


def saved(ctx, name, args, at=None, more="", **run):
    """Runs, and returns the snapshot and what the run printed."""
    path = ctx.tmp / name
    where = "" if at is None else ",at=%d" % at
    result = ctx.emu(["--snapshot=%s%s%s" % (path, where, more), *args], **run)
    if result.status or not path.exists():
        raise Fail("no snapshot\n" + describe(result))
    return path, result


def goes_on(packing):
    def check(ctx):
        whole = ctx.expect(ctx.emu(["-d", "trap,tlb_fill,satp", *COW]))
        for at in (1, 200000, 400000, 500000):
            path, _ = saved(ctx, "first", COW, at, packing)
            rest = ctx.run(ctx.emu_command()
                           + ["--restore", path, "-d", "trap,tlb_fill,satp"])
            if (not whole.out.endswith(rest.out)
                    or not whole.err.endswith(rest.err)
                    or rest.status or not rest.err):
                raise Fail("at %d it is not the rest\n%s"
                           % (at, describe(rest)))
            path, _ = saved(ctx, "second", COW, at + 77777, ",compress=none")
            there = path.read_bytes()
            path = ctx.tmp / "third"
            ctx.expect(ctx.run(ctx.emu_command() + [
                "--restore", ctx.tmp / "first",
                "--snapshot=%s,at=%d,compress=none" % (path, at + 77777)]))
            if path.read_bytes() != there:
                raise Fail("at %d it becomes another machine" % (at + 77777))
    return check


def with_input(ctx):
    """A script that is half typed goes on; the matcher has half a line."""
    script = ctx.tmp / "script"
    script.write_text("emu$ =>echo one and two\nemu$ =>echo three\n")
    args = ["--input", script, "--stop-on", "^three$"]
    whole = ctx.expect(ctx.emu(["--exit-json", ctx.tmp / "json", *args]))
    end = int(STEPS.search((ctx.tmp / "json").read_text())[1])
    for at in (end // 2, end - 40000, end - 9000, end - 500):
        path, _ = saved(ctx, "typed", args, at)
        rest = ctx.expect(ctx.run(ctx.emu_command()
                                  + ["--restore", path, *args]))
        if not whole.out.endswith(rest.out):
            raise Fail("at %d of %d it is not the rest\n%s"
                       % (at, end, describe(rest)))


def behind_a_match(ctx):
    """What --stop-on has found once is not found again; more can be typed."""
    match = "^init +/bin/sh"
    script = ctx.tmp / "script"
    script.write_text("what is never printed=>x\n")
    path, _ = saved(ctx, "match", ["--stop-on", match, "--input", script])
    command = ctx.emu_command() + ["--restore", path, "--stop-on"]
    ctx.expect(ctx.run(command + ["^word$"], "echo word\n"), out="^word\r?$")
    ctx.expect(ctx.run(command + [match], "exit\n"), 1,
               out="init has ended with status 0")


def a_disk(ctx):
    """What was written over its image is in it; of the image, a checksum."""
    disk = ctx.tmp / "disk"
    disk.write_bytes(bytes(range(256)) * 4096)
    guest = ctx.build / "tests" / "virtio" / "blk.elf"
    args = ["-drive", "file=%s,if=none,format=raw,id=x0,snapshot=on" % disk,
            "-global", "virtio-mmio.force-legacy=off", "-device",
            "virtio-blk-device,drive=x0,bus=virtio-mmio-bus.0,serial=SERIAL-1"]
    whole = ctx.emu(["--exit-json", ctx.tmp / "json", *args, guest])
    end = int(STEPS.search((ctx.tmp / "json").read_text())[1])
    for at in range(end // 9, end, end // 9):
        path = ctx.tmp / "half"
        ctx.emu(["--snapshot=%s,at=%d" % (path, at), *args, guest])
        rest = ctx.run(ctx.emu_command() + ["--restore", path, *args[:2],
                                            *args[4:]])
        if not whole.out.endswith(rest.out) or rest.status != whole.status:
            raise Fail("at %d it is not the rest\n%s" % (at, describe(rest)))
    refused(ctx, ["--restore", path], "virtio")
    disk.write_bytes(bytes(1 << 20))
    refused(ctx, ["--restore", path, *args[:2], *args[4:]],
            "image of the disk in virtio slot 0 is another")


def contradictions(ctx):
    path, _ = saved(ctx, "first", COW, 100000)
    harts = ctx.harts
    for args, about in (
            (["-m", "256M"], "-m: the snapshot has ram 134217728"),
            (["-smp", harts + 1], "-smp: the snapshot has harts %d" % harts),
            (["--seed", "7"], "--seed: the snapshot has seed 0, not 7"),
            (["-cpu", "rv64,zba=off"], "-cpu: the snapshot has rv64, not"),
            (["-rtc", "base=2001-01-01"], "-rtc: the snapshot has epoch"),
            (["--tlb", "ways=2"], "--tlb ways=: the snapshot has tlb-ways 0"),
            (["-append", "quiet"], "-append: what is loaded is in"),
            (["-initrd", path], "-initrd: what is loaded is in"),
            (["-device", "virtio-rng-device"], "-device: the snapshot has"),
            (["--snapshot=%s,at=5" % (ctx.tmp / "new")], "step 5 has passed"),
            (["--snapshot=%s" % path], "is read, too")):
        command = ctx.emu_command()
        result = ctx.run(command + ["--restore", path, *args])
        ctx.expect(result, 125, err="^emu: .*" + re.escape(about))
        if result.out or result.err.count("\n") != 1:
            raise Fail("not one line\n" + describe(result))
    if (ctx.tmp / "new").exists():
        raise Fail("a snapshot of a run that was refused")


def observers(ctx):
    """Page tables are found again: what is told of them is the rest."""
    whole = ctx.expect(ctx.emu(["--explain", *COW]))
    path, _ = saved(ctx, "first", COW, 300000)
    rest = ctx.expect(ctx.run(ctx.emu_command()
                              + ["--restore", path, "--explain"]))
    if ("Copy-on-write in all: 1 fork" not in rest.err
            or rest.err.count("\n") != whole.err.count("\n")):
        raise Fail("something else is explained\n" + describe(rest))


def no_such_step(ctx):
    path = ctx.tmp / "late"
    result = ctx.emu(["--snapshot=%s,at=99999999" % path, *COW])
    ctx.expect(result, 125, err="the run ended at step .* not at step 99999999")
    if path.exists():
        raise Fail("there is a file")


def another_build(ctx):
    """Without optimisation, by the same source: the same parts."""
    path, _ = saved(ctx, "first", COW, 300000)
    rest = ctx.expect(ctx.run(ctx.emu_command() + ["--restore", path]))
    folder = ctx.build_variant("gcc-O0", "emu")
    other = ctx.expect(ctx.run([folder / "emu", "--restore", path]))
    if other.out != rest.out or not other.out:
        raise Fail("another run\n" + describe(other))


RESULT = re.compile(r'"(steps|instructions|time_ns|status)": *(\d+)')


def recorded(ctx, shell, *args, status=0):
    """Types with pauses into a run; made again it is the same to its end."""
    command = ctx.emu_command() + [
        "--record", ctx.tmp / "kept", "--exit-json", ctx.tmp / "first",
        "--trace-hash", *args]
    first = ctx.expect(ctx.run(["bash", "-c", shell + ' | "$@"', "bash"]
                               + command), status)
    again = ctx.run(ctx.emu_command() + [
        "--replay", ctx.tmp / "kept", "--exit-json", ctx.tmp / "second",
        "--trace-hash", *args])
    ends = [RESULT.findall((ctx.tmp / name).read_text())
            for name in ("first", "second")]
    if (again.out != first.out or ends[0] != ends[1]
            or again.err.splitlines()[-1:] != first.err.splitlines()[-1:]):
        raise Fail("%s, then %s\n%s\n%s" % (*ends, describe(first),
                                            describe(again)))
    return first


def typed(ctx):
    result = recorded(ctx, "(sleep 0.2; echo echo one; sleep 1.3; echo cow;"
                           " sleep 0.4; echo exit)")
    ctx.expect(result, out=["^one\r?$", "cow: PASS"])


def ended_by_host(ctx):
    recorded(ctx, "(sleep 0.1; echo echo one; sleep 5)", "--stop-on", "^one$")
    recorded(ctx, "(sleep 0.1; echo cow; sleep 1.1)", "--max-insns", "600000",
             status=124)
    recorded(ctx, "(sleep 1.2; printf '\\001x')", "-nographic")


# Takes bytes: an r resets the machine, another ends the run.
BY_BYTES = elf.words(
    elf.li(elf.T0, elf.UART), elf.load(1, elf.T1, elf.T0, 5),
    elf.andi(elf.T1, elf.T1, 1), elf.beqz(elf.T1, -8),
    elf.load(1, elf.T1, elf.T0), elf.store(1, elf.T1, elf.T0),
    elf.addi(elf.T1, elf.T1, -ord("r")), elf.li(elf.A1, elf.FINISHER),
    elf.li(elf.A0, 0x7777), elf.beqz(elf.T1, 12), elf.li(elf.A0, 0x5555),
    elf.store(4, elf.A0, elf.A1), elf.SPIN)


def with_resets(ctx):
    """Each boot has a machine of its own, and all of them come again."""
    guest = write(ctx, "guest.elf", elf.elf(BY_BYTES))
    result = recorded(ctx, "(sleep 0.2; printf r; sleep 1.2; printf rr;"
                           " sleep 0.1; printf x)", guest)
    if result.out != "rrrx":
        raise Fail("not three resets\n" + describe(result))


def host_clock(ctx):
    """The host's time is in the recording."""
    first = ctx.expect(ctx.emu(["--record", ctx.tmp / "kept", "-rtc",
                                "base=utc", "--trace-hash", *COW]))
    again = ctx.expect(ctx.run(ctx.emu_command() + [
        "--replay", ctx.tmp / "kept", "--trace-hash", *COW]))
    if (first.out, first.err.splitlines()[-1]) != (
            again.out, again.err.splitlines()[-1]):
        raise Fail("another run\n" + describe(again))


def other_runs(ctx):
    ctx.expect(ctx.emu(["--record", ctx.tmp / "kept", *COW]))
    replay = ctx.emu_command() + ["--replay", ctx.tmp / "kept"]
    for args, about in (
            ([], "the recording is of another guest"),
            (["--seed", "7", *COW], "--seed: the recording has seed 0, not 7"),
            (["--input", "/dev/null", *COW], "do not go together")):
        result = ctx.run(replay + args)
        ctx.expect(result, 125, err="^emu: .*" + re.escape(about))
        if result.out or result.err.count("\n") != 1:
            raise Fail("not one line\n" + describe(result))


def snapshot_of_replay(ctx):
    """A run that is made again can be kept half-way."""
    recorded(ctx, "(sleep 0.1; echo cow; sleep 0.1; echo exit)")
    kept = ctx.tmp / "kept"
    for name in "ab":
        ctx.expect(ctx.run(ctx.emu_command() + [
            "--replay", kept, "--snapshot=%s,at=650000,compress=none"
            % (ctx.tmp / name)]))
    if (ctx.tmp / "a").read_bytes() != (ctx.tmp / "b").read_bytes():
        raise Fail("two replays are in two states")


def traced(ctx, *args, stdin="", more="replay=on"):
    """A run's trace, and its steps."""
    path = ctx.tmp / "run.emt"
    ctx.expect(ctx.emu(["--trace", "%s,%s" % (path, more),
                        "--exit-json", ctx.tmp / "json", *args], stdin))
    return path, int(STEPS.search((ctx.tmp / "json").read_text())[1])


def emu_trace(ctx, *args, status=0):
    return ctx.expect(ctx.run([ctx.build / "emu-trace", *args]), status)


# Symbols are known where events were told, and numbers are the file's.
NAMED = re.compile(r'"symbol":"[^"]*",|"(?:offset|number)":\d+,')
INSNS = "events=retire+load+store+csr_write"


def made_again(ctx):
    """Instructions of a stretch are those of the run, typed input and all."""
    typed = "cow\nexit\n"
    path, steps = traced(ctx, stdin=typed)
    late = emu_trace(ctx, "state", path, "--at", steps * 4 // 5).out
    late = int(re.search(r"time (\d+) ns", late)[1])
    for first, last in ((0, 5000), (late, late + 5000)):
        ctx.expect(ctx.emu(["--trace", "%s,%s,from=%d,to=%d" % (
            ctx.tmp / "insns.emt", INSNS, first, last)], typed))
        stretch = ["--from", str(first), "--to", str(last)]
        told = emu_trace(ctx, "dump", ctx.tmp / "insns.emt", "--format",
                         "json").out
        again = emu_trace(ctx, "dump", "--insns", path, "--format", "json",
                          *stretch).out
        told, again = (NAMED.sub("", text) for text in (told, again))
        if told != again or told.count("\n") < 500:
            raise Fail("%s: %d lines, then %d" % (
                stretch, told.count("\n"), again.count("\n")))
    end = emu_trace(ctx, "state", path, "--at", steps, "--hart", 0).out
    if not end.startswith("step %d " % steps):
        raise Fail("another end: " + end[:80])


def state_of(ctx):
    """Registers and memory of all harts; what is next is what the run does."""
    path, _ = traced(ctx, *COW)
    state = emu_trace(ctx, "state", path, "--at", 450000, "--pa",
                      "0x80000000-0x8000000f").out
    if not re.search("^0x0000000080000000:((?: [0-9a-f]{2}){16})$", state,
                     re.M):
        raise Fail("no memory\n" + state)
    pcs = re.findall(r"^hart \d+  pc (0x[0-9a-f]+)", state, re.M)
    time = re.search(r"time (\d+) ns", state)[1]
    after = emu_trace(ctx, "dump", "--insns", path, "--event", "retire",
                      "--from", time, "--to", str(int(time) + 50)).out.split()
    if len(pcs) != ctx.harts or after[3] not in pcs:
        raise Fail("%s is next, and not at %s" % (after[:5], pcs))


def what_lacks(ctx):
    """A trace without its machine, and places that are not in it."""
    path, steps = traced(ctx, *COW, more="events=trap")
    for command in (["state", path, "--at", 5], ["dump", "--insns", path]):
        result = emu_trace(ctx, *command, status=125)
        if "not written with replay=on" not in result.err:
            raise Fail(describe(result))
    path, steps = traced(ctx, *COW)
    result = emu_trace(ctx, "state", path, "--at", steps + 1, status=125)
    if "is not in the trace's machine" not in result.err:
        raise Fail(describe(result))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    result = ctx.run([ctx.build / "emu-trace", "state", path, "--at", 300000])
    if result.status not in (0, 125) or result.status and (
            "damaged" not in result.err):
        raise Fail(describe(result))


def tests(ctx):
    yield Test("trace", made_again)
    yield Test("trace-state", state_of)
    yield Test("trace-lacks", what_lacks)
    yield Test("record", typed)
    yield Test("record-ends", ended_by_host)
    yield Test("record-resets", with_resets)
    yield Test("record-clock", host_clock)
    yield Test("record-others", other_runs)
    yield Test("record-snapshot", snapshot_of_replay)
    yield Test("goes-on", goes_on(""))
    yield Test("goes-on-plain", goes_on(",compress=none"))
    yield Test("input", with_input)
    yield Test("match", behind_a_match)
    yield Test("contradictions", contradictions)
    yield Test("observers", observers)
    yield Test("no-such-step", no_such_step)
    if ctx.harts == 1:
        yield Test("disk", a_disk)
        yield Test("another-build", another_build, timeout=600)
