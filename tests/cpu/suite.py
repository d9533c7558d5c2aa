"""-cpu: each extension of ext.def on and off.

A program (probe.S) executes one word of every row of rv64.def and says which
are illegal.  Turned off, an extension's rows are, and those of what needs it;
everything else is not.  The device tree names what is there, and misa agrees.
QEMU 10 is asked to turn off the same things and must find the same words
illegal.  CSRs, fields and walks that go with an extension: tests/unit.
"""

import re
import struct
import subprocess
import sys
from pathlib import Path

from harness import ENGINES, Case, Fail, Skip, Test, describe

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "isa"))
sys.path.insert(0, str(HERE.parent / "devtree"))

import judges  # noqa

from suite import parse as parse_tree  # noqa

CC = "riscv64-unknown-elf-gcc"
LEFT_OUT = {"mret", "sret", "wfi"}  # leave M-mode or wait
JUMPS = {"B", "J", "JALR", "CB", "CJ", "CR_JR", "CR_JALR"}
CSRS = {"CSR", "CSRI"}  # legal or not by the CSR
# Extensions of HINTs: without one they are the instruction they are among.
HINTS = {"ZICBOP", "ZIHINTPAUSE"}
EXTENSIONS = re.compile(r'^EXTENSION\((\w+), (?:"(\w+)"|NULL), (true|false), '
                        r'(.*?), (SWITCH|NAME|FOLLOWS)\)', re.M)
ROWS = re.compile(r'^(?:INSN|RVC)\((\w+),\s*"[^"]+",\s*"([01. ]+)",\s*(\w+),'
                  r'\s*(\w+),', re.M)
# Extensions that QEMU 10 has by itself and emu has not.
NO_MORE = "," + ",".join(judges.without_foreign(judges.NEW))
# Two switches of one choice, which lists of all switches leave out.
ONE_OF_TWO = {"svade", "svadu"}


class Extension:
    def __init__(self, ident, name, shown, sets, how):
        self.id, self.name, self.how = ident, name, how
        self.shown = shown == "true"
        self.sets = set(re.findall(r"SET\((\w+)\)", sets))


def read_extensions(ctx):
    text = (ctx.root / "emu" / "isa" / "ext.def").read_text()
    found = [Extension(*fields) for fields in EXTENSIONS.findall(text)]
    if len(found) < 40:
        raise Fail("ext.def is not what this test can read")
    return found


def one_word(pattern):
    """An encoding of the row, every operand x8 or something small."""
    bits = pattern.replace(" ", "")
    word = int(bits.replace(".", "0"), 2)
    free = int(re.sub("[^.]", "0", bits).replace(".", "1"), 2)
    operands = 0x40840400 if len(bits) == 32 else 0x0410
    return word | free & operands, len(bits) // 8


def read_rows(ctx):
    """(extension, name, word, bytes) of each row that can be tried."""
    text = (ctx.root / "emu" / "isa" / "rv64.def").read_text()
    rows = [(ext, name) + one_word(pattern)
            for name, pattern, form, ext in ROWS.findall(text)
            if form not in JUMPS | CSRS and name not in LEFT_OUT]
    if len(rows) < 200:
        raise Fail("rv64.def is not what this test can read")
    return rows


def build(ctx, rows):
    source, image = ctx.tmp / "probe.S", ctx.tmp / "probe.elf"
    lines = [(HERE / "probe.S").read_text()]
    for ext, name, word, size in rows:
        lines.append("PROBE")
        lines.append(".%dbyte 0x%x" % (size, word))
        if size == 2:
            lines.append(".2byte 1")  # c.nop, if it gets there
        lines.append("RESULT")
    source.write_text("\n".join(lines + ["la t0, finish", "jr t0", ""]))
    subprocess.run([CC, "-march=rv64i_zicsr", "-mabi=lp64", "-mcmodel=medany",
                    "-nostdlib", "-static", "-Wl,-N,--build-id=none",
                    "-Wl,--no-warn-rwx-segments", "-Wl,-Ttext=0x80000000",
                    "-o", str(image), str(source)], check=True)
    return image


