"""What comes by itself when a run ends otherwise than its guest wanted.

A kernel fails in as many ways as there are (kernel.c), and each time the
report has to name what went wrong: addr2line and the comments of the source
judge function and line, the kernel itself says how its page tables map the
address.  No report has more than 25 lines, and a good run has none.
"""

import json
import re

from harness import Case, Fail, Test, describe

CROSS = "riscv64-unknown-elf-"
LONGEST = 25
FRAME = re.compile(r"^  #\d+ 0x([0-9a-f]+) (.*?) \(([\w.]+:\d+)\)"
                   r"( \(U-mode\))?(.*)$", re.M)
LEVEL = re.compile(r"^  level (\d): 0x([0-9a-f]+) → (0x[0-9a-f]{16}|0\b|"
                   r"[0-9a-f]+:[-A-Z]+)", re.M)
FLAGS = "VRWXUGAD"


def image(ctx, name="kernel"):
    return ctx.build / "tests" / "mortem" / (name + ".elf")


def fail(ctx, scenario, args=("--fail-on", "^panic"), status=1):
    """The kernel fails so; what emu said of it, at most so many lines."""
    result = ctx.expect(ctx.emu(
        ["--symbols", image(ctx, "program"), "-append", "run=" + scenario]
        + list(args) + [image(ctx)]), status, err=r"\Aemu: ")
    lines = result.err.splitlines()
    if not 3 <= len(lines) <= LONGEST:
        raise Fail("%d lines\n%s" % (len(lines), describe(result)))
    for pc, function, line, user, _ in FRAME.findall(result.err):
        if (function, line) != at_address(ctx, pc, user):
            raise Fail("%s is not %s (%s)\n%s" % (
                pc, function, line, describe(result)))
    return result


def at_address(ctx, pc, user):
    """Function and line, as binutils say."""
    out = ctx.expect(ctx.run(
        [CROSS + "addr2line", "-f", "-e",
         image(ctx, "program" if user else "kernel"), "0x" + pc])).out.split()
    return out[0], out[1].split("/")[-1]


def line_of(ctx, comment, name="kernel.c"):
    """Where the source has this comment, as "kernel.c:12"."""
    text = (ctx.root / "tests/mortem" / name).read_text().splitlines()
    found = [n for n, line in enumerate(text, 1)
             if line.endswith("/* %s */" % comment)]
    if len(found) != 1:
        raise Fail("'%s' is in lines %s" % (comment, found))
    return "%s:%d" % (name, found[0])


def says(result, *patterns):
    """Lines that match these, in this order."""
    at = 0
    for pattern in patterns:
        match = re.compile(pattern, re.M).search(result.err, at)
        if not match:
            raise Fail("no /%s/ there\n%s" % (pattern, describe(result)))
        at = match.end()


def functions(result):
    """Who was called, the latest first; "?" for who has no name."""
    return [name.rstrip(":") for name in re.findall(
        r"^  #\d+ 0x[0-9a-f]+ (\S+)", result.err, re.M)]


def calls(result, *wanted):
    if functions(result) != list(wanted):
        raise Fail("calls %s\n%s" % (functions(result), describe(result)))


def entry_text(pte):
    """As events write an entry."""
    if not pte:
        return "0"
    if pte >> 54 or pte & 6 == 4:  # malformed: its flags mean nothing
        return "0x%016x" % pte
    return "%x:%s" % (pte >> 10 & (1 << 44) - 1, "".join(
        FLAGS[bit] if pte >> bit & 1 else "-" for bit in (7, 6, 5, 4, 3, 2, 1,
                                                          0)))


def walks(result, told):
    """The walk is that which the kernel itself has printed."""
    wanted = [tuple(int(word, 16) for word in line) for line in re.findall(
        r"^walk (\S+) (\S+) (\S+?)\r?$", result.out, re.M)]
    seen = [(int(level), int(at, 16), text)
            for level, at, text in LEVEL.findall(result.err)]
    pattern = [(level, at, None) for level, at, _ in wanted]
    if [(level, at, None) for level, at, _ in seen] != pattern or not seen:
        raise Fail("walk %s\n%s" % (wanted, describe(result)))
    for (_, _, text), (_, _, pte) in list(zip(seen, wanted))[:told]:
        if flat(text) != flat(entry_text(pte)):
            raise Fail("%s is not %s\n%s" % (text, entry_text(pte),
                                             describe(result)))


def flat(text):
    """An entry's frame and the set of its flags."""
    frame, _, flags = text.partition(":")
    return frame, frozenset(flags) - {"-"}


