"""What --frames has to say of each small kernel, and of no other.

MISTAKES has the rows of table.py whose kernels err with frames, each with its
findings in order.  A place is given by the text of its line: lines are read,
not counted.
"""

import re
from pathlib import Path

from harness import Case

POOL = 0x80200
DATA, NEXT, STACK = 0x20000, 0x21000, 0x30000
OUR_POOL = ("alloc=frame_new,free=frame_free,via=frame_drop", POOL)
OF_XV6 = 0x82400

PLACE = r"\S+ \((?P<%s>\S+:\d+)\)"
SAYS = {
    "FREED_MAPPED": r"space (?P<who>\d+) still maps #(?P<frame>[0-9a-f]+) at "
                    r"0x(?P<va>[0-9a-f]+), although it was freed in " + PLACE % "freed" + r"(?:; it has been "
                    r"given out again in " + PLACE % "taken" + r")?\.",
    "MAPPED_FREE": r"space (?P<who>\d+) runs with #(?P<frame>[0-9a-f]+) at "
                   r"0x(?P<va>[0-9a-f]+), which is free: it was mapped after "
                   r"it was freed in " + PLACE % "freed" + r"\.",
    "FREED_TABLE": r"space (?P<who>\d+) runs with a page table in "
                   r"#(?P<frame>[0-9a-f]+), which is free: it was freed in "
                   + PLACE % "freed" + r"\.",
    "TWICE": r"#(?P<frame>[0-9a-f]+) is freed twice: first in "
             + PLACE % "freed" + r", again in " + PLACE % "again" + r"\.",
    "LOST": r"Never freed: (?P<count>\d+) frames? taken in " + PLACE % "taken"
            + r", which nobody maps any more; last unmapped in "
            + PLACE % "gone" + r"\.",
}
TOTAL = re.compile(r"Frames in all: (\d+) given out, (\d+) taken back; (\d+) "
                   r"mistakes? with frames(?:: none was lost, freed twice, or "
                   r"freed while it was mapped)?\.")


class Finding:
    def __init__(self, key, **facts):
        self.key, self.facts = key, facts


def lost(count=1, taken="leaf(frame_new(), USER_RW)"):
    return Finding("LOST", count=count, taken=taken,
                   gone="*(volatile u64 *)entry(space, va")


def given(frame, va, freed, taken):
    return Finding("FREED_MAPPED", who=1, frame=frame, va=va, freed=freed,
                   taken=taken)


DROPPED = "frame_drop(frame_of(get(parent, DATA)))"
MISTAKES = {
    "mistakes/given-again+drop-twice": [
        given(3, DATA, "frame_drop(old)", "*new = frame_new()"),
        given(4, NEXT, "frame_drop(old)", None)],
    "mistakes/given-to-heap+drop-twice": [
        given(3, DATA, "frame_drop(old)", "leaf(frame_new(), USER_RW)")],
    "mistakes/given-to-other": [
        Finding("TWICE", frame=3, freed=DROPPED, again=DROPPED),
        given(3, DATA, DROPPED, "leaf(frame_new(), USER_RW)")],
    "mistakes/given-to-table": [given(3, DATA, DROPPED, "*root = frame_new()")],
    "mistakes/last-owner-copies+never-drop": [lost()],
    "mistakes/last-owner-copies+exit": [lost()],
    "mistakes/last-owner-calls+never-drop": [lost()],
    "moves/merge-within": [lost()],  # it drops no frame that it merges
    "lifetimes/twice": [Finding("TWICE", frame=3, freed="frame_drop(frame)",
                                again="frame_drop(frame)")],
    "lifetimes/mapped-free": [Finding("MAPPED_FREE", who=1, frame=0, va=STACK,
                                      freed="frame_drop(frame)")],
    "lifetimes/table-free": [Finding("FREED_TABLE", who=1, frame=2,
                                     freed="entry(one, DATA, false)")],
    "lifetimes/lost": [lost()],
    "lifetimes/two-lost": [lost(2, "{frame_new(), frame_new()}")],
    "lifetimes/counted+once-more": [
        Finding("FREED_MAPPED", who=2, frame=3, va=STACK,
                freed="kfree(frame)"),
        Finding("TWICE", frame=3, freed="kfree(frame)", again="kfree(frame)")],
}


def option(row):
    """The allocator of a row's kernel: --frames, and its first frame."""
    if row.scenario != "counted":
        return OUR_POOL
    return "ucore" if row.words else "xv6", OF_XV6


def line_at(place):
    """The text of a source line, by "kernel.c:12"."""
    name, number = place.split(":")
    path = Path(__file__).resolve().parent / "kernels" / name
    return path.read_text().splitlines()[int(number) - 1]


def unlike(finding, line, first):
    """How a line is not the finding, or None."""
    match = re.fullmatch(SAYS[finding.key], line)
    if not match:
        return "no %s" % finding.key
    for name, wanted in finding.facts.items():
        told = match.group(name)
        if isinstance(wanted, str):
            right = told and wanted in line_at(told)
        elif wanted is None or told is None:
            right = wanted == told
        elif name in ("frame", "va"):
            right = int(told, 16) == wanted + first * (name == "frame")
        else:
            right = int(told) == wanted
        if not right:
            return "%s is %s, not %s" % (name, told, wanted)
    return None


FOUND = re.compile(r"^emu: --frames found (\d+) mistakes?$", re.M)


def status(count, otherwise):
    """That of a run with so many mistakes."""
    return 126 if count and not otherwise else otherwise


def disagreement(text, findings, first):
    """What is wrong with the lines of a run, or None."""
    lines = text.split("emu: ")[0].splitlines()  # how it ended comes last
    if not lines or not TOTAL.fullmatch(lines[-1]):
        return "no totals, or frames came back unseen"
    if int(TOTAL.fullmatch(lines[-1]).group(3)) != len(findings):
        return "not %d mistakes in all" % len(findings)
    if len(lines) - 1 != len(findings):
        return "%d lines, not %d" % (len(lines) - 1, len(findings))
    for finding, line in zip(findings, lines):
        wrong = not line.startswith("▸ ") and "no mark" or unlike(
            finding, line[2:], first)
        if wrong:
            return "%s: %s" % (wrong, line)
    return None


def taken_as_free(ctx, image):
    """An allocator that clears a frame which two still map is not told as a
    store for the program in whose call it is."""
    for scenario in "given-to-other", "given-to-table":
        command = ["--explain", "-append", "run=" + scenario, image]
        watched = ctx.emu(["--frames", OUR_POOL[0]] + command).err
        if not re.search(
                r"^▸ The kernel \(\S+, kernel\.c:\d+\) stores to #80203 as to a "
                r"free frame.*, though space 1 maps it at 0x20000 and space 2 "
                r"maps it too: they see what is stored\.$", watched, re.M) or \
                "caller's page" in watched:
            yield Case(scenario, "no store to a free frame\n" + watched)
        else:
            yield Case(scenario, None)
        told = ctx.emu(command).err
        yield Case(scenario + "-unwatched", None if re.search(
            r"through its own mapping of #80203.* If that clears a frame before"
            r" it is given out, it was freed too early\.$", told, re.M)
            else "no hint\n" + told)
