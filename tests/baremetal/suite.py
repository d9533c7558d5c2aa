"""Programs that own the machine and judge it, on emu and on QEMU.

Each prints `ok NAME` or `not ok NAME: …` a check, and `passed` or `failed`
at its end. QEMU runs them to judge the programs: what it does otherwise is
listed here, with what the specification says, and tolerated there. Debian
12's QEMU 7.2 does not know every extension; QEMU 10 runs all the programs.
"""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "isa"), str(HERE)]

import stale  # noqa: E402
from harness import Case, Fail, Test, describe, planned  # noqa: E402
from judges import NEW, OLD, qemu_cpu  # noqa: E402

MATRIX = ("harts",)

LINE = re.compile(r"^(not )?ok (\S+?)(?:: (.*))?$", re.M)

# Program -> options for emu, for QEMU 7.2 (None: it is too old), for QEMU 10
# (None: it has nothing like it).
ICOUNT = ["-icount", "shift=0"]
NO_C = ["-cpu", "rv64,c=off"]


def cpu(qemu, on="", off=""):
    return ["-cpu", qemu_cpu(qemu, on, off)]


PROGRAMS = {
    "asid-bits-0": (["--tlb", "asid-bits=0"], None, None),
    "asid-bits-9": (["--tlb", "asid-bits=9"], None, None),
    "asid-bits-16": ([], None, None),  # QEMU forgets at a write of satp
    "bits": ([], [], []),
    "cbo": ([], None, []),
    "csrs": ([], None, cpu(NEW, "sscofpmf", "h")),
    "changes": ([], [], []),
    "counters": ([], ICOUNT, ICOUNT),
    "fences": ([], [], []),
    "fences-sv48": ([], [], []),
    "fences-sv57": ([], [], []),
    "hpm": ([], None, cpu(NEW, "sscofpmf") + ICOUNT),
    "htif": ([], None, None),  # QEMU's virt has none
    "ialign": (NO_C, cpu(OLD, off="c"), cpu(NEW, off="c")),
    "interrupts": ([], [], []),
    "invalid": ([], [], []),
    "invalid-cached": (["--tlb", "cache-invalid"], None, None),
    "mmio": ([], [], []),
    "mmio-strict": (["--strict-pma"], None, None),
    "phase": ([], None, None),  # QEMU's steps take no certain time
    "pmp": ([], [], []),
    "privilege": ([], [], []),
    "reservation": ([], [], []),
    "rewrite": ([], [], []),
    "sstc": ([], [], []),
    "sv39": ([], [], []),
    "sv39-svade": (["--svade"], None, cpu(NEW, "svade", "svadu")),
    "sv48": ([], [], []),
    "sv57": ([], [], []),
    "stale": ([], None, None),  # QEMU may forget, and does
    "stval": ([], [], []),
    "svadu": ([], None, []),
    "svinval": ([], cpu(OLD, "svinval"), cpu(NEW, "svinval")),
    "svnapot": ([], cpu(OLD, "svnapot"), cpu(NEW, "svnapot")),
    "svpbmt": ([], None, cpu(NEW, "svpbmt")),
    "svvptc": ([], [], []),
    "traps": ([], [], []),
    "uart-rx": ([], [], []),
    "walk-cache": ([], None, []),
    "walk-cache-kept": (["--tlb", "walk-cache=4"], None, None),
}
INPUT = {"uart-rx": "Q7\n"}

