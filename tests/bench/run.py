#!/usr/bin/env python3
"""Measures emu beside QEMU, in the same run, and writes what it saw as JSON.

    tests/bench/run.py [--build DIR] [--rounds N] [--only a,b] [--json FILE]
                       [--no-qemu]

Each program runs N times on either emulator, turn by turn, so that whatever
else the machine is doing falls on both; figures are medians. CPU time is user
plus system; MIPS are guest instructions, as emu counts them, by CPU time less
that of `off`, the guest that powers off at once, and the ratio is QEMU's such
time by emu's. Programs that print how many operations they are made of, system
calls or fences, give the time of one of them, too; `codestores` gives it as a
multiple of that of `stores`, which it should be once. `off` and `off-kernel`,
the same on the firmware, give start-up wall time; `boot`, the bundled kernel
that runs /bin/true, gives wall time and resident memory; `exec`, a shell there
that runs a thousand programs, counts what it takes beyond `boot`. Where the machine is the
program's own, output of both emulators is compared: a figure for a wrong
result is worth nothing.
"""

import argparse
import json
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("off", "alu", "memory", "alias", "calls", "branches", "fp", "core",
            "core-sv39", "csr", "ecall", "fault", "fence", "satp", "satp-work",
            "sled", "stores", "codestores", "pages-2m", "pages-4k")
# Programs on each emulator's own firmware, which prints lines of its own.
KERNEL, BOOT, EXEC = "off-kernel", "boot", "exec"
OWN_FIRMWARE = (KERNEL, BOOT, EXEC)
SHORT = ("off", KERNEL)
OFF_RUNS = 5  # times as many runs of SHORT
LIMIT_S = "120"
# Command lines of the kernel; and what EXEC prints: ten times, that a hundred
# programs have ended well.
BOOTS = {BOOT: "init=/bin/true", EXEC: "init=/bin/sh /bin/many"}
EXEC_SAYS, EXECS = b"\nall ended" * 10, 1000
# Program -> the program that it is measured against.
BESIDE = {"codestores": "stores"}


