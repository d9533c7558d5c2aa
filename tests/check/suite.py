"""What --check has to find, and where it has to be silent.

Each kernel of fences.c forgets a fence, in a way of its own, on a line with the
word GUILTY; with the word right it does not.  mistakes.c is the same of code, copies and frames.
random.c does what comes, and says what; whether that was a mistake is worked out here, from the privileged
specification ("Supervisor Memory-Management Fence Instruction", "Svinval").
Where the kernels are right, the bundled one among them, nothing is found.
"""

import json
import re
import shlex

from harness import Case, Fail, Test, describe, expect

FOUND = 126
# Scenarios that are lawful as they are.
LAWFUL = ("in-time", "widen", "untouched")
# Of the kernels with a fence that does not do: why.
GAPS = {"early": "early", "move-early": "early", "unmap-early": "early",
        "same-asid-early": "early", "wrong-page": "address",
        "wrong-asid": "asid", "global-page": "global", "global-table": "global", "other-table": "level",
        "remote": "hart", "remote-empty": "hart", "half-inval": "brackets"}
# Those that the TLB of this machine, as it is, has no entry for.
UNHELD = ("early", "move-early", "unmap-early", "same-asid-early",
          "remote-empty", "other-table", "half-inval")
# Where its page tables may be, TLBs that keep what these kernels use.
GEOMETRIES = ("sets=16,ways=2", "sets=1,ways=16,replace=lru", "walk-cache=8",
              "ways=8,replace=random,asid-bits=8")
ROUNDS, SEEDS = 400, 6


def image(ctx, name):
    return ctx.build / "tests" / "check" / (name + ".elf")


def source(ctx, name="fences"):
    return (ctx.root / "tests/check" / (name + ".c")).read_text().splitlines()


def scenarios(ctx):
    """Name of each scenario -> its function."""
    return dict(re.findall(r'^    \{"([a-z-]+)", (\w+)\},', "\n".join(
        source(ctx)), re.M))


def line_of(ctx, function, word, name="fences"):
    """The line in a function that has this word in its comment, or None."""
    inside, found = False, []
    for number, line in enumerate(source(ctx, name), 1):
        if re.match(r"static \w.*\b%s\(" % function, line):
            inside = True
        elif line == "}":
            inside = False
        elif inside and "/* %s */" % word in line:
            found.append(number)
    return found[-1] if found else None


def check(ctx, scenario, words="", more=(), status=0):
    return expect(ctx.emu(
        ["--check", "tlb", "--explain=json", "-smp", "2",
         *more, "-append", "run=%s %s" % (scenario, words),
         image(ctx, "fences")]), status)


def findings(result):
    """The objects that --check adds, and its total."""
    objects = [json.loads(line) for line in result.err.splitlines()
               if line.startswith("{")]
    return ([o for o in objects if o["kind"].startswith(("stale_", "may_"))],
            [o for o in objects if o["kind"] == "total_stale"][-1])


def judge(ctx, name, function, result, unheld):
    """What is wrong with what was found in a kernel that errs, or None. unheld
    are the names of those whose TLB has no old entry."""
    found, total = findings(result)
    if len(found) != 1 or total["certain"] + total["may"] != 1:
        return "found %s, in all %s" % (found, total)
    one = found[0]
    guilty = "fences.c:%d" % line_of(ctx, function, "GUILTY")
    if (one.get("changed_in"), one.get("changed_by")) != (function, guilty):
        return "guilty is %s in %s, not %s" % (guilty, function, one)
    if one["missing"] != GAPS.get(name, "fence"):
        return "missing: %s, not %s" % (one["missing"], GAPS.get(name, "fence"))
    fence = line_of(ctx, function, "FENCE")
    if fence and (one.get("fenced_in") != function or one["fenced_by"] not in (
            "fences.c:%d" % fence, fence_line(ctx, one["fenced_by"]))):
        return "the fence is in line %d, not %s" % (fence, one)
    held = one["kind"].startswith("stale_")
    if held == (name in unheld):
        return "%s, %s" % (name, one["kind"])
    return None