def outcome(result, rows):
    """Names of the rows that were illegal, and misa."""
    lines = result.out.split()
    if result.status or len(lines) != 2 or len(lines[0]) != len(rows):
        raise Fail("status %s: %s %s" % (result.status, result.out,
                                         result.err))
    illegal = {row[1] for row, said in zip(rows, lines[0]) if said == "1"}
    return illegal, int(lines[1], 16)


def on_emu(ctx, image, rows, cpu):
    return outcome(ctx.emu(["-cpu", cpu, "-bios", "none", "-kernel", image]),
                   rows)


def tree_of(ctx, image, cpu):
    blob = ctx.tmp / "cpu.dtb"
    ctx.expect(ctx.emu(["-cpu", cpu, "-bios", "none", "-dump-dtb", blob,
                        "-kernel", image]))
    return parse_tree(blob.read_bytes())["/cpus/cpu@0"]


def gone_with(extensions, ident):
    """The IDs that are off when this one is."""
    gone, more = set(), {ident}
    while more:
        gone |= more
        more = {e.id for e in extensions if e.sets & gone} - gone
    return gone


def expected(extensions, rows, ident):
    gone = gone_with(extensions, ident) if ident else set()
    return gone, {name for ext, name, _, _ in rows
                  if ext in gone and ext not in HINTS}


def check_tree(tree, extensions, gone, misa):
    """The first thing that is wrong with the tree or with misa, or None."""
    names = [e.name for e in extensions if e.shown and e.id not in gone]
    listed = tree["riscv,isa-extensions"].decode().split("\0")[:-1]
    if {"svadu", "svade"} <= set(names):  # the second only without the first
        names.remove("svade")
    letters = "".join(n for n in names if len(n) == 1)
    text = "_".join(["rv64" + letters] + [n for n in names if len(n) > 1])
    if listed != names:
        return "lists %s" % sorted(set(listed) ^ set(names))
    if tree["riscv,isa"].decode().rstrip("\0") != text:
        return "riscv,isa is %r" % tree["riscv,isa"]
    for name in ("cbom", "cbop", "cboz"):
        size = tree.get("riscv,%s-block-size" % name)
        if size != (struct.pack(">I", 64) if "zi" + name in names else None):
            return name + "-block-size"
    modes = [name for name in ("sv39", "sv48", "sv57")
             if name.upper() not in gone] or ["none"]
    if tree["mmu-type"].decode() != "riscv,%s\0" % modes[-1]:
        return "mmu-type is %r" % tree["mmu-type"]
    said = {chr(ord("a") + i) for i in range(26) if misa >> i & 1}
    if misa >> 62 != 2 or said != set(letters) | {"s", "u"}:
        return "misa is %x" % misa
    return None


def switched(ctx):
    extensions, rows = read_extensions(ctx), read_rows(ctx)
    image = build(ctx, rows)
    wanted = [None] + [e for e in extensions
                       if e.name and e.how != "FOLLOWS"]
    for e in wanted:
        cpu = "rv64,%s=off" % e.name if e else "rv64"
        gone, rows_gone = expected(extensions, rows, e.id if e else None)
        illegal, misa = on_emu(ctx, image, rows, cpu)
        wrong = check_tree(tree_of(ctx, image, cpu), extensions, gone, misa)
        if illegal != rows_gone:
            wrong = "illegal or not: %s" % sorted(illegal ^ rows_gone)
        yield Case(cpu, wrong)


