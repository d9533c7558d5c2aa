"""The bundled kernel and its programs, on emu and on QEMU.

One kernel, one initrd, two machines: emu with its own firmware, and QEMU
`virt` with OpenSBI. Every program must print what expected/ says on both,
and the same on both to the letter, in each fork mode, with the kernel's own
checks on. The kernel uses one hart: where there are more, on emu, they stay
stopped and nobody notices.
"""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from console import (EXPECTED, alone, difference, expected,  # noqa: E402
                     lines_of, run_by_all, sections, uapp_sections)
from converse import converse  # noqa: E402
from harness import Case, Fail, Test, describe  # noqa: E402

MATRIX = ("engine", "fork", "harts")

# What /bin/all runs, in its order.
PROGRAMS = run_by_all()
# Programs that also run as the first process of a machine.
ALONE = ["t_fork", "cow", "lab5-fork", "orphan"]
# Programs whose counts are the same, whichever side of a fork runs first.
COUNTING = ["cow", "cow-count"]
# Programs that the kernel carries itself for boot=uapp, in its order.
UAPP = ["lab4", "lab5-cow", "lab5-fib", "lab5-fork"]
# What is expected of other runs.
APART = ["fork-limit-system", "fuzz", "futex", "many"]
MANY_PROCESSES = ["init=/bin/fork-limit system", "init=/bin/many"]
ALL_SECONDS = 400

PROMPT = r"emu\$ "
# proc_pid_maps(5) of /bin/maps: constants, text, data, zeroed data, stack,
# and the page that returns from signal handlers.
MAPS = [
    r"00010000-00011000 r--p 00000000 \S+ [1-9]\d* +\S*maps",
    r"00011000-00012000 r-xp 00001000 \S+ [1-9]\d* +\S*maps",
    r"00012000-00013000 rw-p 00002000 \S+ [1-9]\d* +\S*maps",
    r"00013000-00014000 rw-p 00000000 \S+ 0 *",
    r"[0-9a-f]+-[0-9a-f]+ rw-p 00000000 \S+ 0 +\[stack\]",
    r"[0-9a-f]+-[0-9a-f]+ r-xp 00000000 \S+ 0 +\[vdso\]",
]

# What a terminal must show, and what is typed then.
TERMINAL = [
    (PROMPT, "ls /bin | wc -l\n"),
    (r"\n[0-9]{2}\n" + PROMPT, "echo one > /tmp/f; echo two >> /tmp/f\n"),
    (PROMPT, "cat < /tmp/f | cat; no-such; echo status $?\n"),
    # Keys that mean nothing: an arrow, ^L, Delete, F1.
    (r"one\ntwo\n.*not found.*status 127\n" + PROMPT,
     "ec\x1b[Aho \x0cke\x1b[3~ys\x1bOP\n"),
    (r"\nkeys\n" + PROMPT, "\x1aecho after\n"),
    (r"\nafter\n" + PROMPT, "spin\n"),
    (r"spinning\n", "\x03"),
    (PROMPT, "echo status $?\n"),
    (r"status 130\n" + PROMPT, "half a li"),
    (r"half a li", "\x03"),
    (PROMPT, "bomb 500\n"),
    (r"bomb: PASS\n" + PROMPT, "t_fork && cow\n"),
    (r"child\[.*parent\[.*cow: PASS\n" + PROMPT, "ps | cat; pstree\n"),
    (r"kthreadd.*kthreadd.*" + PROMPT, "exit 5\n"),
]


def append(ctx, more):
    """The kernel's command line; init= and its arguments come last."""
    options = ["fork=" + ctx.fork]
    # Each check looks at every page of every process: too slow for thousands.
    if more not in MANY_PROCESSES:
        options.append("selfcheck=1")
    return " ".join(options + [more]).rstrip()


def emu_command(ctx, more):
    return ctx.emu_command() + ["-append", append(ctx, more)]


def qemu_command(ctx, more):
    # On a terminal the clock has to be the host's: with time skipped while
    # the guest waits, QEMU 7.2 does not get round to reading its input.
    clock = ["-icount", "shift=0,sleep=off"] if more else []
    return ["qemu-system-riscv64", "-M", "virt", "-nographic", "-no-reboot",
            *clock, "-kernel", ctx.images / "kernel" / "kernel.elf",
            "-initrd", ctx.images / "user" / "initrd.cpio",
            "-append", append(ctx, more)]


MACHINES = {"emu": emu_command, "qemu": qemu_command}


def machines(ctx):
    return ["emu"] if ctx.harts > 1 else list(MACHINES)


def boot(ctx, more):
    """A boot of each machine: name -> result."""
    return {name: ctx.run(MACHINES[name](ctx, more))
            for name in machines(ctx)}


