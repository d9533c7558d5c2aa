"""Traces of several boots, by a small kernel that forks and then resets: what
emu-trace says of each is what emu said while it ran."""

import json
import re

from harness import Fail, Test
from program import read, same, trace

SPENT = 100000  # instructions: three boots, and the beginning of one


def kernel(ctx):
    return ["-append", "run=child-first reset",
            ctx.build / "tests/explain/kernels/forks.elf"]


def boots(ctx, *options, spent=SPENT, more="", name="boots.emt"):
    return trace(ctx, ["--max-insns", spent, *options, *kernel(ctx)], name,
                 more, status=124)


def said(err):
    """What --explain said: a line is no report of emu's, and has a verb."""
    return [line for line in err.splitlines()
            if re.match(r"\{|an M-mode|space |Copy-on-write|No copy-|Live at|"
                        r"  space ", line)]


def explained(ctx):
    """Each boot is told by itself, those without events among them."""
    for form in ("short", "full,json"):
        path, result = boots(ctx, "--explain=" + form)
        live = said(result.err)
        told = read(ctx, "explain", "--format", form, path).out.splitlines()
        if told != live or sum("forks space" in line for line in told) != 3:
            raise Fail("%s\nand not\n%s" % ("\n".join(told), result.err))
    path, result = boots(ctx, "--explain", more=",events=satp+page_fault,"
                         "from=1us", spent=32400)
    told = read(ctx, "explain", path).out
    if told.count("No copy-on-write was seen.") != 2:
        raise Fail("a boot without events was passed over:\n" + told)


def from_a_boot(ctx):
    """--from and --to choose boots: of those before and behind nothing is
    said, not even totals."""
    path, result = boots(ctx, "--explain")
    live = said(result.err)
    ends = [at + 1 for at, line in enumerate(live) if line[:4] == "Live"]
    for options, wanted in (
            (["--from", "1:0"], live[ends[0]:]),
            (["--to", "1:1s"], live[1:ends[1]]),
            (["--from", "1:0", "--to", "2:1s"], live[ends[0]:ends[2]])):
        told = read(ctx, "explain", *options, path).out.splitlines()
        if told != live[:1] + wanted:
            raise Fail("%s:\n%s" % (options, "\n".join(told)))


def kept(ctx):
    """Of boots of which nothing was kept nothing is said; the first that was
    is the only one whose tables cannot be known."""
    path = ctx.tmp / "kept.emt"
    ctx.expect(ctx.emu(["--on-fail", "%s,keep=64K,events=all+commit" % path,
                        "--max-insns", 2 * SPENT] + kernel(ctx)), 124)
    stats = json.loads(read(ctx, "stats", "--format=json", path).out)
    had = [boot for boot in stats["boots"] if boot["events"]]
    if not 1 < len(had) < len(stats["boots"]):
        raise Fail(str(stats["boots"]))
    told = read(ctx, "explain", path).out
    if told.count("Live at the end") != len(had):
        raise Fail(told)
    result = read(ctx, "check", path)
    if "rebuilt in %d of %d boots" % (len(had) - 1, len(had)) not in result.out:
        raise Fail(result.out)


def checked(ctx):
    path, _ = boots(ctx)
    result = read(ctx, "check", path)
    if not re.search(r"whole and well\npage tables rebuilt in 4 of 4 boots: ",
                     result.out):
        raise Fail(result.out)


def parts(ctx):
    """dump gives the events of the boots that are asked for."""
    path, _ = boots(ctx)
    whole = [json.loads(line) for line in
             read(ctx, "dump", "--format=json", path).out.splitlines()]
    for options, keeps in (
            (["--from", "1:5us"],
             lambda e: (e["boot"], e["time_ns"]) >= (1, 5000)),
            (["--from", "1:0", "--to", "2:0.01ms"],
             lambda e: (1, 0) <= (e["boot"], e["time_ns"]) <= (2, 10000)),
            (["--space", "2", "--from", "2:0"],
             lambda e: e["boot"] == 2 and e in of_space)):
        of_space = [json.loads(line) for line in
                    read(ctx, "dump", "--format=json", "--space", "2",
                         path).out.splitlines()]
        got = [json.loads(line) for line in
               read(ctx, "dump", "--format=json", *options,
                    path).out.splitlines()]
        if got != [event for event in whole if keeps(event)] or not got:
            raise Fail("%s: %d events" % (options, len(got)))


def drawn(ctx):
    """Boots lie one behind the other; each has its flow; --from leaves out
    what was before."""
    path, _ = boots(ctx)
    stats = json.loads(read(ctx, "stats", "--format=json", path).out)
    spans, base = [], 0
    for boot in stats["boots"]:
        spans.append((base, base + boot["last_ns"]))
        base += boot["last_ns"] + 1000
    for options, first in ((), 0), (("--from", "1:0"), 1):
        events = json.loads(read(ctx, "perfetto", *options,
                                 path).out)["traceEvents"]
        found = [0] * len(spans)
        for event in events:
            if "ts" not in event:
                continue
            begin = round(event["ts"] * 1000)
            end = begin + round(event.get("dur", 0) * 1000)
            boot = [at for at, span in enumerate(spans)
                    if span[0] <= begin and end <= span[1] + 1]
            if not boot or boot[0] < first:
                raise Fail("%s lies in no boot that was asked for: %s"
                           % (event, spans))
            found[boot[0]] += event["ph"] == "f"
        if found != [0] * first + [1] * (3 - first) + [0]:
            raise Fail("flows by boot: %s" % found)


def tests(ctx):
    for test in (explained, from_a_boot, kept, checked, parts, drawn):
        yield Test("boots/" + test.__name__.replace("_", "-"), test)