def same_as_qemu(ctx):
    """Each set, named in full, so that neither's default matters."""
    extensions, rows = read_extensions(ctx), read_rows(ctx)
    image = build(ctx, rows)
    named = [e for e in extensions if e.how != "FOLLOWS" and
             e.name not in ONE_OF_TWO and judges.switch(judges.NEW, e.name)]
    for off in [None] + named:
        gone, _ = expected(extensions, rows, off.id if off else None)
        cpu = ",".join(["rv64"] + ["%s=%s" % (e.name, "off" if e.id in gone
                                              else "on") for e in named])
        ours = on_emu(ctx, image, rows, cpu)[0]
        if off is None or gone & {"A", "F", "D", "C", "ZCA"}:
            cpu += ",zfa=off,zawrs=off"
        result = ctx.qemu(["-cpu", cpu, "-bios", "none", "-kernel", image],
                          newest=True)
        theirs = outcome(result, rows)[0]
        yield Case("without " + (off.name if off else "none"),
                   None if ours == theirs else "differs: %s"
                   % sorted(ours ^ theirs))


def in_order(text, between):
    """A list of extensions without those of a hypervisor, in the canonical
    order, as ours has to be."""
    names = [name for name in text.rstrip("\0").split(between)
             if not name.startswith("sh")]
    names.sort(key=lambda name: (not name.startswith("rv64"),
                                 judges.canonical(name)))
    return (between.join(names) + "\0").encode()


def tree_is_qemu10s(ctx):
    """What the tree says of the hart is what QEMU 10 says of one like it."""
    image = build(ctx, [])
    extensions = read_extensions(ctx)
    cpu = ",".join(["rv64"] + [e.name + "=on" for e in extensions
                               if e.how != "FOLLOWS" and e.shown and
                               e.name not in ONE_OF_TWO])
    blob = ctx.tmp / "qemu.dtb"
    result = ctx.qemu(["-M", "virt,dumpdtb=%s" % blob, "-cpu", cpu + NO_MORE,
                       "-bios", "none", "-kernel", image], newest=True)
    if not blob.exists():
        raise Fail(result.err)
    ours = tree_of(ctx, image, cpu)
    theirs = parse_tree(blob.read_bytes())["/cpus/cpu@0"]
    # It names what augments a hypervisor without having one, and Zicond before
    # Zicntr.
    for name, between in (("riscv,isa", "_"), ("riscv,isa-extensions", "\0")):
        theirs[name] = in_order(theirs[name].decode(), between)
    for name in sorted(set(ours) | set(theirs)):
        yield Case(name, None if ours.get(name) == theirs.get(name) else
                   "ours %r, QEMU's %r" % (ours.get(name), theirs.get(name)))


def refused(ctx):
    """One clear line, and 125."""
    for cpu, line in (("rv64,v=true", "v is not supported"),
                      ("rv64,f=off,d=on", "d needs f"),
                      ("rv64,zzz=on", "zzz is no extension that emu knows"),
                      ("rv32", "rv32 is no CPU that emu has; say rv64, rv64i "
                               "or rva22s64")):
        ctx.expect(ctx.emu(["-cpu", cpu]), status=125, out=r"\A\Z",
                   err=r"\Aemu: -cpu %s: %s\n\Z" % (cpu, line))


def bundled(ctx):
    """What the bundled images are compiled for, by their own attributes, they
    are not run without; nothing else is refused."""
    firmware = ctx.build / "firmware" / "firmware.elf"
    kernel = ctx.build / "guest" / "kernel" / "kernel.elf"
    told = ctx.expect(ctx.run(["riscv64-unknown-elf-readelf", "-A",
                               firmware])).out
    needed = re.findall(r"[\"_](?:rv64)?([a-z]+)\d+p\d+", told)
    for name in ("m", "a", "c"):
        if name not in needed:
            raise Fail("not compiled for %s?\n%s" % (name, told))
    switches = [e for e in read_extensions(ctx) if e.how == "SWITCH"]
    for name in [e.name for e in switches if e.name in needed] + ["zca"]:
        for own, options in (
                ("firmware", []), ("firmware", ["-kernel", kernel]),
                ("kernel", ["-bios", firmware])):
            result = ctx.emu(["-cpu", "rv64,%s=off" % name] + options,
                             timeout=10)
            line = (r"emu: the bundled %s is compiled for extension \w+, "
                    "which this -cpu does not have; .*\n" % own)
            right = (result.status == 125 and not result.out
                     and re.fullmatch(line, result.err))
            yield Case("%s/%s" % (name, own),
                       None if right else describe(result))
    both = ctx.emu(["-cpu", "rv64,m=off", "-bios", firmware, "-kernel", kernel,
                    "--max-insns", "10"], timeout=10)
    yield Case("given", None if both.status == 124 else describe(both))
    for name in ("f", "d", "b", "zicboz", "sstc"):
        result = ctx.emu(["-cpu", "rv64,%s=off" % name, "-append",
                          "init=/bin/true"], timeout=20)
        yield Case("without-" + name,
                   None if result.status == 0 else describe(result))


