"""The firmware, judged by S-mode programs that call it, on QEMU and on emu.

The programs print `ok NAME` and `not ok NAME: …` lines, each counted as a
case, and power off as passed or failed.
"""

import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "isa"))

import judges  # noqa: E402
from harness import (Case, Fail, Skip, Test, describe,  # noqa: E402
                     expect, planned)

LINE = re.compile(r"^(not )?ok (\S+?)(?:: (.*))?$", re.M)
GREETING = r"\Aemu firmware \d+\.\d+, SBI 2\.0, %s\r?\n"
# What QEMU boots with. Debian 13 has no ELF file of it that could be loaded:
# there it is linked at 0 and relocates itself.
OPENSBI = Path("/usr/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin")
OPENSBI_VERSION = re.compile(r"^OpenSBI v(\d+)\.(\d+)", re.M)
ENDS = r"^ends\r?$"
# Payloads that end the machine, and the status that they end it with.
ENDINGS = (("shutdown", 0), ("failure", 1), ("legacy-shutdown", 0))


def payload(ctx, name):
    return ctx.build / "tests" / "firmware" / (name + ".elf")


def on_qemu(ctx, name, *options):
    firmware = ctx.build / "firmware" / "firmware.elf"
    return ctx.run(["qemu-system-riscv64", "-M", "virt", "-nographic",
                    "-bios", firmware, "-kernel", payload(ctx, name)]
                   + list(options))


def on_emu(ctx, name, *options):
    return ctx.emu(list(options) + [payload(ctx, name)])


def cases_of(result):
    lines = planned(result, list(LINE.finditer(result.out.replace("\r", ""))))
    for number, line in enumerate(lines, 1):
        failed, name, why = line.groups()
        yield Case("%02d-%s" % (number, name), error=why if failed else None)
    yield Case("status", error=None if result.status == 0
               else describe(result))


def all_are_called(ctx):
    """Of each row of sbi_extensions.def a payload knows the number."""
    table = (ctx.root / "firmware" / "sbi_extensions.def").read_text()
    payloads = (ctx.root / "tests" / "firmware").glob("*.[ch]")
    known = {int(number, 16) for path in payloads
             for number in re.findall(r"\b0x[0-9a-f]+\b", path.read_text())}
    for number, name in re.findall(r"^EXTENSION\((\w+), (\w+)\)", table, re.M):
        yield Case(name, error=None if int(number, 16) in known
                   else "nobody calls it")


def program(machine, name, harts, *options):
    def run(ctx):
        result = machine(ctx, name, *options)
        expect(result, None, GREETING % harts)
        return cases_of(result)
    return run


# Where OpenSBI does otherwise: it takes a busy counter anew and sets beyond the
# last counter, its fixed counters run for ever, and it counts requests, not the
# harts they go to.
OPENSBI_PMU = {"busy", "config-no-counter", "config-far", "fixed-start",
               "fixed-stopped", "fixed-value", "fixed-runs-on",
               "harts-ipi-sent", "harts-fence-i-sent", "harts-fence-sent",
               "harts-fence-asid-sent", "harts-received"}
# From OpenSBI 1.6 on a hart's IPI to itself is done on the spot and not
# counted; SBI, "PMU firmware events", speaks of IPIs to and from "other HART".
OPENSBI_1_6_PMU = {"ipi-sent", "ipi-received"}
PMU_CPU = ["-cpu", judges.qemu_cpu(judges.NEW, on="sscofpmf"),
           "-icount", "shift=0"]


# Versions of QEMU after 10.0.2 do not show LCOFI in sip.
LATER_QEMU_PMU = {"overflow"}


def is_among(case, checks):
    """Whether the case is one of these checks or the verdict over all."""
    return case.name == "status" or case.name.split("-", 1)[1] in checks


def opensbi_errs(result):
    """What the OpenSBI that ran there does otherwise."""
    found = OPENSBI_VERSION.search(result.out)
    if not found:
        raise Fail("no OpenSBI\n" + describe(result))
    later = tuple(map(int, found.groups())) >= (1, 6)
    return OPENSBI_PMU | (OPENSBI_1_6_PMU if later else set())


