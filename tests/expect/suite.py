"""Rules that a run is held to: --expect.

Kernels with a mistake planted in each (tests/labs/rows.py, and rows here) are
graded by the rules of docs/course: the right one gets all points, whatever the
seed; each other loses some, and no two in the same way.  What a rule's text may
be wrong in is told with line and column before the guest runs.
"""

import json
import re
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "labs"))

import build  # noqa: E402
from harness import Case, Fail, Test, describe, expect  # noqa: E402
from rows import ALONE, FAULT, LABS, Lab, Mistake  # noqa: E402

FOUND, USAGE = 126, 125
SEEDS = [*range(19), 2**64 - 1]
AT_ONCE = 8  # more than there are cores: under load, too
# Of LABS, those about copy-on-write.
COW = ("copyout", "count-first", "w-in-parent", "w-in-child", "text-opened",
       "double-free", "table-twice", "leak", "no-fence-at-fork",
       "no-fence-in-handler", "freed-while-mapped", "mapped-free")
MORE = [
    # Whoever stores gets a copy, though nobody else maps the page any more.
    Lab("always-copy", None,
        Mistake(FAULT, "(frame_count(old) == 1 && frame_of(old)->type == "
                "FRAME_ANON)", "0")),
    Lab("wrong-copy", None,
        Mistake(FAULT, "    page_copy(page, phys_to_virt(old));",
                "    page_zero(page);")),
    Lab("no-handler", None,
        Mistake(FAULT, "        err = fault_cow(mm, vma, va, slot);",
                "        err = -EFAULT;")),
    Lab("w-at-once", None,
        Mistake(FAULT, ALONE, ALONE.replace("(vma", "1 || (vma", 1))),
]
TRAP = "guest/kernel/sys/trap.c"
MAPPED = ("    pt_set(slot, pte_make(pa, vm_flags_to_pte(vma->flags)));\n"
          "    mm_fence_page(mm, va);\n")
LAZY = [
    # The page behind is given, too.
    Lab("two-at-once", None, Mistake(FAULT, MAPPED, MAPPED + """
    static bool inside;

    if (!inside && va + 4096 < vma->end && !*pt_make(mm->root, va + 4096)) {
        inside = true;
        fault_demand(mm, vma, va + 4096, pt_make(mm->root, va + 4096));
        inside = false;
    }
""")),
    # All of it is given at once.
    Lab("all-at-once", None, Mistake(
        FAULT, "    if (!(*slot & PTE_V)) {\n", """
    for (u64 at = vma->start; vma->flags & VM_WRITE && at < vma->end;
         at += PAGE_SIZE)
        if (at != va && !*pt_make(mm->root, at))
            fault_demand(mm, vma, at, pt_make(mm->root, at));
    if (!(*slot & PTE_V)) {
""")),
    Lab("one-beyond", None, Mistake(
        FAULT, "    int err = 0;\n\n    if (!vma", """    int err = 0;

    if (!vma)
        vma = find_vma(mm, va - PAGE_SIZE);
    if (!vma""")),
    Lab("no-zeros", None, Mistake(
        FAULT, "        page_zero(page);\n", "        memset(page, 1, 4096);\n"),
        Mistake(FAULT, '#include "mm/mm.h"\n',
                '#include "mm/mm.h"\n#include "lib/string.h"\n')),
    # A frame is taken that nobody maps.
    Lab("taken-twice", None, Mistake(
        FAULT, "    void *page = frames_alloc(0, FRAME_ANON);\n\n    if (!page)",
        "    void *page = (frames_alloc(0, FRAME_ANON),\n"
        "                  frames_alloc(0, FRAME_ANON));\n\n    if (!page)")),
    # In a system call a page that nobody has touched is none.
    Lab("not-for-kernel", None, Mistake(
        TRAP, "        if (tf->tval >= USER_END ||\n",
        "        if (tf->tval >= USER_END ||\n"
        "            !pt_find(current->mm->root, tf->tval) ||\n"
        "            !*pt_find(current->mm->root, tf->tval) ||\n"),
        Mistake(TRAP, '#include "mm/mm.h"\n',
                '#include "mm/mm.h"\n#include "mm/pgtable.h"\n')),
    Lab("leak-at-munmap", None, Mistake(
        "guest/kernel/mm/pgtable.c", "            frame_put(gone[--count]);",
        "            --count;")),
]
CONSOLE = "lab5-cow\nuser-copy\nstale\nsegv\nexit\n"