def fence_line(ctx, place):
    """The place, if it is a fence in a function that is inline."""
    name, number = place.split(":")
    folder = "check" if name == "fences.c" else "explain/kernels"
    text = (ctx.root / "tests" / folder / name).read_text()
    return place if "sfence.vma" in text.splitlines()[int(number) - 1] else None


def teeth(ctx):
    """Each mistake is found, once, with its line."""
    for name, function in scenarios(ctx).items():
        if name not in LAWFUL:
            yield Case(name, judge(ctx, name, function,
                                   check(ctx, name, status=FOUND), UNHELD))


def geometries(ctx):
    """What is found does not depend on the TLB, as long as it keeps entries."""
    for tlb in GEOMETRIES:
        # An entry that points to a table is kept by those with a walk cache.
        unheld = [name for name in UNHELD
                  if name != "other-table" or "walk-cache" not in tlb]
        for name, function in scenarios(ctx).items():
            if name not in LAWFUL:
                result = check(ctx, name, more=["--tlb", tlb], status=FOUND)
                yield Case("%s/%s" % (tlb, name),
                           judge(ctx, name, function, result, unheld))


def worst(ctx):
    """A hart that walks ahead holds what any may: what else may be is certain.
    One of these kernels then stops, which is what they are told for."""
    for name, function in scenarios(ctx).items():
        if name in LAWFUL:
            continue
        result = check(ctx, name, more=["--tlb", "worst"],
                       status=1 if name == "unmap-early" else FOUND)
        yield Case(name, judge(ctx, name, function, result, ()))
    for name in scenarios(ctx):
        words = "no-svvptc" if name in LAWFUL else "right"
        yield Case(name + "/right", silent(check(
            ctx, name, words, ["--tlb", "worst"])))


def silent(result):
    found, total = findings(result)
    if found or total["certain"] or total["may"]:
        return "found: %s, in all %s" % (found, total)
    return None


def lawful(ctx):
    """Kernels that fence as they have to: nothing is found."""
    for name in scenarios(ctx):
        yield Case(name, silent(check(
            ctx, name, "" if name in LAWFUL else "right")))


def covers(how, is_global):
    """Whether such a fence covers the page of a round."""
    if how in ("all", "page", "sinval"):
        return True
    return how in ("page-asid", "asid") and not is_global


def is_mistake(touched, is_global, change, how, access):
    """Whether an access after such a change and fence may be answered by what
    was there before, otherwise than by the table."""
    if covers(how, is_global) or not touched:
        return False
    return change in ("hide", "unmap", "move") or (
        change == "narrow" and access == "store")


def random(ctx):
    """Random rounds: found are those that are mistakes, and no others."""
    for seed in range(1, SEEDS + 1):
        result = ctx.emu(
            ["--check", "tlb", "--explain=json", "-append",
             "run=random seed=%d rounds=%d" % (seed, ROUNDS),
             image(ctx, "random")])
        found, total = findings(result)
        pages = [int(o["va"], 16) & -4096 for o in found]
        wrong = []
        for line in result.out.splitlines():
            va, touched, own, early, change, how, access = line.split()
            wanted = is_mistake(touched == "touched", own == "global", change,
                                how, access)
            if pages.count(int(va, 16)) != int(wanted):
                wrong.append("%s: found %d times, not %d" % (
                    line, pages.count(int(va, 16)), wanted))
        if len(result.out.splitlines()) != ROUNDS or not pages:
            wrong.append("the run is not whole: " + describe(result))
        if total["certain"] + total["may"] != len(pages):
            wrong.append("in all %s" % total)
        yield Case("seed-%d" % seed, "\n".join(wrong) or None)


def random_code(ctx):
    """Random rounds with fence.i: a fetch is reported of what was changed since
    the hart's last one, in a frame that it had fetched from before ("Zifencei"),
    and no other."""
    for seed in range(1, SEEDS + 1):
        result = ctx.emu(
            ["-d", "stale_fetch", "-smp", "2", "-append",
             "run=code seed=%d rounds=%d" % (seed, ROUNDS),
             image(ctx, "random")])
        found = re.findall(r"stale_fetch .*?\bpa=0x([0-9a-f]+)", result.err)
        rounds = [line.split() for line in result.out.splitlines()]
        wrong = [" ".join(line) for line in rounds
                 if found.count("%x" % int(line[0], 16)) != int(
                     line[1] == "touched" and line[2] == "late" and
                     line[3] in ("it", "all") and line[4] != "own")]
        if len(rounds) != ROUNDS or not found:
            wrong.append("the run is not whole: " + describe(result))
        yield Case("seed-%d" % seed, "\n".join(wrong) or None)


