"""emu-trace: what it says of a trace, against what emu said during the run.

The truth is made independently where it can be: what -d, --explain and
--log-commits print during the run that is traced, plain diff of two dumps,
counts made here.
"""

import collections
import json
import re
import sys
from pathlib import Path

from harness import Case, Fail, Test

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import elf  # noqa: E402

GUESTS = ["cow", "lab5-cow", "signals", "pipes", "fork-exec", "vma"]


def trace(ctx, args, name="run.emt", more="", status=0):
    """Runs emu with --trace.  Gives the file and the result."""
    path = ctx.tmp / name
    result = ctx.expect(
        ctx.emu(["--trace", "%s%s" % (path, more),
                 "-serial", "file:%s" % (ctx.tmp / "console")] + args,
                timeout=120), status)
    return path, result


def guest(ctx, name):
    return str(ctx.build / "guest" / "user" / (name + ".elf"))


def read(ctx, *args, status=0):
    return ctx.expect(ctx.run([ctx.build / "emu-trace"] + list(args)), status)


def same(what, got, wanted):
    if got == wanted:
        return
    pairs = zip(got.splitlines() + [""], wanted.splitlines() + [""])
    for number, (mine, truth) in enumerate(pairs, 1):
        if mine != truth:
            raise Fail("%s: line %d is\n%s\nand not\n%s"
                       % (what, number, mine, truth))
    raise Fail("%s: one ends before the other" % what)


def dump_is_log(ctx):
    for name in GUESTS[:3]:
        log = ctx.tmp / "log"
        path, _ = trace(ctx, ["-d", "all", "-D", log, guest(ctx, name)])
        out = read(ctx, "dump", path).out
        if out.count("\n") < 1000:
            raise Fail("only %d events" % out.count("\n"))
        same(name, out, log.read_text())


def dump_json(ctx):
    """Each object says what its line says."""
    path, _ = trace(ctx, [guest(ctx, "cow")])
    lines = read(ctx, "dump", path).out.splitlines()
    objects = [json.loads(line) for line in
               read(ctx, "dump", "--format", "json", path).out.splitlines()]
    if len(lines) != len(objects):
        raise Fail("%d objects of %d lines" % (len(objects), len(lines)))
    for number, (line, event) in enumerate(zip(lines, objects)):
        fields = " ".join("%s=%s" % (key, value["text"] if isinstance(
            value, dict) else value) for key, value in event["fields"].items())
        if event["kind"] == "mark":
            fields = event["text"]
        hart = "h%d" % event["hart"] if "hart" in event else "--"
        ends = "%-12s %s" % (event["kind"], fields)
        begins = "%12d %s" % (event["time_ns"], hart)
        if (not line.startswith(begins) or not line.endswith(ends)
                or event["number"] != number or event["boot"] != 0):
            raise Fail("%s\nis not\n%s" % (event, line))


def explain_is_live(ctx):
    for name in GUESTS:
        for form in ("short", "full", "full,json"):
            path, result = trace(ctx, ["--explain=" + form, guest(ctx, name)])
            live = "".join(line for line in result.err.splitlines(True)
                           if not line.startswith("emu: "))
            said = read(ctx, "explain", "--format", form, path).out
            try:
                same("explain", said, live)
                yield Case("%s %s" % (name, form))
            except Fail as error:
                yield Case("%s %s" % (name, form), error=str(error))


def explain_in_chinese(ctx):
    """The first line, too."""
    path, result = trace(ctx, ["--explain", "--lang", "zh", guest(ctx, "cow")])
    same("explain", read(ctx, "explain", "--lang", "zh", path).out, result.err)


