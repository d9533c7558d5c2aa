"""tools/seeds finds the runs that a race makes different, and names each by a
command that runs it again."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import elf
from harness import Case, Fail, Skip, Test, describe

SOURCE = Path(__file__).resolve().parent / "racy.S"
COMPILER = "riscv64-unknown-elf-gcc"
ROUNDS = 300
RUNS = 24
GROUP = re.compile(r"^(\d+) runs?: status (\d+)\n((?:  .*\n)+)", re.M)


def racy(ctx, *more):
    if not shutil.which(COMPILER):
        raise Skip("no RISC-V compiler")
    path = ctx.tmp / "racy.elf"
    ctx.expect(ctx.run([COMPILER, "-march=rv64g", "-nostdlib", "-DROUNDS=%d"
                        % ROUNDS, "-Wl,-Ttext=0x80000000", "-Wl,-n", "-o",
                        path, SOURCE] + list(more)))
    return path


def seeds(ctx, *words, **more):
    return ctx.run([sys.executable, ctx.root / "tools" / "seeds", "--emu",
                    ctx.build / "emu"] + list(words), timeout=120, **more)


def groups(result):
    """(status, its runs, the text) of each outcome that is shown."""
    return [(int(status), int(count), text)
            for count, status, text in GROUP.findall(result.out)]


def finds(ctx):
    """A program without a lock fails under the seeds, and with the sums, that
    emu by itself says; each command shows one of them."""
    guest = racy(ctx)
    found = seeds(ctx, RUNS, "-smp", 3, guest)
    ctx.expect(found, 1, out=r"\A%d runs, 2 outcomes$" % RUNS,
               err=r"\A(running, \d+ %: .*\n)*\Z")
    told = groups(found)
    truth = {}
    for seed in range(RUNS):
        result = ctx.emu(["--seed", seed, "-smp", 3, guest])
        truth.setdefault(result.status, {})[seed] = result.out.strip()
    if {status: len(runs) for status, runs in truth.items()} != {
            status: count for status, count, _ in told}:
        raise Fail("it is %s\n%s" % (truth, describe(found)))
    if sorted(truth) != [0, 1] or len(set(truth[1].values())) < 2:
        raise Fail("the race shows too rarely: %s" % truth)
    for status, _, text in told:
        named = re.search(r"^  seeds? ([\d ]+)", text, re.M).group(1).split()
        wanted = [str(seed) for seed in sorted(truth[status])]
        yield Case("seeds-%d" % status, None if named == wanted[:len(named)]
                   and len(named) >= min(len(wanted), 5) else text)
        command = re.search(r"^  \$ (.*)", text, re.M).group(1)
        again = ctx.run(["bash", "-c", command])
        yield Case("again-%d" % status, None if again.status == status
                   and again.out.strip() == truth[status][int(named[0])]
                   else describe(again))
        if status and "report  | emu: the guest failed" not in text:
            raise Fail(text)


def all_alike(ctx):
    """One lock more, and all runs end alike, on few or many cores."""
    guest = racy(ctx, "-DLOCKED")
    result = seeds(ctx, "-j", 3, "--from", 7, RUNS, "-smp", 3, guest)
    ctx.expect(result, 0, out=[
        r"\A%d runs, 1 outcome$" % RUNS, r"console \| sum 0%d$" % (3 * ROUNDS),
        r"^  seeds 7 8 ", r"--seed 7 --timeout 60 -smp 3 "])


def spoken_to(ctx):
    """Each run gets the same input and is limited; what emu refuses it says
    once, and what cannot be is refused before anything runs."""
    guest = ctx.tmp / "guest.elf"
    guest.write_bytes(elf.elf(elf.words(elf.echo_until(ord(".")))))
    ctx.expect(seeds(ctx, 3, "--max-insns", 10**7, guest, stdin="a b."),
               out=[r"console \| a b\.$", r"--seed 0 --max-insns .* <INPUT$"])
    guest.write_bytes(elf.elf(elf.words(elf.SPIN)))
    ctx.expect(seeds(ctx, 2, "--timeout", 0.1, guest),
               out=r"2 runs: status 124\n(.*\n)*  report  \| emu: stopped by --timeo")
    disk = ctx.tmp / "disk"
    disk.write_bytes(bytes(4096))
    ctx.expect(seeds(ctx, 4, "--max-insns", 1000, "-drive",
                     "file=%s,if=none,id=d" % disk, "-device",
                     "virtio-blk-device,drive=d", guest),
               out=r"4 runs: status 124\n(.*\n)*.*--seed 0 -snapshot ")
    for words, why in ((["4", "none.elf"], r"\Aemu: none.elf: No such file.*\n"
                        r"\Z"), (["0", guest], "not a number of runs"),
                       (["4", "--seed", "3", guest], "--seed"),
                       (["four"], "invalid int value")):
        ctx.expect(seeds(ctx, *words), 125, out=r"\A\Z", err=why)


def interrupted(ctx):
    """^C ends the runs, and what is known by then is said."""
    (ctx.tmp / "spin.elf").write_bytes(elf.elf(elf.words(elf.SPIN)))
    command = [sys.executable, ctx.root / "tools" / "seeds", "--emu",
               ctx.build / "emu", "9", ctx.tmp / "spin.elf"]
    process = subprocess.Popen(
        [str(word) for word in command], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        # What is started in the background of a shell ignores it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    time.sleep(3)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    if process.returncode != 130 or b"interrupted\n" not in err \
            or not out.startswith(b"0 runs, "):
        raise Fail("%s, %r, %r" % (process.returncode, out, err))


TESTS = [
    Test("seeds/interrupted", interrupted),
    Test("seeds/finds", finds, timeout=120),
    Test("seeds/all-alike", all_alike, timeout=120),
    Test("seeds/spoken-to", spoken_to, timeout=120),
]