def bundled(ctx):
    """The bundled kernel forgets nothing, and does under `worst` what it does
    otherwise."""
    runs = [expect(ctx.emu(["--check", "all", "--frames", "ours", *more,
                            "-append", "init=/bin/all"], timeout=120),
                   err=r"\AFrames in all: .*; 0 mistakes .*\n"
                       r"Translations in all: 0 uses of stale ones, 0 uses "
                       r"of what a hart may still hold;.*\n"
                       r"(--check \w+ in all: 0 findings, 0 possible\.\n){4}\Z")
            for more in ([], ["--tlb", "worst"])]
    if re.findall("^(?:not )?ok .*$", runs[0].out, re.M) != re.findall(
            "^(?:not )?ok .*$", runs[1].out, re.M):
        raise Fail("other results\n" + describe(runs[1]))
    # A frame that was executed is given out again, and executed again.
    expect(ctx.emu(["--check", "icache", "-append", "init=/bin/rwx"]),
           err=r"\A--check icache in all: 0 findings, .*\n\Z")


def traced(ctx):
    """A trace of the run has the same findings, and the same end."""
    for name in scenarios(ctx):
        path = ctx.tmp / (name + ".emt")
        live = ctx.emu(["--check", "tlb", "--trace", path, "-smp", "2",
                        "-append", "run=" + name, image(ctx, "fences")])
        kept = ctx.run([ctx.build / "emu-trace", "check", path])
        lines = [[line for line in text.splitlines()
                  if line.startswith(("▸", "Translations"))]
                 for text in (live.err, kept.out)]
        right = lines[0] == lines[1] and kept.status == live.status
        yield Case(name, None if right else describe(kept))
    for name in MISTAKES:
        if MISTAKES[name][0] not in ("icache", "cow"):
            continue
        path = ctx.tmp / "mistake.emt"
        live = ctx.emu(["--check", "tlb,cow,uaf,icache", "--trace", path,
                        "-smp", "2", "-append", "run=%s %s" % (
                            name.split("/")[0], MISTAKES[name][3]),
                        image(ctx, "mistakes")])
        kept = ctx.run([ctx.build / "emu-trace", "check", path])
        lines = [[line for line in text.splitlines()
                  if line.startswith(("▸", "Translations", "--check"))]
                 for text in (live.err, kept.out)]
        right = lines[0] == lines[1] and kept.status == live.status == FOUND
        yield Case(name, None if right else describe(live) + describe(kept))
    path = ctx.tmp / "part.emt"
    expect(ctx.emu(["--trace", "%s,events=trap+satp" % path, "-append",
                    "run=narrow", image(ctx, "fences")]))
    expect(ctx.run([ctx.build / "emu-trace", "check", path]),
           out="^missing fences not looked for")


# Of mistakes.c: the check, what it finds, the function that has GUILTY or None,
# and the words that go with it.
MISTAKES = {
    "patch": ("icache", "stale_code", "patch", ""),
    "patch-late": ("icache", "stale_code", "patch_late", ""),
    "refill": ("icache", "stale_code", "refill", ""),
    "patch-remote": ("icache", "stale_code", "patch_remote", ""),
    "patch-user": ("icache", "stale_code", "patch_user", ""),
    "wrong-copy": ("cow", "wrong_copy", "copy_wrong", ""),
    "no-copy": ("cow", "broken", "give_w", ""),
    "both-copy": ("cow", "wrong_copy", "copy_twice", ""),
    "keep-w/parent": ("cow", "fork", None, "keep-w-parent"),
    "keep-w/child": ("cow", "fork", None, "keep-w-child"),
    "freed-mapped": ("uaf", "freed_mapped", "freed_mapped", ""),
    "freed-twice": ("refs", "freed_twice", "freed_twice", ""),
    "never-freed": ("refs", "lost_frames", None, ""),
}
# Of these, the kernels that are right as they are.
RIGHT_CODE = ("fresh-code", "beside-code", "code-in-time")
FRAMES = "alloc=frame_new,free=frame_free,via=frame_drop"
# Its harts walk ahead; a program that has lost its page to another hart's copy
# then goes on with that.
MODES = ("", "--tlb worst")


