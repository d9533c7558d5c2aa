"""What --explain says of the bundled kernel is true, and is not hearsay.

The kernel's own counters, the events of the page tables and a walk over all
live tables must count the same copies; a kernel that lies about its counters
must be found out; marks must change names and no fact; a kernel that copies
at fork must yield no copy-on-write; a forgotten fence must show itself.  Of
small kernels, whose truth is known (table.py), all is told and nothing else.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import broods  # noqa: E402
import edits  # noqa: E402
import lifetimes  # noqa: E402
import forms  # noqa: E402
import folds  # noqa: E402
import named  # noqa: E402
from claims import SAY, Claim  # noqa: E402
from claims import disagreement as difference  # noqa: E402
from claims import wrong_marks  # noqa: E402
from examples import EXAMPLES, OTHERS, TOTAL_OF_COPIES  # noqa: E402
from harness import Case, Fail, Test, describe, expect  # noqa: E402
from table import rows  # noqa: E402

MATRIX = ("engine",)

SPACE = re.compile(r"\b(pid|space) \d+( \((?!...\s→)[^)]*\))?")
AREA = r"text|read-only data|data|heap|stack|mmap"
TOTAL = re.compile(r"^Copy-on-write in all: (\d+) forks? shared \d+ pages?, "
                   r"(\d+) of them write-protected; later stores copied (\d+) "
                   r"pages?(?: \(\d+ KiB\))? and (\d+) times? found", re.M)
EAGER = re.compile(r"^Forks without copy-on-write in all: (\d+), with (\d+) "
                   r"pages? of the children's own\.$", re.M)
WALK = re.compile(r"; by the page tables as they are now, (\d+) pages? (?:is|are) "
                  r"in two frames and (\d+) in one\.$", re.M)
FORK = re.compile(r"^pid (\d+)(?: \(\S+\))? forks pid (\d+)(?: \(\S+\))?[.,]",
                  re.M)
COPIED = re.compile(r"copies it to #|copied to #|a copy of its own")
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
    if walk != [copied, protected - copied]:
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
    last = [m.start() for m in FORK.finditer(result.err)][-1]
    kernel = [stat["forks"], stat["cow_copies"]]
    forks, _, copied, _ = one(TOTAL, result.err, result)
    late = len(COPIED.findall(result.err, last))
    if kernel[0] != forks or not copied - late <= kernel[1] <= copied:
        raise Fail("kernel %s, events %s, the last %d of them late\n%s"
                   % (kernel, [forks, copied], late, describe(result)))


def facts(result):
    """The lines on stderr with whatever a mark can have lent taken out."""
    lines = []
    for line in result.err.splitlines():
        line = SPACE.sub("WHO", line)
        line = re.sub(r" \((?:%s)\), (?:at (\S+\.c:\d+)|(in \w+))" % AREA,
                      r" (\1\2)", line)
        lines.append(re.sub(r" \((%s)\)" % AREA, "", line))
    return lines


def marks(ctx):
    """Without marks and with lying ones: the same facts, other names."""
    told = {mode: boot(ctx, "init=/bin/cow-total marks=" + mode,
                       more=["-explain=full"])
            for mode in ("1", "0", "lie")}
    honest = facts(told["1"])
    if len([line for line in honest if COPIED.search(line)]) < 3:
        raise Fail("too few copies to compare\n" + describe(told["1"]))
    for mode in ("0", "lie"):
        if facts(told[mode]) != honest:
            raise Fail("other facts with marks=%s\n%s"
                       % (mode, describe(told[mode])))
    if "pid " in told["0"].err or not re.search(
            r"^space \d+ stores to ", told["0"].err, re.M):
        raise Fail("names without marks\n" + describe(told["0"]))
    expect(told["1"], err=[r"^pid 1 \(cow-tota\) ", r"^pid 1 stores to "])
    expect(told["lie"], err=[r"^pid 1001 \(liar\) ", r"^pid 1001 stores to "])


def numbers(ctx):
    """Without marks spaces go by numbers, in the order in which they run; a
    root used again is another space."""
    result = boot(ctx, "init=/bin/fork-exec marks=0", more=["-explain=full"])
    seen = [int(number) for number in re.findall(r"\bspace (\d+)", result.err)]
    order = list(dict.fromkeys(seen))
    if len(order) < 3 or sorted(order) != list(range(1, len(order) + 1)):
        raise Fail("spaces %s\n%s" % (order, describe(result)))


def forks_of(ctx, fork):
    """(parent, child) of each fork of /bin/all: as the marks tell, and as
    the page tables show."""
    result = boot(ctx, "init=/bin/all fork=" + fork,
                  more=["-explain=full", "-d", "mark"])
    told = set(re.findall(r" fork parent=(\d+) child=(\d+) ", result.err))
    seen = FORK.findall(result.err)
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
    expect(result, err=[r"^No copy-on-write was seen\.$",
                        r"forks .* at \d+ pages pid \d+ has its own"])
    stat = vmstat(result)
    counted = one(EAGER, result.err, result)
    if counted != [stat["forks"], stat["eager_copies"]]:
        raise Fail("kernel %s, events %s\n%s"
                   % (stat, counted, describe(result)))
    if COPIED.search(result.err) or "W=1 again" in result.err:
        raise Fail("copies on write\n" + describe(result))


def fence(ctx):
    """Without the fence of fork the parent's store reaches the child."""
    kept = boot(ctx, "init=/bin/stale", more=["-explain"])
    expect(kept, out="^stale: isolated")
    lost = boot(ctx, "bug=nofence init=/bin/stale", "kernel-bugs", ["-explain"],
                "", 1)
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
    fault, fill, write, again = [
        text for text in result.err.splitlines()
        if re.search(r" va=0x10000 ", text)][:4]
    since, at = re.match(r" *(\d+) .* tlb_fill .*(pte_pa=\S+) pte=0 ",
                         fill).groups()
    for text, wanted in (
            (fault, r" page_fault .* reason=invalid .*%s pte=0 .*from_tlb=0$"),
            (write, r" pte_write .*%s old=0 new=\S+V origin=hart$"),
            (again, r" page_fault .* reason=invalid .*%s pte=0 .*from_tlb=1$")):
        if not re.search(wanted % at, text):
            raise Fail("%r lacks %r" % (text, wanted % at))
    wanted = ("▸ The kernel (in test_main) stores to 0x10008. The page table "
              "allows it, but the hart remembers the entry as invalid since %s "
              "ns: an sfence.vma is missing." % since)
    if wanted not in result.err.splitlines():
        raise Fail("%r lacks %r" % (result.err, wanted))