# Program -> the checks in which both QEMUs err, and what is right or what they
# do.
QEMUS_ERR = {
    # The faulting address is rs1's, not its cache block's.
    "cbo": ["inside-clean-tval", "inside-zero-tval"],
    # A written minstret is what the next instruction reads; the write itself
    # does not count. An ecall does not retire.
    "counters": ["written", "written-then-one", "ecall-retires-not"],
    # Errors: xepc[0]; an ecall from M-mode cannot be delegated; CBIE holds
    # no reserved value; without H its interrupts have no bits; a reserved
    # byte of pmpcfg, and bits 54 and up of pmpaddr. Choices of QEMU: UXL
    # and SXL can be 1, any event is kept and number, counters 19 to 31 and
    # PMP entries from 16 on do not exist, B is not in misa, it has triggers.
    "csrs": ["sepc", "mepc", "medeleg", "senvcfg", "menvcfg", "mideleg",
             "mie", "mip", "pmpcfg0-2", "pmpaddr0-15", "sstatus", "mstatus",
             "mhpmevent3-18", "mhpmevent19-31", "mhpmcounter19-31",
             "pmpcfg4-14", "pmpaddr16-63", "numbers-m", "misa", "tselect",
             "tdata1", "tdata2", "tdata3"],
    # Not an error: QEMU counts the misses of a TLB of its own.
    "hpm": ["miss", "hit", "miss-again"],
    # xepc[1] is 0 where there is no C.
    "ialign": ["mepc", "sepc"],
    # Without AIA the lowest number wins, not MEI, MSI, MTI, SEI, SSI, STI.
    "interrupts": ["first-mei", "second-msi", "third-mti", "fourth-sei"],
    # QEMU offers reservations on devices, which no hart can keep.
    "mmio": ["lr", "lr-tval", "sc", "sc-tval"],
    # QEMU takes all addresses for the range below 0.
    "pmp": ["tor-0"],
    # WARL: xepc[0] is 0, and an ecall from M-mode cannot be delegated.
    "privilege": ["medeleg-ecall-m", "sepc-bit-0"],
    # An SC without a reservation is checked before it fails.
    "reservation": ["far-denied"] + [
        "alone-" + name + what for what in ("", "-value", "-tval") for name in (
            "read-only", "unmapped", "misaligned", "user", "nowhere",
            "nowhere-misaligned", "denied")],
    # PBMT=3 is reserved.
    "svpbmt": ["reserved-load", "reserved-store", "reserved-fetch"],
    # SFENCE.W.INVAL and SFENCE.INVAL.IR are illegal in U-mode.
    "svinval": ["u-before", "u-after"],
    "traps": ["mepc-bit-0"],
    # SC and AMOs misalign as stores. QEMU 10's stval of an mret in S-mode is
    # another instruction's.
    "stval": ["sc-misaligned", "amo-misaligned", "illegal-in-s"],
}

# The checks in which QEMU 7.2 alone errs.
OLD_QEMU_ERRS = {
    # CTZW counts within the lower word.
    "bits": ["upper-top"],
    # AMOs fault as stores. QEMU 7.2 has no ADUE.
    "changes": ["s-sum-amo-cleared", "mprv-sum-amo-cleared",
                "mprv-sstatus-sum-amo-cleared", "mprv-off-amo", "pmp-amo",
                "adue-off", "adue-off-again"],
    # tval is the target, for that is misaligned.
    "ialign": ["jal-tval", "taken-tval", "s-jal-tval", "u-taken-tval"],
    # mtval is the address of the part that failed.
    "pmp": ["across-tval", "across-load-tval"],
    # WARL: MPP holds a mode that there is.
    "privilege": ["mpp-legal"],
    # A set of bits is a write, be there no bits.
    "traps": ["x0-read-only-bits"],
    # AMOs fault as stores.
    "reservation": ["amo-unmapped", "amo-nowhere"],
    "stval": ["amo-access"],
    # xRET to a mode below M clears MPRV.
    "sv39": ["mprv-cleared-by-mret"],
    "sv48": ["mprv-cleared-by-mret"],
    "sv57": ["mprv-cleared-by-mret"],
}

# Those in which QEMU 10 errs from some version after 10.0.2 on, which
# backports have.
LATER_QEMU_ERRS = {
    # LCOFI is taken when it is pending and enabled; delegated, it is a bit of
    # sip and sie.
    "hpm": ["overflow", "overflow-cycles", "step", "step-s", "sip", "sie",
            "then-lcofi", "sip-cleared"],
    "csrs": ["sip", "sie", "sip-delegated", "sie-delegated"],
}


def printed(result):
    return re.sub("[\r\0]", "", result.out)