def case(name, error):
    """A case, with what was found in the place of what should be; or a false
    value."""
    return Case(name, str(error) if error else None)


def rules(ctx, name):
    return ctx.root / "docs" / "course" / (name + ".rules")


def grade(ctx, file, args, stdin=""):
    """What Gradescope is given of a run by the rules of a file, and the run."""
    with tempfile.NamedTemporaryFile(dir=ctx.tmp, suffix=".json") as file_out:
        out = Path(file_out.name)
    result = ctx.emu(["--expect", "%s,gradescope=%s" % (file, out), *args],
                     stdin=stdin)
    if not out.exists():
        raise Fail("no results\n" + describe(result))
    return json.loads(out.read_text()), result


def cow_args(image, initrd, more=()):
    return ["-kernel", image, "-initrd", initrd, "--frames", "ours", "--check",
            "tlb", "--max-insns", "20000000", *more]


def marks(grades):
    """What of a grade tells one solution from another: rules that failed, and
    by what, but for the time and for numbers in the sentence."""
    found = []
    for test in grades["tests"]:
        if test["status"] == "failed":
            why, _, sentence = test["output"].partition("\n")
            found.append((re.sub(r", at \d.*", "", why), re.sub(
                r"\b(?:0x)?[0-9a-f]*\d[0-9a-f]*\b", "N", sentence)))
    return tuple(found)


def full(grades, result):
    """What a right solution lacks, or None."""
    of = sum(test["max_score"] for test in grades["tests"])
    if grades["score"] == of == 100 and result.status == 0:
        return None
    return "%d of %d points\n%s" % (grades["score"], of, describe(result))


def seeds(ctx, name, args, stdin=""):
    """A right solution, with all seeds, many at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        all_grades = list(pool.map(lambda seed: grade(
            ctx, rules(ctx, name), ["--seed", str(seed), *args], stdin), SEEDS))
    for seed, (grades, result) in zip(SEEDS, all_grades):
        yield Case("seed-%d" % seed, full(grades, result))
    yield case("as many points with each seed", len(
        {json.dumps(grades) for grades, _ in all_grades}) - 1)


def planted(kernels, lab):
    """The kernel of a lab."""
    for mistake in lab.mistakes:
        if mistake.error():
            raise Fail(mistake.error())
    return kernels.planted(lab)[0]


def wrong(ctx, name, graded):
    """Wrong solutions, by name, and what each was given: less than all, what
    the lab's page says, and no two the same."""
    page = (ctx.root / "docs" / "course" / (name + ".md")).read_text()
    points = dict(re.findall(r"^\| `([a-z-]+)`: [^|]*\| (\d+) \|", page, re.M))
    seen = {}
    yield case("the page", set(points) ^ set(graded))
    for lab, (grades, result) in graded.items():
        score = grades["score"]
        yield Case(lab, None if str(score) == points.get(lab) != "100" else
                   "%d points\n%s" % (score, describe(result)))
        yield Case(lab + " told apart", seen.get(marks(grades)) and
                   "as %s: %s" % (seen[marks(grades)], marks(grades)))
        seen[marks(grades)] = lab


