"""One input, one trace hash: whatever the compiler, the console, the load.

The run is a whole session: the bundled kernel boots, the shell gets lines
and runs every program that ends by itself.  The hash covers every event and
every field of it, millions of them.  And programs for four harts that race.
"""

import os
import pty
import re
import subprocess
import sys
import threading
import tty

from harness import VARIANTS, Fail, Test, describe

SERIAL = True
SESSION = "ls\nt_fork\ncow\nps\nall\nexit\n"
HASH = re.compile(r"^trace hash ([0-9a-f]{16}) of (\d+) events\r?$", re.M)
ENOUGH = 1000000


def hash_of(result, enough=ENOUGH):
    found = HASH.search(result.err)
    if result.status != 0 or not found:
        raise Fail("no hash, or a bad end\n" + describe(result))
    if int(found.group(2)) < enough:
        raise Fail("only %s events" % found.group(2))
    return found.group(0).strip(), result.out


def session(ctx, build=None, wrapper=(), stdin=SESSION):
    return hash_of(ctx.run(list(wrapper) + ctx.emu_command(build)
                           + ["-trace-hash"], stdin))


RACES = ("atomics", "remote", "wake")


def races(ctx, build=None):
    """What four harts do to each other, and how long they take for it."""
    ends = []
    for name in RACES:
        report = ctx.tmp / "report"
        result = ctx.run(ctx.emu_command(build) + [
            "-smp", "4", "--quantum", "99", "-trace-hash", "--exit-json",
            report, ctx.build / "tests" / "smp" / (name + ".elf")])
        found = HASH.search(result.err)
        if result.status != 0 or not found:
            raise Fail("no hash, or a bad end\n" + describe(result))
        ends.append((found.group(0).strip(), report.read_text()))
    return ends


def same(ctx, other, what):
    mine = session(ctx)
    if mine != other:
        raise Fail("%s: %s, here: %s; output is %s" % (
            what, other[0], mine[0],
            "the same" if mine[1] == other[1] else "another"))


def build(name):
    def check(ctx):
        other = ctx.build_variant(name, "emu")
        same(ctx, session(ctx, other), name)
        mine, theirs = races(ctx), races(ctx, other)
        if mine != theirs:
            raise Fail("%s races otherwise: %s, here: %s"
                       % (name, theirs, mine))
    return check


def instructions(ctx):
    """Everything that every instruction does, whoever compiled emu."""
    def commits(build):
        result = ctx.run(ctx.emu_command(build) + [
            "-trace-hash=all,commit", "-append", "init=/bin/cow"])
        return hash_of(result, 500000)

    mine = commits(ctx.build)
    for name in VARIANTS:
        other = commits(ctx.build_variant(name, "emu"))
        if mine != other:
            raise Fail("%s: %s, here: %s" % (name, other[0], mine[0]))


def stale_uses(ctx):
    """The bundled kernel forgets no fence, and asking for that changes nothing
    else."""
    hashes = []
    for options in ([], ["-d", "stale_use", "-D", ctx.tmp / "log"]):
        kinds = ("trap,xret,page_fault,tlb_fill,tlb_evict,tlb_flush,satp,"
                 "pte_write,pte_found,root_lost,frame_copied,ad_update,mark,"
                 "alias_store")
        hashes.append(hash_of(ctx.run(
            ctx.emu_command() + ["-trace-hash=" + kinds] + options, SESSION)))
    if hashes[0] != hashes[1]:
        raise Fail("with stale_use %s, without %s"
                   % (hashes[1][0], hashes[0][0]))
    if (ctx.tmp / "log").read_text():
        raise Fail((ctx.tmp / "log").read_text())