def cases_of(result, tolerated):
    text = printed(result)
    lines = planned(result, list(LINE.finditer(text)))
    failed = [line.group(2) for line in lines if line.group(1)]
    verdict = "failed" if failed else "passed"
    if not text.endswith(verdict + "\n") or result.status != bool(failed):
        raise Fail("no verdict of its own\n" + describe(result))
    for line in lines:
        wrong, check, why = line.groups()
        if check not in tolerated:
            yield Case(check, error=why if wrong else None)


def image(ctx, name):
    return ctx.build / "tests" / "baremetal" / (name + ".elf")


def run_on_emu(ctx, name):
    return ctx.emu(PROGRAMS[name][0] + [image(ctx, name)],
                   INPUT.get(name, ""))


def on_emu(name):
    def test(ctx):
        return cases_of(run_on_emu(ctx, name), [])
    return test


def on_qemu(name, options, tolerated, newest):
    """A program on QEMU, where it has to make the same checks as on emu."""
    def test(ctx):
        result = ctx.qemu(["-bios", image(ctx, name)] + options,
                          INPUT.get(name, ""), newest=newest)
        names = [[line.group(2) for line in LINE.finditer(printed(run))]
                 for run in (result, run_on_emu(ctx, name))]
        if names[0] != names[1]:
            raise Fail("emu checks otherwise\n" + describe(result))
        version = ctx.run([result.command[0], "--version"]).out
        later = newest and "version 10.0.2 " not in version
        return cases_of(result, tolerated
                        + (LATER_QEMU_ERRS.get(name, []) if later else []))
    return test


COUNT = re.compile(r"^count (\S+) (0x[0-9a-f]+)$", re.M)
EVENT = re.compile(r"^\s*\d+ h0 . \S+ +(?:\S+ +)?(tlb_fill|page_fault|"
                   r"tlb_evict|tlb_flush|ad_update|trap) +(.*)$", re.M)
EVENTS = "tlb_fill,page_fault,tlb_evict,tlb_flush,ad_update,trap"
LEVELS = 3  # of Sv39
INTERRUPT = re.compile(r"[ms]_(software|timer|external)|counter_overflow")


def wanted_counts(log):
    """What the counters of hpm-events.c must hold, from the events.

    Every walk ends in a fill or in a fault of its own; it has loaded an entry
    for each level down to the one that decided.
    """
    events = [(kind, dict(field.split("=", 1) for field in rest.split()))
              for kind, rest in EVENT.findall(log)]
    of = {kind: [e for k, e in events if k == kind]
          for kind in EVENTS.split(",")}
    walks = of["tlb_fill"] + [
        e for e in of["page_fault"]
        if e["from_tlb"] == "0" and e["reason"] != "non_canonical"]

    def by(kind, access):
        return sum(e["access"] == access for e in kind)

    irqs = sum(bool(INTERRUPT.fullmatch(e["cause"])) for e in of["trap"])
    return {
        "0x10019": by(walks, "load"), "0x1001b": by(walks, "store"),
        "0x10021": by(walks, "fetch"), "0x100": len(walks),
        "0x101": sum(LEVELS - int(e["level"]) for e in walks),
        "0x102": by(of["page_fault"], "fetch"),
        "0x103": by(of["page_fault"], "load"),
        "0x104": by(of["page_fault"], "store"),
        "0x105": len(of["tlb_flush"]),
        "0x106": sum(int(e["entries"]) for e in of["tlb_flush"]),
        "0x107": len(of["tlb_evict"]), "0x108": len(of["ad_update"]),
        "0x109": len(of["trap"]) - irqs, "0x10a": irqs,
    }


def counts_are_events(ctx):
    """Each event counter counts its events, watched or not."""
    log = ctx.tmp / "events"
    watched = ctx.expect(ctx.emu(["-d", EVENTS, "-D", log,
                                  image(ctx, "hpm-events")]), 0)
    plain = ctx.expect(ctx.emu([image(ctx, "hpm-events")]), 0)
    if plain.out != watched.out:
        raise Fail("watching changes counts\n" + describe(plain)
                   + describe(watched))
    counts = {name: int(value, 16) for name, value
              in COUNT.findall(plain.out.replace("\r", ""))}
    for name, wanted in wanted_counts(log.read_text()).items():
        got = counts.get(name)
        yield Case(name, error=None if got == wanted and wanted else
                   "counted %s, %d events" % (got, wanted))


