"""The machines that are compared, and where they differ."""

import subprocess

import judges

from . import image, layout
from .chunk import Chunk
from .rows import CSR, ROOT, read_rows

QEMU = "qemu-system-riscv64"
# What QEMU 7.2 has to be told. Identity numbers are its version's: ours are 0.
QEMU_CPU = ("rv64,h=off,pmu-num=29,mvendorid=0,marchid=0,mimpid=0,"
            "Zfhmin=on,svinval=on,")
# With these on, and without (known.py, "reserved bits").
PTE_BITS = {True: "svpbmt=on,svnapot=on", False: "svpbmt=off,svnapot=off"}
ADUE, PBMTE = 1 << 61, 1 << 62
TIMEOUT = 60


def judged_rows():
    """Those of rv64.def that QEMU 7.2 judges."""
    others = judges.not_in_random_programs(ROOT)
    return [row for row in read_rows() if row.name not in others]


class Isa:
    """What of rv64.def and csr.def the judge knows.  pte_bits: whether it
    has Svpbmt and Svnapot."""

    def __init__(self, symbols, pte_bits):
        self.rows = judged_rows()
        unknown = {row.format for row in self.rows
                   if not Chunk.knows_format(row)}
        if unknown:
            raise ValueError("ordinary.py has nothing for the formats %s"
                             % sorted(unknown))
        self.row_of = {row.name: row for row in self.rows}
        self.accesses = [row for row in self.rows if row.size == 4 and (
            row.format in ("LOAD", "STORE", "FLOAD", "FSTORE", "LR") or
            row.format == "AMO" and not row.name.startswith("sc_"))]
        self.symbols = symbols
        self.pte_bits = pte_bits
        self.menvcfg = ADUE | (PBMTE if pte_bits else 0)
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


def emu(path):
    return Machine("emu", [path])


def qemu():
    return Machine("QEMU", [QEMU, "-M", "virt", "-nographic", "-no-reboot"],
                   QEMU_CPU)


def has_pte_bits(seed):
    return seed % 4 == 3


class Comparison:
    """Builds programs in a folder and runs them on two machines."""

    def __init__(self, folder, machines, chunks=64, length=150, times=8):
        self.folder, self.machines = folder, machines
        self.runtime = image.Runtime(folder)
        self.isas = [Isa(self.runtime.symbols, on) for on in (False, True)]
        self.chunks, self.length, self.times = chunks, length, times

    def chunk(self, seed):
        program, n = seed.split(".")
        return Chunk(self.isas[has_pte_bits(int(program))], seed, self.length,
                     self.times, locked=int(n) == self.chunks - 1)

    def build(self, seed):
        """The program of this seed: its path and its chunks."""
        chunks = [self.chunk("%d.%d" % (seed, i)) for i in range(self.chunks)]
        path = self.folder / ("%d.elf" % seed)
        path.write_bytes(image.program(
            self.runtime, [(chunk, chunk.atoms, 0) for chunk in chunks]))
        return path, chunks

    def outputs(self, chunks, name):
        """Of (chunk, atoms, flags)s on each machine."""
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
