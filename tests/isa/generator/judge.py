"""The machines that are compared, and where they differ."""

import subprocess

import judges

from . import image, known, layout
from .chunk import Chunk
from .rows import CSR, ROOT, read_rows

OLD, NEW = known.OLD, known.NEW
QEMU = "qemu-system-riscv64"
# What each QEMU has to be told. Identity numbers are its version's: ours are 0.
IDENTITY = ",mvendorid=0,marchid=0,mimpid=0,"
QEMU_CPU = {
    OLD: judges.qemu_cpu(OLD, on=judges.off_in_random_programs(ROOT, OLD),
                         ours=True) + ",pmu-num=29" + IDENTITY,
    NEW: judges.qemu_cpu(NEW, on=judges.off_in_random_programs(ROOT, NEW)
                         + " sscofpmf smaia ssaia",
                         ours=True) + ",pmu-mask=0xfffffff8" + IDENTITY,
}
# The hart has these extensions, or not (known.py, "reserved bits").
PTE_BITS = {True: "svpbmt=on,svnapot=on", False: "svpbmt=off,svnapot=off"}
TIMEOUT = 30


def judged_rows(version):
    """The rows of rv64.def that this QEMU judges."""
    others = judges.not_in_random_programs(ROOT, version != OLD)
    return [row for row in read_rows() if row.name not in others]


class Judge:
    """A QEMU that programs are made for.  lifted: names of what it does
    otherwise and programs shall do nevertheless."""

    def __init__(self, version=OLD, program=QEMU, lifted=(), later=False):
        """later: the QEMU is a NEW behind known.FIRST_NEW."""
        self.version, self.program = version, program
        self.young = version != OLD  # has what QEMU 7.2 has not
        does = {version, known.LATER} if later else {version}
        entries = known.WRONG + known.CHOICES
        self.names = {entry.name for entry in entries}
        self.kept_out = {entry.name for entry in entries
                         if does.intersection(entry.of)} - set(lifted)
        if not self.names.issuperset(lifted):
            raise ValueError("known.py has no %s" % sorted(
                set(lifted) - self.names))

    def differs(self, name):
        """Whether the QEMU does what this entry of known.py says, so that
        programs have to keep it out."""
        assert name in self.names, name
        return name in self.kept_out

    def has_lcofi(self):
        """Whether a counter that overflows is an interrupt."""
        return self.young and not self.differs("LCOFI")

    def has_pte_bits(self, seed):
        """Whether the hart of this program has Svpbmt and Svnapot."""
        return self.young or seed % 4 == 3

    def machine(self):
        """The QEMU, whose counters count instructions if time does."""
        counted = ["-icount", "shift=0"] if self.young else []
        return Machine("QEMU", [self.program, "-M", "virt", "-nographic",
                                "-no-reboot"] + counted, QEMU_CPU[self.version])


class Isa:
    """What of rv64.def and csr.def the judge knows.  pte_bits: whether it
    has Svpbmt and Svnapot."""

    def __init__(self, symbols, judge, pte_bits):
        self.judge = judge
        self.rows = judged_rows(judge.version)
        unknown = {row.format for row in self.rows
                   if not Chunk.knows_format(row)}
        if unknown:
            raise ValueError("ordinary.py has nothing for the formats %s"
                             % sorted(unknown))
        self.row_of = {row.name: row for row in self.rows}
        self.accesses = [row for row in self.rows if row.size == 4 and (
            row.format in ("LOAD", "STORE", "FLOAD", "FSTORE", "LR", "CBO") or
            row.format == "AMO" and not row.name.startswith("sc_"))]
        self.symbols = symbols
        self.pte_bits = pte_bits
        self.compared = layout.compared(judge)
        self.valueless_csrs = [
            name for name in CSR if name.startswith(("hpmcounter", "mhpm")) or
            name in ("mcountinhibit", "tselect", "tdata1")]


class Machine:
    def __init__(self, name, command, cpu="rv64,"):
        self.name, self.cpu = name, cpu
        self.command = [str(word) for word in command]

    def run(self, path, pte_bits):
        """Its exit status (None: no end) and what it prints, by lines."""
        try:
            done = subprocess.run(
                self.command + ["-cpu", self.cpu + PTE_BITS[pte_bits],
                                "-bios", "none", "-kernel", str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                timeout=TIMEOUT)
            status, out = done.returncode, done.stdout
        except subprocess.TimeoutExpired as late:
            status, out = None, late.stdout or b""
        return status, out.decode("latin-1").replace("\r", "").splitlines()


def emu(path, move=0):
    """move: every so many steps emu goes on in a fresh machine; 0: never."""
    return Machine("emu", [path] + (["--test-move=%d" % move] if move else []))


class Comparison:
    """Builds programs for a judge in a folder and runs them on emu and on
    it."""

    def __init__(self, folder, judge, emu, chunks=64, length=150, times=8):
        self.folder, self.judge = folder, judge
        self.machines = [emu, judge.machine()]
        self.runtime = image.Runtime(folder, judge)
        self.isas = [Isa(self.runtime.symbols, judge, on)
                     for on in (False, True)]
        self.chunks, self.length, self.times = chunks, length, times

    def chunk(self, seed):
        program, n = seed.split(".")
        isa = self.isas[self.judge.has_pte_bits(int(program))]
        return Chunk(isa, seed, self.length, self.times,
                     locked=int(n) == self.chunks - 1)

    def build(self, seed):
        """The program of this seed: its path and its chunks."""
        chunks = [self.chunk("%d.%d" % (seed, i)) for i in range(self.chunks)]
        path = self.folder / ("%d.elf" % seed)
        path.write_bytes(image.program(
            self.runtime, [(chunk, chunk.atoms, 0) for chunk in chunks]))
        return path, chunks

    def outputs(self, chunks, name):
        """What each machine prints for (chunk, atoms, flags)s."""
        path = self.folder / name
        path.write_bytes(image.program(self.runtime, chunks))
        return [machine.run(path, chunks[0][0].isa.pte_bits)
                for machine in self.machines]

    def first_difference(self, results, count):
        """The index of the first chunk that differs, or None."""
        (status, ours), (status2, theirs) = results
        for i in range(count):
            if ours[i:i + 1] != theirs[i:i + 1] or i >= len(ours):
                return i
        return None if status == status2 == 0 else count - 1


def parse(lines):
    """The traps and the words that one verbose chunk prints."""
    rows = [[int(word, 16) for word in line.split()] for line in lines
            if len(line.split()) in (4, len(layout.DUMP_NAMES))]
    traps = [tuple(row) for row in rows if len(row) == 4]
    state = [row for row in rows if len(row) != 4]
    return traps, dict(zip(layout.DUMP_NAMES, state[0])) if state else None