def timers_go_by_seed(ctx):
    """Where in a loop timers arrive: the same for a seed, another for others;
    and it is the same with more harts, of which one runs."""
    def phases(*options):
        result = ctx.expect(ctx.emu([*options, image(ctx, "phase")]), 0)
        return COUNT.findall(result.out.replace("\r", ""))
    first = phases("--seed", "1")
    if not first or phases("--seed", "1") != first:
        raise Fail("one seed, two runs: %s" % first)
    for seed in (0, 2, 3, 1 << 63):
        yield Case("seed-%d" % seed, error=None
                   if phases("--seed", seed) != first else "as with seed 1")


def all_are_run(ctx):
    """Each file is of a program, and each program that is built runs."""
    folder = ctx.root / "tests" / "baremetal"
    lines = (folder / "meson.build").read_text()
    built = set(re.findall(r"^  '([\w-]+)': \[", lines, re.M))
    left = built.symmetric_difference({
        *PROGRAMS, "hpm-events", "stale-random"}) | {
        path.name for path in folder.glob("*.c") if path.name not in lines}
    if left:
        raise Fail("not run, or not in meson.build: %s" % sorted(left))


# The pages of stale.c -> what is stale of them: the access, the level of the
# TLB entry, the flags that a walk finds.
STALE = {
    0x10000: [("store", 0, "DA--X-RV")],    # write taken
    0x11000: [("load", 0, "DA--XWRV"), ("store", 0, "DA--XWRV")],
    0x12000: [("load", 0, "0")],            # unmapped
    0x13000: [("fetch", 0, "DA--XWRV")],
    0x14000: [("store", 0, "-A--XWRV")],    # D cleared
    0x16000: [("load", 0, "DA--XWRV")],     # another ASID and page fenced
    0x400000: [("load", 0, "DA--XWRV")],    # another pointer
    0x1b000: [("fetch", 0, "0")],           # the page that runs
}


def logged(ctx, kinds, *args, stdin=""):
    log = ctx.tmp / "log"
    ctx.expect(ctx.emu(["-d", ",".join(kinds), "-D", log] + list(args), stdin,
                       timeout=120), 0)
    return log.read_text()


def kinds_but_stale(ctx):
    rows = (ctx.root / "emu/include/rvemu/events.def").read_text()
    kinds = re.findall(r"^EVENT\(\d+, (\w+),", rows, re.M)
    return [kind for kind in kinds if kind != "stale_use"]


def stale_uses(ctx):
    """A program that forgets fences: what is said of each case, and when."""
    log = logged(ctx, ["stale_use", "pte_write"], image(ctx, "stale"))
    found, changed = {}, {}
    for time, _, _, kind, fields in stale.events_of(log):
        if kind == "pte_write":
            changed[fields["pte_pa"]] = time, fields["new"]
            continue
        found.setdefault(int(fields["va"], 16) & -4096, []).append(
            (fields["access"], int(fields["level"]),
             fields["now"].split(":")[-1]))
        if changed[fields["pte_pa"]][0] != int(fields["since"]):
            raise Fail("not since the store: %s" % fields)
    for va in sorted(set(found) | set(STALE)):
        yield Case("%#x" % va, error=None if found.get(va) == STALE.get(va)
                   else "reported %s" % found.get(va))
    if found != STALE:
        raise Fail(log)


def same_without_stale(ctx, name, stdin=""):
    """All other events are what they are while nobody asks for stale uses, and
    stale uses while nobody asks for anything else. The log of all."""
    kinds = kinds_but_stale(ctx)
    logs = [logged(ctx, kinds, image(ctx, name), stdin=stdin),
            logged(ctx, kinds + ["stale_use"], image(ctx, name), stdin=stdin),
            logged(ctx, ["stale_use"], image(ctx, name), stdin=stdin)]
    lines = logs[1].splitlines()
    others = [line for line in lines if " stale_use " not in line]
    uses = [line for line in lines if " stale_use " in line]
    if others != logs[0].splitlines():
        raise Fail("%s: stale_use changes other events" % name)
    if uses != logs[2].splitlines():
        raise Fail("%s: others change stale_use" % name)
    return logs[1]


