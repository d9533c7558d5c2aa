"""A chunk that differs, made short, and how it differs.

Chunks do not depend on one another: one run tries many shorter versions.
"""

import subprocess

from . import layout
from .judge import parse

BATCH = 24  # versions tried in one run
ROUNDS = 60
SHOWN = 40  # instructions
OBJDUMP = "riscv64-unknown-elf-objdump"
CAUSES = {0: "fetch misaligned", 1: "fetch access", 2: "illegal",
          3: "breakpoint", 4: "load misaligned", 5: "load access",
          6: "store misaligned", 7: "store access", 8: "ecall U",
          9: "ecall S", 11: "ecall M", 12: "fetch page", 13: "load page",
          15: "store page"}


class Shrinker:
    def __init__(self, comparison, chunk, before=None):
        """before: a chunk that has to run first, if there is one."""
        self.comparison, self.chunk = comparison, chunk
        self.before = [] if before is None else [(before, before.atoms, 0)]

    def differing(self, candidates):
        """Which of these lists of atoms still differ."""
        versions, step = [], 1 + len(self.before)
        for atoms in candidates:
            versions += self.before + [(self.chunk, atoms, 0)]
        (_, ours), (_, theirs) = self.comparison.outputs(versions, "try.elf")
        found = []
        for i, atoms in enumerate(candidates):
            at = step * i + step - 1
            if ours[at:at + 1] != theirs[at:at + 1]:
                found.append(atoms)
            elif at >= len(ours) or at >= len(theirs):
                found.append(atoms)  # hung here: what follows is unknown
                break
        return found

    def beginning(self, atoms):
        """The shortest beginning of the atoms that differs, about."""
        while len(atoms) > 1:
            steps = sorted({len(atoms) * i // BATCH for i in range(BATCH)})
            found = self.differing([atoms[:n] for n in steps])
            if not found:
                break
            atoms = found[0]
            if len(steps) <= BATCH // 2:
                break
        return atoms

    def without(self, atoms):
        """As many atoms left out as can be."""
        size = max(1, len(atoms) // 2)
        for _ in range(ROUNDS):
            starts = list(range(0, len(atoms), size))
            candidates = [atoms[:at] + atoms[at + size:] for at in starts]
            found = []
            for i in range(0, len(candidates), BATCH):
                found = self.differing(candidates[i:i + BATCH])
                if found:
                    break
            if found:
                atoms = min(found, key=len)
            elif size == 1:
                break
            size = max(1, min(size if found else size // 2, len(atoms)))
        return atoms

    def shrink(self):
        atoms = self.chunk.atoms
        if not self.differing([atoms]):
            return None
        passes = self.chunk.passes
        self.chunk.passes = 1
        if not self.differing([atoms]):
            self.chunk.passes = passes
        return self.without(self.beginning(atoms))

    def report(self):
        """Text: the program left over, and what it does on either machine.
        None: the chunk does not differ."""
        atoms = self.shrink()
        name = "chunk %s" % self.chunk.seed
        if atoms is None:
            return None
        lines = ["%s: %d atoms, %d passes, %s" % (
            name, len(atoms), self.chunk.passes, self.chunk.about())]
        lines += self.disassembly(atoms)
        results = self.comparison.outputs(
            self.before + [(self.chunk, atoms, layout.VERBOSE)], "verbose.elf")
        names = [machine.name for machine in self.comparison.machines]
        return "\n    ".join(lines + compare(names, results))

    def disassembly(self, atoms):
        address = layout.PROGRAM + 2 * layout.DESCRIPTOR
        path = self.comparison.folder / "code.bin"
        path.write_bytes(self.chunk.assemble(atoms, address))
        try:
            done = subprocess.run(
                [OBJDUMP, "-D", "-b", "binary", "-m", "riscv:rv64",
                 "--adjust-vma=0x%x" % address, str(path)],
                stdout=subprocess.PIPE, timeout=60)
        except OSError:
            return ["(no disassembler)"]
        size = sum(atom.size for atom in atoms)
        text = []
        for line in done.stdout.decode("latin-1").splitlines():
            place = line.partition(":")[0].strip()
            try:
                if address <= int(place, 16) < address + size:
                    text.append(line.replace("\t", "  "))
            except ValueError:
                pass
        return text if len(text) <= SHOWN else text[:SHOWN] + ["..."]


def compare(names, results):
    """The first trap that differs, and every word of the state that does."""
    (status, ours), (status2, theirs) = results
    (traps, state), (traps2, state2) = parse(ours), parse(theirs)
    lines = []
    if status != status2:
        lines.append("%s ends with %s, %s with %s" % (
            names[0], status, names[1], status2))
    for i in range(max(len(traps), len(traps2))):
        pair = traps[i:i + 1], traps2[i:i + 1]
        if pair[0] != pair[1]:
            lines += ["trap %d: %-5s %s" % (i, name, trap_text(trap))
                      for name, trap in zip(names, pair)]
            break
    for name in layout.DUMP_NAMES:
        pair = [s and s[name] for s in (state, state2)]
        if pair[0] != pair[1]:
            lines.append("%-8s %s %s, %s %s" % (
                name, names[0], word(pair[0]), names[1], word(pair[1])))
    return lines


def word(value):
    return "-" if value is None else "%016x" % value


def trap_text(trap):
    if not trap:
        return "none"
    cause, pc, value, status = trap[0]
    name = ("interrupt %d" % (cause & 63) if cause >> 63 else
            CAUSES.get(cause, str(cause)))
    return "%s at %x, value %x, status %x" % (name, pc, value, status)
