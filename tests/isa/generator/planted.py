"""emu with a mistake put in, which the programs must find.

A mistake is a text of a source file and what is to stand there instead.  Only
the file that compiles it is compiled anew; the rest comes from the build.
"""

import json
import shlex
import subprocess
from pathlib import Path

from . import judge
from .known import NEW, OLD
from .rows import ROOT


class Mistake:
    def __init__(self, name, path, old, new, compiled=None):
        """compiled: the source that includes path, if it is not one."""
        self.name, self.path, self.old, self.new = name, path, old, new
        self.compiled = compiled or path

    def error(self):
        """Why it cannot be put in, or None."""
        if self.old in (ROOT / "emu" / self.path).read_text():
            return None
        return "%s has no '%s': planted.py is to follow it" % (self.path,
                                                               self.old)


# What CI looks for, by judge.
QUICK = {OLD: [
    # orn becomes illegal.
    Mistake("row", "isa/rv64.def", '"0100000 ..... ..... 110 ..... 0110011"',
            '"0100000 ..... ..... 111 ..... 0110011"', "isa/rows.c"),
    Mistake("flag", "hart/fp/fp_round.c", "tiny ? FP_NX | FP_UF : FP_NX",
            "FP_NX"),
    Mistake("walk", "hart/mmu/mmu.c", "return low ? RVEMU_REASON_MISALIGNED",
            "return low >> 21 ? RVEMU_REASON_MISALIGNED"),
], NEW: [
    Mistake("block", "hart/mmu/mem.c",
            "reach_cache_block(h, va, RVEMU_ACCESS_STORE, &at)",
            "reach_cache_block(h, va, RVEMU_ACCESS_CACHE, &at)"),
    Mistake("envcfg", "hart/interp/exec_cbo.h",
            "h->s.priv == PRIV_S || h->s.csr.senvcfg & field", "true",
            "hart/interp/interp.c"),
    Mistake("napot", "hart/mmu/mmu.c", "(pte_target(w->pte) & -size)",
            "pte_target(w->pte)"),
    Mistake("svade", "hart/mmu/mmu.c", "if (!(h->s.csr.menvcfg & MENVCFG_ADUE))",
            "if (!(h->s.csr.menvcfg & MENVCFG_ADUE) && !(w->pte & PTE_A))"),
    Mistake("priority", "hart/system/interrupts.c", "INT_MEI, INT_MSI, INT_MTI,",
            "INT_MSI, INT_MEI, INT_MTI,"),
    Mistake("filter", "hart/system/counters.c",
            "!(c->event[number] & mode_inhibit(h->s.priv))", "true"),
]}
MORE = {OLD: [
    Mistake("reserved", "hart/mmu/mmu.c", "pte & PTE_RESERVED",
            "pte & (PTE_RESERVED & ~(1ull << 58))"),
    Mistake("sum", "hart/mmu/mmu.c",
            "(w->access == RVEMU_ACCESS_FETCH || !(status & MSTATUS_SUM))",
            "!(status & MSTATUS_SUM)"),
    Mistake("asid", "hart/lookup/tlb.c", "entry->asid == *asid",
            "entry->asid != *asid"),
    Mistake("pmp", "hart/lookup/pmp.c", "range->last = (addr << 2) - 1",
            "range->last = (addr << 2) + 3"),
    Mistake("sret", "hart/system/trap.c", "status |= status & MSTATUS_SPIE ? "
            "MSTATUS_SIE : 0", "status |= 0"),
    Mistake("mret", "hart/system/trap.c",
            "status &= ~(MSTATUS_MPP | MSTATUS_MIE)",
            "status &= ~MSTATUS_MIE"),
    Mistake("vector", "hart/system/trap.c", "base + 4 * (cause & 63)", "base"),
    Mistake("page end", "hart/mmu/mem.c",
            "value >> 8 * head", "value >> 8 * head >> 8"),
    Mistake("fence.i", "hart/code/blocks.c", "page->chunks & touched",
            "page->chunks & touched & 0xffffffff"),
    Mistake("convert", "hart/fp/fp_convert.c", "FP_NV", "0"),
    Mistake("csr", "hart/system/csr_rules.def", "PLAIN(sscratch, ~0ull)",
            "PLAIN(sscratch, ~0x10000000000ull)", "hart/system/csr_rules.c"),
], NEW: [
    Mistake("napot form", "hart/mmu/mmu.c", "low == 1u << (NAPOT_BITS - 1)",
            "low"),
    Mistake("inhibit", "hart/system/counters.c", "!bit(c->inhibited, number)",
            "true"),
    Mistake("adue", "hart/system/csr_rules.c", "HAS(h, SVADU, MENVCFG_ADUE)", "0"),
    Mistake("cbie", "hart/interp/exec_cbo.h", "cbo_manage(h, in, ENVCFG_CBIE)",
            "cbo_manage(h, in, ENVCFG_CBCFE)", "hart/interp/interp.c"),
    Mistake("mprv", "hart/system/trap.c", "h->s.csr.mstatus &= ~MSTATUS_MPRV",
            "(void)0"),
    Mistake("pbmte", "hart/mmu/mmu.c",
            "(!pbmt || (h->s.csr.menvcfg & MENVCFG_PBMTE))", "1"),
    Mistake("sinval", "isa/rv64.def", '"0001011 ..... ..... 000 00000 1110011"',
            '"0001011 00000 ..... 000 00000 1110011"', "isa/rows.c"),
]}


def command_of(build, source):
    """How the build compiles a file of emu/."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = Path(entry["directory"], entry["file"]).resolve()
        if path == ROOT / "emu" / source and "librvemu" in entry["output"]:
            return entry["directory"], shlex.split(entry["command"])
    raise ValueError("%s is not compiled" % source)


def make(build, folder, mistake):
    """emu with the mistake; its path."""
    sources = folder / mistake.name
    for name in {mistake.path, mistake.compiled}:
        text = (ROOT / "emu" / name).read_text()
        if name == mistake.path:
            if mistake.error():
                raise ValueError(mistake.error())
            text = text.replace(mistake.old, mistake.new, 1)
        (sources / name).parent.mkdir(parents=True, exist_ok=True)
        (sources / name).write_text(text)
    directory, command = command_of(build, mistake.compiled)
    compiled = sources / "mistake.o"
    # A compiler cache may stand before the compiler.
    begin = next(i for i, word in enumerate(command) if word[0] == "-")
    end = command.index("-MD")
    subprocess.run(command[:begin] + ["-I" + str(sources)] +
                   command[begin:end] +
                   ["-w", "-o", str(compiled), "-c",
                    str(sources / mistake.compiled)],
                   cwd=directory, check=True)
    path = sources / "emu"
    lines = subprocess.run(["ninja", "-C", str(build), "-t", "commands", "emu"],
                           stdout=subprocess.PIPE, check=True).stdout.decode()
    link = shlex.split(lines.strip().split("\n")[-1])
    at = link.index("-o")
    subprocess.run(link[:at] + ["-o", str(path), str(compiled)] +
                   link[at + 2:], cwd=str(build), check=True)
    return path


def find(path, of, kept, seeds):
    """The first program that tells it from the judge, by what that printed (in
    the folder kept); None if there is none."""
    machine = judge.emu(path)
    for seed in seeds:
        status, lines = machine.run(kept / ("%d.elf" % seed),
                                    of.has_pte_bits(seed))
        if status != 0 or "\n".join(lines) != (
                kept / ("%d.txt" % seed)).read_text():
            return seed
    return None