def err(ctx, name, words, more=(), status=0):
    """A run of one of the kernels of mistakes.c: the findings, as objects, and
    the totals of checks by name."""
    result = expect(ctx.emu(
        ["--check", "all", "--explain=json", "--frames", FRAMES, "-smp", "2",
         *more, "-append", "run=%s %s" % (name.split("/")[0], words),
         image(ctx, "mistakes")]), status)
    objects = [json.loads(line) for line in result.err.splitlines()
               if line.startswith("{")]
    kinds = {kind for _, kind, _, _ in MISTAKES.values()}
    found = [o for o in objects if o["kind"] in kinds and (
        o.get("finding") or o["kind"] == "lost_frames")]
    return found, {o["check"]: o for o in objects if o["kind"] == "total_check"}


def places(one):
    """The lines that a finding names."""
    return re.findall(r"\w+\.c:\d+", " ".join(
        str(one.get(key)) for key in ("changed_by", "freed_in", "done_in")))


def judge_mistake(ctx, name, found, totals):
    check, kind, function, _ = MISTAKES[name]
    if [o["kind"] for o in found] != [kind]:
        return "found %s, not one %s" % (found, kind)
    counts = {key: totals[key]["certain"] for key in totals}
    if counts != {key: int(key == check) for key in counts}:
        return "in all %s" % counts
    guilty = function and "mistakes.c:%d" % line_of(
        ctx, function, "GUILTY", "mistakes")
    if guilty and guilty not in places(found[0]):
        return "guilty is %s, not %s" % (guilty, found[0])
    fence = function and line_of(ctx, function, "FENCE", "mistakes")
    if found[0].get("missing", "") != (
            "" if check != "icache" else "hart" if fence else "fence_i"):
        return "missing: %s" % found[0]
    return None


def mistakes(ctx):
    """Each is found, once, with its line, on any TLB; where it is not made,
    nothing is."""
    for name, (_, _, _, words) in MISTAKES.items():
        for mode in MODES:
            more = shlex.split(mode)
            yield Case((name + " " + mode).strip(), judge_mistake(
                ctx, name, *err(ctx, name, words, more, FOUND)))
            found, totals = err(ctx, name, "" if words else "right", more)
            wrong = found or [o for o in totals.values() if o["certain"]]
            yield Case("%s right %s" % (name, mode),
                       str(wrong) if wrong else None)
    for name in RIGHT_CODE:
        found, totals = err(ctx, name, "")
        windows = totals["icache"]["text"].count("1 more was in windows")
        wrong = found or totals["icache"]["certain"] or (
            windows != (name == "code-in-time"))
        yield Case(name, "%s %s" % (found, totals) if wrong else None)


# Lists that go wrong, and what is said.
REFUSED = {
    "tlbs": "there are tlb, cow, refs, uaf, icache and all",
    "tlb=surely": "a level is certain, may or possible",
    "cow,": "there are tlb, cow, refs, uaf, icache and all",
    "refs": "--check refs needs --frames: who gives out frames, and who takes "
            "them back",
}


def lists(ctx):
    """What --check is given, and what it makes of it."""
    for value, says in REFUSED.items():
        result = ctx.emu(["--check", value, image(ctx, "mistakes")])
        yield Case(value, None if result.status == 125 and says in result.err
                   else describe(result))
    for value, status in (("icache", FOUND), ("tlb,cow", 0), ("all", FOUND),
                          ("uaf=certain,icache=possible", FOUND)):
        result = ctx.emu(["--check", value, "-append", "run=patch",
                          image(ctx, "mistakes")])
        yield Case(value, None if result.status == status
                   else describe(result))


