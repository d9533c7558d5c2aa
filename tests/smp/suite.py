"""Programs for several harts: what one does to another arrives, and nothing
that they share is lost.

Each program is judged on emu and on QEMU, where harts really run at the same
time.  On emu it then runs in turns of every length from 64 to 264 steps, and
in turns drawn by many seeds, with 2 to 8 harts.
"""

import re

from harness import Case, Fail, Test, describe, planned

MATRIX = ("engine",)

LINE = re.compile(r"^(not )?ok (\S+?)(?:: (.*))?$", re.M)

PROGRAMS = ("atomics", "litmus", "remote", "wake")
HARTS = (2, 3, 4, 8)
OTHERS = ("trap", "xret", "page_fault", "tlb_fill", "tlb_evict", "tlb_flush",
          "satp", "pte_write", "ad_update", "retire", "load", "store")
QUANTA = range(64, 265)
SEEDS = 100

# Where QEMU 7.2 differs: by an error, or as a machine may.
QEMU_DIFFERS = {
    # A store between LR and SC breaks the reservation, whatever it stores.
    "atomics": ["sc-after-same-value"],
    # RVWMO allows these without fences.
    "litmus": ["sb-unfenced", "mp-unfenced", "lb-unfenced", "iriw-unfenced",
               "peterson-unfenced"],
    # A TLB may forget at any time. QEMU invalidates what it has translated
    # before it stores, and misses a change if another hart comes in between.
    "remote": ["stale-elsewhere", "code-while-it-runs"],
}


def program(ctx, name):
    return ctx.build / "tests" / "smp" / (name + ".elf")


def checks_of(result):
    return list(LINE.finditer(result.out.replace("\r", "")))


def cases_of(result, lines, tolerated=()):
    if result.status not in (0, 1):
        raise Fail("no verdict\n" + describe(result))
    for line in lines:
        wrong, check, why = line.groups()
        if check not in tolerated:
            yield Case(check, error=(why or "failed") if wrong else None)


def run_on_emu(ctx, name, harts):
    return ctx.emu(["-smp", harts, program(ctx, name)])


def on_emu(name, harts):
    def test(ctx):
        result = run_on_emu(ctx, name, harts)
        return cases_of(result, planned(result, checks_of(result)))
    return test


def on_qemu(name, harts):
    """A program on QEMU, where it has to make the same checks as on emu."""
    def test(ctx):
        result = ctx.qemu(["-smp", harts, "-bios", program(ctx, name)])
        lines = planned(result, checks_of(result))
        ours = checks_of(run_on_emu(ctx, name, harts))
        if [line.group(2) for line in lines] != [o.group(2) for o in ours]:
            raise Fail("emu checks otherwise\n" + describe(result))
        return cases_of(result, lines, QEMU_DIFFERS.get(name, []))
    return test


def watched(name):
    """A turn ends where it ends, also while every instruction is watched."""
    def test(ctx):
        ends = []
        for options in ([], ["-trace-hash=commit"]):
            path = ctx.tmp / "end.json"
            ctx.expect(ctx.emu(["-smp", 4, "--exit-json", path] + options
                               + [program(ctx, name)]))
            ends.append(path.read_text())
        if ends[0] != ends[1]:
            raise Fail("watched, it ended otherwise:\n" + "".join(ends))
    return test


STALE = re.compile(r"^ *(\d+) h(\d) S .* stale_use +va=0x5000 access=load "
                   r"level=0 .* cached=\S+:DA---WRV now=\S+:DA---WRV "
                   r"satp=sv39:(\d):\S+ since=(\d+)$", re.M)


def stale_elsewhere(harts):
    """remote.c, when one hart has remapped a page and the others have not
    fenced: each of them says so, of its own TLB entry and of one store."""
    def test(ctx):
        log = ctx.tmp / "log"
        program_run = ["-smp", harts, program(ctx, "remote")]
        ctx.expect(ctx.emu(["-d", "stale_use", "-D", log] + program_run))
        lines = log.read_text()
        uses = [[int(word) for word in use] for use in STALE.findall(lines)]
        if (lines.count("\n") != harts - 1
                or [use[1:3] for use in uses]
                != [[hart, hart + 1] for hart in range(1, harts)]
                or len({use[3] for use in uses}) != 1
                or not all(use[3] < use[0] for use in uses)):
            raise Fail("reported:\n" + lines)
        ends = []
        for options in ([], ["-d", "stale_use", "-D", log]):
            result = ctx.expect(ctx.emu(["--trace-hash=%s" % ",".join(OTHERS)]
                                        + options + program_run))
            ends.append(re.search(r"trace hash .*", result.err).group(0))
        if ends[0] != ends[1]:
            raise Fail("it changes other events: %s, %s" % tuple(ends))
    return test


def rounds(firmware, path, harts, way, first, count):
    def test(ctx):
        result = ctx.run(
            [ctx.build / "tests" / "smp" / "rounds",
             ctx.build / "firmware" / "firmware.elf" if firmware else "none",
             harts, way, first, count, ctx.build / "tests" / path])
        lines = checks_of(result)
        if len(lines) != count:
            raise Fail("%d rounds, wanted %d\n%s"
                       % (len(lines), count, describe(result)))
        return cases_of(result, lines)
    return test


def tests(ctx):
    for harts in (2, 4, 8):
        yield Test("stale-%d" % harts, stale_elsewhere(harts))
    for name in PROGRAMS:
        for harts in (2, 4, 8):
            yield Test("emu-%s-%d" % (name, harts), on_emu(name, harts))
        yield Test("watched-%s-4" % name, watched(name))
        if not ctx.move:
            yield Test("qemu-%s-4" % name, on_qemu(name, 4))
    if ctx.move:
        return  # what runs these rounds is not emu
    jobs = [(name, False, "smp/%s.elf" % name) for name in PROGRAMS]
    jobs.append(("sbi", True, "firmware/harts.elf"))
    for name, firmware, path in jobs:
        for harts in HARTS:
            yield Test("quanta-%s-%d" % (name, harts),
                       rounds(firmware, path, harts, "quantum", QUANTA[0],
                              len(QUANTA)), timeout=120)
            yield Test("seeds-%s-%d" % (name, harts),
                       rounds(firmware, path, harts, "seed", 0, SEEDS),
                       timeout=120)