def explain_filter(ctx):
    """--pid and --va choose the lines that emu chooses; --from those that are
    said later."""
    path, result = trace(ctx, ["--explain=full,json,space=3,addr=0x14000",
                               guest(ctx, "cow")])
    live = [line for line in result.err.splitlines(True) if line[0] == "{"]
    chosen = read(ctx, "explain", "--format", "full,json", "--pid", "3",
                  "--va", "0x14000", path).out
    same("filter", chosen, "".join(live))
    whole = [json.loads(line) for line in
             read(ctx, "explain", "--format=json", path).out.splitlines()]
    copies = [event for event in whole if event["kind"] == "copy"]
    late = read(ctx, "explain", "--format=json", "--from",
                str(copies[-1]["time_ns"]), path).out.splitlines()
    said = [json.loads(line) for line in late]
    if [event for event in said if event["kind"] == "copy"] != copies[-1:]:
        raise Fail("with --from: %s" % late)


def counted(ctx):
    """stats counts what is in the dump."""
    path, _ = trace(ctx, ["-smp", "2", guest(ctx, "pipes")])
    stats = json.loads(read(ctx, "stats", "--format", "json", path).out)
    events = [json.loads(line) for line in
              read(ctx, "dump", "--format", "json", path).out.splitlines()]
    faults = [e for e in events if e["kind"] == "page_fault"]
    wanted = {
        "events": len(events),
        "by_kind": collections.Counter(e["kind"] for e in events),
        "by_hart": collections.Counter(
            str(e.get("hart", "none")) for e in events),
        "tlb_removed": sum(e["fields"]["entries"] for e in events
                           if e["kind"] == "tlb_flush"),
        "boots": [{"events": len(events), "first_ns": events[0]["time_ns"],
                   "last_ns": events[-1]["time_ns"]}],
        "bytes": path.stat().st_size, "end": "pass", "whole": True,
    }
    for key, value in wanted.items():
        if stats[key] != value:
            raise Fail("%s: %s, not %s" % (key, stats[key], value))
    reasons = collections.Counter(e["fields"]["reason"]["text"]
                                  for e in faults)
    got = {row["what"]: row["count"] for row in stats["page_faults_by_reason"]}
    writers = {row["what"]: row["count"]
               for row in stats["pte_writes_by_function"]}
    named = collections.Counter(e.get("symbol") for e in events
                                if e["kind"] == "pte_write")
    if got != reasons or writers != named or len(named) < 2:
        raise Fail("%s %s, not %s %s" % (got, writers, reasons, named))
    text = read(ctx, "stats", path).out
    for kind, number in wanted["by_kind"].items():
        if not re.search(r"^ +%d +[\d.]+%%  %s$" % (number, kind), text, re.M):
            raise Fail("%s is not in the table:\n%s" % (kind, text))


def diff_is_diff(ctx):
    """The first line that differs in the dumps is the one that diff shows."""
    paths = [trace(ctx, ["-smp", "2", "--seed", str(seed),
                         guest(ctx, "pipes")], "%d.emt" % seed)[0]
             for seed in (1, 2)]
    # The turns of harts differ long before what processes do.
    kinds = ["--event", "page_fault,pte_write,satp"]
    one, other = (read(ctx, "dump", path, *kinds).out.splitlines()
                  for path in paths)
    first = next(n for n, pair in enumerate(zip(one, other))
                 if pair[0] != pair[1])
    if first < 20:
        raise Fail("they differ too early to judge what is before")
    out = read(ctx, "diff", *paths, *kinds, status=1).out
    wanted = (["  " + line for line in one[max(first - 5, 0):first]]
              + ["<<" + one[first], ">>" + other[first]])
    lines = out.splitlines()
    missing = [line for line in wanted if line not in lines]
    if missing or "behind %d events" % first not in out:
        raise Fail("%s\nlacks\n%s" % (out, "\n".join(missing)))
    read(ctx, "diff", paths[0], paths[0])
    begin = ctx.tmp / "begin.emt"
    ctx.expect(ctx.emu(["--trace", "%s,to=500us" % begin, "-smp", "2",
                        "--seed", "1", "-serial", "null",
                        guest(ctx, "pipes")]))
    result = read(ctx, "diff", begin, paths[0], status=1)
    if "begin.emt is how %s begins" % paths[0] not in result.out:
        raise Fail(result.out)
    result = json.loads(read(ctx, "diff", "--format=json", *paths, *kinds,
                             status=1).out)
    if (result["result"], result["equal"]) != ("differ", first):
        raise Fail(str(result))