def judge(ctx, name, found):
    """What is wrong with a program's section on either machine, or None."""
    for machine in found:
        if name not in found[machine]:
            return "did not get so far on %s" % machine
        lines, good = found[machine][name]
        wrong = difference(expected(name, ctx.fork), lines)
        if wrong or not good:
            return "on %s: %s" % (machine, wrong or "failed")
    if len({str(found[machine][name]) for machine in found}) > 1:
        return "the machines differ"
    return None


def run_all(ctx):
    """Every program, one after another in one boot of each machine."""
    results = boot(ctx, "init=/bin/all")
    found = {machine: sections(lines_of(result))
             for machine, result in results.items()}
    for name in PROGRAMS:
        yield Case(name, error=judge(ctx, name, found))
    for machine, result in results.items():
        yield Case("end on " + machine,
                   error=describe(result) if result.status else None)


def run_fenced(ctx):
    """The kernel fences all that it maps: where invalid entries are kept
    until then, too, every program runs, and none waits for a second fault."""
    result = ctx.run(emu_command(ctx, "init=/bin/all")
                     + ["--tlb", "cache-invalid", "--explain"])
    found = {"emu": sections(lines_of(result))}
    for name in PROGRAMS:
        yield Case(name, error=judge(ctx, name, found))
    missing = re.search(".*sfence.vma (?:is missing|followed).*", result.err)
    if missing or result.status or "opy-on-write" not in result.err:
        raise Fail("%s\n%s" % (missing, describe(result)))


# Of --tlb: as legal as the usual, and harsher.
TLBS = {
    "one-entry": "sets=1,ways=1,walk-cache=1",
    "lru": "sets=4,ways=2,replace=lru,walk-cache=2,asid-bits=0",
    "keeps-all": "sets=64,ways=4,replace=none,walk-cache=64,cache-invalid,"
                 "asid-bits=2",
}


def run_by_tlb(words):
    """With another TLB a program prints the same, no use of it is stale, and
    what is counted is the same in a machine that moves."""
    def check(ctx):
        log, path = ctx.tmp / "log", ctx.tmp / "json"
        for name in ("cow-count", "user-copy"):
            counts = []
            for more in (["-d", "stale_use", "-D", log],
                         ["--test-move", "1000003"]):
                result = ctx.run(emu_command(ctx, "init=/bin/" + name) + [
                    "--tlb", words, "--exit-json", path, *more])
                wanted = expected(name, ctx.fork)
                wrong = difference(wanted, alone(wanted, lines_of(result)))
                if result.status != 0 or wrong:
                    raise Fail("%s\n%s" % (wrong, describe(result)))
                counts.append(json.loads(path.read_text())["tlb"])
            if log.read_text():
                raise Fail("stale: " + log.read_text()[:1000])
            if counts[0] != counts[1]:
                raise Fail("counted %s, and %s" % tuple(counts))
    return check


def run_alone(more, name):
    """A program as the first process: its end is the machine's."""
    def check(ctx):
        wanted = expected(name, ctx.fork)
        for machine, result in boot(ctx, more).items():
            wrong = difference(wanted, alone(wanted, lines_of(result)))
            if result.status != 0 or wrong:
                raise Fail("%s: %s\n%s" % (machine, wrong, describe(result)))
    return check


def run_uapp(ctx):
    """The programs inside the kernel run in order, one after another."""
    for machine, result in boot(ctx, "boot=uapp").items():
        found = uapp_sections(lines_of(result))
        if len(found) != len(UAPP) or result.status != 0:
            raise Fail("%d programs\n%s" % (len(found), describe(result)))
        for name, (lines, good) in zip(UAPP, found):
            wrong = difference(expected(name, ctx.fork), lines)
            yield Case("%s on %s" % (name, machine),
                       error=wrong or (None if good else "failed"))


def expectations(ctx):
    """Of each program that runs it is written what it prints, and of no
    other."""
    written = {path.name for path in EXPECTED.iterdir()}
    alone = written.symmetric_difference(PROGRAMS + APART)
    if alone:
        raise Fail("run, or in expected/, alone: %s" % sorted(alone))


def status(ctx):
    """init's exit status is the machine's."""
    for name, wanted in (("true", 0), ("false", 1), ("sleep", 2)):
        for machine, result in boot(ctx, "init=/bin/" + name).items():
            if result.status != wanted:
                raise Fail("%s\n%s" % (machine, describe(result)))


def maps(ctx):
    """A process's areas are its program's segments and what exec adds."""
    for machine, result in boot(ctx, "init=/bin/maps").items():
        lines = [line for line in lines_of(result)
                 if re.match("[0-9a-f]{8,}-", line)]
        if len(lines) != len(MAPS) or not all(map(re.fullmatch, MAPS, lines)):
            raise Fail("%s\n%s" % (machine, describe(result)))