STORE = "the kernel's store"


def null(ctx):
    """A null pointer in the kernel, and a panic."""
    result = fail(ctx, "null")
    says(result, r'^emu: the console printed what --fail-on looks for: "panic: '
         'a trap of the kernel"$', r"^hart 0, in the kernel, stored to 0x0 in store_to \(%s\): "
         "nothing is mapped there$" % line_of(ctx, STORE),
         r"cause 15 \(store_page_fault\), tval 0x0, pc 0x800", "^the calls on hart 0",
         "^the page table for 0x0, satp 0x8", "which decides: V=0",
         "that entry has not changed", "^To see more: .*--explain")
    calls(result, "panic", "kernel_trap", "kernel_vector", "store_to",
          "uvmcopy", "null", "kernel_main")
    walks(result, 3)


def unmapped(ctx):
    """What changed the entry last."""
    result = fail(ctx, "unmapped")
    says(result, r"stored to 0x50008 in store_to", "which decides: V=0",
         r"^  unmapped at [\d,]+ ns by hart 0, unmap_window \(%s\) .* → 0\)$"
         % line_of(ctx, "unmapped"),
         r"^  mapped at [\d,]+ ns by hart 0, map_window \(%s\) \(0 → "
         % line_of(ctx, "mapped"))
    walks(result, 3)


def bulk(ctx):
    """Where a routine that copies traps, its caller is told, and is the place
    for programs."""
    path = ctx.tmp / "end.json"
    result = fail(ctx, "bulk", ["--fail-on", "^panic", "--exit-json", path])
    asks = line_of(ctx, "asks for a copy")
    says(result, r"^hart 0, in the kernel, stored to 0x50000 in memmove \(%s\), "
         r"called by copy_out \(%s\): nothing is mapped there$"
         % (line_of(ctx, "the copy's store"), asks))
    at = json.loads(path.read_text())["at"]
    if ("%s:%s" % (at["file"], at["line"]), at["function"]) != (asks, "copy_out"):
        raise Fail("%s\n%s" % (at, describe(result)))


def filled(ctx):
    """A pointer from memory that was filled is called one."""
    says(fail(ctx, "filled"), r"^hart 0, in the kernel, stored to "
         r"0x505050505050515 in store_to .*: that is no address",
         "^  each byte of that address is 0x05: a pointer from memory that was "
         "filled with it, as when it was freed$")


def malformed(ctx):
    """Of an entry that no hart takes no flags are told, but what is wrong."""
    for scenario, flaw in (("malformed", "reserved bits are not 0"),
                           ("malformed-rights", "W=1, R=0")):
        for args in ([], ["--timeout", "0.1"]):
            result = fail(ctx, scenario, ["--fail-on", "^panic"] + args)
            says(result, r"^hart 0, in the kernel, stored to 0x50000 in store_to "
                 r".*: its page-table entry is malformed$",
                 r"^  level 0: .*, which decides: malformed: %s$" % flaw)
            walks(result, 3)


def outside(ctx):
    """Entries that point to where there is no RAM."""
    result = fail(ctx, "outside")
    says(result, r"stored to 0x50000 in store_to .*: no memory is there",
         r"^  level 0: .* → 4000000:\S+, outside RAM$")
    walks(result, 3)
    result = fail(ctx, "outside-table")
    says(result, r"stored to 0x400000 in store_to .*: a page table of it is "
         "out of reach$",
         r"^  level 1: .* → 4000000:\S+, a pointer, outside RAM$",
         r"^  level 0: 0x4000000000 is not in RAM$")


def loop(ctx):
    """A trap vector that is not mapped, with a record and without."""
    for args in ([], ["--timeout", "50"]):
        result = fail(ctx, "loop", args)
        says(result, "^emu: hart 0 is lost: ",
             r"^hart 0, in the kernel, stored to 0x0 in store_to \(%s\): "
             "nothing" % line_of(ctx, STORE),
             "that led to 1 more trap, the last: fetch_page_fault at 0x2000, "
             "over and over$", "^  #0 0x2000 .*fetch_page_fault")
        calls(result, "?", "store_to", "uvmcopy", "loop", "kernel_main")
        walks(result, 3)