class Runner:
    """Runs commands under `measure` in a folder of its own."""

    def __init__(self, build, folder):
        self.build, self.folder = build, Path(folder)
        self.programs = build / "tests" / "bench"

    def measure(self, command):
        report = self.folder / "report"
        result = subprocess.run(
            ["timeout", LIMIT_S, self.programs / "measure", report] + command,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        if result.returncode:
            sys.exit("run.py: no end, or no start: %s"
                     % " ".join(map(str, command)))
        wall, cpu, memory, status = map(int, report.read_text().split())
        if status:
            sys.exit("run.py: status %d from %s\n%s"
                     % (status, " ".join(map(str, command)),
                        result.stderr.decode("utf-8", "replace")))
        return {"wall_s": wall / 1e9, "cpu_s": cpu / 1e9, "rss_kib": memory,
                "out": re.sub(rb"\r", b"", result.stdout)}

    def initrd(self, name):
        return (self.programs / "exec.cpio" if name == EXEC else
                self.build / "guest/user/initrd.cpio")

    def emu(self, name):
        exit_json = self.folder / "exit.json"
        guest = [self.programs / (name + ".elf")]
        if name in BOOTS:
            guest = ["-append", BOOTS[name]]
        if name == EXEC:
            guest += ["-initrd", self.initrd(name)]
        sample = self.measure([self.build / "emu", "--exit-json", exit_json]
                              + guest)
        sample["instructions"] = json.loads(
            exit_json.read_text())["instructions"]
        return sample

    def qemu(self, name):
        program = self.programs / (name + ".elf")
        guest = ["-bios", program]
        if name == KERNEL:
            guest = ["-kernel", program]
        elif name in BOOTS:
            guest = ["-kernel", self.build / "guest/kernel/kernel.elf",
                     "-initrd", self.initrd(name), "-append", BOOTS[name]]
        return self.measure(["qemu-system-riscv64", "-M", "virt",
                             "-nographic"] + guest)


def median(samples, what):
    return statistics.median(sample[what] for sample in samples)


def collect(runner, name, rounds, engines):
    """Samples of each engine, taken turn by turn."""
    samples = {engine: [] for engine in engines}
    for turn in range(rounds):
        order = engines if turn % 2 == 0 else engines[::-1]
        for engine in order:
            samples[engine].append(getattr(runner, engine)(name))
    outputs = {sample["out"] for taken in samples.values() for sample in taken}
    if name == EXEC and not all(EXEC_SAYS in out for out in outputs):
        sys.exit("run.py: not all programs have ended: %s" % outputs)
    if len(outputs) != 1 and name not in OWN_FIRMWARE:
        sys.exit("run.py: %s: the emulators disagree: %s" % (name, outputs))
    return samples


def operations(name, sample):
    """How many operations a program did: it prints that before its result."""
    if name == EXEC:
        return EXECS
    counted = re.match(rb"([0-9a-f]{16}) ", sample["out"])
    return int(counted.group(1), 16) if counted else 0


def figures(name, samples, startup):
    """Medians of one program, by engine; startup is each engine's CPU time
    for nothing."""
    result = {"instructions": samples["emu"][0]["instructions"],
              "operations": operations(name, samples["emu"][0])}
    for engine, taken in samples.items():
        row = {what: median(taken, what)
               for what in ("wall_s", "cpu_s", "rss_kib")}
        net = row["cpu_s"] - startup.get(engine, 0)
        if startup and net > 0 and name not in (KERNEL, BOOT):
            row["mips"] = result["instructions"] / net / 1e6
            if result["operations"]:
                row["operation_ns"] = net / result["operations"] * 1e9
        result[engine] = row
    if "mips" in result.get("qemu", {}) and "mips" in result["emu"]:
        result["ratio"] = result["emu"]["mips"] / result["qemu"]["mips"]
    return result


def beside(name, result, programs):
    """How many times as long an operation takes as in another program."""
    other = programs.get(BESIDE.get(name), {})
    return {engine: result[engine]["operation_ns"]
            / other[engine]["operation_ns"] for engine in ("emu", "qemu")
            if "operation_ns" in other.get(engine, {})
            and "operation_ns" in result.get(engine, {})}


def show(name, result):
    text = "%-10s %7.2f M insns" % (name, result["instructions"] / 1e6)
    for engine in ("emu", "qemu"):
        if engine in result:
            row = result[engine]
            text += "   %s: %s MIPS %7.1f ms wall %6.1f MiB" % (
                engine, "%6.0f" % row["mips"] if "mips" in row else "     –",
                row["wall_s"] * 1e3, row["rss_kib"] / 1024)
            if "operation_ns" in row:
                text += " %6.1f ns" % row["operation_ns"]
    if "ratio" in result:
        text += "   ratio %.2f" % result["ratio"]
    for engine, times in result.get("beside", {}).items():
        text += "   %s: %.2f x %s" % (engine, times, BESIDE[name])
    print(text, flush=True)


def host():
    version = subprocess.run(["qemu-system-riscv64", "--version"],
                             stdout=subprocess.PIPE).stdout.decode()
    cpu = re.search(r"^model name\s*: (.*)$",
                    Path("/proc/cpuinfo").read_text(), re.M)
    return {"cpu": cpu.group(1) if cpu else platform.machine(),
            "load": Path("/proc/loadavg").read_text().split()[0],
            "qemu": version.split("\n")[0]}


def parse_arguments():
    parser = argparse.ArgumentParser(description="measure emu beside QEMU")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(PROGRAMS + OWN_FIRMWARE))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--no-qemu", action="store_true")
    return parser.parse_args()


def in_order(wanted):
    """The programs that are wanted, and those that they are measured by."""
    needed = ["off"] + [BOOT] * (EXEC in wanted) + [
        BESIDE[name] for name in wanted if name in BESIDE]
    return list(dict.fromkeys(needed + wanted))


def main():
    options = parse_arguments()
    wanted = options.only.split(",")
    engines = ["emu"] if options.no_qemu else ["qemu", "emu"]
    report = {"host": host(), "rounds": options.rounds, "programs": {}}
    with tempfile.TemporaryDirectory(prefix="emu-bench-") as folder:
        runner = Runner(options.build.resolve(), folder)
        programs = report["programs"]
        for name in in_order(wanted):
            rounds = options.rounds * (OFF_RUNS if name in SHORT else 1)
            samples = collect(runner, name, rounds, engines)
            nothing = programs.get(BOOT if name == EXEC else "off")
            startup = nothing and {engine: nothing[engine]["cpu_s"]
                                   for engine in engines}
            programs[name] = figures(name, samples, startup or {})
            programs[name]["beside"] = beside(name, programs[name], programs)
            show(name, programs[name])
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