def spike_is_log(ctx):
    image = ctx.tmp / "hello.elf"
    image.write_bytes(elf.elf(elf.words(elf.hello("hello\n"),
                                        elf.exit_pass())))
    log = ctx.tmp / "log"
    path, _ = trace(ctx, ["--log-commits=%s" % log, image],
                    more=",events=commit+trap")
    out = read(ctx, "spike", path).out
    same("spike", out, log.read_text())
    both = read(ctx, "spike", "--disassemble", path).out.splitlines()
    if [line for line in both if re.match(r"core +\d+: \d ", line)] != \
            out.splitlines():
        raise Fail("the commits are not those without --disassemble")
    texts = [line for line in both
             if re.match(r"core +\d+: 0x[0-9a-f]{16} \(0x[0-9a-f]{8}\) \S",
                         line)]
    if len(texts) != out.count("\n") or len(texts) < 20 or texts[0] != \
            "core   0: 0x0000000000001000 (0x00000297) auipc   t0, 0x0":
        raise Fail("\n".join(texts[:5]))
    path, _ = trace(ctx, [image], "none.emt")
    if "events=commit" not in read(ctx, "spike", path, status=125).err:
        raise Fail("a trace without instructions was not refused as such")


def drawn(ctx):
    """Perfetto's file is JSON; slices nest; flows are the copies."""
    path, _ = trace(ctx, [guest(ctx, "pipes")])
    events = json.loads(read(ctx, "perfetto", path).out)["traceEvents"]
    total = [json.loads(line) for line in
             read(ctx, "explain", "--format=json", path).out.splitlines()]
    total = next(line for line in total if line["kind"] == "total")
    phases = collections.Counter(event["ph"] for event in events)
    if not 0 < total["copies"] == phases["f"] == phases["s"] == phases["t"]:
        raise Fail("%s flows of %d copies" % (phases, total["copies"]))
    forks = [event for event in events if event["name"] == "fork"
             and event["ph"] == "X"]
    if len(forks) != total["forks"]:
        raise Fail("%d of %d forks" % (len(forks), total["forks"]))
    tracks = collections.defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            begin = round(event["ts"] * 1000)
            tracks[event["pid"], event["tid"]].append(
                (begin, -round(event["dur"] * 1000)))
    for track, slices in tracks.items():
        ends = []
        for begin, length in sorted(slices):
            while ends and ends[-1] <= begin:
                ends.pop()
            if length > 0 or (ends and ends[-1] < begin - length):
                raise Fail("track %s: %d ns at %d does not nest"
                           % (track, -length, begin))
            ends.append(begin - length)
    traps = sum(line.split()[-1] != "" for line in
                read(ctx, "dump", "--event", "trap", path).out.splitlines())
    slices = [event for event in events if event["ph"] == "X"
              and "epc" in event["args"]]
    if len(slices) != traps:
        raise Fail("%d slices of %d traps" % (len(slices), traps))