def cow(ctx):
    """The lab of copy-on-write: the right kernel, and each wrong one."""
    kernels, initrd = build.Kernels(ctx), build.programs(ctx)
    yield from seeds(ctx, "cow", cow_args(kernels.linked("right", {}), initrd),
                     CONSOLE)
    graded = {}
    for lab in [lab for lab in LABS if lab.name in COW] + MORE:
        graded[lab.name] = grade(ctx, rules(ctx, "cow"), cow_args(
            planted(kernels, lab), initrd), CONSOLE)
    graded["eager"] = grade(ctx, rules(ctx, "cow"), cow_args(
        kernels.linked("right", {}), initrd, ["-append", "fork=eager"]), CONSOLE)
    graded["early-fence"] = grade(ctx, rules(ctx, "cow"), [
        "--frames", "ours", "--check", "tlb", "-append", "bug=early-fence"],
                                  CONSOLE)
    yield from wrong(ctx, "cow", graded)


def lazy_program(ctx):
    """docs/course/lazy.c, as the bundled programs are compiled."""
    target = ctx.tmp / "lazy"
    command = build.commands(ctx, "guest/user/true.elf")[-1]
    ctx.expect(ctx.run(build.instead(
        command, "/true.c", ctx.root / "docs/course/lazy.c", target)
        + ["-I", ctx.root / "guest" / "libc"], cwd=ctx.build))
    return target


def lazy(ctx):
    """The lab of lazy allocation: the bundled kernel, and wrong ones."""
    program, kernels = lazy_program(ctx), build.Kernels(ctx)
    yield from seeds(ctx, "lazy", ["--frames", "ours", program])
    initrd = build.packed(ctx, lazy=program)
    graded = {}
    for lab in LAZY:
        graded[lab.name] = grade(ctx, rules(ctx, "lazy"), [
            "-kernel", planted(kernels, lab), "-initrd", initrd, "--frames",
            "ours", "-append", "init=/bin/lazy", "--max-insns", "20000000"])
    yield from wrong(ctx, "lazy", graded)


# A line of a file -> where the message points, and a part of it.
ERRORS = (
    ("10 coppies == 0", 4, "'coppies' is not a quantity: forks, copies,"),
    ("10", 3, "the rule ends where it needs a quantity"),
    ("10copies == 0", 1, "points are a whole number"),
    ("1000001 copies == 0", 1, "more than 1000000 points"),
    ("copies", 7, "the rule ends where it needs =="),
    ("copies = 0", 8, "'=' is not ==, !=, <=, >=, < or >"),
    ("copies == ", 11, "needs a number"),
    ("copies == x", 11, "'x' is not a number"),
    ("copies == 99999999999999999999", 11, "the number is too large"),
    ("copies == 1 == 2", 13, "'=' is too much"),
    ("copies == forks", 11, "frames are compared with frames"),
    ("copies == 0 \"never", 13, "the text has no '\"' at its end"),
    ("copies == 0 \"\"", 13, "the text is empty"),
    ("after fork copies == 0", 12, "'copies' is not ':'"),
    ("after fork: forks == 1", 13, "after a fork there are copies"),
    ("store to shared page: no reuses", 26, "of a store there are copies"),
    ("after fork: copies in f() == 0", 20, "in FUNCTION() goes with"),
    ("after fork: console has \"x\"", 1, "the console has no scope"),
    ("forks in f() == 1", 7, "in FUNCTION() goes with"),
    ("page faults in f == 1", 18, "'=' is not ()"),
    ("page faults in f() in g() == 1", 20, "one function is enough"),
    ("page faults in program == 1", 24, "'=' is not the name of a program"),
    ("status in program cow == 0", 8, "it is of the whole run"),
    ("no finding of stale", 15, "'stale' is no kind of finding"),
    ("no finding of refused", 15, "'refused' is no kind of finding"),
    ("no finding of may_rights", 15, "with emu --check tlb alone"),
    ("no finding of lost_frames", 15, "with emu --frames alone"),
    ("frames at exit == frames at start", 1, "with emu --frames alone"),
    ("console has OK", 13, "'OK' is not a text in"),
    ("time to \"x\" <= 1 week", 18, "'week' is too much"),
    ("page faults in no_such() == 0", 16,
     "no file at hand has a function 'no_such'"),
    ("page faults in child() in program segv == 0", 16,
     "no file at hand has a function 'child' of the program segv"),
    ("# " + 600 * "x", 1, "the line has more than 511 bytes"),
)


