"""What --explain says of the bundled kernel is true, and is not hearsay.

The kernel's own counters, the events of the page tables and a walk over all
live tables must count the same copies; a kernel that lies about its counters
must be found out; marks must change names and no fact; a kernel that copies
at fork must yield no copy-on-write; a forgotten fence must show itself.
"""

import re

from harness import Fail, Test, describe, expect

MATRIX = ("engine",)

SPACE = re.compile(r"\bpid \d+( \([^)]*\))?|\bspace 0x[0-9a-f]+")
AREA = r"text|read-only data|data|heap|stack|mmap"
TOTAL = re.compile(r"^copy-on-write in all: forks (\d+), pages protected (\d+), "
                   r"copied (\d+), kept by their last owner (\d+)$", re.M)
EAGER = re.compile(r"^eager forks in all: (\d+), pages copied by them (\d+)$",
                   re.M)
WALK = re.compile(r"(\d+) copy-on-write, (\d+) copied, (\d+) kept; a "
                  r"walk of both now: (\d+) in two frames, (\d+) in one$", re.M)
SCRIPT = "cow-count\ncow\nt_fork\nfork-exec\nuser-copy\ncat /proc/vmstat\n"


def boot(ctx, append, image="kernel", more=(), stdin="", status=0):
    return expect(ctx.emu(
        ["-kernel", ctx.images / "kernel" / (image + ".elf"),
         "-initrd", ctx.images / "user" / "initrd.cpio",
         "-append", append] + list(more), stdin), status)


def one(pattern, text, result):
    match = pattern.search(text)
    if not match:
        raise Fail("nothing matches /%s/\n%s"
                   % (pattern.pattern, describe(result)))
    return [int(number) for number in match.groups()]


def vmstat(result):
    return {key: int(value) for key, value in
            re.findall(r"^(?:emu\$ )?(\w+) (\d+)\r?$", result.out, re.M)}


def disagreement(result):
    """How the three counts of a run of cow-total differ, or None."""
    said = re.compile(r"^cow-total: (\d+) copied, (\d+) kept\r?$", re.M)
    kernel = one(said, result.out, result)
    forks, protected, copied, reused = one(TOTAL, result.err, result)
    walk = one(WALK, result.err, result)
    if [copied, reused] != kernel:
        return "kernel %s, events %s" % (kernel, [copied, reused])
    if walk != [protected, copied, reused, copied, protected - copied]:
        return "events %s, walk %s" % ([protected, copied, reused], walk)
    return None if forks == 1 else "%d forks" % forks


def total(ctx, image="kernel", sched="rr"):
    return boot(ctx, "init=/bin/cow-total selfcheck=1 sched=" + sched, image,
                ["-explain", "-stop-on", "^cow-total:"])


def three_ways(sched):
    """Kernel, events and a walk agree, while both sides live."""
    def check(ctx):
        result = total(ctx, sched=sched)
        wrong = disagreement(result)
        if wrong:
            raise Fail(wrong + "\n" + describe(result))
    return check


def liar(ctx):
    """A kernel whose counters lie does not get through."""
    wrong = disagreement(total(ctx, "kernel-liar"))
    if not wrong or not wrong.startswith("kernel "):
        raise Fail("false counters went unnoticed: %s" % wrong)


def whole_run(ctx):
    """Kernel and events agree over many programs in a shell."""
    result = boot(ctx, "init=/bin/sh selfcheck=1", more=["-explain"],
                  stdin=SCRIPT)
    stat = vmstat(result)
    # What the shell does after its last child has read the counters.
    last = [m.start() for m in re.finditer("forked", result.err)][-1]
    kernel = [stat["forks"], stat["cow_copies"]]
    forks, _, copied, _ = one(TOTAL, result.err, result)
    late = len(re.findall(r"bytes copied", result.err[last:]))
    if kernel[0] != forks or not copied - late <= kernel[1] <= copied:
        raise Fail("kernel %s, events %s, the last %d of them late\n%s"
                   % (kernel, [forks, copied], late, describe(result)))


def facts(result):
    """The lines on stderr with whatever a mark can have lent taken out."""
    lines = []
    for line in result.err.splitlines():
        line = SPACE.sub("WHO", line)
        line = re.sub(r" \((%s)\)" % AREA, "", line)
        lines.append(re.sub(r"\((%s), " % AREA, "(", line))
    return lines