# What of A and D a hart has, as -cpu has it -> whether that can be switched.
AD_CHOICES = {"svadu=on,svade=off": False, "svadu=off,svade=on": False,
              "svadu=on,svade=on": True}


def ad_choice(machine, cpu, choice):
    """Hardware updates can be switched where both Svade and Svadu are."""
    def run(ctx):
        result = machine(ctx, "features", "-smp", "2", "-cpu", "rv64," + cpu)
        yield from cases_of(result)
        if bool(re.search(r"^ok ad-reset", result.out, re.M)) != choice:
            raise Fail("choice wanted: %s\n%s" % (choice, describe(result)))
    return run


def on_new_qemu(ctx, name, *options):
    firmware = ctx.build / "firmware" / "firmware.elf"
    return ctx.qemu(["-kernel", payload(ctx, name), "-bios", firmware]
                    + list(options), newest=True)


def pmu_on_qemu(harts, bios):
    def run(ctx):
        firmware = ctx.build / "firmware" / "firmware.elf"
        result = ctx.qemu(["-kernel", payload(ctx, "pmu"), "-smp", harts]
                          + (["-bios", firmware] if bios else []) + PMU_CPU,
                          newest=True)
        version = ctx.run([result.command[0], "--version"]).out
        errs = set() if bios else opensbi_errs(result)
        if "version 10.0.2 " not in version:
            errs = errs | LATER_QEMU_PMU
        for case in cases_of(result):
            if not errs or not is_among(case, errs):
                yield case
    return run


def opensbi_image():
    if not OPENSBI.exists():
        raise Skip("QEMU's OpenSBI is not here")
    return OPENSBI


def pmu_on_opensbi(ctx):
    """OpenSBI finds and runs this machine's counters."""
    result = ctx.emu(["-bios", opensbi_image(), payload(ctx, "pmu")])
    for case in cases_of(result):
        if not is_among(case, opensbi_errs(result)):
            yield case


def ending(machine, name, status):
    def run(ctx):
        expect(machine(ctx, name), status, ENDS)
    return run


def reboots_on_qemu(ctx):
    """RAM survives QEMU's reset: the second boot knows that it is one."""
    out = expect(on_qemu(ctx, "reboot"), 0).out
    if len(re.findall(ENDS, out, re.M)) != 2:
        raise Fail("did not boot twice:\n" + out)


def reboots_on_emu(ctx):
    report = ctx.tmp / "exit.json"
    expect(on_emu(ctx, "reboot", "-no-reboot", "--exit-json", report), 0, ENDS)
    if json.loads(report.read_text())["reason"] != "reset":
        raise Fail("no reset: " + report.read_text())


def device_tree(ctx, edit):
    """QEMU's own device tree, after edit() of its source."""
    blob, source = ctx.tmp / "virt.dtb", ctx.tmp / "virt.dts"
    expect(ctx.qemu(["-machine", "dumpdtb=%s" % blob]))
    expect(ctx.run(["dtc", "-q", "-o", source, blob]))
    source.write_text(edit(source.read_text()))
    expect(ctx.run(["dtc", "-q", "-o", blob, source]))
    return blob


def trap_inside(ctx):
    """A machine that is not as its tree says: one line, and failure."""
    tree = device_tree(ctx, lambda text: text.replace(
        "reg = <0x00 0x2000000 0x00 0x10000>",
        "reg = <0x00 0x2f00000 0x00 0x10000>"))
    expect(on_qemu(ctx, "inside", "-dtb", tree), 1,
           r"^emu firmware: trap in M-mode, hart 0x0 cause 0x7 "
           r"pc 0x80\w+ tval 0x2f00000\r?$")


def no_clint(ctx):
    """A tree without what the firmware cannot do without is refused."""
    tree = device_tree(ctx, lambda text: re.sub(
        r'compatible = "sifive,clint0.*', 'compatible = "none";', text))
    expect(on_qemu(ctx, "shutdown", "-dtb", tree), 1,
           r"^emu firmware: no usable device tree\r?$")


def opensbi(ctx):
    """Another firmware takes this one's place, with the same kernel."""
    image = opensbi_image()
    guest = ctx.build / "guest"
    expect(ctx.emu(["-bios", image, "-append", "init=/bin/true",
                    "-initrd", guest / "user" / "initrd.cpio",
                    guest / "kernel" / "kernel.elf"]), 0,
           [r"^OpenSBI v\d", r"^emu kernel, hart 0, SBI \S+ \(OpenSBI\)",
            r"^init has ended with status 0"])