def no_sv39(ctx):
    """Attributes do not tell of translation; the kernel itself does."""
    ctx.expect(ctx.emu(["-cpu", "rv64,sv39=off"], timeout=10), 1,
               out=r"^emu kernel: this hart has no Sv39",
               err=r"\Aemu: the guest failed with code 1\n\Z")


def listed(ctx):
    """-cpu help names what can be turned on or off, and what it is done to."""
    result = ctx.expect(ctx.emu(["-cpu", "help"]), out=r"^  rva22s64$")
    for e in read_extensions(ctx):
        found = e.name and re.search(r"  %s\b" % e.name, result.out)
        if bool(found) != (e.how != "FOLLOWS"):
            raise Fail("%s\n%s" % (e.name, result.out))


def svade(ctx):
    """--svade is -cpu's svade, whatever -cpu said."""
    image = build(ctx, [])
    for options in (["--svade"], ["-cpu", "rv64,svadu=off"],
                    ["--svade", "-cpu", "rv64,svadu=on"]):
        blob = ctx.tmp / "svade.dtb"
        ctx.expect(ctx.emu(options + ["-bios", "none", "-dump-dtb", blob,
                                      "-kernel", image]))
        isa = parse_tree(blob.read_bytes())["/cpus/cpu@0"]["riscv,isa"]
        if b"_svade_" not in isa or b"svadu" in isa:
            raise Fail("%s: %r" % (options, isa))


def svvptc(ctx):
    """A TLB that keeps invalid entries goes without Svvptc, which may not be
    asked for then."""
    image = build(ctx, [])
    blob = ctx.tmp / "svvptc.dtb"
    for options, promised in (
            ([], True), (["--tlb", "cache-invalid"], False),
            (["-cpu", "rva22s64", "--tlb=cache-invalid"], False),
            (["--tlb", "cache-invalid", "-cpu", "rv64,svvptc=off"], False)):
        ctx.expect(ctx.emu(options + ["-bios", "none", "-dump-dtb", blob,
                                      "-kernel", image]))
        cpu = parse_tree(blob.read_bytes())["/cpus/cpu@0"]
        named = [b"svvptc" in cpu[name]
                 for name in ("riscv,isa", "riscv,isa-extensions")]
        if named != [promised] * 2:
            raise Fail("%s: %r" % (options, cpu))
    ctx.expect(ctx.emu(["-cpu", "max,svvptc=on", "--tlb", "cache-invalid",
                        "-bios", "none", "-kernel", image]), status=125,
               out=r"\A\Z", err=r"\Aemu: -cpu max,svvptc=on: svvptc promises "
               r".*--tlb cache-invalid\n\Z")


def tests(ctx):
    yield Test("switched", switched)
    yield Test("qemu10", same_as_qemu)
    yield Test("qemu10-tree", tree_is_qemu10s)
    yield Test("refused", refused)
    yield Test("bundled", bundled)
    yield Test("no-sv39", no_sv39)
    yield Test("listed", listed)
    yield Test("svade", svade)
    yield Test("svvptc", svvptc)