def fence_on_qemu(ctx):
    """QEMU empties its TLB at every satp write: it hides what is missing."""
    result = ctx.qemu(
        ["-icount", "shift=0,sleep=off",
         "-kernel", ctx.images / "kernel" / "kernel-bugs.elf",
         "-initrd", ctx.images / "user" / "initrd.cpio",
         "-append", "bug=nofence init=/bin/stale"])
    expect(result, out=["^child: read 111, then 111", "^stale: isolated"])


def text_once(ctx):
    """A page of text is one frame in every process, and never copied."""
    result = boot(ctx, "init=/bin/lab5-fork", more=["-explain=full"])
    frames = {}
    for page, frame in re.findall(r"(?:fetches from|jumps to) (0x[0-9a-f]+)"
                                  r"[0-9a-f]{3}\b.*maps (#[0-9a-f]+) "
                                  r"\(r-x\)",
                                  result.err):
        frames.setdefault(page, set()).add(frame)
    if not frames or any(len(found) > 1 for found in frames.values()):
        raise Fail("frames of text pages: %s\n%s" % (frames, describe(result)))
    if re.search(r"(\(text|stores into).*cop(ied|ies)", result.err):
        raise Fail("text was copied\n" + describe(result))


def refusal(ctx):
    """A store to text is refused, and that is said."""
    result = boot(ctx, "init=/bin/segv", more=["-explain"])
    expect(result, err=r"^pid \d+ stores into `\w+` \(segv\.c:\d+\)\. The page is r-x "
           r"and no fork made it so: this is no copy-on-write\. The kernel "
           r"refuses: ")


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


def kernel_image(ctx, name):
    return ctx.build / "tests" / "explain" / "kernels" / (name + ".elf")


