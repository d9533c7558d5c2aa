"""Holds the table of judges against emu and against the tests it names.

That the judges of decoding speak of all they are given, decoding.py sees to;
that random programs contain what a QEMU is given, the suite's "random" and
"random-qemu10".
"""

import importlib.util
import json
import re
import struct

from harness import Case

import judges

EXECUTABLE = 1


def baremetal_programs(root):
    """Program -> options for emu, QEMU 7.2, QEMU 10; None: not run there."""
    path = root / "tests" / "baremetal" / "suite.py"
    spec = importlib.util.spec_from_file_location("baremetal", str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.PROGRAMS


def encodings(path):
    """Every 32 bits at an even place of an ELF file's executable segments."""
    image = path.read_bytes()
    offset, size, count = (struct.unpack_from("<Q", image, 32)[0],
                           *struct.unpack_from("<HH", image, 54))
    found = set()
    for at in range(offset, offset + size * count, size):
        flags, start = struct.unpack_from("<IQ", image, at + 4)
        length, = struct.unpack_from("<Q", image, at + 32)
        if flags & EXECUTABLE:
            for shift in (0, 2):
                words = (length - shift) // 4
                found.update(struct.unpack_from("<%dI" % words, image,
                                                start + shift))
    return found


class Tests:
    """What the tests that the table names are made of."""

    def __init__(self, ctx):
        self.root, self.build = ctx.root, ctx.build
        self.programs = baremetal_programs(ctx.root)
        self.rounding = judges.rounding_formats(ctx.root)

    def unit_source(self, name):
        path = self.root / "tests" / "unit" / ("test_%s.c" % name)
        return path.read_text() if path.exists() else ""

    def program_error(self, name, row, on_old):
        if name not in self.programs:
            return "no program '%s'" % name
        _, old, new = self.programs[name]
        if new is None or on_old and old is None:
            return "'%s' does not run on that QEMU" % name
        image = self.build / "tests" / "baremetal" / (name + ".elf")
        if row and not any(word & row.mask == row.match
                           for word in encodings(image)):
            return "'%s' does not contain %s" % (name, row.mnemonic)
        return None

    def source_error(self, name, row):
        text = self.unit_source(name)
        if not row:
            return None if text else "no test_%s.c" % name
        if re.search(r"\b(exec|OP)_%s\b" % row.op, text):
            return None
        return "test_%s.c does not try %s" % (name, row.mnemonic)

    def error(self, judge, test, row):
        """Why a judge does not judge a row (None: a feature), or None."""
        if judge == "baremetal" or judge == "qemu10" and test:
            return self.program_error(test, row, judge == "baremetal")
        if judge == "unit":
            return self.source_error(test, row)
        if judge == "mpfr":
            rounds = not row or row.format in self.rounding
            return self.source_error("fp", row) if rounds else None
        return None if judge in ("qemu", "qemu10") else "no such judge"


def isa_names(ctx):
    """The names in riscv,isa, single letters apart."""
    blob = ctx.tmp / "emu.dtb"
    ctx.expect(ctx.emu(["-dump-dtb", blob]))
    text = re.search(rb"rv64([a-z]+)((?:_[a-z0-9]+)*)\0", blob.read_bytes())
    letters, names = (part.decode() for part in text.groups())
    return list(letters) + names.split("_")[1:]


def told_by_old(ctx, program):
    """QEMU 7.2 lists its switches; letters are capitals here and there."""
    out = ctx.expect(ctx.run([program, "-device", "rv64-riscv-cpu,help"])).out
    return {name.upper(): {"true": "on", "false": "off"}[value] for name, value
            in re.findall(r"^  (\w+)=<bool>.*default: (\w+)\)", out, re.M)}


def told_by_new(ctx, program):
    """QEMU 10 tells its monitor's clients, of all but letters."""
    asked = "".join(json.dumps(command) + "\n" for command in (
        {"execute": "qmp_capabilities"},
        {"execute": "query-cpu-model-expansion",
         "arguments": {"type": "full", "model": {"name": "rv64"}}},
        {"execute": "quit"}))
    out = ctx.run([program, "-M", "virt", "-S", "-display", "none", "-bios",
                   "none", "-qmp", "stdio"], asked).out
    answers = [json.loads(line).get("return", {}) for line in out.splitlines()]
    model, = [answer["model"] for answer in answers if "model" in answer]
    return {name.upper(): "on" if value else "off" for name, value
            in model["props"].items() if isinstance(value, bool)}


def switches(qemu, program_of):
    """What the table says of a QEMU is what that QEMU says of itself."""
    def check(ctx):
        old = qemu == judges.OLD
        told = (told_by_old if old else told_by_new)(ctx, program_of(ctx))
        for name, row in {**judges.EXTENSIONS, **judges.FOREIGN}.items():
            says = row.switch[qemu]
            if says != "~" and (old or len(name) > 1):
                right = told.get(name, "-") == says
                yield Case(name, None if right else "the table has %s, QEMU %s"
                           % (says, told.get(name)))
        ours = judges.without_foreign(qemu)
        mine = {name for name in told if told[name] == "on" and
                name not in judges.EXTENSIONS}
        left = mine - {word.split("=")[0].upper() for word in ours} - {
            "MMU", "DEBUG"}
        yield Case("foreign", "on, and not in the table: %s" % sorted(left)
                   if left else None)
    return check


def table(ctx):
    tests = Tests(ctx)
    known = set(judges.extensions(ctx.root))
    absent = set(judges.absent_names(ctx.root))
    for name in sorted(known):
        stale = name in judges.FOREIGN or name.lower() in absent
        yield Case(name + "-here", error="still in FOREIGN of judges.py or in "
                   "absent[] of cpu_model.c" if stale else None)
    shown = isa_names(ctx)
    yield Case("order", error=None if shown == sorted(
        shown, key=judges.canonical) else "not canonical: %s" % shown)
    for name in sorted(known | set(judges.EXTENSIONS)):
        both = name in known and name in judges.EXTENSIONS
        yield Case(name, error=None if both
                   else "not in both, ext.def and judges.py")
    for row in judges.insn_rows(ctx.root):
        for judge, test in row.judged.execution:
            yield Case("%s-%s" % (row.op, judge),
                       error=tests.error(judge, test, row))
    for name in shown:
        there = name.upper() in judges.EXTENSIONS
        yield Case(name, error=None if there else "nobody judges it")
    for name, row in judges.EXTENSIONS.items():
        for judge, test in row.execution:
            yield Case("%s-%s" % (name, judge),
                       error=tests.error(judge, test, None))