def marks(ctx):
    """Without marks and with lying ones: the same facts, other names."""
    told = {mode: boot(ctx, "init=/bin/cow-total marks=" + mode,
                       more=["-explain=full"])
            for mode in ("1", "0", "lie")}
    honest = facts(told["1"])
    if len([line for line in honest if "bytes copied" in line]) < 3:
        raise Fail("too few copies to compare\n" + describe(told["1"]))
    for mode in ("0", "lie"):
        if facts(told[mode]) != honest:
            raise Fail("other facts with marks=%s\n%s"
                       % (mode, describe(told[mode])))
    if "pid " in told["0"].err or not re.search(
            r"^space 0x([0-9a-f]+) .*", told["0"].err, re.M):
        raise Fail("names without marks\n" + describe(told["0"]))
    expect(told["1"], err=r"^pid 1 \(cow-tota\) stored to ")
    expect(told["lie"], err=r"^pid 1001 \(liar\) stored to ")


def roots(ctx):
    """Without marks a space goes by its root, the one that satp names."""
    result = boot(ctx, "init=/bin/cow-total marks=0",
                  more=["-explain", "-d", "satp"])
    loaded = set(re.findall(r"new=sv39:\d+:(0x[0-9a-f]+)", result.err))
    named = set(re.findall(r"space (0x[0-9a-f]+)", result.err))
    if not named or named - loaded:
        raise Fail("spaces %s, roots loaded %s" % (named, loaded))


def forks_of(ctx, fork):
    """(parent, child) of each fork of /bin/all: as the marks tell, and as
    the page tables show."""
    result = boot(ctx, "init=/bin/all fork=" + fork,
                  more=["-explain", "-d", "mark"])
    told = set(re.findall(r" fork parent=(\d+) child=(\d+) ", result.err))
    seen = re.findall(r"^pid (\d+) \(\S+\) forked pid (\d+) ", result.err,
                      re.M)
    if len(told) < 100 or len(seen) < 100:
        raise Fail("%d forks told, %d seen" % (len(told), len(seen)))
    return told, seen


def parents(ctx):
    """Every fork of every program is seen, and its parent is the right one:
    here the marks, which no fact rests on, are the judge."""
    told, seen = forks_of(ctx, "cow")
    if sorted(seen) != sorted(told):
        raise Fail("seen but not told: %s, told but not seen: %s"
                   % (set(seen) - told, told - set(seen)))


def eager_parents(ctx):
    """Copies at fork say less: a parent that is named is the right one."""
    told, seen = forks_of(ctx, "eager")
    if set(seen) - told:
        raise Fail("seen but not told: %s" % (set(seen) - told))


def eager(ctx):
    """A kernel that copies at fork yields no copy-on-write."""
    result = boot(ctx, "init=/bin/sh fork=eager selfcheck=1",
                  more=["-explain"], stdin="t_fork\ncow\ncat /proc/vmstat\n")
    expect(result, err=[r"^no copy-on-write was seen$", r"forked .* eagerly"])
    stat = vmstat(result)
    counted = one(EAGER, result.err, result)
    if counted != [stat["forks"], stat["eager_copies"]]:
        raise Fail("kernel %s, events %s\n%s"
                   % (stat, counted, describe(result)))
    if re.search("W restored|stored to .* copied", result.err):
        raise Fail("copies on write\n" + describe(result))


def fence(ctx):
    """Without the fence of fork the parent's store reaches the child."""
    kept = boot(ctx, "init=/bin/stale", more=["-explain"])
    expect(kept, out="^stale: isolated")
    lost = boot(ctx, "init=/bin/stale", "kernel-nofence", ["-explain"], "", 1)
    expect(lost, 1, out=["^child: read 111, then 999",
                         "^stale: the parent's store reached the child"])
    counts = [one(TOTAL, run.err, run) for run in (kept, lost)]
    if counts[0][:2] != counts[1][:2] or counts[0][2] <= counts[1][2]:
        raise Fail("copies with the fence %s, without %s" % tuple(counts))


def remembered(ctx):
    """A fault that is none of the page table's, told in events and words: the
    entry that is cached, the fault from it, and since when it is there."""
    result = ctx.emu(["--tlb", "cache-invalid", "--explain", "-d",
                      "tlb_fill,page_fault,pte_write", ctx.build / "tests"
                      / "baremetal" / "invalid-cached.elf"])
    expect(result, 0)
    fault, fill, write, again, line = [
        text for text in result.err.splitlines()
        if re.search(r" va=0x10000 |load 0x10000: ", text)][:5]
    since, at = re.match(r" *(\d+) .* tlb_fill .*(pte_pa=\S+) pte=0 ",
                         fill).groups()
    for text, wanted in (
            (fault, r" page_fault .* reason=invalid .*%s pte=0 .*from_tlb=0$"),
            (write, r" pte_write .*%s old=0 new=\S+V origin=hart$"),
            (again, r" page_fault .* reason=invalid .*%s pte=0 .*from_tlb=1$")):
        if not re.search(wanted % at, text):
            raise Fail("%r lacks %r" % (text, wanted % at))
    if not line.endswith("let the kernel load 0x10000: the page table allows "
                         "it, but the hart remembers the entry as invalid "
                         "since %s ns: an sfence.vma is missing" % since):
        raise Fail("%r\n%s" % (line, fill))