def words(row):
    """The command line that makes the kernel run the row."""
    return ("run=%s %s" % (row.scenario, row.words)).strip()


def kernel(row):
    """A small kernel is told of as its row says, and as nothing else."""
    def check(ctx):
        result = expect(ctx.emu(
            ["--explain", "-append", words(row)] + list(row.options)
            + [kernel_image(ctx, row.kernel)]), row.status)
        wrong = (difference(row.claims, result.err, row.totals)
                 or wrong_marks(row.claims, result.err))
        if wrong:
            raise Fail(wrong + "\n" + describe(result))
    return check


def judge(ctx):
    """The judge of small kernels: each example is read as the claim that it
    is, other facts or another order or a line too many are noticed."""
    yield Case("examples", None if set(EXAMPLES) == set(SAY) else
               "not for the same: %s" % sorted(set(EXAMPLES) ^ set(SAY)))
    for key, (line, parameters) in EXAMPLES.items():
        right = difference([Claim(key, **parameters)], line, totals=False)
        yield Case(key, right)
        for name, value in parameters.items():
            other = dict(parameters, **{name: OTHERS.get(value, 77)})
            if not difference([Claim(key, **other)], line, totals=False):
                yield Case("%s-%s" % (key, name), "another is accepted")
    first, second = (Claim(key, **EXAMPLES[key][1]) for key in ("FORK", "COPY"))
    lines = [EXAMPLES[key][0] for key in ("FORK", "COPY")]
    for name, told in (("order", lines[::-1]), ("lacking", lines[:1]),
                       ("twice", lines + lines[1:]),
                       ("other", lines + ["space 1 is a teapot"])):
        if not difference([first, second], "\n".join(told), totals=False):
            yield Case(name, "it was accepted")
    yield Case("both", difference([first, second], "\n".join(lines), False))
    late = Claim("FORK", late=1, **EXAMPLES["FORK"][1])
    yield Case("late", difference([late, second], "\n".join(lines[::-1]),
                                  totals=False))
    yield Case("never-late", None if difference(
        [late, second], lines[1], totals=False) else "it was accepted")
    for count in 1, 2:
        wrong = difference([first, second],
                           "\n".join(lines + [TOTAL_OF_COPIES % count]))
        yield Case("total-%d" % count, None if (
            count == 1) != bool(wrong) else "copied %d: %s" % (count, wrong))


RANDOM_SEEDS, RANDOM_EDITS = 12, 1000


def random_kernels(ctx):
    """Kernels that edit their tables at random are told of as they log it."""
    image = kernel_image(ctx, "random")

    def run(seed, count):
        result = ctx.emu(edits.arguments(image, seed, count))
        return result.status, result.out, result.err

    for seed in range(1, RANDOM_SEEDS + 1):
        yield Case("seed-%d" % seed,
                   edits.shortest_fault(run, seed, RANDOM_EDITS))


def frames(ctx):
    """--frames finds what the small kernels do wrong with frames, by its line,
    and nothing else."""
    left = set(lifetimes.MISTAKES)
    for row in rows():
        option, first = lifetimes.option(row)
        result = ctx.emu(["--frames", option, "-append", words(row)]
                         + list(row.options) + [kernel_image(ctx, row.kernel)])
        findings = lifetimes.MISTAKES.get(row.name, [])
        wrong = lifetimes.disagreement(result.err, findings, first)
        left.discard(row.name)
        status = lifetimes.status(len(findings), row.status)
        said = lifetimes.FOUND.findall(result.err)
        if result.status != status or said != [str(len(findings))] * (
                status == 126):
            wrong = "status %d, not %d; said: %s" % (
                result.status, status, said)
        yield Case(row.name, wrong and wrong + "\n" + describe(result))
    yield Case("rows", "no such rows: %s" % left if left else None)


def taken_as_free(ctx):
    yield from lifetimes.taken_as_free(ctx, kernel_image(ctx, "mistakes"))


def found_first(ctx):
    """The report of the end begins with the first line that was marked."""
    result = ctx.expect(ctx.emu(
        ["--explain", "--max-insns", "300000", "-append",
         "run=stale-fault no-cow-fence forever",
         kernel_image(ctx, "mistakes")]), 124)
    told = re.findall(r"^▸ (.*)$", result.err, re.M)
    found = re.findall(r"^found first: (.*?)…?$", result.err, re.M)
    if not told or len(found) != 1 or not told[0].startswith(found[0]):
        raise Fail("found %s, told %s\n%s" % (found, told, describe(result)))