def checks_cost(ctx):
    """What the kernel's checks cost a program that forks: not five times it."""
    counts, path = [], ctx.tmp / "json"
    for flag in "01":
        ctx.expect(ctx.emu(["--exit-json", path, "-append", (
            "fork=%s init=/bin/wait-status selfcheck=" % ctx.fork) + flag]))
        counts.append(json.loads(path.read_text())["instructions"])
    if not counts[0] < counts[1] < 5 * counts[0]:
        raise Fail("%d instructions, with checks %d" % tuple(counts))


# Before init= as well as behind it.
NOT_UNDERSTOOD = ["fork=odf", "nonsense", "init=/bin/true selfcheck=2",
                  "sched=fuzz init=/bin/true"]


def misunderstood(ctx):
    """An option or a value that is not there stops the boot."""
    for words in NOT_UNDERSTOOD:
        wrong = next(word for word in words.split() if "init" not in word)
        for machine, result in boot(ctx, words).items():
            if result.status != 1 or not re.search(
                    r"\Aboot option not understood: %s\r?$" % wrong,
                    result.out[result.out.index("boot option"):], re.M):
                raise Fail("%s\n%s" % (machine, describe(result)))


def piped(ctx):
    """Commands from a pipe, and the end of input: emu alone can tell it."""
    # The terminal's echo shows the quotes, the command's output does not.
    for stdin, wanted in (("echo o''ne; false\n", 1),
                          ("echo o''ne; exit 7", 7),
                          ("echo o''ne\ntrue", 0)):
        result = ctx.run(emu_command(ctx, ""), stdin)
        if result.status != wanted or "one" not in result.out:
            raise Fail(describe(result))


# All but the byte that means the end of a terminal's input.
BYTES = "".join(map(chr, range(1, 128))).replace("\x04", "")


def input_is_whole(ctx):
    """A line may be long; what is no typing is not edited."""
    for text in ("w" * 10000, "w" * 10000 + "\n"):
        result = ctx.run(emu_command(ctx, "echo=0 init=/bin/wc -c"), text)
        if result.status or not re.search(r"^ *%d\r?$" % len(text),
                                          result.out, re.M):
            raise Fail(describe(result))
    for text in (BYTES, BYTES * 500 + "\n"):
        result = ctx.emu([ctx.images / "user/cat.elf"], text)
        if result.status or result.out != text:
            raise Fail(describe(result))


# -m, and what the kernel says of it: it reaches the first 256 GiB but a page.
SIZES = {
    "8G": r"^memory +8192 MiB at 0x80000000, 20\d{5} frames free\r?\nsv39",
    "1T": r"^memory +260095 MiB at 0x80000000, 6632\d{4} frames free\r?\n"
          r" +788481 MiB from 0x3ffffff000 on are out of reach",
}


def much_memory(ctx):
    """All that the machine can have boots, and costs only what is used."""
    for size, said in SIZES.items():
        result = ctx.emu(["-m", size, "-append",
                          "fork=%s init=/bin/cow" % ctx.fork], timeout=20)
        wrong = None
        if result.status or not re.search(said, result.out, re.M):
            wrong = describe(result)
        yield Case(size, error=wrong)


def terminal(machine):
    """The shell on a terminal: job control, ^C, a bomb, the demo."""
    def check(ctx):
        code, shown = converse(MACHINES[machine](ctx, ""), TERMINAL,
                               ctx.test.timeout * ctx.timeout_scale)
        if code != 5:
            raise Fail("status %d\n%s" % (code, shown))
    return check


def tests(ctx):
    yield Test("all", run_all, timeout=ALL_SECONDS)
    yield Test("fenced", run_fenced, timeout=ALL_SECONDS)
    if ctx.harts == 1:
        for name, words in TLBS.items():
            yield Test("tlb/" + name, run_by_tlb(words), timeout=120)
    for name in ALONE:
        yield Test("alone/" + name, run_alone("init=/bin/" + name, name))
    for name in COUNTING:
        yield Test("child-first/" + name,
                   run_alone("sched=child-first init=/bin/" + name, name))
    yield Test("uapp", run_uapp)
    yield Test("alone/fork-limit-system",
               run_alone(MANY_PROCESSES[0], "fork-limit-system"), timeout=60)
    yield Test("alone/many", run_alone(MANY_PROCESSES[1], "many"), timeout=60)
    yield Test("alone/fuzz", run_alone("init=/bin/fuzz", "fuzz"), timeout=60)
    yield Test("alone/futex", run_alone("init=/bin/futex", "futex"), timeout=60)
    yield Test("expectations", expectations)
    yield Test("much-memory", much_memory)
    yield Test("status", status)
    yield Test("maps", maps)
    yield Test("misunderstood", misunderstood)
    yield Test("checks-cost", checks_cost)
    yield Test("piped", piped)
    yield Test("input-is-whole", input_is_whole)
    for machine in machines(ctx):
        yield Test("terminal/" + machine, terminal(machine), timeout=60)
