#!/usr/bin/env python3
"""Counts what --explain costs: host instructions for each event that it takes.

    tests/bench/explain.py [--build DIR] [--only a,b] [--steps N] [--json FILE]

Each guest runs under valgrind's callgrind without --explain and with it; the
difference is divided by the number of events.  Figures are exact, so that one
run is enough.  `ecall`, `fence`, `satp` and `fault` make events of few kinds of
which nothing is told; `exec` is a shell that runs a thousand programs,
`spaces` forks as many processes as there may be.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What the explainer asks for: rvemu_explain_kinds().
KINDS = ("trap,xret,page_fault,satp,pte_write,pte_found,root_lost,frame_copied,"
         "tlb_flush,stale_use,mark,probe")
SMALL = ("ecall", "fence", "satp", "fault")
STEPS = {"exec": 1 << 40, "spaces": 25000000}  # at most
STEPS.update({name: 2000000 for name in SMALL})


def guest(build, name):
    """The arguments that run it."""
    if name in SMALL:
        return [build / "tests/bench" / (name + ".elf")]
    script, initrd = {
        "exec": ("init=/bin/sh /bin/many", "tests/bench/exec.cpio"),
        "spaces": ("init=/bin/fork-limit system", "guest/user/initrd.cpio"),
    }[name]
    return ["-append", script, "-initrd", build / initrd]


def run(command):
    result = subprocess.run(command, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return result.stderr.decode("utf-8", "replace")


def number(pattern, text):
    found = re.search(pattern, text)
    if not found:
        sys.exit("explain.py: no figure in\n" + text[-2000:])
    return int(found.group(1))


def instructions(command):
    return number(r"Collected : (\d+)", run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        + command))


def measure(build, name, steps):
    emu = [build / "emu", "--max-insns", str(steps or STEPS[name])]
    program = guest(build, name)
    events = number(r"of (\d+) events",
                    run(emu + ["--trace-hash=" + KINDS] + program))
    off = instructions(emu + program)
    on = instructions(emu + ["--explain"] + program)
    return {"events": events, "off": off, "on": on,
            "per_event": (on - off) / events, "ratio": on / off}


def main():
    parser = argparse.ArgumentParser(description="count what --explain costs")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--only", default=",".join(STEPS))
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = {}
    for name in options.only.split(","):
        report[name] = measure(options.build.resolve(), name, options.steps)
        print("%-7s %8d events %7.0f host instructions each, ratio %.3f" % (
            name, report[name]["events"], report[name]["per_event"],
            report[name]["ratio"]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