def checked(ctx):
    """A whole trace is well; one that is cut, damaged or not ended is not."""
    for name in GUESTS:
        path, _ = trace(ctx, ["-smp", "2", guest(ctx, name)])
        result = read(ctx, "check", path)
        if not re.search(r"whole and well\npage tables rebuilt: \d+ at",
                         result.out):
            raise Fail(result.out)
    whole = path.read_bytes()
    broken = ctx.tmp / "broken.emt"
    broken.write_bytes(whole[:len(whole) * 2 // 3])
    read(ctx, "check", broken, status=126)
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0x10
    broken.write_bytes(damaged)
    result = read(ctx, "check", "--format", "json", broken, status=126)
    if not re.search("damaged",
                     json.loads(result.out).get("fault", "")):
        raise Fail(result.out)
    path, _ = trace(ctx, [guest(ctx, "cow")], more=",from=580us")
    if "begins within the run" not in read(ctx, "check", path).out:
        raise Fail("a trace of a part was taken for one of all")


def filters(ctx):
    """Each option keeps the lines that it says it keeps."""
    path, _ = trace(ctx, ["-smp", "2", guest(ctx, "cow")])
    events = [json.loads(line) for line in
              read(ctx, "dump", "--format", "json", path).out.splitlines()]
    middle = events[len(events) // 2]["time_ns"]
    page = range(0x15000, 0x16000)

    def tells(event):
        return event["kind"] == "page_fault" and \
            int(event["fields"]["va"], 16) in page

    rows = [
        (["--from", str(middle)], lambda e: e["time_ns"] >= middle),
        (["--from", "%d.%03dus" % divmod(middle, 1000)],
         lambda e: e["time_ns"] >= middle),
        (["--to", "0:%d" % middle], lambda e: e["time_ns"] <= middle),
        (["--hart", "1"], lambda e: e.get("hart") == 1),
        (["--event", "satp,trap"], lambda e: e["kind"] in ("satp", "trap")),
        (["--va", "0x15000", "--event", "page_fault"], tells),
    ]
    for options, keeps in rows:
        got = [json.loads(line) for line in
               read(ctx, "dump", "--format=json", path,
                    *options).out.splitlines()]
        if got != [event for event in events if keeps(event)] or not got:
            raise Fail("%s: %d events" % (options, len(got)))
    of_pid = [json.loads(line) for line in
              read(ctx, "dump", "--format=json", "--pid", "3", "--event",
                   "page_fault", path).out.splitlines()]
    marks = [e["text"] for e in events if e["kind"] == "mark"]
    root = next(re.search(r"satp=\w+:\d+:(0x\w+)", text).group(1)
                for text in marks if text.startswith("switch pid=3 "))
    wanted = [e for e in events if e["kind"] == "page_fault"
              and e["fields"]["satp"]["text"].endswith(root)]
    if of_pid != wanted or not wanted:
        raise Fail("--pid 3: %d faults, not %d" % (len(of_pid), len(wanted)))


def errors(ctx):
    path, _ = trace(ctx, [guest(ctx, "true")])
    none = ctx.tmp / "none.emt"
    text = ctx.tmp / "text.emt"
    text.write_text("no trace at all, but a text that is long enough\n" * 9)
    rows = [
        ([], r"say what to do"), (["dump"], r"needs a trace"),
        (["count", path], r"no such command"),
        (["dump", none], r"none\.emt.*No such file"),
        (["dump", text], r"text\.emt"),
        (["dump", path, path], r"reads one trace"),
        (["diff", path], r"needs two traces"),
        (["dump", "--frm", "1", path], r"--frm: no such option"),
        (["dump", path, "--from"], r"--from needs a value"),
        (["dump", path, "--from", "soon"], r"--from soon: say a machine time"),
        (["dump", path, "--event", "traps"], r"'traps'"),
        (["dump", path, "--disassemble"], r"is for spike"),
        (["dump", path, "--lang", "zh"], r"is for explain"),
        (["dump", path, "--format", "xml"], r"--format xml"),
        (["check", path, "--hart", "0"], r"all of the file"),
        (["dump", path, "-o", path], r"is read, too"),
    ]
    for args, wanted in rows:
        result = read(ctx, *args, status=125)
        if (not re.search(r"^emu-trace: .*" + wanted, result.err)
                or result.err.count("\n") != 1 or result.out):
            raise Fail("%s: %s" % (args, result.err))
    for option in ("-help", "--version"):
        if not read(ctx, option).out:
            raise Fail("%s says nothing" % option)
    out = ctx.tmp / "out"
    read(ctx, "dump", path, "-o", out)
    same("-o", out.read_text(), read(ctx, "dump", path).out)
    gone = ctx.run(["bash", "-c", "%s dump %s > /dev/full"
                    % (ctx.build / "emu-trace", path)])
    ctx.expect(gone, 125, err=r"^emu-trace: cannot write stdout: No space")


def tests(ctx):
    for test in (dump_is_log, dump_json, explain_is_live, explain_in_chinese, explain_filter,
                 counted, diff_is_diff, spike_is_log, drawn, checked, filters,
                 errors):
        yield Test(test.__name__.replace("_", "-"), test, timeout=300)
