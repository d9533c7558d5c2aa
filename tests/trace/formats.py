"""Trace files, as docs/trace-format.md has them: emt.py, which was written from
that alone, reads what emu writes, and finds the events that emu hashed.

cow-1.emt is a trace of version 1, which has to open for ever.  It was made by
`emu --trace cow-1.emt --trace-hash -append init=/bin/cow`, whose hash is
COW_1 below; tests/unit/test_emt.c reads it by the library.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cli"))

import elf  # noqa: E402
import emt  # noqa: E402
from harness import Fail, Test, describe  # noqa: E402

HASH = re.compile(r"^trace hash ([0-9a-f]{16}) of (\d+) events$", re.M)
COW_1 = (1257, "57ed721b621b5ae2")
COW_1_NAMES = 131  # records


def version_1(ctx):
    trace = emt.Trace(ctx.root / "tests" / "trace" / "cow-1.emt")
    if emt.hash_of(trace.events()) != COW_1:
        raise Fail("its events are %s" % (emt.hash_of(trace.events()),))
    if trace.end[:1] + trace.end[2:] != ("pass", 0):
        raise Fail("its end is %r" % (trace.end,))
    names = list(trace.names())
    if len(names) != COW_1_NAMES or not any(
            name.text.startswith("cow.c:") for name in names):
        raise Fail("%d names: %r" % (len(names), names[:20]))


def check(path, hashed):
    """Reads all of a trace, and holds it against what emu hashed."""
    trace = emt.Trace(path)
    found = emt.hash_of(trace.events())
    if found != hashed:
        raise Fail("%s has %s; emu hashed %s" % (path, found, hashed))
    if trace.damaged or trace.cut or not trace.end:
        raise Fail("it is not whole")
    where = [chunk.offset for chunk in trace.chunks
             if chunk.kind not in (emt.INDEX, emt.END)]
    if trace.indexed() != where:
        raise Fail("the indexes say %s, chunks are at %s"
                   % (trace.indexed(), where))
    for chunk in trace.of_kind(emt.EVENTS):
        check_chunk(trace, chunk)
    list(trace.names())
    return trace


def check_chunk(trace, chunk):
    """What its header says of its events is true."""
    kinds, count, time = 0, 0, 0
    for event in trace.chunk_events(chunk):
        kinds |= 1 << event.kind
        if not count and event.time != chunk.first_time or event.time < time:
            raise Fail("the time of event %d" % event.number)
        count, time = count + 1, event.time
        for (name, unit), word in zip(trace.schema[event.kind][1],
                                      event.words):
            root = word if (unit, name) == ("ppn", "root") else (
                word & (1 << 44) - 1 if unit == "satp" and word >> 60 else 0)
            if root and not emt.may_have(chunk, root):
                raise Fail("root %#x of event %d" % (root, event.number))
    if (kinds, count, time) != (chunk.kinds, chunk.events, chunk.last_time):
        raise Fail("its header says %s" % (chunk,))


def traced(args, **wanted):
    """A run whose trace has what its hash is of."""
    def test(ctx):
        path = ctx.tmp / "run.emt"
        result = ctx.expect(ctx.emu(["--trace", str(path) + wanted["more"],
                                     "--trace-hash=" + wanted["kinds"]]
                                    + args), wanted.get("status", 0))
        found = HASH.search(result.err + result.out)
        if not found:
            raise Fail(describe(result))
        trace = check(path, (int(found.group(2)), found.group(1)))
        boots = 1 + max(chunk.boot for chunk in trace.chunks)
        told = result.out.count("again\n")
        if boots not in (max(told, 1), told + 1):
            raise Fail("%d boots, not %d" % (boots, told))
    return test


def resets(ctx):
    guest = ctx.tmp / "guest.elf"
    guest.write_bytes(elf.elf(elf.words(elf.hello("again\n"), elf.reset())))
    traced(["--max-insns", "5000", guest], more=",events=all+commit",
           kinds="all,commit", status=124)(ctx)


COW = ["-append", "init=/bin/cow"]


TESTS = [
    Test("version-1", version_1),
    Test("cow", traced(COW, more="", kinds="all")),
    Test("every-instruction", traced(
        COW + ["--max-insns", "150000"], more=",events=all+commit",
        kinds="all,commit", status=124)),
    Test("some-kinds", traced(COW + ["-smp", "3"],
                              more=",events=trap+satp+tlb_fill",
                              kinds="trap,satp,tlb_fill")),
    Test("resets", resets),
]