def frames_random(ctx):
    """Random kernels do nothing wrong with frames; those that keep what they
    unmap lose a frame each time at most, and that is all."""
    option, first = lifetimes.OUR_POOL

    def run(seed, word, status=0):
        command = edits.arguments(kernel_image(ctx, "random"), seed,
                                  RANDOM_EDITS)
        command.remove("--explain")
        command[command.index("-append") + 1] += word
        return expect(ctx.emu(["--frames", option] + command), status)

    for seed in range(1, RANDOM_SEEDS + 1):
        wrong = lifetimes.disagreement(run(seed, "").err, [], first)
        yield Case("seed-%d" % seed, wrong)
        result = run(seed, " keep-unmapped", lifetimes.status(1, 0))
        lost = [int(count) for count in re.findall(
            r"^▸ Never freed: (\d+) frames? taken in ", result.err, re.M)]
        gone = len(re.findall(r"^unmap ", result.out, re.M))
        right = (0 < sum(lost) <= gone
                 and len(lost) + 2 == len(result.err.splitlines()))
        yield Case("seed-%d-keep" % seed, None if right else
                   "%s lost of %d\n%s" % (lost, gone, describe(result)))


def frames_bundled(ctx):
    """The bundled kernel does nothing wrong with frames; and with what is told
    beside that, nothing changes."""
    for harts in 1, 4:
        for append in "init=/bin/all", "fork=eager init=/bin/all":
            result = boot(ctx, append, more=["--frames", "ours", "-smp",
                                             str(harts)])
            expect(result, err=r"\AFrames in all: \d{4,} given out, \d{4,} "
                   r"taken back; 0 mistakes with frames: none was lost, freed "
                   r"twice, or freed while it was mapped\.\n\Z")
    plain, beside = (boot(ctx, "init=/bin/cow-total", more=["--explain"] + more)
                     for more in ([], ["--frames", "ours"]))
    if re.sub(r"(?m)^Frames in all: .*\n", "", beside.err) != plain.err:
        raise Fail("the explanation changed\n" + describe(beside))


def frames_refused(ctx):
    """What --frames cannot watch is said, and why."""
    for value, wanted in (
            ("ours", r"'frames_alloc' is no symbol of the guest"),
            ("linux", r"'linux' is neither a preset"),
            ("alloc=frame_new", r"needs alloc=NAME, and free=NAME"),
            ("free=frame_free", r"needs alloc=NAME, and free=NAME"),
            ("alloc=frame_new,free=", r"'free' names no function"),
            ("alloc=frame_new:a4,free=frame_free", r"'frame_new:a4' is no NAME"),
            ("alloc=0x,free=frame_free", r"'0x' is no address"),
            ("alloc=frame_new,free=frame_free,size=100", r"'100' is no multiple"),
            ("alloc=frame_new,free=frame_free" + 15 * ",via=frame_drop",
             "function too many")):
        result = ctx.emu(["--frames", value, kernel_image(ctx, "never")])
        expect(result, 125, err=r"\Aemu: --frames %s: .*%s.*\n\Z" % (
            re.escape(value), wanted))


def in_forms(ctx, run, full=False):
    """A run in each form, given what says which: what is wrong, or None."""
    text, chinese, objects = (run(form).err for form in (
        ["--explain"], ["--explain", "--lang", "zh"], ["--explain=json"]))
    return (forms.languages(text, chinese)
            or forms.same_as_text(ctx, text, objects, full))


def kernel_forms(ctx):
    """Small kernels are told of in each language and in JSON as in English,
    and the objects are as many as the totals say."""
    for row in rows():
        def run(form, row=row):
            return expect(ctx.emu(
                form + ["-append", words(row)] + list(row.options)
                + [kernel_image(ctx, row.kernel)]), row.status)
        yield Case(row.name, in_forms(ctx, run))
    image = kernel_image(ctx, "random")
    for seed in range(1, 9):
        def run(form, seed=seed):
            words = edits.arguments(image, seed, RANDOM_EDITS)
            return expect(ctx.emu(form + words[1:]))
        yield Case("random-%d" % seed, in_forms(ctx, run) or
                   forms.totals_fault(run(["--explain=json"]).err))