def frames(ctx):
    """Watching the allocator's calls changes nothing else, whether they are
    executed in blocks or one by one, on one hart or on three."""
    kinds = ("trap,xret,page_fault,tlb_fill,tlb_evict,tlb_flush,satp,pte_write,"
             "pte_found,root_lost,frame_copied,ad_update,mark,stale_use,"
             "alias_store")
    for more, stdin, enough in (
            (["-trace-hash=" + kinds], SESSION, ENOUGH),
            (["-trace-hash=" + kinds, "-smp", "3"], SESSION, ENOUGH),
            (["-trace-hash=commit," + kinds, "-append", "init=/bin/cow"], "",
             500000)):
        ends = [hash_of(ctx.run(ctx.emu_command() + more + watched, stdin),
                        enough)
                for watched in ([], ["--frames", "ours"])]
        if ends[0] != ends[1]:
            raise Fail("%s with --frames, %s without" % (
                ends[1][0], ends[0][0]))
    calls = [hash_of(ctx.run(ctx.emu_command() + [
        "-trace-hash=probe", "--frames", "ours", "-append", "init=/bin/cow"]
        + more), 100) for more in ([], ["--test-move", "777"])]
    if calls[0] != calls[1]:
        raise Fail("calls %s, and %s in a machine that moves" % (
            calls[0][0], calls[1][0]))


def address_layout(ctx):
    """With the host's address layout random, as it is, and with it fixed."""
    same(ctx, session(ctx, wrapper=["setarch", "-R"]), "fixed addresses")


def under_load(ctx):
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
            for _ in range(2 * (os.cpu_count() or 1))]
    try:
        loaded = session(ctx)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    same(ctx, loaded, "under load")


def drain(master, pieces):
    try:
        while True:
            piece = os.read(master, 65536)
            if not piece:
                return
            pieces.append(piece)
    except OSError:
        pass


def on_terminal(ctx, command, stdin_too, typed=""):
    """Run with stdout on a terminal, and stdin if asked, where `typed` was
    typed before it began: (hash, output)."""
    master, slave = pty.openpty()
    pieces = []
    tty.setraw(slave)  # or the host's own line editing would have a say
    os.write(master, typed.encode())
    reader = threading.Thread(target=drain, args=(master, pieces))
    reader.start()
    process = subprocess.Popen(
        [str(word) for word in command], stdout=slave, close_fds=True,
        stdin=slave if stdin_too else subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True)
    os.close(slave)
    try:
        err = process.communicate(
            None if stdin_too else SESSION.encode(), ctx.test.timeout)[1]
    finally:
        process.kill()
        process.wait()
        reader.join()
        os.close(master)
    found = HASH.search(err.decode())
    if not found:
        raise Fail("no hash on the terminal\n%s" % err.decode())
    return found.group(0).strip(), b"".join(pieces).decode()


def terminal_output(ctx):
    """The same bytes in, what comes out goes to a terminal."""
    got, text = on_terminal(ctx, ctx.emu_command() + ["-trace-hash"], False)
    wanted, out = session(ctx)
    if got != wanted or text.replace("\r", "") != out.replace("\r", ""):
        raise Fail("on a terminal %s, on pipes %s" % (got, wanted))


def terminal_input(ctx):
    """A terminal on which nobody types, and a pipe that brings nothing."""
    command = ctx.emu_command() + ["-trace-hash", "-append", "init=/bin/all"]
    got, _ = on_terminal(ctx, command, True)
    reading, writing = os.pipe()
    process = subprocess.run([str(word) for word in command], stdin=reading,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, timeout=60)
    os.close(reading)
    os.close(writing)
    wanted = HASH.search(process.stderr.decode()).group(0).strip()
    if got != wanted:
        raise Fail("on a terminal %s, on a pipe %s" % (got, wanted))


def terminal_typed(ctx):
    """The same bytes from a keyboard that was ahead of the guest; for the end
    of a pipe the guest gets a ^D, which has to be typed."""
    got, _ = on_terminal(ctx, ctx.emu_command() + ["-trace-hash"], True,
                         SESSION + "\x04")
    wanted, _ = session(ctx)
    if got != wanted:
        raise Fail("typed %s, piped %s" % (got, wanted))


def tests(ctx):
    for name in VARIANTS:
        yield Test(name, build(name), timeout=240)
    yield Test("instructions", instructions, timeout=240)
    yield Test("stale-uses", stale_uses, timeout=120)
    yield Test("frames", frames, timeout=240)
    yield Test("address-layout", address_layout)
    yield Test("load", under_load, timeout=120)
    yield Test("terminal-output", terminal_output)
    yield Test("terminal-input", terminal_input)
    yield Test("terminal-typed", terminal_typed, timeout=120)