def refusal(result, message):
    """What is wrong with how a run was refused, or None."""
    if result.status == USAGE and not result.out and result.err.count(
            "\n") == 1 and message in result.err:
        return None
    return "no '%s'\n%s" % (message, describe(result))


def errors(ctx):
    """What is wrong in a file is told before the guest runs."""
    file, junit = ctx.tmp / "rules", ctx.tmp / "junit.xml"
    junit.write_text("before")
    for line, column, message in ERRORS:
        file.write_text("# rules\n\n%s\n" % line)
        result = ctx.emu(["--expect", "%s,junit=%s" % (file, junit)])
        yield Case(line[:60], refusal(result, message) or refusal(
            result, "%s:3:%d: " % (file, column)))
    file.write_bytes(b"copies == 0\n\0")
    yield Case("NUL", refusal(ctx.emu(["--expect", file]), ":2:1: a NUL"))
    file.write_text("# nothing\n")
    yield Case("empty", refusal(ctx.emu(["--expect", file]),
                                "there is no rule in it"))
    file.write_text("status == 0\n" * 257)
    yield Case("many", refusal(ctx.emu(["--expect", file]),
                               ":257:1: more than 256 rules"))
    for value, message in (
            ("", "say which FILE"), (ctx.tmp / "none", "No such file"),
            ("%s,xml=a" % file, "say FILE[,junit=FILE]"),
            ("%s,junit=" % file, "say FILE[,junit=FILE]"),
            ("%s,junit=%s" % (file, file), "would be written over"),
            ("%s,junit=%s,gradescope=%s" % (file, junit, junit),
             "name the same file"),
            ("%s,junit=%s/no/a" % (file, ctx.tmp), "cannot write")):
        file.write_text("status == 0\n")
        yield Case(str(value), refusal(ctx.emu(["--expect", value]), message))
    yield case("kept", junit.read_text() != "before" and "written over")


RULES = """
3 no copy in program cow "copies & <none> \u00e9 \\"
4 at least 1 copy in program cow   # a comment
  at least 1 fork in program nobody
  console has "cow: PASS"
2 console lacks "cow: PASS"
  status == 0
  status != 0 "# no comment"
  time to "cow: PASS" <= 1 s
  time to "cow: PASS" < 1 us
  page faults < 3
  copies >= 1000
  no finding of broken
"""
PASSED = [False, True, False, True, False, True, False, True, False, False,
          False, True]


