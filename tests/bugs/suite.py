"""Wrong kernels at hand: -append bug=NAME.

Of each bug that guest/include/uapi/bugs.def has, the command of docs/bugs.md is
run: its console shows what goes wrong, and emu says where, with the line of the
kernel's source that the mistake is woven into.  The kernel proper has nothing of
all that.
"""

import json
import re

from harness import Case, Fail, Test, describe, expect

MATRIX = ("engine", "harts")

KERNEL = "guest/kernel/"
END = r"\r?$"    # of a console's line


class Bug:
    """What a bug shows: out on the console, err of emu, AT standing for the
    line of `at`, a text of a source; never: what is not to be said."""

    def __init__(self, program, status, out, err=(), at=None, typed="",
                 more=("--explain",), never=()):
        self.program, self.status, self.out = program, status, out
        self.err, self.at, self.typed = err, at, typed
        self.more, self.never = more, never

    def append(self, name):
        return "bug=" + name + (" init=/bin/" + self.program
                                if self.program else "")


BUGS = {
    "nofence": Bug(
        "stale", 1, ["^child: read 111, then 999$",
                     "^stale: the parent's store reached the child$"],
        [r"^▸ pid 1 stores to `page\.value` \(stale\.c:\d+\) through an old TLB "
         r"entry\. Since the fork the table says r-- \(mm_copy, AT\), but no "
         r"sfence\.vma followed\. No fault, no copy: pid 3 sees"],
        ("mm/space.c", "            *from = pte;\n")),
    # No TLB that fills at accesses alone can hold what was fenced.
    "early-fence": Bug(
        "stale", 0, ["^child: read 111, then 111$", "^stale: isolated$"],
        never=["▸"]),
    "keep-w": Bug(
        "stale", 1, ["^child: read 111, then 999$",
                     "^stale: the parent's store reached the child$"],
        [r"^▸ pid 1 \(stale\) forks pid 3 \(stale\)\. .* To 5 pages pid 1 can "
         r"still store, and pid 3 will see it\.$"]),
    "leak": Bug(
        "", 0, [r"used (\d+) KiB"],
        [r"^▸ Never freed: \d+ frames taken in do_page_fault \(AT\), which "
         r"nobody maps any more\."],
        ("mm/fault.c", "    page = frames_alloc(0, FRAME_ANON);\n"),
        "free\nfree\nfree\n", ("--frames", "ours")),
    "double-free": Bug(
        "cow", 1, [r"^PANIC: frames\.c:\d+: frame 0x[0-9a-f]+: count below zero$"],
        [r"^▸ pid 3 \(cow\) runs with #[0-9a-f]+ at 0x[0-9a-f]+, which is free: it "
         r"was mapped after it was freed in do_page_fault \(AT\)\.$"],
        ("mm/fault.c", "    frame_put(old);\n"), more=("--frames", "ours")),
    "no-copyout": Bug(
        "user-copy", 1,
        ["^NOT OK: read into shared pages: the parent's are as they were$",
         "^user-copy: FAIL$"],
        [r"^▸ In a system call of pid 3 the kernel \(bug_copy_out, bugs\.c:\d+\) "
         r"stores to the caller's page 0x[0-9a-f]+ \(mmap\) through its own "
         r"mapping of #[0-9a-f]+\. The page is shared with pid 1"]),
}


def line_of(ctx, at):
    """NAME:LINE of a text that a source has once."""
    path, text = at
    source = (ctx.root / KERNEL / path).read_text()
    if source.count(text) != 1:
        raise Fail("%s has %r %d times" % (path, text, source.count(text)))
    return re.escape("%s:%d" % (path.split("/")[-1],
                                source[:source.index(text)].count("\n") + 1))


def told(ctx, name):
    """The names that bugs.def has, and what of each the kernel's lines say."""
    rows = (ctx.root / "guest/include/uapi/bugs.def").read_text()
    found = dict(re.findall(r'^BUG\(\w+, "([\w-]+)", "([^"]+)"\)$', rows, re.M))
    return found[name] if name else found


def run(ctx, name, *more):
    bug = BUGS[name]
    status = bug.status
    if bug.status == 0 and "--frames" in more:
        status = 126    # emu's, of a run in which it found mistakes
    return expect(ctx.emu([*more, "-append", bug.append(name)], bug.typed,
                          timeout=60), status)