def stale_changes_nothing(ctx):
    for name in ("stale", "fences", "sv39", "svadu", "svinval"):
        same_without_stale(ctx, name)
        yield Case(name)


RANDOM_STALE = 12, 3    # seeds: plainly, and with more harts or moved


def stale_at_random(ctx):
    """Random tables, fences and accesses: the oracle's uses and emu's."""
    uses = 0
    seeds = RANDOM_STALE[ctx.harts > 1 or bool(ctx.move)]
    for seed in range(seeds):
        log = same_without_stale(ctx, "stale-random", "%d\n" % seed)
        got, wanted = stale.reported(log), stale.judge(log).uses
        uses += len(wanted)
        odd = sorted(set(got) ^ set(wanted))
        yield Case("seed-%d" % seed, error=None if got == wanted else
                   "emu says %d, the oracle %d; first %s %s"
                   % (len(got), len(wanted), odd[:1],
                      "is emu's" if odd[:1] and odd[0] in got else ""))
    if uses < 10 * seeds:
        raise Fail("only %d stale uses" % uses)


WALK_CACHE = ["--tlb", "walk-cache=4"]


def stale_pointers(ctx):
    """A walk that goes on from a pointer which was changed is a stale use of
    that one, from the access on that makes it."""
    kinds = ["stale_use", "pte_write", "tlb_fill"]
    program = [*WALK_CACHE, image(ctx, "walk-cache-kept")]
    log = logged(ctx, kinds, *program)
    uses, changed = 0, {}
    for time, _, _, kind, fields in stale.events_of(log):
        if kind == "pte_write":
            changed[fields["pte_pa"]] = time
        if kind != "stale_use":
            continue
        uses += 1
        if changed[fields["pte_pa"]] != int(fields["since"]):
            raise Fail("not since the store: %s" % fields)
    source = (ctx.root / "tests/baremetal/walk-cache.c").read_text()
    wanted = len(re.findall(r'check\("[^"]+",[^;]*(?:OLD_OR|KEEPS)', source))
    if uses != wanted:
        raise Fail("%d stale uses, %d checks\n%s" % (uses, wanted, log))
    plain = logged(ctx, kinds[1:], *program)
    if plain.splitlines() != [line for line in log.splitlines()
                              if " stale_use " not in line]:
        raise Fail("stale_use changes other events")


# Of --tlb, and whether every walk that is not refused makes an entry.
SHAPES = {
    "stats": True,
    "sets=1,ways=1": True,
    "sets=2,ways=3,replace=lru": True,
    "sets=1,ways=4,replace=random": True,
    "sets=1,ways=2,replace=none": False,
    "sets=1,ways=4,walk-cache=1": True,
    "ways=2,replace=lru,walk-cache=3": True,
    "sets=1,ways=2,replace=none,walk-cache=2": False,
}
PAGES = {"4K": "0", "2M": "1", "1G": "2"}   # with their level
ROW = re.compile(r"^  (fetch|load|store|walk cache) +(\w*) +(\d+) +(\d+) +(\d+)$",
                 re.M)


def counted(ctx, shape, program, *options, stdin=""):
    """What was counted of hart 0's TLB, and what was printed of it."""
    path = ctx.tmp / "json"
    result = ctx.expect(ctx.emu(
        ["--tlb", shape + ",stats", "--exit-json", path, *options,
         image(ctx, program)], stdin, timeout=120), 0)
    return json.loads(path.read_text())["tlb"][0], result.err


def numbers(row):
    return [row[name] for name in ("hits", "misses", "evictions")]


def expect_table(counts, text):
    rows = {(what, page): [int(n) for n in more]
            for what, page, *more in ROW.findall(text)}
    wanted = {(what, page): numbers(row) if isinstance(row, dict)
              else [0, row, 0]
              for what in ("fetch", "load", "store")
              for page, row in counts[what].items()}
    if counts["walk_cache"]["hits"]:
        wanted["walk cache", ""] = numbers(counts["walk_cache"])
    wanted = {key: row for key, row in wanted.items() if any(row)}
    if rows != wanted:
        raise Fail("printed %s, for programs %s" % (rows, wanted))