def outputs(ctx):
    """The three forms of what became of rules say the same, and rules change
    nothing that the guest does or that is told of it."""
    file, junit, json_file = (ctx.tmp / name for name in (
        "rules", "junit.xml", "exit.json"))
    file.write_text(RULES)
    guest = ["-append", "init=/bin/cow"]
    grades, result = grade(ctx, "%s,junit=%s" % (file, junit), [
        "--exit-json", json_file, "--trace-hash", *guest])
    expect(result, FOUND)
    passed = [test["status"] == "passed" for test in grades["tests"]]
    yield case("gradescope", passed != PASSED and passed or
               grades["score"] != 8 and grades or grades["tests"][0] != {
                   "score": 0, "max_score": 3,
                   "name": "copies & <none> \u00e9 \\", "status": "failed",
                   "output": grades["tests"][0]["output"]} and grades)
    cases = ElementTree.parse(junit).getroot().find("testsuite")
    failures = [case.find("failure") for case in cases]
    yield case("junit", [f is None for f in failures] != PASSED and failures or
               [cases.get("tests"), cases.get("failures")] != ["12", "7"] and
               cases.attrib or [c.get("name") for c in cases] != [
                   test["name"] for test in grades["tests"]] and cases or
               failures[0].text != grades["tests"][0]["output"] and
               failures[0].text)
    ended = json.loads(json_file.read_text())
    yield case("exit-json", ended["rules"] != {
        "passed": 5, "failed": 7, "points": 8, "of": 18} and ended or
        (ended["status"], ended["reason"]) != (FOUND, "expect") and ended)
    yield case("text", None if re.search(
        r"^emu: 8 of 18 points, 5 of 12 rules$", result.err, re.M) and
        re.search(r"FAILED +0/3 .*\n.*copies: 6, at \d+\.\d{6} ms\n.*pid \d"
                  r".*W=0: page fault", result.err) else result.err)
    bare = ctx.emu(["--trace-hash", *guest])
    yield case("hash", bare.err.splitlines()[-1] not in result.err and bare.err)
    for more in (["--explain"], ["--explain=full,space=99"],
                 ["--explain=json"], ["--lang", "zh", "--explain"]):
        again, other = grade(ctx, file, [*more, *guest])
        yield case(" ".join(more), [
            test["score"] for test in again["tests"]] != [
                test["score"] for test in grades["tests"]] and other.err)


def table(text):
    """The lines of a table of rules."""
    return [line for line in text.splitlines()
            if re.match(r"  passed|  FAILED| {21}|emu: \d+ of", line)]


def traces(ctx):
    """emu-trace judges the trace of a run as the run was judged."""
    file, trace = ctx.tmp / "rules", ctx.tmp / "run.emt"
    file.write_text("".join(
        line for line in rules(ctx, "cow").read_text().splitlines(True)
        if "frame" not in line) + "time to \"isolated\" <= 1 us\n"
        "no refusal in program segv\nconsole lacks \"PASS\"\n")
    tool = ctx.build / "emu-trace"
    for bug in ("nofence", "early-fence", "no-copyout"):
        live = ctx.emu(["--check", "tlb", "--max-insns", "20000000", "--trace",
                        trace, "--expect", file, "-append", "bug=" + bug],
                       stdin=CONSOLE)
        read = expect(ctx.run([tool, "expect", trace, file]), FOUND)
        yield case(bug, table(live.err) != table(read.out) and "\n".join(
            [live.err, "not", read.out]))
    for rule, message in (("no lost frame", "emu --frames alone"),
                          ("no copies in f()", "emu --expect alone"),
                          ("no copies in", "rules:1:13: the rule ends")):
        file.write_text(rule)
        read = expect(ctx.run([tool, "expect", trace, file]), USAGE)
        yield case(rule, message not in read.err and read.err)
    file.write_text("no copies\n")
    ctx.emu(["--trace", "%s,events=trap" % trace])
    read = expect(ctx.run([tool, "expect", trace, file]), USAGE)
    yield case("a part", "a whole run" not in read.err and read.err)


def nothing(ctx):
    """Of a guest that has no page tables, each rule that rests on them fails."""
    file = ctx.tmp / "rules"
    file.write_text("no finding\nafter fork: no copies\nstatus == 0\n"
                    "store to shared page: exactly one copy\ncopies == 0\n")
    grades, result = grade(ctx, file, [
        ctx.build / "tests" / "baremetal" / "bits.elf"])
    why = [test["output"].rpartition(": ")[2] for test in grades["tests"]
           if test["status"] == "failed"]
    yield Case("no paging", None if grades["score"] == 1 and why == 4 * [
        "no page table was ever used"] else describe(result))


def tests(ctx):
    yield Test("errors", errors)
    yield Test("outputs", outputs)
    yield Test("nothing", nothing)
    yield Test("traces", traces)
    yield Test("lazy", lazy, timeout=240)
    yield Test("cow", cow, timeout=240)