def shows(name):
    """The console has the bug's line, and what it does, told or not."""
    def test(ctx):
        bug, plain = BUGS[name], run(ctx, name)
        watched = run(ctx, name, *bug.more)
        says = "^bug       %s: %s$" % (name, re.escape(told(ctx, name)))
        expect(plain, plain.status, out=[
            text.replace("$", END) for text in (says, *bug.out)])
        if plain.out != watched.out:
            raise Fail("telling changes it\n%s%s"
                       % (describe(plain), describe(watched)))
        at = line_of(ctx, bug.at) if bug.at else ""
        for pattern in bug.err:
            if not re.search(pattern.replace("AT", at), watched.err, re.M):
                raise Fail("nothing like /%s/ at %s\n%s"
                           % (pattern, at, describe(watched)))
        for pattern in bug.never:
            if re.search(pattern, watched.err):
                raise Fail("it says /%s/\n%s" % (pattern, describe(watched)))
    return test


# The one check that finds each.
FOUND_BY = {"nofence": "tlb", "early-fence": "tlb", "keep-w": "cow",
            "no-copyout": "cow", "leak": "refs", "double-free": "uaf"}


def checked(ctx):
    """--check all finds each by the check that is for it, and by no other."""
    for name, bug in BUGS.items():
        path = ctx.tmp / "end.json"
        result = ctx.emu(["--check", "all", "--frames", "ours", "--exit-json",
                          path, "-append", bug.append(name)], bug.typed)
        end = json.loads(path.read_text())
        by = [check for check, counts in end["findings"].items()
              if check != "frames" and counts["certain"] + counts.get("may", 0)]
        right = by == [FOUND_BY[name]] and end["status"] == (bug.status or 126)
        yield Case(name, None if right else "by %s\n%s" % (by, describe(result)))


def leak_grows(ctx):
    """Each command of the shell takes memory for good; of the kernel proper
    none does."""
    def used(append):
        result = expect(ctx.emu(["-append", append], "free\n" * 4), 0)
        return [int(n) for n in re.findall(r"used (\d+) KiB", result.out)]
    right, wrong = used("init=/bin/sh"), used("bug=leak")
    if len(set(right)) != 1 or len(right) != 4:
        raise Fail("the kernel proper uses %s" % right)
    if sorted(set(wrong)) != wrong or len(wrong) != 4:
        raise Fail("with the leak %s" % wrong)


def several(ctx):
    """Bugs may be together, before and behind init=, which is no argument."""
    result = expect(ctx.emu(
        ["-append", "bug=leak init=/bin/stale bug=nofence"], ""), 1,
        out=["^bug       nofence: ", "^bug       leak: ",
             "^stale: the parent's store reached the child"])
    if "early" in result.out:
        raise Fail(describe(result))


def is_refused(word, *says):
    def test(ctx):
        result = ctx.emu(["-append", "init=/bin/true " + word], "")
        expect(result, 125, err=r"\Aemu: [^\n]*\n\Z")
        for text in says:
            if text not in result.err:
                raise Fail("no %r\n%s" % (text, describe(result)))
    return test


def proper(ctx):
    """The kernel proper has no bug, nor a word of one; it knows no bug=."""
    image = ctx.images / "kernel" / "kernel.elf"
    names = ctx.run(["nm", image]).out
    if re.search(r"\bbugs?_", names):
        raise Fail("symbols of bugs in kernel.elf")
    data = image.read_bytes()
    for name, what in told(ctx, None).items():
        yield Case(name, error="in kernel.elf" if what.encode() in data
                   or b"bug=" + name.encode() in data else None)
    result = expect(ctx.emu(
        ["-kernel", image, "-initrd", ctx.images / "user" / "initrd.cpio",
         "-append", "bug=nofence init=/bin/stale"], ""), 1,
        out="^boot option not understood: bug=nofence" + END)


def all_are_known(ctx):
    """Each has a row here and a command in docs/bugs.md."""
    names = set(told(ctx, None))
    refusal = ctx.emu(["-append", "bug=any"], "").err
    taken = set(refusal.strip().split("say ")[-1].split(", "))
    if names != set(BUGS) or names != taken:
        raise Fail("bugs.def has %s, this suite %s, emu takes %s"
                   % (sorted(names), sorted(BUGS), sorted(taken)))
    page = (ctx.root / "docs" / "bugs.md").read_text()
    for name, bug in BUGS.items():
        command = "-append '%s'" % bug.append(name)
        yield Case(name, error=None if command.replace("'bug=leak'", "bug=leak")
                   in page else "docs/bugs.md has no %s" % command)


def tests(ctx):
    for name in BUGS:
        yield Test(name, shows(name))
    yield Test("checked", checked, timeout=60)
    yield Test("leak-grows", leak_grows)
    yield Test("several", several)
    if ctx.harts == 1 and not ctx.move:
        yield Test("kernel-proper", proper)
        yield Test("all-are-known", all_are_known)
        yield Test("unknown", is_refused(
            "bug=nofense", "bug=nofense", "early-fence", "no-copyout"))
        yield Test("nameless", is_refused("bug=", "bug=:", "nofence"))
        yield Test("one-hart", is_refused("bug=no-remote", "one hart"))