def overflow(ctx):
    """The stack of the kernel runs into nothing."""
    result = fail(ctx, "overflow", ["--max-insns", "20000"], 124)
    says(result, r"^the stack has overflowed: sp was 0x403fe[0-9a-f]{3}, where "
         r"nothing is mapped$",
         r"^hart 0, in the kernel, stored to 0x403fe[0-9a-f]{3} in "
         r"recurse \(%s\): nothing" % line_of(ctx, "the stack grows"),
         r"that led to [\d,]+ more traps, the last: store_page_fault",
         r"kernel_vector .* \d times$",
         r"recurse .*: trapped here, store_page_fault$",
         r"recurse .* \d+ times$", r"\bkernel_main\b")


def nested(ctx):
    """Where there are more calls than lines, those that led to the first trap
    are shown, and of what it called since the latest."""
    result = fail(ctx, "nested", ["--max-insns", "200000"], 124)
    says(result, r"^  #0 \w+ spin ", r"^  … \d+ more$",
         r"level0 \(%s\): trapped here, " % line_of(ctx, "to where nothing is"),
         r"\blevel1\b", r"\blevel2\b", r"^  … \d+ more$", r"\bkernel_main\b")


def forever(ctx):
    """A loop that nothing ends."""
    result = fail(ctx, "forever", ["--max-insns", "5000000"], 124)
    says(result, r"^hart 0 is in spin \(%s\), S-mode, interrupts off, as at "
         r"each of \d looks in the last [\d,]+ ns$" % line_of(ctx, "spins"),
         "^  in a loop that reads flag over and over$")
    calls(result, "spin", "forever", "kernel_main")


def deadlock(ctx):
    """Two harts, two locks, and each has the one that the other wants."""
    result = fail(ctx, "deadlock", ["-smp", "2", "--max-insns", "5000000"],
                  124)
    acquire = line_of(ctx, "waits for the lock")
    says(result, r"^hart 0 is in acquire \(%s\)" % acquire,
         "reads lock_b over", r"take_a_then_b \(%s\)"
         % line_of(ctx, "hart 0's second lock"),
         r"^hart 1 is in acquire \(%s\)" % acquire,
         "reads lock_a over", r"take_b_then_a \(%s\)"
         % line_of(ctx, "hart 1's second lock"))
    calls(result, "acquire", "take_a_then_b", "deadlock", "kernel_main",
          "acquire", "take_b_then_a", "kernel_main")


def silent(ctx):
    """Nothing can wake the machine."""
    result = fail(ctx, "silent", [], 124)
    says(result, "^emu: deadlock: ", r"^hart 0 waits \(wfi\) in idle \(%s\)"
         % line_of(ctx, "waits"), "^To see more: .* --timeout 60")
    calls(result, "idle", "silent", "kernel_main")


def user(ctx):
    """A fault of a program that the kernel does not know how to answer."""
    result = fail(ctx, "user")
    says(result, r"^hart 0, in the program program\.elf, stored to 0x40000 in "
         r"touch \(%s\): nothing is mapped there$"
         % line_of(ctx, "the program's store", "program.c"))
    calls(result, "panic", "user_trap", "touch", "work", "program_main")
    walks(result, 3)


def shared(ctx):
    """Another space maps the same frame."""
    result = fail(ctx, "shared")
    says(result, r"stored to 0x40000 .*: the page may not be written \(W=0\)$",
         "which decides: W=0, and this is a store",
         r"^  its frame #([0-9a-f]+) is mapped 2 times: program\.elf, root "
         r"#([0-9a-f]+) at 0x40000, root #(?!\2)[0-9a-f]+ at 0x40000$")
    walks(result, 3)


def unfenced(ctx):
    """The table says one thing and the TLB another."""
    result = fail(ctx, "unfenced")
    says(result, r"stored to 0x40000 .* may not be written \(W=0\)$",
         "by now; at the fault .* decided: W=0",
         r"^  W given, D given at .* allow_target \(%s\)"
         % line_of(ctx, "W is given"),
         r"^  the TLB of hart 0 does not know: it still has \S*U--RV, and goes "
         r"by that until an sfence\.vma$")
    walks(result, 2)


def answered(ctx):
    """A fault that was answered is not what went wrong: after it the same
    kernel runs into a limit."""
    result = fail(ctx, "answered", ["--max-insns", "5000000"], 124)
    says(result, r"^hart 0 is in touch_on \(", r"\(U-mode\)")
    if "store_page_fault" in result.err:
        raise Fail("blames a fault\n" + describe(result))


def limits(ctx):
    """--timeout is a limit like --max-insns."""
    result = fail(ctx, "forever", ["--timeout", "0.5"], 124)
    says(result, "^emu: stopped by --timeout$", "^hart 0 is in spin ")


ADVICE = "-fno-omit-frame-pointer"