def bundled_forms(ctx):
    """The same of the bundled kernel, short and full, where spaces have
    names."""
    def run(form, full=""):
        form = [form[0] + full] + form[1:]
        return boot(ctx, "init=/bin/sh", more=form, stdin="cow\nt_fork\n")
    yield Case("short", in_forms(ctx, run))
    yield Case("full", in_forms(ctx, lambda form: run(
        form, ",full" if "=" in form[0] else "=full"), True))
    yield Case("totals", forms.totals_fault(run(["--explain=json"]).err))


def schema_is_whole(ctx):
    """Each kind of line is documented, and no other."""
    said, written = forms.kinds(ctx), set(forms.schema(ctx))
    if said != written or len(said) < 40:
        raise Fail("not for the same: %s" % sorted(said ^ written))


FILTERS = {
    "pid": ("space=3", ["3"], []),
    "name": ("space=t_fork", ["t_fork"], []),
    "two": ("space=3,space=1", ["3", "1"], []),
    "range": ("addr=0x12000-0x13fff", [], [(0x12000, 0x13fff)]),
    "page": ("addr=0x13044", [], [(0x13000, 0x13fff)]),
    "both": ("space=1,addr=0-0x3fffffffff", ["1"], [(0, 0x3fffffffff)]),
    "nothing": ("space=nobody", ["nobody"], []),
}


def filters(ctx):
    """What a filter lets through is what it names; totals are of all, and
    tell how much it kept back."""
    def run(more):
        return boot(ctx, "init=/bin/sh", stdin="cow\nt_fork\n",
                    more=["--explain=json" + more])
    whole = forms.objects(run("").err)
    for name, (words, spaces, ranges) in FILTERS.items():
        told = forms.objects(run("," + words).err)
        wanted = forms.chosen(whole, spaces, ranges)
        left = len(whole) - len(wanted)
        error = None
        if told[:-1] != wanted or told[-1].get("untold") != left or not left:
            error = "%d lines, wanted %d; left out %s, wanted %d" % (
                len(told) - 1, len(wanted), told[-1].get("untold"), left)
        if name != "nothing" and wanted == forms.chosen(whole, ["-"]):
            error = "it chooses nothing"
        yield Case(name, error)
def explained_folds(ctx, scenario, pages, form):
    return expect(ctx.emu(
        ["--explain=" + form, "-append",
         "run=%s pages=%d" % (scenario, pages), kernel_image(ctx, "folds")]))


def few_lines(ctx):
    """Thousands of pages are told of in few lines, and none is lost."""
    for scenario, pages, most in folds.SCENARIOS:
        short, full = (explained_folds(ctx, scenario, pages, form)
                       for form in ("short", "full"))
        yield Case("%s-%d" % (scenario, pages), folds.disagreement(
            short.out, short.err, full.err, most))


def many_processes(ctx):
    """A fork bomb and forks in a row are told of in few lines, and none is
    lost."""
    for name, append, stdin, most in (
            ("bomb", "init=/bin/bomb", "", 20),
            ("limit", "init=/bin/sh", "fork-limit\n", 60),
            ("again", "init=/bin/sh marks=0", "bomb 40 24\nbomb 40 40\n", 200)):
        short, full = (boot(ctx, append, more=["--explain=" + form],
                            stdin=stdin).err for form in ("short", "full"))
        yield Case(name, broods.disagreement(short, full, most))


def folds_in_chinese(ctx):
    """Runs, and what is left out, are told in Chinese as in English."""
    for scenario, pages in ("thirds", 500), ("scattered", 2500):
        english, chinese = (expect(ctx.emu(
            ["--explain"] + lang + [
                "-append", "run=%s pages=%d" % (scenario, pages),
                kernel_image(ctx, "folds")])).err
            for lang in ([], ["--lang", "zh"]))
        yield Case(scenario, forms.languages(english, chinese))