def fence_on_qemu(ctx):
    """QEMU empties its TLB at every satp write: it hides what is missing."""
    result = ctx.qemu(
        ["-icount", "shift=0,sleep=off",
         "-kernel", ctx.images / "kernel" / "kernel-nofence.elf",
         "-initrd", ctx.images / "user" / "initrd.cpio",
         "-append", "init=/bin/stale"])
    expect(result, out=["^child: read 111, then 111", "^stale: isolated"])


def text_once(ctx):
    """A page of text is one frame in every process, and never copied."""
    result = boot(ctx, "init=/bin/lab5-fork", more=["-explain=full"])
    frames = {}
    for page, frame in re.findall(r"fetched from (0x[0-9a-f]+)[0-9a-f]{3}\b.*"
                                  r"frame (0x[0-9a-f]+) mapped \(r-x\)",
                                  result.err):
        frames.setdefault(page, set()).add(frame)
    if not frames or any(len(found) > 1 for found in frames.values()):
        raise Fail("frames of text pages: %s\n%s" % (frames, describe(result)))
    if re.search(r"\(text[,)].*copied", result.err):
        raise Fail("text was copied\n" + describe(result))


def refusal(ctx):
    """A store to text is refused, and that is said."""
    result = boot(ctx, "init=/bin/segv", more=["-explain"])
    expect(result, err=r"\(segv\) stored to 0x[0-9a-f]+ \(text\): not "
           r"writable, nothing was mapped: the kernel refuses$")


def order(ctx):
    """A copy, event by event: fault, trap, copied frame, entry with W,
    fence of the page, return to the store, which now goes through."""
    path = ctx.tmp / "events"
    boot(ctx, "init=/bin/cow-total", more=[
        "-D", path, "-d",
        "page_fault,trap,frame_copied,pte_write,tlb_flush,xret"])
    events = [re.match(r" *\d+ h0 (\w) (0x[0-9a-f]+) (?:\S+)? +(\w+) +(.*)",
                       line).groups()
              for line in path.read_text().splitlines()]
    copies = [i for i, event in enumerate(events)
              if event[2] == "frame_copied"]
    if len(copies) < 5:
        raise Fail("%d copies" % len(copies))
    for at in copies:
        window = events[at - 2:at + 4]
        if [event[2] for event in window] != [
                "page_fault", "trap", "frame_copied", "pte_write",
                "tlb_flush", "xret"]:
            raise Fail("not in order: %s" % window)
        fault, trap, copied, write, flush, back = (e[3] for e in window)
        va = re.search(r"va=(0x[0-9a-f]+)", copied).group(1)
        pc = "to=0x%x " % int(window[0][1], 16)
        for text, wanted in ((fault, "reason=not_writable"),
                             (trap, "cause=store_page_fault"),
                             (write, "va=%s " % va), (flush, "va=%s " % va),
                             (back, pc)):
            if wanted not in text + " ":
                raise Fail("%r lacks %r: %s" % (text, wanted, window))
        old, new = re.search(r"old=(\S+) new=(\S+)", write).groups()
        if "W" in old or "W" not in new:
            raise Fail("W was not restored: " + write)


def quiet_streams(ctx):
    """Explanations go to stderr; what the guest prints stays the same."""
    plain = boot(ctx, "init=/bin/cow-total")
    explained = boot(ctx, "init=/bin/cow-total", more=["-explain"])
    if plain.out != explained.out:
        raise Fail("the console changed\n" + describe(explained))


def tests(ctx):
    for sched in "rr", "child-first":
        yield Test("three-ways/" + sched, three_ways(sched))
    yield Test("liar", liar)
    yield Test("whole-run", whole_run, timeout=120)
    yield Test("marks", marks)
    yield Test("roots", roots)
    yield Test("parents", parents, timeout=120)
    yield Test("eager-parents", eager_parents, timeout=120)
    yield Test("eager", eager)
    yield Test("fence", fence)
    yield Test("fence-on-qemu", fence_on_qemu)
    yield Test("remembered", remembered)
    yield Test("text-once", text_once)
    yield Test("refusal", refusal)
    yield Test("order", order)
    yield Test("console", quiet_streams)