def without_pointers(ctx):
    """The kernel, compiled without frame pointers."""
    command = ctx.expect(ctx.run(
        ["ninja", "-C", ctx.build, "-t", "commands",
         "tests/mortem/kernel.elf"])).out.splitlines()[-1]
    path = ctx.tmp / "kernel.elf"
    command = command.replace("-fno-omit-frame-pointer", "").replace(
        "-o tests/mortem/kernel.elf", "-o %s" % path)
    ctx.expect(ctx.run(["sh", "-c", command], cwd=str(ctx.build)))
    return path


def no_pointers(ctx):
    """Without frame pointers no frame is made up, and that is said."""
    result = ctx.expect(ctx.emu(["--fail-on", "^panic", "-append", "run=null",
                                 without_pointers(ctx)]), 1)
    says(result, "^hart 0, in the kernel, stored to 0x0 in store_to ",
         "^  #0 .* panic", "^  no frame pointer .* " + ADVICE)
    calls(result, "panic")


def no_advice(ctx):
    """Frame pointers are not asked for where there are some, nor where the
    stack that would have led on is destroyed: that is said instead."""
    for scenario, args, status in (
            ("null", ["--fail-on", "^panic"], 1), ("silent", [], 124),
            ("user", ["--fail-on", "^panic"], 1),
            ("forever", ["-smp", "3", "--max-insns", "5000000"], 124)):
        result = fail(ctx, scenario, args, status)
        yield Case(scenario, describe(result) if ADVICE in result.err or
                   "destroyed" in result.err else None)
    result = ctx.expect(ctx.emu(
        ["--fail-on", "^panic", "-append", "run=overflow-caught",
         without_pointers(ctx)]), 1)
    says(result, "^the stack has overflowed: ", "^  #0 ",
         "^  the stack, where the others would be, is destroyed$")
    yield Case("overflow", describe(result) if ADVICE in result.err else None)


def many_harts(ctx):
    """Eight harts have a line each, and more where there is room."""
    for harts in 3, 8:
        result = fail(ctx, "forever", ["-smp", harts, "--max-insns",
                                       "5000000"], 124)
        told = re.findall(r"^hart (\d) is in (\w+)", result.err, re.M)
        if told != [("0", "spin")] + [(str(hart), "kernel_main")
                                      for hart in range(1, harts)]:
            raise Fail("%s\n%s" % (told, describe(result)))


def good(ctx):
    """A good run is told nothing of, whatever its options."""
    for args in ([], ["--timeout", "20"], ["--max-insns", "100000"],
                 ["--fail-on", "panic"]):
        result = ctx.expect(ctx.emu(
            ["-append", "run=end"] + args + [image(ctx)]), 0)
        yield Case(" ".join(args) or "none",
                   describe(result) if result.err else None)


def for_programs(ctx):
    """--exit-json says the same."""
    path = ctx.tmp / "end.json"
    result = fail(ctx, "null", ["--fail-on", "panic", "--exit-json", path])
    at = json.loads(path.read_text())["at"]
    name, line = line_of(ctx, STORE).split(":")
    if (at["function"], at["file"], at["line"], at["cause"], at["address"],
            at["hart"]) != ("store_to", name, int(line), "store_page_fault",
                            "0x0", 0):
        raise Fail("%s\n%s" % (at, describe(result)))


def same_events(ctx):
    """A record of what happens changes nothing that happens."""
    hashes = {re.findall(r"^trace hash .*$", ctx.expect(ctx.emu(
        ["--trace-hash", "-append", "run=unmapped", "--no-reboot"] + args
        + [image(ctx)]), status).err, re.M)[0]
              for args, status in (
                  (["--stop-on", "^panic"], 0), (["--fail-on", "^panic"], 1))}
    if len(hashes) != 1:
        raise Fail("hashes %s" % hashes)


def tests(ctx):
    for name, check in (
            ("null", null), ("unmapped", unmapped), ("loop", loop),
            ("overflow", overflow), ("nested", nested), ("bulk", bulk),
            ("filled", filled), ("malformed", malformed),
            ("outside", outside),
            ("forever", forever),
            ("deadlock", deadlock), ("silent", silent), ("user", user),
            ("shared", shared), ("unfenced", unfenced),
            ("answered", answered), ("limits", limits),
            ("no-pointers", no_pointers), ("no-advice", no_advice), ("many-harts", many_harts),
            ("good", good),
            ("for-programs", for_programs), ("same-events", same_events)):
        yield Test(name, check)