def ranges(ctx):
    """A fence comes to exactly the pages and the space that were named."""
    flushes = ctx.tmp / "flushes"
    expect(on_emu(ctx, "ranges", "-d", "tlb_flush", "-D", flushes))
    seen = [(scope, int(va, 16), int(asid)) for va, asid, scope in re.findall(
        r"va=(\S+) asid=(\d+) scope=(\w+)", flushes.read_text())]
    wanted = [("all", 0, 0)]  # on the way into the supervisor
    wanted += [("va", 0x1000, 0)]
    wanted += [("va", 0x1000, 0), ("va", 0x2000, 0)]
    wanted += [("va", 0x3000, 0)]
    wanted += [("va_asid", va, 7) for va in (0x1000, 0x2000, 0x3000)]
    wanted += [("all", 0, 0), ("asid", 0, 7), ("asid", 0, 0)]
    wanted += [("va", 0x40000000 + 4096 * i, 0) for i in range(64)]
    wanted += [("all", 0, 0), ("va", 2**64 - 4096, 0), ("all", 0, 0)]
    if seen != wanted:
        raise Fail("fences were\n%s\nwanted\n%s" % (seen, wanted))


def size(ctx):
    """Small, and only the supervisor's memory is left to the supervisor."""
    elf = ctx.build / "firmware" / "firmware.elf"
    out = expect(ctx.run(["riscv64-unknown-elf-readelf", "-lW", elf])).out
    loads = [[int(word, 16) for word in line.split()[1:6]]
             for line in out.splitlines() if "LOAD" in line]
    start, end = loads[0][2], loads[-1][2] + loads[-1][4]
    if (start, end) != (0x80000000, 0x80080000):
        raise Fail("covers 0x%x to 0x%x" % (start, end))
    filled = sum(load[3] for load in loads)
    if filled > 24 * 1024:
        raise Fail("%d bytes" % filled)


def tests_on_qemu():
    """QEMU judges the payloads, and the firmware apart from emu."""
    for label, options in (("sstc", []), ("no-sstc",
                                          ["-cpu", "rv64,sstc=off"])):
        for harts in ("1", "4"):
            greeting = "1 hart" if harts == "1" else harts + " harts"
            for name in ("calls", "features", "harts"):
                yield Test("qemu-%s-%s-%s" % (name, harts, label),
                           program(on_qemu, name, greeting, "-smp",
                                   harts, *options))
    for name, status in ENDINGS:
        yield Test("qemu-" + name, ending(on_qemu, name, status))
    yield Test("qemu-reboot", reboots_on_qemu)
    yield Test("trap-inside", trap_inside)
    yield Test("no-clint", no_clint)
    for cpu, choice in AD_CHOICES.items():
        yield Test("qemu10-features-" + cpu,
                   ad_choice(on_new_qemu, cpu, choice))
    for harts in ("1", "4"):
        yield Test("qemu10-pmu-" + harts, pmu_on_qemu(harts, True))
        yield Test("qemu10-opensbi-pmu-" + harts, pmu_on_qemu(harts, False))


def tests(ctx):
    if not ctx.move:
        yield from tests_on_qemu()
    for harts in ("1", "2", "4", "8"):
        greeting = "1 hart" if harts == "1" else harts + " harts"
        for name in ("calls", "features", "harts", "pmu"):
            yield Test("emu-%s-%s" % (name, harts),
                       program(on_emu, name, greeting, "-smp", harts))
    for cpu, choice in AD_CHOICES.items():
        yield Test("emu-features-" + cpu, ad_choice(on_emu, cpu, choice))
    for name, status in ENDINGS:
        yield Test("emu-" + name, ending(on_emu, name, status))
    yield Test("emu-reboot", reboots_on_emu)
    yield Test("emu-opensbi-pmu", pmu_on_opensbi)
    yield Test("emu-ranges", ranges)
    yield Test("emu-opensbi", opensbi)
    yield Test("all-are-called", all_are_called)
    yield Test("size", size)