def moved_code(ctx):
    """What is known of code that changes outlives a machine that moves, and
    rests on no block: neither slices nor what else is watched matter."""
    for name in ("patch", "refill", "patch-remote", "patch-user",
                 "code-in-time"):
        lines = [re.findall(r"^.*stale_fetch.*$", expect(ctx.emu(
            ["-smp", "2", "-d", "stale_fetch", *more, "-append", "run=" + name,
             image(ctx, "mistakes")])).err, re.M)
                 for more in ([], ["--test-move=31"], ["--test-move=997"],
                              ["--trace-hash=all"], ["--tlb", "worst"])]
        yield Case(name, None if lines[0] and all(
            line == lines[0] for line in lines) else str(lines))


def endings(ctx):
    """How the run ends: status, reason and counts, and what =certain leaves."""
    for name, kind in ("narrow", "certain"), ("early", "may"):
        for option, status in (("tlb", FOUND),
                               ("tlb=certain", FOUND if kind == "certain" else 0)):
            path = ctx.tmp / "end.json"
            expect(ctx.emu(
                ["--check", option, "--exit-json", path, "-append", "run=" + name,
                 image(ctx, "fences")]), status, err="^▸ space 1 stores")
            end = json.loads(path.read_text())
            counts = end["findings"]["tlb"]
            wrong = (end["status"], end["reason"]) != (
                status, "check" if status else "pass") or counts != {
                    "certain": int(kind == "certain"), "may": int(kind == "may"),
                    "windows": 0, "harmless": 0, "possible": 0, "unjudged": 0}
            yield Case("%s/%s" % (name, option), "ended as %s" % end if wrong
                       else None)


def beside(ctx):
    """The check changes nothing that the guest does or other events say."""
    kinds = "all"
    hashes = [re.search(r"^trace hash .*$", expect(ctx.emu(
        ["--trace-hash=" + kinds, *more, "-append", "run=narrow right",
         image(ctx, "fences")])).err, re.M).group()
        for more in ([], ["--check", "tlb"])]
    if hashes[0] != hashes[1]:
        raise Fail("hashes %s" % hashes)


def ten_minutes(ctx):
    """The session of docs/check.md, as it is typed there."""
    text = (ctx.root / "docs/check.md").read_text()
    told = (("-append 'bug=early-fence init=/bin/stale'", 0,
             [r"^child: read 111, then 111\r?$", r"^stale: isolated\r?$"], []),
            ("--check tlb -append 'bug=early-fence init=/bin/stale'", FOUND, [],
             [r"^▸ pid 1 stores to `page\.value` \(stale\.c:\d+\)\. A hart may still "
              r"do as the table said before: it says r-- now \(mm_copy, "
              r"space\.c:\d+\), but the sfence\.vma in mm_fence \(asid\.c:\d+\) came "
              r"before that, and none after it\.$"]),
            ("--tlb worst -append 'bug=early-fence init=/bin/stale'", 1,
             [r"^child: read 111, then 999\r?$"], []))
    for command, status, out, err in told:
        if "build/emu " + command not in text:
            raise Fail("docs/check.md has no %s" % command)
        expect(ctx.emu(shlex.split(command)), status, out=out, err=err)


def moved(ctx):
    """What a hart that walks ahead goes by is guest state, all of it."""
    for program in "init=/bin/cow", "init=/bin/fork-exec":
        hashes = [re.search(r"^trace hash .*$", expect(ctx.emu(
            ["--tlb", "worst", "--trace-hash=all", *more, "-append", program],
            timeout=60)).err, re.M).group()
            for more in ([], ["--test-move=5000"], ["--check", "tlb"])]
        yield Case(program, None if len(set(hashes)) == 1 else str(hashes))


def tests(ctx):
    yield Test("teeth", teeth)
    yield Test("geometries", geometries, timeout=120)
    yield Test("worst", worst, timeout=60)
    yield Test("lawful", lawful)
    yield Test("mistakes", mistakes, timeout=120)
    yield Test("lists", lists)
    yield Test("moved-code", moved_code, timeout=120)
    yield Test("random", random, timeout=120)
    yield Test("random-code", random_code, timeout=120)
    yield Test("bundled", bundled, timeout=150)
    yield Test("traced", traced, timeout=60)
    yield Test("endings", endings)
    yield Test("beside", beside)
    yield Test("ten-minutes", ten_minutes)
    yield Test("moved", moved, timeout=120)