def unfolded_json(ctx):
    """JSON has all that the full form has of pages."""
    for scenario, pages, _ in folds.SCENARIOS:
        full, objects = (explained_folds(ctx, scenario, pages, form).err
                         for form in ("full", "json,full"))
        short = explained_folds(ctx, scenario, pages, "json").err
        yield Case("%s-%d" % (scenario, pages),
                   forms.same_as_text(ctx, full, objects, True)
                   or forms.totals_fault(short))


def folds_in_place(ctx):
    """A run of pages is told before what the guest prints after it."""
    one_stream = ["sh", "-c", 'exec "$@" 2>&1', "sh"]
    result = expect(ctx.run(one_stream + ctx.emu_command() + [
        "--explain", "-append", "run=talking pages=500",
        kernel_image(ctx, "folds")]))
    wrong = folds.interleaving(result.out)
    if wrong:
        raise Fail(wrong + "\n" + describe(result))


def kernels_whole(ctx):
    """Every scenario of the small kernels has a row, and no two rows are of
    one name."""
    written = set()
    for path in (ctx.root / "tests" / "explain" / "kernels").glob("*.c"):
        written |= {"%s/%s" % (path.stem, name) for name in re.findall(
            r'^    \{"([a-z-]+)", ', path.read_text(), re.M)}
    judged = ["%s/%s" % (row.kernel, row.scenario) for row in rows()]
    names = [row.name for row in rows()]
    written.discard("random/random")  # its log is its row
    written -= {"folds/" + name for name, _, _ in folds.SCENARIOS}
    if written - set(judged) or len(set(names)) < len(names):
        raise Fail("not judged: %s; twice: %s" % (
            sorted(written - set(judged)),
            sorted(name for name in names if names.count(name) > 1)))


# What QEMU's TLB hides, and what it does not end.
NOT_ON_QEMU = ("rightless", "stale-store", "stale-fault", "text-gone", "thread-stale",
               "no-handler", "unused", "kernel-null", "handler-turns")


def kernels_on_qemu(ctx):
    """The small kernels are kernels: QEMU runs them to their end, and what
    they assert of their memory holds there too."""
    for row in rows():
        if row.scenario in NOT_ON_QEMU:
            continue
        result = ctx.qemu(
            ["-bios", "none", "-smp", "3", "-kernel", kernel_image(ctx, row.kernel),
             "-append", words(row)], timeout=20)
        yield Case(row.name,
                   describe(result) if result.status or result.out else None)
    command = ["-append", "run=random seed=1 edits=1000"]
    image = kernel_image(ctx, "random")
    logs = [ctx.expect(result).out for result in (
        ctx.emu(command + [image]),
        ctx.qemu(["-bios", "none", "-kernel", image] + command))]
    yield Case("random", None if logs[0] == logs[1] else "two logs")


def tests(ctx):
    yield Test("judge", judge)
    yield Test("random", random_kernels, timeout=120)
    yield Test("frames", frames, timeout=120)
    yield Test("found-first", found_first)
    yield Test("taken-as-free", taken_as_free)
    yield Test("frames-random", frames_random, timeout=120)
    yield Test("frames-bundled", frames_bundled, timeout=120)
    yield Test("frames-refused", frames_refused)
    yield Test("kernel-forms", kernel_forms, timeout=300)
    yield Test("bundled-forms", bundled_forms)
    yield Test("schema-is-whole", schema_is_whole)
    yield Test("filters", filters)
    yield Test("few-lines", few_lines, timeout=60)
    yield Test("many-processes", many_processes)
    yield Test("folds-in-place", folds_in_place)
    yield Test("folds-in-chinese", folds_in_chinese)
    yield Test("unfolded-json", unfolded_json, timeout=60)
    yield Test("kernels-whole", kernels_whole)
    yield Test("kernels-on-qemu", kernels_on_qemu, timeout=300)
    for row in rows():
        yield Test("kernel/" + row.name, kernel(row))
    for sched in "rr", "child-first":
        yield Test("three-ways/" + sched, three_ways(sched))
    yield Test("liar", liar)
    yield Test("whole-run", whole_run, timeout=120)
    yield Test("marks", marks)
    yield Test("numbers", numbers)
    yield Test("named", named.lines_and_variables)
    yield Test("asides", named.asides)
    yield Test("named-or-not", named.with_and_without)
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