def expect_events(counts, log, fills):
    """Misses, evictions and refusals are events."""
    events = [(kind, dict(field.split("=", 1) for field in rest.split()))
              for kind, rest in EVENT.findall(log)]
    for access in ("fetch", "load", "store"):
        for page, level in PAGES.items():
            got = counts[access][page]["misses"]
            wanted = sum(kind == "tlb_fill" and e["access"] == access
                         and e["level"] == level for kind, e in events)
            if got != wanted if fills else got < wanted:
                raise Fail("%s %s: %d misses, %d events"
                           % (access, page, got, wanted))
        wanted = sum(kind == "page_fault" and e["access"] == access
                     and e["from_tlb"] == "0"
                     and e["reason"] != "non_canonical" for kind, e in events)
        if counts[access]["refused"] != wanted:
            raise Fail("%s: %d refused, %d events"
                       % (access, counts[access]["refused"], wanted))
    evictions = sum(row["evictions"] for access in ("fetch", "load", "store")
                    for row in counts[access].values()
                    if isinstance(row, dict))
    wanted = sum(kind == "tlb_evict" for kind, _ in events)
    if evictions != wanted:
        raise Fail("%d evictions, %d events" % (evictions, wanted))


def expect_all(ctx, shape, counts):
    """Each load and store that is translated is a look-up, be it refused; the
    load and the store of an AMO are one, a store's."""
    log = logged(ctx, ["load", "store", "page_fault"], "--tlb", shape,
                 image(ctx, "stale-random"), stdin="3\n")
    seen = {"load": 0, "store": 0}
    loaded = None
    for time, mode, _, kind, fields in stale.events_of(log):
        what = fields["access"] if kind == "page_fault" else kind
        if mode == "M" or what not in seen:
            continue
        seen[what] += 1
        if kind == "store" and time == loaded:
            seen["load"] -= 1
        loaded = time if kind == "load" else None
    for access, wanted in seen.items():
        row = counts[access]
        got = row["refused"] + sum(
            row[page]["hits"] + row[page]["misses"] for page in PAGES)
        if got != wanted or not got:
            raise Fail("%s: %d look-ups, %d events" % (access, got, wanted))


def tlb_counts(ctx):
    """What is counted is what happens, however the machine is run, and is told
    alike to people and programs."""
    for shape, fills in SHAPES.items():
        log = ctx.tmp / "log"
        run = ["stale-random", "-d", EVENTS, "-D", log]
        counts, text = counted(ctx, shape, *run, stdin="3\n")
        expect_table(counts, text)
        expect_events(counts, log.read_text(), fills)
        expect_all(ctx, shape, counts)
        for how in ([], ["-d", "commit,stale_use", "-D", log],
                    ["--test-move", "997"], ["--quantum", "64"]):
            again, _ = counted(ctx, shape, "stale-random", *how, stdin="3\n")
            if again != counts:
                raise Fail("%s, %s: %s\nand %s" % (shape, how, counts, again))
        yield Case(shape)


def tests(ctx):
    if not ctx.move:
        yield Test("all-are-run", all_are_run)
    yield Test("emu-hpm-events", counts_are_events)
    yield Test("emu-timers-go-by-seed", timers_go_by_seed)
    yield Test("emu-stale-uses", stale_uses)
    yield Test("emu-stale-changes-nothing", stale_changes_nothing, timeout=120)
    yield Test("emu-stale-at-random", stale_at_random, timeout=300)
    yield Test("emu-stale-pointers", stale_pointers)
    yield Test("emu-tlb-counts", tlb_counts, timeout=300)
    for name, (_, old, new) in PROGRAMS.items():
        errs = QEMUS_ERR.get(name, [])
        yield Test("emu-" + name, on_emu(name))
        if ctx.harts > 1 or ctx.move:
            continue
        if new is not None:
            yield Test("qemu10-" + name, on_qemu(name, new, errs, True))
        if old is not None:
            yield Test("qemu-" + name, on_qemu(
                name, old, errs + OLD_QEMU_ERRS.get(name, []), False))
